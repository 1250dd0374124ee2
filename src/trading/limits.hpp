// Limits as typed settings. A limit is unset, unlimited, or a value; one that is unset blocks, and says so: nothing is
// allowed because somebody forgot a line.
//
//   RiskLimits limits = unlimited<RiskLimits>();
//   limits.max_order_quantity = Limit<Quantity>::of(Quantity::from_integer(1'000));
//   limits.max_daily_loss = Limit<Allowance>::of(Allowance::of_share(two_percent));
//
// They are read from files by limit_file.hpp, and kept by risk_gate.hpp, circuit_breaker.hpp and prop_rules.hpp. Each
// record of limits lists its fields once, in a table that reads, prints and checks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/check.hpp"
#include "core/decimal.hpp"
#include "core/time.hpp"

namespace argosy::trading {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

template <class T>
class Limit {
 public:
  constexpr Limit() = default;  // unset
  [[nodiscard]] static constexpr Limit unlimited() {
    Limit limit;
    limit.kind_ = Kind::kUnlimited;
    return limit;
  }
  [[nodiscard]] static constexpr Limit of(T value) {
    Limit limit;
    limit.kind_ = Kind::kValue;
    limit.value_ = std::move(value);
    return limit;
  }

  [[nodiscard]] constexpr bool is_set() const { return kind_ != Kind::kUnset; }
  [[nodiscard]] constexpr bool is_unlimited() const { return kind_ == Kind::kUnlimited; }
  [[nodiscard]] constexpr bool has_value() const { return kind_ == Kind::kValue; }
  [[nodiscard]] const T& value() const {
    ARGOSY_CHECK(has_value(), "this limit has no value");
    return value_;
  }

  friend bool operator==(const Limit&, const Limit&) = default;

 private:
  enum class Kind : std::uint8_t { kUnset, kUnlimited, kValue };
  Kind kind_ = Kind::kUnset;
  T value_{};
};

// What may be lost or won: an amount of money, or a share of something, such as the day's first equity.
struct Allowance {
  Money amount;
  Rate share;
  bool is_share = false;

  [[nodiscard]] static constexpr Allowance of_money(Money amount) { return {.amount = amount}; }
  [[nodiscard]] static constexpr Allowance of_share(Rate share) { return {.share = share, .is_share = true}; }
  // In money; a share is rounded down. Nothing may be lost of a base below zero.
  [[nodiscard]] Money of(Money base) const;
  friend bool operator==(const Allowance&, const Allowance&) = default;
};

// A multiple of the equity: 2 is twice as much.
struct Leverage {
  Rate times;
  friend bool operator==(const Leverage&, const Leverage&) = default;
};

// At most so many within a stretch of time.
struct Burst {
  std::int64_t most = 0;
  core::Duration within{};
  friend bool operator==(const Burst&, const Burst&) = default;
};

// A token bucket: it holds `burst` messages and is filled with `per_second`. Orders that add to a position leave
// `reserve` messages in it, for exits and cancels.
struct MessageRate {
  std::int64_t per_second = 0;
  std::int64_t burst = 0;
  std::int64_t reserve = 0;
  friend bool operator==(const MessageRate&, const MessageRate&) = default;
};

// Within the session of the instrument's exchange, less so much at both ends.
struct TradingHours {
  core::Duration after_open{};
  core::Duration before_close{};
  friend bool operator==(const TradingHours&, const TradingHours&) = default;
};

// Positions whose daily returns correlate with the new one's by more than `above` may together, the new one included,
// be worth `share` of the equity.
struct CorrelationLimit {
  Rate above;
  Rate share;
  friend bool operator==(const CorrelationLimit&, const CorrelationLimit&) = default;
};

// So much lost within a stretch of time.
struct LossVelocity {
  Allowance loss;  // a share: of the highest equity within that time
  core::Duration within{};
  friend bool operator==(const LossVelocity&, const LossVelocity&) = default;
};

// A share of what was tried within a stretch of time, once there were at least so many.
struct FailureRate {
  Rate share;
  core::Duration within{};
  std::int64_t least = 0;
  friend bool operator==(const FailureRate&, const FailureRate&) = default;
};

// Something that is refused always: `refuse` in a file.
struct Refused {
  friend bool operator==(const Refused&, const Refused&) = default;
};

using Symbols = std::vector<std::string>;

// The day that daily limits count by begins at a time of a zone's clocks. One that begins at noon or later is named
// after the date it ends on: futures days begin at 17:00 in Chicago on the evening before.
struct DayStart {
  std::string zone = "UTC";
  core::Duration at{};  // after midnight
  friend bool operator==(const DayStart&, const DayStart&) = default;
};

// What may be lost in a day, and what that ends: the day, or the account.
struct DailyLoss {
  Allowance loss;  // a share: of the initial balance
  bool ends_account = false;
  friend bool operator==(const DailyLoss&, const DailyLoss&) = default;
};

// How far trailing drawdown is counted from, and where its level stops.
struct TrailingLoss {
  enum class From : std::uint8_t { kEquity, kEndOfDay };
  Allowance loss;  // a share: of the initial balance
  From from = From::kEquity;
  bool locks_at_start = false;  // the level rises to the initial balance at most
  friend bool operator==(const TrailingLoss&, const TrailingLoss&) = default;
};

// When every position must be closed: from a time of the day, or so long before an exchange closes, until the next
// trading day or session begins; each day, or only over weekends and the exchange's holidays.
struct FlattenRule {
  core::Duration at{};            // on the clocks of the zone of DayStart; unless `calendar` is given
  std::string calendar;           // "XNYS"; empty: `at` counts
  core::Duration before_close{};  // of `calendar`
  bool every_day = true;
  friend bool operator==(const FlattenRule&, const FlattenRule&) = default;
};

// What the risk gate compares every order with. Order and meaning: docs/concepts/risk.md.
struct RiskLimits {
  Limit<MessageRate> messages;
  Limit<Burst> equal_orders;
  Limit<Burst> instrument_fills;
  Limit<Symbols> restricted;
  Limit<Symbols> allowed;
  Limit<TradingHours> trading_hours;
  Limit<core::Duration> max_reference_age;
  Limit<Rate> price_collar;
  Limit<Quantity> max_order_quantity;
  Limit<Money> max_order_value;
  Limit<Refused> self_match;
  Limit<std::int64_t> max_working_orders;
  Limit<Quantity> max_position_quantity;
  Limit<Money> max_position_value;
  Limit<std::int64_t> max_open_positions;
  Limit<Money> max_gross_exposure;
  Limit<Money> max_net_exposure;
  Limit<Leverage> max_leverage;
  Limit<CorrelationLimit> correlated_exposure;
  Limit<Allowance> max_daily_loss;
  Limit<Allowance> max_drawdown;
  friend bool operator==(const RiskLimits&, const RiskLimits&) = default;
};

// What opens the circuit breaker, and how it closes again.
struct BreakerLimits {
  Limit<std::int64_t> consecutive_losses;
  Limit<Allowance> daily_loss;  // a share: of the day's first equity
  Limit<Allowance> drawdown;    // a share: of the highest equity
  Limit<LossVelocity> loss_velocity;
  Limit<FailureRate> error_rate;
  Limit<FailureRate> reject_rate;
  Limit<core::Duration> cool_down;   // unlimited: until it is reset by hand
  Limit<std::int64_t> trial_trades;  // entries allowed after the cool-down, all of which must end without a loss
  friend bool operator==(const BreakerLimits&, const BreakerLimits&) = default;
};

// The rules of a prop firm's account. Shares are of the initial balance.
struct PropLimits {
  Limit<Money> initial_balance;  // unlimited: whatever the account begins with
  Limit<DailyLoss> daily_loss;   // from the day's first balance or equity, whichever is higher
  Limit<Allowance> total_loss;
  Limit<TrailingLoss> trailing_drawdown;
  Limit<Rate> best_day;  // of the whole profit
  Limit<Allowance> profit_target;
  Limit<std::int64_t> minimum_days;
  Limit<FlattenRule> flatten;
  Limit<Quantity> max_contracts;
  friend bool operator==(const PropLimits&, const PropLimits&) = default;
};

// All limits of an account, and the name of the file they come from. Without `prop` there is no prop firm.
struct LimitProfile {
  std::string name;
  std::string description;
  DayStart day;
  RiskLimits limits;
  BreakerLimits breaker;
  std::optional<PropLimits> prop;

  // Every limit unlimited, no prop firm: what backtests use unless they are told otherwise.
  [[nodiscard]] static LimitProfile backtest();
  friend bool operator==(const LimitProfile&, const LimitProfile&) = default;
};

// A field of a record of limits, by its name in files.
template <class Record>
struct LimitField {
  using Member =
      std::variant<Limit<std::int64_t> Record::*, Limit<core::Duration> Record::*, Limit<Quantity> Record::*,
                   Limit<Money> Record::*, Limit<Rate> Record::*, Limit<Allowance> Record::*, Limit<Leverage> Record::*,
                   Limit<Burst> Record::*, Limit<MessageRate> Record::*, Limit<TradingHours> Record::*,
                   Limit<CorrelationLimit> Record::*, Limit<LossVelocity> Record::*, Limit<FailureRate> Record::*,
                   Limit<Refused> Record::*, Limit<Symbols> Record::*, Limit<DailyLoss> Record::*,
                   Limit<TrailingLoss> Record::*, Limit<FlattenRule> Record::*>;
  std::string_view name;
  std::string_view text;
  Member member;
  bool for_all = false;  // holds for orders that close a position too
};

// In the order of the record. Specialised for each.
template <class Record>
[[nodiscard]] std::span<const LimitField<Record>> limit_fields();
template <>
[[nodiscard]] std::span<const LimitField<RiskLimits>> limit_fields();
template <>
[[nodiscard]] std::span<const LimitField<BreakerLimits>> limit_fields();
template <>
[[nodiscard]] std::span<const LimitField<PropLimits>> limit_fields();

// Every limit of the record unlimited.
template <class Record>
[[nodiscard]] Record unlimited() {
  Record record;
  for (const LimitField<Record>& field : limit_fields<Record>()) {
    std::visit([&](auto member) { (record.*member) = std::remove_cvref_t<decltype(record.*member)>::unlimited(); },
               field.member);
  }
  return record;
}

// Whether the field of this record is set.
template <class Record>
[[nodiscard]] bool is_set(const Record& record, const LimitField<Record>& field) {
  return std::visit([&](auto member) { return (record.*member).is_set(); }, field.member);
}

// The names of the limits that are not set, in the order of the record.
template <class Record>
[[nodiscard]] std::vector<std::string_view> unset_limits(const Record& record) {
  std::vector<std::string_view> names;
  for (const LimitField<Record>& field : limit_fields<Record>()) {
    if (!is_set(record, field)) names.push_back(field.name);
  }
  return names;
}

// A value as it is written in files.
[[nodiscard]] std::string limit_text(std::int64_t value);
[[nodiscard]] std::string limit_text(core::Duration value);  // "90s", "5m", "1h"
[[nodiscard]] std::string limit_text(Quantity value);
[[nodiscard]] std::string limit_text(Money value);
[[nodiscard]] std::string limit_text(Rate value);  // "2.5%"
[[nodiscard]] std::string limit_text(const Allowance& value);
[[nodiscard]] std::string limit_text(const Leverage& value);
[[nodiscard]] std::string limit_text(const Burst& value);
[[nodiscard]] std::string limit_text(const MessageRate& value);
[[nodiscard]] std::string limit_text(const TradingHours& value);
[[nodiscard]] std::string limit_text(const CorrelationLimit& value);
[[nodiscard]] std::string limit_text(const LossVelocity& value);
[[nodiscard]] std::string limit_text(const FailureRate& value);
[[nodiscard]] std::string limit_text(const Refused& value);
[[nodiscard]] std::string limit_text(const Symbols& value);
[[nodiscard]] std::string limit_text(const DailyLoss& value);
[[nodiscard]] std::string limit_text(const TrailingLoss& value);
[[nodiscard]] std::string limit_text(const FlattenRule& value);
[[nodiscard]] std::string clock_text(core::Duration after_midnight);  // "16:50"

// "not set", "unlimited", or the value.
template <class Record>
[[nodiscard]] std::string limit_text(const Record& record, const LimitField<Record>& field) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& limit = record.*member;
        if (!limit.is_set()) return "not set";
        return limit.is_unlimited() ? "unlimited" : limit_text(limit.value());
      },
      field.member);
}

}  // namespace argosy::trading

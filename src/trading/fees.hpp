// What a fill costs beside its price: commissions, exchange and regulators' fees, taxes, as dated data.
//
//   FeeSchedule fees = FeeSchedule::percent(rate);             // or parse_fee_schedule(), fee_file.hpp
//   fees.fee({.side = Side::kSell, .quantity = q, .price = p, .date = d, .instrument = &apple});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "market/instrument.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

// A fill, as fees see it.
struct FeeInput {
  Side side = Side::kBuy;
  Quantity quantity;
  Price price;
  core::Date date;  // the day it is traded
  const market::Instrument* instrument = nullptr;
  bool converted = false;  // the account is kept in another currency than the instrument's
};

// What an item costs from a day on: percent x base + per_share x quantity + fixed, at least `minimum`, at most
// `maximum` and `maximum_ratio` of the traded amount; a maximum wins over the minimum.
struct FeeRate {
  core::Date from;
  Rate ratio;       // of the base: 0.001 is a tenth of a percent
  Price per_share;  // in the schedule's currency
  Money fixed;
  Money minimum;
  std::optional<Money> maximum;
  std::optional<Rate> maximum_ratio;
};

enum class FeeRounding : std::uint8_t {
  kExact,   // half to even in 1e-6 of the currency
  kCent,    // halves away from zero
  kCentUp,  // any part of a cent counts as one
};

// One line of a bill.
struct FeeItem {
  std::string name;
  bool on_buy = true;
  bool on_sell = true;
  std::vector<std::string> exchanges;   // only instruments of these; empty: all
  bool conversion = false;              // only where currencies are exchanged
  Money above;                          // only fills of more than this amount
  std::optional<std::size_t> share_of;  // the base is an earlier item's fee, not the traded amount
  FeeRounding rounding = FeeRounding::kExact;
  std::vector<FeeRate> rates;  // by `from`, at least one; before the first day the first holds
};

// Immutable. Holds for one market's retail customers; it does not follow monthly volumes through tiers.
class FeeSchedule {
 public:
  // The most items a schedule may have.
  static constexpr std::size_t kMostItems = 12;

  FeeSchedule() = default;  // free
  FeeSchedule(std::string name, std::string currency, std::vector<FeeItem> items);
  // A share of the traded amount on both sides, in any currency.
  [[nodiscard]] static FeeSchedule percent(Rate ratio);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& currency() const { return currency_; }  // empty: the instrument's
  [[nodiscard]] const std::vector<FeeItem>& items() const { return items_; }
  [[nodiscard]] bool is_free() const { return items_.empty(); }

  // All items together; allocates nothing.
  [[nodiscard]] Money fee(const FeeInput& fill) const;
  // The fee of each item, in their order.
  [[nodiscard]] std::vector<Money> fees(const FeeInput& fill) const;

 private:
  std::string name_ = "free";
  std::string currency_;
  std::vector<FeeItem> items_;
};

}  // namespace argosy::trading

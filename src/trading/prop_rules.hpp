// The rules by which prop firms judge an account: daily loss, total loss, trailing drawdown, consistency, profit
// target, minimum trading days, forced flatten.
//
//   PropRules rules(limits, day, initial_balance);
//   rules.on_equity(now, account.equity());        // open profit and loss included
//   rules.on_trade(now, profit);                   // a position was closed: moves the balance
//   rules.status(now).verdict                      // within, warning, breached, passed ...
//   rules.must_flatten(now)
//
//   level            where it lies                                                  reached when
//   daily loss       day's first balance or equity, the higher, less the loss       equity <= level
//   total loss       initial balance less the loss                                  equity <= level
//   trailing         highest equity (or balance at the end of a day) less the loss; equity <= level
//                    never falls; with locks_at_start it rises to the initial balance at most
//
// Balance: the initial one and the profit of closed trades, after fees. What is lost stays lost, what is passed stays
// passed. Time is given and does not run backwards: an earlier instant counts as the latest one. While the equity is
// missing, and for good after a trade whose profit is missing, the verdict is `unknown`, and no position may grow.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/calendar.hpp"
#include "trading/compared.hpp"
#include "trading/guard_memory.hpp"
#include "trading/limits.hpp"
#include "trading/trading_day.hpp"

namespace argosy::trading {

enum class PropVerdict : std::uint8_t {
  kWithin,
  kWarning,     // four fifths of a loss are used
  kFlattenNow,  // positions must be closed until the next day or session
  kDayOver,     // the daily loss is reached: positions must be closed, trading goes on the next day
  kUnknown,     // the equity or the balance is missing
  kNotSet,      // a limit is not set: unset()
  kPassed,
  kBreached,
};
enum class PropRule : std::uint8_t { kNone, kDailyLoss, kTotalLoss, kTrailingDrawdown, kFlatten, kProfitTarget };
[[nodiscard]] std::string_view to_string(PropVerdict verdict);
[[nodiscard]] std::string_view to_string(PropRule rule);

struct PropStatus {
  PropVerdict verdict = PropVerdict::kWithin;
  PropRule rule = PropRule::kNone;  // that led to the verdict
  Compared numbers;                 // of that rule: what was lost or won, and the limit
};

// Why the profit made so far does not pass yet; all true is a pass.
struct PropProgress {
  Money profit;    // of closed trades
  Money best_day;  // the largest profit of one day
  std::int64_t days = 0;
  bool target_reached = false;
  bool days_reached = false;
  bool consistent = false;  // the best day is not too large a share
};

// The account must begin with the balance that the rules are for.
[[nodiscard]] core::Result<void> check_prop_limits(const PropLimits& limits, Money initial_balance);

class PropRules {
 public:
  PropRules(const PropLimits& limits, const DayStart& day, Money initial_balance);

  void on_equity(core::Timestamp now, std::optional<Money> equity);
  // `profit` is after fees.
  void on_trade(core::Timestamp now, std::optional<Money> profit);

  // What must outlive the program; restore() comes before anything else is told.
  [[nodiscard]] PropMemory memory() const;
  void restore(const PropMemory& memory);

  [[nodiscard]] PropStatus status(core::Timestamp now);
  // Within the rules, or no more than warned.
  [[nodiscard]] bool allows_entries(core::Timestamp now);
  [[nodiscard]] bool must_flatten(core::Timestamp now);

  [[nodiscard]] const PropLimits& limits() const { return limits_; }
  [[nodiscard]] std::string_view unset() const { return unset_; }  // the first limit that is not set
  [[nodiscard]] Money balance() const { return balance_; }
  [[nodiscard]] Money day_base() const { return day_base_; }
  // The equity at which trailing drawdown is reached; nothing without such a rule.
  [[nodiscard]] std::optional<Money> trailing_level() const;
  [[nodiscard]] PropProgress progress() const;

 private:
  // A stretch of time in which positions must be closed, or need not be.
  struct Stretch {
    core::Timestamp begin;
    core::Timestamp end;  // begin == end: nothing is known yet
    bool flat = false;
  };

  void advance(core::Timestamp now);
  void breach(PropRule rule, Compared numbers);
  void check_levels();
  void check_passed();
  [[nodiscard]] PropStatus nearest_level() const;
  [[nodiscard]] bool in_flatten(core::Timestamp now);
  [[nodiscard]] Stretch stretch_of_day(core::Timestamp now);
  [[nodiscard]] Stretch stretch_of_session(core::Timestamp now) const;

  PropLimits limits_;
  TradingDays days_;
  Money initial_;
  std::string_view unset_;
  const market::Calendar* calendar_ = nullptr;  // of `flatten`

  core::Timestamp now_ = core::Timestamp::min();
  std::optional<core::Date> day_;
  Money balance_;
  bool balance_known_ = true;
  std::optional<Money> equity_;
  Money last_equity_;  // the last one that was known
  Money day_base_;
  Money highest_;           // trailing drawdown is counted from here
  Money balance_at_begin_;  // of the day
  Money best_day_;          // of the days that are over
  std::int64_t trading_days_ = 0;
  bool traded_today_ = false;
  bool day_over_ = false;
  bool passed_ = false;
  PropStatus reached_;  // the breach, or the daily loss that ended the day
  Stretch stretch_;
};

}  // namespace argosy::trading

// The circuit breaker: stops new positions when things go wrong, and lets trading start again in steps.
//
//   closed    everything is allowed; a rule that is reached opens it
//   open      no position may grow, until the cool-down is over; closing is always possible
//   half-open `trial_trades` entries are allowed; a loss opens it again, as many trades without one close it
//
//   CircuitBreaker breaker(limits, day);
//   breaker.on_equity(now, account.equity());         // open profit and loss included
//   breaker.on_trade(now, profit);
//   if (breaker.allows_entries(now) != BreakerAnswer::kAllowed) ...      // breaker.trip() says why
//
// Time is given, never read, and does not run backwards: an earlier instant counts as the latest one. A missing equity
// (for a NaN, known_money()) neither opens nor closes it; while it is missing no position may grow if a rule needs it.
// A trade whose profit is missing counts as a loss.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "trading/compared.hpp"
#include "trading/guard_memory.hpp"
#include "trading/limits.hpp"
#include "trading/trading_day.hpp"

namespace argosy::trading {

enum class BreakerState : std::uint8_t { kClosed, kOpen, kHalfOpen };
enum class BreakerRule : std::uint8_t {
  kNone,
  kConsecutiveLosses,
  kDailyLoss,
  kDrawdown,
  kLossVelocity,
  kErrorRate,
  kRejectRate,
  kTrialLoss,  // a loss while it was half-open
  kByHand,
};
// Whether a position may grow, and why not.
enum class BreakerAnswer : std::uint8_t {
  kAllowed,
  kOpen,
  kTrialUsed,      // half-open, and as many entries were made as the trial allows
  kUnknownEquity,  // a rule needs the equity, and it is missing
  kNotSet,         // a limit is not set: unset()
};
[[nodiscard]] std::string_view to_string(BreakerState state);
[[nodiscard]] std::string_view to_string(BreakerRule rule);
[[nodiscard]] std::string_view to_string(BreakerAnswer answer);

// What opened it.
struct BreakerTrip {
  BreakerRule rule = BreakerRule::kNone;
  Compared numbers;
  core::Timestamp at;
  std::optional<core::Timestamp> until;  // nothing: until it is reset by hand
};

// A double as money; nothing for NaN, infinities and what does not fit.
[[nodiscard]] std::optional<Money> known_money(double value);

class CircuitBreaker {
 public:
  CircuitBreaker(const BreakerLimits& limits, const DayStart& day);

  // The equity of the account with open positions at their marks. A day is measured from the last equity before it
  // began, or from its first one where none was known.
  void on_equity(core::Timestamp now, std::optional<Money> equity);
  // A position was closed, with this profit after fees.
  void on_trade(core::Timestamp now, std::optional<Money> profit);
  // The broker answered an order.
  void on_order(core::Timestamp now, bool rejected);
  // A call to the broker ended.
  void on_call(core::Timestamp now, bool failed);
  // An order that lets a position grow was approved.
  void on_entry(core::Timestamp now);

  [[nodiscard]] BreakerAnswer allows_entries(core::Timestamp now);
  [[nodiscard]] BreakerState state(core::Timestamp now);
  [[nodiscard]] const BreakerTrip& trip() const { return trip_; }  // the last one
  [[nodiscard]] std::int64_t trips() const { return trips_; }
  // The first limit that is not set; empty when all are.
  [[nodiscard]] std::string_view unset() const { return unset_; }

  // Money came in from outside, or, negative, went out: that is no profit and no loss.
  void on_flow(Money amount);
  // What must outlive the program; restore() comes before anything else is told.
  [[nodiscard]] BreakerMemory memory() const;
  void restore(const BreakerMemory& memory);

  // By hand. Closing forgets what was counted: losses are measured from the equity of this moment.
  void open(core::Timestamp now);
  void reset(core::Timestamp now);

 private:
  // What succeeded and what failed within the last stretch of time.
  class Failures {
   public:
    void add(core::Timestamp now, bool failed, core::Duration within);
    void clear() { *this = Failures(); }
    [[nodiscard]] bool reaches(const FailureRate& rule) const;
    [[nodiscard]] Rate share() const;
    [[nodiscard]] std::vector<AnswerMemory> memory() const;
    void restore(const std::vector<AnswerMemory>& answers);

   private:
    std::deque<AnswerMemory> events_;
    std::int64_t failed_ = 0;
  };
  struct Known {
    core::Timestamp time;
    Money equity;
  };

  // Moves the time on, and what follows from that alone: the end of the cool-down.
  void advance(core::Timestamp now);
  void trip_by(BreakerRule rule, Compared numbers);
  void check_equity();
  void measure_from_now();
  [[nodiscard]] std::optional<Compared> daily_loss_reached() const;
  // The highest equity of the window of loss_velocity, this one included.
  [[nodiscard]] Money highest_within(core::Timestamp now, Money equity);

  BreakerLimits limits_;
  TradingDays days_;
  std::string_view unset_;
  bool needs_equity_ = false;

  BreakerState state_ = BreakerState::kClosed;
  BreakerTrip trip_;
  std::int64_t trips_ = 0;
  core::Timestamp now_ = core::Timestamp::min();

  std::optional<Money> equity_;  // nothing: the last one was missing, or there was none
  std::optional<Money> last_known_;
  core::Date day_;                 // of the last known equity
  std::optional<Money> day_base_;  // what the day is measured from
  std::optional<Money> peak_;
  std::deque<Known> window_;  // of loss_velocity: equities that fall, the first is the highest
  std::int64_t losses_ = 0;   // in a row
  std::int64_t trial_entries_ = 0;
  std::int64_t trial_trades_ = 0;  // without a loss
  Failures orders_;
  Failures calls_;
};

}  // namespace argosy::trading

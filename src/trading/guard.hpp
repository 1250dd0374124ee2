// What watches over an account beside the single order: the circuit breaker, the rules of a prop firm where there are
// any, and what was lost since the day began and since the highest equity. Whoever drives the account tells it what
// happens; the risk gate asks it before a position may grow.
//
//   Guard& guard = gate.guard();
//   guard.on_equity(now, account.equity());       // at every close; std::nullopt where it is missing
//   guard.on_trade(now, profit);                  // a position was closed
//   guard.on_call(now, failed);                   // a call to the broker ended
//   if (guard.must_flatten(now)) ...              // close every position
//
// `now` is an instant: of a daily bar the moment it is complete (market::Calendar::closing_instant).
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "core/time.hpp"
#include "trading/circuit_breaker.hpp"
#include "trading/guard_memory.hpp"
#include "trading/limits.hpp"
#include "trading/prop_rules.hpp"
#include "trading/trading_day.hpp"

namespace argosy::trading {

class Guard {
 public:
  // `initial_balance` is what the account begins with; check_prop_limits() first.
  Guard(const LimitProfile& profile, Money initial_balance)
      : breaker_(profile.breaker, profile.day), days_(profile.day) {
    if (profile.prop) prop_.emplace(*profile.prop, profile.day, initial_balance);
  }

  void on_equity(core::Timestamp now, std::optional<Money> equity) {
    breaker_.on_equity(now, equity);
    if (prop_) prop_->on_equity(now, equity);
    if (!equity) return;
    if (const core::Date day = days_.day_of(now); !day_base_ || day > day_) {
      day_ = day;
      day_base_ = peak_ ? last_ : *equity;
    }
    last_ = *equity;
    peak_ = peak_ ? std::max(*peak_, *equity) : *equity;
  }
  // `profit` is after fees.
  void on_trade(core::Timestamp now, std::optional<Money> profit) {
    breaker_.on_trade(now, profit);
    if (prop_) prop_->on_trade(now, profit);
  }
  void on_accept(core::Timestamp now) { breaker_.on_order(now, false); }
  void on_reject(core::Timestamp now) { breaker_.on_order(now, true); }
  void on_call(core::Timestamp now, bool failed) { breaker_.on_call(now, failed); }

  // Money came in from outside, or, negative, went out: that is no profit and no loss. A prop firm's account has none.
  void on_flow(Money amount) {
    breaker_.on_flow(amount);
    last_ += amount;
    if (day_base_) *day_base_ += amount;
    if (peak_) *peak_ += amount;
  }
  // What must outlive the program: guard_memory.hpp. `funded` is left to the caller.
  [[nodiscard]] GuardMemory memory() const {
    return {.day = day_,
            .last = last_,
            .day_base = day_base_,
            .peak = peak_,
            .funded = {},
            .breaker = breaker_.memory(),
            .prop = prop_ ? std::optional(prop_->memory()) : std::nullopt};
  }
  void restore(const GuardMemory& memory) {
    day_ = memory.day;
    last_ = memory.last;
    day_base_ = memory.day_base;
    peak_ = memory.peak;
    breaker_.restore(memory.breaker);
    if (prop_ && memory.prop) prop_->restore(*memory.prop);
  }

  // Whether positions may grow.
  [[nodiscard]] bool allows_entries(core::Timestamp now) {
    return breaker_.allows_entries(now) == BreakerAnswer::kAllowed && (!prop_ || prop_->allows_entries(now));
  }
  // Whether every position must be closed.
  [[nodiscard]] bool must_flatten(core::Timestamp now) { return prop_ && prop_->must_flatten(now); }

  // What losses are measured from: the last equity before the day began (the first one where none was known), and the
  // highest. Nothing before any equity is known.
  [[nodiscard]] std::optional<Money> day_base(core::Timestamp now) {
    return day_base_ && days_.day_of(now) > day_ ? std::optional(last_) : day_base_;
  }
  [[nodiscard]] std::optional<Money> peak() const { return peak_; }

  [[nodiscard]] CircuitBreaker& breaker() { return breaker_; }
  [[nodiscard]] PropRules* prop() { return prop_ ? &*prop_ : nullptr; }

 private:
  CircuitBreaker breaker_;
  std::optional<PropRules> prop_;
  TradingDays days_;
  core::Date day_;
  Money last_;
  std::optional<Money> day_base_;
  std::optional<Money> peak_;
};

}  // namespace argosy::trading

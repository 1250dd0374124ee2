// What watches over an account beside the single order: the circuit breaker and, where there are any, the rules of a
// prop firm. Whoever drives the account tells it what happens; the risk gate asks it before a position may grow.
//
//   guard.on_equity(now, account.equity());       // at every close; std::nullopt where it is missing
//   guard.on_trade(now, profit);                  // a position was closed
//   guard.on_reject(now);  guard.on_accept(now);  // the broker answered an order
//   if (guard.must_flatten(now)) ...              // close every position
//
// `now` is an instant: of a daily bar the moment it is complete (market::Calendar::closing_instant).
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "trading/circuit_breaker.hpp"
#include "trading/prop_rules.hpp"

namespace argosy::trading {

class Guard {
 public:
  Guard(CircuitBreaker breaker, std::optional<PropRules> prop) : breaker_(std::move(breaker)), prop_(std::move(prop)) {}

  void on_equity(core::Timestamp now, std::optional<Money> equity) {
    breaker_.on_equity(now, equity);
    if (prop_) prop_->on_equity(now, equity);
  }
  // `profit` is after fees.
  void on_trade(core::Timestamp now, std::optional<Money> profit) {
    breaker_.on_trade(now, profit);
    if (prop_) prop_->on_trade(now, profit);
  }
  void on_accept(core::Timestamp now) { breaker_.on_order(now, false); }
  void on_reject(core::Timestamp now) { breaker_.on_order(now, true); }
  void on_call(core::Timestamp now, bool failed) { breaker_.on_call(now, failed); }

  // Whether positions may grow.
  [[nodiscard]] bool allows_entries(core::Timestamp now) {
    return breaker_.allows_entries(now) == BreakerAnswer::kAllowed && (!prop_ || prop_->allows_entries(now));
  }
  // Whether every position must be closed.
  [[nodiscard]] bool must_flatten(core::Timestamp now) { return prop_ && prop_->must_flatten(now); }

  [[nodiscard]] CircuitBreaker& breaker() { return breaker_; }
  [[nodiscard]] PropRules* prop() { return prop_ ? &*prop_ : nullptr; }

 private:
  CircuitBreaker breaker_;
  std::optional<PropRules> prop_;
};

}  // namespace argosy::trading

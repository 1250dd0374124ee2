// Approved<T>: a T that the risk gate has let through. Only the gate makes one; it cannot be copied, and is spent by
// handing it to the broker. Code that has no Approved<Order> has nothing to send.
#pragma once

#include <utility>

#include "trading/order.hpp"

namespace argosy::trading {

class RiskGate;

template <class T>
class [[nodiscard]] Approved {
 public:
  Approved(const Approved&) = delete;
  Approved& operator=(const Approved&) = delete;
  Approved(Approved&&) noexcept = default;
  Approved& operator=(Approved&&) = delete;

  [[nodiscard]] const T& value() const { return value_; }
  [[nodiscard]] DecisionId decision() const { return decision_; }

 private:
  friend class RiskGate;
  Approved(T value, DecisionId decision) : value_(std::move(value)), decision_(decision) {}

  T value_;
  DecisionId decision_;
};

}  // namespace argosy::trading

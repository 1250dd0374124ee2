// The risk gate: the one place where an order becomes an Approved<Order>. A refusal is a decision with a reason, not an
// error. Every decision has an id, an outcome and the numbers it used.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "trading/account.hpp"
#include "trading/approved.hpp"
#include "trading/fees.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

enum class Outcome : std::uint8_t {
  kApproved,
  kNoPrice,           // nothing was ever traded, so nothing can be estimated
  kZeroQuantity,      // the size does not reach one lot
  kOffLot,            // not a multiple of the instrument's lot
  kInsufficientCash,  // the estimated cost with fees is above the cash not yet promised
  kNothingToSell,     // a sell of more than is held: positions are long only
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct Decision {
  DecisionId id;
  Outcome outcome = Outcome::kApproved;
  Money required;     // estimated cost of a buy, fees included
  Money available;    // cash not promised to other orders
  Quantity quantity;  // asked for
};

class RiskGate {
 public:
  // `fees` estimate the cost of buys.
  explicit RiskGate(FeeSchedule fees) : fees_(std::move(fees)) {}

  // Decides on an order, records it in the account (state created, then denied or submitted), and hands it out when it
  // is approved.
  [[nodiscard]] std::optional<Approved<Order>> decide(Order order, Account& account);
  [[nodiscard]] std::span<const Decision> decisions() const { return decisions_; }

 private:
  [[nodiscard]] Decision judge(const Order& order, const Account& account) const;

  FeeSchedule fees_;
  std::vector<Decision> decisions_;  // decision n has id n + 1
};

}  // namespace argosy::trading

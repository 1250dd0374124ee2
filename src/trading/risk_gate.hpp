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
  kNoRate,            // the instrument's currency has no rate to the one it is paid in
  kZeroQuantity,      // the size does not reach one lot
  kContradiction,     // find_contradiction() says why
  kInsufficientCash,  // the estimated cost with fees is above what is available
  kNothingToClose,    // a closing order of more than is held, or of the wrong side
  kOppositePosition,  // an opening order against a position that is held
  kShortNotAllowed,   // a cash account cannot sell what it does not hold
  kPatternDayTrader,  // a fourth day trade within five sessions would be possible
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct Decision {
  DecisionId id;
  Outcome outcome = Outcome::kApproved;
  Money required;              // estimated cost of an opening order, fees included, in the currency it is paid in
  Money available;             // of that currency
  Quantity quantity;           // asked for
  std::string_view note = {};  // static text
};

class RiskGate {
 public:
  // `fees` estimate the cost of buys.
  explicit RiskGate(FeeSchedule fees) : fees_(std::move(fees)) {}

  // Decides on an order, records it in the account (state created, then denied or pending_submit), and hands it out
  // when it is approved.
  [[nodiscard]] std::optional<Approved<Order>> decide(Order order, Account& account);
  // Decides on a change of an order that works, and records the request when it is approved.
  [[nodiscard]] std::optional<Approved<OrderChange>> decide(const OrderChange& change, Account& account);
  [[nodiscard]] std::span<const Decision> decisions() const { return decisions_; }

 private:
  // `released`: what the order had been promised before.
  [[nodiscard]] Decision judge(const Order& order, const Account& account, Money released) const;
  [[nodiscard]] Decision judge_closing(const Order& order, const Account& account) const;
  Decision& store(Decision decision);

  FeeSchedule fees_;
  std::vector<Decision> decisions_;  // decision n has id n + 1
};

}  // namespace argosy::trading

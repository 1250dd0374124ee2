#include "trading/risk_gate.hpp"

#include <array>

#include "market/bar.hpp"

namespace argosy::trading {

using core::Rounding;

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 6> kNames{"approved", "no price",          "the size does not reach one lot",
                                                   "off lot",  "insufficient cash", "nothing to sell"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Decision RiskGate::judge(const Order& order, const Account& account) const {
  Decision decision{.available = account.available(), .quantity = order.quantity};
  const market::Instrument& instrument = account.instruments()[order.instrument];
  const auto refuse = [&](Outcome outcome) {
    decision.outcome = outcome;
    return decision;
  };
  if (!order.quantity.is_positive()) return refuse(Outcome::kZeroQuantity);
  if (market::round_to_lot(instrument, order.quantity) != order.quantity) return refuse(Outcome::kOffLot);
  if (order.side == Side::kSell) {
    return order.quantity > account.position(order.instrument).quantity() ? refuse(Outcome::kNothingToSell) : decision;
  }
  const Price price = account.mark(order.instrument);
  if (!price.is_positive()) return refuse(Outcome::kNoPrice);
  const Money amount = core::notional(price, order.quantity, Rounding::kCeiling);
  decision.required = amount + fees_.fee({.side = Side::kBuy,
                                          .quantity = order.quantity,
                                          .price = price,
                                          .date = market::key_date(order.created_key),
                                          .instrument = &instrument});
  return decision.required > decision.available ? refuse(Outcome::kInsufficientCash) : decision;
}

std::optional<Approved<Order>> RiskGate::decide(Order order, Account& account) {
  Decision decision = judge(order, account);
  decision.id = DecisionId(static_cast<std::int64_t>(decisions_.size()) + 1);
  decisions_.push_back(decision);
  order.decision = decision.id;
  const bool approved = decision.outcome == Outcome::kApproved;
  const OrderId id = account.record(order, approved ? decision.required : Money());
  if (!approved) {
    account.apply(id, OrderEvent::kDeny, to_string(decision.outcome));
    return std::nullopt;
  }
  account.apply(id, OrderEvent::kSubmit);
  return Approved<Order>(account.order(id), decision.id);
}

}  // namespace argosy::trading

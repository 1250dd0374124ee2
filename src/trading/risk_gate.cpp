#include "trading/risk_gate.hpp"

#include <algorithm>
#include <array>

#include "market/bar.hpp"

namespace argosy::trading {

using core::Rounding;

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 10> kNames{"approved",
                                                    "no price",
                                                    "no rate for its currency",
                                                    "the size does not reach one lot",
                                                    "contradictory order",
                                                    "insufficient cash",
                                                    "nothing to close",
                                                    "against the position that is held",
                                                    "a cash account cannot sell short",
                                                    "a pattern day trader without the minimum equity"};
  return kNames[static_cast<std::size_t>(outcome)];
}

namespace {

// What an opening order is expected to be filled at, at worst.
Price expected_price(const Order& order, Price mark) {
  switch (order.kind) {
    case OrderKind::kLimit:
    case OrderKind::kStopLimit:
      return order.side == Side::kBuy ? order.limit : std::max(order.limit, mark);
    case OrderKind::kStop:
      return order.side == Side::kBuy ? std::max(order.stop, mark) : mark;
    case OrderKind::kMarket:
    case OrderKind::kTrailingStop:
      return mark;
  }
  return mark;
}

Decision refuse(Decision decision, Outcome outcome, std::string_view note = {}) {
  decision.outcome = outcome;
  decision.note = note.empty() ? to_string(outcome) : note;
  return decision;
}

}  // namespace

Decision RiskGate::judge_closing(const Order& order, const Account& account) const {
  const Decision decision{.quantity = order.quantity};
  const Position& position = account.position(order.instrument);
  if (!position.is_open() || order.side != position.closing_side() || order.remaining() > position.size())
    return refuse(decision, Outcome::kNothingToClose);
  return decision;
}

Decision RiskGate::judge(const Order& order, const Account& account, Money released) const {
  const InstrumentIndex i = order.instrument;
  const market::Instrument& instrument = account.instruments()[i];
  Decision decision{.quantity = order.quantity};
  if (order.quantity.is_zero()) return refuse(decision, Outcome::kZeroQuantity);
  if (const auto wrong = find_contradiction(order, instrument))
    return refuse(decision, Outcome::kContradiction, *wrong);
  if (order.effect == Effect::kClose) return judge_closing(order, account);
  const Position& position = account.position(i);
  if (position.is_open() && order.side == position.closing_side()) return refuse(decision, Outcome::kOppositePosition);
  const bool margin = account.settings().type == AccountType::kMargin;
  if (order.side == Side::kSell && !margin) return refuse(decision, Outcome::kShortNotAllowed);
  const Price mark = account.mark(i);
  if (!mark.is_positive() && !instrument.may_be_negative) return refuse(decision, Outcome::kNoPrice);
  if (!account.has_rate(i)) return refuse(decision, Outcome::kNoRate);
  if (margin && account.settings().enforcement == Enforcement::kRefuse &&
      account.day_trades().count() >= DayTrades::kMostBelowMinimum &&
      account.equity() < account.settings().day_trade_minimum)
    return refuse(decision, Outcome::kPatternDayTrader);
  decision.available = account.available(i) + released;
  const Price price = expected_price(order, mark);
  const Money amount = core::notional(price, order.remaining(), Rounding::kCeiling);
  const Money fee = fees_.fee({.side = order.side,
                               .quantity = order.remaining(),
                               .price = price,
                               .date = market::key_date(order.created_key),
                               .instrument = &instrument,
                               .converted = account.is_converted(i)});
  decision.required = account.to_paid(i, amount + fee, Rounding::kCeiling);
  return decision.required > decision.available ? refuse(decision, Outcome::kInsufficientCash) : decision;
}

Decision& RiskGate::store(Decision decision) {
  decision.id = DecisionId(static_cast<std::int64_t>(decisions_.size()) + 1);
  return decisions_.emplace_back(decision);
}

std::optional<Approved<Order>> RiskGate::decide(Order order, Account& account) {
  const Decision& decision = store(judge(order, account, Money()));
  order.decision = decision.id;
  const bool approved = decision.outcome == Outcome::kApproved;
  const OrderId id = account.record(order, approved ? decision.required : Money());
  if (!approved) {
    account.apply(id, OrderEvent::kDeny, decision.note);
    return std::nullopt;
  }
  account.apply(id, OrderEvent::kSubmit);
  return Approved<Order>(account.order(id), decision.id);
}

std::optional<Approved<OrderChange>> RiskGate::decide(const OrderChange& change, Account& account) {
  Order order = account.order(change.order);
  order.quantity = change.quantity;
  order.limit = change.limit;
  order.stop = change.stop;
  const Decision& decision = store(judge(order, account, account.promised(change.order)));
  if (decision.outcome != Outcome::kApproved) return std::nullopt;
  account.request_change(change, decision.required);
  return Approved<OrderChange>(change, decision.id);
}

}  // namespace argosy::trading

#include "trading/order_manager.hpp"

#include <algorithm>
#include <utility>

namespace argosy::trading {

using core::Rounding;

namespace {

// By the one table of transitions.
bool may(OrderState state, OrderEvent request) { return next_state(state, request).has_value(); }

// The price at a distance from another; `up`: above it. Rounded away from it.
Price at_distance(Price from, const Distance& distance, bool up, Price tick) {
  const Rounding away = up ? Rounding::kCeiling : Rounding::kFloor;
  const Rate one = Rate::from_integer(1);
  Price exact = up ? from + distance.amount : from - distance.amount;
  if (distance.ratio.is_positive())
    exact = core::multiply(from, up ? one + distance.ratio : one - distance.ratio, away);
  return to_tick(exact, tick, away);
}

}  // namespace

OrderManager::OrderManager(const AccountSettings& settings, std::vector<market::Instrument> instruments, RiskGate gate,
                           Broker& broker)
    : account_(settings, std::move(instruments)), gate_(std::move(gate)), broker_(&broker) {
  gate_.attach(account_);
}

void OrderManager::send(Approved<Order>&& approved) {
  if (broker_->sends_at_once()) account_.apply(approved.value().id, OrderEvent::kSend);
  broker_->submit(std::move(approved));
}

OrderId OrderManager::submit(Order order) {
  auto approved = gate_.decide(order, account_);
  const OrderId id = account_.orders().back().id;
  if (approved) send(std::move(*approved));
  return is_final(account_.order(id).state) ? OrderId() : id;
}

OrderId OrderManager::deny(const Order& order, Outcome outcome) {
  gate_.deny(order, outcome, account_);
  return {};
}

OrderId OrderManager::submit_bracket(Order entry, const Bracket& bracket) {
  auto approved = gate_.decide(entry, account_);
  if (!approved) return {};
  const OrderId id = approved->value().id;
  if (bracket.is_set()) guarded_[id] = {.instrument = entry.instrument, .bracket = bracket, .exits = {}};
  send(std::move(*approved));
  return is_final(account_.order(id).state) ? OrderId() : id;
}

OrderId OrderManager::submit_group(std::span<const Order> orders) {
  OrderId group;
  for (const Order& order : orders) {
    // One that was filled at once leaves nothing for the others to do.
    if (!group.is_none() && account_.order(group).filled.is_positive()) break;
    const OrderId id = submit(order);
    if (id.is_none()) continue;
    if (group.is_none()) group = id;
    account_.join_group(id, group);
  }
  return group;
}

void OrderManager::cancel(OrderId order) {
  if (!may(account_.order(order).state, OrderEvent::kRequestCancel)) return;
  account_.apply(order, OrderEvent::kRequestCancel);
  gate_.on_cancel();
  broker_->cancel(order);
}

void OrderManager::cancel_all(InstrumentIndex i, Effect effect) {
  // Answers come while the list is walked, and shorten it.
  const std::vector<OrderId> working(account_.working_orders().begin(), account_.working_orders().end());
  for (const OrderId id : working) {
    if (account_.order(id).instrument == i && account_.order(id).effect == effect) cancel(id);
  }
}

bool OrderManager::replace(const OrderChange& change) {
  if (!may(account_.order(change.order).state, OrderEvent::kRequestReplace)) return false;
  auto approved = gate_.decide(change, account_);
  if (!approved) return false;
  broker_->replace(std::move(*approved));
  return true;
}

void OrderManager::resize(OrderId id, Quantity remaining) {
  const Order& order = account_.order(id);
  if (order.remaining() == remaining) return;
  replace({.order = id, .quantity = order.filled + remaining, .limit = order.limit, .stop = order.stop});
}

void OrderManager::on_broker_event(const BrokerEvent& event) {
  account_.apply(event);
  gate_.on_broker_event(account_.order(event.order), event);
  if (is_fill(event.event)) {
    const Order order = account_.order(event.order);
    if (order.effect == Effect::kClose) {
      fit_closing(order.instrument, order.id);
    } else {
      if (!order.group.is_none()) cancel_group(order);
      guard(order.id);
    }
  }
  // One that was cancelled or has expired may still be filled late; so may one that was given up, without its exits.
  const OrderState state = account_.order(event.order).state;
  if (state == OrderState::kFilled || state == OrderState::kRejected) guarded_.erase(event.order);
  if (listener_ != nullptr) listener_->on_order_event(event.order, event);
}

void OrderManager::cancel_group(const Order& filled) {
  const std::vector<OrderId> working(account_.working_orders().begin(), account_.working_orders().end());
  for (const OrderId id : working) {
    if (id != filled.id && account_.order(id).group == filled.group) cancel(id);
  }
}

void OrderManager::fit_closing(InstrumentIndex i, OrderId filled) {
  const Quantity size = account_.position(i).size();
  const WorkingQuantity quantity = account_.working(i);
  // Most fills leave nothing to do, and looking at every order that works is slow where thousands do.
  const Quantity most = std::max(quantity.buy, quantity.sell);
  if (most.is_zero() || (!size.is_zero() && most <= size)) return;
  const std::vector<OrderId> working(account_.working_orders().begin(), account_.working_orders().end());
  for (const OrderId id : working) {
    const Order& order = account_.order(id);
    if (order.instrument != i || id == filled) continue;
    if (size.is_zero()) {
      if (order.effect == Effect::kClose || guarded_.contains(id)) cancel(id);
    } else if (order.effect == Effect::kClose && order.remaining() > size) {
      resize(id, size);
    }
  }
}

std::vector<Order> OrderManager::exits_of(OrderId entry_id, const Guarded& guarded) const {
  const InstrumentIndex i = guarded.instrument;
  const Position& position = account_.position(i);
  const Price tick = account_.instruments()[i].tick;
  const Price entry = position.entry_price();
  const Bracket& bracket = guarded.bracket;
  const Order exit{.instrument = i,
                   .side = position.closing_side(),
                   .effect = Effect::kClose,
                   .quantity = position.size(),
                   .created_key = account_.order(entry_id).filled_key};
  std::vector<Order> out;
  if (bracket.stop_loss.is_set()) {
    Order& order = out.emplace_back(exit);
    order.kind = OrderKind::kStop;
    order.reason = OrderReason::kStopLoss;
    order.stop = at_distance(entry, bracket.stop_loss, position.is_short(), tick);
  }
  if (bracket.trailing_stop.is_set()) {
    Order& order = out.emplace_back(exit);
    order.kind = OrderKind::kTrailingStop;
    order.reason = OrderReason::kTrailingStop;
    order.trail_ratio = bracket.trailing_stop.ratio;
    order.trail_amount = bracket.trailing_stop.amount;
    order.stop = entry;
  }
  if (bracket.take_profit.is_set()) {
    Order& order = out.emplace_back(exit);
    order.kind = OrderKind::kLimit;
    order.reason = OrderReason::kTakeProfit;
    order.limit = at_distance(entry, bracket.take_profit, position.is_long(), tick);
  }
  return out;
}

// The exits of an entry that was filled, wholly or in part: made at its first fill, then as large as the position is.
void OrderManager::guard(OrderId entry) {
  const auto found = guarded_.find(entry);
  if (found == guarded_.end()) return;
  const Guarded guarded = found->second;
  const std::vector<Order> exits = exits_of(entry, guarded);
  bool working = false;
  for (const OrderId id : guarded.exits) {
    if (id.is_none() || is_final(account_.order(id).state)) continue;
    working = true;
    const Order& order = account_.order(id);
    const auto now = std::ranges::find(exits, order.reason, &Order::reason);
    replace({.order = id, .quantity = order.filled + now->quantity, .limit = now->limit, .stop = now->stop});
  }
  if (working) return;
  for (std::size_t k = 0; k < exits.size(); ++k) {
    const OrderId id = submit(exits[k]);
    // Answers may have ended the entry.
    if (const auto still = guarded_.find(entry); still != guarded_.end()) still->second.exits[k] = id;
  }
}

void OrderManager::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  account_.split(i, numerator, denominator);
  for (auto& [entry, guarded] : guarded_) {
    if (guarded.instrument != i) continue;
    for (Distance* distance :
         {&guarded.bracket.stop_loss, &guarded.bracket.take_profit, &guarded.bracket.trailing_stop})
      distance->amount = core::scale(distance->amount, denominator, numerator, Rounding::kHalfEven);
  }
}

}  // namespace argosy::trading

#include "engine/engine.hpp"

#include <utility>

#include "market/bar.hpp"

namespace argosy::engine {

using core::Rounding;
using trading::Order;
using trading::OrderKind;
using trading::OrderReason;
using trading::Side;

namespace {

// The nearest price that can be quoted, below or above. Levels are rounded away from the entry price.
Price to_tick(Price price, Price tick, Rounding rounding) {
  if (!tick.is_positive()) return price;
  const std::int64_t rest = price.units() % tick.units();
  const Price down = Price::from_units(price.units() - rest);
  return rest == 0 || rounding == Rounding::kFloor ? down : down + tick;
}

}  // namespace

Engine::Engine(const EngineSettings& settings, std::vector<market::Instrument> instruments, trading::Broker& broker)
    : settings_(settings),
      account_(settings.cash, std::move(instruments)),
      gate_(settings.fees),
      broker_(&broker),
      slots_(account_.instruments().size()) {
  if (!settings_.exit) return;
  for (std::size_t i = 0; i < slots_.size(); ++i) exits_.emplace_back(*settings_.exit);
}

std::uint8_t Engine::exit_signal(InstrumentIndex i, double factor, std::span<const std::vector<double>> columns,
                                 std::size_t row) {
  const trading::Position& position = account_.position(i);
  if (exits_.empty() || !position.is_open()) return 0;
  return exits_[i].at_close(position.entry_price().to_double(), factor, columns, row) ? strategy::kSell : 0;
}

void Engine::act(InstrumentIndex i, std::int64_t key, std::uint8_t signals) {
  const Slot& slot = slots_[i];
  const trading::Position& position = account_.position(i);
  if (position.is_open()) {
    if ((signals & strategy::kSell) == 0 || !slot.exit.is_none()) return;
    slots_[i].exit = place({.instrument = i,
                            .side = Side::kSell,
                            .reason = OrderReason::kSellSignal,
                            .quantity = position.quantity(),
                            .created_key = key});
    return;
  }
  // Where both conditions hold at once the strategy contradicts itself; staying out is the cautious reading.
  if ((signals & strategy::kBuy) == 0 || (signals & strategy::kSell) != 0 || !slot.entry.is_none()) return;
  const trading::BuyTerms terms{.instrument = account_.instruments()[i],
                                .price = account_.mark(i),
                                .date = market::key_date(key),
                                .fees = settings_.fees};
  const Quantity quantity = trading::size_order(settings_.size, terms, account_.equity(), account_.available());
  slots_[i].entry = place({.instrument = i,
                           .side = Side::kBuy,
                           .reason = OrderReason::kBuySignal,
                           .quantity = quantity,
                           .shrink_to_cash = settings_.size.may_shrink(),
                           .created_key = key});
}

OrderId Engine::place(Order order) {
  auto approved = gate_.decide(order, account_);
  const OrderId id = account_.orders().back().id;
  if (approved) broker_->submit(std::move(*approved));
  return trading::is_final(account_.order(id).state) ? OrderId() : id;
}

void Engine::on_broker_event(const trading::BrokerEvent& event) {
  account_.apply(event);
  const Order order = account_.order(event.order);  // a copy: placing orders below may move the list
  if (!trading::is_final(order.state)) return;
  const InstrumentIndex i = order.instrument;
  forget(slots_[i], order.id);
  if (order.filled.is_zero()) return;
  if (order.side == Side::kBuy) {
    protect(i, order.filled_key);
  } else if (!account_.position(i).is_open()) {
    record_trade(i, order.filled_key, order.fill_price, order.filled, order.reason);
    // The position is gone: what still worked to close it must not work on.
    const Slot rest = slots_[i];
    for (const OrderId id : {rest.exit, rest.stop, rest.target}) {
      if (!id.is_none()) broker_->cancel(id);
    }
  }
}

void Engine::protect(InstrumentIndex i, std::int64_t key) {
  const trading::Position& position = account_.position(i);
  const Price tick = account_.instruments()[i].tick;
  const Rate one = Rate::from_integer(1);
  const auto level_order = [&](OrderKind kind, OrderReason reason, Price level) {
    return place({.instrument = i,
                  .side = Side::kSell,
                  .kind = kind,
                  .reason = reason,
                  .quantity = position.quantity(),
                  .level = level,
                  .created_key = key});
  };
  if (settings_.stop_loss.is_positive()) {
    const Price exact = core::multiply(position.entry_price(), one - settings_.stop_loss, Rounding::kFloor);
    slots_[i].stop = level_order(OrderKind::kStop, OrderReason::kStopLoss, to_tick(exact, tick, Rounding::kFloor));
  }
  if (settings_.take_profit.is_positive()) {
    const Price exact = core::multiply(position.entry_price(), one + settings_.take_profit, Rounding::kCeiling);
    slots_[i].target =
        level_order(OrderKind::kLimit, OrderReason::kTakeProfit, to_tick(exact, tick, Rounding::kCeiling));
  }
}

void Engine::record_trade(InstrumentIndex i, std::int64_t key, Price price, Quantity quantity, OrderReason reason) {
  const trading::Position& position = account_.position(i);
  if (!exits_.empty()) exits_[i].closed();
  trades_.push_back({.instrument = i,
                     .entry_key = position.entry_key(),
                     .entry_price = position.entry_price(),
                     .exit_key = key,
                     .exit_price = price,
                     .quantity = quantity,
                     .fees = position.fees(),
                     .profit = position.realised() - position.fees(),
                     .dividends = position.dividends(),
                     .exit_reason = reason});
}

void Engine::split(InstrumentIndex i, std::int64_t key, std::int64_t numerator, std::int64_t denominator) {
  const bool was_open = account_.position(i).is_open();
  const Quantity before = account_.position(i).quantity();
  account_.split(i, numerator, denominator);
  if (!was_open || account_.position(i).is_open()) return;
  // Less than one lot was left and all of it was paid out in cash.
  const Quantity exact = core::scale(before, numerator, denominator, Rounding::kTowardZero);
  record_trade(i, key, account_.mark(i), exact, OrderReason::kCorporateAction);
}

void Engine::forget(Slot& slot, OrderId order) const {
  for (OrderId* id : {&slot.entry, &slot.exit, &slot.stop, &slot.target}) {
    if (*id == order) *id = OrderId();
  }
}

}  // namespace argosy::engine

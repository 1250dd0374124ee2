#include "engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "market/bar.hpp"

namespace argosy::engine {

using core::Rounding;
using trading::Effect;
using trading::Order;
using trading::OrderKind;

Engine::Engine(const EngineSettings& settings, std::vector<market::Instrument> instruments, trading::Broker& broker)
    : settings_(settings),
      orders_(settings.account, std::move(instruments),
              trading::RiskGate(settings.fees, settings.limits, settings.account.cash), broker),
      slots_(account().instruments().size()) {
  orders_.set_listener(*this);
  watches_ = settings_.exit.has_value() || settings_.max_bars > 0;
  if (!settings_.exit) return;
  for (std::size_t i = 0; i < slots_.size(); ++i) exits_.emplace_back(*settings_.exit);
}

void Engine::begin_day(std::int64_t key) {
  const std::int64_t day = market::date_key(market::key_date(key));
  constexpr std::int64_t kDay = 86'400'000'000'000;
  next_day_ = day + kDay;
  account().begin_session(day);
}

void Engine::note_prices() {
  for (const InstrumentIndex i : priced_) orders_.gate().on_price(i, account().mark(i));
  priced_.clear();
}

void Engine::decide(std::int64_t key) {
  // Usually they come in this order already.
  if (!std::ranges::is_sorted(pending_, {}, &Pending::instrument))
    std::ranges::sort(pending_, {}, &Pending::instrument);
  for (const Pending& pending : pending_) act(key, pending);
  pending_.clear();
}

std::optional<OrderReason> Engine::find_exit(const Pending& pending) {
  const InstrumentIndex i = pending.instrument;
  const trading::Position& position = account().position(i);
  const bool is_long = position.is_long();
  std::uint8_t signals = pending.signals;
  if (!exits_.empty()) {
    const auto& [columns, row, factor] = pending.row;
    if (exits_[i].at_close(position.entry_price().to_double(), factor, columns, row)) signals |= strategy::kSell;
  }
  const std::int64_t held = ++slots_[i].bars_held;
  if ((signals & (is_long ? strategy::kSell : strategy::kCover)) != 0)
    return is_long ? OrderReason::kSellSignal : OrderReason::kCoverSignal;
  if (settings_.max_bars > 0 && held >= settings_.max_bars) return OrderReason::kMaxBars;
  return std::nullopt;
}

void Engine::act(std::int64_t key, const Pending& pending) {
  const InstrumentIndex i = pending.instrument;
  if (account().position(i).is_open()) {
    const auto reason = find_exit(pending);
    if (reason && slots_[i].exit.is_none()) leave(key, i, *reason);
    return;
  }
  // Where the conditions to enter and to leave hold at once the strategy contradicts itself; staying out is the
  // cautious reading.
  const auto says = [&](std::uint8_t bit) { return (pending.signals & bit) != 0; };
  const bool buys = says(strategy::kBuy) && !says(strategy::kSell);
  const bool shorts = says(strategy::kShort) && !says(strategy::kCover);
  if (buys == shorts || !slots_[i].entry.is_none()) return;
  enter(key, i, buys ? Side::kBuy : Side::kSell);
}

void Engine::enter(std::int64_t key, InstrumentIndex i, Side side) {
  const trading::Account& account = orders_.account();
  const trading::BuyTerms terms{.instrument = account.instruments()[i],
                                .price = account.mark(i),
                                .date = market::key_date(key),
                                .fees = settings_.fees};
  const Quantity quantity = trading::size_order(settings_.size, terms, account.equity(), account.available(i));
  slots_[i].entry =
      orders_.submit_bracket({.instrument = i,
                              .side = side,
                              .reason = side == Side::kBuy ? OrderReason::kBuySignal : OrderReason::kShortSignal,
                              .shrink_to_cash = settings_.size.may_shrink(),
                              .quantity = quantity,
                              .created_key = key},
                             settings_.bracket);
}

void Engine::leave(std::int64_t key, InstrumentIndex i, OrderReason reason) {
  const trading::Position& position = account().position(i);
  slots_[i].exit = orders_.submit({.instrument = i,
                                   .side = position.closing_side(),
                                   .effect = Effect::kClose,
                                   .reason = reason,
                                   .quantity = position.size(),
                                   .created_key = key});
}

void Engine::on_order_event(OrderId id, const trading::BrokerEvent& event) {
  const Order& order = account().order(id);
  const InstrumentIndex i = order.instrument;
  if (trading::is_final(order.state)) {
    for (OrderId* slot : {&slots_[i].entry, &slots_[i].exit}) {
      if (*slot == id) *slot = OrderId();
    }
  }
  const bool fills = event.event == trading::OrderEvent::kFill || event.event == trading::OrderEvent::kPartialFill;
  if (!fills || order.effect != Effect::kClose || account().position(i).is_open()) return;
  record_trade({.instrument = i,
                .side = trading::opposite(order.side),
                .exit_key = order.filled_key,
                .exit_price = order.fill_price,
                .quantity = order.filled,
                .exit_reason = order.reason});
}

void Engine::record_trade(const Trade& exit) {
  const InstrumentIndex i = exit.instrument;
  const trading::Position& position = account().position(i);
  if (!exits_.empty()) exits_[i].closed();
  slots_[i].bars_held = -1;
  Trade& trade = trades_.emplace_back(exit);
  trade.entry_key = position.entry_key();
  trade.entry_price = position.entry_price();
  trade.fees = position.fees();
  trade.profit = position.realised() - position.fees();
  trade.dividends = position.dividends();
}

void Engine::split(InstrumentIndex i, std::int64_t key, std::int64_t numerator, std::int64_t denominator) {
  const Quantity before = account().position(i).quantity();
  orders_.split(i, numerator, denominator);
  orders_.gate().on_split(i, numerator, denominator);
  if (before.is_zero() || account().position(i).is_open()) return;
  // Less than one lot was left and all of it was paid out in cash.
  const Quantity exact = core::scale(before, numerator, denominator, Rounding::kTowardZero);
  record_trade({.instrument = i,
                .side = before.is_positive() ? Side::kBuy : Side::kSell,
                .exit_key = key,
                .exit_price = account().mark(i),
                .quantity = before.is_positive() ? exact : -exact,
                .exit_reason = OrderReason::kCorporateAction});
}

}  // namespace argosy::engine

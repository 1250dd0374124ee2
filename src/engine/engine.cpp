#include "engine/engine.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "market/bar.hpp"
#include "strategy/entry_prices.hpp"

namespace argosy::engine {

using core::Rounding;
using strategy::Role;
using trading::Effect;
using trading::Order;
using trading::Outcome;

Engine::Engine(const EngineSettings& settings, std::vector<market::Instrument> instruments, trading::Broker& broker)
    : settings_(settings),
      orders_(settings.account, std::move(instruments),
              trading::RiskGate(settings.fees, settings.limits, settings.account.cash), broker),
      slots_(account().instruments().size()) {
  orders_.set_listener(*this);
  watches_ = settings_.exit.has_value() || settings_.max_bars > 0;
  const auto none = trading::LimitProfile::backtest();
  guarded_ =
      settings_.limits.limits != none.limits || settings_.limits.breaker != none.breaker || settings_.limits.prop;
  if (settings_.rebalance) {
    rebalancer_.emplace(*settings_.rebalance, settings_.columns[static_cast<std::size_t>(Role::kRank)].value_or(0),
                        settings_.rebalance_filters);
  }
  if (!settings_.exit) return;
  for (std::size_t i = 0; i < slots_.size(); ++i) exits_.emplace_back(*settings_.exit);
}

void Engine::change_strategy(const EngineSettings& settings) {
  ARGOSY_CHECK(settings.exit.has_value() == settings_.exit.has_value() &&
                   settings.rebalance.has_value() == settings_.rebalance.has_value(),
               "settings of another strategy");
  settings_.size = settings.size;
  settings_.order = settings.order;
  settings_.bracket = settings.bracket;
  settings_.max_bars = settings.max_bars;
  settings_.exit = settings.exit;
  settings_.columns = settings.columns;
  settings_.rebalance = settings.rebalance;
  // Counts of closes since the entry are kept only where somebody watches them: who watched goes on watching.
  watches_ = watches_ || settings_.max_bars > 0;
  for (strategy::PositionExit& exit : exits_) exit.change(*settings_.exit);
  if (rebalancer_)
    rebalancer_->change(*settings_.rebalance, settings_.columns[static_cast<std::size_t>(Role::kRank)].value_or(0));
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

void Engine::watch(std::int64_t key) {
  const core::Timestamp now = market::key_instant(key);
  guard().on_equity(now, account().equity());
  const bool flat = guard().must_flatten(now);
  if (flat && (account().has_positions() || !account().working_orders().empty())) {
    if (!flattening_) ++forced_flats_;
    leave_all(key, OrderReason::kForcedFlat);
  }
  flattening_ = flat;
}

void Engine::decide(std::int64_t key) {
  // Usually they come in this order already.
  if (!std::ranges::is_sorted(pending_, {}, &Pending::instrument))
    std::ranges::sort(pending_, {}, &Pending::instrument);
  for (const Pending& pending : pending_) act(key, pending);
  pending_.clear();
  if (!rebalancer_) return;
  if (rebalancer_->is_due(key)) {
    rebalance(key);
  } else if (!rebalancer_->planned.empty()) {
    buy_planned(key);  // sales that were not filled by now, of what may never trade again, hold nobody up any longer
  }
  rebalancer_->begin_next();
}

// --- Entries and exits of signals. ---

std::optional<OrderReason> Engine::find_exit(const Pending& pending) {
  const InstrumentIndex i = pending.instrument;
  const trading::Position& position = account().position(i);
  const bool is_long = position.is_long();
  std::uint8_t signals = pending.signals;
  if (!exits_.empty()) {
    const Row& row = pending.row;
    signals |= exits_[i].at_close(position.entry_price().to_double(), is_long, row.factor(), row.columns, row.row);
  }
  const std::int64_t held = ++slots_[i].bars_held;
  if ((signals & (is_long ? strategy::kSell : strategy::kCover)) != 0)
    return is_long ? OrderReason::kSellSignal : OrderReason::kCoverSignal;
  if (settings_.max_bars > 0 && held >= settings_.max_bars) return OrderReason::kMaxBars;
  return std::nullopt;
}

std::optional<Side> Engine::find_entry(std::uint8_t signals) {
  // Where the conditions to enter and to leave hold at once the strategy contradicts itself; staying out is the
  // cautious reading.
  const auto says = [&](std::uint8_t bit) { return (signals & bit) != 0; };
  const bool buys = says(strategy::kBuy) && !says(strategy::kSell);
  const bool shorts = says(strategy::kShort) && !says(strategy::kCover);
  if (buys == shorts) return std::nullopt;
  return buys ? Side::kBuy : Side::kSell;
}

void Engine::act(std::int64_t key, const Pending& pending) {
  const InstrumentIndex i = pending.instrument;
  const trading::Position& position = account().position(i);
  if (position.is_open()) {
    const auto reason = find_exit(pending);
    if (!reason || !slots_[i].exit.is_none()) return;
    // What still waits of an entry must not come after the exit.
    if (!slots_[i].entry.is_none()) orders_.cancel(slots_[i].entry);
    const auto turn = find_entry(pending.signals);
    if (turn && *turn == position.closing_side() && !rebalancer_) {
      Outcome outcome = Outcome::kApproved;
      const Entry entry = make_entry(key, i, *turn, pending.row, outcome);
      if (outcome == Outcome::kApproved) slots_[i].reversal = entry;
    }
    leave(key, i, *reason);
    return;
  }
  if (rebalancer_) return;
  const auto side = find_entry(pending.signals);
  const OrderId waiting = slots_[i].entry;
  if (side && waiting.is_none()) return enter(key, i, *side, pending.row);
  if (waiting.is_none()) return;
  // An entry that still waits for its price is taken back by the signal to leave.
  const bool is_buy = account().order(waiting).side == Side::kBuy;
  if ((pending.signals & (is_buy ? strategy::kSell : strategy::kCover)) != 0) orders_.cancel(waiting);
}

void Engine::enter(std::int64_t key, InstrumentIndex i, Side side, const Row& row) {
  if (!slots_[i].entry.is_none()) return;
  Outcome outcome = Outcome::kApproved;
  const Entry entry = make_entry(key, i, side, row, outcome);
  slots_[i].entry = outcome == Outcome::kApproved ? orders_.submit_bracket(entry.order, entry.bracket)
                                                  : orders_.deny(entry.order, outcome);
}

void Engine::leave(std::int64_t key, InstrumentIndex i, OrderReason reason) {
  const trading::Position& position = account().position(i);
  if (!position.is_open() || !slots_[i].exit.is_none()) return;
  slots_[i].exit = orders_.submit({.instrument = i,
                                   .side = position.closing_side(),
                                   .effect = Effect::kClose,
                                   .reason = reason,
                                   .quantity = position.size(),
                                   .created_key = key});
}

void Engine::leave_all(std::int64_t key, OrderReason reason) {
  for (InstrumentIndex i = 0; i < slots_.size(); ++i) {
    slots_[i].reversal.reset();
    orders_.cancel_all(i, Effect::kOpen);
    leave(key, i, reason);
  }
  if (rebalancer_) rebalancer_->planned.clear();
}

// --- What an entry is made of. ---

std::optional<double> Engine::value(Role role, const Row& row) const {
  const auto column = settings_.columns[static_cast<std::size_t>(role)];
  if (!column) return std::nullopt;
  return row.columns[*column][row.row];
}

std::optional<Quantity> Engine::size(const Order& order, const Row& row) const {
  const InstrumentIndex i = order.instrument;
  const trading::Account& account = orders_.account();
  const trading::Position& position = account.position(i);
  trading::SizeInput input{.terms = {.instrument = account.instruments()[i],
                                     .price = std::max({account.mark(i), order.limit, order.stop}),
                                     .date = market::key_date(order.created_key),
                                     .fees = settings_.fees,
                                     .side = order.side,
                                     .converted = account.is_converted(i)},
                           .record = record_};
  if (!account.has_rate(i)) return Quantity();  // the gate says why
  input.equity = account.from_account(i, account.equity());
  input.available = account.from_paid(i, account.available(i), Rounding::kFloor);
  // What is turned around frees what it holds.
  if (position.is_open()) {
    const Money held = position.value_at(account.mark(i));
    input.available += held.is_negative() ? -held : held;
  }
  if (const auto given = value(Role::kSize, row)) {
    // A distance is one of adjusted prices.
    input.value = settings_.size.kind == trading::SizeKind::kRisk ? *given / row.factor() : *given;
  }
  trading::Sizing sizing = settings_.size;
  sizing.cash = account.from_account(i, sizing.cash);
  return trading::size_order(sizing, input);
}

bool Engine::set_prices(Order& order, const Row& row) const {
  const trading::Account& account = orders_.account();
  const Price tick = account.instruments()[order.instrument].tick;
  const strategy::EntryPrices exact = strategy::entry_prices({.order = settings_.order,
                                                              .buys = order.side == Side::kBuy,
                                                              .close = account.mark(order.instrument),
                                                              .factor = row.factor(),
                                                              .limit = value(Role::kLimit, row),
                                                              .stop = value(Role::kStop, row)});
  if (exact.limit) order.limit = trading::to_tick(*exact.limit, tick, exact.limit_rounding);
  if (strategy::has_limit(order.kind) && !exact.limit) return false;
  if (exact.stop) order.stop = trading::to_tick(*exact.stop, tick, exact.stop_rounding);
  return !strategy::has_stop(order.kind) || exact.stop.has_value();
}

bool Engine::set_bracket(trading::Bracket& bracket, const Row& row) const {
  bracket = settings_.bracket;
  const auto distance = [&](Role role, trading::Distance& into) {
    const auto given = value(role, row);
    if (!given) return true;
    const auto exact = strategy::quoted_price(*given, row.factor());
    if (exact) into.amount = *exact;
    return exact.has_value();
  };
  return distance(Role::kStopDistance, bracket.stop_loss) && distance(Role::kTargetDistance, bracket.take_profit) &&
         distance(Role::kTrailDistance, bracket.trailing_stop);
}

Engine::Entry Engine::make_entry(std::int64_t key, InstrumentIndex i, Side side, const Row& row,
                                 Outcome& outcome) const {
  Entry entry{.order = {.instrument = i,
                        .side = side,
                        .kind = settings_.order.kind,
                        .time_in_force = settings_.order.time_in_force,
                        .reason = side == Side::kBuy ? OrderReason::kBuySignal : OrderReason::kShortSignal,
                        .shrink_to_cash = settings_.size.may_shrink(),
                        .created_key = key},
              .bracket = {}};
  const bool priced = set_prices(entry.order, row) && set_bracket(entry.bracket, row);
  const auto quantity = priced ? size(entry.order, row) : std::nullopt;
  entry.order.quantity = quantity.value_or(Quantity());
  if (!quantity) outcome = Outcome::kNoNumber;
  return entry;
}

// --- Rebalancing. ---

void Engine::rebalance(std::int64_t key) {
  const strategy::Rebalance& settings = *settings_.rebalance;
  const trading::Account& account = orders_.account();
  const auto chosen = rebalancer_->choose();
  const Money target = core::scale(core::multiply(account.equity(), settings.weight, Rounding::kFloor), 1,
                                   settings.hold, Rounding::kFloor);
  const Money slack = core::multiply(target, settings.drift, Rounding::kFloor);
  // What goes first makes room for what comes.
  const std::vector<InstrumentIndex> held(account.open_positions().begin(), account.open_positions().end());
  for (const InstrumentIndex i : held) {
    if (std::ranges::find(chosen, i) == chosen.end() && rebalancer_->has_bar(i)) leave(key, i, OrderReason::kRebalance);
  }
  for (const InstrumentIndex i : chosen) {
    const trading::Position& position = account.position(i);
    const Money value = account.to_account(i, position.value_at(account.mark(i)));
    if (value - target <= slack || !slots_[i].exit.is_none()) continue;
    const Money excess = account.from_account(i, value - target);
    const Quantity quantity =
        market::round_to_lot(account.instruments()[i], core::divide(excess, account.mark(i), Rounding::kFloor));
    if (!quantity.is_positive() || quantity >= position.size()) continue;
    slots_[i].exit = orders_.submit({.instrument = i,
                                     .side = Side::kSell,
                                     .effect = Effect::kClose,
                                     .reason = OrderReason::kRebalance,
                                     .quantity = quantity,
                                     .created_key = key});
  }
  rebalancer_->planned.assign(chosen.begin(), chosen.end());
  rebalancer_->target = target;
  if (!sells()) buy_planned(key);
}

bool Engine::sells() const {
  return std::ranges::any_of(slots_, [](const Slot& slot) { return !slot.exit.is_none(); });
}

// With what the sales have brought.
void Engine::buy_planned(std::int64_t key) {
  const strategy::Rebalance& settings = *settings_.rebalance;
  const trading::Account& account = orders_.account();
  const Money slack = core::multiply(rebalancer_->target, settings.drift, Rounding::kFloor);
  const std::vector<InstrumentIndex> planned = std::exchange(rebalancer_->planned, {});
  for (const InstrumentIndex i : planned) {
    const Money value = account.to_account(i, account.position(i).value_at(account.mark(i)));
    const Money missing = rebalancer_->target - value;
    if (!missing.is_positive() || (value.is_positive() && missing <= slack) || !slots_[i].entry.is_none()) continue;
    const trading::BuyTerms terms{.instrument = account.instruments()[i],
                                  .price = account.mark(i),
                                  .date = market::key_date(key),
                                  .fees = settings_.fees,
                                  .converted = account.is_converted(i)};
    const Money available = account.from_paid(i, account.available(i), Rounding::kFloor);
    const Quantity quantity = trading::affordable(terms, std::min(account.from_account(i, missing), available));
    // A weight that is off by less than a lot is as near as it gets.
    if (quantity.is_zero() && value.is_positive()) continue;
    slots_[i].entry = orders_.submit_bracket({.instrument = i,
                                              .side = Side::kBuy,
                                              .reason = OrderReason::kRebalance,
                                              .shrink_to_cash = true,
                                              .quantity = quantity,
                                              .created_key = key},
                                             settings_.bracket);
  }
}

// --- What became of orders. ---

void Engine::on_order_event(OrderId id, const trading::BrokerEvent& event) {
  const Order order = account().order(id);
  const InstrumentIndex i = order.instrument;
  Slot& slot = slots_[i];
  const bool fills = trading::is_fill(event.event);
  if (fills && order.effect == Effect::kOpen) {
    if (account().position(i).lots().size() == 1) slot.entry_reason = order.reason;
    if (!exits_.empty()) exits_[i].enlarged();
  }
  if (fills && order.effect == Effect::kClose && !account().position(i).is_open()) {
    record_trade({.instrument = i,
                  .side = trading::opposite(order.side),
                  .exit_key = order.filled_key,
                  .exit_price = order.fill_price,
                  .quantity = order.filled,
                  .exit_reason = order.reason});
  }
  if (!trading::is_final(order.state)) return;
  if (slot.entry == id) slot.entry = OrderId();
  if (slot.exit != id) return;
  slot.exit = OrderId();
  // One whose exit failed is forgotten with it.
  const auto reversal = std::exchange(slot.reversal, std::nullopt);
  if (reversal && !account().position(i).is_open())
    slot.entry = orders_.submit_bracket(reversal->order, reversal->bracket);
  if (rebalancer_ && !rebalancer_->planned.empty() && !sells()) buy_planned(order.created_key);
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
  trade.entry_reason = slots_[i].entry_reason;
  if (guarded_) guard().on_trade(orders_.gate().time(), account().to_account(i, trade.profit));
  const double cost = trade.entry_price.to_double() * trade.quantity.to_double();
  if (cost > 0) record_.add(trade.profit.to_double() / cost);
}

void Engine::split(InstrumentIndex i, std::int64_t key, std::int64_t numerator, std::int64_t denominator) {
  const Quantity before = account().position(i).quantity();
  if (auto& turn = slots_[i].reversal) {
    const auto restate = [&](Price& price) { price = core::scale(price, denominator, numerator, Rounding::kHalfEven); };
    Order& order = turn->order;
    order.quantity = market::round_to_lot(account().instruments()[i],
                                          core::scale(order.quantity, numerator, denominator, Rounding::kTowardZero));
    restate(order.limit);
    restate(order.stop);
    for (trading::Distance* distance :
         {&turn->bracket.stop_loss, &turn->bracket.take_profit, &turn->bracket.trailing_stop})
      restate(distance->amount);
  }
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

void Engine::cash_out(InstrumentIndex i, std::int64_t key, Price amount) {
  const Quantity held = account().position(i).quantity();
  account().cash_out(i, key, amount);
  if (held.is_zero()) return;
  slots_[i].reversal.reset();
  record_trade({.instrument = i,
                .side = held.is_positive() ? Side::kBuy : Side::kSell,
                .exit_key = key,
                .exit_price = amount,
                .quantity = held.is_positive() ? held : -held,
                .exit_reason = OrderReason::kDelisting});
}

}  // namespace argosy::engine

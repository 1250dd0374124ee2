#include "live/trader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "core/planted.hpp"
#include "live/order_text.hpp"

namespace argosy::live {

using core::Result;
using core::Rounding;
using core::Timestamp;
using ledger::ServiceState;
using ledger::TradingMode;
using trading::Halt;
using trading::Order;
using trading::OrderKind;
using trading::OrderReason;

namespace {

const market::Calendar& calendar_of(const market::Instrument& instrument) {
  const auto calendar = market::find_calendar(instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "no calendar of {}", instrument.symbol);
  return **calendar;
}

// A ratio of a percentage.
Rate ratio_of(Rate percent) { return Rate::from_units(percent.units() / 100); }

// When a service that was there at the start asks first: within one interval, spread by its id (multiples of the golden
// ratio fill it evenly), so that ten thousand of them do not ask in one turn.
core::Duration first_question(const ledger::ServiceRow& row) {
  constexpr int kBits = 24;
  const std::uint64_t part = (static_cast<std::uint64_t>(row.service_id) * 0x9e3779b97f4a7c15U) >> (64 - kBits);
  const std::int64_t milliseconds = row.interval_seconds * 1000;
  return std::chrono::milliseconds((milliseconds * static_cast<std::int64_t>(part)) >> kBits);
}

}  // namespace

std::string numbers_text(const DecisionAnswer& answer) {
  std::string out;
  out.reserve(64);
  for (const auto& [name, value] : answer.numbers) {
    if (!out.empty()) out += ' ';
    out += name;
    out += '=';
    std::array<char, 32> digits{};
    out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value, std::chars_format::general, 6).ptr);
  }
  return out;
}

Trader::Trader(TraderSettings settings, trading::FeeSchedule fees, Recorder& recorder, MakerSource makers)
    : settings_(std::move(settings)),
      fees_(std::move(fees)),
      recorder_(recorder),
      makers_(std::move(makers)),
      days_(settings_.limits.day) {}

Trader::~Trader() = default;

void Trader::add_desk(Desk& desk) {
  desk.set_listener(*this);
  desks_.push_back(&desk);
  for (Watched& watched : slots_) {
    if (const auto i = desk.find(watched.traded.instrument_id)) watched.desks.emplace_back(&desk, *i);
  }
}

Slot Trader::watch(const TradedInstrument& traded) {
  if (const auto known = find(traded.instrument_id)) {
    slots_[*known].traded.is_active = traded.is_active;
    return *known;
  }
  const auto slot = static_cast<Slot>(slots_.size());
  slots_.push_back({.traded = traded,
                    .hours = MarketHours(calendar_of(traded.instrument), settings_.hours),
                    .quote = {},
                    .desks = {},
                    .services = {}});
  slot_of_[traded.instrument_id] = slot;
  for (Desk* desk : desks_) slots_[slot].desks.emplace_back(desk, desk->add_instrument(traded));
  return slot;
}

std::optional<Slot> Trader::find(std::int64_t instrument_id) const {
  const auto found = slot_of_.find(instrument_id);
  if (found == slot_of_.end()) return std::nullopt;
  return found->second;
}

std::optional<Timestamp> Trader::last_quote(Slot slot) const {
  if (!slots_[slot].quoted) return std::nullopt;
  return slots_[slot].quote.time;
}

Desk* Trader::desk_of(std::int64_t broker_account) const {
  const auto found =
      std::ranges::find(desks_, broker_account, [](const Desk* desk) { return desk->settings().broker_account_id; });
  return found == desks_.end() ? nullptr : *found;
}

Trader::Runtime* Trader::runtime_of(std::int64_t service) {
  const auto found = runtime_of_.find(service);
  return found == runtime_of_.end() ? nullptr : runtimes_[found->second].get();
}

Result<void> Trader::take_up(const ledger::ServiceRow& row) {
  const auto slot = find(row.instrument_id);
  ARGOSY_CHECK(slot.has_value(), "service {} trades {}, which is no instrument", row.service_id, row.stock_symbol);
  ARGOSY_TRY(DecisionMaker * maker, makers_(row.strategy, row.stock_symbol));
  auto runtime = std::make_unique<Runtime>();
  runtime->row = &row;
  runtime->slot = *slot;
  runtime->desk = desk_of(row.broker_account_id);
  runtime->maker = maker;
  runtime->timed = !maker->timeframe().has_value();
  if (runtime->desk != nullptr) runtime->index = runtime->desk->find(row.instrument_id).value();
  const auto place = static_cast<std::uint32_t>(runtimes_.size());
  runtimes_.push_back(std::move(runtime));
  runtime_of_[row.service_id] = place;
  slots_[*slot].services.push_back(place);
  return {};
}

void Trader::begin() {
  for (const auto& [id, row] : book().services()) {
    if (row.removed_at) continue;
    if (auto done = take_up(row); !done) {
      // It cannot decide any more: its strategy is gone or wrong.
      recorder_.record(
          ServiceMoved{.service_id = id, .state = ServiceState::kError, .reason = done.error().message, .amount = {}});
      recorder_.notify(Severity::kError, fmt::format("service {} needs you", id), done.error().message, row.owner_id);
      continue;
    }
    if (Runtime& service = *runtime_of(id); service.timed) service.next = recorder_.now() + first_question(row);
  }
  for (const auto& [id, order] : book().orders()) {
    if (!order.service_id || trading::is_final(parse_order_state(order.state))) continue;
    if (Runtime* service = runtime_of(*order.service_id)) {
      service->order = id;
      service->selling = order.side == "sell";
    }
  }
  if (!ARGOSY_PLANTED(kForgetsSwitches)) apply_switches();
  for (Desk* desk : desks_) desk->begin();
}

// --- What happens. ---

void Trader::on_quote(Slot slot, const market::Quote& quote) {
  Watched& watched = slots_[slot];
  watched.quote = quote;
  watched.quoted = true;
  ++counts_.quotes;
  for (const auto& [desk, i] : watched.desks) {
    if (!desk->awaits_action(i)) desk->on_quote(i, quote);
  }
  for (const std::uint32_t place : watched.services) consider(*runtimes_[place]);
}

void Trader::on_action(Slot slot, const market::CorporateAction& action, Price last_close) {
  for (const auto& [desk, i] : slots_[slot].desks) desk->take_action(i, action, last_close);
}

void Trader::on_action(Desk& desk, trading::InstrumentIndex i, const market::CorporateAction& action) {
  if (action.kind == market::ActionKind::kDelisting) {
    const std::string& symbol = desk.account().instruments()[i].symbol;
    cancel_own(desk, [&](const ledger::OrderRow& row) { return row.symbol == symbol; });
  }
  for (const auto& service : runtimes_) {
    if (service->desk != &desk || service->index != i) continue;
    if (action.kind == market::ActionKind::kDelisting) retire(*service, action);
    if (action.kind != market::ActionKind::kSplit) continue;
    // Levels are made anew of the new shares, and the price that was seen is one of the old.
    ExitLevels& levels = service->exits.levels;
    levels.highest = core::scale(levels.highest, action.denominator, action.numerator, Rounding::kHalfEven);
    service->exits.stop_loss_percent = Rate::from_integer(-1);
    slots_[service->slot].quoted = false;
  }
}

// There is nothing any more that it could trade.
void Trader::retire(Runtime& service, const market::CorporateAction& action) {
  const ledger::ServiceRow& row = *service.row;
  if (row.state == ServiceState::kInactive) return;
  const std::string reason = fmt::format("{} is delisted since {}", row.stock_symbol, action.ex_date.to_string());
  service.wants_sale = false;
  if (service.order != 0) service.desk->cancel(service.order);
  move_state(service, ServiceState::kInactive, reason, {});
  recorder_.notify(Severity::kWarning, fmt::format("service {} ({}) is off", row.service_id, row.stock_symbol), reason,
                   row.owner_id);
  release_rest(service);
}

void Trader::on_bar_closed(Slot slot, market::Timeframe timeframe) {
  const Timestamp now = recorder_.now();
  for (const std::uint32_t place : slots_[slot].services) {
    Runtime& service = *runtimes_[place];
    if (service.timed || service.maker->timeframe() != timeframe) continue;
    service.next = now;  // asked now, or with the first price that may be believed
    consider(service);
  }
}

void Trader::consider(Runtime& service) {
  const ledger::ServiceRow& row = *service.row;
  if (row.state != ServiceState::kActive && row.state != ServiceState::kPaused) return;
  if (row.mode == TradingMode::kHold || !ledger_down_.empty()) return;
  if (service.desk == nullptr || !service.desk->is_ready() || !service.desk->is_connected()) return;
  if (service.desk->awaits_action(service.index)) return;
  const Timestamp now = recorder_.now();
  Watched& watched = slots_[service.slot];
  const bool is_stale = now - watched.quote.time > settings_.quote_age && !ARGOSY_PLANTED(kUsesStaleQuotes);
  if (!watched.quoted || is_stale || !watched.hours.is_open(now)) return;
  if (row.current_shares.is_positive()) protect(service, now);
  const bool is_busy = service.order != 0 && !ARGOSY_PLANTED(kOrdersWhileOneWorks);
  if (is_busy || row.state != ServiceState::kActive || now < service.next) return;
  if (!service.desk->may_place(service.index)) return;
  ask(service, now);
}

// Where what is held is sold without asking: the nearer of the service's own level and that of what decides for it. A
// look at the ledger's rows only when something has changed.
void Trader::refresh_levels(Runtime& service, Timestamp now) {
  const ledger::ServiceRow& row = *service.row;
  Exits& exits = service.exits;
  if (exits.shares == row.current_shares && exits.stop_loss_percent == row.stop_loss_percent &&
      exits.take_profit_percent == row.take_profit_percent)
    return;
  const Price highest = exits.shares.is_positive() ? exits.levels.highest : Price();
  exits = {.levels = {},
           .shares = row.current_shares,
           .stop_loss_percent = row.stop_loss_percent,
           .take_profit_percent = row.take_profit_percent};
  const ledger::TransactionRow* open = book().open_transaction(row.service_id);
  if (open == nullptr) return;
  const Price paid = open->quoted_price();
  ExitLevels& levels = exits.levels;
  levels = service.maker->levels(question(service, now));
  levels.highest = std::max(levels.highest, highest);
  narrow(levels, paid, row.stop_loss_percent, row.take_profit_percent);
}

void Trader::narrow(ExitLevels& levels, Price paid, Rate stop_loss_percent, Rate take_profit_percent) {
  const Rate one = Rate::from_integer(1);
  if (stop_loss_percent.is_positive())
    levels.stop_loss =
        std::max(levels.stop_loss, core::multiply(paid, one - ratio_of(stop_loss_percent), Rounding::kFloor));
  if (take_profit_percent.is_positive()) {
    const Price own = core::multiply(paid, one + ratio_of(take_profit_percent), Rounding::kCeiling);
    levels.take_profit = levels.take_profit.is_positive() ? std::min(levels.take_profit, own) : own;
  }
}

// Nothing where the service may go on holding what it has.
std::optional<OrderReason> Trader::reason_to_leave(Runtime& service, Timestamp now) {
  refresh_levels(service, now);
  ExitLevels& levels = service.exits.levels;
  Watched& watched = slots_[service.slot];
  const Price bid = watched.quote.bid;
  levels.highest = std::max(levels.highest, bid);
  if (levels.stop_loss.is_positive() && bid <= levels.stop_loss) return OrderReason::kStopLoss;
  if (levels.take_profit.is_positive() && bid >= levels.take_profit) return OrderReason::kTakeProfit;
  if (levels.trail.is_positive() && bid <= levels.highest - levels.trail) return OrderReason::kTrailingStop;
  if (watched.hours.must_flatten(now) || service.wants_sale) return OrderReason::kForcedFlat;
  return std::nullopt;
}

// Stops and targets, and the last minutes of a session, sell without asking.
void Trader::protect(Runtime& service, Timestamp now) {
  if (now < service.protect || (service.order != 0 && service.selling)) return;
  // The gate knows the switches of accounts and instruments alone.
  if (service.halt == Halt::kOrders) return;
  const std::optional<OrderReason> reason = reason_to_leave(service, now);
  if (!reason) return;
  if (service.order != 0) {
    // The rest of the purchase goes first.
    service.desk->cancel(service.order);
    return;
  }
  if (!service.desk->may_place(service.index)) return;
  DecisionMade made = describe(service, Question::kSell, std::string(to_string(*reason)));
  made.yes = true;
  made.confidence = 100;
  made.reason = fmt::format("{} at {}", to_string(*reason), slots_[service.slot].quote.bid.to_string());
  if (!sell(service, *reason, made).approved) service.protect = now + settings_.protective_retry;
}

DecisionQuestion Trader::question(const Runtime& service, Timestamp now) const {
  const ledger::ServiceRow& row = *service.row;
  const ledger::TransactionRow* open = book().open_transaction(row.service_id);
  return {.service_id = row.service_id,
          .symbol = row.stock_symbol,
          .what = row.current_shares.is_positive() ? Question::kSell : Question::kBuy,
          .time = now,
          .quote = slots_[service.slot].quote,
          .purchase_price = open == nullptr ? Price() : open->quoted_price(),
          .shares = row.current_shares,
          .purchased_at = open == nullptr ? Timestamp() : open->purchase_date};
}

void Trader::ask(Runtime& service, Timestamp now) {
  const ledger::ServiceRow& row = *service.row;
  const bool holds = row.current_shares.is_positive();
  const Question what = holds ? Question::kSell : Question::kBuy;
  Watched& watched = slots_[service.slot];
  service.next = service.timed ? now + std::chrono::seconds(row.interval_seconds) : Timestamp::max();
  // What could not lead to an order is not asked.
  if (!holds) {
    if (!stopped_.empty() || service.halt != Halt::kNone || !watched.hours.allows_entries(now)) return;
    if (service.desk->blocked(service.index) != nullptr || !service.desk->has_rate(service.index)) return;
    if (service.desk->gate().halted().halt != Halt::kNone ||
        service.desk->gate().halted(service.index).halt != Halt::kNone)
      return;
  } else if (service.halt == Halt::kOrders || service.desk->gate().halted().halt == Halt::kOrders) {
    return;
  }
  const DecisionAnswer answer = service.maker->decide(question(service, now));
  ++counts_.decisions;
  DecisionMade made = describe(service, what, row.strategy);
  made.yes = answer.yes;
  made.confidence = std::isfinite(answer.confidence) ? answer.confidence : 0;
  made.reason = answer.reason;
  made.numbers = numbers_text(answer);
  const Rate threshold = holds ? row.sell_threshold : row.buy_threshold;
  if (!answer.yes) {
    made.outcome = "no";
  } else if (made.confidence < threshold.to_double()) {
    made.outcome = fmt::format("below the threshold of {}", threshold.to_string());
  } else if (holds) {
    static_cast<void>(sell(service, answer.exit, made));
    return;
  } else {
    buy(service, made, answer.entry);
    return;
  }
  recorder_.record(std::move(made));
}

DecisionMade Trader::describe(const Runtime& service, Question what, std::string source) const {
  const market::Quote& quote = slots_[service.slot].quote;
  return {.service_id = service.row->service_id,
          .question = what == Question::kBuy ? "buy" : "sell",
          .source = std::move(source),
          .reason = {},
          .numbers = {},
          .bid = quote.bid,
          .ask = quote.ask,
          .last = quote.last,
          .quoted_at = quote.time,
          .outcome = {}};
}

// What the allocation pays, fees included, at a price that has room to move, and the minimum is left.
Quantity Trader::size(const Runtime& service, Price price, Rate share) {
  const ledger::ServiceRow& row = *service.row;
  Watched& watched = slots_[service.slot];
  const Money allocated = core::multiply(row.current_balance, ratio_of(row.allocation_percent), Rounding::kFloor);
  Money budget =
      std::min(core::multiply(allocated, share, Rounding::kFloor), row.current_balance - row.minimum_balance);
  if (!budget.is_positive()) return {};
  market::Instrument instrument = watched.traded.instrument;
  instrument.fractional = instrument.fractional && row.fractional && service.desk->capabilities().fractional;
  budget = service.desk->account().from_paid(service.index, budget, Rounding::kFloor);
  return trading::affordable({.instrument = instrument,
                              .price = price,
                              .date = watched.hours.date(recorder_.now()),
                              .fees = fees_,
                              .converted = service.desk->account().is_converted(service.index)},
                             budget);
}

Order Trader::entry_order(const Runtime& service, const EntryWish& wish) {
  const market::Instrument& instrument = slots_[service.slot].traded.instrument;
  const bool limits = wish.kind == OrderKind::kLimit || wish.kind == OrderKind::kStopLimit;
  const bool stops = wish.kind == OrderKind::kStop || wish.kind == OrderKind::kStopLimit;
  Order order{.instrument = service.index,
              .side = trading::Side::kBuy,
              .kind = wish.kind,
              .time_in_force = trading::TimeInForce::kDay,
              .effect = trading::Effect::kOpen,
              .reason = OrderReason::kBuySignal};
  if (limits)
    order.limit = trading::to_tick(wish.limit, instrument.tick,
                                   wish.kind == OrderKind::kLimit ? Rounding::kFloor : Rounding::kCeiling);
  if (stops) order.stop = trading::to_tick(wish.stop, instrument.tick, Rounding::kCeiling);
  // A limit bounds what is paid; otherwise the price may rise while the order is on its way.
  const Price most = std::max(order.stop, slots_[service.slot].quote.ask);
  const Rate buffer = Rate::from_integer(1) + settings_.price_buffer;
  order.quantity = size(service, limits ? order.limit : core::multiply(most, buffer, Rounding::kCeiling), wish.share);
  return order;
}

void Trader::buy(Runtime& service, DecisionMade& made, const EntryWish& wish) {
  const Order order = entry_order(service, wish);
  if (!order.quantity.is_positive()) {
    made.outcome = "too little money for one lot";
    recorder_.record(std::move(made));
    return;
  }
  made.outcome = "order";
  const std::int64_t seq = recorder_.record(std::move(made));
  place(service, order, seq);
}

Desk::Placed Trader::sell(Runtime& service, OrderReason reason, DecisionMade& made) {
  made.outcome = "order";
  const std::int64_t seq = recorder_.record(std::move(made));
  Quantity held = service.row->current_shares;
  if (ARGOSY_PLANTED(kSellsOthersShares)) held = service.desk->account().position(service.index).quantity();
  return place(service,
               {.instrument = service.index,
                .side = trading::Side::kSell,
                .time_in_force = trading::TimeInForce::kDay,
                .effect = trading::Effect::kClose,
                .reason = reason,
                .quantity = held},
               seq);
}

Desk::Placed Trader::place(Runtime& service, const Order& order, std::int64_t decision) {
  const Desk::Placed placed = service.desk->place(
      {.order = order, .service_id = service.row->service_id, .portfolio_id = {}, .decision = decision});
  if (placed.approved) {
    ++counts_.orders;
    service.order = placed.order_id;
    service.selling = order.side == trading::Side::kSell;
    return placed;
  }
  ++counts_.denied;
  // A limit that refuses now may not do so later: that is no failure of the service. One that cannot be meant is.
  if (placed.outcome <= trading::Outcome::kTooLarge) note_failure(service, placed.note);
  return placed;
}

// --- What became of orders. ---

// Before anything is traded the circuit breaker must know what there is to lose.
void Trader::on_desk_ready() {
  for (Desk* desk : desks_) {
    desk->gate().guard().on_equity(recorder_.now(), desk->account().equity());
    static_cast<void>(desk->try_switch());
    follow_all_own(*desk);
  }
}

void Trader::on_order_changed(const ledger::OrderRow& order, bool filled) {
  if (filled) ++counts_.fills;
  if (!order.service_id) return follow_own(order);
  Runtime* service = runtime_of(*order.service_id);
  if (service == nullptr) return;
  const trading::OrderState state = parse_order_state(order.state);
  if (!trading::is_final(state)) return;
  if (service->order == order.order_id) {
    service->order = 0;
    service->next = std::max(service->next, recorder_.now());
    if (service->timed) service->next = recorder_.now() + std::chrono::seconds(service->row->interval_seconds);
    if (state == trading::OrderState::kRejected) note_failure(*service, order.note);
  }
  if (!service->row->current_shares.is_positive()) service->wants_sale = false;
  release_rest(*service);
}

// A service that is off keeps no money, once nothing of its own works.
void Trader::release_rest(Runtime& service) {
  const ledger::ServiceRow& row = *service.row;
  const bool works = service.order != 0 && !ARGOSY_PLANTED(kReturnsMoneyEarly);
  if (row.state != ServiceState::kInactive || works || !row.current_balance.is_positive()) return;
  move_state(service, ServiceState::kInactive, {}, -row.current_balance);
}

void Trader::move_state(const Runtime& service, ServiceState state, const std::string& reason, Money amount) {
  recorder_.record(
      ServiceMoved{.service_id = service.row->service_id, .state = state, .reason = reason, .amount = amount});
}

void Trader::note_failure(Runtime& service, const std::string& why) {
  recorder_.record(ServiceFailed{.service_id = service.row->service_id, .reason = why});
  if (service.row->failures < settings_.failures_to_error) return;
  const std::string reason = fmt::format("{} orders failed in a row, the last one: {}", service.row->failures, why);
  move_state(service, ServiceState::kError, reason, {});
  recorder_.notify(Severity::kError,
                   fmt::format("service {} ({}) needs you", service.row->service_id, service.row->stock_symbol), reason,
                   service.row->owner_id);
}

void Trader::on_written(std::vector<CommittedIntent> intents) {
  for (CommittedIntent& intent : intents) {
    Desk* desk = desk_of(intent.broker_account_id);
    ARGOSY_CHECK(desk != nullptr, "an order of account {} was written", intent.broker_account_id);
    desk->on_written(std::move(intent));
  }
}

void Trader::on_ledger(const core::Error* error) {
  ledger_down_ = error == nullptr ? std::string() : error->message;
  tell_desks_to_send();
}

void Trader::stop_entries(const std::string& reason) {
  stopped_ = reason;
  tell_desks_to_send();
}

void Trader::tell_desks_to_send() {
  const std::string why = ledger_down_.empty() ? stopped_ : "the ledger cannot be written: " + ledger_down_;
  for (Desk* desk : desks_) desk->stop_sending(why);
}

std::size_t Trader::in_flight() const {
  std::size_t count = 0;
  for (const Desk* desk : desks_) count += desk->unanswered_orders();
  return count;
}

// --- Time. ---

// A clock that was set back: nobody waits until it shows again what it showed.
void Trader::follow_clock(Timestamp now) {
  if (now >= std::exchange(looked_, now)) return;
  next_snapshot_ = std::min(next_snapshot_, now);
  for (const auto& service : runtimes_) {
    service->protect = std::min(service->protect, now);
    if (service->timed) service->next = std::min(service->next, now);
  }
}

void Trader::on_time() {
  const Timestamp now = recorder_.now();
  follow_clock(now);
  for (Desk* desk : desks_) desk->on_time(now);
  if (const core::Date today = core::utc_date(now); today != day_) {
    day_ = today;
    for (Desk* desk : desks_) desk->on_day(now);
  }
  if (!waiting_.empty()) follow_waiting();
  begin_day(now);
  if (now < next_snapshot_) return;
  const bool first = next_snapshot_ == Timestamp{};
  next_snapshot_ = now + settings_.snapshot_every;
  if (!first) snapshot(now);
}

// Profits are counted by days on which an exchange opens, as limits that hold for a day are.
void Trader::begin_day(Timestamp now) {
  const core::Date today = days_.day_of(now);
  if (today == looked_at_day_) return;
  looked_at_day_ = today;
  if (today <= book().day()) return;
  const auto opens = [&](const Watched& watched) { return watched.hours.calendar().session(today).has_value(); };
  if (std::ranges::none_of(slots_, opens)) {
    // Nothing is known of it before there is an instrument.
    if (slots_.empty()) looked_at_day_ = {};
    return;
  }
  if (next_snapshot_ != Timestamp{}) snapshot(now);  // what the day before ended with
  recorder_.record(TimerFired{.what = std::string(kNewDay), .subject = today.days()});
}

void Trader::finish() {
  on_time();
  snapshot(recorder_.now());
}

void Trader::snapshot(Timestamp now) {
  Book& books = recorder_.book();
  for (const Watched& watched : slots_) {
    if (!watched.quoted) continue;
    for (const auto& [desk, i] : watched.desks)
      books.set_price(desk->settings().broker_account_id, watched.traded.instrument_id, watched.quote.last,
                      desk->account().rate(i), watched.quote.time);
  }
  struct Worth {
    Money cash;
    Money value;
    Money cost;
  };
  std::unordered_map<std::int64_t, Worth> worth;  // by portfolio
  for (const auto& [id, row] : books.services()) worth[row.portfolio_id].cash += row.current_balance;
  for (const auto& [key, holding] : books.holdings()) {
    const ledger::PortfolioRow* portfolio = books.portfolio(key.first);
    if (portfolio == nullptr || holding.quantity.is_zero()) continue;
    const ledger::PositionRow* position = books.position(portfolio->broker_account_id, key.second);
    if (position == nullptr) continue;
    const market::ExchangeRate rate{.quote = position->rate, .inverse = position->rate_inverse};
    const Money value = core::notional(position->price.value_or(Price()), holding.quantity, Rounding::kHalfEven);
    worth[key.first].value += rate.convert(value, Rounding::kHalfEven);
    worth[key.first].cost += rate.convert(holding.cost, Rounding::kHalfEven);
  }
  std::unordered_map<std::int64_t, Worth> accounts;
  for (const auto& [id, portfolio] : books.portfolios()) {
    if (portfolio.removed_at) continue;
    const Money cash = portfolio.cash + portfolio.money_market + worth[id].cash;
    const Money value = worth[id].value;
    books.set_worth(ledger::EquityScope::kPortfolio, id, value - worth[id].cost, cash + value);
    const ledger::DailyPnlRow* of_account = books.pnl(ledger::EquityScope::kAccount, portfolio.broker_account_id);
    if (of_account != nullptr && of_account->currency == portfolio.currency) {
      Worth& account = accounts[portfolio.broker_account_id];
      account.cash += cash;
      account.value += value;
      account.cost += worth[id].cost;
    }
    recorder_.changes().equity_snapshots.push_back({.scope = ledger::EquityScope::kPortfolio,
                                                    .subject_id = id,
                                                    .time = now,
                                                    .currency = portfolio.currency,
                                                    .equity = cash + value,
                                                    .cash = cash,
                                                    .market_value = value});
  }
  for (const auto& [id, each] : accounts)
    books.set_worth(ledger::EquityScope::kAccount, id, each.value - each.cost, each.cash + each.value);
  for (Desk* desk : desks_) {
    // Before everything of before is known there is no equity to speak of.
    if (!desk->is_ready()) continue;
    desk->gate().guard().on_equity(now, desk->account().equity());
    desk->keep_guard();
  }
}

// --- Switches. ---

void Trader::apply_switches() {
  for (Desk* desk : desks_) {
    desk->resume();
    for (trading::InstrumentIndex i = 0; i < desk->account().instruments().size(); ++i) desk->resume(i);
  }
  for (const auto& service : runtimes_) service->halt = Halt::kNone;
  for (const auto& [id, row] : book().switches()) {
    if (!row.released_at) act_on_switch(row);
  }
}

void Trader::act_on_switch(const ledger::KillSwitchRow& row) {
  // Who wants everything sold must let sales pass.
  const Halt halt = row.halts == "entries" || row.flatten ? Halt::kEntries : Halt::kOrders;
  const auto is_meant = [&](const Desk& desk) {
    return row.scope == "all" ||
           (row.scope == "account" && row.subject == fmt::to_string(desk.settings().broker_account_id));
  };
  for (Desk* desk : desks_) {
    if (is_meant(*desk)) desk->halt(std::max(halt, desk->gate().halted().halt), row.reason);
  }
  for (Watched& watched : slots_) {
    if (row.scope != "instrument" || row.subject != watched.traded.instrument.symbol) continue;
    for (const auto& [desk, i] : watched.desks) desk->halt(i, halt, row.reason);
  }
  for (const auto& service : runtimes_) {
    if ((row.scope == "service" && row.subject == fmt::to_string(service->row->service_id)) ||
        (row.scope == "strategy" && row.subject == service->row->strategy))
      service->halt = std::max(service->halt, halt);
  }
  if (row.cancels_sent) return;
  for (const auto& service : runtimes_) {
    const bool meant = service->halt != Halt::kNone ||
                       (row.scope == "instrument" && row.subject == service->row->stock_symbol) ||
                       (service->desk != nullptr && is_meant(*service->desk));
    if (!meant || service->desk == nullptr) continue;
    if (service->order != 0) service->desk->cancel(service->order);
    if (row.flatten) service->wants_sale = true;
  }
  for (Desk* desk : desks_) {
    cancel_own(*desk, [&](const ledger::OrderRow& order) {
      return is_meant(*desk) || (row.scope == "instrument" && row.subject == order.symbol);
    });
  }
  if (desks_.empty()) return;  // sent first thing at the next start
  ledger::KillSwitchRow done = row;
  done.cancels_sent = true;
  recorder_.record(SwitchChanged{std::move(done)});
}

}  // namespace argosy::live

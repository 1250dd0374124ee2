#include "live/desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "core/planted.hpp"
#include "core/text.hpp"
#include "live/order_text.hpp"
#include "market/bar.hpp"

namespace argosy::live {

using core::Timestamp;
using trading::InstrumentIndex;
using trading::Order;
using trading::OrderEvent;
using trading::OrderId;
using trading::OrderReport;
using trading::OrderState;

namespace {

std::vector<market::Instrument> instruments_of(const std::vector<TradedInstrument>& traded) {
  std::vector<market::Instrument> out;
  out.reserve(traded.size());
  for (const TradedInstrument& each : traded) out.push_back(each.instrument);
  return out;
}

trading::AccountSettings account_settings(const DeskSettings& settings, const Book& book) {
  return {.cash = book.cash_of(settings.broker_account_id), .currency = settings.currency};
}

bool is_answered(OrderState state) {
  return state != OrderState::kPendingSubmit && state != OrderState::kSubmitted && state != OrderState::kUnknown &&
         state != OrderState::kPendingCancel && state != OrderState::kPendingReplace;
}

}  // namespace

Desk::Desk(DeskSettings settings, trading::LimitProfile limits, trading::FeeSchedule fees,
           const std::vector<TradedInstrument>& instruments, const market::RateTable& rates, Recorder& recorder,
           trading::BrokerConnection& connection)
    : settings_(std::move(settings)),
      prefix_(fmt::format("argosy-{}-", settings_.instance)),
      rates_(rates),
      recorder_(recorder),
      connection_(connection),
      manager_(
          account_settings(settings_, recorder.book()), instruments_of(instruments),
          trading::RiskGate(std::move(fees), std::move(limits), recorder.book().cash_of(settings_.broker_account_id)),
          *this) {
  for (const TradedInstrument& each : instruments) {
    const auto i = static_cast<InstrumentIndex>(instrument_ids_.size());
    instrument_ids_.push_back(each.instrument_id);
    index_of_[each.instrument_id] = i;
    index_of_symbol_[each.instrument.symbol] = i;
    note_currency(each.instrument.currency);
  }
  restore_rates();
  on_rates(recorder_.now());
  restore();
  connection_.set_listener(*this);
}

Desk::~Desk() = default;

// --- What was there when the program began. ---

void Desk::restore() {
  trading::Account& account = manager_.account();
  for (const auto& [key, row] : recorder_.book().positions()) {
    if (row.broker_account_id != settings_.broker_account_id) continue;
    const auto i = find(row.instrument_id);
    ARGOSY_CHECK(i.has_value(), "there is a position in {}, which is no instrument", row.symbol);
    account.restore_position(*i, row.quantity, row.cost, row.updated_at.time_since_epoch().count());
    if (row.price) account.set_mark(*i, *row.price);
  }
  // Those that have ended, too: they may be filled late.
  for (const auto& [id, row] : recorder_.book().orders()) {
    if (row.broker_account_id == settings_.broker_account_id) restore_order(row);
  }
  fills_since_equal_ = recorder_.book().last().fill;
}

void Desk::restore_order(const ledger::OrderRow& row) {
  const auto i = find(row.instrument_id);
  ARGOSY_CHECK(i.has_value(), "order {} is for {}, which is no instrument", row.order_id, row.symbol);
  const Order order = to_order(row, *i);
  const core::Price price = order.limit.is_positive() ? order.limit : account().mark(*i);
  const bool pays = order.side == trading::Side::kBuy && account().has_rate(*i);
  const Money amount = core::notional(price, order.remaining(), core::Rounding::kCeiling);
  const Money reserve = pays ? account().to_paid(*i, amount, core::Rounding::kCeiling) : Money();
  const OrderId id = manager_.account().restore_order(order, reserve);
  const bool ended = trading::is_final(order.state);
  followed_.push_back(
      {.order_id = row.order_id, .sent = recorder_.now(), .first_sent = row.created_at, .resolved = ended});
  unresolved_ += ended ? 0 : 1;
  heard_ = std::max(heard_, row.updated_at);
  local_of_[row.order_id] = id;
  if (!row.broker_order_id.empty()) by_broker_id_[row.broker_order_id] = row.order_id;
  if (was_given_up(row)) note_given_up(row);
}

void Desk::begin() {
  restore_guard();
  // What was on its way when the program stopped may have arrived or not.
  for (const OrderId id : working()) {
    const OrderState state = account().order(id).state;
    if (ARGOSY_PLANTED(kTakesStoredForUnsent) && state == OrderState::kPendingSubmit) {
      resolve(id);
      withdraw(id, "the program stopped before");
      continue;
    }
    if (!is_answered(state) && state != OrderState::kUnknown) lose(id);
  }
  connection_.open();
}

void Desk::on_connected() {
  const Timestamp now = recorder_.now();
  ask_fundings();
  for (const OrderId id : working()) ask(id);
  static_cast<void>(connection_.ask_open_orders());
  // Orders that had ended may have been filled late, while nobody listened.
  if (capabilities().order_history && heard_ != Timestamp{})
    static_cast<void>(connection_.ask_history(heard_ - settings_.clock_tolerance));
  static_cast<void>(connection_.ask_account());
  next_in_flight_ = now + settings_.in_flight_check;
  next_open_orders_ = now + settings_.open_orders_check;
  next_positions_ = now + settings_.positions_check;
}

void Desk::on_disconnected(const core::Error& why) {
  heard_ = recorder_.now();
  end_searches(Followed::Search::kNone);
  manager_.gate().guard().on_call(recorder_.now(), true);
  core::log_warning("the connection to the broker is lost", {{"broker", settings_.broker}, {"why", why.message}});
}

void Desk::check_ready() {
  if (ready_ || !account_seen_ || unresolved_ > 0) return;
  ready_ = true;
  std::vector<InstrumentIndex> waiting;
  for (const auto& [i, due] : due_) waiting.push_back(i);
  for (const InstrumentIndex i : waiting) book_due(i);
  if (listener_ != nullptr) listener_->on_desk_ready();
}

// --- Placing. ---

ledger::OrderRow Desk::make_row(const Order& order, std::int64_t order_id, const Wanted& wanted) {
  ledger::OrderRow row{.order_id = order_id,
                       .client_order_id = prefix_ + fmt::to_string(order_id),
                       .broker_order_id = {},
                       .broker_account_id = settings_.broker_account_id,
                       .service_id = wanted.service_id,
                       .portfolio_id = wanted.portfolio_id,
                       .transaction_id = {},
                       .instrument_id = instrument_ids_[order.instrument],
                       .symbol = account().instruments()[order.instrument].symbol,
                       .side = std::string(to_string(order.side)),
                       .kind = std::string(to_string(order.kind)),
                       .time_in_force = std::string(to_string(order.time_in_force)),
                       .effect = order.effect == trading::Effect::kOpen ? "open" : "close",
                       .reason = std::string(to_string(order.reason)),
                       .state = std::string(to_string(order.state)),
                       .resting = std::string(to_string(OrderState::kAccepted)),
                       .quantity = order.quantity,
                       .filled_quantity = {},
                       .limit_price = {},
                       .stop_price = {},
                       .fill_price = {},
                       .filled_amount = {},
                       .fees = {},
                       .decision = wanted.decision,
                       .note = std::string(order.note),
                       .replaces = wanted.replaces};
  if (order.limit.is_positive()) row.limit_price = order.limit;
  if (order.stop.is_positive()) row.stop_price = order.stop;
  return row;
}

Desk::Placed Desk::place(const Wanted& wanted) {
  ARGOSY_CHECK(placing_ == nullptr, "an order is placed while another is");
  trading::RiskGate& gate = manager_.gate();
  gate.set_time(recorder_.now());
  placing_ = &wanted;
  const std::size_t before = account().orders().size();
  Order order = wanted.order;
  order.created_key = recorder_.now().time_since_epoch().count();
  manager_.submit(order);
  placing_ = nullptr;
  ARGOSY_CHECK(account().orders().size() == before + 1, "an order was placed and not recorded");
  const Order& made = account().orders().back();
  const trading::Decision& decision = gate.decisions().back();
  if (made.state != OrderState::kDenied) {
    // An entry of the breaker's trial is counted over restarts.
    const bool in_trial = gate.guard().breaker().state(recorder_.now()) == trading::BreakerState::kHalfOpen;
    if (in_trial && !ARGOSY_PLANTED(kForgetsTrials)) keep_guard();
    return {.order_id = followed(made.id).order_id, .approved = true, .outcome = decision.outcome, .note = {}};
  }
  const std::int64_t order_id = recorder_.book().last().order + 1;
  ledger::OrderRow row = make_row(made, order_id, wanted);
  std::string note(to_string(decision.outcome));
  if (!decision.note.empty()) note += fmt::format(": {}", decision.note);
  if (decision.required.is_positive())
    note += fmt::format(" (needs {}, {} there)", decision.required.to_string(), decision.available.to_string());
  row.note = note;
  recorder_.record(OrderMade{std::move(row)});
  followed_.push_back({.order_id = order_id});
  local_of_[order_id] = made.id;
  ++denials_[decision.outcome];
  return {.order_id = order_id, .approved = false, .outcome = decision.outcome, .note = std::move(note)};
}

// The gate has approved it: written first, sent later.
void Desk::submit(trading::Approved<Order>&& approved) {
  ARGOSY_CHECK(placing_ != nullptr, "an order that nobody placed");
  const Order& order = approved.value();
  const std::int64_t order_id = recorder_.book().last().order + 1;
  ledger::OrderRow row = make_row(order, order_id, *placing_);
  trading::OrderTicket ticket{.client_order_id = row.client_order_id,
                              .symbol = row.symbol,
                              .side = order.side,
                              .kind = order.kind,
                              .time_in_force = order.time_in_force,
                              .quantity = order.quantity,
                              .limit = order.limit,
                              .stop = order.stop,
                              .closes = order.effect == trading::Effect::kClose,
                              .shrink_to_cash = order.shrink_to_cash};
  recorder_.record(OrderMade{std::move(row)});
  followed_.push_back({.order_id = order_id});
  local_of_[order_id] = order.id;
  recorder_.intend({.broker_account_id = settings_.broker_account_id,
                    .order_id = order_id,
                    .funding_id = 0,
                    .ticket = std::move(ticket)});
}

void Desk::on_written(CommittedIntent&& intent) {
  if (intent.funding_id != 0) {
    unwritten_.erase(intent.funding_id);
    return ask_fundings();
  }
  const auto id = local(intent.order_id);
  ARGOSY_CHECK(id.has_value(), "order {} was written and is not known", intent.order_id);
  const Order& order = account().order(*id);
  if (order.state != OrderState::kPendingSubmit) return;  // withdrawn meanwhile
  // Looked at again: much may have happened while it was written.
  const trading::Halt halt = std::max(manager_.gate().halted().halt, manager_.gate().halted(order.instrument).halt);
  const bool adds = order.effect == trading::Effect::kOpen;
  if (!stopped_.empty()) return withdraw(*id, stopped_);
  const bool halted = halt == trading::Halt::kOrders || (halt == trading::Halt::kEntries && adds);
  if (halted && !ARGOSY_PLANTED(kSendsThroughSwitch)) return withdraw(*id, "the kill switch was thrown");
  const core::Duration waited = recorder_.now() - row_of(*id).created_at;
  if (waited > settings_.written_within && !ARGOSY_PLANTED(kSendsLate))
    return withdraw(*id,
                    fmt::format("it waited {:.0f} s for the ledger", std::chrono::duration<double>(waited).count()));
  if (ARGOSY_PLANTED(kForgetsUnsent) && !connection_.is_connected()) return;
  if (!connection_.is_connected()) return withdraw(*id, "there is no connection to the broker");
  if (auto sent = connection_.submit(std::move(intent.ticket)); !sent) {
    manager_.gate().guard().on_call(recorder_.now(), true);
    return withdraw(*id, sent.error().message);
  }
  Followed& each = followed(*id);
  each.sent = each.first_sent = recorder_.now();
  manager_.on_sent(*id);
  record_move(*id, OrderEvent::kSend);
}

void Desk::withdraw(OrderId id, const std::string& why) {
  manager_.withdraw(id, "withdrawn before it was sent");
  record_move(id, OrderEvent::kDeny, "not sent: " + why);
  tell(id, false);
}

// --- Cancelling. ---

bool Desk::cancel(std::int64_t order_id) {
  const auto id = local(order_id);
  if (!id) return false;
  const OrderState state = account().order(*id).state;
  if (state == OrderState::kPendingSubmit && !ARGOSY_PLANTED(kSendsThroughSwitch)) {
    withdraw(*id, "cancelled");
    return true;
  }
  if (!trading::next_state(state, OrderEvent::kRequestCancel)) return false;
  manager_.cancel(*id);
  if (ARGOSY_PLANTED(kTakesCancelForDone) && step(*id, OrderEvent::kCancel, {}, {})) tell(*id, false);
  return true;
}

bool Desk::may_cancel(std::int64_t order_id) const {
  const auto id = local(order_id);
  if (!id) return false;
  const OrderState state = account().order(*id).state;
  return state == OrderState::kPendingSubmit || trading::next_state(state, OrderEvent::kRequestCancel);
}

void Desk::each_working(const std::function<void(const ledger::OrderRow& order, Money promised)>& use) {
  for (const OrderId id : working()) use(row_of(id), account().promised(id));
}

void Desk::cancel(OrderId id) {
  followed(id).sent = recorder_.now();
  const ledger::OrderRow& row = row_of(id);
  record_move(id, OrderEvent::kRequestCancel);
  if (connection_.is_connected()) static_cast<void>(connection_.cancel(row.client_order_id, row.broker_order_id));
}

void Desk::cancel_all() {
  for (const OrderId id : working()) cancel(followed(id).order_id);
}

void Desk::replace(trading::Approved<trading::OrderChange>&& change) {
  // Orders of services are not changed but cancelled and made anew: not every broker can.
  const OrderId id = change.value().order;
  manager_.on_broker_event({.order = id, .event = OrderEvent::kRefuseReplace});
  cancel(followed(id).order_id);
}

// --- The market. ---

std::optional<InstrumentIndex> Desk::find(std::int64_t instrument_id) const {
  const auto found = index_of_.find(instrument_id);
  if (found == index_of_.end()) return std::nullopt;
  return found->second;
}

InstrumentIndex Desk::add_instrument(const TradedInstrument& traded) {
  if (const auto known = find(traded.instrument_id)) return *known;
  const auto i = static_cast<InstrumentIndex>(instrument_ids_.size());
  instrument_ids_.push_back(traded.instrument_id);
  index_of_[traded.instrument_id] = i;
  index_of_symbol_[traded.instrument.symbol] = i;
  manager_.account().add_instrument(traded.instrument);
  manager_.gate().attach(account());
  note_currency(traded.instrument.currency);
  on_rates(recorder_.now());
  return i;
}

// --- What currencies are worth. ---

void Desk::note_currency(const std::string& currency) {
  if (currency != settings_.currency) currencies_.try_emplace(currency);
}

// What was held was worth so much when it was last looked at.
void Desk::restore_rates() {
  for (const auto& [key, row] : recorder_.book().positions()) {
    const auto i = row.broker_account_id == settings_.broker_account_id ? find(row.instrument_id) : std::nullopt;
    if (!i || !row.price) continue;
    const std::string& currency = account().instruments()[*i].currency;
    if (currencies_.contains(currency))
      manager_.account().set_rate(currency, {.quote = row.rate, .inverse = row.rate_inverse});
  }
}

void Desk::on_rates(Timestamp now) {
  for (auto& [name, currency] : currencies_) {
    if (const auto any = rates_.find(name, settings_.currency, now, core::Duration::max()))
      manager_.account().set_rate(name, any->rate);
    const auto known = rates_.find(name, settings_.currency, now);
    currency.trouble = known ? std::string() : known.error().message;
    if (known && std::exchange(currency.missed, false))
      recorder_.notify(Severity::kInfo, fmt::format("{} is bought in again", name),
                       fmt::format("there is a rate from {}", known->source));
  }
}

bool Desk::has_rate(InstrumentIndex i) {
  const std::string& name = account().instruments()[i].currency;
  const auto found = currencies_.find(name);
  if (found == currencies_.end() || found->second.trouble.empty()) return true;
  if (!std::exchange(found->second.missed, true))
    recorder_.notify(Severity::kWarning, fmt::format("nothing is bought in {}", name), found->second.trouble);
  return false;
}

std::vector<std::string> Desk::missed_rates() const {
  std::vector<std::string> out;
  for (const auto& [name, currency] : currencies_) {
    if (currency.missed) out.push_back(fmt::format("{}: {}", name, currency.trouble));
  }
  return out;
}

void Desk::on_quote(InstrumentIndex i, const market::Quote& quote) {
  trading::RiskGate& gate = manager_.gate();
  gate.set_time(recorder_.now());
  manager_.account().set_mark(i, quote.last);
  gate.on_price(i, quote.last);
}

void Desk::on_day(Timestamp now) { manager_.account().begin_session(market::date_key(core::utc_date(now))); }

void Desk::resume(InstrumentIndex i) {
  if (!blocks_.contains(i)) manager_.gate().resume(i);
}

void Desk::remember_fundings(std::vector<std::pair<std::int64_t, Money>> fundings) {
  fundings_ = std::move(fundings);
  for (const auto& [id, amount] : fundings_) funded_ += amount;
}

void Desk::fund(std::int64_t funding_id, Money amount) {
  manager_.account().fund(amount);
  manager_.gate().guard().on_flow(amount);
  funded_ += amount;
  fundings_.emplace_back(funding_id, amount);
  unwritten_.insert(funding_id);
  recorder_.intend(
      {.broker_account_id = settings_.broker_account_id, .order_id = 0, .funding_id = funding_id, .ticket = {}});
}

void Desk::ask_fundings() {
  if (!connection_.is_connected()) return;
  const std::int64_t again = ARGOSY_PLANTED(kFundsAgain) ? recorder_.book().last().journal : 0;
  for (const auto& [id, amount] : std::vector(fundings_)) {
    if (unwritten_.contains(id)) continue;
    const auto asked = connection_.fund(id + again, settings_.currency, amount);
    // Nobody plays this account: whoever moved the money did it at the broker.
    if (!asked && asked.error().code == core::ErrorCode::kUnsupported) on_funded(id);
  }
}

void Desk::on_funded(std::int64_t funding_id) {
  std::erase_if(fundings_, [&](const auto& each) { return each.first == funding_id; });
}

// For now, or for good: nobody says. It is booked here, so the broker is asked until it has done it.
void Desk::on_funding_refused(std::int64_t funding_id, const std::string& reason) {
  const auto found = std::ranges::find(fundings_, funding_id, &std::pair<std::int64_t, Money>::first);
  if (found == fundings_.end() || !tells_first(fmt::format("funding {}", funding_id))) return;
  recorder_.notify(Severity::kWarning,
                   fmt::format("{} refuses a movement of {}", settings_.broker, found->second.to_string()),
                   fmt::format("funding {}: {}; it is asked again at each look at the account, and its cash is not "
                               "compared until then",
                               funding_id, reason));
}

void Desk::forget(std::span<const std::int64_t> orders) {
  for (const std::int64_t order_id : orders) local_of_.erase(order_id);
  std::erase_if(by_broker_id_, [&](const auto& each) { return !local_of_.contains(each.second); });
  // The account can forget only up to the first that is still known.
  std::size_t count = 0;
  while (count < followed_.size() && !local_of_.contains(followed_[count].order_id) &&
         trading::is_final(account().orders()[count].state))
    ++count;
  followed_.erase(followed_.begin(), followed_.begin() + static_cast<std::ptrdiff_t>(count));
  manager_.account().forget(count);
  manager_.gate().forget(account().orders().size());
}

// --- Looking up. ---

std::optional<OrderId> Desk::local(std::int64_t order_id) const {
  const auto found = local_of_.find(order_id);
  if (found == local_of_.end()) return std::nullopt;
  return found->second;
}

const ledger::OrderRow& Desk::row_of(OrderId id) {
  const ledger::OrderRow* row = recorder_.book().order(followed(id).order_id);
  ARGOSY_CHECK(row != nullptr, "order {} has no row", followed(id).order_id);
  return *row;
}

std::vector<OrderId> Desk::working() const {
  return {account().working_orders().begin(), account().working_orders().end()};
}

std::optional<OrderId> Desk::find_by_client_id(std::string_view id) const {
  if (!id.starts_with(prefix_)) return std::nullopt;
  const auto number = core::parse_integer(id.substr(prefix_.size()));
  return number ? local(*number) : std::nullopt;
}

std::optional<OrderId> Desk::find_reported(const OrderReport& report) const {
  if (report.client_order_id.starts_with(prefix_)) return find_by_client_id(report.client_order_id);
  const auto known = by_broker_id_.find(report.broker_order_id);
  return known == by_broker_id_.end() ? std::nullopt : local(known->second);
}

bool Desk::may_place(InstrumentIndex i) const {
  return capabilities().client_ids || std::ranges::none_of(account().working_orders(), [&](OrderId id) {
           const Order& order = account().order(id);
           return order.instrument == i && !is_answered(order.state);
         });
}

std::size_t Desk::unknown_orders() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      account().working_orders(), [&](OrderId id) { return account().order(id).state == OrderState::kUnknown; }));
}

std::size_t Desk::unanswered_orders() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      account().working_orders(), [&](OrderId id) { return !is_answered(account().order(id).state); }));
}

// --- What is written of orders. ---

void Desk::record_move(OrderId id, OrderEvent what, std::string note, std::string broker_order_id) {
  recorder_.record(OrderMoved{.order_id = followed(id).order_id,
                              .event = std::string(to_string(what)),
                              .broker_order_id = std::move(broker_order_id),
                              .note = std::move(note)});
}

void Desk::lose(OrderId id) {
  followed(id).lost = recorder_.now();
  record_move(id, OrderEvent::kLose);
  manager_.lose(id);
}

void Desk::resolve(OrderId id) {
  if (!std::exchange(followed(id).resolved, true)) --unresolved_;
}

void Desk::tell(OrderId id, bool filled) {
  if (listener_ != nullptr) listener_->on_order_changed(row_of(id), filled);
}

}  // namespace argosy::live

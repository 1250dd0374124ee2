// What the broker says, and what it does not say.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/log.hpp"
#include "core/planted.hpp"
#include "live/desk.hpp"
#include "live/order_text.hpp"
#include "market/calendar.hpp"

namespace argosy::live {

using core::Timestamp;
using trading::InstrumentIndex;
using trading::Order;
using trading::OrderEvent;
using trading::OrderId;
using trading::OrderReport;
using trading::OrderState;
using trading::ReportedState;

namespace {

// An order that is unknown from the start of the program is most often answered at once.
constexpr auto kTellUnknown = std::chrono::seconds(30);

bool has_ended(ReportedState state) {
  return state == ReportedState::kCancelled || state == ReportedState::kRejected || state == ReportedState::kExpired;
}

OrderEvent end_event(ReportedState state) {
  return state == ReportedState::kCancelled  ? OrderEvent::kCancel
         : state == ReportedState::kRejected ? OrderEvent::kReject
                                             : OrderEvent::kExpire;
}

bool is_working(OrderState state) {
  return state == OrderState::kAccepted || state == OrderState::kTriggered || state == OrderState::kPartiallyFilled;
}

}  // namespace

// --- One order. ---

bool Desk::step(OrderId id, OrderEvent what, const std::string& broker_order_id, const std::string& note) {
  const ledger::OrderRow& row = row_of(id);
  // Account and book hold the same state, each by its own fold of the same words.
  if (!trading::next_state(account().order(id).state, what, parse_order_state(row.resting))) {
    ++anomalies_;
    core::log_warning("the broker says what cannot be",
                      {{"order", row.order_id}, {"state", row.state}, {"event", to_string(what)}});
    return false;
  }
  record_move(id, what, note, row.broker_order_id.empty() ? broker_order_id : std::string());
  if (!broker_order_id.empty()) by_broker_id_[broker_order_id] = followed(id).order_id;
  manager_.on_broker_event({.order = id, .event = what});
  return true;
}

// The broker's own where it says it, otherwise ours.
market::ExchangeRate Desk::rate_of(InstrumentIndex i, const trading::ReportedFill& fill) {
  if (fill.rate && fill.rate->is_positive()) return {.quote = *fill.rate, .inverse = fill.rate_inverse};
  if (account().has_rate(i)) return account().rate(i);
  const std::string& currency = account().instruments()[i].currency;
  block(i, fmt::format("a fill in {} was booked as if it were {}: no rate is known", currency, settings_.currency));
  return {};
}

// What was booked stands. Where the broker means the other numbers, its cash or its shares will differ.
void Desk::contradict(OrderId id, const trading::ReportedFill& fill, const Book::BookedFill& known) {
  ++anomalies_;
  if (!tells_first("fill " + fill.broker_fill_id)) return;
  recorder_.notify(
      Severity::kError,
      fmt::format("{} tells a fill of order {} twice, not the same", settings_.broker, followed(id).order_id),
      fmt::format("fill {} was booked with {} at {}, and is now {} at {}: look there", fill.broker_fill_id,
                  known.quantity.to_string(), known.price.to_string(), fill.quantity.to_string(),
                  fill.price.to_string()));
}

bool Desk::book_fill(OrderId id, const trading::ReportedFill& told) {
  const auto* known = recorder_.book().fill(settings_.broker_account_id, told.broker_fill_id);
  if (known != nullptr && !ARGOSY_PLANTED(kBooksFillsAgain)) {
    // Booked before a split or after it.
    const auto is_it = [&](const trading::ReportedFill& each) {
      return known->price == each.price && known->quantity == each.quantity;
    };
    if (!is_it(told) && !is_it(restated(account().order(id).instrument, told))) contradict(id, told, *known);
    return false;
  }
  const Order& order = account().order(id);
  if (ARGOSY_PLANTED(kDropsLateFills) && trading::is_final(order.state)) return false;
  trading::ReportedFill fill = restated(order.instrument, told);
  if (ARGOSY_PLANTED(kForgetsFeesOfSales) && order.side == trading::Side::kSell) fill.fee = Money();
  if (ARGOSY_PLANTED(kRoundsFees)) fill.fee = Money::from_units(fill.fee.units() / 10'000 * 10'000);
  if (ARGOSY_PLANTED(kBooksAtLastPrice)) fill.price = account().mark(order.instrument);
  if (fill.quantity != told.quantity) tell_restated(order.instrument, told, fill);
  const bool is_last = order.filled + fill.quantity >= order.quantity || ARGOSY_PLANTED(kTakesPartForWhole);
  const OrderEvent what = is_last ? OrderEvent::kFill : OrderEvent::kPartialFill;
  if (!fill.quantity.is_positive() || !trading::next_state(order.state, what, OrderState::kAccepted)) {
    ++anomalies_;
    const std::string symbol = account().instruments()[order.instrument].symbol;
    block(order.instrument,
          fmt::format("the broker reports a fill of {} {} for order {}, which is {}", fill.quantity.to_string(), symbol,
                      followed(id).order_id, to_string(order.state)));
    return false;
  }
  const bool broken = order.state == OrderState::kRejected && !was_given_up(row_of(id));
  if (broken && tells_first("rejected " + row_of(id).client_order_id)) {
    recorder_.notify(Severity::kError,
                     fmt::format("{} fills order {}, which it had rejected", settings_.broker, followed(id).order_id),
                     "the fill is booked: look there whether it is so");
  }
  const market::ExchangeRate rate = rate_of(order.instrument, fill);
  recorder_.record(FillBooked{.order_id = followed(id).order_id,
                              .broker_fill_id = fill.broker_fill_id,
                              .price = fill.price,
                              .quantity = fill.quantity,
                              .fee = fill.fee,
                              .currency = account().instruments()[order.instrument].currency,
                              .rate = rate.quote,
                              .rate_inverse = rate.inverse,
                              .is_last = is_last,
                              .filled_at = fill.time});
  manager_.on_broker_event({.order = id,
                            .event = what,
                            .price = fill.price,
                            .quantity = fill.quantity,
                            .fee = fill.fee,
                            .key = fill.time.time_since_epoch().count(),
                            .rate = rate});
  last_fill_ = recorder_.now();
  ++fills_since_equal_;
  count_trade(row_of(id));
  // What it opened may be what an action was told for.
  if (const auto passed = passed_.find(order.instrument); passed != passed_.end()) {
    auto& due = due_[order.instrument];
    due.insert(due.end(), passed->second.begin(), passed->second.end());
    passed_.erase(passed);
    book_due(order.instrument);
  }
  return true;
}

// A fill that closed a transaction: what it won or lost counts for the circuit breaker, and is written with it. A
// process that dies just then would not know of it any more.
void Desk::count_trade(const ledger::OrderRow& order) {
  if (!order.transaction_id) return;
  const ledger::TransactionRow* trade = recorder_.book().transaction(*order.transaction_id);
  if (trade == nullptr || trade->state != ledger::TransactionState::kClosed) return;
  manager_.gate().guard().on_trade(recorder_.now(), trade->net_gain_loss);
  if (!ARGOSY_PLANTED(kForgetsLosses)) keep_guard();
}

void Desk::take_report(OrderId id, const OrderReport& report) {
  resolve(id);
  Followed& each = followed(id);
  each.not_found = 0;
  bool filled = false;
  bool changed = false;
  const OrderState before = account().order(id).state;
  if (trading::is_final(before)) take_late(id, report);
  const bool waits = before == OrderState::kSubmitted || before == OrderState::kUnknown;
  // The broker has it: whatever else it says comes after that.
  if (waits && report.state != ReportedState::kRejected && before == OrderState::kSubmitted)
    changed = step(id, OrderEvent::kAccept, report.broker_order_id, {});
  for (const trading::ReportedFill& fill : report.fills) {
    if (ARGOSY_PLANTED(kTakesLastFillOnly) && &fill != &report.fills.back()) continue;
    filled = book_fill(id, fill) || filled;
  }
  const Order& order = account().order(id);
  if (report.filled > order.filled && !ARGOSY_PLANTED(kIgnoresGaps)) {
    // Fills are missing. What became of the order is told again, with all of them.
    if (report.is_snapshot) {
      static_cast<void>(connection_.ask_history(each.first_sent - settings_.clock_tolerance));
    } else {
      ask(id);
    }
  } else if (has_ended(report.state) && !trading::is_final(order.state)) {
    changed = step(id, end_event(report.state), report.broker_order_id, report.note) || changed;
  } else if (order.state == OrderState::kUnknown &&
             (report.state == ReportedState::kWorking || report.state == ReportedState::kPending)) {
    changed = step(id, OrderEvent::kAccept, report.broker_order_id, {}) || changed;
  }
  if (changed || filled || !waits) tell(id, filled);
  // Whatever was not answered when the connection broke may be asked of the broker again now.
  check_ready();
}

void Desk::on_order(const OrderReport& report) {
  manager_.gate().set_time(recorder_.now());
  if (const auto id = find_reported(report)) {
    take_report(*id, report);
    return;
  }
  if (!capabilities().client_ids && report.client_order_id.empty()) {
    match_unknown(std::span(&report, 1), false);
    match_given_up(std::span(&report, 1));
    return;
  }
  take_foreign(report);
}

// An order that is not ours: made by hand or by another program. It is left alone, and told of once.
void Desk::take_foreign(const OrderReport& report) {
  const std::string key = report.broker_order_id.empty() ? report.client_order_id : report.broker_order_id;
  if (!foreign_.insert(key).second) return;
  if (report.client_order_id.starts_with(prefix_)) {
    // Ours, and ended so long ago that it is not in memory.
    core::log_warning("the broker tells of an order that ended long ago",
                      {{"order", report.client_order_id}, {"broker", settings_.broker}});
    return;
  }
  recorder_.notify(Severity::kWarning, fmt::format("an order at {} is not ours", settings_.broker),
                   fmt::format("order {} for {} {} {}: it is left alone; its fills will show as a difference", key,
                               to_string(report.side), report.quantity.to_string(), report.symbol));
}

void Desk::on_no_order(const std::string& client_order_id) {
  const auto id = find_by_client_id(client_order_id);
  if (!id) return;
  if (trading::is_final(account().order(*id).state)) {
    strays_.erase(followed(*id).order_id);
    return;
  }
  ++followed(*id).not_found;
  settle_missing(*id);
}

// The broker has no such order, said often enough and long enough after it was sent: it never arrived.
void Desk::settle_missing(OrderId id) {
  const Followed& each = followed(id);
  const ledger::OrderRow& row = row_of(id);
  const bool was_there = !row.broker_order_id.empty() || row.filled_quantity.is_positive();
  if (account().order(id).state != OrderState::kUnknown && !was_there) return;
  if (each.not_found < settings_.not_found_needed) return ask(id);
  if (recorder_.now() - each.sent < settings_.answer_time) return;
  if (was_there) return settle_forgotten(id);
  // Many brokers tell of the orders of a day alone: of an older one that they do not know it says nothing.
  if (is_session_over(id) && !is_searched(id)) return ask(id);
  resolve(id);
  if (step(id, OrderEvent::kReject, {}, given_up_note())) {
    note_given_up(row_of(id));
    tell(id, false);
  }
  check_ready();
}

// The broker had it, and does not know it any more. An order of a session that is over has ended with it, and what was
// filled of it stands in the history; any other one may still work.
void Desk::settle_forgotten(OrderId id) {
  if (!is_session_over(id)) {
    if (!tells_first("forgotten " + row_of(id).client_order_id)) return;
    return recorder_.notify(
        Severity::kError,
        fmt::format("{} does not know order {} any more, which worked", settings_.broker, followed(id).order_id),
        "it counts as working, and is asked for until the broker says what became of it: look there");
  }
  if (!is_searched(id)) return ask(id);
  resolve(id);
  if (step(id, OrderEvent::kExpire, {}, "its session is over, and the broker does not know it any more"))
    tell(id, false);
  check_ready();
}

bool Desk::is_session_over(OrderId id) {
  const Order& order = account().order(id);
  const auto calendar = market::find_calendar(account().instruments()[order.instrument].exchange);
  if (order.time_in_force != trading::TimeInForce::kDay || !calendar) return false;
  return (*calendar)->session_from(row_of(id).created_at).close + settings_.clock_tolerance < recorder_.now();
}

void Desk::end_searches(Followed::Search how) {
  for (const OrderId id : working()) {
    if (followed(id).search == Followed::Search::kAsked) followed(id).search = how;
  }
}

bool Desk::is_searched(OrderId id) {
  Followed& each = followed(id);
  if (!capabilities().order_history) return true;
  if (each.search == Followed::Search::kNone && connection_.ask_history(each.first_sent - settings_.clock_tolerance)) {
    each.search = Followed::Search::kAsked;
  }
  return each.search == Followed::Search::kDone;
}

void Desk::on_cancel_refused(const std::string& client_order_id, const std::string& reason) {
  const auto id = find_reported({.client_order_id = client_order_id, .broker_order_id = {}, .symbol = {}, .note = {}});
  if (!id) return;
  core::log_info("a cancel was refused", {{"order", followed(*id).order_id}, {"why", reason}});
  if (account().order(*id).state == OrderState::kPendingCancel) {
    // Of one that the broker has never spoken of it is not said that it works: it may not have arrived.
    const ledger::OrderRow& row = row_of(*id);
    if (row.broker_order_id.empty() && !row.filled_quantity.is_positive()) {
      lose(*id);
    } else {
      step(*id, OrderEvent::kRefuseCancel, {}, reason);
    }
  }
  ask(*id);
}

void Desk::ask(OrderId id) {
  if (!connection_.is_connected()) return;
  const ledger::OrderRow& row = row_of(id);
  if (!capabilities().client_ids && row.broker_order_id.empty()) {
    static_cast<void>(connection_.ask_open_orders());
    static_cast<void>(connection_.ask_history(followed(id).first_sent - settings_.clock_tolerance));
    return;
  }
  static_cast<void>(connection_.ask_order(row.client_order_id, row.broker_order_id));
}

// --- All orders. ---

// A clock that was set back: no check waits until it shows again what it showed.
void Desk::follow_clock(Timestamp now) {
  if (now >= std::exchange(looked_, now)) return;
  for (Timestamp* time :
       {&next_rates_, &next_in_flight_, &next_open_orders_, &next_positions_, &last_fill_, &cash_looked_, &heard_})
    *time = std::min(*time, now);
  for (auto& [i, difference] : differences_) difference.since = std::min(difference.since, now);
  for (const OrderId id : working()) {
    Followed& each = followed(id);
    each.sent = std::min(each.sent, now);
    each.first_sent = std::min(each.first_sent, now);
  }
}

void Desk::on_time(Timestamp now) {
  follow_clock(now);
  manager_.gate().set_time(now);
  trading::CircuitBreaker& breaker = manager_.gate().guard().breaker();
  if (breaker.trips() != kept_trips_ || breaker.state(now) != kept_state_) keep_guard();
  if (now >= next_rates_) {
    next_rates_ = now + std::chrono::minutes(1);  // those that there are become older
    on_rates(now);
  }
  if (!connection_.is_connected()) return;
  heard_ = now;
  if (!due_.empty()) {
    std::vector<InstrumentIndex> waiting;
    for (const auto& [i, due] : due_) waiting.push_back(i);
    for (const InstrumentIndex i : waiting) book_due(i);
  }
  if (now >= next_in_flight_) {
    next_in_flight_ = now + settings_.in_flight_check;
    check_in_flight(now);
  }
  if (now >= next_open_orders_) {
    next_open_orders_ = now + settings_.open_orders_check;
    if (!account().working_orders().empty() || !strays_.empty() || !ready_)
      static_cast<void>(connection_.ask_open_orders());
  }
  if (now >= next_positions_) {
    next_positions_ = now + settings_.positions_check;
    ask_fundings();
    forget_given_up();
    if (!given_up_.empty()) static_cast<void>(connection_.ask_open_orders());
    static_cast<void>(connection_.ask_account());
  }
}

// Once of each order.
void Desk::tell_unknown(OrderId id) {
  if (std::exchange(followed(id).told_lost, true) || ARGOSY_PLANTED(kHidesUnknownOrders)) return;
  recorder_.notify(Severity::kWarning, fmt::format("order {} is not answered", followed(id).order_id),
                   "it is asked for until the broker says what became of it");
}

void Desk::check_in_flight(Timestamp now) {
  for (const OrderId id : working()) {
    const Followed& each = followed(id);
    const OrderState state = account().order(id).state;
    if (state == OrderState::kUnknown) {
      if (now - each.lost >= kTellUnknown) tell_unknown(id);
      ask(id);
      continue;
    }
    if (now - each.sent < settings_.answer_time) continue;
    if (state == OrderState::kSubmitted) {
      if (ARGOSY_PLANTED(kTakesSilenceForRejection)) {
        if (step(id, OrderEvent::kReject, {}, "no answer")) tell(id, false);
        continue;
      }
      lose(id);
      tell_unknown(id);
      ask(id);
    } else if (state == OrderState::kPendingCancel) {
      followed(id).sent = now;
      const ledger::OrderRow& row = row_of(id);
      static_cast<void>(connection_.cancel(row.client_order_id, row.broker_order_id));
      ask(id);
    }
  }
}

void Desk::on_open_orders(std::span<const OrderReport> reports) {
  manager_.gate().set_time(recorder_.now());
  std::vector<OrderId> seen;
  for (const OrderReport& report : reports) {
    if (const auto id = find_reported(report)) {
      seen.push_back(*id);
      take_report(*id, report);
    } else if (capabilities().client_ids || !report.client_order_id.empty()) {
      take_foreign(report);
    }
  }
  if (!capabilities().client_ids) {
    match_unknown(reports, false);
    match_given_up(reports);
  }
  std::ranges::sort(seen);
  follow_strays(seen);
  // What should work and is not among them has become something else.
  for (const OrderId id : working()) {
    if (std::ranges::binary_search(seen, id)) continue;
    const OrderState state = account().order(id).state;
    // One that cannot be asked for by an id was looked for just now, and is again at the next check.
    if (!capabilities().client_ids && row_of(id).broker_order_id.empty()) continue;
    if (ARGOSY_PLANTED(kBelievesEmptyList) && is_working(state)) {
      if (step(id, OrderEvent::kCancel, {}, "not among the open orders")) tell(id, false);
      continue;
    }
    if (is_working(state) || !followed(id).resolved) ask(id);
  }
  check_ready();
}

void Desk::on_history(std::span<const OrderReport> reports) {
  for (const OrderReport& report : reports) {
    if (const auto id = find_reported(report)) take_report(*id, report);
  }
  if (!capabilities().client_ids) {
    match_unknown(reports, true);
    match_given_up(reports);
  }
  end_searches(Followed::Search::kDone);
  check_ready();
}

// With a broker that knows no client ids: an order of which nothing came back is among these, or never arrived. One
// candidate that fits one order is it; anything else stays unknown.
void Desk::match_unknown(std::span<const OrderReport> reports, bool is_history) {
  for (const OrderId id : working()) {
    const Order& order = account().order(id);
    const bool waits = order.state == OrderState::kUnknown || order.state == OrderState::kSubmitted;
    if (!waits || !row_of(id).broker_order_id.empty()) continue;
    std::vector<const OrderReport*> fitting;
    for (const OrderReport& report : reports) {
      if (!is_unclaimed(report) || !fits(id, report)) continue;
      // It could be one that was given up, and this one's answer is on its way: its id will say.
      if (order.state == OrderState::kSubmitted && !given_up_like(report).empty()) continue;
      fitting.push_back(&report);
    }
    if (fitting.size() == 1) {
      by_broker_id_[fitting.front()->broker_order_id] = followed(id).order_id;
      if (order.state == OrderState::kUnknown) {
        step(id, OrderEvent::kAccept, fitting.front()->broker_order_id, {});
      }
      take_report(id, *fitting.front());
    } else if (fitting.size() > 1) {
      block(order.instrument, fmt::format("order {} has no answer, and {} orders at {} could be it: look there, and "
                                          "cancel what should not be",
                                          followed(id).order_id, fitting.size(), settings_.broker));
    } else if (is_history && order.state == OrderState::kUnknown) {
      ++followed(id).not_found;
      // Neither among open orders nor in the history. Only where the position has not moved either it never arrived.
      if (!unequal_.contains(order.instrument) && account_seen_) settle_missing(id);
    }
  }
}

}  // namespace argosy::live

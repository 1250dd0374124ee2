// Splits, dividends and delistings of what the account holds.
//
// An action concerns what was held at the end of the day before its ex-date. So it is booked before the first price of
// that day, and after every order of before has been resolved: fills are in the shares of their own day. What is known
// late is booked where nothing was traded since; otherwise nobody can say what was held, and a person is told.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "core/planted.hpp"
#include "live/desk.hpp"
#include "market/calendar.hpp"

namespace argosy::live {

using core::Rounding;
using core::Timestamp;
using market::ActionKind;
using market::CorporateAction;
using trading::InstrumentIndex;
using trading::OrderId;
using trading::OrderState;

namespace {

// So long after the ex-date a fill of before it may still be told.
constexpr int kLateDays = 7;

std::string describe(const CorporateAction& action) {
  switch (action.kind) {
    case ActionKind::kSplit:
      return fmt::format("{}:{} split", action.numerator, action.denominator);
    case ActionKind::kDividend:
      return fmt::format("dividend of {}", action.amount.to_string());
    case ActionKind::kDelisting:
      return "delisting";
  }
  return {};
}

bool comes_before(const CorporateAction& a, const CorporateAction& b) {
  return std::pair(a.ex_date, a.kind) < std::pair(b.ex_date, b.kind);
}

}  // namespace

core::Date Desk::day_of(InstrumentIndex i, Timestamp time) const {
  const auto calendar = market::find_calendar(account().instruments()[i].exchange);
  return calendar ? (*calendar)->local_date(time) : core::utc_date(time);
}

void Desk::take_action(InstrumentIndex i, const CorporateAction& action, Price last_close) {
  std::vector<Due>& due = due_[i];
  const auto after = std::ranges::find_if(due, [&](const Due& each) { return comes_before(action, each.action); });
  due.insert(after, {.action = action, .last_close = last_close});
  book_due(i);
}

// Whether everything is known of the orders that the action may restate.
bool Desk::may_book(InstrumentIndex i, const CorporateAction& action) const {
  if (!ready_ || !account().has_rate(i)) return false;
  if (action.kind == ActionKind::kDividend) return true;
  return std::ranges::none_of(account().working_orders(), [&](OrderId id) {
    const trading::Order& order = account().order(id);
    return order.instrument == i && (order.state == OrderState::kSubmitted || order.state == OrderState::kUnknown);
  });
}

void Desk::book_due(InstrumentIndex i) {
  const auto found = due_.find(i);
  if (found == due_.end() || !ready_) return;
  std::vector<Due> due = std::exchange(found->second, {});
  std::size_t done = 0;
  for (; done < due.size(); ++done) {
    const CorporateAction& action = due[done].action;
    std::string why;
    const Concern concern = concern_of(i, action, why);
    if (concern == Concern::kDone) continue;
    if (concern == Concern::kNone) {
      pass(i, due[done]);
      if (action.kind == ActionKind::kDelisting && listener_ != nullptr) listener_->on_action(*this, i, action);
      continue;
    }
    if (!may_book(i, action)) break;
    if (concern == Concern::kDoubt) {
      record_action(i, due[done], why);
      recorder_.notify(Severity::kError,
                       fmt::format("the {} of {} is not booked", describe(action), account().instruments()[i].symbol),
                       fmt::format("{}: compare shares and cash with {}", why, settings_.broker));
      continue;
    }
    book_action(i, due[done]);
  }
  due.erase(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(done));
  std::vector<Due>& waiting = due_[i];
  waiting.insert(waiting.begin(), due.begin(), due.end());
  if (waiting.empty()) due_.erase(i);
}

// A fill that is told late may still make it one that concerns us.
void Desk::pass(InstrumentIndex i, const Due& due) {
  if (due.action.ex_date.plus_days(kLateDays) < day_of(i, recorder_.now())) return;
  std::vector<Due>& passed = passed_[i];
  if (std::ranges::none_of(passed, [&](const Due& each) { return each.action == due.action; })) passed.push_back(due);
}

Desk::Concern Desk::concern_of(InstrumentIndex i, const CorporateAction& action, std::string& why) {
  const std::int64_t instrument = instrument_ids_[i];
  bool split_later = false;
  for (const ledger::BookedActionRow* row : recorder_.book().actions(settings_.broker_account_id, instrument)) {
    const bool is_it = row->ex_date == action.ex_date && row->kind == to_string(action.kind);
    if (is_it && !ARGOSY_PLANTED(kBooksActionsAgain)) return Concern::kDone;
    split_later = split_later || (row->kind == "split" && row->skipped.empty() && row->ex_date > action.ex_date);
  }
  const ledger::PositionRow* held = recorder_.book().position(settings_.broker_account_id, instrument);
  const bool holds = held != nullptr && (!held->quantity.is_zero() || !held->unassigned.is_zero());
  bool works = false;
  bool works_since = false;
  for (const OrderId id : account().working_orders()) {
    if (account().order(id).instrument != i) continue;
    works = true;
    works_since = works_since || day_of(i, row_of(id).created_at) >= action.ex_date;
  }
  if (action.kind == ActionKind::kDelisting) return holds ? Concern::kBooks : Concern::kNone;
  const bool opened_since = holds && held->held_since && day_of(i, *held->held_since) >= action.ex_date;
  if ((!holds || opened_since) && (!works || works_since || action.kind == ActionKind::kDividend))
    return Concern::kNone;
  if (opened_since || works_since || (holds && held->traded_at && day_of(i, *held->traded_at) >= action.ex_date)) {
    why = fmt::format("its ex-date was {}, and it was traded since", action.ex_date.to_string());
    return Concern::kDoubt;
  }
  if (split_later) {
    why = fmt::format("its ex-date was {}, before that of a split that is booked", action.ex_date.to_string());
    return Concern::kDoubt;
  }
  return Concern::kBooks;
}

void Desk::record_action(InstrumentIndex i, const Due& due, const std::string& skipped) {
  const market::Instrument& instrument = account().instruments()[i];
  const auto& rate = account().rate(i);
  recorder_.record(ActionBooked{.broker_account_id = settings_.broker_account_id,
                                .instrument_id = instrument_ids_[i],
                                .symbol = instrument.symbol,
                                .kind = std::string(to_string(due.action.kind)),
                                .ex_date = due.action.ex_date,
                                .numerator = due.action.numerator,
                                .denominator = due.action.denominator,
                                .amount = due.action.amount,
                                .price = due.last_close,
                                .lot = instrument.fractional ? Quantity() : instrument.lot,
                                .currency = instrument.currency,
                                .rate = rate.quote,
                                .rate_inverse = rate.inverse,
                                .skipped = skipped});
}

// In the book and in the account alike, which each do the same sum; and the broker in its own.
void Desk::book_action(InstrumentIndex i, const Due& due) {
  const CorporateAction& action = due.action;
  const Timestamp now = recorder_.now();
  manager_.gate().set_time(now);
  // What was not sent yet asks for shares of before.
  for (const OrderId id : working()) {
    if (account().order(id).instrument == i && account().order(id).state == OrderState::kPendingSubmit &&
        action.kind != ActionKind::kDividend)
      withdraw(id, "a " + describe(action) + " came before it");
  }
  const Quantity before = account().position(i).quantity();
  const Money cash_before = recorder_.book().cash_of(settings_.broker_account_id);
  record_action(i, due, {});
  trading::Account& account = manager_.account();
  switch (action.kind) {
    case ActionKind::kSplit:
      account.set_mark(i, due.last_close);
      manager_.split(i, action.numerator, action.denominator);
      manager_.gate().on_split(i, action.numerator, action.denominator);
      break;
    case ActionKind::kDividend:
      account.dividend(i, action.amount);
      break;
    case ActionKind::kDelisting:
      account.cash_out(i, now.time_since_epoch().count(), action.amount);
      break;
  }
  // The broker may be a moment before or behind us.
  last_fill_ = now;
  ++fills_since_equal_;
  look_again();
  const std::string symbol = account.instruments()[i].symbol;
  const bool late = action.ex_date < day_of(i, now);
  const std::string paid = (recorder_.book().cash_of(settings_.broker_account_id) - cash_before).to_string();
  recorder_.notify(late || action.kind == ActionKind::kDelisting ? Severity::kWarning : Severity::kInfo,
                   fmt::format("{} of {}", describe(action), symbol),
                   fmt::format("{} shares became {}, and {} {} were paid{}", before.to_string(),
                               account.position(i).quantity().to_string(), paid, settings_.currency,
                               late ? fmt::format("; its day was {}", action.ex_date.to_string()) : std::string()));
  core::log_info("a corporate action is booked",
                 {{"account", settings_.broker_account_id}, {"symbol", symbol}, {"action", describe(action)}});
  if (listener_ != nullptr) listener_->on_action(*this, i, action);
}

trading::ReportedFill Desk::restated(InstrumentIndex i, const trading::ReportedFill& fill) const {
  trading::ReportedFill out = fill;
  const auto actions = recorder_.book().actions(settings_.broker_account_id, instrument_ids_[i]);
  if (actions.empty()) return out;
  const core::Date day = day_of(i, fill.time);
  for (const ledger::BookedActionRow* row : actions) {
    if (row->kind != "split" || !row->skipped.empty() || row->ex_date <= day) continue;
    out.quantity = core::scale(out.quantity, row->numerator, row->denominator, Rounding::kTowardZero);
    out.price = core::scale(out.price, row->denominator, row->numerator, Rounding::kHalfEven);
  }
  return out;
}

void Desk::tell_restated(InstrumentIndex i, const trading::ReportedFill& told, const trading::ReportedFill& booked) {
  const market::Instrument& instrument = account().instruments()[i];
  recorder_.notify(Severity::kWarning, fmt::format("a fill of {} from before its split", instrument.symbol),
                   fmt::format("{} shares at {} are booked as {} at {}", told.quantity.to_string(),
                               told.price.to_string(), booked.quantity.to_string(), booked.price.to_string()));
  if (market::round_to_lot(instrument, booked.quantity) != booked.quantity)
    block(i, fmt::format("a fill of before its split makes {} shares of {}: compare with {}",
                         booked.quantity.to_string(), instrument.symbol, settings_.broker));
}

// What differs by the ratio of a split that nobody told us of.
std::string Desk::split_hint(InstrumentIndex i, Quantity held) const {
  constexpr std::array<std::pair<std::int64_t, std::int64_t>, 16> kRatios{{{2, 1},
                                                                           {3, 1},
                                                                           {4, 1},
                                                                           {5, 1},
                                                                           {6, 1},
                                                                           {7, 1},
                                                                           {8, 1},
                                                                           {10, 1},
                                                                           {15, 1},
                                                                           {20, 1},
                                                                           {25, 1},
                                                                           {50, 1},
                                                                           {3, 2},
                                                                           {4, 3},
                                                                           {5, 4},
                                                                           {5, 2}}};
  const Quantity ours = account().position(i).quantity();
  if (held.is_zero() || ours.is_zero() || held.is_negative() != ours.is_negative()) return {};
  const auto makes = [&](std::int64_t numerator, std::int64_t denominator) {
    return market::round_to_lot(account().instruments()[i],
                                core::scale(ours, numerator, denominator, Rounding::kTowardZero)) == held;
  };
  const auto say = [](std::int64_t numerator, std::int64_t denominator) {
    return fmt::format(": that looks like a {}:{} split: import it (argosy data actions import)", numerator,
                       denominator);
  };
  for (const auto& [many, few] : kRatios) {
    if (makes(many, few)) return say(many, few);
    if (makes(few, many)) return say(few, many);
  }
  return {};
}

}  // namespace argosy::live

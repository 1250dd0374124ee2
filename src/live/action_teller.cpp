#include "live/action_teller.hpp"

#include <utility>

namespace argosy::live {

using core::Rounding;
using core::Timestamp;
using market::ActionKind;
using market::CorporateAction;

void ActionTeller::set_actions(Actions actions) {
  if (actions == actions_) return;
  actions_ = std::move(actions);
  ++version_;
}

bool ActionTeller::lets_through(const TradedInstrument& traded, const market::Quote& quote) {
  Seen& seen = seen_[traded.instrument.symbol];
  if (seen.telling || tell_due(seen, traded, quote.time, quote.last)) return false;
  seen.last = quote.last;
  if (seen.calendar != nullptr && seen.quoted > seen.told) seen.quoted = seen.told;
  return true;
}

void ActionTeller::on_time(const TradedInstrument& traded, Timestamp now) {
  Seen& seen = seen_[traded.instrument.symbol];
  if (!seen.telling && seen.last.is_positive()) tell_due(seen, traded, now, {});
}

bool ActionTeller::tell_due(Seen& seen, const TradedInstrument& traded, Timestamp now, core::Price price) {
  if (now < seen.next && seen.version == version_) return false;
  if (seen.calendar == nullptr) {
    const auto calendar = market::find_calendar(traded.instrument.exchange);
    if (!calendar) return false;
    seen.calendar = *calendar;
  }
  const core::Date today = seen.calendar->local_date(now);
  const core::Date told = seen.version == version_ ? seen.told : core::Date::from_days(-1'000'000);
  seen.version = version_;
  seen.told = today;
  seen.next = seen.calendar->local_midnight(today.plus_days(1));
  const auto found = actions_.find(traded.instrument.symbol);
  if (found == actions_.end()) return false;
  for (const CorporateAction& action : found->second) {
    const core::Date due = action.kind == ActionKind::kDelisting ? action.ex_date.plus_days(1) : action.ex_date;
    if (due <= told || due > today) continue;
    const core::Price last = seen.last.is_positive()
                                 ? seen.last
                                 : core::scale(price, action.numerator, action.denominator, Rounding::kHalfEven);
    tell_({.traded = traded, .action = action, .last_close = last, .is_new = seen.quoted < action.ex_date});
    seen.telling = true;
  }
  if (!seen.telling) return false;
  executor_.post([self = self_, symbol = traded.instrument.symbol] {
    if (*self != nullptr) (*self)->seen_.at(symbol).telling = false;
  });
  return true;
}

}  // namespace argosy::live

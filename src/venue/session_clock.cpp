#include "venue/session_clock.hpp"

#include "market/bar.hpp"

namespace argosy::venue {

using core::Timestamp;

SessionClock::SessionClock(market::Timeframe timeframe, std::span<const market::Instrument> instruments)
    : timeframe_(timeframe) {
  for (const market::Instrument& instrument : instruments) add(instrument);
}

const market::Calendar& SessionClock::calendar(trading::InstrumentIndex i) {
  Entry& entry = entries_[i];
  if (entry.calendar == nullptr) {
    const auto found = market::find_calendar(entry.exchange);
    entry.calendar = found ? *found : *market::find_calendar("24/7");
  }
  return *entry.calendar;
}

SessionPlace SessionClock::place(trading::InstrumentIndex i, std::int64_t key) {
  if (!timeframe_.is_intraday()) return {.day = market::key_date(key), .opens = true, .closes = true};
  const Timestamp opens = market::key_instant(key);
  const Timestamp ends = opens + timeframe_.nominal();
  std::optional<market::Session>& session = entries_[i].last;
  const market::Calendar& days = calendar(i);
  if (!session || opens < session->open || opens >= session->close) {
    const core::Date date = days.local_date(opens);
    session = days.session(date);
    if (!session || opens >= session->close) session = days.session(days.next_session(date));
  }
  if (!session) return {.day = days.local_date(opens)};
  return {.day = session->date,
          .opens = opens <= session->open && session->open < ends,
          .closes = opens < session->close && session->close <= ends};
}

Timestamp SessionClock::opening(trading::InstrumentIndex i, std::int64_t key) {
  if (timeframe_.is_intraday()) return market::key_instant(key);
  const auto session = calendar(i).session(market::key_date(key));
  return session ? session->open : calendar(i).local_midnight(market::key_date(key));
}

Timestamp SessionClock::closing(trading::InstrumentIndex i, std::int64_t key) {
  return calendar(i).closing_instant(key, timeframe_);
}

}  // namespace argosy::venue

// Where a bar stands in its session: what orders for a day, an opening or a closing ask for. Calendars are looked up
// only when asked.
//
//   SessionClock clock(timeframe, instruments);
//   clock.place(i, bar.key).closes          // the last bar of the session, also of a half day
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "market/calendar.hpp"
#include "market/instrument.hpp"
#include "market/timeframe.hpp"
#include "trading/order.hpp"

namespace argosy::venue {

struct SessionPlace {
  core::Date day;       // of the session; a bar after it belongs to the next one
  bool opens = false;   // the session's opening lies in the bar
  bool closes = false;  // so does its closing
};

class SessionClock {
 public:
  SessionClock(market::Timeframe timeframe, std::span<const market::Instrument> instruments);

  void add(const market::Instrument& instrument) { entries_.push_back({.exchange = instrument.exchange}); }

  // A bar of a day or longer is one session, opening and closing. Around the clock a session is a UTC day.
  [[nodiscard]] SessionPlace place(trading::InstrumentIndex i, std::int64_t key);
  // The instants between which a bar's trades happen.
  [[nodiscard]] core::Timestamp opening(trading::InstrumentIndex i, std::int64_t key);
  [[nodiscard]] core::Timestamp closing(trading::InstrumentIndex i, std::int64_t key);

 private:
  struct Entry {
    std::string exchange;
    const market::Calendar* calendar = nullptr;  // until it is asked for
    std::optional<market::Session> last;         // found last
  };

  [[nodiscard]] const market::Calendar& calendar(trading::InstrumentIndex i);

  market::Timeframe timeframe_;
  std::vector<Entry> entries_;
};

}  // namespace argosy::venue

// Exchange calendars: which civil dates are sessions, and when they open and close.
//
//   ARGOSY_TRY(const Calendar* nyse, find_calendar("XNYS"));
//   nyse->session(Date::from_ymd(2024, 11, 29))->close      // 18:00 UTC: an early close
//
// Calendars live as long as the program and may be used by any number of threads at once. Dates outside the years 1678
// to 2261 are never sessions: their instants do not fit in a Timestamp. The system's time zone files end in 2037: later
// summers are an hour late, until those files are longer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "market/timeframe.hpp"

namespace argosy::market {

struct Session {
  core::Date date;
  core::Timestamp open;
  core::Timestamp close;
  bool early_close = false;
  bool late_open = false;

  friend bool operator==(const Session&, const Session&) = default;
};

// Both included.
struct Years {
  int first;
  int last;
};

class Calendar {
 public:
  virtual ~Calendar() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;       // "XNYS", "24/7"
  [[nodiscard]] virtual std::string_view time_zone() const = 0;  // an IANA name
  // The session of a civil date, or nothing when the exchange is closed all day.
  [[nodiscard]] virtual std::optional<Session> session(core::Date date) const = 0;
  [[nodiscard]] virtual bool is_session(core::Date date) const = 0;

  // The years of which every closure and every unusual hour was looked up. Others follow the exchange's rules alone:
  // earlier ones lack their exceptions, later ones are a forecast, for exchanges also close for what no rule foresees.
  [[nodiscard]] virtual Years dated_years() const = 0;
  [[nodiscard]] bool is_forecast(core::Date date) const { return date.year() > dated_years().last; }

  [[nodiscard]] core::Date next_session(core::Date after) const;   // the first session after a date
  [[nodiscard]] Session session_from(core::Timestamp time) const;  // the one that is open, or the first to open after
  [[nodiscard]] core::Date previous_session(core::Date before) const;  // the last session before a date
  [[nodiscard]] std::vector<core::Date> sessions(core::Date from, core::Date to) const;  // both included
  // The instant a bar is complete: a formula sees it from then on. `key` as in market/bar.hpp. An intraday bar ends its
  // nominal length after its opening, also beyond the session's close: a source may have put later trades into it. A
  // daily, weekly (Monday to Sunday) or monthly bar ends with its last session; one whose dates hold no session ends
  // with their last midnight.
  [[nodiscard]] core::Timestamp closing_instant(std::int64_t key, Timeframe timeframe) const;
  // The civil date on the exchange's wall clock.
  [[nodiscard]] core::Date local_date(core::Timestamp time) const;
  // The first instant of a civil date on the exchange's wall clock.
  [[nodiscard]] core::Timestamp local_midnight(core::Date date) const;
};

// From one instant to just before another.
struct OpenStretch {
  core::Timestamp from;
  core::Timestamp to;
};
// The first stretch that ends after an instant in which always one of the exchanges at least is open; cut off after a
// week. One calendar at least.
[[nodiscard]] OpenStretch open_stretch(std::span<const Calendar* const> calendars, core::Timestamp time);

// "XNYS" (also NYSE), "XNAS" (also NASDAQ), "XLON" (also LSE), "XETR" (also XETRA), "XKRX" (also KRX), "24/7", in any
// case. An error names what there is.
[[nodiscard]] core::Result<const Calendar*> find_calendar(std::string_view name);
[[nodiscard]] std::span<const std::string_view> calendar_names();

// Converts a wall-clock time of an IANA zone, 0 <= time_of_day < 24 h, to an instant. A time that a clock change skips
// is an error; one that comes twice is the first.
[[nodiscard]] core::Result<core::Timestamp> to_utc(core::Date date, core::Duration time_of_day,
                                                   std::string_view time_zone);
[[nodiscard]] bool is_time_zone(std::string_view name);

}  // namespace argosy::market

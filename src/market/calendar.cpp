#include "market/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/check.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"

namespace argosy::market {
namespace {

using core::Date;
using core::Duration;
using core::Timestamp;
using core::Weekday;

constexpr std::string_view kNewYork = "America/New_York";
constexpr std::string_view kUtc = "UTC";

// Nothing when the system knows no such zone. The library keeps what it has read, behind its own locks.
const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

const date::time_zone& known_zone(std::string_view name) {
  const date::time_zone* zone = find_zone(name);
  ARGOSY_CHECK(zone != nullptr, "the system's time zones lack {}: install the package tzdata", name);
  return *zone;
}

date::local_time<Duration> wall_clock(Date date, Duration time_of_day) {
  return date::local_time<Duration>(core::utc_midnight(date).time_since_epoch() + time_of_day);
}

// --- The rules of NYSE and Nasdaq. Sessions are right from 1990 on, early closes from 1993 on; before, the rules are
// kept without the exceptions of those years. ---

// The count-th given weekday of a month; count 1 is the first.
constexpr Date nth_weekday(int year, unsigned month, Weekday weekday, int count) {
  const Date first = Date::from_ymd(year, month, 1);
  const int ahead = (static_cast<int>(weekday) - static_cast<int>(first.weekday()) + 7) % 7;
  return first.plus_days(ahead + 7 * (count - 1));
}

constexpr Date last_monday_of_may(int year) {
  const Date last = Date::from_ymd(year, 5, 31);
  return last.plus_days(-static_cast<int>(last.weekday()));
}

// A holiday on Saturday is kept on Friday, one on Sunday on Monday.
constexpr Date observed(Date date) {
  if (date.weekday() == Weekday::kSaturday) return date.plus_days(-1);
  if (date.weekday() == Weekday::kSunday) return date.plus_days(1);
  return date;
}

// Easter Sunday of the Gregorian calendar, from the age of the moon (epact) and the Sunday letter.
constexpr Date easter(int year) {
  const int golden = year % 19;
  const int century = year / 100;
  const int epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
  const int moon = epact - (epact / 28) * (1 - (29 / (epact + 1)) * ((21 - golden) / 11));
  const int weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
  return Date::from_ymd(year, 3, 28).plus_days(moon - weekday);
}
static_assert(easter(2000) == Date::from_ymd(2000, 4, 23) && easter(2024) == Date::from_ymd(2024, 3, 31));

bool is_rule_holiday(Date date) {
  const int year = date.year();
  switch (date.month()) {
    case 1: {
      // New Year on a Saturday is not kept: the last day of the old year is needed to close the books.
      const Date new_year = Date::from_ymd(year, 1, 1);
      return (new_year.weekday() != Weekday::kSaturday && date == observed(new_year)) ||
             (year >= 1998 && date == nth_weekday(year, 1, Weekday::kMonday, 3));  // Martin Luther King
    }
    case 2:
      return date == nth_weekday(year, 2, Weekday::kMonday, 3);  // Washington
    case 3:
    case 4:
      return date == easter(year).plus_days(-2);  // Good Friday
    case 5:
      return date == last_monday_of_may(year);  // Memorial Day
    case 6:
      return year >= 2022 && date == observed(Date::from_ymd(year, 6, 19));  // Juneteenth
    case 7:
      return date == observed(Date::from_ymd(year, 7, 4));  // Independence Day
    case 9:
      return date == nth_weekday(year, 9, Weekday::kMonday, 1);  // Labor Day
    case 11:
      return date == nth_weekday(year, 11, Weekday::kThursday, 4);  // Thanksgiving
    case 12:
      return date == observed(Date::from_ymd(year, 12, 25));  // Christmas
    default:
      return false;
  }
}

constexpr std::array kClosures = {
    Date::from_ymd(1994, 4, 27),   // mourning for President Nixon
    Date::from_ymd(2001, 9, 11),   // the attacks of that day
    Date::from_ymd(2001, 9, 12),   //
    Date::from_ymd(2001, 9, 13),   //
    Date::from_ymd(2001, 9, 14),   //
    Date::from_ymd(2004, 6, 11),   // mourning for President Reagan
    Date::from_ymd(2007, 1, 2),    // mourning for President Ford
    Date::from_ymd(2012, 10, 29),  // hurricane Sandy
    Date::from_ymd(2012, 10, 30),  //
    Date::from_ymd(2018, 12, 5),   // mourning for President George H. W. Bush
    Date::from_ymd(2025, 1, 9),    // mourning for President Carter
};

constexpr std::array kEarlyCloses = {
    Date::from_ymd(1997, 12, 26),
    Date::from_ymd(1999, 12, 31),
    Date::from_ymd(2003, 12, 26),
};

// Whether a session ends at 13:00 instead of 16:00.
bool is_early_close(Date date) {
  if (std::ranges::find(kEarlyCloses, date) != kEarlyCloses.end()) return true;
  const Weekday weekday = date.weekday();
  if (date.month() == 11) return date == nth_weekday(date.year(), 11, Weekday::kThursday, 4).plus_days(1);
  if (date.month() == 12) return date.day() == 24 && weekday <= Weekday::kThursday;
  if (date.month() != 7) return false;
  // The day before Independence Day; when that falls on a Thursday, until 2012 the day after it instead.
  if (date.day() == 3 && weekday == Weekday::kWednesday) return date.year() >= 2013;
  if (date.day() == 3) return weekday <= Weekday::kThursday;
  return date.day() == 5 && weekday == Weekday::kFriday && date.year() <= 2012;
}

bool is_new_york_session(Date date) {
  return !date.is_weekend() && has_key(date) && !is_rule_holiday(date) &&
         std::ranges::find(kClosures, date) == kClosures.end();
}

class NewYorkSessions {
 public:
  // Sessions of the years people ask for, made once; others are made when asked for.
  static const NewYorkSessions& get() {
    static const NewYorkSessions sessions;
    return sessions;
  }

  [[nodiscard]] bool is_session(Date date) const {
    if (date < kFirst || date > kLast) return is_new_york_session(date);
    return entry(date).has_value();
  }

  [[nodiscard]] std::optional<Session> session(Date date) const {
    if (date >= kFirst && date <= kLast) return entry(date);
    date::sys_info offset;
    return make(date, known_zone(kNewYork), offset);
  }

 private:
  static constexpr Date kFirst = Date::from_ymd(1970, 1, 1);
  static constexpr Date kLast = Date::from_ymd(2037, 12, 31);

  NewYorkSessions() {
    const date::time_zone& zone = known_zone(kNewYork);
    date::sys_info offset;
    entries_.reserve(static_cast<std::size_t>(kLast - kFirst) + 1);
    for (Date date = kFirst; date <= kLast; date = date.plus_days(1)) entries_.push_back(make(date, zone, offset));
  }

  [[nodiscard]] const std::optional<Session>& entry(Date date) const {
    return entries_[static_cast<std::size_t>(date - kFirst)];
  }

  // `offset` is what the zone said last: most calls are within the same summer or winter time. New York changes its
  // clocks in the night of a Saturday, so a session lies in one of them.
  static std::optional<Session> make(Date date, const date::time_zone& zone, date::sys_info& offset) {
    if (!is_new_york_session(date)) return std::nullopt;
    constexpr std::chrono::minutes kOpen{9 * 60 + 30};
    constexpr std::chrono::hours kClose{16};
    constexpr std::chrono::hours kEarlyClose{13};
    const bool early = is_early_close(date);
    const Timestamp midnight = core::utc_midnight(date);
    Timestamp open = midnight + kOpen - offset.offset;
    // Compared in seconds: the zone's last summer or winter time ends in a year that nanoseconds do not reach.
    const auto second = std::chrono::floor<std::chrono::seconds>(open);
    if (second < offset.begin || second >= offset.end) {
      offset = zone.get_info(wall_clock(date, kOpen)).first;
      open = midnight + kOpen - offset.offset;
    }
    return Session{date, open, midnight + (early ? kEarlyClose : kClose) - offset.offset, early};
  }

  std::vector<std::optional<Session>> entries_;
};

// NYSE and Nasdaq keep the same hours.
class NewYorkCalendar final : public Calendar {
 public:
  explicit NewYorkCalendar(std::string_view name) : name_(name) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view time_zone() const override { return kNewYork; }
  [[nodiscard]] std::optional<Session> session(Date date) const override {
    return NewYorkSessions::get().session(date);
  }
  [[nodiscard]] bool is_session(Date date) const override { return NewYorkSessions::get().is_session(date); }

 private:
  std::string_view name_;
};

// Every day from midnight to midnight UTC.
class AlwaysOpenCalendar final : public Calendar {
 public:
  [[nodiscard]] std::string_view name() const override { return "24/7"; }
  [[nodiscard]] std::string_view time_zone() const override { return kUtc; }
  [[nodiscard]] std::optional<Session> session(Date date) const override {
    if (!has_key(date)) return std::nullopt;
    return Session{date, core::utc_midnight(date), core::utc_midnight(date) + std::chrono::days{1}, false};
  }
  [[nodiscard]] bool is_session(Date date) const override { return has_key(date); }
};

constexpr std::array<std::string_view, 3> kNames = {"24/7", "XNAS", "XNYS"};

// No exchange is closed for so many days in a row.
constexpr std::int32_t kLongestClosure = 366;

Date last_date_of(Date first, Timeframe timeframe) {
  switch (timeframe.unit()) {
    case TimeframeUnit::kMinute:
    case TimeframeUnit::kHour:
    case TimeframeUnit::kDay:
      return first;
    case TimeframeUnit::kWeek:
      return first.plus_days(static_cast<int>(Weekday::kSunday) - static_cast<int>(first.weekday()));
    case TimeframeUnit::kMonth: {
      const bool december = first.month() == 12;
      return Date::from_ymd(first.year() + (december ? 1 : 0), december ? 1 : first.month() + 1, 1).plus_days(-1);
    }
  }
  ARGOSY_CHECK(false, "timeframe unit {}", static_cast<int>(timeframe.unit()));
}

}  // namespace

Date Calendar::next_session(Date after) const {
  for (std::int32_t days = 1; days <= kLongestClosure; ++days) {
    if (is_session(after.plus_days(days))) return after.plus_days(days);
  }
  ARGOSY_CHECK(false, "{} has no session in the year after {}", name(), after.to_string());
}

Date Calendar::previous_session(Date before) const {
  for (std::int32_t days = 1; days <= kLongestClosure; ++days) {
    if (is_session(before.plus_days(-days))) return before.plus_days(-days);
  }
  ARGOSY_CHECK(false, "{} has no session in the year before {}", name(), before.to_string());
}

std::vector<Date> Calendar::sessions(Date from, Date to) const {
  std::vector<Date> out;
  for (Date date = from; date <= to; date = date.plus_days(1)) {
    if (is_session(date)) out.push_back(date);
  }
  return out;
}

Timestamp Calendar::closing_instant(std::int64_t key, Timeframe timeframe) const {
  if (timeframe.is_intraday()) return key_instant(key) + timeframe.nominal();
  const Date first = key_date(key);
  const Date last = last_date_of(first, timeframe);
  for (Date date = last; date >= first; date = date.plus_days(-1)) {
    if (const auto found = session(date)) return found->close;
  }
  return local_midnight(last.plus_days(1));
}

Date Calendar::local_date(Timestamp time) const {
  if (time_zone() == kUtc) return core::utc_date(time);
  return core::utc_date(time + known_zone(time_zone()).get_info(time).offset);
}

Timestamp Calendar::local_midnight(Date date) const {
  if (time_zone() == kUtc) return core::utc_midnight(date);
  // Where a clock change skips midnight, the day begins when the change is over: the offset before it gives that.
  const auto info = known_zone(time_zone()).get_info(wall_clock(date, Duration::zero()));
  return core::utc_midnight(date) - info.first.offset;
}

core::Result<const Calendar*> find_calendar(std::string_view name) {
  static const NewYorkCalendar kNyse("XNYS");
  static const NewYorkCalendar kNasdaq("XNAS");
  static const AlwaysOpenCalendar kAlwaysOpen;
  const std::string upper = core::to_upper(name);
  if (upper == "XNYS" || upper == "NYSE") return &kNyse;
  if (upper == "XNAS" || upper == "NASDAQ") return &kNasdaq;
  if (upper == "24/7") return &kAlwaysOpen;
  return core::fail(core::Error(core::ErrorCode::kNotFound, fmt::format("there is no exchange calendar \"{}\"", name))
                        .with_hint(fmt::format("there are {}", fmt::join(kNames, ", ")))
                        .in_field("exchange", std::string(name)));
}

std::span<const std::string_view> calendar_names() { return kNames; }

core::Result<Timestamp> to_utc(Date date, Duration time_of_day, std::string_view time_zone) {
  const date::time_zone* zone = find_zone(time_zone);
  if (zone == nullptr) {
    return core::fail(core::Error(core::ErrorCode::kNotFound, fmt::format("there is no time zone \"{}\"", time_zone))
                          .with_hint("write a name of the IANA table, such as America/New_York or UTC"));
  }
  if (time_of_day < Duration::zero() || time_of_day >= std::chrono::days{1} || !has_key(date)) {
    return core::fail(
        core::ErrorCode::kInvalidArgument,
        fmt::format("{} and {} ns after its midnight is no time of a clock", date.to_string(), time_of_day.count()));
  }
  const auto info = zone->get_info(wall_clock(date, time_of_day));
  if (info.result == date::local_info::nonexistent) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time_of_day).count();
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("{} {:02}:{:02}:{:02} does not exist in {}: its clocks were set forward",
                                  date.to_string(), seconds / 3600, seconds / 60 % 60, seconds % 60, time_zone));
  }
  return core::utc_midnight(date) + time_of_day - info.first.offset;
}

bool is_time_zone(std::string_view name) { return find_zone(name) != nullptr; }

}  // namespace argosy::market

#include "market/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/check.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"
#include "market/detail/exchange.hpp"

namespace argosy::market {
namespace {

using core::Date;
using core::Duration;
using core::Timestamp;
using core::Weekday;

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

// Days of an exchange made into sessions: those of the years people ask for once, others when asked for.
class SessionTable {
 public:
  explicit SessionTable(const detail::Exchange& exchange) : exchange_(exchange) {
    const date::time_zone& zone = known_zone(exchange.time_zone);
    date::sys_info offset{};
    entries_.reserve(static_cast<std::size_t>(kLast - kFirst) + 1);
    for (Date date = kFirst; date <= kLast; date = date.plus_days(1)) entries_.push_back(make(date, zone, offset));
  }

  [[nodiscard]] bool is_session(Date date) const {
    return date < kFirst || date > kLast ? hours(date).has_value() : entry(date).has_value();
  }

  [[nodiscard]] std::optional<Session> session(Date date) const {
    if (date >= kFirst && date <= kLast) return entry(date);
    date::sys_info offset{};
    return make(date, known_zone(exchange_.time_zone), offset);
  }

 private:
  static constexpr Date kFirst = Date::from_ymd(1970, 1, 1);
  static constexpr Date kLast = Date::from_ymd(2037, 12, 31);

  [[nodiscard]] const std::optional<Session>& entry(Date date) const {
    return entries_[static_cast<std::size_t>(date - kFirst)];
  }

  [[nodiscard]] std::optional<detail::Hours> hours(Date date) const {
    if (date.is_weekend() || !has_key(date)) return std::nullopt;
    return exchange_.hours(date);
  }

  // `offset` is what the zone said last: most calls are within the same summer or winter time. Clocks are changed in
  // the night of a Saturday, so a session lies in one of them.
  [[nodiscard]] std::optional<Session> make(Date date, const date::time_zone& zone, date::sys_info& offset) const {
    const auto day = hours(date);
    if (!day) return std::nullopt;
    const Timestamp midnight = core::utc_midnight(date);
    Timestamp open = midnight + day->open - offset.offset;
    // Compared in seconds: the zone's last summer or winter time ends in a year that nanoseconds do not reach.
    const auto second = std::chrono::floor<std::chrono::seconds>(open);
    if (second < offset.begin || second >= offset.end) {
      offset = zone.get_info(wall_clock(date, day->open)).first;
      open = midnight + day->open - offset.offset;
    }
    return Session{date, open, midnight + day->close - offset.offset, day->early_close, day->late_open};
  }

  const detail::Exchange& exchange_;
  std::vector<std::optional<Session>> entries_;
};

// Calendars of one exchange share its sessions.
template <const detail::Exchange& kExchange>
class ExchangeCalendar final : public Calendar {
 public:
  explicit ExchangeCalendar(std::string_view name) : name_(name) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view time_zone() const override { return kExchange.time_zone; }
  [[nodiscard]] Years dated_years() const override { return kExchange.dated; }
  [[nodiscard]] std::optional<Session> session(Date date) const override { return table().session(date); }
  [[nodiscard]] bool is_session(Date date) const override { return table().is_session(date); }

 private:
  static const SessionTable& table() {
    static const SessionTable table(kExchange);
    return table;
  }

  std::string_view name_;
};

// Every day from midnight to midnight UTC.
class AlwaysOpenCalendar final : public Calendar {
 public:
  [[nodiscard]] std::string_view name() const override { return "24/7"; }
  [[nodiscard]] std::string_view time_zone() const override { return kUtc; }
  [[nodiscard]] Years dated_years() const override { return {kFirstKeyYear, kLastKeyYear}; }
  [[nodiscard]] std::optional<Session> session(Date date) const override {
    if (!has_key(date)) return std::nullopt;
    return Session{
        .date = date, .open = core::utc_midnight(date), .close = core::utc_midnight(date) + std::chrono::days{1}};
  }
  [[nodiscard]] bool is_session(Date date) const override { return has_key(date); }
};

constexpr std::array<std::string_view, 6> kNames = {"24/7", "XETR", "XKRX", "XLON", "XNAS", "XNYS"};

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

Session Calendar::session_from(Timestamp time) const {
  const Date date = local_date(time);
  const auto today = session(date);
  return today && time < today->close ? *today : *session(next_session(date));
}

OpenStretch open_stretch(std::span<const Calendar* const> calendars, Timestamp time) {
  ARGOSY_CHECK(!calendars.empty(), "no exchange to be open");
  Session first = calendars.front()->session_from(time);
  for (const Calendar* calendar : calendars.subspan(1)) {
    const Session other = calendar->session_from(time);
    if (other.open < first.open) first = other;
  }
  constexpr auto kLongest = std::chrono::days(7);
  OpenStretch out{.from = first.open, .to = first.close};
  for (bool grew = true; grew && out.to - out.from < kLongest;) {
    grew = false;
    for (const Calendar* calendar : calendars) {
      const Session next = calendar->session_from(out.to);
      if (next.open > out.to) continue;
      out.to = next.close;
      grew = true;
    }
  }
  return out;
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
  static const ExchangeCalendar<detail::kNewYork> kNyse("XNYS");
  static const ExchangeCalendar<detail::kNewYork> kNasdaq("XNAS");
  static const ExchangeCalendar<detail::kLondon> kLse("XLON");
  static const ExchangeCalendar<detail::kXetra> kXetra("XETR");
  static const ExchangeCalendar<detail::kKorea> kKrx("XKRX");
  static const AlwaysOpenCalendar kAlwaysOpen;
  const std::string upper = core::to_upper(name);
  if (upper == "XNYS" || upper == "NYSE") return &kNyse;
  if (upper == "XNAS" || upper == "NASDAQ") return &kNasdaq;
  if (upper == "XLON" || upper == "LSE") return &kLse;
  if (upper == "XETR" || upper == "XETRA") return &kXetra;
  if (upper == "XKRX" || upper == "KRX") return &kKrx;
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

// Instants and civil dates, two types that never mix: a Timestamp is a point in time (UTC), a Date is a square on the
// wall calendar. Which instants a date covers depends on an exchange's calendar (market/calendar.hpp).
//
//   Date::parse("2024-11-29")->plus_days(3).to_string()          // "2024-12-02"
//   format_rfc3339(*parse_rfc3339("2024-11-29T18:00:00Z"))       // "2024-11-29T18:00:00Z"
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace argosy::core {

using Duration = std::chrono::nanoseconds;
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

enum class Weekday : std::uint8_t { kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday, kSunday };

// A civil date of the proleptic Gregorian calendar.
class Date {
 public:
  constexpr Date() = default;  // 1970-01-01
  [[nodiscard]] static constexpr Date from_days(std::int32_t days_since_1970) { return Date(days_since_1970); }
  // The caller must pass a date that exists; parse() and try_from check it.
  [[nodiscard]] static constexpr Date from_ymd(int year, unsigned month, unsigned day) {
    const std::chrono::sys_days days = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
    return Date(static_cast<std::int32_t>(days.time_since_epoch().count()));
  }
  [[nodiscard]] static Result<Date> try_from_ymd(int year, unsigned month, unsigned day);
  // "YYYY-MM-DD", nothing else.
  [[nodiscard]] static Result<Date> parse(std::string_view text);

  [[nodiscard]] constexpr std::int32_t days() const { return days_; }
  [[nodiscard]] constexpr int year() const { return static_cast<int>(ymd().year()); }
  [[nodiscard]] constexpr unsigned month() const { return static_cast<unsigned>(ymd().month()); }
  [[nodiscard]] constexpr unsigned day() const { return static_cast<unsigned>(ymd().day()); }
  [[nodiscard]] constexpr Weekday weekday() const {
    return static_cast<Weekday>(((days_ % 7) + 10) % 7);  // 1970-01-01 was a Thursday
  }
  [[nodiscard]] constexpr bool is_weekend() const { return weekday() >= Weekday::kSaturday; }
  [[nodiscard]] constexpr Date plus_days(std::int32_t count) const { return Date(days_ + count); }
  [[nodiscard]] std::string to_string() const;  // "YYYY-MM-DD"

  friend constexpr auto operator<=>(Date, Date) = default;
  // Days from b to a.
  friend constexpr std::int32_t operator-(Date a, Date b) { return a.days_ - b.days_; }

 private:
  constexpr explicit Date(std::int32_t days) : days_(days) {}
  [[nodiscard]] constexpr std::chrono::year_month_day ymd() const {
    return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{days_}}};
  }
  std::int32_t days_ = 0;
};

// Midnight UTC at the start of a date, and the UTC date an instant lies in.
[[nodiscard]] constexpr Timestamp utc_midnight(Date date) {
  return std::chrono::sys_days{std::chrono::days{date.days()}};
}
[[nodiscard]] constexpr Date utc_date(Timestamp time) {
  return Date::from_days(
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count()));
}

// RFC 3339 with a 'T' or a space and 'Z' or an offset, up to nanoseconds. Text without a zone is an error.
[[nodiscard]] Result<Timestamp> parse_rfc3339(std::string_view text);
// RFC 3339 with 'Z'; fraction digits only when they are not zero, in groups of three.
[[nodiscard]] std::string format_rfc3339(Timestamp time);

}  // namespace argosy::core

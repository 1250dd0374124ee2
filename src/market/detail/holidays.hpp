// Dates that holidays are counted from.
#pragma once

#include <algorithm>
#include <array>

#include "core/time.hpp"

namespace argosy::market::detail {

// The count-th given weekday of a month; count 1 is the first.
constexpr core::Date nth_weekday(int year, unsigned month, core::Weekday weekday, int count) {
  const core::Date first = core::Date::from_ymd(year, month, 1);
  const int ahead = (static_cast<int>(weekday) - static_cast<int>(first.weekday()) + 7) % 7;
  return first.plus_days(ahead + 7 * (count - 1));
}

// The last Monday on or before a date.
constexpr core::Date monday_until(core::Date date) { return date.plus_days(-static_cast<int>(date.weekday())); }

// The date, or the Friday before it when it lies on a weekend.
constexpr core::Date weekday_until(core::Date date) {
  return date.is_weekend() ? monday_until(date).plus_days(4) : date;
}

// Easter Sunday of the Gregorian calendar, from the age of the moon (epact) and the Sunday letter.
constexpr core::Date easter(int year) {
  const int golden = year % 19;
  const int century = year / 100;
  const int epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
  const int moon = epact - (epact / 28) * (1 - (29 / (epact + 1)) * ((21 - golden) / 11));
  const int weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
  return core::Date::from_ymd(year, 3, 28).plus_days(moon - weekday);
}
static_assert(easter(2000) == core::Date::from_ymd(2000, 4, 23) && easter(2024) == core::Date::from_ymd(2024, 3, 31));

// Good Friday or the Monday after Easter.
constexpr bool is_easter_holiday(core::Date date) {
  if (date.month() != 3 && date.month() != 4) return false;
  const int days = date - easter(date.year());
  return days == -2 || days == 1;
}

template <typename Dates>
constexpr bool contains(const Dates& dates, core::Date date) {
  return std::ranges::find(dates, date) != dates.end();
}

}  // namespace argosy::market::detail

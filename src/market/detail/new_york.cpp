// NYSE and Nasdaq, by rules and a list of days that no rule foresees. Sessions are right from 1990 on, early closes
// from 1993 on; before, the rules are kept without the exceptions of those years.
#include "market/detail/exchange.hpp"
#include "market/detail/holidays.hpp"

namespace argosy::market::detail {
namespace {

using core::Date;
using core::Weekday;

// A holiday on Saturday is kept on Friday, one on Sunday on Monday.
constexpr Date observed(Date date) {
  if (date.weekday() == Weekday::kSaturday) return date.plus_days(-1);
  if (date.weekday() == Weekday::kSunday) return date.plus_days(1);
  return date;
}

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
      return date == monday_until(Date::from_ymd(year, 5, 31));  // Memorial Day
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
  if (contains(kEarlyCloses, date)) return true;
  const Weekday weekday = date.weekday();
  if (date.month() == 11) return date == nth_weekday(date.year(), 11, Weekday::kThursday, 4).plus_days(1);
  if (date.month() == 12) return date.day() == 24 && weekday <= Weekday::kThursday;
  if (date.month() != 7) return false;
  // The day before Independence Day; when that falls on a Thursday, until 2012 the day after it instead.
  if (date.day() == 3 && weekday == Weekday::kWednesday) return date.year() >= 2013;
  if (date.day() == 3) return weekday <= Weekday::kThursday;
  return date.day() == 5 && weekday == Weekday::kFriday && date.year() <= 2012;
}

std::optional<Hours> hours(Date date) {
  constexpr std::chrono::minutes kOpen{9 * 60 + 30};
  if (is_rule_holiday(date) || contains(kClosures, date)) return std::nullopt;
  const bool early = is_early_close(date);
  return Hours{.open = kOpen, .close = std::chrono::hours{early ? 13 : 16}, .early_close = early};
}

}  // namespace

constinit const Exchange kNewYork{.time_zone = "America/New_York", .dated = {1990, 2027}, .hours = hours};

}  // namespace argosy::market::detail

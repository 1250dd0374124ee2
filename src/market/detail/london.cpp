// The London Stock Exchange: the public holidays of England, and the last trading days before Christmas and New Year
// end at 12:30. Sources: the exchange's yearly notices of business days, and the royal proclamations of single
// holidays.
#include "market/detail/exchange.hpp"
#include "market/detail/holidays.hpp"

namespace argosy::market::detail {
namespace {

using core::Date;
using core::Weekday;

constexpr std::array kClosures = {
    Date::from_ymd(1999, 12, 31),  // the millennium
    Date::from_ymd(2002, 6, 3),    // golden jubilee, with the spring holiday moved to the next day
    Date::from_ymd(2002, 6, 4),    //
    Date::from_ymd(2011, 4, 29),   // royal wedding
    Date::from_ymd(2012, 6, 4),    // spring holiday, moved
    Date::from_ymd(2012, 6, 5),    // diamond jubilee
    Date::from_ymd(2020, 5, 8),    // early May holiday, moved to the anniversary of the end of the war
    Date::from_ymd(2022, 6, 2),    // spring holiday, moved
    Date::from_ymd(2022, 6, 3),    // platinum jubilee
    Date::from_ymd(2022, 9, 19),   // funeral of Queen Elizabeth
    Date::from_ymd(2023, 5, 8),    // coronation of King Charles
};

bool is_may_holiday(Date date) {
  const int year = date.year();
  if (date == nth_weekday(year, 5, Weekday::kMonday, 1)) return year != 2020;
  const bool spring_moved = year == 2002 || year == 2012 || year == 2022;
  return !spring_moved && date == monday_until(Date::from_ymd(year, 5, 31));
}

bool is_rule_holiday(Date date) {
  const unsigned day = date.day();
  const Weekday weekday = date.weekday();
  switch (date.month()) {
    case 1:  // New Year, from a weekend to Monday
      return day == 1 || (day <= 3 && weekday == Weekday::kMonday);
    case 3:
    case 4:
      return is_easter_holiday(date);
    case 5:
      return is_may_holiday(date);
    case 8:
      return date == monday_until(Date::from_ymd(date.year(), 8, 31));
    case 12:  // Christmas and Boxing Day, from a weekend to the next weekdays
      return day == 25 || day == 26 || ((day == 27 || day == 28) && weekday <= Weekday::kTuesday);
    default:
      return false;
  }
}

std::optional<Hours> hours(Date date) {
  if (is_rule_holiday(date) || contains(kClosures, date)) return std::nullopt;
  constexpr std::chrono::hours kOpen{8};
  constexpr std::chrono::minutes kClose{16 * 60 + 30};
  constexpr std::chrono::minutes kEarlyClose{12 * 60 + 30};
  const bool early = date.month() == 12 && (date == weekday_until(Date::from_ymd(date.year(), 12, 24)) ||
                                            date == weekday_until(Date::from_ymd(date.year(), 12, 31)));
  return Hours{.open = kOpen, .close = early ? kEarlyClose : kClose, .early_close = early};
}

}  // namespace

constinit const Exchange kLondon{.time_zone = "Europe/London", .dated = {2000, 2027}, .hours = hours};

}  // namespace argosy::market::detail

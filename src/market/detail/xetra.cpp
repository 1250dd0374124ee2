// Xetra, the electronic market in Frankfurt. Its holidays do not move off weekends. Source: the exchange's yearly
// trading calendars. Before November 2003 it traded at other hours, before 2010 its last day of a year was not looked
// up.
#include "market/detail/exchange.hpp"
#include "market/detail/holidays.hpp"

namespace argosy::market::detail {
namespace {

using core::Date;

bool is_holiday(Date date) {
  const int year = date.year();
  const unsigned day = date.day();
  switch (date.month()) {
    case 1:
      return day == 1;
    case 3:
    case 4:
      return is_easter_holiday(date);
    case 5:
    case 6:
      // Labour Day; Whit Monday while it was kept.
      return (date.month() == 5 && day == 1) ||
             ((year == 2007 || (year >= 2015 && year <= 2021)) && date == easter(year).plus_days(50));
    case 10:
      // German Unity while it was kept; the 500th anniversary of the Reformation.
      return (day == 3 && year >= 2014 && year <= 2021) || date == Date::from_ymd(2017, 10, 31);
    case 12:
      return day == 24 || day == 25 || day == 26 || day == 31;
    default:
      return false;
  }
}

std::optional<Hours> hours(Date date) {
  if (is_holiday(date)) return std::nullopt;
  constexpr std::chrono::hours kOpen{9};
  constexpr std::chrono::minutes kClose{17 * 60 + 30};
  constexpr std::chrono::hours kEarlyClose{14};
  // The last trading day of the year; the 31st is never one.
  const bool early = date.month() == 12 && date == weekday_until(Date::from_ymd(date.year(), 12, 30));
  return Hours{.open = kOpen, .close = early ? kEarlyClose : kClose, .early_close = early};
}

}  // namespace

constinit const Exchange kXetra{.time_zone = "Europe/Berlin", .dated = {2010, 2027}, .hours = hours};

}  // namespace argosy::market::detail

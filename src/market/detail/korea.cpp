// The Korea Exchange. From its founding in 2005 to 2027 its closures and its days with other hours stand in tables:
// half of them follow the moon, elections or a decision of the government. Other years follow the law of 2026 on public
// holidays, with the moon computed and elections in their turn. Sources: the exchange's yearly notices of holidays and
// of the hours on the day of the university entrance test (CSAT), the law on public holidays and that on elections.
#include <cstdint>
#include <vector>

#include "market/detail/exchange.hpp"
#include "market/detail/holidays.hpp"
#include "market/detail/korea.hpp"
#include "market/detail/lunar.hpp"

namespace argosy::market::detail {
namespace {

using core::Date;
using core::Weekday;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Years kDated{2005, 2027};

// Weekdays without a session, as month * 100 + day, one row a year. Decided for one year alone: 2015-08-14, 2016-05-06,
// 2017-10-02, 2020-08-17, 2023-10-02, 2024-10-01 and 2025-01-27; elections before their turn: 2017-05-09 and
// 2025-06-03.
using YearClosures = std::array<std::int16_t, 20>;
// clang-format off
constexpr auto kClosures = std::to_array<YearClosures>({
    {208, 209, 210, 301, 405, 505, 606, 815, 919, 1003, 1230},  // 2005
    {130, 301, 501, 505, 531, 606, 717, 815, 1003, 1005, 1006, 1225, 1229},  // 2006
    {101, 219, 301, 501, 524, 606, 717, 815, 924, 925, 926, 1003, 1219, 1225, 1231},  // 2007
    {101, 206, 207, 208, 409, 501, 505, 512, 606, 815, 915, 1003, 1225, 1231},  // 2008
    {101, 126, 127, 501, 505, 1002, 1225, 1231},  // 2009
    {101, 215, 301, 505, 521, 602, 921, 922, 923, 1231},  // 2010
    {202, 203, 204, 301, 505, 510, 606, 815, 912, 913, 1003, 1230},  // 2011
    {123, 124, 301, 411, 501, 528, 606, 815, 1001, 1003, 1219, 1225, 1231},  // 2012
    {101, 211, 301, 501, 517, 606, 815, 918, 919, 920, 1003, 1009, 1225, 1231},  // 2013
    {101, 130, 131, 501, 505, 506, 604, 606, 815, 908, 909, 910, 1003, 1009, 1225, 1231},  // 2014
    {101, 218, 219, 220, 501, 505, 525, 814, 928, 929, 1009, 1225, 1231},  // 2015
    {101, 208, 209, 210, 301, 413, 505, 506, 606, 815, 914, 915, 916, 1003, 1230},  // 2016
    {127, 130, 301, 501, 503, 505, 509, 606, 815, 1002, 1003, 1004, 1005, 1006, 1009, 1225, 1229},  // 2017
    {101, 215, 216, 301, 501, 507, 522, 606, 613, 815, 924, 925, 926, 1003, 1009, 1225, 1231},  // 2018
    {101, 204, 205, 206, 301, 501, 506, 606, 815, 912, 913, 1003, 1009, 1225, 1231},  // 2019
    {101, 124, 127, 415, 430, 501, 505, 817, 930, 1001, 1002, 1009, 1225, 1231},  // 2020
    {101, 211, 212, 301, 505, 519, 816, 920, 921, 922, 1004, 1011, 1231},  // 2021
    {131, 201, 202, 301, 309, 505, 601, 606, 815, 909, 912, 1003, 1010, 1230},  // 2022
    {123, 124, 301, 501, 505, 529, 606, 815, 928, 929, 1002, 1003, 1009, 1225, 1229},  // 2023
    {101, 209, 212, 301, 410, 501, 506, 515, 606, 815, 916, 917, 918, 1001, 1003, 1009, 1225, 1231},  // 2024
    {101, 127, 128, 129, 130, 303, 501, 505, 506, 603, 606, 815, 1003, 1006, 1007, 1008, 1009, 1225, 1231},  // 2025
    {101, 216, 217, 218, 302, 501, 505, 525, 603, 717, 817, 924, 925, 1005, 1009, 1225, 1231},  // 2026
    {101, 208, 209, 301, 503, 505, 513, 719, 816, 914, 915, 916, 1004, 1011, 1227, 1231},  // 2027
});
// clang-format on
static_assert(kClosures.size() == kDated.last - kDated.first + 1);

// Days of the CSAT, when the exchange opens and closes an hour later. The test of 2017 was put off by an earthquake on
// the evening before; the exchange kept to the later hours on 2017-11-16, and had them on 2017-11-23 too.
constexpr std::array kTestDays = {
    Date::from_ymd(2005, 11, 23), Date::from_ymd(2006, 11, 16), Date::from_ymd(2007, 11, 15),
    Date::from_ymd(2008, 11, 13), Date::from_ymd(2009, 11, 12), Date::from_ymd(2010, 11, 18),
    Date::from_ymd(2011, 11, 10), Date::from_ymd(2012, 11, 8),  Date::from_ymd(2013, 11, 7),
    Date::from_ymd(2014, 11, 13), Date::from_ymd(2015, 11, 12), Date::from_ymd(2016, 11, 17),
    Date::from_ymd(2017, 11, 16), Date::from_ymd(2017, 11, 23), Date::from_ymd(2018, 11, 15),
    Date::from_ymd(2019, 11, 14), Date::from_ymd(2020, 12, 3),  Date::from_ymd(2021, 11, 18),
    Date::from_ymd(2022, 11, 17), Date::from_ymd(2023, 11, 16), Date::from_ymd(2024, 11, 14),
    Date::from_ymd(2025, 11, 13), Date::from_ymd(2026, 11, 19), Date::from_ymd(2027, 11, 18),
};

bool is_dated(Date date) { return date.year() >= kDated.first && date.year() <= kDated.last; }

bool is_test_day(Date date) {
  if (is_dated(date)) return contains(kTestDays, date);
  // By rule: the Thursday of the days 13 to 19, where it has been since 2018 but for the year of the epidemic.
  return date.month() == 11 && date.weekday() == Weekday::kThursday && date.day() >= 13 && date.day() <= 19;
}

// What moves a holiday to the next free weekday: it lies on a Saturday or Sunday, on a Sunday alone, or nothing. All
// but the last also move off a weekday that is another holiday.
enum class Moves : std::uint8_t { kOffWeekend, kOffSunday, kNever };

struct Holiday {
  Date date;
  Moves moves;
};

std::vector<Holiday> public_holidays(int year) {
  const auto on = [year](unsigned month, unsigned day) { return Date::from_ymd(year, month, day); };
  const Date new_year = lunar_date(year, 1, 1);
  const Date harvest = lunar_date(year, 8, 15);
  std::vector<Holiday> out = {
      {on(1, 1), Moves::kNever},
      {new_year.plus_days(-1), Moves::kOffSunday},  // Seollal
      {new_year, Moves::kOffSunday},
      {new_year.plus_days(1), Moves::kOffSunday},
      {on(3, 1), Moves::kOffWeekend},                // Independence Movement
      {on(5, 1), Moves::kOffWeekend},                // Labour Day
      {on(5, 5), Moves::kOffWeekend},                // Children's Day
      {lunar_date(year, 4, 8), Moves::kOffWeekend},  // Buddha's birthday
      {on(6, 6), Moves::kNever},                     // Memorial Day
      {on(7, 17), Moves::kOffWeekend},               // Constitution Day
      {on(8, 15), Moves::kOffWeekend},               // Liberation Day
      {harvest.plus_days(-1), Moves::kOffSunday},    // Chuseok
      {harvest, Moves::kOffSunday},
      {harvest.plus_days(1), Moves::kOffSunday},
      {on(10, 3), Moves::kOffWeekend},  // Foundation Day
      {on(10, 9), Moves::kOffWeekend},  // Hangeul Day
      {on(12, 25), Moves::kOffWeekend},
  };
  std::ranges::stable_sort(out, {}, &Holiday::date);
  return out;
}

// The holidays themselves, and the free weekdays that stand in for those that a weekend or another holiday swallowed.
std::vector<Date> with_substitutes(const std::vector<Holiday>& holidays) {
  std::vector<Date> out;
  for (const Holiday& holiday : holidays) out.push_back(holiday.date);
  for (std::size_t i = 0; i < holidays.size(); ++i) {
    const auto& [date, moves] = holidays[i];
    if (moves == Moves::kNever) continue;
    const bool shared = i > 0 && holidays[i - 1].date == date && !date.is_weekend();
    const bool swallowed = moves == Moves::kOffWeekend ? date.is_weekend() : date.weekday() == Weekday::kSunday;
    if (!shared && !swallowed) continue;
    Date substitute = date.plus_days(1);
    while (substitute.is_weekend() || contains(out, substitute)) substitute = substitute.plus_days(1);
    out.push_back(substitute);
  }
  return out;
}

// Elections fall on the first Wednesday from so many days before a term ends, or a week later when that day or one
// beside it is a holiday.
Date election(Date term_end, int days, const std::vector<Date>& holidays) {
  Date date = term_end.plus_days(-days);
  while (date.weekday() != Weekday::kWednesday) date = date.plus_days(1);
  const bool taken =
      contains(holidays, date.plus_days(-1)) || contains(holidays, date) || contains(holidays, date.plus_days(1));
  return taken ? date.plus_days(7) : date;
}

void add_elections(int year, std::vector<Date>& out) {
  if (year < kDated.first) return;
  const std::vector<Date> holidays = out;
  if (year % 4 == 0) out.push_back(election(Date::from_ymd(year, 5, 29), 50, holidays));  // parliament
  if (year % 4 == 2) out.push_back(election(Date::from_ymd(year, 6, 30), 30, holidays));  // regions
  // The president elected in 2025 took office the day after.
  if (year >= 2030 && year % 5 == 0) out.push_back(election(Date::from_ymd(year, 6, 3), 70, holidays));
}

bool is_closed(Date date) {
  if (is_dated(date)) {
    const YearClosures& year = kClosures[static_cast<std::size_t>(date.year() - kDated.first)];
    return std::ranges::find(year, static_cast<std::int16_t>(date.month() * 100 + date.day())) != year.end();
  }
  // Mostly asked day after day: a year's closures are kept until another year is asked for.
  struct Year {
    int year = 0;
    std::vector<Date> closures;
  };
  thread_local Year kept;
  if (kept.year != date.year()) kept = {date.year(), korean_closures_by_rule(date.year())};
  return contains(kept.closures, date);
}

// The first session of a year opens at 10:00.
bool is_first_session(Date date) {
  if (date.month() != 1) return false;
  for (Date day = Date::from_ymd(date.year(), 1, 1); day < date; day = day.plus_days(1)) {
    if (!day.is_weekend() && !is_closed(day)) return false;
  }
  return true;
}

std::optional<Hours> korean_hours(Date date) {
  if (is_closed(date)) return std::nullopt;
  const bool long_day = date >= Date::from_ymd(2016, 8, 1);
  Hours out{.open = hours{9}, .close = hours{15} + minutes{long_day ? 30 : 0}};
  if (is_test_day(date)) {
    out.close += hours{1};
    out.late_open = true;
  }
  out.late_open = out.late_open || is_first_session(date);
  if (out.late_open) out.open = hours{10};
  return out;
}

}  // namespace

std::vector<Date> korean_closures_by_rule(int year) {
  std::vector<Date> out = with_substitutes(public_holidays(year));
  add_elections(year, out);
  // The last weekday of the year that is no holiday.
  Date last = weekday_until(Date::from_ymd(year, 12, 31));
  while (contains(out, last)) last = weekday_until(last.plus_days(-1));
  out.push_back(last);
  return out;
}

constinit const Exchange kKorea{.time_zone = "Asia/Seoul", .dated = kDated, .hours = korean_hours};

}  // namespace argosy::market::detail

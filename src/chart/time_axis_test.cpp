#include "chart/time_axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/time.hpp"

namespace argosy::chart {
namespace {

using core::Date;
using testing::ElementsAre;

constexpr std::int64_t kMinute = 60'000'000'000;

std::int64_t key_of(Date date) { return core::utc_midnight(date).time_since_epoch().count(); }

std::vector<std::int64_t> weekdays(Date from, Date to) {
  std::vector<std::int64_t> keys;
  for (Date date = from; date <= to; date = date.plus_days(1)) {
    if (!date.is_weekend()) keys.push_back(key_of(date));
  }
  return keys;
}

std::vector<std::string> labels(std::span<const std::int64_t> keys, const TimeTickOptions& options) {
  std::vector<std::string> texts;
  for (const TimeTick& tick : time_ticks(keys, options)) texts.push_back(tick.label);
  return texts;
}

TEST(TimeTicks, ChooseYearsMonthsOrDays) {
  const auto years = weekdays(Date::from_ymd(2000, 1, 3), Date::from_ymd(2005, 6, 1));
  EXPECT_THAT(labels(years, {.target = 8}), ElementsAre("2000", "2001", "2002", "2003", "2004", "2005"));
  EXPECT_THAT(labels(years, {.target = 3}), ElementsAre("2000", "2002", "2004"));
  const auto months = weekdays(Date::from_ymd(2003, 10, 20), Date::from_ymd(2004, 4, 2));
  EXPECT_THAT(labels(months, {.target = 8}), ElementsAre("Nov 2003", "Dec", "2004", "Feb", "Mar", "Apr"));
  const auto days = weekdays(Date::from_ymd(2004, 3, 1), Date::from_ymd(2004, 3, 5));
  EXPECT_THAT(labels(days, {.target = 8}), ElementsAre("1 Mar 2004", "2 Mar", "3 Mar", "4 Mar", "5 Mar"));
}

TEST(TimeTicks, StandAtTheFirstBarOfTheirStretch) {
  const auto keys = weekdays(Date::from_ymd(2000, 8, 1), Date::from_ymd(2003, 6, 1));
  const std::vector<TimeTick> ticks = time_ticks(keys, {.target = 4});
  ASSERT_EQ(ticks.size(), 3U);  // 2000 began before the first bar
  EXPECT_EQ(format_time(keys[ticks[0].index], false), "2001-01-01");
  EXPECT_EQ(format_time(keys[ticks[1].index], false), "2002-01-01");
}

TEST(TimeTicks, ShowClockTimesOfIntradayBars) {
  std::vector<std::int64_t> keys;
  const std::int64_t start = key_of(Date::from_ymd(2024, 3, 11)) + 14 * 60 * kMinute;
  for (std::int64_t minute = 0; minute < 120; ++minute) keys.push_back(start + minute * kMinute);
  EXPECT_THAT(labels(keys, {.intraday = true, .target = 4}), ElementsAre("11 Mar 14:00", "14:30", "15:00", "15:30"));
  std::vector<std::int64_t> two_days;
  for (const std::int64_t day : {0, 1}) {
    for (std::int64_t hour = 14; hour < 20; ++hour) {
      two_days.push_back(key_of(Date::from_ymd(2024, 3, 11)) + (day * 24 + hour) * 60 * kMinute);
    }
  }
  EXPECT_THAT(labels(two_days, {.intraday = true, .target = 6}),
              ElementsAre("11 Mar 14:00", "16:00", "18:00", "12 Mar", "16:00", "18:00"));
}

TEST(TimeTicks, LeaveOutLabelsThatWouldTouch) {
  // Ten bars in 2001, then a hole of years: 2002 would stand upon 2001.
  std::vector<std::int64_t> keys = {key_of(Date::from_ymd(2001, 1, 1)), key_of(Date::from_ymd(2002, 1, 1))};
  for (const std::int64_t key : weekdays(Date::from_ymd(2003, 1, 1), Date::from_ymd(2003, 12, 31))) keys.push_back(key);
  EXPECT_THAT(labels(keys, {.target = 3, .width = 300}), ElementsAre("2001"));
}

TEST(TimeTicks, NoKeysAndOneKey) {
  EXPECT_TRUE(time_ticks({}, {}).empty());
  const std::vector<std::int64_t> one = {key_of(Date::from_ymd(2004, 11, 15))};
  EXPECT_THAT(labels(one, {}), ElementsAre("15 Nov 2004"));
}

TEST(TimeTicks, ReachBeyond1970AndCenturies) {
  const auto keys = weekdays(Date::from_ymd(1900, 1, 1), Date::from_ymd(2020, 1, 1));
  EXPECT_THAT(labels(keys, {.target = 4}), ElementsAre("1900", "1950", "2000"));
}

TEST(FormatTime, DatesAndInstants) {
  const std::int64_t key = key_of(Date::from_ymd(1969, 12, 31)) + 570 * kMinute;
  EXPECT_EQ(format_time(key, true), "1969-12-31 09:30");
  EXPECT_EQ(format_time(key, false), "1969-12-31");
}

TEST(BarPosition, SpreadsFromEdgeToEdge) {
  EXPECT_DOUBLE_EQ(bar_position(0, 1), 0.5);
  EXPECT_DOUBLE_EQ(bar_position(0, 5), 0);
  EXPECT_DOUBLE_EQ(bar_position(4, 5), 1);
}

}  // namespace
}  // namespace argosy::chart

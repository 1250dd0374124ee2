#include "core/time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "core/clock.hpp"

namespace argosy::core {
namespace {

using std::chrono::seconds;

RC_GTEST_PROP(TimeProperty, EveryInstantPrintsAndReadsBack, ()) {
  // The years 1678 to 2261, whole.
  const std::int64_t count = *rc::gen::inRange<std::int64_t>(-9'214'560'000'000'000'000, 9'214'646'400'000'000'000);
  const std::int64_t unit = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000, 1'000'000'000);
  const Timestamp time{Duration{count / unit * unit}};
  RC_ASSERT(*parse_rfc3339(format_rfc3339(time)) == time);
}

RC_GTEST_PROP(TimeProperty, OffsetsShift, ()) {
  const int minutes = *rc::gen::inRange(-1439, 1440);
  const int magnitude = std::abs(minutes);
  const std::string zone = fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', magnitude / 60, magnitude % 60);
  const auto local = parse_rfc3339("2024-11-29T18:00:00" + zone);
  RC_ASSERT(*local == *parse_rfc3339("2024-11-29T18:00:00Z") - std::chrono::minutes{minutes});
}

RC_GTEST_PROP(TimeProperty, EveryDatePrintsAndReadsBack, ()) {
  // 0001-01-01 to 9999-12-31.
  const Date date = Date::from_days(*rc::gen::inRange(-719'162, 2'932'897));
  RC_ASSERT(*Date::parse(date.to_string()) == date);
  RC_ASSERT(Date::from_ymd(date.year(), date.month(), date.day()) == date);
  RC_ASSERT(utc_date(Timestamp{}) == Date());
  RC_ASSERT(date.plus_days(7).weekday() == date.weekday());
  RC_ASSERT(date.plus_days(1) - date == 1);
}

// Whatever the text, the answer is a value or an error, and a value prints.
RC_GTEST_PROP(TimeProperty, HostileTextIsRefusedOrRead, ()) {
  std::string text = "2024-11-29T18:00:00.123+01:30";
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();
  }
  text.resize(*rc::gen::inRange<std::size_t>(1, text.size() + 1));
  if (const auto time = parse_rfc3339(text)) RC_ASSERT(*parse_rfc3339(format_rfc3339(*time)) == *time);
}

TEST(Time, Reads) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z"), Timestamp{seconds{1}});
  EXPECT_EQ(parse_rfc3339("1970-01-01 00:00:01.5z"), Timestamp{std::chrono::milliseconds{1500}});
  EXPECT_EQ(parse_rfc3339("1970-01-01T01:00:00+01:00"), Timestamp{});
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999999999Z"), Timestamp{Duration{-1}});
}

TEST(Time, Refuses) {
  for (const char* text : {"",
                           "2024-11-29",
                           "2024-11-29T18:00:00",
                           "2024-11-29T18:00Z",
                           "2024-11-29T24:00:00Z",
                           "2024-11-29T18:60:00Z",
                           "2024-11-29T18:00:60Z",
                           "2024-02-30T18:00:00Z",
                           "2024-11-29T18:00:00.Z",
                           "2024-11-29T18:00:00.1234567890Z",
                           "2024-11-29T18:00:00+0100",
                           "2024-11-29T18:00:00+24:00",
                           "2024-11-29T18:00:00+01",
                           "2024-11-29T18:00:00Zx",
                           "2024-11-29T18:00:00 Z",
                           " 2024-11-29T18:00:00Z",
                           "2024-11-29T-1:00:00Z",
                           "1677-12-31T00:00:00Z",
                           "2262-01-01T00:00:00Z",
                           "0000-01-01T00:00:00Z",
                           "2024-11-29T18:00:00+",
                           "2024-11-29T18:00:00+01:"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time.has_value()) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

TEST(Time, Prints) {
  EXPECT_EQ(format_rfc3339(Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(Timestamp{Duration{-1}}), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339(Timestamp{Duration{1'500'000'000}}), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(format_rfc3339(Timestamp{Duration{1'000}}), "1970-01-01T00:00:00.000001Z");
  // The ends of 64 bits of nanoseconds.
  EXPECT_EQ(format_rfc3339(Timestamp::min()), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(format_rfc3339(Timestamp::max()), "2262-04-11T23:47:16.854775807Z");
}

TEST(Date, Refuses) {
  for (const char* text : {"", "2024-1-01", "2024-13-01", "2023-02-29", "2024-00-01", "2024-01-00", "2024/01/01",
                           "24-01-01", "2024-01-01 ", "0000-01-01", "-024-01-01", "2024-01-0x"}) {
    EXPECT_FALSE(Date::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Date::try_from_ymd(2024, 257, 1).has_value());  // 257 is 1 in a byte
  EXPECT_FALSE(Date::try_from_ymd(2024, 1, 257).has_value());
  EXPECT_FALSE(Date::try_from_ymd(67560, 1, 1).has_value());  // 2024 in 16 bits
  EXPECT_FALSE(Date::try_from_ymd(1900, 2, 29).has_value());
  EXPECT_TRUE(Date::try_from_ymd(2000, 2, 29).has_value());
}

TEST(Date, KnowsItsWeekday) {
  EXPECT_EQ(Date::from_ymd(1970, 1, 1).weekday(), Weekday::kThursday);
  EXPECT_EQ(Date::from_ymd(1969, 12, 31).weekday(), Weekday::kWednesday);
  EXPECT_EQ(Date::from_ymd(2024, 11, 29).weekday(), Weekday::kFriday);
  EXPECT_EQ(Date::from_ymd(1, 1, 1).weekday(), Weekday::kMonday);
  EXPECT_TRUE(Date::from_ymd(2024, 12, 1).is_weekend());
  EXPECT_FALSE(Date::from_ymd(2024, 12, 2).is_weekend());
}

TEST(Date, MidnightAndBack) {
  const Date date = Date::from_ymd(1969, 12, 31);
  EXPECT_EQ(utc_midnight(date), Timestamp{-std::chrono::hours{24}});
  EXPECT_EQ(utc_date(utc_midnight(date)), date);
  EXPECT_EQ(utc_date(Timestamp{Duration{-1}}), date);
}

TEST(Clock, SimulatedStandsStillUntilTold) {
  SimulatedClock clock(Timestamp{seconds{100}});
  EXPECT_EQ(clock.now(), Timestamp{seconds{100}});
  EXPECT_EQ(clock.monotonic(), Duration::zero());
  clock.advance_to(Timestamp{seconds{105}});
  EXPECT_EQ(clock.monotonic(), seconds{5});
  EXPECT_DEATH(clock.advance_to(Timestamp{seconds{104}}), "the clock cannot go back");
}

TEST(Clock, SystemClockGoesOn) {
  const SystemClock clock;
  const Duration before = clock.monotonic();
  EXPECT_GT(clock.now(), *parse_rfc3339("2024-01-01T00:00:00Z"));
  EXPECT_GE(clock.monotonic(), before);
}

}  // namespace
}  // namespace argosy::core

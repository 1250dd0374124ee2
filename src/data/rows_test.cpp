// Columns of time, and bars of a longer timeframe.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/symbol_data.hpp"
#include "data/time_columns.hpp"
#include "market/bar.hpp"

namespace argosy::data {
namespace {

using market::Timeframe;
using market::TimeframeUnit;
using testing::ElementsAre;

const Timeframe kDays(1, TimeframeUnit::kDay);
const Timeframe kWeeks(1, TimeframeUnit::kWeek);

std::int64_t key(int year, unsigned month, unsigned day) {
  return market::date_key(core::Date::from_ymd(year, month, day));
}

SymbolData daily(const std::vector<core::Date>& dates) {
  SymbolData data;
  data.instrument.symbol = "T";
  data.instrument.exchange = "XNYS";
  data.timeframe = kDays;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const auto price = core::Price::from_units(static_cast<std::int64_t>(i + 1) * 1'000'000'000);
    data.bars.push_back({.key = market::date_key(dates[i]),
                         .open = price,
                         .high = price,
                         .low = price,
                         .close = price,
                         .volume = static_cast<double>(i + 1),
                         .vwap = static_cast<double>(10 * (i + 1))});
  }
  data.factors = {std::vector<double>(dates.size(), 1.0), std::vector<double>(dates.size(), 1.0)};
  return data;
}

std::vector<double> column(std::string_view field, std::vector<std::int64_t> keys, Timeframe timeframe,
                           const char* exchange = "XNYS") {
  return time_column(field, keys, timeframe, **market::find_calendar(exchange)).value();
}

TEST(TimeColumns, OfDailyBars) {
  const std::vector<std::int64_t> keys{key(2024, 11, 29), key(2024, 12, 2)};
  EXPECT_THAT(column("weekday", keys, kDays), ElementsAre(5, 1));
  EXPECT_THAT(column("day", keys, kDays), ElementsAre(29, 2));
  EXPECT_THAT(column("month", keys, kDays), ElementsAre(11, 12));
  EXPECT_THAT(column("quarter", keys, kDays), ElementsAre(4, 4));
  EXPECT_THAT(column("hour", keys, kDays), ElementsAre(9, 9));
  EXPECT_THAT(column("minute", keys, kDays), ElementsAre(30, 30));
  EXPECT_THAT(column("session_minute", keys, kDays), ElementsAre(0, 0));
  EXPECT_THAT(column("is_month_end", keys, kDays), ElementsAre(1, 0));
  // The last session of March 2024 was Thursday the 28th: Good Friday was closed.
  EXPECT_THAT(column("is_month_end", {key(2024, 3, 27), key(2024, 3, 28)}, kDays), ElementsAre(0, 1));
  EXPECT_FALSE(time_column("close", keys, kDays, **market::find_calendar("XNYS")));
}

TEST(TimeColumns, OfMinutesFollowTheExchangesClock) {
  const Timeframe minutes(1, TimeframeUnit::kMinute);
  // 14:30 UTC is 9:30 in winter; after the clocks change on 10 March 2024 the session opens at 13:30 UTC.
  const std::int64_t winter = key(2024, 3, 8) + (14 * 60 + 30) * 60'000'000'000LL;
  const std::int64_t summer = key(2024, 3, 11) + (13 * 60 + 30) * 60'000'000'000LL;
  const std::vector<std::int64_t> keys{winter, winter + 31 * 60'000'000'000LL, summer};
  EXPECT_THAT(column("hour", keys, minutes), ElementsAre(9, 10, 9));
  EXPECT_THAT(column("minute", keys, minutes), ElementsAre(30, 1, 30));
  EXPECT_THAT(column("session_minute", keys, minutes), ElementsAre(0, 31, 0));
  EXPECT_THAT(column("weekday", keys, minutes), ElementsAre(5, 5, 1));
}

TEST(Rows, OfWeeksAreMadeOfDays) {
  // The week of 25 March 2024 ends on Thursday; the next begins after the holiday.
  const auto dates = {core::Date::from_ymd(2024, 3, 26), core::Date::from_ymd(2024, 3, 27),
                      core::Date::from_ymd(2024, 3, 28), core::Date::from_ymd(2024, 4, 1)};
  const std::vector<std::string> fields{"open", "high", "low", "close", "volume", "vwap", "month"};
  const auto rows = make_rows(daily(dates), fields, PriceMode::kAdjusted, kWeeks);
  ASSERT_TRUE(rows);
  EXPECT_THAT(rows->keys, ElementsAre(key(2024, 3, 25), key(2024, 4, 1)));
  const auto& nyse = **market::find_calendar("XNYS");
  EXPECT_EQ(rows->closing[0], nyse.session(core::Date::from_ymd(2024, 3, 28))->close.time_since_epoch().count());
  EXPECT_EQ(rows->closing[1], nyse.session(core::Date::from_ymd(2024, 4, 5))->close.time_since_epoch().count());
  EXPECT_THAT(rows->columns[0], ElementsAre(1, 4));
  EXPECT_THAT(rows->columns[1], ElementsAre(3, 4));
  EXPECT_THAT(rows->columns[2], ElementsAre(1, 4));
  EXPECT_THAT(rows->columns[3], ElementsAre(3, 4));
  EXPECT_THAT(rows->columns[4], ElementsAre(6, 4));
  EXPECT_THAT(rows->columns[5], ElementsAre((10 * 1 + 20 * 2 + 30 * 3) / 6.0, 40));
  EXPECT_THAT(rows->columns[6], ElementsAre(3, 4));
}

TEST(Rows, OfShorterBarsAreRefused) {
  const std::vector<std::string> fields{"close"};
  const auto rows = make_rows(daily({core::Date::from_ymd(2024, 3, 26)}), fields, PriceMode::kAdjusted, kDays);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, core::ErrorCode::kInvalidArgument);
}

TEST(Rows, OfDaysAreKnownAtTheClose) {
  const std::vector<std::string> fields{"close"};
  const auto rows = make_rows(daily({core::Date::from_ymd(2024, 11, 29)}), fields, PriceMode::kAdjusted);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->closing[0], key(2024, 11, 29) + 18 * 3'600'000'000'000LL);  // an early close
}

}  // namespace
}  // namespace argosy::data

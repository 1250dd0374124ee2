#include "market/bar.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace argosy::market {
namespace {

const Timeframe kDaily;
const Timeframe kMinute(1, TimeframeUnit::kMinute);

Bar bar(std::int64_t key, double vwap) {
  return {.key = key,
          .open = Price::from_integer(10),
          .high = Price::from_integer(12),
          .low = Price::from_integer(9),
          .close = Price::from_integer(11),
          .volume = 100,
          .vwap = vwap};
}

TEST(Bar, with_no_vwap_equals_itself) {
  EXPECT_EQ(bar(1, std::nan("")), bar(1, std::nan("")));
  EXPECT_FALSE(bar(1, 10.5) == bar(1, std::nan("")));
  Bar other = bar(1, 10.5);
  other.source = PriceSource::kRealTime;
  EXPECT_FALSE(other == bar(1, 10.5));
}

TEST(BarColumns, gives_back_what_was_put_in) {
  BarColumns columns;
  columns.reserve(2);
  columns.push_back(bar(1, std::nan("")));
  columns.push_back(bar(2, std::nan("")));
  EXPECT_TRUE(columns.vwap.empty());
  EXPECT_EQ(columns.at(1), bar(2, std::nan("")));
}

TEST(BarColumns, keeps_a_vwap_that_comes_late) {
  BarColumns columns;
  columns.push_back(bar(1, std::nan("")));
  columns.push_back(bar(2, 10.5));
  columns.push_back(bar(3, std::nan("")));
  ASSERT_EQ(columns.vwap.size(), 3U);
  EXPECT_EQ(columns.at(0), bar(1, std::nan("")));
  EXPECT_EQ(columns.at(1), bar(2, 10.5));
  EXPECT_EQ(columns.at(2), bar(3, std::nan("")));
}

TEST(BarColumnsDeathTest, stops_beyond_the_last_row) {
  EXPECT_DEATH(static_cast<void>(BarColumns().at(0)), "row 0 of 0 bars");
}

TEST(BarKey, of_a_daily_bar_is_a_date) {
  const auto key = parse_key("2024-11-29", kDaily);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, 1'732'838'400'000'000'000);
  EXPECT_EQ(format_key(*key, kDaily), "2024-11-29");
  EXPECT_EQ(key_date(*key), core::Date::from_ymd(2024, 11, 29));
  EXPECT_EQ(date_key(core::Date::from_ymd(2024, 11, 29)), *key);
  EXPECT_EQ(format_key(*parse_key("1962-01-02", kDaily), kDaily), "1962-01-02");
}

TEST(BarKey, of_an_intraday_bar_is_an_instant_or_the_midnight_of_a_date) {
  EXPECT_EQ(format_key(*parse_key("2024-11-29T14:30:00Z", kMinute), kMinute), "2024-11-29T14:30:00Z");
  EXPECT_EQ(format_key(*parse_key("2024-11-29T09:30:00-05:00", kMinute), kMinute), "2024-11-29T14:30:00Z");
  EXPECT_EQ(format_key(*parse_key("2024-11-29", kMinute), kMinute), "2024-11-29T00:00:00Z");
}

TEST(BarKey, refuses_other_texts) {
  EXPECT_EQ(parse_key("2024-11-29T14:30:00Z", kDaily).error().hint, "write YYYY-MM-DD");
  for (const char* text : {"", "2024-02-30", "29.11.2024", "9999-01-01", "0001-01-01", "2024-11-29T14:30:00"}) {
    EXPECT_FALSE(parse_key(text, kDaily)) << text;
    EXPECT_FALSE(parse_key(text, kMinute)) << text;
  }
}

TEST(PriceSource, has_a_name_that_reads_back) {
  for (const auto source :
       {PriceSource::kRealTime, PriceSource::kDelayed, PriceSource::kSimulated, PriceSource::kHistorical}) {
    EXPECT_EQ(parse_price_source(to_string(source)), source);
  }
  EXPECT_EQ(to_string(PriceSource::kRealTime), "REAL_TIME");
  EXPECT_FALSE(parse_price_source("real_time"));
}

}  // namespace
}  // namespace argosy::market

#include "market/bar_builder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace argosy::market {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

const Calendar& nyse() { return **find_calendar("XNYS"); }
Timeframe timeframe(const char* text) { return *Timeframe::parse(text); }
std::vector<Timeframe> all() {
  return {timeframe("1m"), timeframe("5m"), timeframe("15m"), timeframe("30m"), timeframe("1h"), timeframe("1d")};
}
Timestamp time(const char* text) { return *core::parse_rfc3339(text); }

Quote quote(Timestamp at, std::int64_t last) {
  const Price price = Price::from_integer(last);
  return {.time = at, .bid = price, .ask = price, .last = price, .source = PriceSource::kSimulated};
}

struct Told {
  std::uint32_t symbol;
  Timestamp time;
  std::int64_t last;
  double volume;
};

bool same(const ClosedBar& a, const ClosedBar& b) {
  return a.known == b.known && a.symbol == b.symbol && a.timeframe == b.timeframe && a.bar == b.bar;
}

std::vector<ClosedBar> build(BarBuilder& builder, const std::vector<Told>& quotes, Timestamp end) {
  std::vector<ClosedBar> out;
  for (const Told& each : quotes) {
    builder.advance(each.time, out);
    builder.add(each.symbol, quote(each.time, each.last), each.volume);
  }
  builder.advance(end, out);
  return out;
}

// The same by a loop over everything, one bar after the other: what a reader would write down.
std::vector<ClosedBar> plain(const std::vector<Told>& quotes, const std::vector<Timeframe>& timeframes) {
  std::map<std::tuple<Timestamp, core::Duration, std::uint32_t>, ClosedBar> bars;
  for (const Timeframe each : timeframes) {
    for (const Told& told : quotes) {
      const core::Date date = nyse().local_date(told.time);
      const auto session = nyse().session(date);
      if (!session || told.time < session->open || told.time >= session->close) continue;
      std::int64_t key = date_key(date);
      if (each.is_intraday()) {
        key = 0;
        const std::int64_t day = core::utc_midnight(core::utc_date(told.time)).time_since_epoch().count();
        for (std::int64_t begin = day; begin <= told.time.time_since_epoch().count(); begin += each.nominal().count())
          key = begin;
      }
      const Timestamp known = nyse().closing_instant(key, each);
      const Price price = Price::from_integer(told.last);
      const Bar first{
          .key = key, .open = price, .high = price, .low = price, .close = price, .source = PriceSource::kSimulated};
      auto [found, is_new] =
          bars.try_emplace({known, each.nominal(), told.symbol}, ClosedBar{known, told.symbol, each, first});
      Bar& bar = found->second.bar;
      bar.high = std::max(bar.high, price);
      bar.low = std::min(bar.low, price);
      bar.close = price;
      bar.volume += told.volume;
    }
  }
  std::vector<ClosedBar> out;
  for (const auto& [place, bar] : bars) out.push_back(bar);
  return out;
}

RC_GTEST_PROP(BarBuilderProperties, EqualsAPlainLoop, ()) {
  // Around an early close, a weekend, and the nights in which the clocks change.
  static const std::vector<Timestamp> kStarts = {time("2024-11-27T20:00:00Z"), time("2024-11-29T13:00:00Z"),
                                                 time("2024-03-08T19:30:00Z"), time("2024-11-01T18:00:00Z"),
                                                 time("1969-12-31T14:00:00Z")};
  Timestamp now = *rc::gen::elementOf(kStarts);
  const auto steps = *rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::weightedOneOf<std::int64_t>({{20, rc::gen::inRange<std::int64_t>(0, 40)},
                                            {5, rc::gen::inRange<std::int64_t>(40, 4'000)},
                                            {1, rc::gen::inRange<std::int64_t>(4'000, 100'000)}}));
  std::vector<Told> quotes;
  for (const std::int64_t step : steps) {
    now += std::chrono::seconds{step};
    quotes.push_back({*rc::gen::inRange<std::uint32_t>(0, 4), now, *rc::gen::inRange<std::int64_t>(90, 110),
                      static_cast<double>(*rc::gen::inRange(0, 3) * 100)});
  }
  BarBuilder builder(nyse(), all(), 4);
  const auto built = build(builder, quotes, now + 100h);
  const auto expected = plain(quotes, all());
  RC_ASSERT(std::ranges::equal(built, expected, same));
  RC_ASSERT(builder.late() == 0);
  RC_ASSERT(!builder.next_close().has_value());
}

TEST(BarBuilder, ClosesEachBarAtItsInstant) {
  BarBuilder builder(nyse(), {timeframe("1d"), timeframe("1m"), timeframe("5m")}, 2);
  std::vector<ClosedBar> out;
  EXPECT_FALSE(builder.next_close().has_value());
  builder.advance(time("2024-11-29T17:58:30Z"), out);
  EXPECT_TRUE(builder.add(1, quote(time("2024-11-29T17:58:30Z"), 100), 10));
  EXPECT_TRUE(builder.add(0, quote(time("2024-11-29T17:58:30Z"), 7)));
  EXPECT_EQ(builder.next_close(), time("2024-11-29T17:59:00Z"));
  builder.advance(time("2024-11-29T17:58:59.999Z"), out);
  EXPECT_TRUE(out.empty());
  builder.advance(time("2024-11-29T17:59:00Z"), out);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].symbol, 0U);
  EXPECT_EQ(out[1].symbol, 1U);
  EXPECT_EQ(out[1].bar.key, time("2024-11-29T17:58:00Z").time_since_epoch().count());
  EXPECT_EQ(out[1].bar.volume, 10);
  EXPECT_EQ(out[1].bar.source, PriceSource::kSimulated);
  // The last minute gives none. At the early close the five minutes and the day end together.
  EXPECT_EQ(builder.next_close(), time("2024-11-29T18:00:00Z"));
  out.clear();
  builder.advance(time("2024-11-29T18:00:00Z"), out);
  ASSERT_EQ(out.size(), 4U);
  EXPECT_EQ(out[0].timeframe, timeframe("5m"));
  EXPECT_EQ(out[2].timeframe, timeframe("1d"));
  EXPECT_EQ(out[3].bar.key, date_key(core::Date::from_ymd(2024, 11, 29)));
  EXPECT_EQ(out[3].known, time("2024-11-29T18:00:00Z"));
  // Trades at the close and after it are in no bar of the session.
  EXPECT_FALSE(builder.add(0, quote(time("2024-11-29T18:00:00Z"), 7)));
  EXPECT_EQ(builder.outside(), 1);
}

TEST(BarBuilder, WhatComesLateOrTooEarly) {
  BarBuilder builder(nyse(), {timeframe("1m"), timeframe("1h")}, 1);
  std::vector<ClosedBar> out;
  builder.advance(time("2024-12-02T15:00:10Z"), out);
  EXPECT_TRUE(builder.add(0, quote(time("2024-12-02T15:00:05Z"), 100)));  // late, its minute is still open
  builder.advance(time("2024-12-02T15:01:00Z"), out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_FALSE(builder.add(0, quote(time("2024-12-02T15:00:59Z"), 50)));  // its minute was told, its hour is open
  EXPECT_FALSE(builder.add(0, quote(time("2024-12-02T14:31:00Z"), 50)));
  EXPECT_EQ(builder.late(), 2);
  EXPECT_TRUE(builder.add(0, quote(time("2024-12-02T15:02:03Z"), 101)));  // ahead of the clock: the bar it came in
  builder.advance(time("2024-12-02T16:00:00Z"), out);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[1].bar.key, time("2024-12-02T15:01:00Z").time_since_epoch().count());
  EXPECT_EQ(out[2].bar.low, Price::from_integer(100));
  EXPECT_EQ(out[2].bar.close, Price::from_integer(101));
  // Nothing is told twice.
  builder.advance(time("2024-12-05T16:00:00Z"), out);
  EXPECT_EQ(out.size(), 3U);
}

TEST(BarBuilder, SymbolsMayBeAdded) {
  BarBuilder builder(nyse(), {timeframe("1m")});
  std::vector<ClosedBar> out;
  builder.set_symbols(3);
  builder.set_symbols(1);  // never fewer
  builder.advance(time("2024-12-02T15:00:10Z"), out);
  EXPECT_TRUE(builder.add(2, quote(time("2024-12-02T15:00:05Z"), 100)));
  builder.set_symbols(4);
  EXPECT_TRUE(builder.add(3, quote(time("2024-12-02T15:00:06Z"), 100)));
  builder.advance(time("2024-12-02T15:02:00Z"), out);
  EXPECT_EQ(out.size(), 2U);
}

}  // namespace
}  // namespace argosy::market

// Bars built from quotes, as live trading sees them, against the bars that the simulated market says they are.
#include <gtest/gtest.h>

#include <vector>

#include "feeds/simulated_market.hpp"
#include "market/bar_builder.hpp"
#include "market/calendar.hpp"
#include "market/quote_validator.hpp"

namespace argosy::feeds {
namespace {

using market::ClosedBar;
using market::Timeframe;

market::Timeframe timeframe(const char* text) { return *Timeframe::parse(text); }

SimulatedMarketSettings settings(const char* length) {
  // Thanksgiving week: a holiday, an early close and a weekend.
  return {.seed = 11,
          .symbols = 3,
          .days = 8,
          .start = core::Date::from_ymd(2024, 11, 25),
          .jump_rate = 12,
          .timeframe = timeframe(length)};
}

void expect_same_prices(const market::Bar& built, const market::Bar& expected) {
  EXPECT_EQ(built.key, expected.key);
  EXPECT_EQ(built.open, expected.open);
  EXPECT_EQ(built.high, expected.high);
  EXPECT_EQ(built.low, expected.low);
  EXPECT_EQ(built.close, expected.close);
  EXPECT_EQ(built.source, expected.source);
}

TEST(BarsOfQuotes, EqualTheSimulatedMarketsBarsOfEveryLength) {
  const std::vector<const char*> lengths = {"1m", "5m", "15m", "30m", "1h", "1d"};
  std::vector<Timeframe> timeframes;
  for (const char* length : lengths) timeframes.push_back(timeframe(length));
  const auto market = SimulatedMarket::make(settings("1m"));
  ASSERT_TRUE(market.has_value());
  const market::Calendar& nyse = **market::find_calendar("XNYS");
  market::BarBuilder builder(nyse, timeframes, 3);
  SimulatedStream stream(*market);
  std::vector<ClosedBar> built;
  core::Timestamp last;
  while (const auto event = stream.next()) {
    last = event->time;
    builder.advance(last, built);
    // A bar comes at its closing instant, when it was built already.
    if (const auto* bar = std::get_if<market::Bar>(&event->what)) {
      ASSERT_FALSE(built.empty());
      EXPECT_EQ(built.back().known, event->time);
      EXPECT_FALSE(std::ranges::none_of(
          built.end() - std::min<std::ptrdiff_t>(18, std::ssize(built)), built.end(), [&](const ClosedBar& each) {
            return each.symbol == event->symbol && each.timeframe == timeframes[0] && each.bar.key == bar->key;
          }));
    }
    if (const auto* quote = std::get_if<market::Quote>(&event->what)) EXPECT_TRUE(builder.add(event->symbol, *quote));
  }
  EXPECT_FALSE(builder.next_close().has_value());
  for (std::size_t length = 0; length < lengths.size(); ++length) {
    const auto same = SimulatedMarket::make(settings(lengths[length]));
    ASSERT_TRUE(same.has_value());
    for (std::uint32_t symbol = 0; symbol < 3; ++symbol) {
      const market::BarColumns expected = same->history(symbol).bars;
      std::size_t row = 0;
      for (const ClosedBar& bar : built) {
        if (bar.symbol != symbol || bar.timeframe != timeframes[length]) continue;
        ASSERT_LT(row, expected.size());
        expect_same_prices(bar.bar, expected.at(row++));
        EXPECT_EQ(bar.known, nyse.closing_instant(bar.bar.key, bar.timeframe));
      }
      EXPECT_EQ(row, expected.size()) << lengths[length];
    }
  }
}

TEST(BarsOfQuotes, TheValidatorBelievesThem) {
  const auto market = SimulatedMarket::make(settings("1m"));
  ASSERT_TRUE(market.has_value());
  market::QuoteValidator validator{market::QuoteRules{}};
  for (const market::Instrument& instrument : market->instruments()) ASSERT_TRUE(validator.add(instrument).has_value());
  SimulatedStream stream(*market);
  while (const auto event = stream.next()) {
    if (const auto* quote = std::get_if<market::Quote>(&event->what))
      (void)validator.judge(event->symbol, *quote, event->time);
  }
  // 7.5 sessions of 390 minutes, four quotes a minute; but for jumps over a night, all of them.
  EXPECT_GT(validator.counts().believed, 3 * 8 * 210 * 4);
  EXPECT_LE(validator.counts().quarantined(), 12);
}

}  // namespace
}  // namespace argosy::feeds

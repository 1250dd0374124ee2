#include "feeds/demo_stream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace argosy::feeds {
namespace {

using namespace std::chrono_literals;
using core::Price;
using core::Timestamp;
using market::Quote;

const market::Calendar& nyse() { return **market::find_calendar("XNYS"); }

DemoMarket market() {
  return *parse_demo_market(
      "spread_basis_points: 10\n"
      "sell_curve: [{profit: 0, probability: 0.1}]\n"
      "default: {base_price: 50, volatility: 30, buy: 0.2}\n"
      "stocks: [{symbol: AAPL, base_price: 190, volatility: 28, buy: 0.5},\n"
      "         {symbol: WILD, base_price: 0.05, volatility: 300, buy: 0.5}]\n",
      "market.yaml");
}

Timestamp time(const char* text) { return *core::parse_rfc3339(text); }
// The opening of a Friday with an early close, before the Christmas of 2024's Wednesday: 2024-11-29.
DemoStreamOptions options() { return {.seed = 7, .start = time("2024-11-29T14:30:00Z")}; }

std::vector<Quote> quotes_of(DemoStream& stream, std::string_view symbol, std::size_t count) {
  std::vector<Quote> out;
  while (out.size() < count) {
    const auto event = stream.next();
    if (stream.symbols()[event->symbol] == symbol) out.push_back(std::get<Quote>(event->what));
  }
  return out;
}

TEST(DemoStream, QuotesWhileTheExchangeIsOpen) {
  DemoStream stream(market(), nyse(), options());
  EXPECT_FALSE(stream.next().has_value());
  EXPECT_EQ(stream.add("AAPL"), 0U);
  EXPECT_EQ(stream.add("XYZ"), 1U);
  EXPECT_EQ(stream.add("AAPL"), 0U);
  // Three hours and a half of two symbols, once a second each.
  Timestamp last = time("2024-11-29T14:30:00Z");
  for (int i = 0; i < 2 * 12'600; ++i) {
    const auto event = stream.next();
    ASSERT_GE(event->time, last);
    ASSERT_LT(event->time, time("2024-11-29T18:00:00Z"));
    const Quote& quote = std::get<Quote>(event->what);
    ASSERT_EQ(quote.time, event->time);
    ASSERT_EQ(quote.source, market::PriceSource::kSimulated);
    ASSERT_TRUE(quote.bid.is_positive() && quote.bid < quote.ask);
    ASSERT_TRUE(quote.last == quote.bid || quote.last == quote.ask);
    last = event->time;
  }
  EXPECT_GT(last, time("2024-11-29T17:59:58Z"));
  const auto monday = stream.next();
  EXPECT_GE(monday->time, time("2024-12-02T14:30:00Z"));
  EXPECT_LT(monday->time, time("2024-12-02T14:30:01Z"));
}

TEST(DemoStream, BeginsWhereItIsTold) {
  DemoStreamOptions from_close = options();
  from_close.start_prices["AAPL"] = Price::from_integer(250);
  from_close.start += 90min + 250ms;
  DemoStream stream(market(), nyse(), from_close);
  stream.add("AAPL");
  stream.add("XYZ");
  for (int i = 0; i < 2; ++i) {
    const auto event = stream.next();
    EXPECT_GE(event->time, from_close.start);
    EXPECT_LT(event->time, from_close.start + 1s);
    EXPECT_NEAR(std::get<Quote>(event->what).last.to_double(), event->symbol == 0 ? 250 : 50, 1);
  }
  // The spread of 10 basis points of 250.
  const auto [first, second] = std::pair(quotes_of(stream, "AAPL", 1)[0], quotes_of(stream, "XYZ", 1)[0]);
  EXPECT_NEAR((first.ask - first.bid).to_double(), 0.25, 0.011);
  EXPECT_NEAR((second.ask - second.bid).to_double(), 0.05, 0.011);
  // After the close it begins with the next session.
  DemoStreamOptions evening = options();
  evening.start = time("2024-11-29T20:00:00Z");
  DemoStream late(market(), nyse(), evening);
  late.add("AAPL");
  EXPECT_GE(late.next()->time, time("2024-12-02T14:30:00Z"));
}

TEST(DemoStream, OthersChangeNothing) {
  DemoStream alone(market(), nyse(), options());
  alone.add("AAPL");
  DemoStream crowd(market(), nyse(), options());
  for (int i = 0; i < 40; ++i) crowd.add(fmt::format("S{}", i));
  crowd.add("AAPL");
  const auto expected = quotes_of(alone, "AAPL", 2'000);
  EXPECT_EQ(quotes_of(crowd, "AAPL", 1'000), std::vector(expected.begin(), expected.begin() + 1'000));
  // Nor one that comes while it runs.
  crowd.add("LATE");
  crowd.add("LATER");
  EXPECT_EQ(quotes_of(crowd, "AAPL", 1'000), std::vector(expected.begin() + 1'000, expected.end()));
  // Other luck for another seed and for another name.
  DemoStreamOptions other = options();
  other.seed = 8;
  DemoStream differs(market(), nyse(), other);
  differs.add("AAPL");
  EXPECT_NE(quotes_of(differs, "AAPL", 10), std::vector(expected.begin(), expected.begin() + 10));
  DemoStream twins(market(), nyse(), options());
  twins.add("S1");
  twins.add("S2");
  DemoStream again(market(), nyse(), options());
  again.add("S1");
  again.add("S2");
  EXPECT_NE(quotes_of(twins, "S1", 20).back().bid, quotes_of(again, "S2", 20).back().bid);
}

TEST(DemoStream, SymbolsMayComeAtAnyTime) {
  DemoStream stream(market(), nyse(), options());
  stream.add("AAPL");
  Timestamp last = options().start;
  for (int round = 0; round < 200; ++round) {
    // Wherever in the interval the stream stands, the new one has exactly one quote within an interval.
    const std::string symbol = fmt::format("N{}", round);
    for (int i = 0; i < round % 7; ++i) last = stream.next()->time;
    const std::uint32_t place = stream.add(symbol);
    const Timestamp added = last;
    std::set<std::uint32_t> seen;
    int own = 0;
    while (seen.size() < stream.symbols().size() || own == 0) {
      const auto event = stream.next();
      ASSERT_GE(event->time, last);
      last = event->time;
      ASSERT_LE(event->time, added + 2s);
      seen.insert(event->symbol);
      if (event->symbol == place && own++ == 0) ASSERT_LE(event->time, added + 1s);
    }
  }
}

TEST(DemoStream, MovesAsMuchAsItsRowSays) {
  DemoMarket table = market();
  table.spread_basis_points = 0;
  table.tick = *Price::parse("0.0001");
  DemoStreamOptions wide = options();
  wide.quote_interval = 10s;
  DemoStream stream(table, nyse(), wide);
  stream.add("AAPL");
  // Sums of squared returns over 100 sessions; each quote's is bell-shaped, so the standard error of the sum is below 1
  // %.
  const auto quotes = quotes_of(stream, "AAPL", 100 * 2'340);
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t i = 1; i < quotes.size(); ++i, ++count) {
    const double mid = 0.5 * (quotes[i].bid + quotes[i].ask).to_double();
    const double before = 0.5 * (quotes[i - 1].bid + quotes[i - 1].ask).to_double();
    sum += (mid / before - 1) * (mid / before - 1);
  }
  // A year has about 250.5 sessions of 6.5 hours here, with its early closes.
  EXPECT_NEAR(std::sqrt(sum / static_cast<double>(count) * 2'340 * 250.5), 0.28, 0.003);
}

TEST(DemoStream, TradesAsMuchAsItsRowSays) {
  DemoMarket table = market();
  table.stocks.at("AAPL").daily_volume = 1'000'000;
  DemoStreamOptions wide = options();
  wide.quote_interval = 60s;
  DemoStream stream(table, nyse(), wide);
  stream.add("AAPL");
  double sum = 0;
  double largest = 0;
  for (const Quote& quote : quotes_of(stream, "AAPL", 250 * 390)) {
    ASSERT_EQ(quote.volume, std::floor(quote.volume));
    sum += quote.volume;
    largest = std::max(largest, quote.volume);
  }
  // About 250 sessions of 390 minutes; each quote's is uniform around 2,564, so the standard error of the sum is 0.2 %.
  EXPECT_NEAR(sum, 250e6, 250e6 * 0.01);
  EXPECT_LT(largest, 5'200);
}

TEST(DemoStream, CheapAndWildStaysQuotable) {
  DemoStreamOptions day = options();
  day.quote_interval = 60s;
  DemoStream stream(market(), nyse(), day);
  stream.add("WILD");
  for (int i = 0; i < 500'000; ++i) {
    const Quote quote = std::get<Quote>(stream.next()->what);
    ASSERT_TRUE(quote.bid.is_positive() && quote.ask > quote.bid) << i;
  }
}

}  // namespace
}  // namespace argosy::feeds

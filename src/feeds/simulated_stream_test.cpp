#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/executor.hpp"
#include "feeds/player.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::feeds {
namespace {

using core::Timestamp;
using std::chrono::seconds;

SimulatedMarket make(const SimulatedMarketSettings& settings) { return SimulatedMarket::make(settings).value(); }

// A market with actions in its first days: a payer of every kind and a fast grower.
const SimulatedMarketSettings kMinutes{.seed = 5,
                                       .symbols = 12,
                                       .days = 4,
                                       .start = core::Date::from_ymd(2015, 11, 25),
                                       .timeframe = market::Timeframe(15, market::TimeframeUnit::kMinute)};
const SimulatedMarketSettings kDaily{.seed = 5, .symbols = 12, .days = 300};

std::vector<FeedEvent> all_events(const SimulatedMarket& market) {
  SimulatedStream stream(market);
  std::vector<FeedEvent> events;
  while (auto event = stream.next()) events.push_back(*event);
  return events;
}

// The bars of a stream by symbol.
std::vector<market::BarColumns> bars_of(const std::vector<FeedEvent>& events, std::size_t symbols) {
  std::vector<market::BarColumns> bars(symbols);
  for (const FeedEvent& event : events) {
    if (const auto* bar = std::get_if<market::Bar>(&event.what)) bars.at(event.symbol).push_back(*bar);
  }
  return bars;
}

void expect_same_bars(const SimulatedMarket& market, const std::vector<FeedEvent>& events) {
  const auto bars = bars_of(events, market.instruments().size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const SimulatedHistory history = market.history(i);
    ASSERT_EQ(bars[i].size(), history.bars.size()) << i;
    for (std::size_t row = 0; row < bars[i].size(); ++row)
      ASSERT_EQ(bars[i].at(row), history.bars.at(row)) << i << " " << row;
  }
}

TEST(SimulatedStream, gives_the_bars_and_actions_of_the_history) {
  for (const auto& settings : {kMinutes, kDaily}) {
    const SimulatedMarket market = make(settings);
    const auto events = all_events(market);
    expect_same_bars(market, events);
    std::size_t actions = 0;
    for (const FeedEvent& event : events) {
      const auto* action = std::get_if<market::CorporateAction>(&event.what);
      if (action == nullptr) continue;
      ++actions;
      const auto known = market.history(event.symbol).actions;
      EXPECT_NE(std::ranges::find(known, *action), known.end());
    }
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < market.instruments().size(); ++i) wanted += market.history(i).actions.size();
    EXPECT_EQ(actions, wanted);
    EXPECT_GT(settings.days == 300 ? actions : 1, 0U);
  }
}

TEST(SimulatedStream, is_in_the_order_of_time_and_knows_nothing_early) {
  for (const auto& settings : {kMinutes, kDaily}) {
    const SimulatedMarket market = make(settings);
    const market::Calendar& calendar = **market::find_calendar("XNYS");
    Timestamp before = Timestamp::min();
    std::map<std::uint32_t, std::int64_t> last_key;
    for (const FeedEvent& event : all_events(market)) {
      ASSERT_GE(event.time, before);
      before = event.time;
      if (const auto* bar = std::get_if<market::Bar>(&event.what)) {
        ASSERT_EQ(event.time, calendar.closing_instant(bar->key, settings.timeframe));
      } else if (const auto* quote = std::get_if<market::Quote>(&event.what)) {
        ASSERT_EQ(event.time, quote->time);
      } else {
        const auto& action = std::get<market::CorporateAction>(event.what);
        ASSERT_EQ(event.time, calendar.session(action.ex_date)->open);
      }
    }
  }
}

TEST(SimulatedStream, quotes_make_up_the_bars) {
  const SimulatedMarket market = make(kMinutes);
  std::map<std::uint32_t, std::vector<core::Price>> last;
  std::size_t bars = 0;
  for (const FeedEvent& event : all_events(market)) {
    auto& prices = last[event.symbol];
    if (const auto* quote = std::get_if<market::Quote>(&event.what)) {
      const core::Price tick = market.settings().tick;
      ASSERT_GE(quote->bid, tick);
      ASSERT_GE(quote->ask, quote->bid + tick);
      ASSERT_TRUE(quote->last == quote->bid || quote->last == quote->ask);
      ASSERT_EQ((quote->ask - quote->bid).units() % tick.units(), 0);
      prices.push_back(quote->last);
    } else if (const auto* bar = std::get_if<market::Bar>(&event.what)) {
      ++bars;
      ASSERT_EQ(prices.size(), 4U);
      ASSERT_EQ(prices.front(), bar->open);
      ASSERT_EQ(*std::ranges::max_element(prices), bar->high);
      ASSERT_EQ(*std::ranges::min_element(prices), bar->low);
      ASSERT_EQ(prices.back(), bar->close);
      prices.clear();
    }
  }
  EXPECT_EQ(bars, 12U * static_cast<std::size_t>(market.bars_per_symbol()));
}

TEST(SimulatedStream, can_be_moved_and_outlives_the_market) {
  auto market = std::make_unique<SimulatedMarket>(make(kMinutes));
  const auto wanted = all_events(*market);
  SimulatedStream first(*market);
  market.reset();
  ASSERT_TRUE(first.next());
  SimulatedStream stream = std::move(first);
  std::size_t count = 1;
  while (stream.next()) ++count;
  EXPECT_EQ(count, wanted.size());
}

struct Played {
  std::vector<FeedEvent> events;
  std::vector<Timestamp> times;
};

Played play(const SimulatedMarket& market, PlayerOptions options, Timestamp start) {
  core::SimulatedClock clock(start);
  const auto executor = core::make_simulated_executor(clock);
  SimulatedStream stream(market);
  Played played;
  bool done = false;
  Player player(
      *executor, [&] { return stream.next(); }, options,
      [&](const FeedEvent& event) {
        played.events.push_back(event);
        played.times.push_back(clock.now());
      },
      [&] { done = true; });
  player.start();
  executor->run();
  EXPECT_TRUE(done);
  return played;
}

TEST(Player, plays_in_real_time) {
  const SimulatedMarket market = make(kMinutes);
  const Timestamp start{seconds{5}};
  const Played played = play(market, {}, start);
  expect_same_bars(market, played.events);
  const Timestamp first = played.events.front().time;
  for (std::size_t i = 0; i < played.events.size(); ++i)
    ASSERT_EQ(played.times[i] - start, played.events[i].time - first) << i;
}

TEST(Player, plays_faster_and_skips_nights) {
  const SimulatedMarket market = make(kMinutes);
  const Timestamp start{seconds{5}};
  const Played played = play(market, {.speed = 60, .longest_wait = std::chrono::minutes{15}}, start);
  expect_same_bars(market, played.events);
  // Two whole sessions, one half session, one more whole one: three nights of a quarter of an hour between them.
  const auto minutes = 3 * 390 + 210 + 3 * 15;
  EXPECT_EQ(played.times.back() - start, seconds{minutes});
}

TEST(Player, on_the_real_clock_gives_the_same) {
  const SimulatedMarket market = make(kMinutes);
  const core::SystemClock clock;
  const auto executor = core::make_real_executor(clock);
  SimulatedStream stream(market);
  std::vector<FeedEvent> events;
  Player player(
      *executor, [&] { return stream.next(); }, {.speed = 1e9},
      [&](const FeedEvent& event) { events.push_back(event); }, [&] { executor->stop(); });
  player.start();
  executor->run();
  expect_same_bars(market, events);
}

TEST(Player, stops_when_it_is_destroyed) {
  core::SimulatedClock clock(Timestamp{seconds{5}});
  const auto executor = core::make_simulated_executor(clock);
  const SimulatedMarket market = make(kMinutes);
  SimulatedStream stream(market);
  int count = 0;
  auto player = std::make_unique<Player>(
      *executor, [&] { return stream.next(); }, PlayerOptions{}, [&](const FeedEvent&) { ++count; });
  player->start();
  executor->call_at(Timestamp{seconds{5 + 60}}, [&] { player.reset(); });
  executor->run();
  EXPECT_EQ(count, 12);  // the first quotes
}

}  // namespace
}  // namespace argosy::feeds

// When a portfolio is looked at, what it holds then, and in which order it gets there.
#include "engine/rebalancer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "engine/scripted_broker.hpp"
#include "market/bar.hpp"

namespace argosy::engine {
namespace {

using strategy::kBuy;
using strategy::Rebalance;
using strategy::Role;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t day(int year, unsigned month, unsigned of_month) {
  return market::date_key(core::Date::from_ymd(year, month, of_month));
}

EngineSettings settings(std::int64_t hold, const char* drift = "0") {
  return {.account = {.cash = money("1000")},
          .columns = columns_of({Role::kRank}),
          .rebalance = Rebalance{.every = Rebalance::Every::kBars, .hold = hold, .drift = rate(drift)}};
}

// Bars of all instruments at 10, with these ranks.
std::vector<TestBar> ranked(const std::vector<double>& ranks, const char* close = "10") {
  std::vector<TestBar> bars;
  for (std::size_t i = 0; i < ranks.size(); ++i)
    bars.push_back({.instrument = static_cast<InstrumentIndex>(i), .close = price(close), .values = {ranks[i]}});
  return bars;
}

TEST(Rebalancer, IsDueAtTheFirstCloseOfAPeriod) {
  const std::vector<std::int64_t> days{day(2021, 12, 30), day(2021, 12, 31), day(2022, 1, 3), day(2022, 1, 7),
                                       day(2022, 1, 10),  day(2022, 2, 1),   day(2022, 4, 1)};
  const auto due = [&](Rebalance::Every every, std::int64_t bars = 1) {
    Rebalancer rebalancer({.every = every, .bars = bars}, 0, false);
    std::vector<bool> out;
    for (const std::int64_t key : days) out.push_back(rebalancer.is_due(key));
    return out;
  };
  using Every = Rebalance::Every;
  EXPECT_EQ(due(Every::kBars), (std::vector{true, true, true, true, true, true, true}));
  EXPECT_EQ(due(Every::kBars, 3), (std::vector{true, false, false, true, false, false, true}));
  EXPECT_EQ(due(Every::kWeek), (std::vector{true, false, true, false, true, true, true})) << "weeks begin on Monday";
  EXPECT_EQ(due(Every::kMonth), (std::vector{true, false, true, false, false, true, true}));
  EXPECT_EQ(due(Every::kQuarter), (std::vector{true, false, true, false, false, false, true}));
  EXPECT_EQ(due(Every::kYear), (std::vector{true, false, true, false, false, false, false}));
}

TEST(Rebalancer, ChoosesTheBestOfWhatHasABarAndARank) {
  struct Case {
    const char* what;
    std::vector<double> ranks;
    std::vector<InstrumentIndex> chosen;
  };
  for (const Case& c : std::vector<Case>{{"the best first", {1, 3, 2, 0}, {1, 2}},
                                         {"of equals the one listed first", {1, 2, 2, 2}, {1, 2}},
                                         {"unknown is none", {kUnknown, 1, kUnknown, -1}, {1, 3}},
                                         {"fewer than wanted", {kUnknown, kUnknown, 5, kUnknown}, {2}},
                                         {"none", {kUnknown, kUnknown, kUnknown, kUnknown}, {}},
                                         {"infinite", {1, std::numeric_limits<double>::infinity(), 2, -5}, {1, 2}}}) {
    Rebalancer rebalancer({.hold = 2}, 0, false);
    std::vector<std::vector<std::vector<double>>> columns;
    for (const double rank : c.ranks) columns.push_back({{rank}});
    for (std::size_t i = columns.size(); i-- > 0;)
      rebalancer.add({.instrument = static_cast<InstrumentIndex>(i), .row = {.columns = columns[i]}});
    const auto chosen = rebalancer.choose();
    EXPECT_EQ(std::vector(chosen.begin(), chosen.end()), c.chosen) << c.what;
  }
}

TEST(Rebalance, BuySaysWhatMayBeHeldAtAll) {
  EngineSettings filtered = settings(1);
  filtered.rebalance_filters = true;
  Desk desk(filtered, 2);
  auto bars = ranked({1, 2});
  bars[0].signals = kBuy;
  desk.instant(1, bars);
  ASSERT_EQ(desk.orders(), 1U);
  EXPECT_EQ(desk.order(0).instrument, 0U);
}

TEST(Rebalance, SharesTheEquityAmongTheChosen) {
  EngineSettings half = settings(2);
  half.rebalance->weight = rate("0.5");
  Desk desk(half, 3);
  desk.instant(1, ranked({1, 2, 3}));
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(0).instrument, 2U) << "the best first";
  EXPECT_EQ(desk.order(1).instrument, 1U);
  EXPECT_EQ(desk.order(0).quantity, shares(25)) << "a quarter of 1000 at 10";
  EXPECT_EQ(desk.order(0).reason, OrderReason::kRebalance);
}

TEST(Rebalance, SalesComeBeforePurchases) {
  Desk desk(settings(2), 4);
  desk.instant(1, ranked({4, 3, 2, 1}));
  desk.fill(0, "10");
  desk.fill(1, "10");
  desk.instant(2, ranked({1, 2, 3, 4}));
  ASSERT_EQ(desk.orders(), 4U) << "nothing is bought before it is paid for";
  EXPECT_EQ(desk.order(2).side, Side::kSell);
  EXPECT_EQ(desk.order(3).side, Side::kSell);
  desk.fill(2, "10");
  EXPECT_EQ(desk.orders(), 4U) << "one sale is not all";
  desk.fill(3, "10");
  ASSERT_EQ(desk.orders(), 6U);
  EXPECT_EQ(desk.order(4).instrument, 3U);
  EXPECT_EQ(desk.order(4).quantity, shares(50));
  EXPECT_EQ(desk.order(5).instrument, 2U);
  ASSERT_EQ(desk.engine.trades().size(), 2U);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kRebalance);
}

TEST(Rebalance, ASaleThatIsNotFilledHoldsNothingUpForLong) {
  EngineSettings monthly = settings(2);
  monthly.rebalance->every = Rebalance::Every::kMonth;
  Desk slow(monthly, 4);
  slow.instant(day(2022, 1, 3), ranked({4, 3, 2, 1}));
  slow.fill(0, "10");
  slow.fill(1, "10");
  slow.instant(day(2022, 2, 1), ranked({1, 2, 3, 4}));
  ASSERT_EQ(slow.orders(), 4U);
  slow.fill(2, "10");
  slow.instant(day(2022, 2, 2), ranked({1, 2, 3, 4}));
  ASSERT_EQ(slow.orders(), 5U) << "500 of cash pays for one, the best";
  EXPECT_EQ(slow.order(4).instrument, 3U);
  EXPECT_EQ(slow.order(4).quantity, shares(50));
}

TEST(Rebalance, SmallDriftIsLeftAlone) {
  Desk desk(settings(2, "0.2"), 2);
  desk.instant(1, ranked({2, 1}));
  desk.fill(0, "10");
  desk.fill(1, "10");
  // 550 and 450 of 1000: both off by a tenth of 500.
  const auto drifted = [&](const char* a, const char* b) {
    auto bars = ranked({2, 1});
    bars[0].close = price(a);
    bars[1].close = price(b);
    return bars;
  };
  desk.instant(2, drifted("11", "9"));
  EXPECT_EQ(desk.orders(), 2U);
  // 750 and 250: a quarter too much is sold, then a half of what is missing is bought.
  desk.instant(3, drifted("15", "5"));
  ASSERT_EQ(desk.orders(), 3U);
  EXPECT_EQ(desk.order(2).instrument, 0U);
  EXPECT_EQ(desk.order(2).side, Side::kSell);
  EXPECT_EQ(desk.order(2).quantity, shares(16)) << "250 / 15";
  desk.fill(2, "15");
  ASSERT_EQ(desk.orders(), 4U);
  EXPECT_EQ(desk.order(3).instrument, 1U);
  EXPECT_EQ(desk.order(3).quantity, shares(48)) << "the 240 that were received, at 5";
  EXPECT_TRUE(desk.engine.trades().empty()) << "a smaller position is still open";
}

TEST(Rebalance, WhatHasNoBarStaysAndIsNotBought) {
  Desk desk(settings(1), 3);
  desk.instant(1, ranked({3, 2, 1}));
  desk.fill(0, "10");
  const auto bars = ranked({0, 2, 1});
  desk.instant(2, {bars[1], bars[2]});
  EXPECT_EQ(desk.engine.account().position(0).quantity(), shares(100));
  ASSERT_EQ(desk.orders(), 1U) << "all of the cash is in what cannot be sold";
  desk.instant(3, ranked({kUnknown, 2, 1}));
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(1).side, Side::kSell) << "without a rank it is not among the best";
}

// One run over random bars; every order is filled at the next instant at the close before.
std::vector<std::string> run(const EngineSettings& settings, const std::vector<std::vector<TestBar>>& instants) {
  Desk desk(settings, 5);
  std::int64_t key = 0;
  for (const auto& bars : instants) {
    const std::vector<trading::OrderId> working(desk.engine.account().working_orders().begin(),
                                                desk.engine.account().working_orders().end());
    for (const trading::OrderId id : working) {
      const trading::Order order = desk.engine.account().order(id);
      if (!trading::is_final(order.state)) desk.broker.fill(order, desk.engine.account().mark(order.instrument), key);
    }
    desk.instant(++key, bars);
  }
  std::vector<std::string> out;
  for (const trading::Order& order : desk.engine.account().orders())
    out.push_back(std::to_string(order.instrument) + std::string(to_string(order.side)) + order.quantity.to_string() +
                  std::string(to_string(order.reason)) + std::to_string(order.created_key) +
                  std::string(to_string(order.state)) + order.fill_price.to_string());
  return out;
}

void check_same_orders(const EngineSettings& settings) {
  std::vector<std::vector<TestBar>> straight;
  std::vector<std::vector<TestBar>> shuffled;
  for (int k = 0; k < 30; ++k) {
    std::vector<TestBar> bars;
    for (InstrumentIndex i = 0; i < 5; ++i) {
      if (*rc::gen::inRange(0, 6) == 0) continue;  // no bar
      bars.push_back({.instrument = i,
                      .close = Price::from_integer(*rc::gen::inRange<std::int64_t>(5, 15)),
                      .signals = static_cast<std::uint8_t>(*rc::gen::inRange(0, 16)),
                      .values = {static_cast<double>(*rc::gen::inRange(0, 4))}});
    }
    straight.push_back(bars);
    std::vector<TestBar> other;
    while (!bars.empty()) {
      const auto at = *rc::gen::inRange<std::size_t>(0, bars.size());
      other.push_back(bars[at]);
      bars.erase(bars.begin() + static_cast<std::ptrdiff_t>(at));
    }
    shuffled.push_back(std::move(other));
  }
  const auto orders = run(settings, straight);
  RC_ASSERT(orders == run(settings, shuffled));
  RC_TAG(orders.size() > 20 ? "many orders" : "few orders");
}

RC_GTEST_PROP(Permutation, OfSignalsChangesNothing, ()) {
  check_same_orders({.account = {.cash = money("1000"), .type = trading::AccountType::kMargin},
                     .size = {.fraction = rate("0.3")},
                     .bracket = {.stop_loss = {.ratio = rate("0.2")}},
                     .max_bars = 4,
                     .columns = columns_of({Role::kRank})});
}

RC_GTEST_PROP(Permutation, OfRanksChangesNothing, ()) { check_same_orders(settings(2, "0.1")); }

}  // namespace
}  // namespace argosy::engine

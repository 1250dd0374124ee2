#include "honesty/cost_ladder.hpp"

#include <gtest/gtest.h>

#include "backtest/test_walk.hpp"
#include "honesty/test_run.hpp"
#include "honesty/warm_up.hpp"

namespace argosy::honesty {

using backtest::Feed;
using backtest::make_test_walk;
using backtest::SimulationSettings;

namespace {

core::Price price(const char* text) { return *core::Price::parse(text); }

// 100 shares bought at 10 and sold at 11.
struct OneTrade {
  data::SymbolData data;
  std::vector<std::uint8_t> signals{strategy::kBuy, 0, strategy::kSell, 0};
  SimulationSettings settings{.engine = {.account = {.cash = core::Money::from_integer(10'000)}}};

  OneTrade() {
    data.instrument.symbol = "A";
    const char* prices[] = {"10", "10", "11", "11"};
    for (int day = 0; day < 4; ++day) {
      const core::Price p = price(prices[day]);
      data.bars.push_back({.key = market::date_key(core::Date::from_days(day)),
                           .open = p,
                           .high = p,
                           .low = p,
                           .close = p,
                           .volume = 1e6});
    }
    data.factors = {std::vector<double>(4, 1.0), std::vector<double>(4, 1.0)};
    settings.engine.size = {.kind = trading::SizeKind::kShares, .shares = core::Quantity::from_integer(100)};
  }
  CostLadder climb() {
    const Feed feeds[] = {{.data = &data, .signals = signals}};
    const auto run = [&](const SimulationSettings& s) { return simulate(s, feeds); };
    return climb_costs(settings, run(settings), run);
  }
};

TEST(CostLadder, WorkedByHand) {
  OneTrade trade;
  trade.settings.engine.fees = trading::FeeSchedule::percent(*core::Rate::parse("0.01"));
  const CostLadder costs = trade.climb();
  ASSERT_EQ(costs.rungs.size(), 4U);
  // A gain of 100; one percent of 1,000 and of 1,100 a rung.
  const char* equity[] = {"10100", "10079", "10058", "10037"};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(costs.rungs[k].final_equity, *core::Money::parse(equity[k]));
    EXPECT_EQ(costs.rungs[k].multiple, static_cast<double>(k));
  }
  EXPECT_EQ(costs.state, BreakEven::kFound);
  EXPECT_NEAR(costs.break_even.value(), 100.0 / 21, 0.01);
}

TEST(CostLadder, SlippageCounts) {
  OneTrade trade;
  trade.settings.exchange.slippage = *venue::parse_slippage("fixed:0.10");
  const CostLadder costs = trade.climb();
  EXPECT_EQ(costs.rungs[3].final_equity, *core::Money::parse("10040"));
  EXPECT_NEAR(costs.break_even.value(), 5, 0.11) << "in steps of a cent a side";
}

TEST(CostLadder, WithoutCostsATenthOfAPercentIsTried) {
  OneTrade trade;
  const CostLadder costs = trade.climb();
  EXPECT_FALSE(costs.assumed);
  EXPECT_EQ(costs.rungs[0].final_equity, *core::Money::parse("10100"));
  EXPECT_EQ(costs.rungs[1].final_equity, *core::Money::parse("10097.9"));
  EXPECT_NEAR(costs.break_even.value(), 100 / 2.1, 0.1);
}

TEST(CostLadder, WhatLosesHasNoBreakEven) {
  OneTrade trade;
  std::swap(trade.signals[0], trade.signals[2]);
  EXPECT_EQ(trade.climb().state, BreakEven::kNever) << "bought at 11 and kept";
  trade.signals = {0, 0, 0, 0};
  EXPECT_EQ(trade.climb().state, BreakEven::kNoTrades);
  OneTrade cheap;
  cheap.settings.engine.fees = trading::FeeSchedule::percent(*core::Rate::parse("0.000001"));
  EXPECT_EQ(cheap.climb().state, BreakEven::kNotBelow);
}

TEST(CostLadder, MoreCostsLeaveLess) {
  const TestRun run(
      "name: t\nbuy: close > sma(close, 5)\nsell: close < sma(close, 5)\nsize: {percent: 90}\n"
      "commission_percent: 0.2\nslippage: percent:0.05\n",
      {make_test_walk("A", 400, 1)});
  const CostLadder costs = climb_costs(run.settings, run.run, [&](const SimulationSettings& settings) {
    return simulate(settings, make_feeds(run.market, run.signals));
  });
  for (std::size_t k = 1; k < 4; ++k) EXPECT_LT(costs.rungs[k].total_return, costs.rungs[k - 1].total_return);
  EXPECT_EQ(costs.rungs[1].final_equity, run.run.equity.back());
}

TEST(CostLadder, SharesOfOtherFeesGrowOnce) {
  trading::FeeItem commission{.name = "commission", .rates = {{.ratio = *core::Rate::parse("0.01")}}};
  trading::FeeItem tax{.name = "tax", .share_of = 0, .rates = {{.ratio = *core::Rate::parse("0.1")}}};
  SimulationSettings settings;
  settings.engine.fees = {"both", "", {commission, tax}};
  settings.exchange.interest = *core::Rate::parse("0.05");
  const SimulationSettings doubled = scale_costs(settings, 2 * kAssumedCosts);
  const trading::FeeInput fill{.quantity = core::Quantity::from_integer(10), .price = price("100")};
  EXPECT_EQ(settings.engine.fees.fee(fill), *core::Money::parse("11"));
  EXPECT_EQ(doubled.engine.fees.fee(fill), *core::Money::parse("22"));
  EXPECT_EQ(doubled.exchange.interest, *core::Rate::parse("0.1"));
  EXPECT_TRUE(scale_costs(settings, 0).engine.fees.is_free());
}

TEST(WarmUp, FiniteFormulasForgetAndRecursiveOnesDoNot) {
  const auto file = *strategy::parse_strategy(
      "name: t\nparams: {n: 50}\nlet: {slow: 'ema(close, n)'}\n"
      "buy: close > slow and rsi(close, 14) < 60 and sma(close, 20) > 1\nsell: close < slow\n",
      "t.yaml");
  const data::SymbolData walk = make_test_walk("A", 3000, 1);
  const auto found = find_memory(file, walk, data::PriceMode::kAdjusted);
  ASSERT_EQ(found.size(), 3U);
  const auto of = [&](std::string_view text) { return *std::ranges::find(found, text, &MemoryOfFormula::formula); };
  EXPECT_FALSE(of("sma(close, 20)").recursive);
  for (const MemoryAt& at : of("sma(close, 20)").differences) EXPECT_EQ(at.difference, 0);
  EXPECT_EQ(of("sma(close, 20)").bars_needed, 25);
  const MemoryOfFormula slow = of("ema(close, n)");
  EXPECT_TRUE(slow.recursive);
  // What is left of the first of K bars is (49 / 51)^K: 3.5e-4 of it after 199.
  EXPECT_EQ(slow.bars_needed, 199);
  EXPECT_TRUE(std::isnan(slow.differences[0].difference)) << "25 bars give no average of 50";
  EXPECT_GT(slow.differences[2].difference, 1e-4);
  EXPECT_LT(slow.differences.back().difference, 1e-12);
  EXPECT_TRUE(of("rsi(close, 14)").recursive);
}

}  // namespace
}  // namespace argosy::honesty

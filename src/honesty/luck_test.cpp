#include "honesty/luck.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "backtest/test_walk.hpp"
#include "honesty/random_entries.hpp"
#include "honesty/test_run.hpp"

namespace argosy::honesty {

using backtest::EquityStatistics;
using backtest::make_test_walk;
using backtest::Simulation;

namespace {

TEST(Luck, ShuffledDrawdownsAreThoseOfAllOrders) {
  // Six trades have 720 orders; each drawdown's share of them is known.
  std::vector<double> returns{0.10, -0.05, 0.20, -0.15, -0.02, 0.03};
  const double actual = deepest_drawdown_of(returns);
  EXPECT_NEAR(actual, 1 - 0.85 * 0.98, 1e-12) << "the fourth and the fifth";
  std::vector<double> all;
  std::vector<int> order{0, 1, 2, 3, 4, 5};
  do {
    std::vector<double> permuted;
    for (const int at : order) permuted.push_back(returns[static_cast<std::size_t>(at)]);
    all.push_back(deepest_drawdown_of(permuted));
  } while (std::ranges::next_permutation(order).found);
  ASSERT_EQ(all.size(), 720U);
  std::ranges::sort(all);
  const DrawdownLuck drawn = shuffle_trades(returns, 20'000, core::Rng(1));
  EXPECT_EQ(drawn.actual, actual);
  EXPECT_NEAR(drawn.median, quantile(all, 0.5), 0.002);
  EXPECT_NEAR(drawn.high, quantile(all, 0.95), 0.002);
  const auto below = std::ranges::lower_bound(all, actual - 1e-12) - all.begin();
  EXPECT_NEAR(drawn.smaller, static_cast<double>(below) / 720, 0.01);
  EXPECT_EQ(shuffle_trades(returns, 500, core::Rng(4)).drawn, shuffle_trades(returns, 500, core::Rng(4)).drawn);
}

Simulation curve(std::size_t bars, std::int64_t length, double drift) {
  core::Rng rng(5);
  Simulation out{.initial_cash = core::Money::from_integer(100'000)};
  double value = 100'000;
  for (std::size_t i = 0; i < bars; ++i) {
    value *= 1 + drift + 0.01 * rng.normal();
    out.keys.push_back(market::date_key(core::Date::from_ymd(2010, 1, 1)) + static_cast<std::int64_t>(i) * length);
    out.equity.push_back(*core::Money::from_double(value));
  }
  return out;
}

constexpr std::int64_t kDay = 86'400'000'000'000;

TEST(Luck, ReturnsAreOfDaysUnlessThereAreFew) {
  const market::Timeframe minute(1, market::TimeframeUnit::kMinute);
  const ReturnSeries days = return_series(curve(500, kDay, 0), market::Timeframe(), false);
  EXPECT_EQ(days.unit, "day");
  EXPECT_EQ(days.returns.size(), 500U);
  EXPECT_EQ(days.per_year, 252);
  const ReturnSeries minutes = return_series(curve(5'000, kDay / 1440, 0), minute, false);
  EXPECT_EQ(minutes.unit, "bar");
  EXPECT_EQ(minutes.returns.size(), 5'000U);
  const ReturnSeries many = return_series(curve(45'000, kDay / 1440, 0), minute, false);
  EXPECT_EQ(many.unit, "5 bars");
  EXPECT_EQ(many.returns.size(), 9'000U);
  EXPECT_NEAR(many.per_year, 365.25 * 1440 / 5, 100);
  const ReturnSeries hours = return_series(curve(2'500 * 24, kDay / 24, 0), minute, true);
  EXPECT_EQ(hours.unit, "day");
  EXPECT_EQ(hours.returns.size(), 2'500U);
  EXPECT_TRUE(return_series(Simulation{}, minute, false).returns.empty());
}

TEST(Luck, EstimatesAreTheSummarysWithAnIntervalRoundThem) {
  const Simulation run = curve(1'000, kDay, 0.0005);
  const Luck luck = measure_luck(run, market::Timeframe(), false, {});
  const EquityStatistics s =
      backtest::equity_statistics(run.keys, run.equity, run.initial_cash, market::Timeframe(), false);
  const auto expect = [&](const char* name, double value) {
    const auto found = std::ranges::find(luck.estimates, name, &Estimate::name);
    ASSERT_NE(found, luck.estimates.end()) << name;
    EXPECT_NEAR(found->value, value, 1e-9 * std::abs(value)) << name;
    EXPECT_LT(found->interval.low, found->value) << name;
    EXPECT_GT(found->interval.high, found->value) << name;
  };
  expect("total_return", s.total_return);
  expect("cagr", s.cagr);
  expect("volatility", s.volatility);
  expect("sharpe", s.sharpe);
  expect("sortino", s.sortino);
  const auto drawdown = std::ranges::find(luck.estimates, "max_drawdown", &Estimate::name);
  EXPECT_NEAR(drawdown->value, s.max_drawdown, 1e-9);
  // Of 1,000 independent days the Sharpe ratio has a standard error of about the root of 252 / 1,000.
  const auto sharpe = std::ranges::find(luck.estimates, "sharpe", &Estimate::name);
  EXPECT_NEAR(sharpe->interval.high - sharpe->interval.low, 2 * 1.96 * std::sqrt(0.252), 0.4);
  EXPECT_NEAR(luck.sharpe.sharpe * std::sqrt(252), s.sharpe, 1e-9);
  EXPECT_EQ(luck.sharpe.deflated, luck.sharpe.probabilistic) << "one trial deflates nothing";
  EXPECT_LT(measure_luck(run, market::Timeframe(), false, {.trials = 100, .trials_spread = 0.03}).sharpe.deflated,
            luck.sharpe.deflated);
}

TEST(Luck, NothingIsSaidOfARunWithoutTrades) {
  const Luck luck = measure_luck(Simulation{.keys = {0, kDay},
                                            .equity = {core::Money::from_integer(10), core::Money::from_integer(10)},
                                            .initial_cash = core::Money::from_integer(10)},
                                 market::Timeframe(), false, {});
  for (const Estimate& estimate : luck.estimates) EXPECT_TRUE(std::isnan(estimate.interval.low)) << estimate.name;
  EXPECT_TRUE(luck.drawdown.drawn.empty());
}

// Enters at given bars and leaves after five.
TestRun entering_at(const std::vector<std::size_t>& rows, data::SymbolData symbol) {
  TestRun out("name: test\nbuy: close > 1e9\nmax_bars: 5\nsize: {percent: 20}\ncommission_percent: 0.05\n",
              {std::move(symbol)});
  for (const std::size_t row : rows) out.signals.symbols[0].bits[row] = strategy::kBuy;
  out.simulate_again();
  return out;
}

EntryTest test_of(const TestRun& run, std::uint64_t seed) {
  return try_random_entries({.request = run.request,
                             .compiled = run.compiled,
                             .settings = run.settings,
                             .market = run.market,
                             .signals = run.signals,
                             .run = run.run},
                            seed);
}

TEST(RandomEntries, ForesightIsNoChance) {
  const data::SymbolData walk = make_test_walk("WALK", 600, 1);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row + 6 < 600; ++row) {
    if (walk.bars.close[row + 6] > core::scale(walk.bars.open[row + 1], 103, 100, core::Rounding::kCeiling))
      rows.push_back(row);
  }
  const EntryTest test = test_of(entering_at(rows, walk), 1);
  EXPECT_EQ(test.replicates, 199);
  EXPECT_GT(test.entries, 20);
  EXPECT_NEAR(test.p_value, 1.0 / 200, 1e-12);
  EXPECT_GT(test.actual, test.random_high);
  EXPECT_NEAR(test.random_entries, static_cast<double>(test.entries), 0.15 * static_cast<double>(test.entries));
  EXPECT_EQ(test_of(entering_at(rows, walk), 1).random_mean, test.random_mean) << "the same seed, the same runs";
}

TEST(RandomEntries, ChanceIsChance) {
  // Of rules without skill each p value is as likely as any other.
  double sum = 0;
  int below = 0;
  constexpr int kRules = 60;
  for (int rule = 0; rule < kRules; ++rule) {
    core::Rng rng(static_cast<std::uint64_t>(rule) + 100);
    std::vector<std::size_t> rows;
    for (int k = 0; k < 25; ++k) rows.push_back(rng.below(299));
    const EntryTest test = test_of(entering_at(rows, make_test_walk("WALK", 300, 2)), 7);
    sum += test.p_value;
    below += test.p_value <= 0.2 ? 1 : 0;
  }
  EXPECT_NEAR(sum / kRules, 0.5, 0.12);
  EXPECT_NEAR(static_cast<double>(below) / kRules, 0.2, 0.15);
}

TEST(RandomEntries, FewEntriesAreNotTried) {
  const EntryTest test = test_of(entering_at({10, 50}, make_test_walk("WALK", 300, 2)), 7);
  EXPECT_EQ(test.entries, 2);
  EXPECT_EQ(test.replicates, 0);
  EXPECT_EQ(random_entry_replicates(3'000), 199U);
  EXPECT_EQ(random_entry_replicates(20'000), 100U);
  EXPECT_EQ(random_entry_replicates(1'000'000), 40U);
}

}  // namespace
}  // namespace argosy::honesty

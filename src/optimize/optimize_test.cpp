// Whole searches over a simulated walk.
#include "optimize/optimize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backtest/market_part.hpp"
#include "backtest/steps.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"
#include "optimize/strategy_space.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::optimize {
namespace {

using backtest::MarketData;

constexpr std::int64_t kDay = 86'400'000'000'000;

data::SymbolData make_walk(std::size_t count, std::uint64_t seed) {
  core::Rng rng(seed);
  data::SymbolData out{.timeframe = *market::Timeframe::parse("1d")};
  out.instrument.symbol = "WALK";
  const std::int64_t start = market::date_key(core::Date::from_ymd(2010, 1, 1));
  const auto cents = [](std::int64_t value) { return core::Price::from_units(value * 10'000'000); };
  std::int64_t close = 20'000;
  for (std::size_t i = 0; i < count; ++i) {
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(500, close + step(101) - 50);
    close = std::max<std::int64_t>(500, open + step(401) - 198);
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * kDay,
                        .open = cents(open),
                        .high = cents(std::max(open, close) + step(100)),
                        .low = cents(std::min(open, close) - step(100)),
                        .close = cents(close),
                        .volume = 1'000'000});
  }
  out.factors.price.assign(count, 1.0);
  out.factors.split.assign(count, 1.0);
  return out;
}

constexpr const char* kCross =
    "name: cross\n"
    "params: {fast: {default: 5, range: [2, 20], step: 3}, slow: {default: 30, range: [10, 60], step: 10}}\n"
    "buy: cross_above(sma(close, fast), sma(close, slow))\n"
    "sell: cross_below(sma(close, fast), sma(close, slow))\n"
    "commission_percent: 0.1\n";

struct Fixture {
  OptimizeRequest request;
  std::shared_ptr<const MarketData> market;
  lake::Snapshot none{nullptr};  // no formula here looks beyond its symbol
  core::SimulatedClock clock{core::Timestamp{}};

  explicit Fixture(const char* text = kCross, data::SymbolData symbol = make_walk(1500, 1)) {
    request.base.strategy = *strategy::parse_strategy(text, "test.yaml");
    request.base.symbols = {"WALK"};
    request.space = *strategy_space(request.base.strategy);
    request.sampler.kind = search::SamplerKind::kGrid;
    set_market(std::move(symbol));
  }
  void set_market(data::SymbolData symbol) {
    MarketData data{.detail = {}, .rates = {}, .currency = "USD"};
    data.symbols.push_back(std::move(symbol));
    market = std::make_shared<const MarketData>(std::move(data));
  }
  core::Result<OptimizeResult> run() {
    const StoreFactory factory = [](const std::string&) -> core::Result<std::unique_ptr<search::StudyStore>> {
      return search::make_memory_store();
    };
    return optimize(request, market, none, factory, clock);
  }
};

TEST(Optimize, TheBestOfAGridIsTheBestOfAllBacktests) {
  Fixture fixture;
  const OptimizeResult result = *fixture.run();
  ASSERT_EQ(result.trials.trials.size(), 42U);
  double best = -1e9;
  for (int fast = 2; fast <= 20; fast += 3) {
    for (int slow = 10; slow <= 60; slow += 10) {
      auto request = fixture.request.base;
      ASSERT_TRUE(strategy::set_parameter(request.strategy, "fast=" + std::to_string(fast)).has_value());
      ASSERT_TRUE(strategy::set_parameter(request.strategy, "slow=" + std::to_string(slow)).has_value());
      const auto run = *backtest::run_backtest(request, fixture.market, fixture.none);
      best = std::max(best, run.statistics.sharpe);
    }
  }
  ASSERT_TRUE(result.best.has_value());
  EXPECT_EQ(result.trials.trials[result.trials.ranking.front()].values.front(), best);
  EXPECT_EQ(result.best->statistics.sharpe, best);
  EXPECT_EQ(result.defaults.summary.strategy, "cross");
  ASSERT_TRUE(result.overfitting.has_value());
  EXPECT_EQ(result.overfitting->tries, 42U);
  EXPECT_GT(result.overfitting->expected_best_sharpe, 0);
  EXPECT_LT(result.overfitting->effective_trials, 42);
}

TEST(Optimize, WorkersDoNotChangeAGrid) {
  Fixture one;
  Fixture two;
  two.request.workers = 2;
  EXPECT_EQ(one.run()->trials.result_hash, two.run()->trials.result_hash);
}

TEST(Optimize, TheSameSeedGivesTheSameTrials) {
  const auto hash = [](std::uint64_t seed) {
    Fixture fixture;
    fixture.request.sampler = {.kind = search::SamplerKind::kTpe, .seed = seed};
    fixture.request.trials = 30;
    fixture.request.pruner = {.kind = search::PrunerKind::kAsha, .min_resource = 1};
    return fixture.run()->result_hash;
  };
  EXPECT_EQ(hash(7), hash(7));
  EXPECT_NE(hash(7), hash(8));
}

// A pruner sees the latest years first, with formulas that are warm.
TEST(Optimize, TheFirstRungIsTheLatestYear) {
  Fixture fixture;
  fixture.request.pruner = {.kind = search::PrunerKind::kSuccessiveHalving, .min_resource = 1, .eta = 4};
  const OptimizeResult result = *fixture.run();
  EXPECT_EQ(result.max_resource, 5) << "1,500 days";
  const auto& keys = fixture.market->symbols[0].bars.key;
  const std::int64_t last = keys.back();
  const core::Date year_before = core::Date::from_ymd(market::key_date(last).year() - 1, market::key_date(last).month(),
                                                      market::key_date(last).day());
  const sweep::Sweep sweep =
      *sweep::Sweep::make({.base = fixture.request.base, .parameters = {"fast", "slow"}}, fixture.market, fixture.none);
  for (const search::Trial& trial : result.trials.trials) {
    ASSERT_FALSE(trial.intermediates.empty());
    EXPECT_EQ(trial.intermediates.front().resource, 1);
    const std::vector<sweep::SweepSetting> setting{{trial.setting.values[0], trial.setting.values[1]}};
    const auto run =
        *sweep.evaluate(setting, {.from = market::date_key(year_before) + kDay, .to = {}}, {.statistics = true});
    const double expected = parse_objective("sharpe")->value(run.front());
    EXPECT_EQ(trial.intermediates.front().value, expected);
  }
}

TEST(Optimize, WhoNeverTradesIsNoAnswer) {
  Fixture fixture(
      "name: never\nparams: {level: {default: 1, range: [1, 3], step: 1}}\nbuy: close < level\nsell: close > 0\n");
  const OptimizeResult result = *fixture.run();
  EXPECT_FALSE(result.best.has_value());
  EXPECT_TRUE(std::ranges::all_of(
      result.trials.trials, [](const search::Trial& trial) { return trial.state == search::TrialState::kInfeasible; }));
  EXPECT_TRUE(result.warnings.front().contains("there is no best one"));
}

TEST(Optimize, ErrorsSayWhatToDo) {
  const auto error = [](auto change) {
    Fixture fixture;
    change(fixture.request);
    const auto result = fixture.run();
    return result ? std::string("no error") : result.error().message + " / " + result.error().hint;
  };
  EXPECT_TRUE(error([](OptimizeRequest& r) { r.trials = 0; }).contains("zero trials"));
  EXPECT_TRUE(error([](OptimizeRequest& r) { r.space = {}; }).contains("the space is empty"));
  EXPECT_TRUE(error([](OptimizeRequest& r) { r.memory = 1000; }).contains("memory"));
  EXPECT_TRUE(error([](OptimizeRequest& r) { r.workers = 0; }).contains("workers"));
  const std::string walk = error([](OptimizeRequest& r) { r.walk_forward = *search::parse_walk_forward("9y/1y"); });
  EXPECT_TRUE(walk.contains("data") || walk.contains("long")) << walk;
  EXPECT_TRUE(error([](OptimizeRequest& r) {
                r.space = *search::parse_space("speed: {range: [1, 2]}", "space.yaml");
              }).contains("no parameter \"speed\""));
}

TEST(WalkForward, WindowsFollowEachOtherWithoutAHole) {
  Fixture fixture;
  fixture.request.walk_forward = *search::parse_walk_forward("1y/6m");
  const OptimizeResult result = *fixture.run();
  const WalkForwardResult& walk = *result.walk_forward;
  const auto& keys = fixture.market->symbols[0].bars.key;
  ASSERT_GE(walk.windows.size(), 5U);
  for (std::size_t w = 0; w < walk.windows.size(); ++w) {
    const Window& window = walk.windows[w];
    EXPECT_LT(window.train_to, window.test_from);
    if (w > 0) EXPECT_EQ(window.test_from, walk.windows[w - 1].test_to + kDay);
  }
  EXPECT_EQ(walk.windows.back().test_to, keys.back());
  EXPECT_EQ(walk.run.keys.front(), walk.windows.front().test_from);
  double product = 1;
  for (const Window& window : walk.windows) product *= 1 + window.test_return;
  EXPECT_NEAR(product - 1, walk.statistics.total_return, 1e-9);
}

// With one setting to choose there is nothing to stitch: it is a plain run over the tests.
TEST(WalkForward, OneSettingGivesAPlainRun) {
  Fixture fixture;
  fixture.request.space = *search::parse_space("fast: {choices: [5]}\nslow: {choices: [30]}\n", "space.yaml");
  fixture.request.walk_forward = *search::parse_walk_forward("1y/6m");
  const OptimizeResult result = *fixture.run();
  const auto part =
      *backtest::take_part(fixture.market, {.from = result.walk_forward->windows.front().test_from, .to = {}});
  const auto compiled = *strategy::compile_strategy(fixture.request.base.strategy);
  auto signals = *backtest::find_signals(fixture.request.base, compiled, fixture.market->symbols, fixture.none);
  backtest::keep_part(part, signals);
  const auto plain = simulate(*backtest::make_settings(fixture.request.base, compiled, *part.market),
                              backtest::make_feeds(*part.market, signals));
  EXPECT_GT(plain.trades.size(), 5U);
  EXPECT_EQ(backtest::hash_result(result.walk_forward->run), backtest::hash_result(plain));
}

// What comes after a window changes neither its choice nor its result.
TEST(WalkForward, NoWindowSeesWhatComesAfterIt) {
  Fixture fixture;
  fixture.request.walk_forward = *search::parse_walk_forward("1y/6m");
  const WalkForwardResult whole = *fixture.run()->walk_forward;
  constexpr std::size_t kKept = 3;
  data::SymbolData other = fixture.market->symbols[0];
  const data::SymbolData strange = make_walk(other.bars.size(), 99);
  for (std::size_t row = 0; row < other.bars.size(); ++row) {
    if (other.bars.key[row] <= whole.windows[kKept - 1].test_to) continue;
    other.bars.open[row] = strange.bars.open[row];
    other.bars.high[row] = strange.bars.high[row];
    other.bars.low[row] = strange.bars.low[row];
    other.bars.close[row] = strange.bars.close[row];
  }
  fixture.set_market(std::move(other));
  const WalkForwardResult changed = *fixture.run()->walk_forward;
  for (std::size_t w = 0; w < kKept; ++w) {
    EXPECT_EQ(changed.windows[w].setting, whole.windows[w].setting) << w;
    EXPECT_EQ(changed.windows[w].test_return, whole.windows[w].test_return) << w;
    EXPECT_EQ(changed.windows[w].result_hash, whole.windows[w].result_hash) << w;
  }
  EXPECT_NE(changed.result_hash, whole.result_hash);
}

}  // namespace
}  // namespace argosy::optimize

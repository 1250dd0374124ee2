#include "backtest/sweep.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backtest/backtest.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::backtest {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;

// A walk in quarters, with a split and a dividend.
data::SymbolData make_walk(const char* name, std::size_t count, std::uint64_t seed) {
  core::Rng rng(seed);
  data::SymbolData out{.timeframe = *market::Timeframe::parse("1d")};
  out.instrument.symbol = name;
  std::int64_t close = 400;
  const std::int64_t start = market::date_key(core::Date::from_ymd(2015, 1, 1));
  for (std::size_t i = 0; i < count; ++i) {
    const auto quarters = [](std::int64_t value) { return core::Price::from_units(value * 250'000'000); };
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(40, close + step(5) - 2);
    close = std::max<std::int64_t>(40, open + step(9) - 4);
    out.bars.push_back({.key = start + static_cast<std::int64_t>(i) * kDay,
                        .open = quarters(open),
                        .high = quarters(std::max(open, close) + step(4)),
                        .low = quarters(std::min(open, close) - step(4)),
                        .close = quarters(close),
                        .volume = 1000});
  }
  out.factors.price.assign(count, 1.0);
  out.factors.split.assign(count, 1.0);
  return out;
}

constexpr const char* kCross =
    "name: cross\n"
    "params: {fast: 5, slow: 20, stop: 0.05}\n"
    "let: {quick: 'sma(close, fast)'}\n"
    "buy: cross_above(quick, sma(close, slow))\n"
    "sell: cross_below(quick, sma(close, slow))\n"
    "stop_loss: stop\n"
    "size: {percent: 50}\n"
    "commission_percent: 0.1\n";

struct Fixture {
  BacktestRequest base;
  std::shared_ptr<const MarketData> market;
  lake::Snapshot none{nullptr};  // no formula here looks beyond its symbol

  explicit Fixture(const char* text, std::vector<data::SymbolData> symbols = {make_walk("WALK", 400, 1)}) {
    base.strategy = *strategy::parse_strategy(text, "test.yaml");
    for (const auto& symbol : symbols) base.symbols.push_back(symbol.instrument.symbol);
    market = std::make_shared<const MarketData>(
        MarketData{.symbols = std::move(symbols), .detail = {}, .rates = {}, .currency = "USD"});
  }
  [[nodiscard]] Sweep sweep(std::vector<std::string> parameters, int workers = 1) const {
    return *Sweep::make({.base = base, .parameters = std::move(parameters), .workers = workers}, market, none);
  }
};

TEST(Sweep, GivesWhatABacktestOfEachSettingGives) {
  const Fixture fixture(kCross);
  const Sweep sweep = fixture.sweep({"stop", "fast", "slow"});
  const std::vector<SweepSetting> settings{{0.05, 5, 20}, {0.02, 5, 20}, {0.05, 3, 10}, {0.5, 30, 7}, {0.02, 3, 10}};
  const auto results = *sweep.evaluate(settings, {}, {.statistics = true, .returns = true});
  ASSERT_EQ(results.size(), settings.size());
  for (std::size_t k = 0; k < settings.size(); ++k) {
    const auto expected = *run_backtest(*sweep.request(settings[k]), fixture.market, fixture.none);
    ASSERT_FALSE(results[k].error.has_value());
    EXPECT_EQ(results[k].final_equity, expected.run.equity.back()) << k;
    EXPECT_EQ(results[k].fees, expected.run.fees);
    EXPECT_EQ(results[k].trades.trades, expected.trade_statistics.trades);
    EXPECT_EQ(results[k].trades.expectancy, expected.trade_statistics.expectancy);
    EXPECT_EQ(results[k].statistics.sharpe, expected.statistics.sharpe);
    EXPECT_EQ(results[k].statistics.max_drawdown, expected.statistics.max_drawdown);
    EXPECT_EQ(results[k].exposure, expected.summary.exposure);
    EXPECT_EQ(results[k].returns.size(), 400U);
    double product = 1;
    for (const double each : results[k].returns) product *= 1 + each;
    EXPECT_NEAR(product - 1, results[k].statistics.total_return, 1e-9);
  }
  EXPECT_NE(results[0].final_equity, results[1].final_equity) << "the stops of one group differ";
}

TEST(Sweep, DoesNotDependOnItsWorkers) {
  const Fixture fixture(kCross);
  std::vector<SweepSetting> settings;
  for (int fast = 2; fast < 12; ++fast) {
    for (int slow = 5; slow < 40; slow += 5) settings.push_back({static_cast<double>(fast), static_cast<double>(slow)});
  }
  const auto one = *fixture.sweep({"fast", "slow"}).evaluate(settings);
  const auto three = *fixture.sweep({"fast", "slow"}, 3).evaluate(settings);
  for (std::size_t k = 0; k < settings.size(); ++k) EXPECT_EQ(one[k].digest, three[k].digest) << k;
}

TEST(Sweep, ASettingThatCannotBeMeantIsAnErrorOfItsOwn) {
  const Fixture fixture(kCross);
  const Sweep sweep = fixture.sweep({"fast", "stop"});
  const auto results = *sweep.evaluate(
      std::vector<SweepSetting>{{5, 0.05}, {0, 0.05}, {5, 0}, {5, -1}, {std::nan(""), 0.05}, {5, 0.1}, {2.5, 0.1}});
  const std::vector<bool> wrong{false, true, true, true, true, false, true};
  for (std::size_t k = 0; k < wrong.size(); ++k) EXPECT_EQ(results[k].error.has_value(), wrong[k]) << k;
  EXPECT_TRUE(results[1].error->describe().contains("test.yaml")) << results[1].error->describe();
  EXPECT_TRUE(results[4].error->message.contains("no finite number"));
}

TEST(Sweep, APartIsTradedWithFormulasThatAreWarm) {
  const char* above =
      "name: above\nparams: {slow: 20}\nbuy: close > sma(close, slow)\nsell: close < sma(close, slow)\n";
  const Fixture fixture(above);
  const Sweep sweep = fixture.sweep({"slow"});
  const auto& keys = fixture.market->symbols[0].bars.key;
  const data::KeyRange part{.from = keys[200], .to = keys[299]};
  const auto results = *sweep.evaluate(std::vector<SweepSetting>{{150}}, part, {.returns = true});
  EXPECT_EQ(results[0].returns.size(), 100U);
  EXPECT_GT(results[0].trades.trades, 0) << "an average of 150 bars is known from the first of 100 on";
  // What comes after the part does not matter.
  Fixture shorter(above, {make_walk("WALK", 300, 1)});
  EXPECT_EQ((*shorter.sweep({"slow"}).evaluate(std::vector<SweepSetting>{{150}}, part))[0].digest, results[0].digest);
  EXPECT_FALSE(sweep.evaluate(std::vector<SweepSetting>{{150}}, {.from = keys[399] + kDay}).has_value());
}

TEST(Sweep, RefusesWhatItCannotSweep) {
  const Fixture fixture(kCross);
  const auto make = [&](std::vector<std::string> parameters, int workers = 1) {
    return Sweep::make({.base = fixture.base, .parameters = std::move(parameters), .workers = workers}, fixture.market,
                       fixture.none);
  };
  EXPECT_FALSE(make({}).has_value());
  EXPECT_TRUE(make({"slov"}).error().message.contains("slow"));
  EXPECT_FALSE(make({"slow", "slow"}).has_value());
  EXPECT_FALSE(make({"slow"}, 0).has_value());
  EXPECT_FALSE(fixture.sweep({"slow"}).evaluate(std::vector<SweepSetting>{{1, 2}}).has_value());
  EXPECT_FALSE(fixture.sweep({"slow"}).request(std::vector<double>{}).has_value());
}

TEST(Sweep, SeveralSymbolsRunInTheCore) {
  const Fixture fixture(kCross, {make_walk("A", 300, 1), make_walk("B", 200, 2)});
  const Sweep sweep = fixture.sweep({"fast"});
  const auto results = *sweep.evaluate(std::vector<SweepSetting>{{4}, {9}});
  for (std::size_t k = 0; k < results.size(); ++k) {
    EXPECT_EQ(results[k].engine, SweepEngine::kCore);
    const auto expected =
        *run_backtest(*sweep.request(k == 0 ? SweepSetting{4} : SweepSetting{9}), fixture.market, fixture.none);
    EXPECT_EQ(results[k].final_equity, expected.run.equity.back());
  }
}

}  // namespace
}  // namespace argosy::backtest

#include "sweep/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backtest/backtest.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"
#include "market/calendar.hpp"
#include "strategy/strategy_file.hpp"
#include "sweep/detail/rules.hpp"

namespace argosy::sweep {

using backtest::BacktestRequest;
using backtest::MarketData;

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
  [[nodiscard]] Sweep sweep(const std::vector<std::string>& parameters, int workers = 1) const {
    return *Sweep::make({.base = base, .parameters = parameters, .workers = workers}, market, none);
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
    EXPECT_EQ(results[k].engine, SweepEngine::kKernel);
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
  const auto two = *fixture.sweep({"fast", "slow"}, 2).evaluate(settings);
  for (std::size_t k = 0; k < settings.size(); ++k) EXPECT_EQ(one[k].digest, two[k].digest) << k;
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

// The same strategy by the core: no limit is ever sent, so that how limits are filled changes nothing but the engine.
std::string by_core(const char* text) { return std::string(text) + "limit_fills: through\n"; }

TEST(Sweep, TheKernelGivesWhatTheCoreGives) {
  auto walk = make_walk("WALK", 500, 3);
  walk.actions = {{.ex_date = market::key_date(walk.bars.key[120]),
                   .kind = market::ActionKind::kSplit,
                   .numerator = 3,
                   .denominator = 2},
                  {.ex_date = market::key_date(walk.bars.key[260]), .amount = core::Price::from_units(400'000'000)}};
  const auto calendar = *market::find_calendar("24/7");
  walk.factors = *market::adjustment_factors(walk.bars.key, walk.bars.close, walk.actions, walk.bars.key[0],
                                             walk.timeframe, *calendar);
  for (const char* more : {"", "take_profit: 50%\n", "trailing_stop: 4%\nmax_bars: 9\n"}) {
    SCOPED_TRACE(more);
    const std::string text = std::string(kCross) + more;
    const Fixture kernel(text.c_str(), {walk});
    const Fixture core(by_core(text.c_str()).c_str(), {walk});
    std::vector<SweepSetting> settings;
    for (int fast = 2; fast < 30; fast += 3) {
      for (const double stop : {0.01, 0.05, 0.3}) settings.push_back({static_cast<double>(fast), stop});
    }
    const auto& keys = kernel.market->symbols[0].bars.key;
    for (const data::KeyRange& part : {data::KeyRange{}, data::KeyRange{.from = keys[100], .to = keys[400]}}) {
      const SweepWants wants{.statistics = true, .returns = true};
      const auto fast = *kernel.sweep({"fast", "stop"}).evaluate(settings, part, wants);
      const auto slow = *core.sweep({"fast", "stop"}).evaluate(settings, part, wants);
      for (std::size_t k = 0; k < settings.size(); ++k) {
        ASSERT_EQ(fast[k].engine, SweepEngine::kKernel);
        ASSERT_EQ(slow[k].engine, SweepEngine::kCore);
        EXPECT_EQ(fast[k].digest, slow[k].digest);
        EXPECT_EQ(fast[k].final_equity, slow[k].final_equity);
        EXPECT_EQ(fast[k].dividends, slow[k].dividends);
        EXPECT_EQ(fast[k].exposure, slow[k].exposure);
        EXPECT_EQ(fast[k].statistics.max_drawdown, slow[k].statistics.max_drawdown);
        EXPECT_EQ(fast[k].returns, slow[k].returns);
      }
    }
  }
}

TEST(Sweep, SaysWhyTheCoreRuns) {
  const auto why = [](const std::string& more) {
    const std::string text = std::string("name: x\nparams: {n: 5}\nbuy: close > sma(close, n)\n") + more;
    const auto parsed = strategy::parse_strategy(text, "test.yaml");
    if (!parsed) return parsed.error().describe();
    const Fixture fixture(text.c_str());
    const Sweep sweep = fixture.sweep({"n"});
    const auto results = *sweep.evaluate(std::vector<SweepSetting>{{5}});
    EXPECT_FALSE(results[0].error.has_value()) << more << results[0].error->describe();
    EXPECT_EQ(results[0].engine == SweepEngine::kKernel, results[0].why_core.empty());
    return std::string(results[0].why_core);
  };
  EXPECT_EQ(why("sell: close < sma(close, n)\n"), "");
  EXPECT_EQ(why("take_profit: 5%\n"), "");
  EXPECT_EQ(why("sell: close < sma(close, n)\nmax_bars: 5\nsize: {shares: 3}\ntrailing_stop: 5%\n"), "");
  EXPECT_THAT(why("sell: profit_pct > n\n"), testing::HasSubstr("position"));
  EXPECT_THAT(why("short: close < sma(close, n)\nmax_bars: 3\naccount: margin\n"), testing::HasSubstr("short"));
  EXPECT_THAT(why("max_bars: 3\naccount: margin\n"), testing::HasSubstr("cash account"));
  EXPECT_THAT(why("stop_loss: {distance: 2 * atr(14)}\n"), testing::HasSubstr("formula"));
  EXPECT_THAT(why("max_bars: 3\nslippage: percent:0.05\n"), testing::HasSubstr("slippage"));
  EXPECT_THAT(why("max_bars: 3\nvolume_cap: 10%\n"), testing::HasSubstr("volume cap"));
  EXPECT_THAT(why("max_bars: 3\norder: {type: limit, limit_offset: 1%}\n"), testing::HasSubstr("market orders"));
  EXPECT_THAT(why("max_bars: 3\nsize: {atr_risk: {risk: 1%, distance: 2 * atr(14)}}\n"), testing::HasSubstr("formula"));
}

TEST(Sweep, ASizeMayBeAParameter) {
  const char* text =
      "name: x\nparams: {n: 5, part: 50}\nbuy: close > sma(close, n)\nsell: close < sma(close, n)\n"
      "size: {percent: part / 2}\n";
  const Fixture kernel(text);
  const Fixture core(by_core(text).c_str());
  const std::vector<SweepSetting> settings{{5, 50}, {5, 20}, {9, 20}, {5, 0}, {5, -3}};
  const auto fast = *kernel.sweep({"n", "part"}).evaluate(settings);
  const auto slow = *core.sweep({"n", "part"}).evaluate(settings);
  for (std::size_t k = 0; k < settings.size(); ++k) {
    EXPECT_EQ(fast[k].engine, SweepEngine::kKernel);
    EXPECT_EQ(slow[k].engine, SweepEngine::kCore);
    EXPECT_EQ(fast[k].digest, slow[k].digest) << k;
  }
  EXPECT_NE(fast[0].digest, fast[1].digest);
  EXPECT_EQ(fast[4].trades.trades, 0) << "a size below 0 is no number to buy with";
}

TEST(Sweep, SettingsTooLargeForTheKernelGoToTheCore) {
  Fixture fixture("name: x\nparams: {n: 5}\nbuy: close > sma(close, n)\nsell: close < sma(close, n)\n",
                  {make_walk("WALK", 40, 1)});
  fixture.base.cash = core::Money::from_integer(150'000'000'000);
  const auto results = *fixture.sweep({"n"}).evaluate(std::vector<SweepSetting>{{5}});
  EXPECT_EQ(results[0].engine, SweepEngine::kCore);
  EXPECT_THAT(std::string(results[0].why_core), testing::HasSubstr("limits of the risk gate"));
  EXPECT_GT(results[0].trades.trades, 0);
}

TEST(Sweep, KeepsToItsBudget) {
  const Fixture fixture(kCross, {make_walk("WALK", 4'000, 1)});
  std::vector<SweepSetting> settings;
  for (int fast = 2; fast < 40; fast += 2) {
    for (int slow = 5; slow < 40; slow += 5) settings.push_back({static_cast<double>(fast), static_cast<double>(slow)});
  }
  const auto with = [&](std::size_t mebibytes) {
    return Sweep::make({.base = fixture.base, .parameters = {"fast", "slow"}, .memory = mebibytes * 1024 * 1024},
                       fixture.market, fixture.none)
        ->evaluate(settings);
  };
  const auto refused = with(8);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, core::ErrorCode::kLimit);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("the budget is 8 MiB"));
  // What it says is needed is enough, and gives the same by smaller chunks.
  const std::string& hint = refused.error().hint;
  const auto needed = static_cast<std::size_t>(std::stoul(hint.substr(hint.find("--memory ") + 9)));
  EXPECT_FALSE(with(needed - 1).has_value());
  const auto tight = with(needed);
  ASSERT_TRUE(tight.has_value());
  const auto wide = *with(0 + 512);
  for (std::size_t k = 0; k < settings.size(); ++k) EXPECT_EQ((*tight)[k].digest, wide[k].digest) << k;
}

TEST(Sweep, SharesOnlyWhereFormulasSayTheSame) {
  const auto mentions = [](const char* lets, const char* name) {
    const auto file = *strategy::parse_strategy(std::string("name: x\nparams: {fast: 5, slow: 20, stop: 0.1}\n") +
                                                    lets + "buy: close > line\nstop_loss: stop\n",
                                                "test.yaml");
    return rules_mention(file, core_roles(), name);
  };
  const char* lets = "let: {base: 'sma(close, slow)', line: 'base * 1', other: 'sma(close, fast)'}\n";
  EXPECT_TRUE(mentions(lets, "slow")) << "by a name that a name uses";
  EXPECT_FALSE(mentions(lets, "fast")) << "nobody uses that name";
  EXPECT_FALSE(mentions(lets, "stop")) << "a level is no signal";
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
}  // namespace argosy::sweep

// Random walks as a market, for tests.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "backtest/backtest.hpp"
#include "backtest/steps.hpp"
#include "core/rng.hpp"
#include "lake/lake.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::backtest {

// Daily bars in quarters of a unit; every ninth without volume.
inline data::SymbolData make_test_walk(const std::string& name, std::size_t count, std::uint64_t seed) {
  core::Rng rng(seed);
  data::SymbolData out{.timeframe = market::Timeframe()};
  out.instrument.symbol = name;
  std::int64_t close = 400;
  const core::Date start = core::Date::from_ymd(2015, 1, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto quarters = [](std::int64_t value) { return core::Price::from_units(value * 250'000'000); };
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(40, close + step(5) - 2);
    close = std::max<std::int64_t>(40, open + step(13) - 6);
    out.bars.push_back({.key = market::date_key(start.plus_days(static_cast<std::int32_t>(i))),
                        .open = quarters(open),
                        .high = quarters(std::max(open, close) + step(4)),
                        .low = quarters(std::min(open, close) - step(4)),
                        .close = quarters(close),
                        .volume = rng.below(9) == 0 ? 0.0 : 1000});
  }
  out.factors.price.assign(count, 1.0);
  out.factors.split.assign(count, 1.0);
  return out;
}

inline MarketData make_test_market(std::vector<data::SymbolData> symbols) {
  return {.symbols = std::move(symbols),
          .detail = {},
          .rates = {},
          .timeframe = market::Timeframe(),
          .fill_timeframe = market::Timeframe(),
          .currency = "USD"};
}

// A strategy file over such a market, run once.
struct TestRun {
  BacktestRequest request;
  MarketData market;
  lake::Snapshot none{nullptr};
  strategy::CompiledStrategy compiled;
  SimulationSettings settings;
  RunSignals signals;
  Simulation run;

  TestRun(const strategy::StrategyFile& file, std::vector<data::SymbolData> symbols)
      : market(make_test_market(std::move(symbols))), compiled(*strategy::compile_strategy(file)) {
    request.strategy = file;
    for (const data::SymbolData& symbol : market.symbols) request.symbols.push_back(symbol.instrument.symbol);
    settings = *make_settings(request, compiled, market);
    signals = *find_signals(request, compiled, market.symbols, none);
    simulate_again();
  }
  TestRun(const char* text, std::vector<data::SymbolData> symbols)
      : TestRun(*strategy::parse_strategy(text, "test.yaml"), std::move(symbols)) {}
  void simulate_again() { run = simulate(settings, make_feeds(market, signals)); }
  [[nodiscard]] FileRun file_run() const {
    return {.request = request,
            .compiled = compiled,
            .settings = settings,
            .market = market,
            .snapshot = none,
            .signals = signals,
            .run = run};
  }
};

}  // namespace argosy::backtest

// What the checks of a run need, for tests.
#pragma once

#include <utility>
#include <vector>

#include "backtest/steps.hpp"
#include "backtest/test_walk.hpp"
#include "honesty/look_ahead.hpp"
#include "lake/lake.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::honesty {

// A strategy file over a market of random walks, run once.
struct TestRun {
  backtest::BacktestRequest request;
  backtest::MarketData market;
  lake::Snapshot none{nullptr};
  strategy::CompiledStrategy compiled;
  backtest::SimulationSettings settings;
  backtest::RunSignals signals;
  backtest::Simulation run;

  TestRun(const strategy::StrategyFile& file, std::vector<data::SymbolData> symbols)
      : market(backtest::make_test_market(std::move(symbols))), compiled(*strategy::compile_strategy(file)) {
    request.strategy = file;
    for (const data::SymbolData& symbol : market.symbols) request.symbols.push_back(symbol.instrument.symbol);
    settings = *backtest::make_settings(request, compiled, market);
    signals = *backtest::find_signals(request, compiled, market.symbols, none);
    simulate_again();
  }
  TestRun(const char* text, std::vector<data::SymbolData> symbols)
      : TestRun(*strategy::parse_strategy(text, "test.yaml"), std::move(symbols)) {}
  void simulate_again() { run = backtest::simulate(settings, backtest::make_feeds(market, signals)); }
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

}  // namespace argosy::honesty

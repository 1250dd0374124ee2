// Whether a run used what nobody could have known yet.
//
//   ARGOSY_TRY(const LookAhead found, check_look_ahead(run, {.prove = true}));
//   if (!found.leaks.empty()) ...                            // found.leaks[0].formula, .key
//   const LookAhead own = check_look_ahead(settings, market, [&](const MarketData& seen) {
//     return std::make_unique<TurnOfMonth>(seen);            // a strategy in C++, told what it may see
//   });
//
// The data are cut at a bar: what came later is gone, or is replaced by random bars, a split and a dividend. What the
// run knew and did up to that bar is computed again and compared with the whole run, bit for bit: signals, the values
// that decisions read, orders, trades and equity. Every difference is a leak.
//
// Strategy files are also computed once more in stretches that end at the bars checked and see no later row, and
// simulated behind a curtain that rises bar by bar: one pass for all bars, so that proving a million of them costs
// seconds. A strategy in C++ may keep the data it was made with: it is run anew for each bar checked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/steps.hpp"
#include "core/result.hpp"
#include "engine/strategy.hpp"

namespace argosy::honesty {

// A formula whose value at a bar depends on later ones.
struct Leak {
  std::string formula;   // "buy", "stop_loss", ...; "strategy" of one in C++; "fills" where only what was done differs
  std::string symbol;    // empty: of the account
  std::int64_t key = 0;  // of the first bar
  std::string kind;      // what differs there: "signal", "value", "order", "trade" or "equity"
};

struct LookAhead {
  std::int64_t checked = 0;  // bars, of all symbols
  std::int64_t bars = 0;     // that there are
  std::vector<Leak> leaks;   // the first bar of each formula that has one, in the order of the bars
};

struct LookAheadSettings {
  bool prove = false;  // every bar; otherwise every bar of small data, and about one in a hundred of large data
  std::uint64_t seed = 1;
};

// A run of a strategy file, as it was.
struct FileRun {
  const backtest::BacktestRequest& request;
  const strategy::CompiledStrategy& compiled;
  const backtest::SimulationSettings& settings;
  const backtest::MarketData& market;
  const lake::Snapshot& snapshot;
  const backtest::RunSignals& signals;
  const backtest::Simulation& run;
};
// Errors are those of find_signals() over shorter data.
[[nodiscard]] core::Result<LookAhead> check_look_ahead(const FileRun& run, const LookAheadSettings& settings);

// A fresh strategy that sees `data` and nothing else.
using StrategyFactory = std::function<std::unique_ptr<engine::Strategy>(const backtest::MarketData& data)>;
// Runs the strategy over the whole data first. Work grows with bars x bars checked. Bars with orders come first.
[[nodiscard]] LookAhead check_look_ahead(const backtest::SimulationSettings& settings,
                                         const backtest::MarketData& market, const StrategyFactory& factory,
                                         const LookAheadSettings& check = {});

}  // namespace argosy::honesty

// The steps of a backtest between its data and its statistics, for those who take some of them many times.
//
//   ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
//   ARGOSY_TRY(const SimulationSettings settings, make_settings(request, compiled, market));
//   ARGOSY_TRY(const RunSignals signals, find_signals(request, compiled, market.symbols, snapshot));
//   const Simulation run = simulate(settings, make_feeds(market, signals));
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/request.hpp"
#include "backtest/simulate.hpp"
#include "core/result.hpp"
#include "strategy/compiled_strategy.hpp"
#include "strategy/signals.hpp"

namespace argosy::backtest {

// The strategy's orders and costs, the account, and how orders are filled. `settings.rates` are the market's.
[[nodiscard]] core::Result<SimulationSettings> make_settings(const BacktestRequest& request,
                                                             const strategy::CompiledStrategy& compiled,
                                                             const MarketData& market);

using OtherSymbols = std::vector<std::shared_ptr<const data::SymbolData>>;

struct RunSignals {
  std::vector<strategy::Signals> symbols;  // one entry a symbol, in their order
  std::string data_hash;                   // of every bar and corporate action that was read
  std::int64_t entries = 0;                // bars with a signal to enter
  std::int64_t left_out = 0;               // entries for want of confidence, not among those
  OtherSymbols others;                     // that formulas looked at besides those traded, by name
};
// Only formulas that look beyond a symbol's own rows read `snapshot`, and of it only symbols that are not in `others`.
[[nodiscard]] core::Result<RunSignals> find_signals(const BacktestRequest& request,
                                                    const strategy::CompiledStrategy& compiled,
                                                    std::span<const data::SymbolData> symbols,
                                                    const lake::Snapshot& snapshot, const OtherSymbols& others = {});
// The same signals, computed in stretches that see no later row: `ends[i]` are the numbers of rows at which symbol i's
// stretches end, ascending, the last one all its rows. Formulas that look beyond a symbol's own rows are computed row
// by row in the order in which bars close. `data_hash` stays empty.
[[nodiscard]] core::Result<RunSignals> find_signals_in_stretches(const BacktestRequest& request,
                                                                 const strategy::CompiledStrategy& compiled,
                                                                 std::span<const data::SymbolData> symbols,
                                                                 const lake::Snapshot& snapshot,
                                                                 const OtherSymbols& others,
                                                                 std::span<const std::vector<std::size_t>> ends);

// Both must outlive the feeds.
[[nodiscard]] std::vector<Feed> make_feeds(const MarketData& market, const RunSignals& signals);

// The cash divided evenly, bought after each symbol's first bar and kept: the same engine and costs, other signals.
[[nodiscard]] core::Result<Simulation> simulate_buy_and_hold(const BacktestRequest& request, const MarketData& market);

// Of everything that was read: bars and corporate actions, finer bars, exchange rates.
[[nodiscard]] std::string hash_market(const RunSignals& signals, const MarketData& market);
// Of trades, orders and equity as integers: nothing in it depends on a math library, on times of day or on paths.
[[nodiscard]] std::string hash_result(const Simulation& run);

}  // namespace argosy::backtest

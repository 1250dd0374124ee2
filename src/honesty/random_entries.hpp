// Whether a strategy enters better than by chance: the same run with entries at random bars. Exits, sizes, orders and
// costs stay, and so does the simulation.
//
//   const EntryTest test = try_random_entries(input, {.seed = 1});
//   test.p_value            // 0.03: of 100 runs that enter at random 3 are as good
//
// As many entries are drawn for each symbol and side as were made, at any bar at which the formulas say something,
// evenly; and so many more as are expected to fall while a position is held. Of a strategy that rebalances the ranks
// are random instead: the same days, other shares. Of more than 50,000 bars the last 50,000 are taken.
#pragma once

#include <cstdint>
#include <string>

#include "backtest/steps.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::honesty {

struct EntryTest {
  std::int64_t entries = 0;     // that were made
  std::int64_t bars = 0;        // in which they were: of large data the last ones
  std::int64_t replicates = 0;  // 0: not tried, for fewer than 5 entries
  std::string measure;          // what is compared: "mean return of a trade" or "total return"
  double actual = 0;
  double random_mean = 0;
  double random_low = 0;  // 5 % of the random runs are below, 5 % above
  double random_high = 0;
  double random_entries = 0;  // the mean number that were made
  double p_value = 1;         // (1 + random runs at least as good) / (1 + replicates)
};

struct EntryTestInput {
  const backtest::BacktestRequest& request;
  const strategy::CompiledStrategy& compiled;
  const backtest::SimulationSettings& settings;
  const backtest::MarketData& market;
  const backtest::RunSignals& signals;
  const backtest::Simulation& run;
  bool warm = false;  // the formulas say something from the first bar on
};

[[nodiscard]] EntryTest try_random_entries(const EntryTestInput& input, std::uint64_t seed);
// So many random runs of so many bars.
[[nodiscard]] std::size_t random_entry_replicates(std::size_t bars);

}  // namespace argosy::honesty

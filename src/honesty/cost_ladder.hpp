// What is left of a result when costs are other than assumed, and how much of them it bears.
//
//   const CostLadder costs = climb_costs(settings, run);       // run(settings) simulates with other costs
//   costs.rungs[2].total_return;  costs.break_even
//
// Scaled are fees with their least and greatest amounts, slippage, interest on borrowed cash and borrow fees of shorts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"

namespace argosy::honesty {

// A number of times the assumed costs, in thousandths: 1500 is one and a half.
using CostMultiple = std::int64_t;
inline constexpr CostMultiple kAssumedCosts = 1000;

// The same settings with all costs so many times as large.
[[nodiscard]] backtest::SimulationSettings scale_costs(const backtest::SimulationSettings& settings,
                                                       CostMultiple multiple);

struct CostRung {
  double multiple = 0;
  double total_return = 0;
  core::Money final_equity;
  core::Money fees;
  std::int64_t trades = 0;
};

enum class BreakEven : std::uint8_t {
  kFound,
  kNever,     // it loses without any costs
  kNotBelow,  // it gains with a hundred times the costs
  kBeyond,    // at more than was tried; of large data few are
  kNoTrades,
};

struct CostLadder {
  std::vector<CostRung> rungs;  // at 0, 1, 2 and 3 times the assumed costs
  bool assumed = true;          // false: no costs were assumed; a rung is then a tenth of a percent of each fill
  BreakEven state = BreakEven::kNoTrades;
  // Costs at which the total return is zero, as a multiple of the assumed ones (of a tenth of a percent of each fill
  // where none were). Set when state is kFound; to half a percent, of large data by a straight line between the runs.
  std::optional<double> break_even;
};

using RunWithCosts = std::function<backtest::Simulation(const backtest::SimulationSettings&)>;
// `base` is the run with the assumed costs, which is not made again.
[[nodiscard]] CostLadder climb_costs(const backtest::SimulationSettings& settings, const backtest::Simulation& base,
                                     const RunWithCosts& run);

}  // namespace argosy::honesty

// The space of a strategy's parameters: the ranges in its file, or a space file (docs/concepts/search.md).
//
//   ARGOSY_TRY(const search::Space space, strategy_space(strategy));
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "search/space.hpp"
#include "strategy/strategy_file.hpp"
#include "sweep/sweep.hpp"

namespace argosy::optimize {

// Its parameters that have a range. Whole numbers stay whole. An error when there is none.
[[nodiscard]] core::Result<search::Space> strategy_space(const strategy::StrategyFile& strategy);
// Every parameter of the space must be one of the strategy's, and be a number.
[[nodiscard]] core::Result<void> check_space(const search::Space& space, const strategy::StrategyFile& strategy);
[[nodiscard]] std::vector<std::string> parameter_names(const search::Space& space);
// What does not count in a setting keeps the strategy's own value.
[[nodiscard]] sweep::SweepSetting to_sweep(const search::Space& space, const search::Setting& setting,
                                           const strategy::StrategyFile& strategy);

}  // namespace argosy::optimize

// Numbers of a strategy file that may be formulas of its parameters and of constants: `hold: top`, `risk: 1%`.
#pragma once

#include "core/result.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {

// Sets every number of StrategyFile::numbers. Errors: what is no constant, or out of its bounds, with its place.
[[nodiscard]] core::Result<void> set_numbers(StrategyFile& strategy);

}  // namespace argosy::strategy

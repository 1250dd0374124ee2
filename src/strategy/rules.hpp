// What must hold between the keys of a strategy file.
#pragma once

#include "core/result.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {

// Keys that are missing, contradict one another, or would have no effect beside one another.
[[nodiscard]] core::Result<void> check_rules(const StrategyFile& strategy);

}  // namespace argosy::strategy

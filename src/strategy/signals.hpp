// A strategy's signals over one symbol's rows: one byte a bar.
#pragma once

#include <cstdint>
#include <vector>

#include "core/panel.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {

// Bits of a signal byte. A condition that is unknown (warm-up, missing data) sets nothing.
inline constexpr std::uint8_t kBuy = 1;
inline constexpr std::uint8_t kSell = 2;

// One byte a row. `slice` has the plan's fields in the plan's order.
[[nodiscard]] std::vector<std::uint8_t> evaluate_signals(const CompiledStrategy& strategy,
                                                         const core::PanelSlice& slice);

}  // namespace argosy::strategy

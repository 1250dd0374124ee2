// A strategy's signals over one symbol's rows: one byte a bar, and the columns that decisions and exits read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/panel.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::strategy {

// Bits of a signal byte. A condition that is unknown (warm-up, missing data) sets nothing.
inline constexpr std::uint8_t kBuy = 1;
inline constexpr std::uint8_t kShort = 2;
inline constexpr std::uint8_t kSell = 4;
inline constexpr std::uint8_t kCover = 8;

struct Signals {
  std::vector<std::uint8_t> bits;            // one byte a row
  std::vector<std::vector<double>> columns;  // what CompiledStrategy::exit reads, then the values of the other roles
};

// `slice` has the plan's fields in the plan's order. The strategy reads its own rows.
[[nodiscard]] Signals evaluate_signals(const CompiledStrategy& strategy, const core::PanelSlice& slice);
// Of the outputs of the strategy's program, one column each.
[[nodiscard]] Signals to_signals(const CompiledStrategy& strategy, std::vector<std::vector<double>> outputs);

}  // namespace argosy::strategy

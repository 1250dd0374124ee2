// What was found, in words.
#pragma once

#include <string>

#include "honesty/honesty.hpp"

namespace argosy::honesty::detail {

// "none at any of 3,270 bars", or what leaks from where.
[[nodiscard]] std::string look_ahead_sentence(const LookAhead& found, market::Timeframe timeframe);
// "12.3 times the assumed costs take all the gain"
[[nodiscard]] std::string break_even_sentence(const CostLadder& costs);

}  // namespace argosy::honesty::detail

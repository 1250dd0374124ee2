// The table of all operators. To add a family: declare its function here and call it in registry.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

[[nodiscard]] std::vector<Operator> account_operators();     // account.cpp
[[nodiscard]] std::vector<Operator> average_operators();     // average.cpp
[[nodiscard]] std::vector<Operator> candle_operators();      // candle.cpp
[[nodiscard]] std::vector<Operator> channel_operators();     // channel.cpp
[[nodiscard]] std::vector<Operator> crossing_operators();    // crossing.cpp
[[nodiscard]] std::vector<Operator> logic_operators();       // logic.cpp
[[nodiscard]] std::vector<Operator> math_operators();        // math.cpp
[[nodiscard]] std::vector<Operator> momentum_operators();    // momentum.cpp
[[nodiscard]] std::vector<Operator> oscillator_operators();  // oscillator.cpp
[[nodiscard]] std::vector<Operator> qlib_operators();        // qlib.cpp
[[nodiscard]] std::vector<Operator> rank_operators();        // rank.cpp
[[nodiscard]] std::vector<Operator> regression_operators();  // regression.cpp
[[nodiscard]] std::vector<Operator> trend_operators();       // trend.cpp
[[nodiscard]] std::vector<Operator> trend_stop_operators();  // trend_stop.cpp
[[nodiscard]] std::vector<Operator> volatility_operators();  // volatility.cpp
[[nodiscard]] std::vector<Operator> volume_operators();      // volume.cpp
[[nodiscard]] std::vector<Operator> window_operators();      // window.cpp

// Every operator, sorted by name; the same objects for the life of the program.
[[nodiscard]] std::span<const Operator> all_operators();
// Null when there is none of that name.
[[nodiscard]] const Operator* find_operator(std::string_view name);

}  // namespace argosy::formula

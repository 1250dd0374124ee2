// What each operator costs on this machine: `argosy formula bench`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace argosy::formula {

struct OperatorCost {
  std::string_view name;
  std::string_view family;
  double batch = 0;      // nanoseconds a row, over chunks as a plan uses them; all outputs together
  double streaming = 0;  // nanoseconds a row, row by row
};

// Every operator, or those named, with its standard arguments (20 where there is none) over a random walk. Each runs
// several times; the fastest counts. kInvalidArgument for an unknown name; kCorrupt when batch and streaming give
// different bits.
[[nodiscard]] core::Result<std::vector<OperatorCost>> measure_operators(
    const std::vector<std::string>& names, const core::Clock& clock, const std::function<void(double)>& progress = {});

}  // namespace argosy::formula

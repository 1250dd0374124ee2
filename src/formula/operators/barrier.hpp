// What stands between plans: operators that need other rows than those before them in their own column.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

enum class BarrierKind : std::uint8_t {
  kCrossSection,  // all entities' values of one instant
  kOther,         // another symbol's or timeframe's last completed row
  kAhead,         // a later row of the same column: only for labels
};

struct BarrierOperator {
  std::string_view name;
  BarrierKind kind = BarrierKind::kCrossSection;
  std::vector<Parameter> parameters;  // constants after the input
  std::string_view signature;
  std::string_view meaning;
  std::string_view source;
  // Of a cross-section: turns the values of one instant, none of them NaN, into the results.
  void (*across)(std::span<double> values, std::span<const double> arguments) = nullptr;
};

[[nodiscard]] std::span<const BarrierOperator> barrier_operators();
[[nodiscard]] const BarrierOperator* find_barrier(std::string_view name);

// Who is compared with whom: all symbols, or with `by_sector` those of each sector; a symbol without a sector is of the
// sector "". Indices into `names`, by name, so that sums have the same bits in whatever order the symbols are given.
[[nodiscard]] std::vector<std::vector<std::size_t>> symbol_groups(std::span<const std::string_view> names,
                                                                  std::span<const std::string_view> sectors,
                                                                  bool by_sector);

}  // namespace argosy::formula

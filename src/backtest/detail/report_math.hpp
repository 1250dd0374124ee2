// What a report computes from its curves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace argosy::backtest::detail {

// value / highest value so far - 1, at most 0; NaN where the value is NaN.
[[nodiscard]] std::vector<double> drawdown_of(std::span<const double> values);

// The deepest drawdown: its depth, where it began (the peak), was deepest and ended (nothing: not yet recovered).
struct DeepestDrawdown {
  double depth = 0;  // a fraction, at most 0
  std::size_t peak = 0;
  std::size_t trough = 0;
  std::optional<std::size_t> recovery;
};
[[nodiscard]] std::optional<DeepestDrawdown> deepest_drawdown(std::span<const double> values);

// last / first - 1 of the finite values; NaN with none or when the first is not above zero.
[[nodiscard]] double total_return(std::span<const double> values);

struct YearReturns {
  int year = 0;
  std::array<double, 12> months{};  // fractions; NaN: no bar in that month
  double total = 0;
};
// Each month's last value over the last value of the month before (the very first value for the first month), by the
// civil months of the keys (UTC).
[[nodiscard]] std::vector<YearReturns> monthly_returns(std::span<const std::int64_t> keys,
                                                       std::span<const double> values);

}  // namespace argosy::backtest::detail

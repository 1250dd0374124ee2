// The lowest and the highest of a window.
#include <algorithm>
#include <cstring>
#include <vector>

#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

// Blocks, suffixes and prefixes as in shifted_sums.hpp: a constant number of comparisons a row.
template <bool kMaximum>
struct Extreme final : Kernel {
  explicit Extreme(std::size_t rows) : n(rows), block(rows), suffix(rows + 1, kNaN) {}

  // The more extreme of two; NaN when either is NaN.
  static double pick(double held, double x) {
    const bool beyond = kMaximum ? x > held : x < held;  // false when either is NaN
    const bool take = (beyond || is_nan(x)) && !is_nan(held);
    return take ? x : held;
  }

  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows;) {
      const std::size_t take = std::min(chunk.rows - i, n - at);
      std::memcpy(block.data() + at, x + i, take * sizeof(double));
      if (at == 0) prefix = x[i];
      double held = prefix;
      for (std::size_t j = 0; j < take; ++j) {
        held = pick(held, x[i + j]);
        out[i + j] = pick(held, suffix[at + j + 1]);
      }
      prefix = held;
      i += take;
      at += take;
      if (at == n) {
        out[i - 1] = held;
        double tail = suffix[n] = block[n - 1];
        for (std::size_t j = n; j-- > 0;) suffix[j] = tail = pick(tail, block[j]);
        at = 0;
      }
    }
  }
  void reset() override {
    std::ranges::fill(suffix, kNaN);
    at = 0;
  }

  std::size_t n;
  std::vector<double> block;
  std::vector<double> suffix;  // [j]: of rows j to n - 1 of the block before; NaN in the first block
  double prefix = kNaN;
  std::size_t at = 0;
};

Operator extreme(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                 std::string_view source) {
  return {.name = name,
          .family = "window",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger}},
          .memory = Memory::kWindow,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}

}  // namespace

std::vector<Operator> window_operators() {
  return {
      extreme("min", make_window_kernel<Extreme<false>>, "The lowest of the last n rows.", "TA-Lib MIN"),
      extreme("max", make_window_kernel<Extreme<true>>, "The highest of the last n rows.", "TA-Lib MAX"),
  };
}

}  // namespace argosy::formula

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

  // The more extreme of two: `held` where x is NaN, and always once `held` is. `gap` turns 0 to NaN with the first NaN.
  static double pick(double held, double x) { return (kMaximum ? x > held : x < held) ? x : held; }

  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows;) {
      const std::size_t take = std::min(chunk.rows - i, n - at);
      std::memcpy(block.data() + at, x + i, take * sizeof(double));
      if (at == 0) {
        prefix = x[i];
        gap = 0;
      }
      head(x + i, out + i, take);
      i += take;
      at += take;
      if (at == n) {
        out[i - 1] = prefix + gap;  // the block is the window
        tail();
        at = 0;
      }
    }
  }

  void head(const double* __restrict x, double* __restrict out, std::size_t count) {
    const double* last = suffix.data() + at + 1;
    double held = prefix;
    double hole = gap;
    for (std::size_t j = 0; j < count; ++j) {
      held = pick(held, x[j]);
      hole += x[j] - x[j];
      out[j] = pick(last[j], held) + hole;
    }
    prefix = held;
    gap = hole;
  }

  void tail() {
    double held = block[n - 1];
    double hole = 0;
    for (std::size_t j = n; j-- > 0;) {
      held = pick(held, block[j]);
      hole += block[j] - block[j];
      suffix[j] = held + hole;
    }
  }
  void reset() override {
    std::ranges::fill(suffix, kNaN);
    at = 0;
  }
  void persist(StateArchive& archive) override { archive(block, suffix, prefix, gap, at); }

  std::size_t n;
  std::vector<double> block;
  std::vector<double> suffix;  // [j]: of rows j to n - 1 of the block before; NaN in the first block; [n] is not used
  double prefix = kNaN;        // of the current block's rows so far
  double gap = 0;
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

// How far prices move: standard deviation, bands and ranges.
#include <cmath>

#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/shifted_sums.hpp"

namespace argosy::formula {
namespace {

// The population variance from the sums of x - r and its square over a window; inverse = 1 / n.
double variance(double sum, double square_sum, double inverse) {
  const double value = (square_sum - sum * sum * inverse) * inverse;
  return value < 0 ? 0 : value;  // rounding; NaN stays
}

struct StandardDeviation final : Kernel {
  explicit StandardDeviation(std::size_t n) : sums(n), inverse(1.0 / static_cast<double>(n)) {}
  void run(const Chunk& chunk) override {
    double* __restrict out = chunk.out[0];
    const double scale = inverse;
    sums.run(chunk.in[0], chunk.rows, [out, scale](std::size_t i, double, double sum, double square_sum) {
      out[i] = clean(std::sqrt(variance(sum, square_sum, scale)));
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  ShiftedSums<true> sums;
  double inverse;
};

struct BollingerBands final : Kernel {
  BollingerBands(std::size_t n, double width) : sums(n), inverse(1.0 / static_cast<double>(n)), deviations(width) {}
  void run(const Chunk& chunk) override {
    double* __restrict upper = chunk.out[0];
    double* __restrict middle = chunk.out[1];
    double* __restrict lower = chunk.out[2];
    const double scale = inverse;
    const double width = deviations;
    sums.run(chunk.in[0], chunk.rows, [=](std::size_t i, double reference, double sum, double square_sum) {
      const double mean = reference + sum * scale;
      const double distance = width * std::sqrt(variance(sum, square_sum, scale));
      upper[i] = clean(mean + distance);
      middle[i] = clean(mean);
      lower[i] = clean(mean - distance);
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  ShiftedSums<true> sums;
  double inverse;
  double deviations;
};

// Wilder's smoothing of the true range, max(high, last close) - min(low, last close).
struct AverageTrueRange final : Kernel {
  struct State {
    double value = 0;
    double last_close = 0;
  };
  using Columns = Lanes<3, 1>;
  explicit AverageTrueRange(std::size_t rows) : n(rows), step(1.0 / static_cast<double>(rows)) {}

  void run(const Chunk& chunk) override { run_restarting<3, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, sum, state); }

  static double true_range(const Columns& lanes, std::size_t i, double last_close) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    const double close = lanes.in[2][i];
    const double range = (last_close > high ? last_close : high) - (last_close < low ? last_close : low);
    return range + (close - close);  // a close that is NaN spoils its own row, not only the next
  }

  [[nodiscard]] bool warm() const { return seen == n + 1; }
  void warm_row(const Columns& lanes, std::size_t i) {
    lanes.out[0][i] = kNaN;
    const double range = true_range(lanes, i, seen == 0 ? lanes.in[1][i] : state.last_close);
    if (!is_finite(range)) return restart();
    if (seen > 0) sum += range;
    state.last_close = lanes.in[2][i];
    if (++seen <= n) return;
    state.value = sum / static_cast<double>(n);
    if (!is_finite(state.value)) return restart();
    lanes.out[0][i] = state.value;
  }
  static void row(State& next, const Weights& weights, const Columns& lanes, std::size_t i) {
    next.value = weights.join(next.value, true_range(lanes, i, next.last_close));
    next.last_close = lanes.in[2][i];
    lanes.out[0][i] = next.value;
  }
  static bool sound(const State& next) { return is_finite(next.value); }
  void restart() {
    seen = 0;
    sum = 0;
  }

  std::size_t n;
  Weights step;
  std::size_t seen = 0;
  double sum = 0;
  State state;
};

std::unique_ptr<Kernel> make_bands(Arguments arguments) {
  return std::make_unique<BollingerBands>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}

}  // namespace

std::vector<Operator> volatility_operators() {
  using enum ParameterKind;
  return {
      {.name = "stddev",
       .family = "volatility",
       .parameters = {{"x"}, {"n", kInteger}},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<StandardDeviation>,
       .meaning = "The standard deviation of the last n rows, of the population: divided by n.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib STDDEV"},
      {.name = "bbands",
       .family = "volatility",
       .parameters = {{"x"}, {"n", kInteger, 20}, {"deviations", kNumber, 2, 0, 1e6}},
       .outputs = {"upper", "middle", "lower"},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_bands,
       .meaning = "Bollinger bands: the mean of the last n rows, and so many population standard deviations around it.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib BBANDS with a simple average"},
      {.name = "atr",
       .family = "volatility",
       .parameters = {{"n", kInteger, 14}},
       .fields = {"high", "low", "close"},
       .memory = Memory::kRecursive,
       .lookback = lag_lookback,
       .make = make_window_kernel<AverageTrueRange>,
       .meaning = "The average true range: Wilder's smoothing of max(high, last close) - min(low, last close), from "
                  "the second "
                  "row on, seeded by the mean of the first n.",
       .warm_up = "n rows",
       .source = "TA-Lib ATR"},
  };
}

}  // namespace argosy::formula

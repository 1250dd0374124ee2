// Moving averages.
#include <algorithm>
#include <cmath>

#include "formula/operators/delay.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/smoothing_cascade.hpp"
#include "formula/operators/window_sum.hpp"

namespace argosy::formula {
namespace {

template <class Mean>
struct WindowAverage final : Kernel {
  explicit WindowAverage(std::size_t n) : mean(n) {}
  void run(const Chunk& chunk) override { mean.run(chunk.in[0], chunk.out[0], chunk.rows); }
  void reset() override { mean.reset(); }
  void persist(StateArchive& archive) override { archive(mean); }

  Mean mean;
};

// Exponential smoothing, seeded by the mean of the first n rows.
struct Smoothing final : Kernel {
  struct State {
    double value;
  };
  using Columns = Lanes<1, 1>;
  Smoothing(std::size_t rows, double factor) : n(rows), step(factor) {}

  void run(const Chunk& chunk) override { run_restarting<1, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, sum, state); }

  [[nodiscard]] bool warm() const { return seen == n; }
  void warm_row(const Columns& lanes, std::size_t i) {
    lanes.out[0][i] = kNaN;
    sum += lanes.in[0][i];
    if (!is_finite(sum)) return restart();
    if (++seen < n) return;
    state.value = sum / static_cast<double>(n);
    lanes.out[0][i] = state.value;
  }
  static void row(State& next, const Weights& weights, const Columns& lanes, std::size_t i) {
    next.value = weights.join(next.value, lanes.in[0][i]);
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
  State state{};
};

struct DoubleSmoothing {
  static constexpr std::size_t kStages = 2;
  static constexpr std::size_t kRowsBefore = 0;
  static double value(const std::array<double, 2>&, const std::array<double, 2>& now) {
    return now[0] + (now[0] - now[1]);
  }
};
struct TripleSmoothing {
  static constexpr std::size_t kStages = 3;
  static constexpr std::size_t kRowsBefore = 0;
  static double value(const std::array<double, 3>&, const std::array<double, 3>& now) {
    return now[2] + 3 * (now[0] - now[1]);
  }
};

struct HullAverage final : Kernel {
  explicit HullAverage(std::size_t n) : half(std::max<std::size_t>(1, n / 2)), full(n), last(root(n)) {}
  static std::size_t root(std::size_t n) { return static_cast<std::size_t>(std::sqrt(static_cast<double>(n))); }

  void run(const Chunk& chunk) override {
    double fast[kPieceRows];
    double slow[kPieceRows];
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      half.run(chunk.in[0] + at, fast, rows);
      full.run(chunk.in[0] + at, slow, rows);
      for (std::size_t i = 0; i < rows; ++i) fast[i] = clean(fast[i] + (fast[i] - slow[i]));
      last.run(fast, chunk.out[0] + at, rows);
    }
  }
  void reset() override {
    half.reset();
    full.reset();
    last.reset();
  }
  void persist(StateArchive& archive) override { archive(half, full, last); }

  WeightedMean half;
  WeightedMean full;
  WeightedMean last;
};

// A mean of means: the weights rise to the middle of the window and fall again.
struct TriangularAverage final : Kernel {
  explicit TriangularAverage(std::size_t n) : first((n + 1) / 2), second(n / 2 + 1) {}
  void run(const Chunk& chunk) override {
    double inner[kPieceRows];
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      first.run(chunk.in[0] + at, inner, rows);
      second.run(inner, chunk.out[0] + at, rows);
    }
  }
  void reset() override {
    first.reset();
    second.reset();
  }
  void persist(StateArchive& archive) override { archive(first, second); }

  MovingMean first;
  MovingMean second;
};

struct VolumeAverage final : Kernel {
  explicit VolumeAverage(std::size_t n) : values(n), weights(n) {}
  void run(const Chunk& chunk) override {
    double product[kPieceRows];
    double weight[kPieceRows];
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      const double* __restrict x = chunk.in[0] + at;
      const double* __restrict volume = chunk.in[1] + at;
      double* __restrict out = chunk.out[0] + at;
      for (std::size_t i = 0; i < rows; ++i) product[i] = clean(x[i] * volume[i]);
      values.run(product, out, rows);
      weights.run(volume, weight, rows);
      for (std::size_t i = 0; i < rows; ++i) out[i] = clean(out[i] / clean(weight[i]));
    }
  }
  void reset() override {
    values.reset();
    weights.reset();
  }
  void persist(StateArchive& archive) override { archive(values, weights); }

  MovingSum values;
  MovingSum weights;
};

// The step is known without the average, from the window alone. So the average begins where the window is full, after a
// NaN too: it is NaN while the window holds one.
struct AdaptiveAverage final : Kernel {
  explicit AdaptiveAverage(std::size_t n) : path(n), delay(n) {}

  static double weight(double efficiency) {
    const double root = kSlow + (efficiency > 1 ? 1 : efficiency) * (kFast - kSlow);
    return root * root;
  }
  void run(const Chunk& chunk) override {
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      piece(chunk.in[0] + at, chunk.out[0] + at, std::min(kPieceRows, chunk.rows - at));
    }
  }
  void piece(const double* __restrict x, double* __restrict out, std::size_t rows) {
    double change[kPieceRows];
    double step[kPieceRows];
    change[0] = std::abs(x[0] - last);
    for (std::size_t i = 1; i < rows; ++i) change[i] = std::abs(x[i] - x[i - 1]);
    path.run(change, step, rows);
    delay.run(x, change, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const double way = clean(step[i]);
      step[i] = weight(way == 0 ? 1 : std::abs(x[i] - change[i]) / way);
    }
    double held = value;
    for (std::size_t i = 0; i < rows; ++i) {
      if (is_nan(held)) held = i == 0 ? last : x[i - 1];
      held += step[i] * (x[i] - held);
      out[i] = clean(held);
    }
    value = held;
    last = x[rows - 1];
  }
  void reset() override {
    path.reset();
    delay.reset();
    last = value = kNaN;
  }
  void persist(StateArchive& archive) override { archive(path, delay, last, value); }

  static constexpr double kFast = 2.0 / 3.0;
  static constexpr double kSlow = 2.0 / 31.0;
  MovingSum path;
  Delay delay;
  double last = kNaN;
  double value = kNaN;  // an infinity becomes NaN with the next row
};

std::unique_ptr<Kernel> make_ema(Arguments arguments) {
  return std::make_unique<Smoothing>(static_cast<std::size_t>(arguments[0]), 2.0 / (arguments[0] + 1.0));
}
std::unique_ptr<Kernel> make_rma(Arguments arguments) {
  return std::make_unique<Smoothing>(static_cast<std::size_t>(arguments[0]), 1.0 / arguments[0]);
}

Operator average(std::string_view name, Memory memory, std::unique_ptr<Kernel> (*make)(Arguments),
                 std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = "average",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger}},
          .memory = memory,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}

}  // namespace

std::vector<Operator> average_operators() {
  using enum ParameterKind;
  return {
      average("sma", Memory::kWindow, make_window_kernel<WindowAverage<MovingMean>>, "The mean of the last n rows.",
              "TA-Lib SMA"),
      average(
          "ema", Memory::kRecursive, make_ema,
          "The exponential average: each row moves it by 2 / (n + 1) of its distance. Seeded by the mean of the first "
          "n rows.",
          "TA-Lib EMA"),
      average("rma", Memory::kRecursive, make_rma,
              "Wilder's smoothing: each row moves it by 1 / n of its distance. Seeded by the mean of the first n rows.",
              "J. W. Wilder, New Concepts in Technical Trading Systems, 1978"),
      average("wma", Memory::kWindow, make_window_kernel<WindowAverage<WeightedMean>>,
              "The weighted mean of the last n rows: the newest weighs n, the one before n - 1, the oldest 1.",
              "TA-Lib WMA"),
      average("trima", Memory::kWindow, make_window_kernel<TriangularAverage>,
              "The triangular average: the mean of n / 2 + 1 rows of the mean of (n + 1) / 2 rows, both rounded down. "
              "The middle of the last n rows weighs most.",
              "TA-Lib TRIMA"),
      {.name = "hma",
       .family = "average",
       .parameters = {{"x"}, {"n", kInteger}},
       .memory = Memory::kWindow,
       .lookback =
           [](Arguments a) { return window_lookback(a) + HullAverage::root(static_cast<std::size_t>(a[0])) - 1; },
       .make = make_window_kernel<HullAverage>,
       .meaning = "Hull's average: wma(2 wma(x, n / 2) - wma(x, n), sqrt(n)), n / 2 and sqrt(n) rounded down and at "
                  "least 1.",
       .warm_up = "n + sqrt(n) - 2 rows, sqrt(n) rounded down",
       .source = "TA-Lib HMA"},
      {.name = "vwma",
       .family = "average",
       .parameters = {{"x"}, {"n", kInteger}},
       .fields = {"volume"},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<VolumeAverage>,
       .meaning = "The mean of the last n rows, each weighing its bar's volume; NaN where there was no volume.",
       .warm_up = "n - 1 rows",
       .source = "Pine ta.vwma; TA-Lib VWMA"},
      {.name = "dema",
       .family = "average",
       .parameters = {{"x"}, {"n", kInteger}},
       .memory = Memory::kRecursive,
       .lookback = SmoothingCascade<DoubleSmoothing>::lookback,
       .make = make_window_kernel<SmoothingCascade<DoubleSmoothing>>,
       .meaning =
           "The double exponential average, 2 a - b: a is ema(x, n), b the same average of a, seeded by the mean "
           "of its first n rows.",
       .warm_up = "2 (n - 1) rows",
       .source = "TA-Lib DEMA"},
      {.name = "tema",
       .family = "average",
       .parameters = {{"x"}, {"n", kInteger}},
       .memory = Memory::kRecursive,
       .lookback = SmoothingCascade<TripleSmoothing>::lookback,
       .make = make_window_kernel<SmoothingCascade<TripleSmoothing>>,
       .meaning = "The triple exponential average, 3 a - 3 b + c: a is ema(x, n), b the same average of a and c of b, "
                  "each seeded by the mean of the first n rows of the one before.",
       .warm_up = "3 (n - 1) rows",
       .source = "TA-Lib TEMA"},
      {.name = "kama",
       .family = "average",
       .parameters = {{"x"}, {"n", kInteger, 30, 2}},
       .memory = Memory::kRecursive,
       .lookback = lag_lookback,
       .make = make_window_kernel<AdaptiveAverage>,
       .meaning = "Kaufman's adaptive average: each row moves it by s of its distance, s = (e (2 / 3 - 2 / 31) + 2 / "
                  "31)^2. The efficiency e is the distance over n rows, |x - x[n]|, divided by the sum of the n "
                  "changes from row to row without their signs; 1 where nothing changed. Seeded by the row before the "
                  "first with a value.",
       .warm_up = "n rows",
       .source = "TA-Lib KAMA"},
  };
}

}  // namespace argosy::formula

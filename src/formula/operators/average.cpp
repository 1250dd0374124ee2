// Moving averages.
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/shifted_sums.hpp"

namespace argosy::formula {
namespace {

struct SimpleAverage final : Kernel {
  explicit SimpleAverage(std::size_t n) : sums(n), inverse(1.0 / static_cast<double>(n)) {}
  void run(const Chunk& chunk) override {
    double* __restrict out = chunk.out[0];
    const double scale = inverse;
    sums.run(chunk.in[0], chunk.rows, [out, scale](std::size_t i, double reference, double sum, double) {
      out[i] = clean(reference + sum * scale);
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  ShiftedSums<false> sums;
  double inverse;
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
  return {
      average("sma", Memory::kWindow, make_window_kernel<SimpleAverage>, "The mean of the last n rows.", "TA-Lib SMA"),
      average(
          "ema", Memory::kRecursive, make_ema,
          "The exponential average: each row moves it by 2 / (n + 1) of its distance. Seeded by the mean of the first "
          "n rows.",
          "TA-Lib EMA"),
      average("rma", Memory::kRecursive, make_rma,
              "Wilder's smoothing: each row moves it by 1 / n of its distance. Seeded by the mean of the first n rows.",
              "J. W. Wilder, New Concepts in Technical Trading Systems, 1978"),
  };
}

}  // namespace argosy::formula

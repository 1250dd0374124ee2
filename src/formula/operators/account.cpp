// Performance over a window, for account panels: drawdown, streak, Sharpe and Sortino ratio, profit factor.
#include <algorithm>
#include <array>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/window_kernels.hpp"

namespace argosy::formula {
namespace {

struct Drawdown final : Kernel {
  explicit Drawdown(std::size_t n) : highest(n) {}
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    highest.run(x, out, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double fall = (out[i] - x[i]) / out[i];
      out[i] = clean(out[i] > 0 ? fall : kNaN);
    }
  }
  void reset() override { highest.reset(); }
  void persist(StateArchive& archive) override { archive(highest); }

  BlockExtreme<Extreme::kHighest, Windows::kFull> highest;
};

struct Streak final : Kernel {
  struct State {
    double length = 0;
    double last = 0;
  };
  struct Step {};
  using Columns = Lanes<1, 1>;

  void run(const Chunk& chunk) override { run_restarting<1, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(started, state); }

  [[nodiscard]] bool warm() const { return started != 0; }
  void warm_row(const Columns& lanes, std::size_t i) {
    lanes.out[0][i] = kNaN;
    if (is_nan(lanes.in[0][i])) return;
    state = {.length = 0, .last = lanes.in[0][i]};
    started = 1;
  }
  static void row(State& next, const Step&, const Columns& lanes, std::size_t i) {
    const double x = lanes.in[0][i];
    const double risen = std::max(next.length, 0.0) + 1;
    const double fallen = std::min(next.length, 0.0) - 1;
    const double fall_or_none = x < next.last ? fallen : 0;
    // A length that is NaN stays so: risen and fallen are, and 0 is never reached from it.
    next.length = (x > next.last ? risen : fall_or_none) + (x - x) + (next.length - next.length);
    next.last = x;
    lanes.out[0][i] = next.length;
  }
  static bool sound(const State& next) { return is_finite(next.length); }
  void restart() { started = 0; }

  Step step;
  std::uint32_t started = 0;
  State state;
};

// The sum of x and of its squared losses.
struct LossTerms {
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = 2;
  static constexpr bool kShifted = false;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& x, double) {
    const double loss = std::min(x[0], 0.0);
    sum[0] += x[0];
    sum[1] += loss * loss;
  }
};

// The sums of the gains and of the losses.
struct ProfitTerms {
  static constexpr std::size_t kInputs = 1;
  static constexpr std::size_t kTerms = 2;
  static constexpr bool kShifted = false;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 1>& x, double) {
    sum[0] += std::max(x[0], 0.0);
    sum[1] += std::max(-x[0], 0.0);
  }
};

// Where the divisor is 0 none of these is a number.
using SharpeRatio = SumsKernel<VarianceTerms, Windows::kFull,
                               [](const auto& w, double) { return w.mean() / root(window_variance(w, 1)); }>;
using SortinoRatio = SumsKernel<LossTerms, Windows::kFull, [](const auto& w, double) {
  return w.sum[0] * w.inverse / root(w.sum[1] * w.inverse);
}>;
using ProfitFactor = SumsKernel<ProfitTerms, Windows::kFull, [](const auto& w, double) { return w.sum[0] / w.sum[1]; }>;

// `least`: rows below which the definition gives nothing.
Operator over_window(std::string_view name, double least, NanRule nan, std::unique_ptr<Kernel> (*make)(Arguments),
                     std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = "account",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger, {}, least}},
          .memory = Memory::kWindow,
          .nan = nan,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}

}  // namespace

std::vector<Operator> account_operators() {
  return {
      over_window("drawdown", 1, NanRule::kSpreads, make_window_kernel<Drawdown>,
                  "How far equity stands below its highest of the last n rows, as a fraction of that: 0.1 is 10% down. "
                  "x is equity or a price, not its returns. No value where the highest is not above 0.",
                  "Drawdown from a rolling peak: 1 - x / max(x, n)"),
      {.name = "streak",
       .family = "account",
       .parameters = {{"x"}},
       .memory = Memory::kRecursive,
       .lookback = [](Arguments) -> std::size_t { return 1; },
       .make = make_kernel<Streak>,
       .meaning =
           "How many rows in a row x has risen, or, as a negative number, fallen; 0 where it is what it was. x is "
           "equity or a price, not its returns.",
       .warm_up = "1 row",
       .source = "The streak of Connors RSI (L. Connors, An Introduction to ConnorsRSI, 2012)"},
      over_window("sharpe", 2, NanRule::kOwn, make_window_kernel<SharpeRatio>,
                  "The Sharpe ratio of the last n rows: their mean divided by their sample deviation (n - 1). x is "
                  "returns or profits a row, less the risk-free rate if that is wanted; a year's ratio is this times "
                  "the root of the rows in a year. No value where all are equal. A gap leaves no value in the windows "
                  "that hold it.",
                  "W. F. Sharpe, The Sharpe Ratio, Journal of Portfolio Management, 1994"),
      over_window("sortino", 1, NanRule::kOwn, make_window_kernel<SortinoRatio>,
                  "The Sortino ratio of the last n rows: their mean divided by the root of the mean of their squared "
                  "losses, rows without a loss counting as 0. x is returns or profits a row, less the target if there "
                  "is one. No value without a loss. A gap leaves no value in the windows that hold it.",
                  "F. A. Sortino and L. N. Price, Performance Measurement in a Downside Risk Framework, 1994"),
      over_window(
          "profit_factor", 1, NanRule::kOwn, make_window_kernel<ProfitFactor>,
          "What the gains of the last n rows sum to, divided by what the losses do: above 1 earns. x is returns "
          "or profits a row. No value without a loss. A gap leaves no value in the windows that hold it.",
          "Gross profit / gross loss, as trading reports have it"),
  };
}

}  // namespace argosy::formula

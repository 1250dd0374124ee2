// Speed and direction of a move.
#include <algorithm>
#include <cmath>

#include "formula/operators/delay.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

struct RelativeStrength final : Kernel {
  struct State {
    double gain = 0;
    double loss = 0;
    double last = 0;
  };
  using Columns = Lanes<1, 1>;
  explicit RelativeStrength(std::size_t rows) : n(rows), step(1.0 / static_cast<double>(rows)) {}

  void run(const Chunk& chunk) override { run_restarting<1, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  static double value(const State& now) {
    const double total = now.gain + now.loss;
    return total == 0 ? 0 : 100 * (now.gain / total);
  }

  [[nodiscard]] bool warm() const { return seen == n + 1; }
  void warm_row(const Columns& lanes, std::size_t i) {
    lanes.out[0][i] = kNaN;
    const double x = lanes.in[0][i];
    if (is_nan(x)) return restart();
    const double change = seen == 0 ? 0 : x - state.last;
    state.gain += std::max(change, 0.0);
    state.loss += std::max(-change, 0.0);
    state.last = x;
    if (!sound(state)) return restart();
    if (++seen <= n) return;
    state.gain /= static_cast<double>(n);
    state.loss /= static_cast<double>(n);
    lanes.out[0][i] = value(state);
  }
  static void row(State& next, const Weights& weights, const Columns& lanes, std::size_t i) {
    const double x = lanes.in[0][i];
    const double change = x - next.last;
    // Half of (|d| + d) is d or 0, exactly, and NaN when d is.
    next.gain = weights.join(next.gain, 0.5 * (std::abs(change) + change));
    next.loss = weights.join(next.loss, 0.5 * (std::abs(change) - change));
    next.last = x;
    lanes.out[0][i] = value(next);
  }
  static bool sound(const State& next) { return is_finite(next.gain + next.loss); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  Weights step;
  std::size_t seen = 0;
  State state;
};

// Three exponential averages in one pass. Both averages of the input are seeded where the slow one's window is first
// full: by the mean of the n rows that end there, each with its own n.
struct ConvergenceDivergence final : Kernel {
  struct State {
    double fast = 0;
    double slow = 0;
    double signal = 0;
  };
  struct Steps {
    Weights fast;
    Weights slow;
    Weights signal;
  };
  using Columns = Lanes<1, 3>;
  ConvergenceDivergence(double fast, double slow, double signal)
      : fast_n(static_cast<std::size_t>(std::min(fast, slow))),
        slow_n(static_cast<std::size_t>(std::max(fast, slow))),
        signal_n(static_cast<std::size_t>(signal)),
        step{weights(fast_n), weights(slow_n), weights(signal_n)} {}

  static Weights weights(std::size_t n) { return Weights(2.0 / (static_cast<double>(n) + 1.0)); }

  void run(const Chunk& chunk) override { run_restarting<1, 3>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == slow_n + signal_n - 1; }
  // Until they are seeded, the three values of the state hold sums.
  void warm_row(const Columns& lanes, std::size_t i) {
    for (double* out : lanes.out) out[i] = kNaN;
    const double x = lanes.in[0][i];
    if (seen < slow_n) {
      if (seen >= slow_n - fast_n) state.fast += x;
      state.slow += x;
    } else {
      state.fast = step.fast.join(state.fast, x);
      state.slow = step.slow.join(state.slow, x);
    }
    if (++seen == slow_n) {
      state.fast /= static_cast<double>(fast_n);
      state.slow /= static_cast<double>(slow_n);
    }
    if (seen >= slow_n) state.signal += state.fast - state.slow;
    if (!sound(state)) return restart();
    if (!warm()) return;
    state.signal /= static_cast<double>(signal_n);
    write(state, lanes, i);
  }
  static void row(State& next, const Steps& steps, const Columns& lanes, std::size_t i) {
    const double x = lanes.in[0][i];
    next.fast = steps.fast.join(next.fast, x);
    next.slow = steps.slow.join(next.slow, x);
    next.signal = steps.signal.join(next.signal, next.fast - next.slow);
    write(next, lanes, i);
  }
  static void write(const State& now, const Columns& lanes, std::size_t i) {
    const double line = now.fast - now.slow;
    lanes.out[0][i] = clean(line);
    lanes.out[1][i] = clean(now.signal);
    lanes.out[2][i] = clean(line - now.signal);
  }
  static bool sound(const State& next) { return is_finite(next.fast - next.slow) && is_finite(next.signal); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t fast_n;
  std::size_t slow_n;
  std::size_t signal_n;
  Steps step;
  std::size_t seen = 0;
  State state;
};

struct RateOfChange final : Kernel {
  explicit RateOfChange(std::size_t n) : delay(n) {}
  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    delay.run(x, out, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = clean((x[i] / out[i] - 1.0) * 100.0);
  }
  void reset() override { delay.reset(); }
  void persist(StateArchive& archive) override { archive(delay); }

  Delay delay;
};

std::unique_ptr<Kernel> make_macd(Arguments arguments) {
  return std::make_unique<ConvergenceDivergence>(arguments[0], arguments[1], arguments[2]);
}

}  // namespace

std::vector<Operator> momentum_operators() {
  using enum ParameterKind;
  return {
      {.name = "rsi",
       .family = "momentum",
       .parameters = {{"x"}, {"n", kInteger, 14}},
       .memory = Memory::kRecursive,
       .lookback = lag_lookback,
       .make = make_window_kernel<RelativeStrength>,
       .meaning =
           "The relative strength index, 100 x gain / (gain + loss): Wilder's smoothing of the rises and of the falls, "
           "each seeded by the mean of the first n. 0 when there was neither.",
       .warm_up = "n rows",
       .source = "TA-Lib RSI"},
      {.name = "macd",
       .family = "momentum",
       .parameters = {{"x"}, {"fast", kInteger, 12}, {"slow", kInteger, 26}, {"signal", kInteger, 9}},
       .outputs = {"macd", "signal", "histogram"},
       .memory = Memory::kRecursive,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(std::max(a[0], a[1]) + a[2]) - 2; },
       .make = make_macd,
       .meaning =
           "The fast less the slow exponential average, its own exponential average (signal), and their difference "
           "(histogram). Both averages are seeded by the mean of their rows up to the row where the slow window is "
           "full; fast and slow the wrong way round are exchanged.",
       .warm_up = "slow + signal - 2 rows, for all three outputs",
       .source = "TA-Lib MACD"},
      {.name = "roc",
       .family = "momentum",
       .parameters = {{"x"}, {"n", kInteger, 10}},
       .memory = Memory::kLag,
       .lookback = lag_lookback,
       .make = make_window_kernel<RateOfChange>,
       .meaning = "The change over n rows in percent, 100 x (x / x[n] - 1); NaN where x[n] is 0.",
       .warm_up = "n rows",
       .source = "TA-Lib ROC"},
  };
}

}  // namespace argosy::formula

// Speed and direction of a move.
#include <algorithm>
#include <cmath>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/delay.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/smoothing_cascade.hpp"
#include "formula/operators/stochastic.hpp"

namespace argosy::formula {
namespace {

// Wilder's smoothing of the rises and of the falls. kNet: the share of their difference instead of that of the rises.
template <bool kNet>
struct Strength final : Kernel {
  struct State {
    double gain = 0;
    double loss = 0;
    double last = 0;
  };
  using Columns = Lanes<1, 1>;
  explicit Strength(std::size_t rows) : n(rows), step(1.0 / static_cast<double>(rows)) {}

  void run(const Chunk& chunk) override { run_restarting<1, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  static double value(const State& now) {
    const double total = now.gain + now.loss;
    return total == 0 ? 0 : 100 * ((kNet ? now.gain - now.loss : now.gain) / total);
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

enum class Against : std::uint8_t { kDifference, kPercent, kRatio };

// x against x of n rows ago.
template <Against kAgainst>
struct Change final : Kernel {
  explicit Change(std::size_t n) : delay(n) {}
  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    delay.run(x, out, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = clean(against(x[i], out[i]));
  }
  static double against(double x, double before) {
    if constexpr (kAgainst == Against::kRatio) return x / before;
    const double change = x - before;
    return kAgainst == Against::kPercent ? 100.0 * (change / before) : change;
  }
  void reset() override { delay.reset(); }
  void persist(StateArchive& archive) override { archive(delay); }

  Delay delay;
};

// The fast less the slow simple average. Both are kept as a row of their window and the mean's distance from it: the
// difference loses nothing to the level of the prices.
template <bool kPercent>
struct PriceOscillator final : Kernel {
  PriceOscillator(double fast, double slow)
      : fast_sums(static_cast<std::size_t>(std::min(fast, slow))),
        slow_sums(static_cast<std::size_t>(std::max(fast, slow))) {}

  void run(const Chunk& chunk) override {
    double base[kPieceRows];
    double above[kPieceRows];
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const double* const in[] = {chunk.in[0] + at};
      double* __restrict out = chunk.out[0] + at;
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      fast_sums.run(in, rows, [from = &base[0], distance = &above[0]](std::size_t i, const auto& w) {
        from[i] = w.reference[0];
        distance[i] = w.sum[0] * w.inverse;
      });
      slow_sums.run(in, rows, [from = &base[0], distance = &above[0], out](std::size_t i, const auto& w) {
        const double mean = w.sum[0] * w.inverse;
        const double difference = (from[i] - w.reference[0]) + (distance[i] - mean);
        out[i] = clean(kPercent ? percent(difference, w.reference[0] + mean) : difference);
      });
    }
  }
  static double percent(double difference, double level) { return level == 0 ? 0 : 100 * (difference / level); }
  void reset() override {
    fast_sums.reset();
    slow_sums.reset();
  }
  void persist(StateArchive& archive) override { archive(fast_sums, slow_sums); }

  BlockSums<MeanTerms, Windows::kFull> fast_sums;
  BlockSums<MeanTerms, Windows::kFull> slow_sums;
};

struct TripleSmoothingChange {
  static constexpr std::size_t kStages = 3;
  static constexpr std::size_t kRowsBefore = 1;
  static double value(const std::array<double, 3>& before, const std::array<double, 3>& now) {
    return before[2] == 0 ? 0 : 100 * ((now[2] - before[2]) / before[2]);
  }
};

struct StochasticStrength final : Kernel {
  // While prices stand still an rsi keeps its value but for rounding.
  static constexpr double kLeastRange = 1e-10;

  StochasticStrength(double n, double window, double signal)
      : strength(static_cast<std::size_t>(n)),
        stochastic(static_cast<std::size_t>(window), 1, static_cast<std::size_t>(signal), kLeastRange) {}
  void run(const Chunk& chunk) override {
    double values[kPieceRows];
    double* const to = values;
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      const double* const from = chunk.in[0] + at;
      strength.run({&from, &to, rows});
      stochastic.run(values, values, values, chunk.out[0] + at, chunk.out[1] + at, rows);
    }
  }
  void reset() override {
    strength.reset();
    stochastic.reset();
  }
  void persist(StateArchive& archive) override { archive(strength, stochastic); }

  Strength<false> strength;
  Stochastic stochastic;
};

std::unique_ptr<Kernel> make_macd(Arguments arguments) {
  return std::make_unique<ConvergenceDivergence>(arguments[0], arguments[1], arguments[2]);
}
template <bool kPercent>
std::unique_ptr<Kernel> make_oscillator(Arguments arguments) {
  return std::make_unique<PriceOscillator<kPercent>>(arguments[0], arguments[1]);
}
std::unique_ptr<Kernel> make_stochrsi(Arguments arguments) {
  return std::make_unique<StochasticStrength>(arguments[0], arguments[1], arguments[2]);
}
std::size_t longer_lookback(Arguments arguments) {
  return static_cast<std::size_t>(std::max(arguments[0], arguments[1])) - 1;
}

Operator change(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                std::string_view source) {
  return {.name = name,
          .family = "momentum",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger, 10}},
          .memory = Memory::kLag,
          .lookback = lag_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n rows",
          .source = source};
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
       .make = make_window_kernel<Strength<false>>,
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
      {.name = "cmo",
       .family = "momentum",
       .parameters = {{"x"}, {"n", kInteger, 14}},
       .memory = Memory::kRecursive,
       .lookback = lag_lookback,
       .make = make_window_kernel<Strength<true>>,
       .meaning = "Chande's momentum oscillator, 100 x (gain - loss) / (gain + loss), of the gains and losses of rsi: "
                  "Wilder's smoothing of the rises and of the falls, each seeded by the mean of the first n. 0 when "
                  "there was neither.",
       .warm_up = "n rows",
       .source = "TA-Lib CMO"},
      {.name = "stochrsi",
       .family = "momentum",
       .parameters = {{"x"}, {"n", kInteger, 14}, {"window", kInteger, 5}, {"signal", kInteger, 3}},
       .outputs = {"k", "d"},
       .memory = Memory::kRecursive,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(a[0] + a[1] + a[2]) - 2; },
       .make = make_stochrsi,
       .meaning = "Where rsi(x, n) stands in the range of its last `window` rows, 100 x (rsi - lowest) / (highest - "
                  "lowest), 0 where there is no range (k), and the simple average of `signal` rows of that (d).",
       .warm_up = "n + window + signal - 2 rows, for both outputs",
       .source = "TA-Lib STOCHRSI with simple averages"},
      {.name = "apo",
       .family = "momentum",
       .parameters = {{"x"}, {"fast", kInteger, 12}, {"slow", kInteger, 26}},
       .memory = Memory::kWindow,
       .lookback = longer_lookback,
       .make = make_oscillator<false>,
       .meaning = "The absolute price oscillator, sma(x, fast) - sma(x, slow); fast and slow the wrong way round are "
                  "exchanged.",
       .warm_up = "slow - 1 rows",
       .source = "TA-Lib APO with simple averages, its MA type 0"},
      {.name = "ppo",
       .family = "momentum",
       .parameters = {{"x"}, {"fast", kInteger, 12}, {"slow", kInteger, 26}},
       .memory = Memory::kWindow,
       .lookback = longer_lookback,
       .make = make_oscillator<true>,
       .meaning = "The percentage price oscillator, 100 x (sma(x, fast) - sma(x, slow)) / sma(x, slow), 0 where the "
                  "slow average is 0; fast and slow the wrong way round are exchanged.",
       .warm_up = "slow - 1 rows",
       .source = "TA-Lib PPO with simple averages, its MA type 0"},
      {.name = "trix",
       .family = "momentum",
       .parameters = {{"x"}, {"n", kInteger, 30}},
       .memory = Memory::kRecursive,
       .lookback = SmoothingCascade<TripleSmoothingChange>::lookback,
       .make = make_window_kernel<SmoothingCascade<TripleSmoothingChange>>,
       .meaning = "The change from the last row, in percent, of an exponential average of an exponential average of "
                  "ema(x, n), each seeded by the mean of the first n rows of the one before; 0 where the last was 0.",
       .warm_up = "3 (n - 1) + 1 rows",
       .source = "TA-Lib TRIX"},
      change("roc", make_window_kernel<Change<Against::kPercent>>,
             "The change over n rows in percent, 100 x (x - x[n]) / x[n]; NaN where x[n] is 0.", "TA-Lib ROC"),
      change("rocr", make_window_kernel<Change<Against::kRatio>>,
             "The ratio to n rows ago, x / x[n]; NaN where x[n] is 0.", "TA-Lib ROCR"),
      change("mom", make_window_kernel<Change<Against::kDifference>>, "The change over n rows, x - x[n].",
             "TA-Lib MOM"),
  };
}

}  // namespace argosy::formula

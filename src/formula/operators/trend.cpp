// Direction of a move and its strength: directional movement, aroon.
#include <algorithm>
#include <cmath>

#include "formula/operators/delay.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/movement.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/true_range.hpp"

namespace argosy::formula {
namespace {

struct Aroon final : Kernel {
  explicit Aroon(std::size_t n)
      : highest(n + 1), lowest(n + 1), rows(static_cast<double>(n)), scale(100.0 / static_cast<double>(n)) {}

  void run(const Chunk& chunk) override {
    double* __restrict up = chunk.out[0];
    double* __restrict down = chunk.out[1];
    double* __restrict oscillator = chunk.out[2];
    const double n = rows;
    const double factor = scale;
    highest.run(chunk.in[0], up, chunk.rows);
    lowest.run(chunk.in[1], down, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      // A gap in either makes all three empty.
      const double since_high = up[i] + (down[i] - down[i]);
      const double since_low = down[i] + (up[i] - up[i]);
      up[i] = factor * (n - since_high);
      down[i] = factor * (n - since_low);
      oscillator[i] = factor * (since_low - since_high);
    }
  }
  void reset() override {
    highest.reset();
    lowest.reset();
  }
  void persist(StateArchive& archive) override { archive(highest, lowest); }

  BlockExtremePlace<Extreme::kHighest, Windows::kFull, Ties::kLatest> highest;
  BlockExtremePlace<Extreme::kLowest, Windows::kFull, Ties::kLatest> lowest;
  double rows;
  double scale;
};

// Wilder's running sum of n rows: an n-th leaves for what comes in.
struct RunningSum {
  explicit RunningSum(std::size_t n) : keep(1.0 - 1.0 / static_cast<double>(n)) {}
  [[nodiscard]] double join(double sum, double x) const { return sum * keep + x; }
  double keep;
};

struct DirectionalMovement final : Kernel {
  struct State {
    double plus = 0;
    double minus = 0;
    double high = 0;
    double low = 0;
  };
  using Columns = Lanes<2, 2>;
  explicit DirectionalMovement(std::size_t rows) : n(rows), step(rows) {}

  void run(const Chunk& chunk) override { run_restarting<2, 2>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == n; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    for (double* out : lanes.out) out[i] = kNaN;
    if (is_nan(high) || is_nan(low)) return restart();
    if (seen > 0) {
      const Movement moved(high, low, state.high, state.low);
      state.plus += moved.plus;
      state.minus += moved.minus;
      if (!sound(state)) return restart();
    }
    state.high = high;
    state.low = low;
    if (++seen < n || n == 1) return;
    lanes.out[0][i] = state.plus;
    lanes.out[1][i] = state.minus;
  }
  static void row(State& next, const RunningSum& sum, const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    const double hole = (high - high) + (low - low);
    const Movement moved(high, low, next.high, next.low);
    next.plus = sum.join(next.plus, moved.plus + hole);
    next.minus = sum.join(next.minus, moved.minus + hole);
    next.high = high;
    next.low = low;
    lanes.out[0][i] = next.plus;
    lanes.out[1][i] = next.minus;
  }
  static bool sound(const State& next) { return is_finite(next.plus) && is_finite(next.minus); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  RunningSum step;
  std::size_t seen = 0;
  State state;
};

// The running sums that all directional measures are made of.
struct DirectionalSums {
  double plus = 0;
  double minus = 0;
  double range = 0;
  double high = 0;
  double low = 0;
  double close = 0;

  void first(double new_high, double new_low, double new_close) {
    *this = {.high = new_high, .low = new_low, .close = new_close};
    range = (new_high - new_high) + (new_low - new_low) + (new_close - new_close);
  }
  // `range` is NaN from the first row on where one of the three is.
  void add(double keep, double new_high, double new_low, double new_close) {
    const Movement moved(new_high, new_low, high, low);
    plus = plus * keep + moved.plus;
    minus = minus * keep + moved.minus;
    range = range * keep + true_range(new_high, new_low, new_close, close);
    high = new_high;
    low = new_low;
    close = new_close;
  }
  // The directional index, `otherwise` where nothing moved.
  [[nodiscard]] double index(double otherwise) const {
    const double total = plus + minus;
    const double value = 100.0 * (std::abs(plus - minus) / total);
    return total != 0 && range != 0 ? value : otherwise;
  }
  [[nodiscard]] bool sound() const { return is_finite(plus) && is_finite(minus) && is_finite(range); }
};

// plus_di, minus_di and dx.
struct DirectionalSystem final : Kernel {
  struct State {
    DirectionalSums sums;
    double index = 0;
  };
  using Columns = Lanes<3, 3>;
  explicit DirectionalSystem(std::size_t rows) : n(rows), step(rows) {}

  void run(const Chunk& chunk) override { run_restarting<3, 3>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == n; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    const double close = lanes.in[2][i];
    for (double* out : lanes.out) out[i] = kNaN;
    if (seen == 0) {
      state.sums.first(high, low, close);
    } else {
      state.sums.add(1.0, high, low, close);
    }
    if (!sound(state)) return restart();
    ++seen;
  }
  static void row(State& next, const RunningSum& sum, const Columns& lanes, std::size_t i) {
    next.sums.add(sum.keep, lanes.in[0][i], lanes.in[1][i], lanes.in[2][i]);
    next.index = next.sums.index(next.index);
    const double range = next.sums.range;
    const double plus = 100.0 * (next.sums.plus / range);
    const double minus = 100.0 * (next.sums.minus / range);
    lanes.out[0][i] = clean(range == 0 ? 0 : plus);
    lanes.out[1][i] = clean(range == 0 ? 0 : minus);
    lanes.out[2][i] = next.index;
  }
  static bool sound(const State& next) { return next.sums.sound(); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  RunningSum step;
  std::size_t seen = 0;
  State state;
};

// Wilder's smoothing of dx. A row without a direction leaves it as it is.
struct DirectionalAverage {
  struct State {
    DirectionalSums sums;
    double average = 0;
  };
  struct Step {
    RunningSum sum;
    Weights weights;
  };
  using Columns = Lanes<3, 1>;
  explicit DirectionalAverage(std::size_t rows)
      : n(rows), step{RunningSum(rows), Weights(1.0 / static_cast<double>(rows))} {}

  void run(const Chunk& chunk) { run_restarting<3, 1>(*this, chunk); }
  void persist(StateArchive& archive) { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == 2 * n; }
  // From row n on `average` holds the sum of the first indices.
  void warm_row(const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    const double close = lanes.in[2][i];
    lanes.out[0][i] = kNaN;
    if (seen == 0) {
      state.sums.first(high, low, close);
    } else {
      state.sums.add(seen < n ? 1.0 : step.sum.keep, high, low, close);
      if (seen >= n) state.average += state.sums.index(0);
    }
    if (!sound(state)) return restart();
    if (++seen < 2 * n) return;
    state.average /= static_cast<double>(n);
    lanes.out[0][i] = state.average;
  }
  static void row(State& next, const Step& steps, const Columns& lanes, std::size_t i) {
    next.sums.add(steps.sum.keep, lanes.in[0][i], lanes.in[1][i], lanes.in[2][i]);
    const double total = next.sums.plus + next.sums.minus;
    const double joined = steps.weights.join(next.average, next.sums.index(0));
    next.average = total != 0 && next.sums.range != 0 ? joined : next.average;
    lanes.out[0][i] = next.average;
  }
  static bool sound(const State& next) { return next.sums.sound(); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  Step step;
  std::size_t seen = 0;
  State state;
};

struct AverageIndex final : Kernel {
  explicit AverageIndex(std::size_t n) : average(n) {}
  void run(const Chunk& chunk) override { average.run(chunk); }
  void reset() override { average.restart(); }
  void persist(StateArchive& archive) override { archive(average); }

  DirectionalAverage average;
};

struct AverageIndexRating final : Kernel {
  explicit AverageIndexRating(std::size_t n) : average(n), earlier(n - 1) {}
  void run(const Chunk& chunk) override {
    constexpr std::size_t kStretch = 256;
    double now[kStretch];
    double* const to[] = {now};
    for (std::size_t at = 0; at < chunk.rows; at += kStretch) {
      const std::size_t rows = std::min(kStretch, chunk.rows - at);
      const double* const in[] = {chunk.in[0] + at, chunk.in[1] + at, chunk.in[2] + at};
      double* __restrict out = chunk.out[0] + at;
      average.run({in, to, rows});
      earlier.run(now, out, rows);
      for (std::size_t i = 0; i < rows; ++i) out[i] = (now[i] + out[i]) / 2;
    }
  }
  void reset() override {
    average.restart();
    earlier.reset();
  }
  void persist(StateArchive& archive) override { archive(average, earlier); }

  DirectionalAverage average;
  Delay earlier;
};

std::size_t movement_lookback(Arguments arguments) { return arguments[0] > 1 ? window_lookback(arguments) : 1; }
std::size_t average_lookback(Arguments arguments) { return 2 * lag_lookback(arguments) - 1; }
std::size_t rating_lookback(Arguments arguments) { return 3 * lag_lookback(arguments) - 2; }

// An operator over the last bars, n of them by default 14.
Operator over_bars(std::string_view name, double least, std::vector<std::string_view> fields) {
  return {.name = name,
          .family = "trend",
          .parameters = {{"n", ParameterKind::kInteger, 14, least}},
          .fields = std::move(fields),
          .memory = Memory::kRecursive};
}
Operator named(Operator op, std::string_view base, std::string_view output, std::size_t (*lookback)(Arguments),
               std::string_view meaning, std::string_view warm_up, std::string_view source) {
  op.base = base;
  op.base_output = output;
  op.lookback = lookback;
  op.meaning = meaning;
  op.warm_up = warm_up;
  op.source = source;
  return op;
}
Operator made(Operator op, std::unique_ptr<Kernel> (*make)(Arguments), std::size_t (*lookback)(Arguments),
              std::string_view meaning, std::string_view warm_up, std::string_view source) {
  op.make = make;
  op.lookback = lookback;
  op.meaning = meaning;
  op.warm_up = warm_up;
  op.source = source;
  return op;
}

std::vector<Operator> aroon_group() {
  Operator aroon =
      made(over_bars("aroon", 1, {"high", "low"}), make_window_kernel<Aroon>, lag_lookback,
           "How fresh the extremes of the last n + 1 bars are. up: 100 x (n - bars since the highest high) "
           "/ n; down: the same for the lowest low; oscillator: up - down. Of equal extremes the latest "
           "counts.",
           "n rows", "TA-Lib AROON, AROONOSC");
  aroon.outputs = {"up", "down", "oscillator"};
  aroon.memory = Memory::kWindow;
  Operator oscillator = named(over_bars("aroonosc", 1, {"high", "low"}), "aroon", "oscillator", lag_lookback,
                              "Aroon up less aroon down: 100 when the highest high is the last bar and the lowest low "
                              "n bars ago, -100 the other way round.",
                              "n rows", "TA-Lib AROONOSC");
  oscillator.memory = Memory::kWindow;
  return {std::move(aroon), std::move(oscillator)};
}

std::vector<Operator> movement_group() {
  const auto bars = [](std::string_view name) { return over_bars(name, 1, {"high", "low"}); };
  constexpr std::string_view kWarmUp = "n - 1 rows; 1 when n is 1";
  Operator both = made(bars("dm"), make_window_kernel<DirectionalMovement>, movement_lookback,
                       "Directional movement, both ways: the outputs are plus_dm and minus_dm.", kWarmUp,
                       "TA-Lib PLUS_DM, MINUS_DM");
  both.outputs = {"plus", "minus"};
  return {
      std::move(both),
      named(bars("plus_dm"), "dm", "plus", movement_lookback,
            "Movement up: Wilder's running sum over n bars of how far the high went above the last high, counted when "
            "this is more than the low went below the last low. Each row: sum - sum / n + movement. Seeded by the sum "
            "of the first n - 1 movements.",
            kWarmUp, "TA-Lib PLUS_DM"),
      named(bars("minus_dm"), "dm", "minus", movement_lookback,
            "Movement down: Wilder's running sum over n bars of how far the low went below the last low, counted when "
            "this is more than the high went above the last high. Each row: sum - sum / n + movement. Seeded by the "
            "sum of the first n - 1 movements.",
            kWarmUp, "TA-Lib MINUS_DM"),
  };
}

std::vector<Operator> direction_group() {
  const auto bars = [](std::string_view name) { return over_bars(name, 2, {"high", "low", "close"}); };
  Operator system = made(bars("dmi"), make_window_kernel<DirectionalSystem>, lag_lookback,
                         "Wilder's directional system: the outputs are plus_di, minus_di and dx.", "n rows",
                         "TA-Lib PLUS_DI, MINUS_DI, DX");
  system.outputs = {"plus", "minus", "index"};
  return {
      std::move(system),
      named(bars("plus_di"), "dmi", "plus", lag_lookback,
            "The share of movement up, 100 x plus_dm(n) / running sum of the true range over n bars; 0 where there was "
            "no range. Both sums are seeded by their first n - 1 rows and smoothed once before the first value.",
            "n rows", "TA-Lib PLUS_DI"),
      named(bars("minus_di"), "dmi", "minus", lag_lookback,
            "The share of movement down, 100 x minus_dm(n) / running sum of the true range over n bars; 0 where there "
            "was no range. Seeded as plus_di.",
            "n rows", "TA-Lib MINUS_DI"),
      named(bars("dx"), "dmi", "index", lag_lookback,
            "How one-sided the movement is, 100 x |plus_di - minus_di| / (plus_di + minus_di). Where nothing moved it "
            "stays what it was, 0 at first.",
            "n rows", "TA-Lib DX"),
      made(bars("adx"), make_window_kernel<AverageIndex>, average_lookback,
           "The strength of a trend whatever its direction: Wilder's smoothing of dx(n), seeded by the mean of its "
           "first n values. A row in which nothing moved leaves it as it was.",
           "2n - 1 rows", "TA-Lib ADX"),
      made(bars("adxr"), make_window_kernel<AverageIndexRating>, rating_lookback,
           "The mean of adx(n) and of what it was n - 1 rows ago.", "3n - 2 rows", "TA-Lib ADXR"),
  };
}

}  // namespace

std::vector<Operator> trend_operators() {
  std::vector<Operator> all = aroon_group();
  for (auto* group : {movement_group, direction_group}) {
    for (Operator& op : group()) all.push_back(std::move(op));
  }
  return all;
}

}  // namespace argosy::formula

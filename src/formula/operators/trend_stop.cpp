// Stops that trail a trend: parabolic, supertrend.
#include <algorithm>
#include <cmath>

#include "formula/operators/movement.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/true_range.hpp"

namespace argosy::formula {
namespace {

// The parabolic stop. All prices are held with the sign of the direction, so that a stop above falling prices is
// computed as one below rising ones.
struct ParabolicStop final : Kernel {
  struct State {
    double direction = 1;  // 1 rising, -1 falling
    double stop = 0;       // for the next row
    double extreme = 0;    // the furthest price since the turn
    double speed = 0;
    double last_low = 0;  // the last row's price nearest to the stop
    double hole = 0;
    double high = 0;  // the last row's, without sign
    double low = 0;
  };
  struct Step {
    double acceleration;
    double maximum;
  };
  using Columns = Lanes<2, 1>;
  ParabolicStop(double acceleration, double maximum) : step{std::min(acceleration, maximum), maximum} {}

  void run(const Chunk& chunk) override { run_restarting<2, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == 2; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    lanes.out[0][i] = kNaN;
    if (is_nan(high) || is_nan(low)) return restart();
    if (++seen == 1) {
      state.high = high;
      state.low = low;
      return;
    }
    const bool falls = Movement(high, low, state.high, state.low).minus > 0;
    state.direction = falls ? -1 : 1;
    state.stop = falls ? -state.high : state.low;
    state.extreme = falls ? -low : high;
    state.last_low = falls ? -high : low;
    state.speed = step.acceleration;
    state.high = high;
    state.low = low;
    row(state, step, lanes, i);
    if (!sound(state)) {
      lanes.out[0][i] = kNaN;
      restart();
    }
  }
  static void row(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    double far = next.direction > 0 ? high : -low;
    double near = next.direction > 0 ? low : -high;
    if (near <= next.stop) {  // rare enough to be foreseen
      const double last_far = next.direction > 0 ? next.high : -next.low;
      next.direction = -next.direction;
      std::swap(far, near);
      far = -far;
      near = -near;
      next.last_low = -last_far;
      next.stop = lowest(-next.extreme, next.last_low, near);
      next.extreme = far;
      next.speed = step.acceleration;
      lanes.out[0][i] = clean(next.direction * next.stop);
    } else {
      lanes.out[0][i] = clean(next.direction * next.stop);
      const bool further = far > next.extreme;
      const double faster = std::min(next.speed + step.acceleration, step.maximum);
      next.extreme = further ? far : next.extreme;
      next.speed = further ? faster : next.speed;
    }
    next.stop = lowest(next.stop + next.speed * (next.extreme - next.stop), next.last_low, near);
    next.last_low = near;
    next.high = high;
    next.low = low;
    next.hole += (high - high) + (low - low) + (next.stop - next.stop);
  }
  static double lowest(double stop, double a, double b) {
    const double lower = stop > a ? a : stop;  // a stop that is NaN stays so
    return lower > b ? b : lower;
  }
  static bool sound(const State& next) { return next.hole == 0; }
  void restart() {
    seen = 0;
    state = {};
  }

  Step step;
  std::size_t seen = 0;
  State state;
};

// Bands around the middle of the bar that only close in, until a close beyond one of them turns the direction.
struct SuperTrend final : Kernel {
  struct State {
    double range = 0;  // the average true range
    double last_close = 0;
    double upper = 0;
    double lower = 0;
    double line = 0;
    double hole = 0;
  };
  struct Step {
    Weights weights;
    double factor;
  };
  using Columns = Lanes<3, 2>;
  SuperTrend(std::size_t rows, double factor) : n(rows), step{Weights(1.0 / static_cast<double>(rows)), factor} {}

  void run(const Chunk& chunk) override { run_restarting<3, 2>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == n; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double high = lanes.in[0][i];
    const double low = lanes.in[1][i];
    const double close = lanes.in[2][i];
    for (double* out : lanes.out) out[i] = kNaN;
    state.range += seen == 0 ? true_range(high, low, close, low) : true_range(high, low, close, state.last_close);
    if (!is_finite(state.range)) return restart();
    if (++seen < n) {
      state.last_close = close;
      return;
    }
    state.range /= static_cast<double>(n);
    if (n == 1) state.last_close = kNaN;  // there is none
    place(state, step, lanes, i);
    state.line = state.upper;
    state.last_close = close;
    lanes.out[0][i] = clean(state.line);
    lanes.out[1][i] = 1;
    if (sound(state)) return;
    for (double* out : lanes.out) out[i] = kNaN;
    restart();
  }
  static void row(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    next.range =
        step.weights.join(next.range, true_range(lanes.in[0][i], lanes.in[1][i], lanes.in[2][i], next.last_close));
    const bool falling = next.line == next.upper;
    place(next, step, lanes, i);
    const double close = lanes.in[2][i];
    const bool rises = falling ? close > next.upper : !(close < next.lower);
    next.line = rises ? next.lower : next.upper;
    next.last_close = close;
    lanes.out[0][i] = clean(next.line);
    lanes.out[1][i] = rises ? -1 : 1;
  }
  // Moves the bands to row i.
  static void place(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    const double middle = (lanes.in[0][i] + lanes.in[1][i]) / 2;
    const double upper = middle + step.factor * next.range;
    const double lower = middle - step.factor * next.range;
    // A close beyond a band is rare; which of two bands is nearer is not.
    const double nearer_lower = lower > next.lower ? lower : next.lower;
    const double nearer_upper = upper < next.upper ? upper : next.upper;
    next.lower = next.last_close < next.lower ? lower : nearer_lower;
    next.upper = next.last_close > next.upper ? upper : nearer_upper;
    next.hole += (upper - upper) + (lower - lower);
  }
  static bool sound(const State& next) { return is_finite(next.range + next.hole); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  Step step;
  std::size_t seen = 0;
  State state;
};

std::unique_ptr<Kernel> make_sar(Arguments arguments) {
  return std::make_unique<ParabolicStop>(arguments[0], arguments[1]);
}
std::unique_ptr<Kernel> make_supertrend(Arguments arguments) {
  return std::make_unique<SuperTrend>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}

}  // namespace

std::vector<Operator> trend_stop_operators() {
  using enum ParameterKind;
  return {
      {.name = "sar",
       .family = "trend",
       .parameters = {{"acceleration", kNumber, 0.02, 0, 1e6}, {"maximum", kNumber, 0.2, 0, 1e6}},
       .fields = {"high", "low"},
       .memory = Memory::kRecursive,
       .lookback = [](Arguments) -> std::size_t { return 1; },
       .make = make_sar,
       .meaning =
           "The parabolic stop and reverse. Each row moves the stop by `acceleration` of its distance to the furthest "
           "price since the turn, by as much more at each new extreme, up to `maximum`; never into the range of the "
           "last two bars. A bar that reaches the stop turns it: it starts again from that extreme on the other side. "
           "It starts under the first bar's low, or above its high when the second bar moved down more than up.",
       .warm_up = "1 row",
       .source = "TA-Lib SAR"},
      {.name = "supertrend",
       .family = "trend",
       .parameters = {{"n", kInteger, 10}, {"factor", kNumber, 3, 0, 1e6}},
       .fields = {"high", "low", "close"},
       .outputs = {"line", "direction"},
       .memory = Memory::kRecursive,
       .lookback = window_lookback,
       .make = make_supertrend,
       .meaning =
           "A stop that trails a trend. Bands lie `factor` average true ranges around (high + low) / 2; the upper only "
           "falls until a close was above it, the lower only rises until a close was below it. line: the lower band "
           "while prices rise, the upper while they fall; direction: -1 while they rise, 1 while they fall, as Pine "
           "has it. A close above the upper band, or below the lower, turns it; it starts falling. The average true "
           "range is Wilder's, seeded by the mean of the first n, the first bar's being high - low; before their "
           "first value both bands count as 0.",
       .warm_up = "n - 1 rows",
       .source = "Pine ta.supertrend"},
  };
}

}  // namespace argosy::formula

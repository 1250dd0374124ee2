// Prices weighed by volume, volume signed by prices.
#include <algorithm>
#include <array>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {
namespace {

// The volume by where the bar closed: all of it at the high, its negative at the low, none where high is low. NaN when
// any of the four is.
double money_flow(double high, double low, double close, double volume) {
  const double range = high - low;
  const double place = (close - low) - (high - close);
  return (range <= 0 ? place * 0 : place / range) * volume;
}

void money_flows(const Chunk& chunk, std::size_t from, std::size_t rows, double* __restrict out) {
  const double* __restrict high = chunk.in[0] + from;
  const double* __restrict low = chunk.in[1] + from;
  const double* __restrict close = chunk.in[2] + from;
  const double* __restrict volume = chunk.in[3] + from;
  for_rows(rows, [=](std::size_t i) { out[i] = money_flow(high[i], low[i], close[i], volume[i]); });
}
double money_flow(const Lanes<4, 1>& bars, std::size_t i) {
  return money_flow(bars.in[0][i], bars.in[1][i], bars.in[2][i], bars.in[3][i]);
}
// What was paid for the volume, at the typical price.
void traded_values(const Chunk& chunk, std::size_t from, std::size_t rows, double* __restrict out) {
  const double* __restrict high = chunk.in[0] + from;
  const double* __restrict low = chunk.in[1] + from;
  const double* __restrict close = chunk.in[2] + from;
  const double* __restrict volume = chunk.in[3] + from;
  for_rows(rows, [=](std::size_t i) { out[i] = (high[i] + low[i] + close[i]) / 3 * volume[i]; });
}
// Wherever a cumulative sum ends, the next row begins a new one.
struct OnBalanceVolume final : Kernel {
  struct State {
    double sum = 0;
    double last = 0;
  };
  struct Step {};
  using Columns = Lanes<2, 1>;

  void run(const Chunk& chunk) override { run_restarting<2, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(started, state); }

  [[nodiscard]] bool warm() const { return started != 0; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double close = lanes.in[0][i];
    const double volume = lanes.in[1][i];
    lanes.out[0][i] = volume + (close - close);
    if (is_nan(lanes.out[0][i])) return;
    state = {.sum = volume, .last = close};
    started = 1;
  }
  static void row(State& next, const Step&, const Columns& lanes, std::size_t i) {
    const double close = lanes.in[0][i];
    const double way = (close > next.last ? 1.0 : 0.0) - (close < next.last ? 1.0 : 0.0);
    next.sum += way * lanes.in[1][i] + (close - close);
    next.last = close;
    lanes.out[0][i] = next.sum;
  }
  static bool sound(const State& next) { return is_finite(next.sum); }
  void restart() { started = 0; }

  Step step;
  std::uint32_t started = 0;
  State state;
};

struct AccumulationDistribution final : Kernel {
  struct State {
    double sum = 0;
  };
  struct Step {};
  using Columns = Lanes<4, 1>;

  void run(const Chunk& chunk) override { run_restarting<4, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(state); }

  [[nodiscard]] static bool warm() { return true; }
  void warm_row(const Columns&, std::size_t) {}
  static void row(State& next, const Step&, const Columns& lanes, std::size_t i) {
    next.sum += money_flow(lanes, i);
    lanes.out[0][i] = next.sum;
  }
  static bool sound(const State& next) { return is_finite(next.sum); }
  void restart() { state = {}; }

  Step step;
  State state;
};

// Two exponential averages of ad, the fast less the slow. What is carried is how far ad stands above each of them,
// which needs no cumulative sum: no digit is lost to its size, and nothing is left of a spike.
struct ChaikinOscillator final : Kernel {
  struct State {
    double above_fast = 0;
    double above_slow = 0;
  };
  struct Step {
    double keep_fast;
    double keep_slow;
  };
  using Columns = Lanes<4, 1>;
  ChaikinOscillator(double fast, double slow)
      : n(static_cast<std::size_t>(std::max(fast, slow))), step{1 - 2 / (fast + 1), 1 - 2 / (slow + 1)} {}

  void run(const Chunk& chunk) override { run_restarting<4, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == n; }
  void warm_row(const Columns& lanes, std::size_t i) {
    const double flow = money_flow(lanes, i);
    lanes.out[0][i] = kNaN;
    // Both averages begin at the first row's ad.
    if (seen > 0) move(state, step, flow);
    if (!is_finite(flow) || !sound(state)) return restart();
    if (++seen == n) lanes.out[0][i] = clean(state.above_slow - state.above_fast);
  }
  static void row(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    move(next, step, money_flow(lanes, i));
    lanes.out[0][i] = clean(next.above_slow - next.above_fast);
  }
  static void move(State& next, const Step& step, double flow) {
    next.above_fast = (next.above_fast + flow) * step.keep_fast;
    next.above_slow = (next.above_slow + flow) * step.keep_slow;
  }
  static bool sound(const State& next) { return is_finite(next.above_fast) && is_finite(next.above_slow); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  Step step;
  std::size_t seen = 0;
  State state;
};

// Two columns summed as they are.
struct RatioTerms {
  static constexpr std::size_t kInputs = 2;
  static constexpr std::size_t kTerms = 2;
  static constexpr bool kShifted = false;
  template <class Sums>
  static void add(Sums& sum, const std::array<double, 2>& x, double) {
    sum[0] += x[0];
    sum[1] += x[1];
  }
};

// What kColumn makes of the bars, summed over a window, by the volume of it.
template <auto kColumn>
struct ByVolume final : Kernel {
  explicit ByVolume(std::size_t n) : sums(n) {}
  void run(const Chunk& chunk) override {
    constexpr std::size_t kStretch = 256;
    double column[kStretch];
    for (std::size_t at = 0; at < chunk.rows; at += kStretch) {
      const std::size_t rows = std::min(kStretch, chunk.rows - at);
      kColumn(chunk, at, rows, column);
      const double* const in[] = {column, chunk.in[3] + at};
      double* __restrict out = chunk.out[0] + at;
      sums.run(in, rows, [out](std::size_t i, const auto& w) { out[i] = clean(w.sum[0] / w.sum[1]); });
    }
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<RatioTerms, Windows::kFull> sums;
};
using WeightedPrice = ByVolume<traded_values>;
using MoneyFlow = ByVolume<money_flows>;

std::unique_ptr<Kernel> make_oscillator(Arguments arguments) {
  return std::make_unique<ChaikinOscillator>(arguments[0], arguments[1]);
}

Operator over_window(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                     std::string_view source) {
  return {.name = name,
          .family = "volume",
          .parameters = {{"n", ParameterKind::kInteger, 20}},
          .fields = {"high", "low", "close", "volume"},
          .memory = Memory::kWindow,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}

}  // namespace

std::vector<Operator> volume_operators() {
  using enum ParameterKind;
  const auto none = [](Arguments) -> std::size_t { return 0; };
  return {
      {.name = "obv",
       .family = "volume",
       .fields = {"close", "volume"},
       .memory = Memory::kRecursive,
       .lookback = none,
       .make = make_kernel<OnBalanceVolume>,
       .meaning = "On-balance volume: the volume of all rows so far, added where the close rose, taken off where it "
                  "fell. The first row counts as a rise. A row with a gap has no value, and the next one begins anew "
                  "as if it were the first.",
       .warm_up = "none",
       .source = "TA-Lib OBV"},
      {.name = "ad",
       .family = "volume",
       .fields = {"high", "low", "close", "volume"},
       .memory = Memory::kRecursive,
       .lookback = none,
       .make = make_kernel<AccumulationDistribution>,
       .meaning = "Chaikin's accumulation and distribution: the sum over all rows so far of volume x ((close - low) - "
                  "(high - close)) / (high - low), where high is above low. A row with a gap has no value, and the sum "
                  "begins anew after it.",
       .warm_up = "none",
       .source = "TA-Lib AD"},
      {.name = "adosc",
       .family = "volume",
       .parameters = {{"fast", kInteger, 3}, {"slow", kInteger, 10}},
       .fields = {"high", "low", "close", "volume"},
       .memory = Memory::kRecursive,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(std::max(a[0], a[1])) - 1; },
       .make = make_oscillator,
       .meaning = "Chaikin's oscillator: the exponential average of ad over `fast` rows less the one over `slow`, both "
                  "begun at the first row's ad. Computed without the cumulative sum, so its size costs no digits.",
       .warm_up = "the longer of the two, less 1 row",
       .source = "TA-Lib ADOSC"},
      over_window(
          "vwap", make_window_kernel<WeightedPrice>,
          "The mean of (high + low + close) / 3 over the last n rows, weighed by volume. No value where nothing "
          "was traded in all of them. The field vwap is another thing: the bar's own, from its trades.",
          "Volume-weighted average price of the typical price, over a rolling window: sum(hlc3 x volume, n) / "
          "sum(volume, n)"),
      over_window("cmf", make_window_kernel<MoneyFlow>,
                  "Chaikin's money flow: the sum over the last n rows of volume x ((close - low) - (high - close)) / "
                  "(high - low), divided by the volume of these rows. Between -1 and 1; a row whose high is its low "
                  "adds volume only. No value where nothing was traded.",
                  "StockCharts ChartSchool, Chaikin Money Flow"),
  };
}

}  // namespace argosy::formula

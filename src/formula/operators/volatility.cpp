// How far prices move: standard deviation, bands and ranges.
#include <algorithm>
#include <cmath>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/four_step.hpp"
#include "formula/operators/recursion.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/true_range.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {
namespace {

template <bool kRoot>
struct Spread final : Kernel {
  Spread(std::size_t n, std::size_t ddof) : sums(n), bias(static_cast<double>(n) / static_cast<double>(n - ddof)) {}
  void run(const Chunk& chunk) override {
    sums.run_pieces(chunk.in, chunk.rows, [this, &chunk](std::size_t row, std::size_t count, const auto& window) {
      double* __restrict out = chunk.out[0] + row;
      for (std::size_t i = 0; i < count; ++i) out[i] = window_variance(window(i), 0) * bias;
      for_rows(count, [out](std::size_t i) { out[i] = clean(kRoot ? root(out[i]) : out[i]); });
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<VarianceTerms, Windows::kFull> sums;
  double bias;  // n / (n - ddof)
};

struct BollingerBands final : Kernel {
  BollingerBands(std::size_t n, double width) : sums(n), deviations(width) {}
  void run(const Chunk& chunk) override {
    sums.run_pieces(chunk.in, chunk.rows, [this, &chunk](std::size_t row, std::size_t count, const auto& window) {
      double* __restrict upper = chunk.out[0] + row;
      double* __restrict middle = chunk.out[1] + row;
      double* __restrict lower = chunk.out[2] + row;
      for (std::size_t i = 0; i < count; ++i) {
        upper[i] = window_variance(window(i), 0);
        middle[i] = window(i).mean();
      }
      for_rows(count, [upper, middle, lower, width = deviations](std::size_t i) {
        const double distance = width * root(upper[i]);
        const double mean = middle[i];
        upper[i] = clean(mean + distance);
        middle[i] = clean(mean);
        lower[i] = clean(mean - distance);
      });
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<VarianceTerms, Windows::kFull> sums;
  double deviations;
};

struct TrueRange final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict high = chunk.in[0];
    const double* __restrict low = chunk.in[1];
    const double* __restrict close = chunk.in[2];
    double* __restrict out = chunk.out[0];
    if (chunk.rows == 0) return;
    out[0] = range(high[0], low[0], close[0], last_close);
    for_rows(chunk.rows - 1, [=](std::size_t i) {
      out[i + 1] = range(high[i + 1], low[i + 1], close[i + 1], whole(high[i], low[i], close[i]));
    });
    const std::size_t last = chunk.rows - 1;
    last_close = whole(high[last], low[last], close[last]);
  }
  void reset() override { last_close = kNaN; }
  void persist(StateArchive& archive) override { archive(last_close); }

  // A last close that is NaN is passed over by the comparisons, so it is added.
  static double range(double high, double low, double close, double last) {
    return clean(true_range(high, low, close, last) + (last - last));
  }
  // The close of a bar; NaN when any of the three is.
  static double whole(double high, double low, double close) { return close + ((high - high) + (low - low)); }

  double last_close = kNaN;
};

// Wilder's smoothing of the true range; in percent of the close.
template <bool kPercent>
struct AverageTrueRange final : Kernel {
  explicit AverageTrueRange(std::size_t rows)
      : n(rows), inverse(1.0 / static_cast<double>(rows)), recursion(1.0 - inverse) {}

  void run(const Chunk& chunk) override {
    double* __restrict out = chunk.out[0];
    double share[kStretch];  // what each range adds
    for (std::size_t at = 0; at < chunk.rows; at += kStretch) {
      const std::size_t rows = std::min(kStretch, chunk.rows - at);
      ranges.run(chunk.in[0] + at, chunk.in[1] + at, chunk.in[2] + at, inverse, share, rows);
      for (std::size_t i = 0; i < rows;) {
        if (seen > n) {
          i += smooth(share + i, out + at + i, rows - i);
        } else {
          out[at + i] = warm_up(share[i]);
          ++i;
        }
      }
    }
    if constexpr (kPercent) {
      const double* __restrict close = chunk.in[2];
      for_rows(chunk.rows, [=](std::size_t k) {
        const double percent = 100.0 * (out[k] / close[k]);
        out[k] = close[k] == 0 ? out[k] - out[k] : clean(percent);
      });
    }
  }
  void reset() override {
    ranges.reset();
    restart();
  }
  void persist(StateArchive& archive) override { archive(ranges, seen, sum, state); }

  static constexpr std::size_t kStretch = 256;

  // The first row's range does not count: it has no last close.
  double warm_up(double share) {
    if (seen > 0) sum += share;
    if (!is_finite(share) || !is_finite(sum)) {
      restart();
    } else if (++seen > n) {
      FourStep::begin(state, sum);
      return sum;
    }
    return kNaN;
  }

  // Smooths rows up to and with the first that is not sound, and so has no value; returns how many.
  std::size_t smooth(const double* __restrict share, double* __restrict out, std::size_t rows) {
    FourStep::State next = state;
    recursion.run(next, share, out, rows);
    if (FourStep::sound(next)) {
      state = next;
      return rows;
    }
    std::size_t i = 0;
    do {
      out[i] = recursion.next(state, share[i]);
    } while (FourStep::sound(state) && ++i < rows);
    if (i == rows) return rows;
    out[i] = kNaN;
    restart();
    return i + 1;
  }
  void restart() {
    seen = 0;
    sum = 0;
    state = {};
  }

  std::size_t n;
  double inverse;
  FourStep recursion;
  TrueRanges ranges;
  std::size_t seen = 0;  // rows of the warm-up, up to n + 1
  double sum = 0;        // of their shares
  FourStep::State state;
};

// An exponential average of the close and the average true range around it, each seeded by its own first rows.
struct KeltnerChannel final : Kernel {
  struct State {
    double middle = 0;
    double range = 0;
    double last_close = 0;
  };
  struct Step {
    Weights middle;
    Weights range;
    double width;
  };
  using Columns = Lanes<3, 3>;
  KeltnerChannel(std::size_t rows, double width, std::size_t range_rows)
      : n(rows),
        range_n(range_rows),
        step{Weights(2.0 / (static_cast<double>(rows) + 1.0)), Weights(1.0 / static_cast<double>(range_rows)), width} {}

  void run(const Chunk& chunk) override { run_restarting<3, 3>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state); }

  [[nodiscard]] bool warm() const { return seen == std::max(n, range_n + 1); }
  // Until they are seeded the average and the range hold sums.
  void warm_row(const Columns& lanes, std::size_t i) {
    const double close = lanes.in[2][i];
    for (double* out : lanes.out) out[i] = kNaN;
    const double range =
        true_range(lanes.in[0][i], lanes.in[1][i], close, seen == 0 ? lanes.in[1][i] : state.last_close);
    state.middle = seen < n ? state.middle + close : step.middle.join(state.middle, close);
    if (seen > 0) state.range = seen <= range_n ? state.range + range : step.range.join(state.range, range);
    state.last_close = close;
    if (!is_finite(range) || !sound(state)) return restart();
    if (++seen == n) state.middle /= static_cast<double>(n);
    if (seen == range_n + 1) state.range /= static_cast<double>(range_n);
    if (!warm()) return;
    write(state, step, lanes, i);
    if (sound(state)) return;
    for (double* out : lanes.out) out[i] = kNaN;
    restart();
  }
  static void row(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    const double close = lanes.in[2][i];
    next.middle = step.middle.join(next.middle, close);
    next.range = step.range.join(next.range, true_range(lanes.in[0][i], lanes.in[1][i], close, next.last_close));
    next.last_close = close;
    write(next, step, lanes, i);
  }
  static void write(State& next, const Step& step, const Columns& lanes, std::size_t i) {
    const double distance = step.width * next.range;
    lanes.out[0][i] = clean(next.middle + distance);
    lanes.out[1][i] = clean(next.middle);
    lanes.out[2][i] = clean(next.middle - distance);
  }
  static bool sound(const State& next) { return is_finite(next.middle) && is_finite(next.range); }
  void restart() {
    seen = 0;
    state = {};
  }

  std::size_t n;
  std::size_t range_n;
  Step step;
  std::size_t seen = 0;
  State state;
};

struct DonchianChannel final : Kernel {
  explicit DonchianChannel(std::size_t n) : highest(n), lowest(n) {}
  void run(const Chunk& chunk) override {
    double* __restrict upper = chunk.out[0];
    double* __restrict middle = chunk.out[1];
    double* __restrict lower = chunk.out[2];
    highest.run(chunk.in[0], upper, chunk.rows);
    lowest.run(chunk.in[1], lower, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      middle[i] = clean((upper[i] + lower[i]) / 2);
      const double hole = (upper[i] - upper[i]) + (lower[i] - lower[i]);
      upper[i] += hole;
      lower[i] += hole;
    }
  }
  void reset() override {
    highest.reset();
    lowest.reset();
  }
  void persist(StateArchive& archive) override { archive(highest, lowest); }

  BlockExtreme<Extreme::kHighest, Windows::kFull> highest;
  BlockExtreme<Extreme::kLowest, Windows::kFull> lowest;
};

template <bool kRoot>
std::unique_ptr<Kernel> make_spread(Arguments arguments) {
  return std::make_unique<Spread<kRoot>>(static_cast<std::size_t>(arguments[0]),
                                         static_cast<std::size_t>(arguments[1]));
}
std::unique_ptr<Kernel> make_keltner(Arguments arguments) {
  return std::make_unique<KeltnerChannel>(static_cast<std::size_t>(arguments[0]), arguments[1],
                                          static_cast<std::size_t>(arguments[2]));
}
std::unique_ptr<Kernel> make_bands(Arguments arguments) {
  return std::make_unique<BollingerBands>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}

Operator spread(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                std::string_view source) {
  using enum ParameterKind;
  return {.name = name,
          .family = "volatility",
          .parameters = {{"x"}, {"n", kInteger, {}, 2}, {"ddof", kInteger, 0, 0, 1}},
          .memory = Memory::kWindow,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}
Operator over_bars(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                   std::string_view source) {
  return {.name = name,
          .family = "volatility",
          .parameters = {{"n", ParameterKind::kInteger, 14}},
          .fields = {"high", "low", "close"},
          .memory = Memory::kRecursive,
          .lookback = lag_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n rows",
          .source = source};
}

}  // namespace

std::vector<Operator> volatility_operators() {
  using enum ParameterKind;
  return {
      spread("stddev", make_spread<true>, "The standard deviation of the last n rows: the root of var(x, n, ddof).",
             "TA-Lib STDDEV; with ddof 1 pandas rolling std"),
      spread("var", make_spread<false>,
             "The variance of the last n rows: the squared distances from their mean, summed and divided by n - ddof. "
             "ddof 0 is the population's, 1 the sample's.",
             "TA-Lib VAR; with ddof 1 pandas rolling var"),
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
      over_bars("atr", make_window_kernel<AverageTrueRange<false>>,
                "The average true range: Wilder's smoothing of max(high, last close) - min(low, last close), from the "
                "second row on, seeded by the mean of the first n.",
                "TA-Lib ATR"),
      over_bars("natr", make_window_kernel<AverageTrueRange<true>>,
                "The average true range in percent of the close, 100 x atr(n) / close; 0 where the close is 0.",
                "TA-Lib NATR"),
      {.name = "true_range",
       .family = "volatility",
       .fields = {"high", "low", "close"},
       .memory = Memory::kWindow,
       .lookback = [](Arguments) -> std::size_t { return 1; },
       .make = make_kernel<TrueRange>,
       .meaning = "How far prices came since the last close: max(high, last close) - min(low, last close).",
       .warm_up = "1 row",
       .source = "TA-Lib TRANGE"},
      {.name = "keltner",
       .family = "volatility",
       .parameters = {{"n", kInteger, 20}, {"width", kNumber, 2, 0, 1e6}, {"range_n", kInteger, 10}},
       .fields = {"high", "low", "close"},
       .outputs = {"upper", "middle", "lower"},
       .memory = Memory::kRecursive,
       .lookback =
           [](Arguments a) { return std::max(static_cast<std::size_t>(a[0]) - 1, static_cast<std::size_t>(a[2])); },
       .make = make_keltner,
       .meaning = "Keltner's channel: the exponential average of the close over n rows, and `width` average true "
                  "ranges over range_n rows around it. Seeded as ema(close, n) and atr(range_n).",
       .warm_up = "n - 1 rows or range_n rows, whichever is more",
       .source = "StockCharts ChartSchool, Keltner Channels (Linda Raschke's form)"},
      {.name = "donchian",
       .family = "volatility",
       .parameters = {{"n", kInteger, 20}},
       .fields = {"high", "low"},
       .outputs = {"upper", "middle", "lower"},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<DonchianChannel>,
       .meaning =
           "Donchian's channel: the highest high and the lowest low of the last n bars, this one among them, and "
           "the middle between the two. Write donchian(n)[1] for a break-out.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib MAX of the highs, MIN of the lows"},
  };
}

}  // namespace argosy::formula

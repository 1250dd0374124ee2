// Oscillators over the bars: stochastics, CCI, money flow, Williams %R, ultimate oscillator, balance of power.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "formula/operators/registry.hpp"
#include "formula/operators/stochastic.hpp"
#include "formula/operators/wide.hpp"
#include "formula/operators/window_range.hpp"
#include "formula/operators/window_sum.hpp"

namespace argosy::formula {
namespace {

double typical_price(double high, double low, double close) { return (high + low + close) / 3.0; }

struct StochasticBars final : Kernel {
  StochasticBars(double n, double smooth, double signal)
      : stochastic(static_cast<std::size_t>(n), static_cast<std::size_t>(smooth), static_cast<std::size_t>(signal), 0) {
  }
  void run(const Chunk& chunk) override {
    stochastic.run(chunk.in[0], chunk.in[1], chunk.in[2], chunk.out[0], chunk.out[1], chunk.rows);
  }
  void reset() override { stochastic.reset(); }
  void persist(StateArchive& archive) override { archive(stochastic); }

  Stochastic stochastic;
};

struct WilliamsRange final : Kernel {
  explicit WilliamsRange(std::size_t n) : range(n) {}
  void run(const Chunk& chunk) override {
    const double* close = chunk.in[2];
    double* __restrict out = chunk.out[0];
    double lowest[kPieceRows];
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      range.run(chunk.in[0] + at, chunk.in[1] + at, close + at, out + at, lowest, rows);
      for_rows(rows, [now = close + at, highest = out + at, &lowest](std::size_t i) {
        const double height = highest[i] - lowest[i];
        const double below = highest[i] - now[i];
        highest[i] = clean((height == 0 ? 0 : -100 * (below / height)) + (height - height));
      });
    }
  }
  void reset() override { range.reset(); }
  void persist(StateArchive& archive) override { archive(range); }

  WindowRange range;
};

// The mean distance from a mean that moves has to be summed anew for each row. Several rows are summed side by side.
struct CommodityChannel final : Kernel {
  explicit CommodityChannel(std::size_t rows)
      : n(rows), inverse(1.0 / static_cast<double>(rows)), history(rows - 1 + kPieceRows, kNaN) {}

  void run(const Chunk& chunk) override {
    double* prices = history.data() + (n - 1);
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      const std::size_t rows = std::min(kPieceRows, chunk.rows - at);
      for (std::size_t i = 0; i < rows; ++i) {
        prices[i] = typical_price(chunk.in[0][at + i], chunk.in[1][at + i], chunk.in[2][at + i]);
      }
      std::size_t i = 0;
      for (; i + kAbreast <= rows; i += kAbreast) together<kAbreast>(history.data() + i, chunk.out[0] + at + i);
      for (; i < rows; ++i) together<1>(history.data() + i, chunk.out[0] + at + i);
      std::memmove(history.data(), history.data() + rows, (n - 1) * sizeof(double));
    }
  }

  // The rows whose windows begin at x, x + 1, ...; prices relative to the newest of a window, so that a mean near it
  // loses nothing.
  template <std::size_t kRows>
  void together(const double* __restrict x, double* __restrict out) const {
    std::array<double, kRows> mean{};
    std::array<double, kRows> distance{};
    const double* newest = x + (n - 1);
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t r = 0; r < kRows; ++r) mean[r] += x[k + r] - newest[r];
    }
    for (double& value : mean) value *= inverse;
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t r = 0; r < kRows; ++r) distance[r] += std::abs((x[k + r] - newest[r]) - mean[r]);
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      const double spread = 0.015 * (distance[r] * inverse);
      const bool at_mean = std::abs(mean[r]) <= kEqual * std::abs(newest[r]);
      out[r] = clean((at_mean ? 0 : -mean[r] / spread) + (spread - spread));
    }
  }

  void reset() override { std::ranges::fill(history, kNaN); }
  void persist(StateArchive& archive) override { archive(history); }

  static constexpr std::size_t kAbreast = 8;
  // A mean this near, relative to the price, is the price: the thirds of equal sums may differ in their last bits.
  static constexpr double kEqual = 1e-15;
  std::size_t n;
  double inverse;
  std::vector<double> history;  // the last n - 1 typical prices, then those of the piece at hand
};

// 0, or NaN where one of a row's values is.
template <class... Values>
double gap_of(Values... values) {
  return ((0 * values) + ...);
}

struct MoneyFlow final : Kernel {
  // Prices this near, relative to their sum, are equal: the thirds of equal sums may differ in their last bits.
  static constexpr double kEqual = 1e-14;

  explicit MoneyFlow(std::size_t n) : rising(n), falling(n) {}

  void run(const Chunk& chunk) override {
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      piece(chunk.in[0] + at, chunk.in[1] + at, chunk.in[2] + at, chunk.in[3] + at, chunk.out[0] + at,
            std::min(kPieceRows, chunk.rows - at));
    }
  }
  void piece(const double* __restrict high, const double* __restrict low, const double* __restrict close,
             const double* __restrict volume, double* __restrict out, std::size_t rows) {
    double price[kPieceRows + 1];  // [i + 1]: of row i
    double gap[kPieceRows + 1];
    double up[kPieceRows];
    double down[kPieceRows];
    price[0] = last_price;
    gap[0] = last_gap;
    for (std::size_t i = 0; i < rows; ++i) {
      price[i + 1] = clean(typical_price(high[i], low[i], close[i]));
      gap[i + 1] = gap_of(price[i + 1], volume[i]);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const double change = price[i + 1] - price[i];
      const double equal = kEqual * (std::abs(price[i + 1]) + std::abs(price[i]));
      const double flow = price[i + 1] * volume[i];
      const double hole = gap[i + 1] + gap[i];
      up[i] = (change > equal ? flow : 0) + hole;
      down[i] = (change < -equal ? flow : 0) + hole;
    }
    last_price = price[rows];
    last_gap = gap[rows];
    rising.run(up, out, rows);
    falling.run(down, price, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const double total = clean(out[i] + price[i]);
      out[i] = clean(total <= 0 ? 0 : 100 * (out[i] / total));
    }
  }
  void reset() override {
    rising.reset();
    falling.reset();
    last_price = last_gap = kNaN;
  }
  void persist(StateArchive& archive) override { archive(rising, falling, last_price, last_gap); }

  MovingSum rising;
  MovingSum falling;
  double last_price = kNaN;
  double last_gap = kNaN;  // a row needs all of the row before, not only its price
};

struct UltimateOscillator final : Kernel {
  UltimateOscillator(double a, double b, double c) {
    std::array<double, 3> windows{a, b, c};
    std::ranges::sort(windows);
    for (const double n : windows) {
      pressure.emplace_back(static_cast<std::size_t>(n));
      range.emplace_back(static_cast<std::size_t>(n));
    }
  }

  void run(const Chunk& chunk) override {
    for (std::size_t at = 0; at < chunk.rows; at += kPieceRows) {
      piece(chunk.in[0] + at, chunk.in[1] + at, chunk.in[2] + at, chunk.out[0] + at,
            std::min(kPieceRows, chunk.rows - at));
    }
  }
  void piece(const double* __restrict high, const double* __restrict low, const double* __restrict close,
             double* __restrict out, std::size_t rows) {
    double before[kPieceRows];
    double hole[kPieceRows];
    double bought[kPieceRows];
    double ranged[kPieceRows];
    before[0] = last_close;
    hole[0] = last_gap;
    std::copy_n(close, rows - 1, before + 1);
    for_rows(rows - 1, [&hole, high, low, close](std::size_t i) { hole[i + 1] = gap_of(high[i], low[i], close[i]); });
    for_rows(rows, [&, high, low, close](std::size_t i) {
      const double gap = gap_of(high[i], low[i], close[i]) + hole[i];
      const double true_low = before[i] < low[i] ? before[i] : low[i];
      const double true_high = before[i] > high[i] ? before[i] : high[i];
      bought[i] = (close[i] - true_low) + gap;
      ranged[i] = (true_high - true_low) + gap;
    });
    last_close = close[rows - 1];
    last_gap = gap_of(high[rows - 1], low[rows - 1], close[rows - 1]);
    std::fill_n(out, rows, 0.0);
    for (std::size_t k = 0; k < 3; ++k) {
      pressure[k].run(bought, before, rows);
      range[k].run(ranged, hole, rows);
      for_rows(rows, [&before, &hole, out, weight = kWeights[k]](std::size_t i) {
        out[i] += weight * share(before[i], clean(hole[i]));
      });
    }
    for_rows(rows, [out](std::size_t i) { out[i] = clean(100 * (out[i] / 7)); });
  }
  static double share(double part, double whole) { return whole == 0 ? 0 : part / whole; }
  void reset() override {
    for (auto& each : pressure) each.reset();
    for (auto& each : range) each.reset();
    last_close = last_gap = kNaN;
  }
  void persist(StateArchive& archive) override { archive(pressure, range, last_close, last_gap); }

  static constexpr std::array<double, 3> kWeights{4, 2, 1};
  std::vector<MovingSum> pressure;  // from the shortest window to the longest
  std::vector<MovingSum> range;
  double last_close = kNaN;
  double last_gap = kNaN;  // a row needs all of the row before, not only its close
};

struct BalanceOfPower final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict open = chunk.in[0];
    const double* __restrict high = chunk.in[1];
    const double* __restrict low = chunk.in[2];
    const double* __restrict close = chunk.in[3];
    double* __restrict out = chunk.out[0];
    for_rows(chunk.rows, [=](std::size_t i) {
      const double body = close[i] - open[i];
      const double range = high[i] - low[i];
      out[i] = clean((range <= 0 ? 0 * body : body / range) + (range - range));
    });
  }
};

std::unique_ptr<Kernel> make_stoch(Arguments a) { return std::make_unique<StochasticBars>(a[0], a[1], a[2]); }
std::unique_ptr<Kernel> make_stochf(Arguments a) { return std::make_unique<StochasticBars>(a[0], 1, a[1]); }
std::unique_ptr<Kernel> make_ultosc(Arguments a) { return std::make_unique<UltimateOscillator>(a[0], a[1], a[2]); }

}  // namespace

std::vector<Operator> oscillator_operators() {
  using enum ParameterKind;
  return {
      {.name = "stoch",
       .family = "oscillator",
       .parameters = {{"n", kInteger, 14}, {"smooth", kInteger, 3}, {"signal", kInteger, 3}},
       .fields = {"high", "low", "close"},
       .outputs = {"k", "d"},
       .memory = Memory::kWindow,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(a[0] + a[1] + a[2]) - 3; },
       .make = make_stoch,
       .meaning =
           "The slow stochastic. Where the close stands in the range of the last n bars, "
           "100 x (close - lowest low) / (highest high - lowest low), 0 where there is no range; k is its simple "
           "average of `smooth` rows, d the simple average of `signal` rows of k.",
       .warm_up = "n + smooth + signal - 3 rows, for both outputs",
       .source = "TA-Lib STOCH(n, smooth, signal) with simple averages"},
      {.name = "stochf",
       .family = "oscillator",
       .parameters = {{"n", kInteger, 14}, {"signal", kInteger, 3}},
       .fields = {"high", "low", "close"},
       .outputs = {"k", "d"},
       .memory = Memory::kWindow,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(a[0] + a[1]) - 2; },
       .make = make_stochf,
       .meaning =
           "The fast stochastic. k is where the close stands in the range of the last n bars, "
           "100 x (close - lowest low) / (highest high - lowest low), 0 where there is no range; d is the simple "
           "average of `signal` rows of k.",
       .warm_up = "n + signal - 2 rows, for both outputs",
       .source = "TA-Lib STOCHF with simple averages"},
      {.name = "cci",
       .family = "oscillator",
       .parameters = {{"n", kInteger, 14, 2}},
       .fields = {"high", "low", "close"},
       .memory = Memory::kWindow,
       .cost = Cost::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<CommodityChannel>,
       .meaning =
           "The commodity channel index: how far the typical price, (high + low + close) / 3, lies from its mean "
           "of n rows, divided by 0.015 times the mean distance of those n prices from that mean. 0 where the "
           "price is the mean.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib CCI"},
      {.name = "mfi",
       .family = "oscillator",
       .parameters = {{"n", kInteger, 14}},
       .fields = {"high", "low", "close", "volume"},
       .memory = Memory::kWindow,
       .lookback = lag_lookback,
       .make = make_window_kernel<MoneyFlow>,
       .meaning = "The money flow index, 100 x rising / (rising + falling): the sums over n rows of typical price x "
                  "volume of the bars whose typical price, (high + low + close) / 3, rose and of those where it fell. "
                  "A bar whose price differs from the last by 1e-14 of their sum or less counts for neither; 0 where "
                  "no money flowed.",
       .warm_up = "n rows",
       .source = "TA-Lib MFI"},
      {.name = "willr",
       .family = "oscillator",
       .parameters = {{"n", kInteger, 14}},
       .fields = {"high", "low", "close"},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<WilliamsRange>,
       .meaning = "Williams' %R: how far the close is below the highest high of the last n bars, "
                  "-100 x (highest high - close) / (highest high - lowest low); 0 where there is no range.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib WILLR"},
      {.name = "bop",
       .family = "oscillator",
       .fields = {"open", "high", "low", "close"},
       .make = make_kernel<BalanceOfPower>,
       .meaning = "The balance of power, (close - open) / (high - low); 0 where the bar has no range.",
       .warm_up = "none",
       .source = "TA-Lib BOP"},
      {.name = "ultosc",
       .family = "oscillator",
       .parameters = {{"a", kInteger, 7}, {"b", kInteger, 14}, {"c", kInteger, 28}},
       .fields = {"high", "low", "close"},
       .memory = Memory::kWindow,
       .lookback = [](Arguments a) { return static_cast<std::size_t>(std::max({a[0], a[1], a[2]})); },
       .make = make_ultosc,
       .meaning = "The ultimate oscillator, 100 x (4 p + 2 q + r) / 7: p, q and r are buying pressure over true range, "
                  "each summed over its window, p over the shortest of the three and r over the longest. Buying "
                  "pressure is close - min(low, last close), true range max(high, last close) - min(low, last close). "
                  "A window without range counts 0.",
       .warm_up = "the longest window's rows",
       .source = "TA-Lib ULTOSC"},
  };
}

}  // namespace argosy::formula

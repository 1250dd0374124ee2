// What a window holds: its sum, its moments, its lowest and highest and where they are.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/window_kernels.hpp"

namespace argosy::formula {
namespace {

template <class Rolling>
struct ColumnKernel final : Kernel {
  explicit ColumnKernel(std::size_t n) : rolling(n) {}
  void run(const Chunk& chunk) override { rolling.run(chunk.in[0], chunk.out[0], chunk.rows); }
  void reset() override { rolling.reset(); }
  void persist(StateArchive& archive) override { archive(rolling); }

  Rolling rolling;
};
template <Extreme kExtreme>
using ExtremeKernel = ColumnKernel<BlockExtreme<kExtreme, Windows::kFull>>;
template <Extreme kExtreme>
using PlaceKernel = ColumnKernel<BlockExtremePlace<kExtreme, Windows::kFull, Ties::kLatest>>;

struct Range final : Kernel {
  explicit Range(std::size_t n) : highest(n), lowest(n) {}
  void run(const Chunk& chunk) override {
    for (std::size_t at = 0; at < chunk.rows; at += low.size()) {
      const std::size_t count = std::min(low.size(), chunk.rows - at);
      double* __restrict out = chunk.out[0] + at;
      highest.run(chunk.in[0] + at, out, count);
      lowest.run(chunk.in[0] + at, low.data(), count);
      for (std::size_t i = 0; i < count; ++i) out[i] = clean(out[i] - low[i]);
    }
  }
  void reset() override {
    highest.reset();
    lowest.reset();
  }
  void persist(StateArchive& archive) override { archive(highest, lowest); }

  BlockExtreme<Extreme::kHighest, Windows::kFull> highest;
  BlockExtreme<Extreme::kLowest, Windows::kFull> lowest;
  std::array<double, 64> low{};  // of the piece at hand, no state
};

using Skew = SumsKernel<PowerTerms<3>, Windows::kFull, [](const auto& w, double) { return window_skew(w); }>;
using Kurtosis = SumsKernel<PowerTerms<4>, Windows::kFull, [](const auto& w, double) { return window_kurtosis(w); }>;

double standard_score(const WindowSums<1, 2>& w, double x) {
  const double deviation = root(window_variance(w, 0));
  return deviation == 0 ? 0 : ((x - w.reference[0]) - w.sum[0] * w.inverse) / deviation;
}
using ZScore = SumsKernel<VarianceTerms, Windows::kFull, standard_score>;

// The mean of |x - mean|: the mean moves with every row, so the window is read again.
struct MeanDeviation final : Kernel {
  explicit MeanDeviation(std::size_t n) : sums(n), ring(n, kNaN), inverse(1.0 / static_cast<double>(n)) {}
  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    double* out = chunk.out[0];
    sums.run(chunk.in, chunk.rows, [&](std::size_t i, const auto& window) {
      ring[at] = x[i];
      at = at + 1 == ring.size() ? 0 : at + 1;
      out[i] = clean(distance(window.mean()) * inverse);
    });
  }
  void reset() override {
    sums.reset();
    std::ranges::fill(ring, kNaN);
    at = 0;
  }
  void persist(StateArchive& archive) override { archive(sums, ring, at); }

  // The sum of |x - mean|, in four sums that do not wait for each other.
  [[nodiscard]] double distance(double mean) const {
    std::array<double, 4> sum{};
    std::size_t j = 0;
    for (; j + 4 <= ring.size(); j += 4) {
      for (std::size_t k = 0; k < 4; ++k) sum[k] += std::abs(ring[j + k] - mean);
    }
    for (; j < ring.size(); ++j) sum[0] += std::abs(ring[j] - mean);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }

  BlockSums<MeanTerms, Windows::kFull> sums;
  std::vector<double> ring;
  double inverse;
  std::size_t at = 0;
};

struct Entry {
  std::string_view name;
  std::unique_ptr<Kernel> (*make)(Arguments);
  std::string_view meaning;
  std::string_view source;
  double fewest = 1;
  Cost cost = Cost::kConstant;
};

Operator window_operator(const Entry& entry) {
  return {.name = entry.name,
          .family = "window",
          .parameters = {{"x"}, {.name = "n", .kind = ParameterKind::kInteger, .minimum = entry.fewest}},
          .memory = Memory::kWindow,
          .cost = entry.cost,
          .lookback = window_lookback,
          .make = entry.make,
          .meaning = entry.meaning,
          .warm_up = "n - 1 rows",
          .source = entry.source};
}

}  // namespace

std::vector<Operator> window_operators() {
  using enum Extreme;
  constexpr Windows kFull = Windows::kFull;
  const Entry entries[] = {
      {"sum", make_window_kernel<WindowSum<kFull>>, "The sum of the last n rows.", "TA-Lib SUM"},
      {"mean", make_window_kernel<WindowMean<kFull>>, "The mean of the last n rows: another name of sma.",
       "TA-Lib SMA"},
      {"min", make_window_kernel<ExtremeKernel<kLowest>>, "The lowest of the last n rows.", "TA-Lib MIN"},
      {"max", make_window_kernel<ExtremeKernel<kHighest>>, "The highest of the last n rows.", "TA-Lib MAX"},
      {"argmin", make_window_kernel<PlaceKernel<kLowest>>,
       "How many rows ago the lowest of the last n rows was: 0 is this row. Of equal ones the latest.",
       "TA-Lib MININDEX, counted back from the row"},
      {"argmax", make_window_kernel<PlaceKernel<kHighest>>,
       "How many rows ago the highest of the last n rows was: 0 is this row. Of equal ones the latest.",
       "TA-Lib MAXINDEX, counted back from the row"},
      {"range", make_window_kernel<Range>, "The highest less the lowest of the last n rows.", "TA-Lib MAX less MIN"},
      {"skew", make_window_kernel<Skew>,
       "The skewness of the last n rows, bias-corrected: sqrt(n (n - 1)) / (n - 2) x m3 / m2^1.5, m2 and m3 the mean "
       "powers of x - mean. 0 where all rows are equal.",
       "pandas rolling.skew", 3},
      {"kurt", make_window_kernel<Kurtosis>,
       "The excess kurtosis of the last n rows, bias-corrected: (n - 1) / ((n - 2) (n - 3)) x ((n + 1) m4 / m2^2 - 3 "
       "(n "
       "- 1)), m2 and m4 the mean powers of x - mean. -3 where all rows are equal.",
       "pandas rolling.kurt", 4},
      {"mad", make_window_kernel<MeanDeviation>,
       "The mean absolute deviation: the mean of |x - mean| of the last n rows.", "Qlib Mad, over full windows", 1,
       Cost::kWindow},
      {"zscore", make_window_kernel<ZScore>,
       "How many population standard deviations of the last n rows x lies above their mean. 0 where all rows are "
       "equal.",
       "(x - TA-Lib SMA) / TA-Lib STDDEV"},
  };
  std::vector<Operator> all;
  for (const Entry& entry : entries) all.push_back(window_operator(entry));
  all.push_back({.name = "count",
                 .family = "window",
                 .parameters = {{"condition", ParameterKind::kTruthSeries}, {"n", ParameterKind::kInteger}},
                 .memory = Memory::kWindow,
                 .lookback = window_lookback,
                 .make = make_window_kernel<WindowSum<kFull>>,
                 .meaning = "How many of the last n rows are true.",
                 .warm_up = "n - 1 rows",
                 .source = "TA-Lib SUM of zeros and ones"});
  return all;
}

}  // namespace argosy::formula

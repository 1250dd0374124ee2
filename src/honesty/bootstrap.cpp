#include "honesty/bootstrap.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/check.hpp"

namespace argosy::honesty {
namespace {

// Autocovariance at a lag, of values without their mean.
double covariance(std::span<const double> centred, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < centred.size(); ++i) sum += centred[i] * centred[i - lag];
  return sum / static_cast<double>(centred.size());
}

// One up to a half, then down to zero at one.
double flat_top(double x) { return x <= 0.5 ? 1 : x <= 1 ? 2 * (1 - x) : 0; }

// Sums of each stretch of a circular series, by sums from its beginning.
class RunningSums {
 public:
  explicit RunningSums(std::span<const double> values) : sums_(values.size() + 1) {
    for (std::size_t i = 0; i < values.size(); ++i) sums_[i + 1] = sums_[i] + values[i];
  }
  [[nodiscard]] double of(std::size_t from, std::size_t count) const {
    const std::size_t rows = sums_.size() - 1;
    const std::size_t end = from + count;
    if (end <= rows) return sums_[end] - sums_[from];
    return sums_[rows] - sums_[from] + sums_[end - rows];
  }

 private:
  std::vector<double> sums_;
};

// The variance of a sum of dependent values, a value (Andrews and Monahan, 1992): what one value says of the next is
// taken out, the rest is added up with falling weights (Newey and West, 1987), and it is put back.
double long_run_variance(std::span<const double> centred) {
  const std::size_t rows = centred.size();
  const auto n = static_cast<double>(rows);
  const double variance = covariance(centred, 0);
  if (!(variance > 0) || rows < 10) return variance;
  const double measured = covariance(centred, 1) / variance;
  // Short series show less of it than there is (Kendall, 1954).
  const double carried = std::clamp(measured + (1 + 3 * measured) / n, -0.97, 0.97);
  std::vector<double> rest(rows - 1);
  for (std::size_t i = 1; i < rows; ++i) rest[i - 1] = centred[i] - carried * centred[i - 1];
  const auto lags = static_cast<std::size_t>(4 * std::pow(n / 100, 2.0 / 9));
  double sum = covariance(rest, 0);
  for (std::size_t lag = 1; lag <= lags; ++lag)
    sum += 2 * (1 - static_cast<double>(lag) / static_cast<double>(lags + 1)) * covariance(rest, lag);
  return std::max(sum, variance * 1e-3) / ((1 - carried) * (1 - carried));
}

class Studentised {
 public:
  Studentised(std::span<const std::span<const double>> columns, const SmoothStatistic& statistic,
              const BootstrapPlan& plan)
      : statistic_(statistic), rows_(columns.front().size()), block_(std::min(plan.block, rows_)) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      // Sums of small numbers: the mean is taken off first and put back.
      centres_[k] = std::accumulate(columns[k].begin(), columns[k].end(), 0.0) / static_cast<double>(rows_);
      std::vector<double> centred(columns[k].begin(), columns[k].end());
      for (double& value : centred) value -= centres_[k];
      sums_.emplace_back(centred);
    }
    own_ = statistic_(centres_);
    error_ = own_error();
  }

  [[nodiscard]] const Smooth& own() const { return own_; }
  [[nodiscard]] double error() const { return error_; }

  // A replicate's distance from the series' own value, in units of its own error.
  double replicate(core::Rng rng, std::vector<Moments>& blocks) const {
    blocks.clear();
    Moments total{};
    // Whole blocks only: their sums say what the error is.
    const std::size_t count = std::max<std::size_t>(1, rows_ / block_);
    for (std::size_t b = 0; b < count; ++b) {
      const std::size_t from = rng.below(rows_);
      Moments sums{};
      for (std::size_t k = 0; k < sums_.size(); ++k) {
        sums[k] = sums_[k].of(from, block_);
        total[k] += sums[k];
      }
      blocks.push_back(sums);
    }
    const auto drawn = static_cast<double>(count * block_);
    Moments means = centres_;
    for (std::size_t k = 0; k < sums_.size(); ++k) means[k] += total[k] / drawn;
    const Smooth value = statistic_(means);
    double squares = 0;
    for (const Moments& sums : blocks) {
      double influence = 0;
      for (std::size_t k = 0; k < sums_.size(); ++k)
        influence += value.slope[k] * (sums[k] - total[k] / static_cast<double>(count));
      squares += influence * influence;
    }
    const double error = std::sqrt(squares) / drawn;
    return (value.value - own_.value) / error;
  }

 private:
  // Of the statistic of the series itself: by how much it changes with each value, added up with what those owe to each
  // other.
  [[nodiscard]] double own_error() const {
    std::vector<double> influence(rows_);
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t k = 0; k < sums_.size(); ++k) influence[i] += own_.slope[k] * sums_[k].of(i, 1);
    }
    return std::sqrt(long_run_variance(influence) / static_cast<double>(rows_));
  }

  const SmoothStatistic& statistic_;
  std::size_t rows_;
  std::size_t block_;
  Moments centres_{};
  std::vector<RunningSums> sums_;
  Smooth own_;
  double error_ = 0;
};

}  // namespace

std::size_t block_length(std::span<const double> series) {
  const std::size_t rows = series.size();
  if (rows < 10) return 1;
  const auto n = static_cast<double>(rows);
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / n;
  std::vector<double> centred(series.begin(), series.end());
  for (double& value : centred) value -= mean;
  const double variance = covariance(centred, 0);
  if (!(variance > 0)) return 1;
  // The lag behind which some lags in a row have no correlation that is not chance.
  const auto in_a_row = static_cast<std::size_t>(std::max(5.0, std::ceil(std::sqrt(std::log10(n)))));
  const auto most_lags = std::min(rows / 2, static_cast<std::size_t>(std::ceil(std::sqrt(n))) + in_a_row);
  const double chance = 2 * std::sqrt(std::log10(n) / n);
  std::vector<double> covariances{variance};
  for (std::size_t lag = 1; lag <= most_lags; ++lag) covariances.push_back(covariance(centred, lag));
  std::size_t last = 0;  // with a correlation
  for (std::size_t lag = 1; lag <= most_lags && lag <= last + in_a_row; ++lag) {
    if (std::abs(covariances[lag]) > chance * variance) last = lag;
  }
  const std::size_t lags = std::min(most_lags, std::max<std::size_t>(1, 2 * last));
  double spectrum = variance;  // at zero
  double curvature = 0;
  for (std::size_t lag = 1; lag <= lags; ++lag) {
    const double weighted = 2 * flat_top(static_cast<double>(lag) / static_cast<double>(lags)) * covariances[lag];
    spectrum += weighted;
    curvature += weighted * static_cast<double>(lag);
  }
  const double most = std::ceil(std::min(3 * std::sqrt(n), n / 3));
  const double length = std::cbrt(1.5 * curvature * curvature / (spectrum * spectrum) * n);
  return static_cast<std::size_t>(std::clamp(std::ceil(length), 1.0, most));
}

double quantile(std::span<const double> sorted, double share) {
  ARGOSY_CHECK(!sorted.empty());
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double rest = place - static_cast<double>(below);
  return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

Interval studentised_interval(std::span<const std::span<const double>> columns, const SmoothStatistic& statistic,
                              const BootstrapPlan& plan, const core::Rng& rng) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  ARGOSY_CHECK(!columns.empty() && columns.size() <= kMostMoments && !columns.front().empty());
  const Studentised series(columns, statistic, plan);
  if (!(series.error() > 0)) return {kNaN, kNaN};
  std::vector<double> distances;
  distances.reserve(plan.replicates);
  std::vector<Moments> blocks;
  for (std::size_t r = 0; r < plan.replicates; ++r) {
    const double distance = series.replicate(rng.fork(r), blocks);
    if (std::isfinite(distance)) distances.push_back(distance);
  }
  if (distances.size() < plan.replicates / 2) return {kNaN, kNaN};
  std::ranges::sort(distances);
  // The k-th of n draws leaves a share of k / (n + 1) below it.
  const auto drawn = static_cast<double>(distances.size());
  const double tail = std::max(0.0, ((1 - plan.confidence) / 2 * (drawn + 1) - 1) / (drawn - 1));
  return {series.own().value - quantile(distances, 1 - tail) * series.error(),
          series.own().value - quantile(distances, tail) * series.error()};
}

}  // namespace argosy::honesty

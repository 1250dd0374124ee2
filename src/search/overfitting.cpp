#include "search/overfitting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

#include "core/check.hpp"
#include "search/detail/portable_math.hpp"
#include "search/normal.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostBlocks = 16;

// 1 - skew SR + (kurtosis - 1) / 4 SR^2: how much wider the estimate of a Sharpe ratio is than for a ratio of zero.
double estimate_variance(const SharpeSample& sample) {
  return 1 - sample.skew * sample.sharpe + (sample.kurtosis - 1) / 4 * sample.sharpe * sample.sharpe;
}

// Sums of one column over some rows.
struct Sums {
  double sum = 0;
  double squares = 0;
};

// Zero for a column that does not change: there is nothing to rank it by.
double sharpe_of(const Sums& sums, double rows) {
  const double mean = sums.sum / rows;
  const double variance = sums.squares / rows - mean * mean;
  return variance > 1e-14 * (sums.squares / rows) ? mean / std::sqrt(variance) : 0;
}

// The rank of a value among all, from 1; equal ones share the mean of their ranks.
double rank_of(std::span<const double> values, double value) {
  std::size_t below = 0;
  std::size_t same = 0;
  for (const double other : values) {
    below += other < value ? 1 : 0;
    same += other == value ? 1 : 0;
  }
  return static_cast<double>(below) + (static_cast<double>(same) + 1) / 2;
}

Result<void> check_matrix(const ReturnMatrix& matrix, std::size_t blocks) {
  const auto refuse = [](std::string message, std::string hint) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint)));
  };
  ARGOSY_CHECK(matrix.values.size() == matrix.rows * matrix.columns);
  if (blocks < 2 || blocks > kMostBlocks || blocks % 2 != 0) {
    return refuse(fmt::format("the rows cannot be cut into {} blocks", blocks), "take an even number from 2 to 16");
  }
  if (matrix.columns < 2) return refuse("there is nothing to choose between", "give the returns of two tries or more");
  if (matrix.rows < 2 * blocks) {
    return refuse(fmt::format("{} rows are too few for {} blocks", matrix.rows, blocks), "take fewer blocks");
  }
  if (!std::ranges::all_of(matrix.values, [](double value) { return std::isfinite(value); })) {
    return refuse("a return is not finite", "leave out tries that failed");
  }
  return {};
}

// Sums of each block and column, block by block.
std::vector<Sums> block_sums(const ReturnMatrix& matrix, std::size_t blocks) {
  const std::size_t length = matrix.rows / blocks;
  const std::size_t first = matrix.rows - length * blocks;
  std::vector<Sums> sums(blocks * matrix.columns);
  for (std::size_t row = first; row < matrix.rows; ++row) {
    const std::span<Sums> into = std::span(sums).subspan((row - first) / length * matrix.columns, matrix.columns);
    for (std::size_t column = 0; column < matrix.columns; ++column) {
      const double value = matrix.values[row * matrix.columns + column];
      into[column].sum += value;
      into[column].squares += value * value;
    }
  }
  return sums;
}

// The least-squares line through points.
void fit_line(std::span<const std::pair<double, double>> points, Overfitting& result) {
  const auto count = static_cast<double>(points.size());
  double mean_x = 0;
  double mean_y = 0;
  for (const auto& [x, y] : points) {
    mean_x += x / count;
    mean_y += y / count;
  }
  double xx = 0;
  double xy = 0;
  for (const auto& [x, y] : points) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
  }
  result.slope = xx > 0 ? xy / xx : kNone;
  result.intercept = mean_y - (xx > 0 ? result.slope * mean_x : 0);
}

}  // namespace

SharpeSample sharpe_sample(std::span<const double> returns) {
  const auto count = static_cast<double>(returns.size());
  SharpeSample sample{.sharpe = kNone, .skew = kNone, .kurtosis = kNone, .observations = count};
  if (returns.size() < 2) return sample;
  double mean = 0;
  for (const double value : returns) mean += value;
  mean /= count;
  double second = 0;
  double third = 0;
  double fourth = 0;
  for (const double value : returns) {
    const double off = value - mean;
    second += off * off;
    third += off * off * off;
    fourth += off * off * off * off;
  }
  if (!(second > 0)) return sample;
  const double variance = second / count;
  sample.sharpe = mean / std::sqrt(second / (count - 1));
  sample.skew = third / count / (variance * std::sqrt(variance));
  sample.kurtosis = fourth / count / (variance * variance);
  return sample;
}

double probabilistic_sharpe(const SharpeSample& sample, double benchmark) {
  const double variance = estimate_variance(sample);
  if (!(variance > 0) || !(sample.observations >= 2)) return kNone;
  return normal_cdf((sample.sharpe - benchmark) * std::sqrt(sample.observations - 1) / std::sqrt(variance));
}

double expected_best(double tries) {
  if (!(tries > 1)) return std::isnan(tries) ? kNone : 0;
  constexpr double kGamma = std::numbers::egamma;
  const double best =
      (1 - kGamma) * normal_quantile(1 - 1 / tries) + kGamma * normal_quantile(1 - 1 / (tries * std::numbers::e));
  return std::max(best, 0.0);
}

double deflated_sharpe(const SharpeSample& sample, double tries, double spread) {
  return probabilistic_sharpe(sample, spread * expected_best(tries));
}

double minimum_track_record(const SharpeSample& sample, double benchmark, double confidence) {
  if (!(sample.sharpe > benchmark)) return std::isnan(sample.sharpe) ? kNone : kInfinity;
  const double ratio = normal_quantile(confidence) / (sample.sharpe - benchmark);
  return 1 + estimate_variance(sample) * ratio * ratio;
}

double minimum_backtest_years(double tries, double yearly_sharpe) {
  if (!(yearly_sharpe > 0)) return std::isnan(yearly_sharpe) ? kNone : kInfinity;
  const double ratio = expected_best(tries) / yearly_sharpe;
  return ratio * ratio;
}

// The squared length of the sum of n standardised columns is n + n (n - 1) r.
double mean_correlation(const ReturnMatrix& matrix) {
  std::vector<double> sum(matrix.rows, 0);
  std::size_t counted = 0;
  for (std::size_t column = 0; column < matrix.columns; ++column) {
    double mean = 0;
    for (std::size_t row = 0; row < matrix.rows; ++row) mean += matrix.values[row * matrix.columns + column];
    mean /= static_cast<double>(matrix.rows);
    double squares = 0;
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      const double off = matrix.values[row * matrix.columns + column] - mean;
      squares += off * off;
    }
    if (!(squares > 0) || !std::isfinite(squares)) continue;
    ++counted;
    const double scale = 1 / std::sqrt(squares);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      sum[row] += (matrix.values[row * matrix.columns + column] - mean) * scale;
    }
  }
  if (counted < 2) return kNone;
  double length = 0;
  for (const double value : sum) length += value * value;
  const auto count = static_cast<double>(counted);
  return (length - count) / (count * (count - 1));
}

double effective_tries(double tries, double mean_correlation) {
  const double correlation = std::isnan(mean_correlation) ? 0 : std::clamp(mean_correlation, 0.0, 1.0);
  return tries * (1 - correlation) + correlation;
}

Result<Overfitting> overfitting_probability(const ReturnMatrix& matrix, std::size_t blocks) {
  ARGOSY_TRY_VOID(check_matrix(matrix, blocks));
  const std::vector<Sums> sums = block_sums(matrix, blocks);
  Overfitting result;
  result.rows = matrix.rows / blocks * blocks;
  const auto half_rows = static_cast<double>(result.rows) / 2;
  std::vector<double> inside(matrix.columns);
  std::vector<double> outside(matrix.columns);
  std::vector<Sums> chosen(matrix.columns);
  std::vector<Sums> rest(matrix.columns);
  std::vector<std::pair<double, double>> pairs;
  std::size_t overfitted = 0;
  std::size_t losses = 0;
  for (std::uint32_t choice = 0; choice < 1U << blocks; ++choice) {
    if (static_cast<std::size_t>(std::popcount(choice)) != blocks / 2) continue;
    std::ranges::fill(chosen, Sums{});
    std::ranges::fill(rest, Sums{});
    for (std::size_t block = 0; block < blocks; ++block) {
      std::vector<Sums>& into = ((choice >> block) & 1U) != 0 ? chosen : rest;
      const Sums* from = &sums[block * matrix.columns];
      for (std::size_t column = 0; column < matrix.columns; ++column) {
        into[column].sum += from[column].sum;
        into[column].squares += from[column].squares;
      }
    }
    for (std::size_t column = 0; column < matrix.columns; ++column) {
      inside[column] = sharpe_of(chosen[column], half_rows);
      outside[column] = sharpe_of(rest[column], half_rows);
    }
    const auto best = static_cast<std::size_t>(std::ranges::max_element(inside) - inside.begin());
    const double share = rank_of(outside, outside[best]) / static_cast<double>(matrix.columns + 1);
    result.logits.push_back(detail::portable_log(share / (1 - share)));
    pairs.emplace_back(inside[best], outside[best]);
    overfitted += share <= 0.5 ? 1 : 0;
    losses += rest[best].sum < 0 ? 1 : 0;
  }
  result.choices = pairs.size();
  const auto count = static_cast<double>(result.choices);
  result.probability = static_cast<double>(overfitted) / count;
  result.loss_probability = static_cast<double>(losses) / count;
  fit_line(pairs, result);
  return result;
}

}  // namespace argosy::search

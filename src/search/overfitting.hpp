// Statistics of trying often: how good the best of many tries looks by luck alone.
//
//   const SharpeSample sample = sharpe_sample(daily_returns);
//   deflated_sharpe(sample, 200, spread)       // the chance that its true Sharpe is above the best of 200 lucky ones
//   overfitting_probability(matrix, 16)        // how often the best half of the time is below the middle in the other
//
// All Sharpe ratios here are of one observation, not annualised: divide a yearly one by the root of the observations a
// year. Sources: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012) and The Deflated Sharpe Ratio
// (2014); Bailey, Borwein, Lopez de Prado and Zhu, Pseudo-Mathematics and Financial Charlatanism (2014) and The
// Probability of Backtest Overfitting (2015).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/result.hpp"

namespace argosy::search {

struct SharpeSample {
  double sharpe = 0;    // mean over standard deviation (with n - 1)
  double skew = 0;      // 0 for a normal distribution
  double kurtosis = 3;  // 3 for a normal distribution
  double observations = 0;
};

// NaN where there are fewer than two observations or they are all the same.
[[nodiscard]] SharpeSample sharpe_sample(std::span<const double> returns);

// The probability that the true Sharpe ratio is above `benchmark`:
// Phi((SR - SR*) sqrt(T - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR^2)). NaN where the root has no value.
[[nodiscard]] double probabilistic_sharpe(const SharpeSample& sample, double benchmark);
// The expected largest of n independent standard normal draws: (1 - g) Phi^-1(1 - 1/n) + g Phi^-1(1 - 1/(n e)), g the
// constant of Euler and Mascheroni. 0 for one try; n need not be whole.
[[nodiscard]] double expected_best(double tries);
// The probability that the true Sharpe ratio is above what the best of so many tries shows by luck, when their Sharpe
// ratios spread by this standard deviation. Ask for more than 0.95.
[[nodiscard]] double deflated_sharpe(const SharpeSample& sample, double tries, double spread);
// How many observations are needed to say with this confidence that the true Sharpe ratio is above `benchmark`;
// infinite when the sample's is not.
[[nodiscard]] double minimum_track_record(const SharpeSample& sample, double benchmark, double confidence);
// How many years of a backtest are needed so that the best of so many tries without skill is not expected to show
// this yearly Sharpe ratio: (expected_best(n) / SR)^2.
[[nodiscard]] double minimum_backtest_years(double tries, double yearly_sharpe);

// Returns over time of several tries: row by row, one row a point in time, one column a try.
struct ReturnMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const double> values;  // rows * columns; must outlive it
};

// The mean correlation between any two columns; those that never change are left out. NaN for fewer than two.
[[nodiscard]] double mean_correlation(const ReturnMatrix& matrix);
// To how many independent tries these amount: n (1 - r) + r for a mean correlation r, taken as 0 when below it.
[[nodiscard]] double effective_tries(double tries, double mean_correlation);

// What combinatorially symmetric cross-validation says.
struct Overfitting {
  double probability = 0;       // PBO: how often the best in sample is at or below the middle out of sample
  std::vector<double> logits;   // of its rank out of sample, one a choice of blocks
  double slope = 0;             // of its Sharpe ratio out of sample on that in sample
  double intercept = 0;         // likewise
  double loss_probability = 0;  // how often its mean return out of sample is below zero
  std::size_t choices = 0;      // of half the blocks
  std::size_t rows = 0;         // that were used: the first ones are left out when they do not divide evenly
};

// Cuts the rows into an even number of blocks, 2 to 16, and takes each choice of half of them as the sample. An error
// for an odd number, fewer than two columns, fewer than two rows a block, or a value that is not finite.
[[nodiscard]] core::Result<Overfitting> overfitting_probability(const ReturnMatrix& matrix, std::size_t blocks = 16);

}  // namespace argosy::search

#include "search/overfitting.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/rng.hpp"
#include "search/normal.hpp"

namespace argosy::search {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Normal, AgreesWithTheErrorFunction) {
  for (double x = -37; x <= 37; x += 0.01) {
    const double expected = 0.5 * std::erfc(-x / std::sqrt(2.0));
    // The square of x / sqrt(2) is rounded before it is an exponent.
    EXPECT_NEAR(normal_cdf(x) / expected, 1, 1e-15 * (4 + x * x)) << x;
  }
  EXPECT_EQ(normal_cdf(40), 1);
  EXPECT_TRUE(std::isnan(normal_cdf(kNan)));
}

TEST(Normal, QuantileIsTheInverse) {
  for (double x = -37; x <= 5; x += 0.01) {
    const double p = normal_cdf(x);
    const double steep = std::exp(-0.5 * x * x) / 2.5;
    EXPECT_NEAR(normal_quantile(p), x, 1e-14 * std::max(1.0, std::fabs(x)) + (x > 0 ? 2e-16 / steep : 0)) << x;
  }
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_EQ(normal_quantile(0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(normal_quantile(1), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(normal_quantile(-0.1)));
  EXPECT_TRUE(std::isnan(normal_quantile(kNan)));
}

// 1, 2, 3, 4, 10: mean 4, squares 50, cubes 180, fourth powers 1394 around it.
TEST(Sharpe, MomentsByHand) {
  const std::vector<double> returns{1, 2, 3, 4, 10};
  const SharpeSample sample = sharpe_sample(returns);
  EXPECT_DOUBLE_EQ(sample.sharpe, 4 / std::sqrt(12.5));
  EXPECT_DOUBLE_EQ(sample.skew, 36 / (10 * std::sqrt(10.0)));
  EXPECT_DOUBLE_EQ(sample.kurtosis, 278.8 / 100);
  EXPECT_EQ(sample.observations, 5);
  EXPECT_TRUE(std::isnan(sharpe_sample(std::vector<double>{1}).sharpe));
  EXPECT_TRUE(std::isnan(sharpe_sample(std::vector<double>{1, 1, 1}).sharpe));
  EXPECT_TRUE(std::isnan(probabilistic_sharpe(sharpe_sample(std::vector<double>{1, 1, 1}), 0)));
}

// The example of Bailey and Lopez de Prado, The Deflated Sharpe Ratio (2014): a yearly Sharpe of 2.5 over five years of
// 250 days.
TEST(Sharpe, DeflatedAsPublished) {
  const double root = std::sqrt(250.0);
  const SharpeSample sample{.sharpe = 2.5 / root, .skew = -3, .kurtosis = 10, .observations = 1250};
  const double spread = std::sqrt(0.5) / root;
  EXPECT_NEAR(deflated_sharpe(sample, 100, spread), 0.9004, 0.00005);
  EXPECT_NEAR(deflated_sharpe(sample, 46, spread), 0.9505, 0.00005);
  // With normal returns the same ratio passes with 88 tries.
  EXPECT_NEAR(deflated_sharpe({.sharpe = 2.5 / root, .skew = 0, .kurtosis = 3, .observations = 1250}, 88, spread),
              0.9505, 0.0002);
}

// Worked out apart from this code.
TEST(Sharpe, WorkedNumbers) {
  const double root = std::sqrt(252.0);
  const SharpeSample sample{.sharpe = 1.5 / root, .skew = -0.5, .kurtosis = 6, .observations = 1250};
  const double spread = 0.5 / root;
  EXPECT_NEAR(probabilistic_sharpe(sample, 0), 0.9994, 0.00005);
  EXPECT_NEAR(expected_best(10) * 0.5, 0.787, 0.0005);
  EXPECT_NEAR(deflated_sharpe(sample, 10, spread), 0.9385, 0.00005);
  EXPECT_NEAR(deflated_sharpe(sample, 100, spread), 0.6942, 0.00005);
  EXPECT_NEAR(deflated_sharpe(sample, 1000, spread), 0.3913, 0.00005);
  EXPECT_NEAR(minimum_track_record(sample, 0, 0.95), 322, 0.5);
  EXPECT_EQ(minimum_track_record(sample, 1, 0.95), std::numeric_limits<double>::infinity());
}

TEST(Sharpe, ExpectedBest) {
  const std::vector<std::pair<double, double>> known{{10, 1.5746},  {20, 1.9007},   {45, 2.2356},   {100, 2.5306},
                                                     {500, 3.0525}, {1000, 3.2551}, {10000, 3.8607}};
  for (const auto& [tries, best] : known) EXPECT_NEAR(expected_best(tries), best, 0.00005) << tries;
  EXPECT_EQ(expected_best(1), 0);
  EXPECT_GE(expected_best(1.5), 0);
  EXPECT_TRUE(std::isnan(expected_best(kNan)));
  // Bailey et al. (2014): with five years of data, about 45 tries give a yearly Sharpe of 1 by luck.
  EXPECT_NEAR(minimum_backtest_years(45, 1), 5, 0.01);
  for (const double tries : {10.0, 100.0, 1000.0}) EXPECT_LE(minimum_backtest_years(tries, 1), 2 * std::log(tries));
}

// Rows of independent noise of variance 1, nearly normal: the sum of three uniform draws, which is quicker than a
// normal one where nothing is optimised.
std::vector<double> noise(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  core::Rng rng(seed);
  std::vector<double> values(rows * columns);
  for (double& value : values) value = 2 * (rng.uniform() + rng.uniform() + rng.uniform() - 1.5);
  return values;
}

Overfitting cscv(const std::vector<double>& values, std::size_t rows, std::size_t columns, std::size_t blocks = 8) {
  const auto result = overfitting_probability({rows, columns, values}, blocks);
  EXPECT_TRUE(result) << result.error().describe();
  return *result;
}

TEST(Overfitting, TriesByCorrelation) {
  constexpr std::size_t kRows = 20'000;
  std::vector<double> values = noise(kRows, 4, 1);
  EXPECT_NEAR(mean_correlation({kRows, 4, values}), 0, 0.01);
  // A common part of the same variance: a correlation of one half.
  const std::vector<double> common = noise(kRows, 1, 2);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += common[i / 4];
  EXPECT_NEAR(mean_correlation({kRows, 4, values}), 0.5, 0.02);
  EXPECT_DOUBLE_EQ(effective_tries(100, 0.5), 50.5);
  EXPECT_DOUBLE_EQ(effective_tries(100, 1), 1);
  EXPECT_DOUBLE_EQ(effective_tries(100, -0.2), 100);
  const std::vector<double> flat{1, 2, 1, 3, 1, 4};
  EXPECT_TRUE(std::isnan(mean_correlation({3, 2, flat})));
}

TEST(Overfitting, OfNoiseIsAboutOneHalf) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) sum += cscv(noise(400, 20, seed), 400, 20).probability;
  EXPECT_NEAR(sum / 200, 0.51, 0.05);
}

TEST(Overfitting, OfOneGoodColumnIsAboutZero) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::vector<double> values = noise(400, 20, seed);
    for (std::size_t row = 0; row < 400; ++row) values[row * 20 + 7] += 0.3;
    const Overfitting result = cscv(values, 400, 20);
    sum += result.probability;
    EXPECT_LT(result.loss_probability, 0.2);
  }
  EXPECT_LT(sum / 50, 0.03);
}

// A good half forces a bad half.
TEST(Overfitting, OfDemeanedColumnsIsOne) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<double> values = noise(400, 20, seed);
    for (std::size_t column = 0; column < 20; ++column) {
      double mean = 0;
      for (std::size_t row = 0; row < 400; ++row) mean += values[row * 20 + column] / 400;
      for (std::size_t row = 0; row < 400; ++row) values[row * 20 + column] -= mean;
    }
    const Overfitting result = cscv(values, 400, 20);
    EXPECT_EQ(result.probability, 1);
    EXPECT_EQ(result.loss_probability, 1);
    EXPECT_LT(result.slope, 0);
  }
}

TEST(Overfitting, CountsItsChoicesAndForgetsTheOrderOfColumns) {
  const std::vector<double> values = noise(100, 6, 3);
  EXPECT_EQ(cscv(values, 100, 6, 10).choices, 252U);
  EXPECT_EQ(cscv(values, 100, 6, 16).choices, 12'870U);
  EXPECT_EQ(cscv(values, 100, 6, 16).rows, 96U);
  std::vector<double> turned(values);
  for (std::size_t row = 0; row < 100; ++row) std::reverse(&turned[row * 6], &turned[row * 6] + 6);
  const Overfitting one = cscv(values, 100, 6);
  const Overfitting other = cscv(turned, 100, 6);
  EXPECT_EQ(one.logits, other.logits);
  EXPECT_EQ(one.slope, other.slope);
}

// Two columns and two blocks: the column that is better in one block is worse in the other.
TEST(Overfitting, ByHand) {
  const std::vector<double> values{2, 1, 4, 1.1, 0, 3, -1, 5};
  const Overfitting result = cscv(values, 4, 2, 2);
  // In the first half: 3 / 1 against 1.05 / 0.05, so the second column; it is best in the second half as well. The
  // other way round: 4 / 1 against -0.5 / 0.5, the second column, which is best in the first half.
  ASSERT_EQ(result.choices, 2U);
  EXPECT_EQ(result.probability, 0);
  for (const double logit : result.logits) EXPECT_NEAR(logit, std::log(2.0), 1e-12);
  EXPECT_NEAR(result.slope, (4.0 - 21.0) / (21.0 - 4.0), 1e-9);
}

TEST(Overfitting, RefusesWhatItCannotCut) {
  const std::vector<double> values = noise(20, 2, 3);
  EXPECT_FALSE(overfitting_probability({20, 2, values}, 7));
  EXPECT_FALSE(overfitting_probability({20, 2, values}, 18));
  EXPECT_FALSE(overfitting_probability({20, 2, values}, 16));
  EXPECT_FALSE(overfitting_probability({40, 1, values}, 4));
  std::vector<double> broken(values);
  broken[3] = kNan;
  EXPECT_EQ(overfitting_probability({20, 2, broken}, 4).error().message, "a return is not finite");
}

}  // namespace
}  // namespace argosy::search

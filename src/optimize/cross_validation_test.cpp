#include "optimize/cross_validation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/rng.hpp"

namespace argosy::optimize {
namespace {

struct Noise {
  std::vector<double> values;
  search::ReturnMatrix matrix;

  Noise(std::size_t rows, std::size_t columns, std::uint64_t seed, double skill = 0) {
    core::Rng rng(seed);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column)
        values.push_back(0.01 * rng.normal() + (column == 3 ? skill : 0));
    }
    matrix = {.rows = rows, .columns = columns, .values = values};
  }
};

const Objective& sharpe() {
  static const Objective objective = *parse_objective("sharpe");
  return objective;
}

TEST(CrossValidation, FindsWhatIsGoodEverywhere) {
  const Noise noise(1000, 10, 1, 0.003);
  const auto result = *cross_validate({}, noise.matrix, sharpe(), 252);
  EXPECT_EQ(result.splits, 45U);
  EXPECT_EQ(result.path_sharpes.size(), 9U);
  EXPECT_EQ(result.embargo, 10U);
  EXPECT_EQ(result.most_chosen, 3U);
  EXPECT_EQ(result.most_chosen_share, 1.0);
  EXPECT_EQ(result.losing, 0.0);
  // Every path is column 3 over all of the time.
  std::vector<double> column;
  for (std::size_t row = 0; row < 1000; ++row) column.push_back(noise.values[row * 10 + 3]);
  for (const double path : result.path_sharpes) EXPECT_NEAR(path, backtest::return_ratios(column, 252).sharpe, 1e-9);
}

// The best of many without skill looks good in training and is nothing elsewhere.
TEST(CrossValidation, SeesThatNoiseIsNothing) {
  double inside = 0;
  double outside = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Noise noise(500, 20, seed);
    const auto result = *cross_validate({}, noise.matrix, sharpe(), 252);
    inside += result.train_sharpe / 40;
    outside += result.mean_sharpe / 40;
  }
  EXPECT_GT(inside, 0.8);
  EXPECT_LT(std::fabs(outside), 0.3);
}

TEST(CrossValidation, JudgesByReturnsOnly) {
  const Noise noise(500, 5, 1);
  const auto result = cross_validate({}, noise.matrix, *parse_objective("profit_factor"), 252);
  ASSERT_FALSE(result.has_value());
  EXPECT_TRUE(result.error().hint.contains("sortino"));
  EXPECT_FALSE(cross_validate({.groups = 600}, noise.matrix, sharpe(), 252).has_value());
}

}  // namespace
}  // namespace argosy::optimize

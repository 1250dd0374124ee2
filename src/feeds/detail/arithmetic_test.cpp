#include "feeds/detail/arithmetic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace argosy::feeds::detail {
namespace {

TEST(Exponential, is_that_of_the_library_within_four_units) {
  core::Rng rng(1);
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = (rng.uniform() - 0.5) * (i % 2 == 0 ? 1'200.0 : 2.0);
    const double wanted = std::exp(x);
    worst = std::max(worst, std::abs(exponential(x) - wanted) / (wanted * std::numeric_limits<double>::epsilon()));
  }
  EXPECT_LT(worst, 4);
}

TEST(Exponential, at_its_ends) {
  EXPECT_EQ(exponential(0), 1);
  EXPECT_EQ(exponential(-1e-300), 1);
  EXPECT_EQ(exponential(601), exponential(600));
  EXPECT_EQ(exponential(-1e9), exponential(-600));
  EXPECT_GT(exponential(-600), 0);
}

TEST(Bells, have_mean_0_and_variance_1) {
  core::Rng rng(2);
  constexpr int kCount = 400'000;
  double sum = 0;
  double squares = 0;
  double pairs = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = quick_bell(rng);
    ASSERT_LT(std::abs(x), 3.4642);
    sum += x;
    squares += x * x;
    pairs += quick_square_sum(rng);
  }
  EXPECT_NEAR(sum / kCount, 0, 0.006);
  EXPECT_NEAR(squares / kCount, 1, 0.006);
  EXPECT_NEAR(pairs / kCount, 2, 0.01);
}

TEST(HighestOfBridge, lies_above_both_ends) {
  EXPECT_EQ(highest_of_bridge(0.25, 0, 3), 0.25);
  EXPECT_EQ(highest_of_bridge(-0.25, 0, 3), 0);
  EXPECT_EQ(highest_of_bridge(0, 4, 4), 2);
  EXPECT_GT(highest_of_bridge(-1, 0.01, 1), 0);
}

TEST(Nearest, rounds_halves_up) {
  EXPECT_EQ(nearest(2.5), 3);
  EXPECT_EQ(nearest(-2.5), -2);
  EXPECT_EQ(nearest(2.4999), 2);
}

}  // namespace
}  // namespace argosy::feeds::detail

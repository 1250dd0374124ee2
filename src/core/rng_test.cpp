#include "core/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace argosy::core {
namespace {

// Worked out apart from this code, by the definitions of splitmix64 and xoshiro256** in 64-bit integers.
TEST(Rng, GivesItsFixedNumbers) {
  Rng rng(0);
  const std::uint64_t expected[] = {0x99EC5F36CB75F2B4U, 0xBF6E1F784956452AU, 0x1A5F849D4933E6E0U, 0x6AA594F1262D2D2CU};
  for (const std::uint64_t number : expected) EXPECT_EQ(rng.next(), number);
}

TEST(Rng, UniformLiesInItsRange) {
  Rng rng(1);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = rng.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 5 * std::sqrt(1.0 / 12 / 100'000));
}

TEST(Rng, BelowIsFair) {
  Rng rng(2);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts.at(rng.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(10'000.0 * 5 / 6));
  // Three quarters of 2^64: without redrawing, the lowest third of the results would come twice as often.
  const std::uint64_t bound = std::uint64_t{3} << 62U;
  int low = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = rng.below(bound);
    ASSERT_LT(value, bound);
    low += value < bound / 3 ? 1 : 0;
  }
  EXPECT_NEAR(low, 10'000, 5 * std::sqrt(10'000.0 * 2 / 3));
  EXPECT_EQ(rng.below(1), 0U);
  EXPECT_DEATH((void)rng.below(0), "bound > 0");
}

TEST(Rng, NormalIsNormal) {
  constexpr int kCount = 400'000;
  Rng rng(3);
  std::vector<double> values(kCount);
  std::ranges::generate(values, [&] { return rng.normal(); });
  double mean = 0;
  for (const double value : values) mean += value / kCount;
  double second = 0;
  double third = 0;
  double fourth = 0;
  for (const double value : values) {
    const double square = (value - mean) * (value - mean);
    second += square / kCount;
    third += square * (value - mean) / kCount;
    fourth += square * square / kCount;
  }
  // Five standard errors each: of the mean 1/sqrt(n), variance 2/n, skewness 6/n, kurtosis 24/n.
  const double root = std::sqrt(static_cast<double>(kCount));
  EXPECT_NEAR(mean, 0, 5 / root);
  EXPECT_NEAR(second, 1, 5 * std::sqrt(2.0) / root);
  EXPECT_NEAR(third, 0, 5 * std::sqrt(6.0) / root);
  EXPECT_NEAR(fourth, 3, 5 * std::sqrt(96.0) / root);
  // Kolmogorov and Smirnov: beyond 1.95 / sqrt(n) in one of a thousand samples.
  std::ranges::sort(values);
  double distance = 0;
  for (int i = 0; i < kCount; ++i) {
    const double expected = 0.5 * std::erfc(-values[static_cast<std::size_t>(i)] / std::sqrt(2.0));
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / kCount),
                         std::abs(expected - static_cast<double>(i + 1) / kCount)});
  }
  EXPECT_LT(distance, 1.95 / root);
  // The tails are there: beyond four standard deviations 6.3 of 100,000.
  const auto beyond = std::ranges::count_if(values, [](double value) { return std::abs(value) > 4; });
  EXPECT_NEAR(static_cast<double>(beyond), 25.3, 5 * std::sqrt(25.3));
}

TEST(Rng, ForksAreFixedAndApart) {
  const Rng rng(4);
  EXPECT_EQ(rng.fork(7).next(), rng.fork(7).next());
  EXPECT_NE(rng.fork(7).next(), rng.fork(8).next());
  EXPECT_NE(rng.fork(0).next(), Rng(rng).next());
  EXPECT_NE(Rng(4).fork(7).next(), Rng(5).fork(7).next());
}

}  // namespace
}  // namespace argosy::core

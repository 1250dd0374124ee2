#include "honesty/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace argosy::honesty {
namespace {

// x(t) = mean + phi (x(t-1) - mean) + a normal step of one.
std::vector<double> autoregression(std::size_t rows, double mean, double phi, core::Rng& rng) {
  std::vector<double> out;
  double x = rng.normal() / std::sqrt(1 - phi * phi);
  for (std::size_t i = 0; i < rows; ++i) {
    x = phi * x + rng.normal();
    out.push_back(mean + x);
  }
  return out;
}

Smooth mean_of(const Moments& means) { return {.value = means[0], .slope = {1, 0}}; }

Smooth sharpe_of(const Moments& means) {
  const double variance = means[1] - means[0] * means[0];
  const double ratio = means[0] / std::sqrt(variance);
  return {.value = ratio, .slope = {1 / std::sqrt(variance) + ratio * means[0] / variance, -ratio / (2 * variance)}};
}

struct Coverage {
  double mean = 0;
  double sharpe = 0;
};

Coverage cover(double phi, std::size_t rows, std::size_t series) {
  constexpr double kMean = 0.05;
  core::Rng rng(7);
  Coverage out;
  const double true_sharpe = kMean * std::sqrt(1 - phi * phi);
  for (std::size_t s = 0; s < series; ++s) {
    const auto x = autoregression(rows, kMean, phi, rng);
    std::vector<double> squares;
    for (const double value : x) squares.push_back(value * value);
    const BootstrapPlan plan{.block = std::max(block_length(x), block_length(squares)), .replicates = 200};
    const std::vector<std::span<const double>> columns{x, squares};
    const Interval m = studentised_interval(std::span(columns).first(1), mean_of, plan, rng.fork(1));
    const Interval r = studentised_interval(columns, sharpe_of, plan, rng.fork(2));
    out.mean += m.low <= kMean && kMean <= m.high ? 1 : 0;
    out.sharpe += r.low <= true_sharpe && true_sharpe <= r.high ? 1 : 0;
  }
  out.mean /= static_cast<double>(series);
  out.sharpe /= static_cast<double>(series);
  return out;
}

// With sanitizers a tenth of the series, and the room that so few need.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::size_t kSeries = 200;
constexpr double kRoom = 0.03;
#else
constexpr std::size_t kSeries = 2000;
constexpr double kRoom = 0;
#endif
#else
constexpr std::size_t kSeries = 2000;
constexpr double kRoom = 0;
#endif

TEST(Bootstrap, IntervalsHoldTheTruthAsOftenAsTheySay) {
  for (const double phi : {0.0, 0.3}) {
    const Coverage c = cover(phi, 750, kSeries);
    RecordProperty("mean", std::to_string(c.mean));
    for (const double covered : {c.mean, c.sharpe}) {
      EXPECT_GE(covered, 0.93 - kRoom) << "phi " << phi << ": " << c.mean << " " << c.sharpe;
      EXPECT_LE(covered, 0.97 + kRoom) << "phi " << phi << ": " << c.mean << " " << c.sharpe;
    }
  }
}

TEST(Bootstrap, BlocksAreLongWhereValuesDependOnEachOther) {
  core::Rng rng(1);
  const auto noise = autoregression(2000, 0, 0, rng);
  const auto slow = autoregression(2000, 0, 0.8, rng);
  EXPECT_LE(block_length(noise), 6U);
  EXPECT_GE(block_length(slow), 20U);
  EXPECT_LE(block_length(slow), 80U);
  EXPECT_EQ(block_length(std::vector<double>(100, 1.0)), 1U);
  EXPECT_EQ(block_length(std::vector<double>{1, 2, 3}), 1U);
}

TEST(Bootstrap, QuantilesLieBetweenValues) {
  const std::vector<double> values{1, 2, 3, 5};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 0.5), 2.5);
  EXPECT_EQ(quantile(values, 1), 5);
  EXPECT_EQ(quantile(std::vector<double>{4}, 0.3), 4);
}

TEST(Bootstrap, BlocksGoRoundAndFillTheSeries) {
  core::Rng rng(3);
  std::size_t rows = 0;
  bool went_round = false;
  for (int k = 0; k < 50; ++k) {
    CircularBlocks(10, 4).draw(rng, [&](std::size_t from, std::size_t count) {
      ASSERT_LE(from + count, 10U);
      rows += count;
      went_round = went_round || (from == 0 && count < 4);
    });
  }
  EXPECT_EQ(rows, 500U);
  EXPECT_TRUE(went_round);
}

TEST(Bootstrap, NoSpreadNoInterval) {
  const std::vector<double> same(50, 0.01);
  const std::vector<std::span<const double>> columns{same};
  EXPECT_TRUE(std::isnan(studentised_interval(columns, mean_of, {}, core::Rng(1)).low));
}

}  // namespace
}  // namespace argosy::honesty

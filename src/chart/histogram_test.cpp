#include "chart/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(HistogramBins, HaveRoundBordersAndOneAtZero) {
  const std::vector<double> values = {-15, -5, -0.1, 0, 5, 25, kNaN};
  const std::vector<Bin> bins = histogram_bins(values, 4);
  ASSERT_EQ(bins.size(), 5U);
  EXPECT_DOUBLE_EQ(bins[0].low, -20);
  EXPECT_EQ(bins[0].count, 1U);
  EXPECT_EQ(bins[1].count, 2U);
  EXPECT_DOUBLE_EQ(bins[2].low, 0);
  EXPECT_EQ(bins[2].count, 2U);
  EXPECT_EQ(bins[3].count, 0U);
  EXPECT_EQ(bins[4].count, 1U);
}

RC_GTEST_PROP(HistogramBins, CountEveryValueOnce, (const std::vector<int>& numbers)) {
  const std::vector<double> values(numbers.begin(), numbers.end());
  const std::vector<Bin> bins = histogram_bins(values, 20);
  std::size_t total = 0;
  for (const Bin& bin : bins) total += bin.count;
  RC_ASSERT(total == values.size());
  RC_ASSERT(bins.size() <= 24U);
  // No bin holds both signs.
  for (const Bin& bin : bins) RC_ASSERT(bin.low >= 0 || bin.high <= 0);
}

TEST(Histogram, ShowsLossesAndGainsApart) {
  const std::vector<double> values = {-15, -5, 5, 25};
  const std::string svg = render_histogram({.label = "Profits", .unit = "trades", .values = values});
  EXPECT_EQ(count_of(svg, "class=\"bar loss\""), 2U);
  EXPECT_EQ(count_of(svg, "class=\"bar gain\""), 2U);
  EXPECT_THAT(svg, HasSubstr("aria-label=\"Profits\""));
  EXPECT_THAT(svg, HasSubstr(": 1 trades</title>"));
  EXPECT_THAT(svg, HasSubstr(">0</text>"));
  EXPECT_EQ(markup_fault(svg), "");
}

TEST(Histogram, EmptyOneValueAndHostileNames) {
  EXPECT_THAT(render_histogram({.label = "x", .unit = "y", .values = {}}), HasSubstr("Nothing to draw"));
  const std::vector<double> one = {42};
  const std::string svg = render_histogram({.label = "<script>", .unit = "<script>", .values = one});
  EXPECT_EQ(count_of(svg, "class=\"bar"), 1U);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_EQ(markup_fault(svg), "");
}

}  // namespace
}  // namespace argosy::chart

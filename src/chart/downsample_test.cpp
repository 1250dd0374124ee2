#include "chart/downsample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace argosy::chart {
namespace {

using testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Downsample, KeepsShortSeriesWhole) {
  const std::vector<double> values = {1, kNaN, 3};
  EXPECT_THAT(downsample(values, 3), ElementsAre(0, 1, 2));
  EXPECT_TRUE(downsample({}, 10).empty());
}

TEST(Downsample, KeepsLowestAndHighestOfEachColumnInOrder) {
  const std::vector<double> values = {2, 9, 1, 5, /**/ 4, 4, 3, 8};
  EXPECT_THAT(downsample(values, 2), ElementsAre(0, 1, 2, 6, 7));
}

TEST(Downsample, MarksColumnsWithoutPoints) {
  const std::vector<double> values = {kNaN, kNaN, 1, 2, kNaN, kNaN, 3, kNaN};
  EXPECT_THAT(downsample(values, 4), ElementsAre(0, 2, 3, 4, 6));
}

RC_GTEST_PROP(Downsample, KeepsTheExtremesAndStaysSmall, (const std::vector<int>& numbers)) {
  std::vector<double> values(numbers.begin(), numbers.end());
  const std::vector<std::size_t> kept = downsample(values, 7);
  RC_ASSERT(kept.size() <= std::max<std::size_t>(16, 7));
  RC_ASSERT(std::ranges::is_sorted(kept));
  RC_ASSERT(std::ranges::adjacent_find(kept) == kept.end());
  if (values.empty()) return;
  std::vector<double> drawn;
  for (const std::size_t index : kept) drawn.push_back(values[index]);
  RC_ASSERT(std::ranges::max(drawn) == std::ranges::max(values));
  RC_ASSERT(std::ranges::min(drawn) == std::ranges::min(values));
  RC_ASSERT(kept.front() == 0U);
  RC_ASSERT(kept.back() == values.size() - 1);
}

}  // namespace
}  // namespace argosy::chart

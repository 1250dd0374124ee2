#include "chart/time_bars.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kDay = 86'400'000'000'000;

std::vector<std::int64_t> days(std::size_t count) {
  std::vector<std::int64_t> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back((15'706 + static_cast<std::int64_t>(i)) * kDay);  // 2013-01-01
  return keys;
}

std::string drawn(const std::vector<double>& values) {
  const std::vector<std::int64_t> keys = days(values.size());
  return render_time_bars({.label = "Profit of each day", .name = "Profit", .keys = keys, .values = values});
}

TEST(TimeBars, AGainPointsUpAndALossDown) {
  const std::string svg = drawn({10, -10, kNaN, 0});
  EXPECT_EQ(markup_fault(svg), "");
  EXPECT_EQ(count_of(svg, "class=\"bar gain\""), 1U);
  EXPECT_EQ(count_of(svg, "class=\"bar loss\""), 1U);
  EXPECT_EQ(count_of(svg, "class=\"bar muted\""), 1U) << "neither";
  EXPECT_THAT(svg, HasSubstr("2013-01-01\nProfit +10.00"));
  EXPECT_THAT(svg, HasSubstr("2013-01-02\nProfit \xE2\x88\x92"
                             "10.00"));
  EXPECT_THAT(svg, Not(HasSubstr("2013-01-03\nProfit")));
  // 170 pixels for -11 to 11: zero in the middle, at 8 + 85; the bars end where 10 and -10 are.
  EXPECT_THAT(svg, HasSubstr("y=\"15.7\" width=\"8%\" height=\"77.3\""));
  EXPECT_THAT(svg, HasSubstr("y=\"93\" width=\"8%\" height=\"77.3\""));
}

TEST(TimeBars, OneSideHasAllTheRoom) {
  EXPECT_THAT(drawn({5, 10}), HasSubstr("y=\"16.1\" width=\"8%\" height=\"161.9\""));
  EXPECT_THAT(drawn({-5, -10}), HasSubstr("y=\"8\" width=\"8%\" height=\"161.9\""));
}

TEST(TimeBars, NothingIsSaid) {
  EXPECT_THAT(drawn({}), HasSubstr("Nothing to draw"));
  EXPECT_THAT(drawn({kNaN, kNaN}), HasSubstr("Nothing to draw"));
  EXPECT_THAT(drawn({0}), HasSubstr("bar muted"));
}

RC_GTEST_PROP(TimeBars, AreBalancedForAnyValues, (const std::vector<double>& values)) {
  const std::string svg = drawn(values);
  RC_ASSERT(markup_fault(svg).empty());
  RC_ASSERT(svg.find("nan") == std::string::npos);
  RC_ASSERT(svg.find("height=\"-") == std::string::npos);
}

}  // namespace
}  // namespace argosy::chart

#include "chart/scatter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Scatter, PlacesPointsAndSteps) {
  Scatter scatter{.label = "Sharpe", .x_name = "trial", .y_name = "Sharpe"};
  scatter.points = {{0, 0, Tone::kMuted, false, "worst"},
                    {100, 10, Tone::kAccent, true, "best"},
                    {50, kNaN, Tone::kMuted, false, ""}};
  scatter.steps = {{0, 0}, {50, 10}};
  const std::string html = render_scatter(scatter);
  // Three percent of room at each end of 106 in all.
  EXPECT_THAT(html, HasSubstr("<circle class=\"dot accent strong\" cx=\"97.17%\""));
  EXPECT_THAT(html, HasSubstr("<title>best</title>"));
  EXPECT_THAT(html, HasSubstr("H500V"));
  EXPECT_EQ(count_of(html, "<circle"), 2U);
  EXPECT_EQ(markup_fault(html), "");
}

// A line may go on where there are no more points.
TEST(Scatter, StepsWidenTheRange) {
  Scatter scatter{.label = "s", .x_name = "x", .y_name = "y"};
  scatter.points = {{0, 1, Tone::kMuted, false, ""}, {50, 2, Tone::kMuted, false, ""}};
  scatter.steps = {{0, 1}, {100, 2}};
  EXPECT_THAT(render_scatter(scatter), HasSubstr("cx=\"50%\""));
}

TEST(Scatter, FarPointsSitOnTheEdge) {
  Scatter scatter{.label = "s", .x_name = "x", .y_name = "y"};
  scatter.points = {{0, -1e6, Tone::kMuted, false, ""}, {1, 1, Tone::kMuted, false, ""}};
  scatter.y_range = {0, 2};
  EXPECT_THAT(render_scatter(scatter), HasSubstr("cy=\"270\""));
}

TEST(Scatter, OfNothingSaysSo) {
  EXPECT_THAT(render_scatter({.label = "s", .x_name = "x", .y_name = "y"}), HasSubstr("Nothing to draw"));
  Scatter one{.label = "s", .x_name = "x", .y_name = "y"};
  one.points = {{3, 3, Tone::kMuted, false, "<script>"}};
  EXPECT_THAT(render_scatter(one), HasSubstr("cx=\"50%\""));
  EXPECT_THAT(render_scatter(one), Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace argosy::chart

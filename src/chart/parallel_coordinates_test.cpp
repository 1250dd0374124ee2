#include "chart/parallel_coordinates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(ParallelCoordinates, DrawsALineAcrossAllAxes) {
  ParallelCoordinates chart{.label = "Parameters"};
  chart.axes = {{"fast", {{0, "5"}, {1, "100"}}}, {"slow", {}}, {"Sharpe", {}}};
  chart.lines.push_back({{0, 1, 0.5}, Tone::kAccent, true, "trial <7>"});
  chart.lines.push_back({{0, kNaN, 0.5}, Tone::kMuted, false, ""});
  chart.height = 100;
  const std::string html = render_parallel_coordinates(chart);
  EXPECT_THAT(html, HasSubstr("class=\"thread accent strong\" d=\"M166.7 100L500 0L833.3 50\""));
  EXPECT_THAT(html, HasSubstr("d=\"M166.7 100M833.3 50\""));
  EXPECT_THAT(html, HasSubstr("<title>trial &lt;7&gt;</title>"));
  EXPECT_THAT(html, HasSubstr("min-width:276px"));
  EXPECT_EQ(markup_fault(html), "");
  EXPECT_THAT(render_parallel_coordinates({.label = "x", .axes = {}, .lines = {}}), HasSubstr("Nothing to draw"));
  chart.lines.push_back({{0}, Tone::kMuted, false, ""});
  EXPECT_DEATH((void)render_parallel_coordinates(chart), "1 positions for 3 axes");
}

}  // namespace
}  // namespace argosy::chart

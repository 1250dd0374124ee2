#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "chart/markup_check.hpp"
#include "chart/parallel_coordinates.hpp"
#include "chart/quality_map.hpp"
#include "chart/scatter.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Scatter, PlacesPointsAndSteps) {
  Scatter scatter{.label = "Sharpe", .x_name = "trial", .y_name = "Sharpe"};
  scatter.points = {{0, 0, Tone::kMuted, false, "worst"}, {100, 10, Tone::kAccent, true, "best"}, {50, kNaN, Tone::kMuted, false, ""}};
  scatter.steps = {{0, 0}, {50, 10}};
  const std::string html = render_scatter(scatter);
  // Three percent of room at each end of 106 in all.
  EXPECT_THAT(html, HasSubstr("<circle class=\"dot accent strong\" cx=\"97.17%\""));
  EXPECT_THAT(html, HasSubstr("<title>best</title>"));
  EXPECT_THAT(html, HasSubstr("H500V"));
  EXPECT_EQ(count_of(html, "<circle"), 2U);
  EXPECT_EQ(markup_fault(html), "");
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

TEST(QualityMap, ColoursBetterAndWorse) {
  QualityMap map{.label = "Sharpe", .row_name = "fast", .column_name = "slow", .columns = {"50", "100"}, .rows = {}};
  map.rows.push_back({"5", {{"1.20", 1, "trial 3"}, {"0.30", -0.5, ""}}});
  map.rows.push_back({"10", {{"0.80", 0, ""}, {}}});
  const std::string html = render_quality_map(map);
  EXPECT_THAT(html, HasSubstr("<td class=\"g5\" title=\"trial 3\">1.20</td><td class=\"l3\">0.30</td>"));
  EXPECT_THAT(html, HasSubstr("<td>0.80</td><td></td>"));
  EXPECT_EQ(markup_fault(html), "");
  map.rows.push_back({"15", {}});
  EXPECT_DEATH((void)render_quality_map(map), "row 15");
}

}  // namespace
}  // namespace argosy::chart

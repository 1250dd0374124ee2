#include "chart/time_chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>

#include "chart/markup_check.hpp"
#include "core/rng.hpp"
#include "core/time.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::int64_t> days(std::size_t count) {
  std::vector<std::int64_t> keys(count);
  core::Date date = core::Date::from_ymd(2004, 1, 1);
  for (std::int64_t& key : keys) {
    key = core::utc_midnight(date).time_since_epoch().count();
    date = date.plus_days(1);
  }
  return keys;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string draw(std::span<const std::int64_t> keys, std::span<const double> values) {
  TimeChart chart{.label = "Test", .keys = keys};
  chart.series.push_back({"Close", values});
  return render_chart(chart);
}

TEST(TimeChart, SmallChartIsAsTheGoldenFile) {
  const auto keys = days(6);
  const std::vector<double> close = {10, 11.5, kNaN, 10.5, 12, 12.5};
  const std::vector<double> other = {10, 10, 10.2, 10.4, 10.3, 10.6};
  TimeChart chart{.label = "Close of ACME", .keys = keys};
  chart.height = 120;
  chart.series.push_back({"Close", close});
  chart.series.push_back({"Other", other, SeriesKind::kDashed, Tone::kMuted});
  chart.links.push_back({0, 10, 4, 12, Tone::kGain});
  chart.markers.push_back({0, 10, MarkerShape::kUp, Tone::kAccent, "Entry"});
  chart.markers.push_back({4, 12, MarkerShape::kDown, Tone::kGain, "Exit <b>"});
  const std::string html = render_legend(chart) + "\n" + render_chart(chart) + "\n";
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/tests/golden/chart/small.html";
  EXPECT_EQ(html, read(path)) << "the drawing changed; when that is meant, save this as " << path << ":\n" << html;
  EXPECT_EQ(markup_fault(html), "");
}

TEST(TimeChart, DrawsAreasDownToTheBaseline) {
  const auto keys = days(3);
  const std::vector<double> values = {0, -0.2, -0.1};
  TimeChart chart{.label = "Drawdown", .keys = keys, .format = ValueFormat::kPercent, .baseline = 0, .height = 100};
  chart.series.push_back({"Strategy", values, SeriesKind::kArea, Tone::kLoss});
  const std::string svg = render_chart(chart);
  // 0 lies on the upper edge, -0.2 five percent of the range above the lower one.
  EXPECT_THAT(svg, HasSubstr("class=\"area loss\" d=\"M0 0 500 95.2 1000 47.6L1000 0 0 0Z\""));
  EXPECT_THAT(svg, HasSubstr(">\u221210%</text>"));
  EXPECT_EQ(markup_fault(svg), "");
}

TEST(TimeChart, EmptyInputSaysSo) {
  EXPECT_THAT(draw({}, {}), HasSubstr("Nothing to draw"));
  const auto keys = days(2);
  const std::vector<double> gaps = {kNaN, std::numeric_limits<double>::infinity()};
  EXPECT_THAT(draw(keys, gaps), HasSubstr("Nothing to draw"));
  EXPECT_THAT(render_chart({.label = "No series", .keys = keys}), HasSubstr("Nothing to draw"));
}

TEST(TimeChart, OnePointIsADotInTheMiddle) {
  const auto keys = days(1);
  const std::vector<double> values = {7};
  const std::string svg = draw(keys, values);
  EXPECT_THAT(svg, HasSubstr("d=\"M500 120h0\""));
  EXPECT_THAT(svg, HasSubstr(">1 Jan 2004</text>"));
  EXPECT_EQ(markup_fault(svg), "");
}

TEST(TimeChart, ConstantSeriesIsALineInTheMiddle) {
  const auto keys = days(3);
  for (const double value : {0.0, 100.0, -5.0}) {
    const std::vector<double> values(3, value);
    EXPECT_THAT(draw(keys, values), HasSubstr("d=\"M0 120 500 120 1000 120\"")) << value;
  }
}

TEST(TimeChart, GapsBreakTheLine) {
  const auto keys = days(5);
  const std::vector<double> values = {0, 1, kNaN, 1, 0};
  EXPECT_THAT(draw(keys, values), HasSubstr("d=\"M0 229.1 250 10.9M750 10.9 1000 229.1\""));
}

TEST(TimeChart, LogScaleFallsBackWhenAValueIsNotPositive) {
  const auto keys = days(3);
  std::vector<double> values = {1, 10, 100};
  TimeChart chart{.label = "Log", .keys = keys, .scale = ScaleKind::kLog};
  chart.series.push_back({"Close", values});
  EXPECT_THAT(render_chart(chart), HasSubstr(" 500 120 "));  // the geometric middle
  values[0] = 0;
  EXPECT_THAT(render_chart(chart), Not(HasSubstr(" 500 120 ")));
}

TEST(TimeChart, NamesAreEscapedEverywhere) {
  const auto keys = days(2);
  const std::vector<double> values = {1, 2};
  const std::string evil = "\"><script>alert(1)</script>";
  TimeChart chart{.label = evil, .keys = keys};
  chart.series.push_back({evil, values});
  chart.markers.push_back({0, 1, MarkerShape::kCross, Tone::kLoss, evil});
  const std::string html = render_legend(chart) + render_chart(chart);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(TimeChart, MarkersBeyondTheBarsAreLeftOut) {
  const auto keys = days(2);
  const std::vector<double> values = {1, 2};
  TimeChart chart{.label = "Marks", .keys = keys};
  chart.series.push_back({"Close", values});
  chart.markers = {{5, 1, MarkerShape::kUp, Tone::kAccent, "outside"},
                   {1, kNaN, MarkerShape::kUp, Tone::kAccent, "nan"}};
  EXPECT_THAT(render_chart(chart), Not(HasSubstr("<use")));
}

TEST(TimeChart, AMillionPointsStaySmallAndTheSame) {
  constexpr std::size_t kCount = 1'000'000;
  std::vector<std::int64_t> keys(kCount);
  std::vector<double> values(kCount);
  core::Rng rng(1);
  double value = 100;
  for (std::size_t at = 0; at < kCount; ++at) {
    keys[at] = static_cast<std::int64_t>(at) * 60'000'000'000;
    value *= 1 + 0.001 * (rng.uniform() - 0.5);
    values[at] = value;
  }
  TimeChart chart{.label = "Minutes", .keys = keys, .intraday = true};
  chart.series.push_back({"Close", values});
  const std::string svg = render_chart(chart);
  EXPECT_LT(svg.size(), 100'000U);
  EXPECT_EQ(svg, render_chart(chart));
  EXPECT_EQ(markup_fault(svg), "");
}

TEST(TimeChartDeathTest, RefusesSeriesOfAnotherLength) {
  const auto keys = days(2);
  const std::vector<double> values = {1};
  EXPECT_DEATH((void)draw(keys, values), "series Close has 1 values for 2 keys");
}

TEST(Tone, FollowsTheSign) {
  EXPECT_EQ(tone_of(1), Tone::kGain);
  EXPECT_EQ(tone_of(-1), Tone::kLoss);
  EXPECT_EQ(tone_of(0), Tone::kMuted);
  EXPECT_EQ(tone_of(kNaN), Tone::kMuted);
}

}  // namespace
}  // namespace argosy::chart

#include "chart/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Table, SaysGainAndLossByArrowAndColour) {
  Table table{.id = "trades", .label = "Trades", .columns = {{"Symbol"}, {"Profit", true, true}}};
  table.rows = {{{"AAPL", "+5.00"}, Tone::kGain}, {{"IBM", "-2.00"}, Tone::kLoss}, {{"FB", "0.00"}, std::nullopt}};
  const std::string html = render_table(table);
  EXPECT_THAT(html, HasSubstr("<td>AAPL</td><td class=\"n gain\"><i>\u25B2</i>+5.00</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"n loss\"><i>\u25BC</i>-2.00</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"n\">0.00</td>"));
  EXPECT_THAT(html, HasSubstr("#trades td:nth-child(2)::before{content:\"Profit\"}"));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(Table, HostileCellsAndHeadsStayText) {
  Table table{.id = "t", .label = "<script>", .columns = {{"</style><script>"}}};
  table.rows = {{{"<script>alert(1)</script>"}, std::nullopt}};
  const std::string html = render_table(table);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_EQ(count_of(html, "</style>"), 1U);
  EXPECT_EQ(markup_fault(html), "");
}

TEST(TableDeathTest, RefusesRowsOfAnotherLength) {
  Table table{.id = "t", .label = "t", .columns = {{"a"}}};
  table.rows = {{{"1", "2"}, std::nullopt}};
  EXPECT_DEATH((void)render_table(table), "2 cells for 1 columns");
}

TEST(HeatClass, GrowsWithTheValue) {
  EXPECT_EQ(heat_class(0.001, 0.1), "g1");
  EXPECT_EQ(heat_class(0.05, 0.1), "g3");
  EXPECT_EQ(heat_class(0.5, 0.1), "g5");
  EXPECT_EQ(heat_class(-0.1, 0.1), "l5");
  EXPECT_EQ(heat_class(0, 0.1), "");
  EXPECT_EQ(heat_class(kNaN, 0.1), "");
  EXPECT_EQ(heat_class(0.1, 0), "");
}

TEST(HeatMap, ShowsSignedPercentagesAndLeavesGaps) {
  HeatMap map{.label = "Months", .corner = "Year", .columns = {"Jan", "Feb"}, .totals = {"Year"}};
  map.rows.push_back({"2004", {{0.031, "Jan 2004: +3.1%"}, {kNaN, ""}}, {{-0.02, ""}}});
  const std::string html = render_heat_map(map);
  EXPECT_THAT(html, HasSubstr("<td class=\"g5\" title=\"Jan 2004: +3.1%\"><span class=\"full\">+3.1</span>"
                              "<span class=\"short\">+3</span></td><td></td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"total loss\"><span class=\"full\">\u22122.0</span>"));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(HeatMap, WithoutRowsOrNumbers) {
  HeatMap map{.label = "Months", .corner = "Year", .columns = {"Jan"}};
  EXPECT_EQ(markup_fault(render_heat_map(map)), "");
  map.rows.push_back({"2004", {{kNaN, ""}}, {}});
  EXPECT_THAT(render_heat_map(map), HasSubstr("<td></td>"));
}

}  // namespace
}  // namespace argosy::chart

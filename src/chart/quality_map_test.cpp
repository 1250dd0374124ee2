#include "chart/quality_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chart/markup_check.hpp"

namespace argosy::chart {
namespace {

using testing::HasSubstr;

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

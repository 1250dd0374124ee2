// A map of how good pairs of values are, as an HTML table: numbers in cells whose colour says better or worse than the
// middle. For percentages by month see HeatMap in chart/table.hpp.
//
//   QualityMap map{.label = "Sharpe by fast and slow", .row_name = "fast", .column_name = "slow"};
//   map.columns = {"50", "100"};
//   map.rows.push_back({"5", {{.text = "1.20", .quality = 0.9}, {.text = "0.30", .quality = -0.4}}});
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace argosy::chart {

struct QualityCell {
  std::string text;
  double quality = std::numeric_limits<double>::quiet_NaN();  // -1: the worst, 0: the middle, 1: the best; NaN: empty
  std::string title;
};

struct QualityRow {
  std::string label;
  std::vector<QualityCell> cells;  // one a column
};

struct QualityMap {
  std::string label;  // what a screen reader says
  std::string row_name;
  std::string column_name;
  std::vector<std::string> columns;
  std::vector<QualityRow> rows;
};

[[nodiscard]] std::string render_quality_map(const QualityMap& map);

}  // namespace argosy::chart

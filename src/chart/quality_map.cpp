#include "chart/quality_map.hpp"

#include <fmt/format.h>

#include <utility>

#include "chart/markup.hpp"
#include "chart/table.hpp"
#include "core/check.hpp"

namespace argosy::chart {

std::string render_quality_map(const QualityMap& map) {
  Markup html;
  html.open("div", {{"class", "sideways"}, {"role", "region"}, {"aria-label", map.label}, {"tabindex", "0"}});
  html.open("table", {{"class", "heat"}, {"aria-label", map.label}}).open("thead").open("tr");
  html.element("th", {{"scope", "col"}}, fmt::format("{} \\ {}", map.row_name, map.column_name));
  for (const std::string& column : map.columns) html.element("th", {{"scope", "col"}}, column);
  html.close().close().open("tbody");
  for (const QualityRow& row : map.rows) {
    ARGOSY_CHECK(row.cells.size() == map.columns.size(), "row {}", row.label);
    html.open("tr").element("th", {{"scope", "row"}}, row.label);
    for (const QualityCell& cell : row.cells) {
      html.element("td", {{"class", heat_class(cell.quality, 1)}, {"title", cell.title}}, cell.text);
    }
    html.close();
  }
  html.close().close().close();
  return std::move(html).take();
}

}  // namespace argosy::chart

#include "chart/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "core/check.hpp"

namespace argosy::chart {
namespace {

constexpr std::string_view kUpArrow = "\xE2\x96\xB2";
constexpr std::string_view kDownArrow = "\xE2\x96\xBC";

std::string cell_class(const TableColumn& column, std::optional<Tone> tone) {
  std::string text = column.numeric ? "n" : "";
  if (column.toned && tone) text += fmt::format("{}{}", text.empty() ? "" : " ", tone_class(*tone));
  return text;
}

// The labels of the cards are part of the style, once a column and not once a cell.
std::string card_labels(const Table& table) {
  std::string style = "@media screen and (max-width:720px){";
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    style += fmt::format("#{} td:nth-child({})::before{{content:{}}}", table.id, at + 1,
                         css_string(table.columns[at].label));
  }
  return style + "}";
}

void write_heat_number(Markup& html, double value) {
  html.element("span", {{"class", "full"}}, format_number(value * 100, 1, Sign::kAlways));
  html.element("span", {{"class", "short"}}, format_number(value * 100, 0, Sign::kAlways));
}

double strongest_of(const HeatMap& map) {
  std::vector<double> sizes;
  for (const HeatRow& row : map.rows) {
    for (const HeatCell& cell : row.cells) {
      if (is_drawable(cell.value)) sizes.push_back(std::fabs(cell.value));
    }
  }
  if (sizes.empty()) return 0;
  // The 90th percentile: one extreme month must not leave all others pale.
  std::ranges::sort(sizes);
  return sizes[(sizes.size() - 1) * 9 / 10];
}

}  // namespace

std::string render_table(const Table& table) {
  Markup html;
  html.open("style").raw(card_labels(table)).close();
  html.open("div", {{"class", "scroll"}, {"role", "region"}, {"aria-label", table.label}, {"tabindex", "0"}});
  html.open("table", {{"class", "rows"}, {"id", table.id}}).open("thead").open("tr");
  for (const TableColumn& column : table.columns) {
    html.element("th", {{"scope", "col"}, {"class", column.numeric ? "n" : ""}}, column.label);
  }
  html.close().close().open("tbody");
  for (const TableRow& row : table.rows) {
    ARGOSY_CHECK(row.cells.size() == table.columns.size(), "{}: {} cells for {} columns", table.id, row.cells.size(),
                 table.columns.size());
    html.open("tr");
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      const TableColumn& column = table.columns[at];
      html.open("td", {{"class", cell_class(column, row.tone)}});
      if (column.toned && row.tone == Tone::kGain) html.element("i", {}, kUpArrow);
      if (column.toned && row.tone == Tone::kLoss) html.element("i", {}, kDownArrow);
      html.text(row.cells[at]).close();
    }
    html.close().raw("\n");
  }
  html.close().close().close();
  return std::move(html).take();
}

std::string heat_class(double value, double strongest) {
  if (!is_drawable(value) || value == 0 || strongest <= 0) return "";
  const double strength = std::ceil(std::min(std::fabs(value) / strongest, 1.0) * 5);
  return fmt::format("{}{}", value > 0 ? 'g' : 'l', static_cast<int>(std::max(strength, 1.0)));
}

std::string render_heat_map(const HeatMap& map) {
  const double strongest = strongest_of(map);
  Markup html;
  html.open("table", {{"class", "heat"}, {"aria-label", map.label}}).open("thead").open("tr");
  html.element("th", {{"scope", "col"}}, map.corner);
  for (const std::string& column : map.columns) {
    html.open("th", {{"scope", "col"}});
    html.element("span", {{"class", "full"}}, column);
    html.element("span", {{"class", "short"}, {"aria-hidden", "true"}}, column.substr(0, 1)).close();
  }
  for (const std::string& total : map.totals) html.element("th", {{"scope", "col"}, {"class", "total"}}, total);
  html.close().close().open("tbody");
  for (const HeatRow& row : map.rows) {
    ARGOSY_CHECK(row.cells.size() == map.columns.size() && row.totals.size() == map.totals.size(), "row {}", row.label);
    html.open("tr").element("th", {{"scope", "row"}}, row.label);
    for (const HeatCell& cell : row.cells) {
      html.open("td", {{"class", heat_class(cell.value, strongest)}, {"title", cell.title}});
      if (is_drawable(cell.value)) write_heat_number(html, cell.value);
      html.close();
    }
    for (const HeatCell& cell : row.totals) {
      html.open("td", {{"class", fmt::format("total {}", tone_class(tone_of(cell.value)))}, {"title", cell.title}});
      if (is_drawable(cell.value)) write_heat_number(html, cell.value);
      html.close();
    }
    html.close();
  }
  html.close().close();
  return std::move(html).take();
}

}  // namespace argosy::chart

// Tables of text and heat maps of numbers, as HTML: they are read by screen readers, selected, printed and searched.
//
//   render_table({.id = "trades", .label = "Trades", .columns = {{"Symbol"}, {"Profit", true}}, .rows = rows})
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chart/time_chart.hpp"

namespace argosy::chart {

struct TableColumn {
  std::string label;
  bool numeric = false;  // set to the right, in tabular figures
  bool toned = false;    // a gain or loss: coloured by the row's tone, with an arrow
};

struct TableRow {
  std::vector<std::string> cells;  // one a column
  std::optional<Tone> tone;
};

struct Table {
  std::string id;     // letters, digits and '-'; unique on its page
  std::string label;  // what a screen reader says
  std::vector<TableColumn> columns;
  std::vector<TableRow> rows;
};

// On a narrow screen each row becomes a card whose cells carry their column's label.
[[nodiscard]] std::string render_table(const Table& table);

struct HeatCell {
  double value = 0;  // a fraction; NaN leaves the cell empty
  std::string title;
};

struct HeatRow {
  std::string label;
  std::vector<HeatCell> cells;   // one a column
  std::vector<HeatCell> totals;  // one a total column, set apart and not coloured
};

// Percentages in coloured cells: a sign and the strength of the colour say the same.
struct HeatMap {
  std::string label;
  std::string corner;  // the head of the row labels
  std::vector<std::string> columns;
  std::vector<std::string> totals;
  std::vector<HeatRow> rows;
};

// On a narrow screen the cells lose their decimals.
[[nodiscard]] std::string render_heat_map(const HeatMap& map);
// The CSS class of a heat cell: "" for none, "g1" to "g5", "l1" to "l5"; `strongest` is the value of class 5.
[[nodiscard]] std::string heat_class(double value, double strongest);

}  // namespace argosy::chart

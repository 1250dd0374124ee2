// Points over two numbers, with a line of steps through some of them: what was tried, and the best so far.
//
//   Scatter scatter{.label = "Sharpe by trial", .x_name = "trial", .y_name = "Sharpe"};
//   scatter.points.push_back({.x = 0, .y = 1.2, .title = "trial 0: 1.2"});
//   render_scatter(scatter)
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chart/time_chart.hpp"

namespace argosy::chart {

struct ScatterPoint {
  double x = 0;
  double y = 0;
  Tone tone = Tone::kMuted;
  bool strong = false;  // larger and filled: told from the others without colour
  std::string title;
};

struct Scatter {
  std::string label;  // what a screen reader says
  std::string x_name;
  std::string y_name;
  std::vector<ScatterPoint> points;              // later ones lie on top; those that are not finite are left out
  std::vector<std::pair<double, double>> steps;  // by x: level until the next one
  // The range of y, where some points lie far off; they sit on the edge.
  std::optional<std::pair<double, double>> y_range;
  int height = 260;
};

[[nodiscard]] std::string render_scatter(const Scatter& scatter);

}  // namespace argosy::chart

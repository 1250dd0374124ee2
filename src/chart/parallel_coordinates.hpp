// Parallel coordinates: an upright axis for each of several quantities, and a line across all of them for each thing.
//
//   ParallelCoordinates chart{.label = "Parameters of the trials"};
//   chart.axes = {{.name = "fast", .ticks = {{0, "5"}, {1, "100"}}}, {.name = "Sharpe", .ticks = {{0, "0"}, {1,
//   "2"}}}}; chart.lines.push_back({.positions = {0.2, 1}, .tone = Tone::kAccent, .title = "trial 7"});
//   render_parallel_coordinates(chart)
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chart/time_chart.hpp"

namespace argosy::chart {

struct ParallelAxis {
  std::string name;
  std::vector<std::pair<double, std::string>> ticks;  // 0: the bottom, 1: the top
};

struct ParallelLine {
  std::vector<double> positions;  // one an axis, 0 to 1; NaN leaves a gap
  Tone tone = Tone::kMuted;
  bool strong = false;  // broader
  std::string title;
};

struct ParallelCoordinates {
  std::string label;  // what a screen reader says
  std::vector<ParallelAxis> axes;
  std::vector<ParallelLine> lines;  // later ones lie on top
  int height = 280;
};

// On a narrow screen the chart is scrolled sideways: below 92 pixels an axis its labels would touch.
[[nodiscard]] std::string render_parallel_coordinates(const ParallelCoordinates& chart);

}  // namespace argosy::chart

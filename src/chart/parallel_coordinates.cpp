#include "chart/parallel_coordinates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "core/check.hpp"

namespace argosy::chart {
namespace {

constexpr double kTop = 26;  // for the names
constexpr double kBottom = 10;
constexpr double kColumns = 1000;
constexpr int kAxisWidth = 92;  // pixels at least

double axis_share(std::size_t axis, std::size_t count) {
  return (static_cast<double>(axis) + 0.5) / static_cast<double>(count);
}

double height_of(double position, int height) { return (1 - std::clamp(position, 0.0, 1.0)) * height; }

// A gap ends the line; it begins anew after it.
std::string path_of(const ParallelLine& line, int height) {
  std::string path;
  bool open = false;
  for (std::size_t axis = 0; axis < line.positions.size(); ++axis) {
    if (std::isnan(line.positions[axis])) {
      open = false;
      continue;
    }
    path += fmt::format("{}{} {}", open ? 'L' : 'M', coordinate(axis_share(axis, line.positions.size()) * kColumns),
                        coordinate(height_of(line.positions[axis], height)));
    open = true;
  }
  return path;
}

void draw_lines(Markup& svg, const ParallelCoordinates& chart) {
  const std::string box = fmt::format("0 0 {} {}", coordinate(kColumns), chart.height);
  svg.open("svg", {{"class", "plot threads"},
                   {"y", coordinate(kTop)},
                   {"width", "100%"},
                   {"height", coordinate(chart.height)},
                   {"viewBox", box},
                   {"preserveAspectRatio", "none"}});
  for (const ParallelLine& line : chart.lines) {
    ARGOSY_CHECK(line.positions.size() == chart.axes.size(), "{} positions for {} axes", line.positions.size(),
                 chart.axes.size());
    const std::string css_class = fmt::format("thread {}{}", tone_class(line.tone), line.strong ? " strong" : "");
    svg.open("path", {{"class", css_class}, {"d", path_of(line, chart.height)}});
    if (!line.title.empty()) svg.element("title", {}, line.title);
    svg.close();
  }
  svg.close();
}

}  // namespace

std::string render_parallel_coordinates(const ParallelCoordinates& chart) {
  Markup html;
  if (chart.axes.empty() || chart.lines.empty()) {
    return std::move(html.element("p", {{"class", "empty"}}, "Nothing to draw: no values.")).take();
  }
  html.open("div", {{"class", "sideways"}, {"role", "region"}, {"aria-label", chart.label}, {"tabindex", "0"}});
  const std::string style = fmt::format("min-width:{}px", static_cast<int>(chart.axes.size()) * kAxisWidth);
  html.open("svg", {{"role", "img"},
                    {"aria-label", chart.label},
                    {"style", style},
                    {"width", "100%"},
                    {"height", coordinate(kTop + chart.height + kBottom)}});
  draw_lines(html, chart);
  for (std::size_t i = 0; i < chart.axes.size(); ++i) {
    const std::string x = width_percent(axis_share(i, chart.axes.size()));
    html.leaf(
        "line",
        {{"class", "base"}, {"x1", x}, {"x2", x}, {"y1", coordinate(kTop)}, {"y2", coordinate(kTop + chart.height)}});
    html.element("text", {{"class", "name"}, {"x", x}, {"y", "14"}}, chart.axes[i].name);
    for (const auto& [position, label] : chart.axes[i].ticks) {
      const std::string y = coordinate(kTop + height_of(position, chart.height));
      html.element("text", {{"class", "value over"}, {"x", x}, {"y", y}, {"dx", "5"}, {"dy", "4"}}, label);
    }
  }
  html.close().close();
  return std::move(html).take();
}

}  // namespace argosy::chart

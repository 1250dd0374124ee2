#include "chart/scatter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/scale.hpp"

namespace argosy::chart {
namespace {

constexpr double kTop = 10;
constexpr double kLabels = 40;
constexpr double kColumns = 1000;

struct Extent {
  double low = 0;
  double high = 1;
};

// A little wider than the values, so that no point lies on the edge; a single value lies in the middle.
Extent extent_of(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  const double room = high > low ? (high - low) * 0.03 : std::max(std::fabs(low) * 0.1, 0.5);
  return {low - room, high + room};
}

void draw_axes(Markup& svg, const Scatter& scatter, const Scale& scale, const Extent& x) {
  for (const Tick& tick : scale.ticks(5)) {
    const std::string y = coordinate(kTop + scale.y(tick.value));
    svg.leaf("line", {{"class", "grid"}, {"x2", "100%"}, {"y1", y}, {"y2", y}});
    svg.element("text", {{"class", "value"}, {"x", "100%"}, {"dx", "8"}, {"dy", "4"}, {"y", y}}, tick.label);
  }
  const double bottom = kTop + scatter.height;
  for (const double value : nice_values(x.low, x.high, 5)) {
    const std::string at = width_percent((value - x.low) / (x.high - x.low));
    svg.element("text", {{"x", at}, {"y", coordinate(bottom + 18)}}, format_compact(value));
  }
  svg.element("text", {{"x", "50%"}, {"y", coordinate(bottom + 36)}}, scatter.x_name);
}

void draw_steps(Markup& svg, const Scatter& scatter, const Scale& scale, const Extent& x) {
  if (scatter.steps.empty()) return;
  std::string path;
  const auto column = [&](double value) { return coordinate((value - x.low) / (x.high - x.low) * kColumns); };
  for (const auto& [at, value] : scatter.steps) {
    const std::string y = coordinate(scale.y(value));
    path += path.empty() ? fmt::format("M{} {}", column(at), y) : fmt::format("H{}V{}", column(at), y);
  }
  path += fmt::format("H{}", coordinate(kColumns));
  const std::string box = fmt::format("0 0 {} {}", coordinate(kColumns), scatter.height);
  svg.open("svg", {{"class", "plot"},
                   {"y", coordinate(kTop)},
                   {"width", "100%"},
                   {"height", coordinate(scatter.height)},
                   {"viewBox", box},
                   {"preserveAspectRatio", "none"}});
  svg.leaf("path", {{"class", "line accent"}, {"d", path}}).close();
}

}  // namespace

std::string render_scatter(const Scatter& scatter) {
  Markup html;
  std::vector<double> xs;
  std::vector<double> ys;
  for (const ScatterPoint& point : scatter.points) {
    if (!is_drawable(point.x) || !is_drawable(point.y)) continue;
    xs.push_back(point.x);
    ys.push_back(point.y);
  }
  if (!xs.empty()) {
    for (const auto& [at, value] : scatter.steps) xs.push_back(at);
  }
  if (xs.empty()) return std::move(html.element("p", {{"class", "empty"}}, "Nothing to draw: no values.")).take();
  const Extent x = extent_of(xs);
  Extent y = extent_of(ys);
  if (scatter.y_range && scatter.y_range->first < scatter.y_range->second) {
    y = {scatter.y_range->first, scatter.y_range->second};
  }
  const Scale scale = Scale::linear(y.low, y.high, scatter.height);
  html.open("div", {{"class", "chart"}});
  html.open("svg", {{"role", "img"},
                    {"aria-label", scatter.label},
                    {"width", "100%"},
                    {"height", coordinate(kTop + scatter.height + kLabels)}});
  draw_axes(html, scatter, scale, x);
  for (const ScatterPoint& point : scatter.points) {
    if (!is_drawable(point.x) || !is_drawable(point.y)) continue;
    const std::string css_class = fmt::format("dot {}{}", tone_class(point.tone), point.strong ? " strong" : "");
    html.open("circle", {{"class", css_class},
                         {"cx", width_percent((point.x - x.low) / (x.high - x.low))},
                         {"cy", coordinate(kTop + scale.y(point.y))},
                         {"r", point.strong ? "5" : "3"}});
    if (!point.title.empty()) html.element("title", {}, point.title);
    html.close();
  }
  draw_steps(html, scatter, scale, x);
  html.close().close();
  return std::move(html).take();
}

}  // namespace argosy::chart

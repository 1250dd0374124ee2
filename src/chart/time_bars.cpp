#include "chart/time_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/time_axis.hpp"
#include "chart/time_chart.hpp"
#include "core/check.hpp"

namespace argosy::chart {
namespace {

constexpr double kTop = 8;
constexpr double kTimeLabels = 24;
constexpr double kWidest = 0.08;  // of the plot: a single day is no wall

struct AxisWidth {
  std::string_view css_class;
  double pixels;
  std::size_t target;
};
constexpr std::array<AxisWidth, 3> kAxisWidths = {{{"wide", 760, 12}, {"medium", 420, 8}, {"narrow", 220, 4}}};

// The middle of a bar, as a share of the width.
double middle_of(std::size_t index, std::size_t count) {
  return (static_cast<double>(index) + 0.5) / static_cast<double>(count);
}

void draw_grid(Markup& svg, const TimeBars& bars, const Scale& scale) {
  for (const Tick& tick : scale.ticks(5, bars.format)) {
    const std::string y = coordinate(kTop + scale.y(tick.value));
    svg.leaf("line", {{"class", "grid"}, {"x2", "100%"}, {"y1", y}, {"y2", y}});
    svg.element("text", {{"class", "value"}, {"x", "100%"}, {"dx", "8"}, {"dy", "4"}, {"y", y}}, tick.label);
  }
  const std::string zero = coordinate(kTop + scale.y(0));
  svg.leaf("line", {{"class", "base"}, {"x2", "100%"}, {"y1", zero}, {"y2", zero}});
}

void draw_time_labels(Markup& svg, const TimeBars& bars) {
  const std::string bottom = coordinate(kTop + bars.height);
  const std::string tick_end = coordinate(kTop + bars.height + 4);
  const std::string text_y = coordinate(kTop + bars.height + 18);
  for (const AxisWidth& axis : kAxisWidths) {
    svg.open("g", {{"class", axis.css_class}});
    const TimeTickOptions options{.intraday = bars.intraday, .target = axis.target, .width = axis.pixels};
    for (const TimeTick& tick : time_ticks(bars.keys, options)) {
      const double position = middle_of(tick.index, bars.keys.size());
      const double half = label_width(tick.label) / 2;
      const std::string_view anchor = position * axis.pixels < half         ? "start"
                                      : (1 - position) * axis.pixels < half ? "end"
                                                                            : "";
      const std::string x = width_percent(position);
      svg.leaf("line", {{"class", "tick"}, {"x1", x}, {"x2", x}, {"y1", bottom}, {"y2", tick_end}});
      svg.element("text", {{"x", x}, {"y", text_y}, {"text-anchor", anchor}}, tick.label);
    }
    svg.close();
  }
}

void draw_bars(Markup& svg, const TimeBars& bars, const Scale& scale) {
  const std::size_t count = bars.keys.size();
  const double width = std::min(0.8 / static_cast<double>(count), kWidest);
  const double zero = scale.y(0);
  for (std::size_t at = 0; at < count; ++at) {
    const double value = bars.values[at];
    if (!is_drawable(value)) continue;
    // A small one is still seen.
    const double tip = value > 0   ? std::min(scale.y(value), zero - 1)
                       : value < 0 ? std::max(scale.y(value), zero + 1)
                                   : zero - 0.5;
    const std::string css_class = fmt::format("bar {}", tone_class(tone_of(value)));
    svg.open("rect", {{"class", css_class},
                      {"x", width_percent(middle_of(at, count) - width / 2)},
                      {"y", coordinate(kTop + std::min(tip, zero))},
                      {"width", width_percent(width)},
                      {"height", coordinate(value == 0 ? 1 : std::max(tip, zero) - std::min(tip, zero))}});
    const std::string text = bars.format == ValueFormat::kPercent ? format_percent(value, 2, Sign::kAlways)
                                                                  : format_number(value, 2, Sign::kAlways);
    svg.element("title", {}, fmt::format("{}\n{} {}", format_time(bars.keys[at], bars.intraday), bars.name, text));
    svg.close();
  }
}

}  // namespace

std::string render_time_bars(const TimeBars& bars) {
  ARGOSY_CHECK(bars.values.size() == bars.keys.size(), "{} values for {} keys", bars.values.size(), bars.keys.size());
  Markup svg;
  double low = 0;
  double high = 0;
  bool any = false;
  for (const double value : bars.values) {
    if (!is_drawable(value)) continue;
    any = true;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!any) return std::move(svg.element("p", {{"class", "empty"}}, "Nothing to draw: no values.")).take();
  // Room beyond the bars, but none beyond zero.
  const double room = high == low ? 1 : (high - low) * 0.05;
  const Scale scale = Scale::linear(low < 0 ? low - room : 0, high > 0 || low == 0 ? high + room : 0, bars.height);
  svg.open("div", {{"class", "chart"}});
  svg.open("svg", {{"role", "img"},
                   {"aria-label", bars.label},
                   {"width", "100%"},
                   {"height", coordinate(kTop + bars.height + kTimeLabels)}});
  draw_grid(svg.raw("\n"), bars, scale);
  draw_time_labels(svg.raw("\n"), bars);
  draw_bars(svg.raw("\n"), bars, scale);
  svg.close().close();
  return std::move(svg).take();
}

}  // namespace argosy::chart

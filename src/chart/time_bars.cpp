#include "chart/time_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "chart/detail/time_frame.hpp"
#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/time_axis.hpp"
#include "chart/time_chart.hpp"
#include "core/check.hpp"

namespace argosy::chart {

using detail::kTimeLabels;
using detail::kTop;

namespace {

constexpr double kWidest = 0.08;  // of the plot: a single day is no wall

// The middle of a bar, as a share of the width.
double middle_of(std::size_t index, std::size_t count) {
  return (static_cast<double>(index) + 0.5) / static_cast<double>(count);
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
  detail::draw_value_lines(svg.raw("\n"), scale, 5, bars.format);
  detail::draw_base(svg, scale.y(0));
  detail::draw_time_labels(svg.raw("\n"), bars.keys, bars.intraday, bars.height, middle_of);
  draw_bars(svg.raw("\n"), bars, scale);
  svg.close().close();
  return std::move(svg).take();
}

}  // namespace argosy::chart

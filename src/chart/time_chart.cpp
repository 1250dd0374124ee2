#include "chart/time_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>
#include <utility>

#include "chart/detail/time_frame.hpp"
#include "chart/downsample.hpp"
#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/time_axis.hpp"
#include "core/check.hpp"

namespace argosy::chart {

using detail::kTimeLabels;
using detail::kTop;

namespace {

constexpr std::size_t kColumns = 1000;  // the width of the stretched drawing: about the pixels of a wide screen
constexpr std::size_t kTooltips = 160;  // columns that answer the mouse

struct Range {
  double low = 0;
  double high = 0;
  bool any = false;

  void add(double value) {
    if (!is_drawable(value)) return;
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
};

Range range_of(const TimeChart& chart) {
  Range range;
  for (const Series& series : chart.series) {
    for (const double value : series.values) range.add(value);
  }
  for (const Marker& marker : chart.markers) range.add(marker.value);
  if (range.any && chart.baseline) range.add(*chart.baseline);
  return range;
}

Scale scale_of(const TimeChart& chart, const Range& range) {
  const double height = chart.height;
  if (chart.scale == ScaleKind::kLog && range.low > 0) {
    const double margin = std::pow(range.high / range.low, 0.04);
    return Scale::log(range.low / margin, range.high * margin, height);
  }
  const double margin = (range.high - range.low) * 0.05;
  // A range that ends at the baseline needs no room beyond it.
  const double low = chart.baseline == range.low ? range.low : range.low - margin;
  const double high = chart.baseline == range.high ? range.high : range.high + margin;
  return Scale::linear(low, high, height);
}

void append_point(std::string& path, double x, double y) {
  append_coordinate(path, x);
  path += ' ';
  append_coordinate(path, y);
}

// One path a series: "M" opens each run of points, further points follow as implicit lines. A run of one point gets a
// line of no length, which round caps turn into a dot.
std::string path_of(std::span<const double> values, const Scale& scale, std::optional<double> base) {
  std::string path;
  double first_x = 0;
  double last_x = 0;
  std::size_t run = 0;
  const auto end_run = [&] {
    if (run == 0) return;
    if (base) {
      const double y = scale.y(*base);
      path += 'L';
      append_point(path, last_x, y);
      path += ' ';
      append_point(path, first_x, y);
      path += 'Z';
    } else if (run == 1) {
      path += "h0";
    }
    run = 0;
  };
  for (const std::size_t index : downsample(values, kColumns)) {
    if (!is_drawable(values[index])) {
      end_run();
      continue;
    }
    const double x = bar_position(index, values.size()) * static_cast<double>(kColumns);
    path += run == 0 ? 'M' : ' ';
    append_point(path, x, scale.y(values[index]));
    if (run == 0) first_x = x;
    last_x = x;
    ++run;
  }
  end_run();
  return path;
}

void draw_grid(Markup& svg, const TimeChart& chart, const Scale& scale) {
  detail::draw_value_lines(svg, scale, chart.height >= 280 ? 7 : 5, chart.format);
  if (chart.baseline) detail::draw_base(svg, scale.y(*chart.baseline));
}

void draw_series(Markup& svg, const TimeChart& chart, const Scale& scale) {
  const std::string height = coordinate(chart.height);
  const std::string box = fmt::format("0 0 {} {}", kColumns, chart.height);
  svg.open("svg", {{"class", "plot"},
                   {"y", coordinate(kTop)},
                   {"width", "100%"},
                   {"height", height},
                   {"viewBox", box},
                   {"preserveAspectRatio", "none"}});
  for (const Series& series : std::views::reverse(chart.series)) {
    const std::string tone(tone_class(series.tone));
    const std::string line = path_of(series.values, scale, std::nullopt);
    if (line.empty()) continue;
    if (series.kind == SeriesKind::kArea) {
      const double base = chart.baseline.value_or(scale.low());
      svg.leaf("path", {{"class", "area " + tone}, {"d", path_of(series.values, scale, base)}});
    }
    const std::string dash = series.kind == SeriesKind::kDashed ? " dashed" : "";
    svg.leaf("path", {{"class", "line " + tone + dash}, {"d", line}});
  }
  const auto x_of = [&](std::size_t index) {
    return coordinate(bar_position(index, chart.keys.size()) * static_cast<double>(kColumns));
  };
  for (const Link& link : chart.links) {
    const std::string css_class = fmt::format("link {}", tone_class(link.tone));
    svg.leaf("line", {{"class", css_class},
                      {"x1", x_of(link.from_index)},
                      {"y1", coordinate(scale.y(link.from_value))},
                      {"x2", x_of(link.to_index)},
                      {"y2", coordinate(scale.y(link.to_value))}});
  }
  svg.close();
}

// Transparent columns over the plot; each tells the values of its last bar.
void draw_tooltips(Markup& svg, const TimeChart& chart) {
  const std::size_t count = chart.keys.size();
  const std::size_t columns = std::min(count, kTooltips);
  const std::string height = coordinate(chart.height);
  svg.open("g", {{"class", "hover"}});
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t begin = column * count / columns;
    const std::size_t end = (column + 1) * count / columns;
    const double bars = static_cast<double>(std::max<std::size_t>(count - 1, 1));
    const double left = std::max(0.0, (static_cast<double>(begin) - 0.5) / bars);
    const double right = std::min(1.0, (static_cast<double>(end) - 0.5) / bars);
    std::string title = format_time(chart.keys[end - 1], chart.intraday);
    for (const Series& series : chart.series) {
      title += fmt::format("\n{} {}", series.name, format_value(series.values[end - 1], chart.format));
    }
    svg.open("rect", {{"x", width_percent(count == 1 ? 0 : left)},
                      {"y", coordinate(kTop)},
                      {"width", width_percent(count == 1 ? 1 : right - left)},
                      {"height", height}});
    svg.element("title", {}, title).close();
  }
  svg.close();
}

void draw_markers(Markup& svg, const TimeChart& chart, const Scale& scale) {
  static constexpr std::array<std::string_view, 3> kShapes = {"#mark-up", "#mark-down", "#mark-cross"};
  for (const Marker& marker : chart.markers) {
    if (!is_drawable(marker.value) || marker.index >= chart.keys.size()) continue;
    const std::string css_class = fmt::format("mark {}", tone_class(marker.tone));
    svg.open("use", {{"class", css_class},
                     {"href", kShapes[static_cast<std::size_t>(marker.shape)]},
                     {"x", width_percent(bar_position(marker.index, chart.keys.size()))},
                     {"y", coordinate(kTop + scale.y(marker.value))}});
    svg.element("title", {}, marker.title).close();
  }
}

}  // namespace

std::string_view tone_class(Tone tone) {
  static constexpr std::array<std::string_view, 4> kNames = {"accent", "muted", "gain", "loss"};
  return kNames[static_cast<std::size_t>(tone)];
}

Tone tone_of(double value) { return value > 0 ? Tone::kGain : value < 0 ? Tone::kLoss : Tone::kMuted; }

std::string format_value(double value, ValueFormat format) {
  return format == ValueFormat::kPercent ? format_percent(value, 2) : format_price(value);
}

std::string render_chart(const TimeChart& chart) {
  for (const Series& series : chart.series) {
    ARGOSY_CHECK(series.values.size() == chart.keys.size(), "series {} has {} values for {} keys", series.name,
                 series.values.size(), chart.keys.size());
  }
  Markup svg;
  const Range range = range_of(chart);
  if (!range.any || chart.keys.empty()) {
    return std::move(svg.element("p", {{"class", "empty"}}, "Nothing to draw: no values.")).take();
  }
  const Scale scale = scale_of(chart, range);
  svg.open("div", {{"class", "chart"}});
  svg.open("svg", {{"role", "img"},
                   {"aria-label", chart.label},
                   {"width", "100%"},
                   {"height", coordinate(kTop + chart.height + kTimeLabels)}});
  // A line break between the parts keeps differences of golden files readable.
  draw_grid(svg.raw("\n"), chart, scale);
  detail::draw_time_labels(svg.raw("\n"), chart.keys, chart.intraday, chart.height, bar_position);
  draw_series(svg.raw("\n"), chart, scale);
  draw_tooltips(svg.raw("\n"), chart);
  draw_markers(svg.raw("\n"), chart, scale);
  svg.close().close();
  return std::move(svg).take();
}

std::string render_legend(const TimeChart& chart) {
  Markup list;
  list.open("ul", {{"class", "legend"}});
  for (const Series& series : chart.series) {
    const std::string tone(tone_class(series.tone));
    const std::string dash = series.kind == SeriesKind::kDashed ? " dashed" : "";
    list.open("li");
    list.open("svg", {{"width", "26"}, {"height", "10"}, {"aria-hidden", "true"}});
    if (series.kind == SeriesKind::kArea) list.leaf("path", {{"class", "area " + tone}, {"d", "M0 2h26v8H0z"}});
    const std::string_view line = series.kind == SeriesKind::kArea ? "M0 2h26" : "M1 5h24";
    list.leaf("path", {{"class", "line " + tone + dash}, {"d", line}}).close();
    list.text(series.name);
    const auto last = std::find_if(series.values.rbegin(), series.values.rend(), is_drawable);
    if (last != series.values.rend()) list.text(" ").element("b", {}, format_value(*last, chart.format));
    list.close();
  }
  return std::move(list.close()).take();
}

}  // namespace argosy::chart

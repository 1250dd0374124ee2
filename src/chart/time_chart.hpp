// A chart of values over bars as one inline SVG without scripts: lines, areas, markers, tooltips as <title>.
//
//   TimeChart chart{.label = "Equity of the account", .keys = keys};
//   chart.series.push_back({.name = "Strategy", .values = equity});
//   const std::string html = render_legend(chart) + render_chart(chart);
//
// The drawing is fluid: it takes the width of its container while text keeps its size, because shapes lie in a nested
// stretched viewBox and labels at shares of the width. Colours and type come from the style sheet of chart/page.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chart/scale.hpp"

namespace argosy::chart {

// Which colour a thing has. Gain and loss are never told by colour alone: a sign, an arrow or a shape says it too.
enum class Tone : std::uint8_t { kAccent, kMuted, kGain, kLoss };
[[nodiscard]] std::string_view tone_class(Tone tone);  // the CSS class: "accent", "muted", "gain", "loss"
// kGain above zero, kLoss below, kMuted for zero and NaN.
[[nodiscard]] Tone tone_of(double value);

enum class SeriesKind : std::uint8_t { kLine, kDashed, kArea };  // an area reaches to the chart's baseline

struct Series {
  std::string name;
  std::span<const double> values;  // one a key; NaN leaves a gap; must outlive the chart
  SeriesKind kind = SeriesKind::kLine;
  Tone tone = Tone::kAccent;
};

enum class MarkerShape : std::uint8_t { kUp, kDown, kCross };  // an arrow head up, one down, a cross

struct Marker {
  std::size_t index = 0;  // of the bar
  double value = 0;
  MarkerShape shape = MarkerShape::kUp;
  Tone tone = Tone::kAccent;
  std::string title;
};

// A thin line between two points, such as a trade from entry to exit.
struct Link {
  std::size_t from_index = 0;
  double from_value = 0;
  std::size_t to_index = 0;
  double to_value = 0;
  Tone tone = Tone::kAccent;
};

struct TimeChart {
  std::string label;                   // what a screen reader says
  std::span<const std::int64_t> keys;  // nanoseconds since 1970, ascending; must outlive the chart
  bool intraday = false;               // keys are instants in UTC, otherwise civil dates
  std::vector<Series> series;          // the first lies on top of the others
  std::vector<Link> links;
  std::vector<Marker> markers;
  ScaleKind scale = ScaleKind::kLinear;  // kLog falls back to linear when a value is not above zero
  ValueFormat format = ValueFormat::kNumber;
  std::optional<double> baseline;  // a value the range must hold, drawn as a line; areas reach to it
  int height = 240;                // pixels of the plot, without the time labels below it
};

// The SVG; a paragraph that says so when there is nothing to draw. Every series has as many values as there are keys.
[[nodiscard]] std::string render_chart(const TimeChart& chart);
// Names of the series with a sample of their line and their last value.
[[nodiscard]] std::string render_legend(const TimeChart& chart);
// A value as the chart's tooltips show it.
[[nodiscard]] std::string format_value(double value, ValueFormat format);

}  // namespace argosy::chart

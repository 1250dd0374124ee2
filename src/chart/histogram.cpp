#include "chart/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/time_axis.hpp"
#include "chart/time_chart.hpp"

namespace argosy::chart {
namespace {

constexpr double kTop = 8;
constexpr double kLabels = 24;

struct LabelSet {
  std::string_view css_class;
  double pixels;
};
constexpr std::array<LabelSet, 3> kLabelSets = {{{"wide", 760}, {"medium", 420}, {"narrow", 220}}};

std::string border_label(double value, double step, ValueFormat format) {
  if (format == ValueFormat::kPercent) return format_percent(value, step < 0.01 ? 1 : 0);
  if (std::fabs(value) >= 10'000) return format_compact(value);
  return step < 0.01 ? format_price(value) : format_number(value, step < 0.1 ? 2 : step < 1 ? 1 : 0);
}

// Labels at every so-manyth border, as many as fit; zero has one where there is a zero.
void draw_border_labels(Markup& svg, const Histogram& histogram, std::span<const Bin> bins, std::string_view y) {
  const double step = bins.front().high - bins.front().low;
  std::vector<std::string> labels;
  double widest = 0;
  for (std::size_t border = 0; border <= bins.size(); ++border) {
    const double value = border < bins.size() ? bins[border].low : bins.back().high;
    labels.push_back(border_label(value, step, histogram.format));
    widest = std::max(widest, label_width(labels.back()));
  }
  const auto zero = std::ranges::find_if(bins, [](const Bin& bin) { return bin.low == 0; });
  const auto origin = static_cast<std::size_t>(zero == bins.end() ? 0 : zero - bins.begin());
  for (const LabelSet& set : kLabelSets) {
    const double bin_width = set.pixels / static_cast<double>(bins.size());
    const auto stride = static_cast<std::size_t>(std::max(1.0, std::ceil((widest + 12) / bin_width)));
    svg.open("g", {{"class", set.css_class}});
    for (std::size_t border = origin % stride; border < labels.size(); border += stride) {
      const std::string x = width_percent(static_cast<double>(border) / static_cast<double>(bins.size()));
      const std::string_view anchor = border == 0 ? "start" : border == bins.size() ? "end" : "";
      svg.element("text", {{"x", x}, {"y", y}, {"text-anchor", anchor}}, labels[border]);
    }
    svg.close();
  }
}

}  // namespace

std::vector<Bin> histogram_bins(std::span<const double> values, std::size_t target_bins) {
  std::vector<double> kept;
  std::ranges::copy_if(values, std::back_inserter(kept), is_drawable);
  if (kept.empty()) return {};
  const auto [lowest, highest] = std::ranges::minmax(kept);
  const Scale range = Scale::linear(lowest, highest, 1);
  const double step = nice_step(range.low(), range.high(), target_bins);
  const double first = std::floor(lowest / step);
  const auto count = static_cast<std::size_t>(std::max(1.0, std::floor(highest / step) - first + 1));
  std::vector<Bin> bins(count);
  for (std::size_t at = 0; at < count; ++at) {
    bins[at].low = (first + static_cast<double>(at)) * step;
    bins[at].high = (first + static_cast<double>(at) + 1) * step;
  }
  for (const double value : kept) {
    const double at = std::clamp(std::floor(value / step) - first, 0.0, static_cast<double>(count - 1));
    ++bins[static_cast<std::size_t>(at)].count;
  }
  return bins;
}

std::string render_histogram(const Histogram& histogram) {
  Markup svg;
  const std::vector<Bin> bins = histogram_bins(histogram.values, histogram.target_bins);
  if (bins.empty()) {
    return std::move(svg.element("p", {{"class", "empty"}}, "Nothing to draw: no values.")).take();
  }
  std::size_t most = 0;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
  const double height = histogram.height;
  const Scale scale = Scale::linear(0, static_cast<double>(most) * 1.05, height);
  svg.open("div", {{"class", "chart"}});
  svg.open("svg", {{"role", "img"},
                   {"aria-label", histogram.label},
                   {"width", "100%"},
                   {"height", coordinate(kTop + height + kLabels)}});
  for (const Tick& tick : scale.ticks(4)) {
    if (tick.value != std::floor(tick.value)) continue;  // counts are whole
    const std::string y = coordinate(kTop + scale.y(tick.value));
    svg.leaf("line", {{"class", "grid"}, {"x2", "100%"}, {"y1", y}, {"y2", y}});
    svg.element("text", {{"class", "value"}, {"x", "100%"}, {"dx", "8"}, {"dy", "4"}, {"y", y}}, tick.label);
  }
  const double share = 1 / static_cast<double>(bins.size());
  for (std::size_t at = 0; at < bins.size(); ++at) {
    const Bin& bin = bins[at];
    if (bin.count == 0) continue;
    const double top = std::min(scale.y(static_cast<double>(bin.count)), height - 1);
    const double left = (static_cast<double>(at) + 0.06) * share;
    const std::string css_class = fmt::format("bar {}", tone_class(bin.low < 0 ? Tone::kLoss : Tone::kGain));
    svg.open("rect", {{"class", css_class},
                      {"x", width_percent(left)},
                      {"y", coordinate(kTop + top)},
                      {"width", width_percent(share * 0.88)},
                      {"height", coordinate(height - top)}});
    const std::string title = fmt::format("{} to {}: {} {}", format_value(bin.low, histogram.format),
                                          format_value(bin.high, histogram.format), bin.count, histogram.unit);
    svg.element("title", {}, title).close();
  }
  const auto zero = std::ranges::find_if(bins, [](const Bin& bin) { return bin.low == 0; });
  if (zero != bins.end()) {
    const std::string x = width_percent(static_cast<double>(zero - bins.begin()) * share);
    svg.leaf("line",
             {{"class", "base"}, {"x1", x}, {"x2", x}, {"y1", coordinate(kTop)}, {"y2", coordinate(kTop + height)}});
  }
  draw_border_labels(svg, histogram, bins, coordinate(kTop + height + 18));
  svg.close().close();
  return std::move(svg).take();
}

}  // namespace argosy::chart

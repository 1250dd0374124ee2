#include "chart/detail/time_frame.hpp"

#include <array>
#include <string>
#include <string_view>

#include "chart/number.hpp"
#include "chart/time_axis.hpp"

namespace argosy::chart::detail {
namespace {

// Three sets of time labels, for a wide, a medium and a narrow container; the style sheet shows one.
struct AxisWidth {
  std::string_view css_class;
  double pixels;  // the narrowest plot that shows this set
  std::size_t target;
};
constexpr std::array<AxisWidth, 3> kAxisWidths = {{{"wide", 760, 12}, {"medium", 420, 8}, {"narrow", 220, 4}}};

}  // namespace

void draw_value_lines(Markup& svg, const Scale& scale, std::size_t target, ValueFormat format) {
  for (const Tick& tick : scale.ticks(target, format)) {
    const std::string y = coordinate(kTop + scale.y(tick.value));
    svg.leaf("line", {{"class", "grid"}, {"x2", "100%"}, {"y1", y}, {"y2", y}});
    svg.element("text", {{"class", "value"}, {"x", "100%"}, {"dx", "8"}, {"dy", "4"}, {"y", y}}, tick.label);
  }
}

void draw_base(Markup& svg, double y) {
  const std::string at = coordinate(kTop + y);
  svg.leaf("line", {{"class", "base"}, {"x2", "100%"}, {"y1", at}, {"y2", at}});
}

void draw_time_labels(Markup& svg, std::span<const std::int64_t> keys, bool intraday, double height,
                      const std::function<double(std::size_t index, std::size_t count)>& position_of) {
  const std::string bottom = coordinate(kTop + height);
  const std::string tick_end = coordinate(kTop + height + 4);
  const std::string text_y = coordinate(kTop + height + 18);
  for (const AxisWidth& axis : kAxisWidths) {
    svg.open("g", {{"class", axis.css_class}});
    const TimeTickOptions options{.intraday = intraday, .target = axis.target, .width = axis.pixels};
    for (const TimeTick& tick : time_ticks(keys, options)) {
      const double position = position_of(tick.index, keys.size());
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

}  // namespace argosy::chart::detail

// What frames a drawing over time: lines at round values with their labels, and times below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "chart/markup.hpp"
#include "chart/scale.hpp"

namespace argosy::chart::detail {

inline constexpr double kTop = 8;          // pixels above the plot, room for half a label
inline constexpr double kTimeLabels = 24;  // pixels below the plot

// About `target` lines of values.
void draw_value_lines(Markup& svg, const Scale& scale, std::size_t target, ValueFormat format);
// A line where the chart stands on, in pixels below the plot's upper edge.
void draw_base(Markup& svg, double y);
// `height` of the plot in pixels; `position`: of the key at an index, as a share of the width.
void draw_time_labels(Markup& svg, std::span<const std::int64_t> keys, bool intraday, double height,
                      const std::function<double(std::size_t index, std::size_t count)>& position);

}  // namespace argosy::chart::detail

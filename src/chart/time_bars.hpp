// A bar for each stretch of time, upwards for a gain and downwards for a loss: what each day brought.
//
//   render_time_bars({.label = "Profit of each day", .name = "Profit", .keys = keys, .values = profits})
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "chart/scale.hpp"

namespace argosy::chart {

struct TimeBars {
  std::string label;                   // what a screen reader says
  std::string name;                    // of the values, in tooltips
  std::span<const std::int64_t> keys;  // nanoseconds since 1970, ascending; must outlive the chart
  bool intraday = false;               // keys are instants in UTC, otherwise civil dates
  std::span<const double> values;      // one a key; what is not finite has no bar; must outlive the chart
  ValueFormat format = ValueFormat::kNumber;
  int height = 170;  // pixels of the plot, without the time labels below it
};

// Each bar takes the same width. A paragraph that says so when there is nothing to draw.
[[nodiscard]] std::string render_time_bars(const TimeBars& bars);

}  // namespace argosy::chart

// A time axis by bars: each bar takes the same width, so nights and weekends leave no hole. Ticks stand at the first
// bar of a round stretch of time (a year, a quarter, a month, a day, an hour).
//
//   time_ticks(keys, {.intraday = false, .target = 8})    // {0, "2000"}, {252, "2001"}, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace argosy::chart {

struct TimeTick {
  std::size_t index = 0;  // of the bar
  std::string label;
};

struct TimeTickOptions {
  bool intraday = false;   // keys are instants (UTC); otherwise midnights of civil dates
  std::size_t target = 8;  // at most so many ticks
  double width = 900;      // pixels of the axis: labels that would touch are left out
};

// `keys`: nanoseconds since 1970, ascending. At least one tick unless there are no keys.
[[nodiscard]] std::vector<TimeTick> time_ticks(std::span<const std::int64_t> keys, const TimeTickOptions& options);

// Where bar `index` of `count` stands, 0 (left) to 1; the only bar stands in the middle.
[[nodiscard]] double bar_position(std::size_t index, std::size_t count);

// "2004-11-15", or "2004-11-15 14:30" (UTC) for an instant.
[[nodiscard]] std::string format_time(std::int64_t key, bool intraday);

// Pixels that a label of 12-pixel text takes at most.
[[nodiscard]] double label_width(const std::string& label);

}  // namespace argosy::chart

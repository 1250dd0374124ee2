// Which points of a long series to draw so that it looks the same: in each pixel column the lowest and the highest, in
// their order. A million points become two for each column.
//
//   for (const std::size_t index : downsample(values, 1000)) ...
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace argosy::chart {

// Ascending indexes, at most 2 * columns + 2, among them the first and the last drawable point. A column without any
// drawable point keeps one index of it: there the line has a gap. With no more points than columns all are kept.
[[nodiscard]] std::vector<std::size_t> downsample(std::span<const double> values, std::size_t columns);

}  // namespace argosy::chart

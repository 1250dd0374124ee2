#include "chart/downsample.hpp"

#include <algorithm>
#include <numeric>

#include "chart/number.hpp"

namespace argosy::chart {

std::vector<std::size_t> downsample(std::span<const double> values, std::size_t columns) {
  const std::size_t count = values.size();
  if (count <= columns || columns == 0) {
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }
  std::vector<std::size_t> kept;
  kept.reserve(2 * columns + 2);
  std::size_t last_drawable = count;
  for (std::size_t column = 0; column < columns; ++column) {
    const std::size_t begin = column * count / columns;
    const std::size_t end = (column + 1) * count / columns;
    std::size_t lowest = end;
    std::size_t highest = end;
    std::size_t first = end;
    for (std::size_t index = begin; index < end; ++index) {
      if (!is_drawable(values[index])) continue;
      if (first == end) first = lowest = highest = index;
      if (values[index] < values[lowest]) lowest = index;
      if (values[index] > values[highest]) highest = index;
      last_drawable = index;
    }
    if (first == end) {
      kept.push_back(begin);
      continue;
    }
    const bool opens = std::ranges::none_of(kept, [&](std::size_t index) { return is_drawable(values[index]); });
    if (opens && first != lowest && first != highest) kept.push_back(first);
    kept.push_back(std::min(lowest, highest));
    if (lowest != highest) kept.push_back(std::max(lowest, highest));
  }
  if (last_drawable != count && std::ranges::find(kept, last_drawable) == kept.end()) {
    // Behind it only gap marks can stand.
    kept.insert(std::ranges::upper_bound(kept, last_drawable), last_drawable);
  }
  return kept;
}

}  // namespace argosy::chart

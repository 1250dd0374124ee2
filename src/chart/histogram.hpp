// A histogram: how often values fall into round ranges. Zero is always the border between two ranges, so that losses
// and gains never share a bar.
//
//   render_histogram({.label = "Profit of the trades", .unit = "trades", .values = profits})
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "chart/scale.hpp"

namespace argosy::chart {

struct Histogram {
  std::string label;               // what a screen reader says
  std::string unit;                // what is counted, in the plural: "trades"
  std::span<const double> values;  // values that are not finite are left out
  ValueFormat format = ValueFormat::kNumber;
  std::size_t target_bins = 30;
  int height = 180;
};

// [low, high): the last bin also holds its high end.
struct Bin {
  double low = 0;
  double high = 0;
  std::size_t count = 0;
};

[[nodiscard]] std::vector<Bin> histogram_bins(std::span<const double> values, std::size_t target_bins);
[[nodiscard]] std::string render_histogram(const Histogram& histogram);

}  // namespace argosy::chart

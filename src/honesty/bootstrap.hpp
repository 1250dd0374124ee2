// Intervals of statistics of a series whose values depend on each other: the circular block bootstrap.
//
//   const std::size_t length = block_length(returns);
//   const Interval mean = bootstrap_ratio(...);
//
// Blocks of neighbouring values are drawn with replacement until the series is as long as before, so that what holds
// within a block stays (Politis and Romano, A Circular Block-Resampling Procedure for Stationary Data, 1992).
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/rng.hpp"

namespace argosy::honesty {

struct Interval {
  double low = 0;
  double high = 0;
};

// The length of blocks for the mean of a series by its autocorrelations, at least 1 (Politis and White, Automatic
// Block-Length Selection for the Dependent Bootstrap, 2004, with the correction by Patton, Politis and White, 2009).
[[nodiscard]] std::size_t block_length(std::span<const double> series);

// The value at a share of sorted values, between two of them by a straight line; there is at least one.
[[nodiscard]] double quantile(std::span<const double> sorted, double share);

// Means of the columns of a table: what a statistic is made of.
inline constexpr std::size_t kMostMoments = 2;
using Moments = std::array<double, kMostMoments>;

// A smooth statistic: its value, and by how much it changes with each mean.
struct Smooth {
  double value = 0;
  Moments slope{};
};
using SmoothStatistic = std::function<Smooth(const Moments& means)>;

struct BootstrapPlan {
  std::size_t block = 1;
  std::size_t replicates = 1000;
  double confidence = 0.95;
};

// The interval of a statistic of means of `columns` (up to kMostMoments, equally long), studentised: each replicate's
// distance from the series' own value is taken in units of its own standard error (Goetze and Kuensch, 1996), which
// keeps its promise in shorter series than quantiles of the replicates do. NaN where the error is zero.
[[nodiscard]] Interval studentised_interval(std::span<const std::span<const double>> columns,
                                            const SmoothStatistic& statistic, const BootstrapPlan& plan,
                                            const core::Rng& rng);

// Places of a resampled series: visit(from, count) of stretches that do not go over the end.
class CircularBlocks {
 public:
  CircularBlocks(std::size_t rows, std::size_t block) : rows_(rows), block_(block) {}
  template <class Visit>
  void draw(core::Rng& rng, Visit visit) const {
    for (std::size_t done = 0; done < rows_;) {
      const std::size_t count = block_ < rows_ - done ? block_ : rows_ - done;
      const std::size_t from = rng.below(rows_);
      const std::size_t first = count < rows_ - from ? count : rows_ - from;
      visit(from, first);
      if (first < count) visit(std::size_t{0}, count - first);
      done += count;
    }
  }

 private:
  std::size_t rows_;
  std::size_t block_;
};

}  // namespace argosy::honesty

// The true range of a bar, max(high, last close) - min(low, last close): what Wilder's measures of volatility and trend
// are made of.
#pragma once

#include <cstddef>

#include "formula/operators/operator.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {

// NaN when high, low or close is: a close that is NaN spoils its own bar, not only the next. A last close that is NaN
// counts as none: the range is high - low.
[[nodiscard]] inline double true_range(double high, double low, double close, double last_close) {
  const double range = (last_close > high ? last_close : high) - (last_close < low ? last_close : low);
  return range + (close - close);
}

// A column of them, ahead of the recursion that reads it: without one of its own the loop runs several rows at a time.
class TrueRanges {
 public:
  // out: the ranges times `scale`.
  void run(const double* __restrict high, const double* __restrict low, const double* __restrict close, double scale,
           double* __restrict out, std::size_t rows) {
    if (rows == 0) return;
    out[0] = true_range(high[0], low[0], close[0], last_close_) * scale;
    for_rows(rows - 1,
             [=](std::size_t i) { out[i + 1] = true_range(high[i + 1], low[i + 1], close[i + 1], close[i]) * scale; });
    last_close_ = close[rows - 1];
  }
  void reset() { last_close_ = kNaN; }
  void persist(StateArchive& archive) { archive(last_close_); }

 private:
  double last_close_ = kNaN;
};

}  // namespace argosy::formula

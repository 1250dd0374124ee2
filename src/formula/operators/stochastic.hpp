// Where a value stands in the range of its window, smoothed: what stoch, stochf and stochrsi are made of.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "formula/operators/operator.hpp"
#include "formula/operators/wide.hpp"
#include "formula/operators/window_range.hpp"
#include "formula/operators/window_sum.hpp"

namespace argosy::formula {

// k: the mean of `smooth` rows of 100 x (close - lowest) / (highest - lowest), 0 where there is no range; d: the mean
// of `signal` rows of k. Both begin where d does.
class Stochastic {
 public:
  // A range of `least` or less is none.
  Stochastic(std::size_t n, std::size_t smooth, std::size_t signal, double least)
      : range_(n), k_(smooth), d_(signal), least_(least) {}

  void run(const double* high, const double* low, const double* close, double* k, double* d, std::size_t rows) {
    for (std::size_t i = 0; i < rows; i += kPieceRows) {
      piece(high + i, low + i, close + i, k + i, d + i, std::min(kPieceRows, rows - i));
    }
  }
  void reset() {
    range_.reset();
    k_.reset();
    d_.reset();
  }
  void persist(StateArchive& archive) { archive(range_, k_, d_); }

 private:
  void piece(const double* high, const double* low, const double* close, double* __restrict k, double* __restrict d,
             std::size_t rows) {
    double highest[kPieceRows];
    double lowest[kPieceRows];
    range_.run(high, low, close, highest, lowest, rows);
    for_rows(rows, [&highest, &lowest, close, least = least_](std::size_t i) {
      const double range = highest[i] - lowest[i];
      const double above = close[i] - lowest[i];
      highest[i] = clean((std::abs(range) <= least ? 0 : 100 * (above / range)) + (range - range));
    });
    k_.run(highest, k, rows);
    d_.run(k, d, rows);
    for (std::size_t i = 0; i < rows; ++i) k[i] += d[i] - d[i];
  }

  WindowRange range_;
  MovingMean k_;
  MovingMean d_;
  double least_;
};

}  // namespace argosy::formula

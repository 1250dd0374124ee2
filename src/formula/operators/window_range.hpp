// The highest high and the lowest low of a moving window of bars.
#pragma once

#include <algorithm>
#include <cstddef>

#include "formula/operators/extremes.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {

class WindowRange {
 public:
  explicit WindowRange(std::size_t n) : high_(n), low_(n) {}

  // NaN in one of the two, or both, while there are fewer than n rows, or where a high, a low or a close of them is
  // NaN.
  void run(const double* high, const double* low, const double* close, double* highest, double* lowest,
           std::size_t rows) {
    low_.run(low, lowest, rows);
    if (std::none_of(close, close + rows, is_nan)) return high_.run(high, highest, rows);
    constexpr std::size_t kPiece = 64;
    double whole[kPiece];  // the high of a bar; NaN where it has no close
    for (std::size_t at = 0; at < rows; at += kPiece) {
      const std::size_t count = std::min(kPiece, rows - at);
      for (std::size_t i = 0; i < count; ++i) whole[i] = high[at + i] + (close[at + i] - close[at + i]);
      high_.run(whole, highest + at, count);
    }
  }

  void reset() {
    high_.reset();
    low_.reset();
  }
  void persist(StateArchive& archive) { archive(high_, low_); }

 private:
  BlockExtreme<Extreme::kHighest, Windows::kFull> high_;
  BlockExtreme<Extreme::kLowest, Windows::kFull> low_;
};

}  // namespace argosy::formula

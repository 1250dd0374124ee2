// The highest high and the lowest low of a moving window, together: blocks, suffixes and prefixes as in
// shifted_sums.hpp, a constant number of comparisons a row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

class WindowRange {
 public:
  explicit WindowRange(std::size_t n) : n_(n), high_(n), low_(n), highest_(n + 1, kNoHigh), lowest_(n + 1, -kNoHigh) {}

  // Infinitely far apart while there are fewer than n rows, or where a high, a low or a close of them is NaN.
  void run(const double* high, const double* low, const double* close, double* highest, double* lowest,
           std::size_t rows) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      admit(high + i, low + i, close + i, take);
      head(highest + i, lowest + i, take);
      i += take;
      at_ += take;
      if (at_ < n_) continue;
      highest[i - 1] = high_prefix_;  // the block is the window
      lowest[i - 1] = low_prefix_;
      tail();
    }
  }

  void reset() {
    std::ranges::fill(highest_, kNoHigh);
    std::ranges::fill(lowest_, -kNoHigh);
    high_prefix_ = -kNoHigh;
    low_prefix_ = kNoHigh;
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(high_, low_, highest_, lowest_, high_prefix_, low_prefix_, at_); }

 private:
  // A row with a NaN is higher and lower than any other: so are all windows that hold it, without a further look.
  static constexpr double kNoHigh = std::numeric_limits<double>::infinity();

  void admit(const double* __restrict high, const double* __restrict low, const double* __restrict close,
             std::size_t count) {
    double* __restrict highs = high_.data() + at_;
    double* __restrict lows = low_.data() + at_;
    for (std::size_t j = 0; j < count; ++j) {
      const double gap = (high[j] - high[j]) + (low[j] - low[j]) + (close[j] - close[j]);
      highs[j] = gap == 0 ? high[j] : kNoHigh;
      lows[j] = gap == 0 ? low[j] : -kNoHigh;
    }
  }
  void head(double* __restrict highest, double* __restrict lowest, std::size_t count) {
    const double* high = high_.data() + at_;
    const double* low = low_.data() + at_;
    const double* last_high = highest_.data() + at_ + 1;
    const double* last_low = lowest_.data() + at_ + 1;
    double top = high_prefix_;
    double bottom = low_prefix_;
    for (std::size_t j = 0; j < count; ++j) {
      top = std::max(top, high[j]);
      bottom = std::min(bottom, low[j]);
      highest[j] = std::max(last_high[j], top);
      lowest[j] = std::min(last_low[j], bottom);
    }
    high_prefix_ = top;
    low_prefix_ = bottom;
  }
  void tail() {
    double top = -kNoHigh;
    double bottom = kNoHigh;
    for (std::size_t j = n_; j-- > 0;) {
      highest_[j] = top = std::max(top, high_[j]);
      lowest_[j] = bottom = std::min(bottom, low_[j]);
    }
    high_prefix_ = -kNoHigh;
    low_prefix_ = kNoHigh;
    at_ = 0;
  }

  std::size_t n_;
  std::vector<double> high_;  // the current block's rows so far
  std::vector<double> low_;
  std::vector<double> highest_;  // [j]: of rows j to n - 1 of the block before; [n] is of none
  std::vector<double> lowest_;
  double high_prefix_ = -kNoHigh;  // of the current block's rows so far
  double low_prefix_ = kNoHigh;
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

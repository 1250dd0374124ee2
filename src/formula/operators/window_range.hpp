// The highest high and the lowest low of a moving window, together: blocks, suffixes and prefixes as in
// shifted_sums.hpp, a constant number of comparisons a row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

class WindowRange {
 public:
  explicit WindowRange(std::size_t n) : n_(n), high_(n), low_(n), highest_(n + 1, kNaN), lowest_(n + 1, kNaN) {}

  // NaN in both while there are fewer than n rows, or where a high, a low or a close of them is NaN.
  void run(const double* high, const double* low, const double* close, double* highest, double* lowest,
           std::size_t rows) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      std::memcpy(high_.data() + at_, high + i, take * sizeof(double));
      double* const lows = low_.data() + at_;
      for (std::size_t j = 0; j < take; ++j) lows[j] = low[i + j] + (close[i + j] - close[i + j]);
      if (at_ == 0) prefix_ = {high[i], lows[0], 0};
      head(high + i, lows, highest + i, lowest + i, take);
      i += take;
      at_ += take;
      if (at_ < n_) continue;
      highest[i - 1] = prefix_.highest + prefix_.gap;  // the block is the window
      lowest[i - 1] = prefix_.lowest + prefix_.gap;
      tail();
    }
  }

  void reset() {
    std::ranges::fill(highest_, kNaN);
    std::ranges::fill(lowest_, kNaN);
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(high_, low_, highest_, lowest_, prefix_, at_); }

 private:
  struct Held {
    double highest = kNaN;
    double lowest = kNaN;
    double gap = 0;  // NaN once one of them is; the two before are then of no use

    void take(double high, double low) {
      highest = greater(highest, high);
      lowest = less(lowest, low);
      gap += (high - high) + (low - low);
    }
  };
  // `held` where the other is NaN, and always once `held` is.
  static double greater(double held, double x) { return x > held ? x : held; }
  static double less(double held, double x) { return x < held ? x : held; }

  void head(const double* __restrict high, const double* __restrict low, double* __restrict highest,
            double* __restrict lowest, std::size_t count) {
    const double* last_high = highest_.data() + at_ + 1;
    const double* last_low = lowest_.data() + at_ + 1;
    Held held = prefix_;
    for (std::size_t j = 0; j < count; ++j) {
      held.take(high[j], low[j]);
      highest[j] = greater(last_high[j], held.highest) + held.gap;
      lowest[j] = less(last_low[j], held.lowest) + held.gap;
    }
    prefix_ = held;
  }

  void tail() {
    Held held{high_[n_ - 1], low_[n_ - 1], 0};
    for (std::size_t j = n_; j-- > 0;) {
      held.take(high_[j], low_[j]);
      highest_[j] = held.highest + held.gap;
      lowest_[j] = held.lowest + held.gap;
    }
    at_ = 0;
  }

  std::size_t n_;
  std::vector<double> high_;     // the current block's rows so far
  std::vector<double> low_;      // NaN where the close is
  std::vector<double> highest_;  // [j]: of rows j to n - 1 of the block before; [n] is of none
  std::vector<double> lowest_;
  Held prefix_;  // of the current block's rows so far
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

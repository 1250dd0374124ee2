// The highest or lowest of a moving window and how many rows ago it was, by the blocks of shifted_sums.hpp: a constant
// number of comparisons a row. Of equal values the latest counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

template <bool kMaximum>
class SlidingExtreme {
 public:
  explicit SlidingExtreme(std::size_t n)
      : n_(n), block_(n), suffix_(n + 1, kNaN), suffix_place_(n + 1, 0.0), length_(static_cast<double>(n)) {}

  // Calls emit(row, value, age) for every row in order; `value` is NaN while the window is incomplete or holds one, and
  // `age` then means nothing. 0 <= age < n.
  template <class Emit>
  void run(const double* __restrict x, std::size_t rows, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      std::memcpy(block_.data() + at_, x + i, take * sizeof(double));
      if (at_ == 0) {
        prefix_ = x[i];
        prefix_place_ = 0;
        gap_ = 0;
      }
      head(x + i, take, completes, i, emit);
      i += take;
      at_ += take;
      if (!completes) continue;
      emit(i - 1, prefix_ + gap_, length_ - 1 - prefix_place_);  // the block is the window
      tail();
      at_ = 0;
    }
  }

  void reset() {
    std::ranges::fill(suffix_, kNaN);
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, suffix_place_, prefix_, prefix_place_, gap_, at_); }

 private:
  static bool at_least(double a, double b) { return kMaximum ? a >= b : a <= b; }

  template <class Emit>
  void head(const double* __restrict x, std::size_t count, bool completes, std::size_t row, Emit emit) {
    const double* last = suffix_.data() + at_ + 1;
    const double* last_place = suffix_place_.data() + at_ + 1;
    double held = prefix_;
    double place = prefix_place_;
    double hole = gap_;
    auto now = static_cast<double>(at_);
    const auto next = [&](std::size_t j) {
      const bool newer = at_least(x[j], held);
      held = newer ? x[j] : held;
      place = newer ? now : place;
      hole += x[j] - x[j];
    };
    const std::size_t joined = completes ? count - 1 : count;
    for (std::size_t j = 0; j < joined; ++j) {
      next(j);
      const bool newer = at_least(held, last[j]);  // false where the block before has no value
      emit(row + j, (newer ? held : last[j]) + hole, newer ? now - place : now + length_ - last_place[j]);
      now += 1;
    }
    if (completes) next(joined);
    prefix_ = held;
    prefix_place_ = place;
    gap_ = hole;
  }

  void tail() {
    double held = block_[n_ - 1];
    double place = length_ - 1;
    double hole = 0;
    auto now = length_;
    for (std::size_t j = n_; j-- > 0;) {
      now -= 1;
      const bool further = !at_least(held, block_[j]);
      held = further ? block_[j] : held;
      place = further ? now : place;
      hole += block_[j] - block_[j];
      suffix_[j] = held + hole;
      suffix_place_[j] = place;
    }
  }

  std::size_t n_;
  std::vector<double> block_;         // the current block's rows so far
  std::vector<double> suffix_;        // [j]: of rows j to n - 1 of the block before; NaN in the first block
  std::vector<double> suffix_place_;  // where in its block it stands
  double length_;                     // n
  double prefix_ = kNaN;              // of the current block's rows so far
  double prefix_place_ = 0;
  double gap_ = 0;  // 0, or NaN once a row of the block is
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

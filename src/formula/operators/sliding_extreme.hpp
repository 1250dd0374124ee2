// The highest or lowest of a moving window and, when asked for, how many rows ago it was, by the blocks of
// shifted_sums.hpp: a constant number of comparisons a row. Of equal values the latest counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

template <bool kMaximum, bool kPlace>
class SlidingExtreme {
 public:
  explicit SlidingExtreme(std::size_t n)
      : n_(n), block_(n), suffix_(n + 1, kNaN), suffix_place_(kPlace ? n + 1 : 0), length_(static_cast<Place>(n)) {}

  // Calls emit(row, value, age) for every row in order; `value` is NaN while the window is incomplete or holds one, and
  // `age` then means nothing. 0 <= age < n; 0 without kPlace.
  template <class Emit>
  void run(const double* __restrict x, std::size_t rows, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      const double* block = x + i;
      if (take < n_) {
        std::memcpy(block_.data() + at_, x + i, take * sizeof(double));
        block = block_.data();
      }
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
      tail(block);
      at_ = 0;
    }
  }

  void reset() {
    std::ranges::fill(suffix_, kNaN);
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, suffix_place_, prefix_, prefix_place_, gap_, at_); }

 private:
  using Place = std::int64_t;  // selected without a branch, unlike a double

  // The more extreme of two; `held` where x is NaN, and always once `held` is.
  static double pick(double held, double x) { return (kMaximum ? x > held : x < held) ? x : held; }
  static bool at_least(double a, double b) { return kMaximum ? a >= b : a <= b; }

  template <class Emit>
  void head(const double* __restrict x, std::size_t count, bool completes, std::size_t row, Emit emit) {
    const double* last = suffix_.data() + at_ + 1;
    const Place* last_place = kPlace ? suffix_place_.data() + at_ + 1 : nullptr;
    double held = prefix_;
    Place place = prefix_place_;
    double hole = gap_;
    auto now = static_cast<Place>(at_);
    const auto next = [&](std::size_t j) {
      if constexpr (kPlace) place = at_least(x[j], held) ? now : place;
      held = pick(held, x[j]);
      hole += x[j] - x[j];
    };
    const std::size_t joined = completes ? count - 1 : count;
    for (std::size_t j = 0; j < joined; ++j) {
      next(j);
      Place age = 0;
      if constexpr (kPlace) age = now - (at_least(held, last[j]) ? place : last_place[j] - length_);
      emit(row + j, pick(last[j], held) + hole, age);
      ++now;
    }
    if (completes) next(joined);
    prefix_ = held;
    prefix_place_ = place;
    gap_ = hole;
  }

  void tail(const double* block) {
    double held = block[n_ - 1];
    Place place = length_ - 1;
    double hole = 0;
    for (std::size_t j = n_; j-- > 0;) {
      if constexpr (kPlace) {
        place = at_least(held, block[j]) ? place : static_cast<Place>(j);
        suffix_place_[j] = place;
      }
      held = pick(held, block[j]);
      hole += block[j] - block[j];
      suffix_[j] = held + hole;
    }
  }

  std::size_t n_;
  std::vector<double> block_;        // the current block's rows so far, while it is incomplete
  std::vector<double> suffix_;       // [j]: of rows j to n - 1 of the block before; NaN in the first block
  std::vector<Place> suffix_place_;  // where in its block it stands
  Place length_;                     // n
  double prefix_ = kNaN;             // of the current block's rows so far
  Place prefix_place_ = 0;
  double gap_ = 0;  // 0, or NaN once a row of the block is
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

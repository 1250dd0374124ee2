// The lowest and the highest of a moving window and how long ago they were, in a constant number of comparisons a row:
// blocks, suffixes and prefixes as in block_sums.hpp.
//
//   BlockExtreme<Extreme::kHighest, Windows::kPartial> highest(n);
//   highest.run(x, out, rows);
//
// Windows::kFull: NaN while there are fewer than n rows or one of them is NaN. Windows::kPartial: of the rows there
// are, NaN left out; NaN when there is none.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {

enum class Extreme : std::uint8_t { kLowest, kHighest };
enum class Ties : std::uint8_t { kLatest, kEarliest };

// Inputs are finite: an infinity stands for no value at all.
template <Extreme kExtreme>
inline constexpr double kNoExtreme =
    kExtreme == Extreme::kHighest ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();

template <Extreme kExtreme, Windows kWindows>
class BlockExtreme {
 public:
  explicit BlockExtreme(std::size_t n)
      : n_(n), block_(n, kNaN), suffix_(n + 1, kBefore), abreast_(n <= kLongestAbreast ? kAbreast * n : 0) {}

  // `out` may not overlap `x`.
  void run(const double* __restrict x, double* __restrict out, std::size_t rows) {
    for (std::size_t i = 0; i < rows;) {
      if (at_ == 0 && !abreast_.empty()) {
        for (; rows - i >= abreast_.size(); i += abreast_.size()) whole_blocks(x + i, out + i);
        if (i == rows) return;
      }
      const std::size_t take = std::min(rows - i, n_ - at_);
      const double* block = x + i;
      if (take < n_) {
        copy_rows(block_.data() + at_, x + i, take);
        block = block_.data();
      }
      if (at_ == 0) prefix_ = kNone;
      head(x + i, out + i, take);
      i += take;
      at_ += take;
      if (at_ < n_) continue;
      out[i - 1] = clean(prefix_);  // the block is the window
      tail(block);
      at_ = 0;
    }
  }
  void reset() {
    std::ranges::fill(suffix_, kBefore);
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, prefix_, at_); }

 private:
  static constexpr bool kHighest = kExtreme == Extreme::kHighest;
  static constexpr double kNone = kNoExtreme<kExtreme>;
  // In a full window a row that is NaN, or not there, is more extreme than all others, and clean() makes it NaN again.
  static constexpr double kBeyond = -kNone;
  static constexpr double kBefore = kWindows == Windows::kFull ? kBeyond : kNone;
  // As many whole blocks are computed side by side, so that a comparison does not wait for the one before.
  static constexpr std::size_t kAbreast = 4;
  static constexpr std::size_t kLongestAbreast = 128;

  // The more extreme of two: `held` where x is NaN.
  static double pick(double held, double x) { return (kHighest ? x > held : x < held) ? x : held; }
  static double taken(double held, double x) {
    if constexpr (kWindows == Windows::kPartial) return pick(held, x);
    return pick(held, (kHighest ? x < kBeyond : x > kBeyond) ? x : kBeyond);
  }

  void head(const double* __restrict x, double* __restrict out, std::size_t count) {
    const double* last = suffix_.data() + at_ + 1;
    double held = prefix_;
    for (std::size_t j = 0; j < count; ++j) {
      held = taken(held, x[j]);
      out[j] = clean(pick(last[j], held));
    }
    prefix_ = held;
  }
  void tail(const double* __restrict block) {
    double held = kNone;
    for (std::size_t j = n_; j-- > 0;) {
      held = taken(held, block[j]);
      suffix_[j] = held;
    }
  }
  void whole_blocks(const double* __restrict x, double* __restrict out) {
    const std::size_t n = n_;
    double* __restrict suffix = abreast_.data();
    std::array<double, kAbreast> held{};
    held.fill(kNone);
    for (std::size_t j = n; j-- > 0;) {
      for (std::size_t b = 0; b < kAbreast; ++b) suffix[b * n + j] = held[b] = taken(held[b], x[b * n + j]);
    }
    held.fill(kNone);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t b = 0; b < kAbreast; ++b) out[b * n + j] = held[b] = taken(held[b], x[b * n + j]);
    }
    for (std::size_t b = 0; b < kAbreast; ++b) {
      const double* last = (b == 0 ? suffix_.data() : suffix + (b - 1) * n) + 1;
      double* __restrict block = out + b * n;
      for (std::size_t j = 0; j + 1 < n; ++j) block[j] = clean(pick(last[j], block[j]));
      block[n - 1] = clean(block[n - 1]);
    }
    std::memcpy(suffix_.data(), suffix + (kAbreast - 1) * n, n * sizeof(double));
  }

  std::size_t n_;
  std::vector<double> block_;    // the current block's rows, while it is incomplete
  std::vector<double> suffix_;   // [j]: of rows j to n - 1 of the block before; [n] is of none
  std::vector<double> abreast_;  // the same of several blocks; empty when they are too long
  double prefix_ = kNone;        // of the current block's rows so far
  std::size_t at_ = 0;
};

// How many rows ago the extreme was, 0: it is this row; of equal ones the latest or the earliest.
//
//   BlockExtremePlace<Extreme::kHighest, Windows::kPartial, Ties::kEarliest> place(n);
//   place.run(x, out, rows);  // Qlib's IdxMax is min(n, rows so far) - out
template <Extreme kExtreme, Windows kWindows, Ties kTies>
class BlockExtremePlace {
 public:
  explicit BlockExtremePlace(std::size_t n) : n_(n), block_(n, kNaN), suffix_(n + 1, Best{kBefore, 0}) {}

  // `out` may not overlap `x`.
  void run(const double* __restrict x, double* __restrict out, std::size_t rows) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const double* block = x + i;
      if (take < n_) {
        copy_rows(block_.data() + at_, x + i, take);
        block = block_.data();
      }
      if (at_ == 0) {
        prefix_ = {kNone, 0};
        gap_ = 0;
      }
      head(x + i, out + i, take);
      i += take;
      at_ += take;
      if (at_ == n_) {
        // The block is the window.
        out[i - 1] = static_cast<double>(n_ - 1) - prefix_.place + (prefix_.value - prefix_.value) + gap_;
        tail(block);
        at_ = 0;
      }
    }
  }
  void reset() {
    std::ranges::fill(suffix_, Best{kBefore, 0});
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, prefix_, gap_, at_); }

 private:
  struct Best {
    double value;
    double place;  // in the current block; below 0: in the one before
  };
  static constexpr double kNone = kNoExtreme<kExtreme>;
  static constexpr double kBefore = kWindows == Windows::kFull ? kNaN : kNone;

  static bool beats(double a, double b) { return kExtreme == Extreme::kHighest ? a > b : a < b; }
  static double better(double held, double x) { return beats(x, held) ? x : held; }
  static double gap_after(double gap, double x) { return kWindows == Windows::kFull ? gap + (x - x) : gap; }

  // Takes x in. Only the comparison of values waits for the row before; its place follows from that. kEqual: x is taken
  // also when it equals the best.
  template <bool kEqual>
  static void take(Best& held, double x, double place) {
    const double value = better(held.value, x);
    const bool taken = kEqual ? x == value : beats(x, held.value);
    held.place = taken ? place : held.place;
    held.value = value;
  }

  void head(const double* __restrict x, double* __restrict out, std::size_t count) {
    const Best* last = suffix_.data() + at_ + 1;
    Best held = prefix_;
    double gap = gap_;
    auto row = static_cast<double>(at_);
    for (std::size_t j = 0; j < count; ++j, row += 1) {
      take<kTies == Ties::kLatest>(held, x[j], row);
      gap = gap_after(gap, x[j]);
      const Best tail = last[j];
      const double value = better(tail.value, held.value);
      const bool in_tail = kTies == Ties::kLatest ? beats(tail.value, held.value) : tail.value == value;
      // A full window's gap, or that there is no value at all.
      const double none = kWindows == Windows::kFull ? (tail.value - tail.value) + gap : value - value;
      out[j] = row - (in_tail ? tail.place : held.place) + none;
    }
    prefix_ = held;
    gap_ = gap;
  }
  void tail(const double* __restrict block) {
    Best held{kNone, 0};
    double gap = 0;
    double place = -1;
    for (std::size_t j = n_; j-- > 0; place -= 1) {
      take<kTies == Ties::kEarliest>(held, block[j], place);
      gap = gap_after(gap, block[j]);
      suffix_[j] = {held.value + gap, held.place};
    }
  }

  std::size_t n_;
  std::vector<double> block_;
  std::vector<Best> suffix_;  // [j]: of rows j to n - 1 of the block before; [n] is of none
  Best prefix_{kNone, 0};     // of the current block's rows so far
  double gap_ = 0;
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

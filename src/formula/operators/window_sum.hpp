// The sum, the mean and the weighted mean of a moving window of one column: a loop of its own for each, and parts of
// kernels that sum or smooth something they compute.
//
// The scheme is that of block_sums.hpp, and the mean has its bits. Where a chunk holds several whole blocks, those
// are summed side by side: each row by the same operations in the same order, but a sum no longer waits for the one
// before.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

// Kernels of several stages take rows in pieces of at most so many, with buffers of this length between the stages.
inline constexpr std::size_t kPieceRows = 256;

enum class WindowTotal : std::uint8_t {
  kSum,           // of values that are not negative, so that nothing cancels: added as they are
  kMean,          // relative to a row of the window
  kWeightedMean,  // the same; the newest row weighs n, the one before n - 1, the oldest 1
};

template <WindowTotal kTotal>
class WindowSum {
 public:
  explicit WindowSum(std::size_t n)
      : n_(n),
        scale_(scale(static_cast<double>(n))),
        block_(n),
        suffix_(n, kNaN),
        abreast_(n <= kLongestAbreast ? kAbreast * n : 0) {}

  // `out` may not overlap `x`; NaN while there are fewer than n rows, or where one of them is NaN.
  void run(const double* x, double* out, std::size_t rows) {
    for (std::size_t i = 0; i < rows;) {
      if (at_ == 0 && !abreast_.empty()) {
        for (; rows - i >= abreast_.size(); i += abreast_.size()) whole_blocks(x + i, out + i);
        if (i == rows) return;
      }
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      const double* block = x + i;
      if (take < n_) {
        copy_rows(block_.data() + at_, x + i, take);
        block = block_.data();
      }
      head(x + i, out + i, completes ? take - 1 : take);
      i += take;
      at_ += take;
      if (!completes) continue;
      tail(block);
      out[i - 1] = value(reference_, suffix_[0]);
    }
  }
  void reset() {
    std::ranges::fill(suffix_, kNaN);
    reference_ = kNaN;
    sums_ = {};
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, reference_, sums_, at_); }

 private:
  static constexpr bool kShifted = kTotal != WindowTotal::kSum;
  static constexpr std::size_t kAbreast = 4;
  static constexpr std::size_t kLongestAbreast = 128;  // longer blocks seldom come so many at once

  static double scale(double n) { return kTotal == WindowTotal::kWeightedMean ? 2.0 / (n * (n + 1.0)) : 1.0 / n; }

  // Sums of rows so far, relative to the reference.
  struct Sums {
    double plain = 0;
    double weighted = 0;

    // One row more at the newer end of a head, `place` rows long with it, of a window of n.
    double lengthen(double x, double reference, double place, double n) {
      const double d = kShifted ? x - reference : x;
      plain += d;
      if constexpr (kTotal != WindowTotal::kWeightedMean) return plain;
      // Weighing 1 to `place`; the tail before it has made each row n - place heavier.
      weighted += place * d;
      return weighted + (n - place) * plain;
    }
    // One row more at the older end of a tail, whose rows weigh 1, 2 and so on from there.
    double lengthen_back(double x, double reference) {
      plain += kShifted ? x - reference : x;
      weighted += plain;
      return kTotal == WindowTotal::kWeightedMean ? weighted : plain;
    }
  };

  [[nodiscard]] double value(double reference, double sum) const {
    return kShifted ? clean(reference + sum * scale_) : sum;
  }

  // The prefix sums of `count` more rows of the current block, each joined with the suffix of the block before.
  void head(const double* __restrict x, double* __restrict out, std::size_t count) {
    Sums sums = sums_;
    const auto n = static_cast<double>(n_);
    auto place = static_cast<double>(at_);
    for (std::size_t j = 0; j < count; ++j) out[j] = sums.lengthen(x[j], reference_, place += 1, n);
    join(reference_, suffix_.data() + at_ + 1, out, count);
    sums_ = sums;
  }
  // The suffix sums of a complete block, and the start of the next one.
  void tail(const double* __restrict block) {
    reference_ = block[n_ - 1];
    Sums sums;
    for (std::size_t j = n_; j-- > 0;) suffix_[j] = sums.lengthen_back(block[j], reference_);
    sums_ = {};
    at_ = 0;
  }
  void join(double reference, const double* __restrict suffix, double* __restrict out, std::size_t count) const {
    for (std::size_t j = 0; j < count; ++j) out[j] = value(reference, suffix[j] + out[j]);
  }

  void whole_blocks(const double* __restrict x, double* __restrict out) {
    const std::size_t n = n_;
    double* __restrict suffix = abreast_.data();
    std::array<double, kAbreast + 1> reference{};  // of the block before, then of each
    reference[0] = reference_;
    for (std::size_t b = 0; b < kAbreast; ++b) reference[b + 1] = x[(b + 1) * n - 1];
    std::array<Sums, kAbreast> tails{};
    for (std::size_t j = n; j-- > 0;) {
      for (std::size_t b = 0; b < kAbreast; ++b)
        suffix[b * n + j] = tails[b].lengthen_back(x[b * n + j], reference[b + 1]);
    }
    std::array<Sums, kAbreast> heads{};
    const auto length = static_cast<double>(n);
    double place = 0;
    for (std::size_t j = 0; j + 1 < n; ++j) {
      place += 1;
      for (std::size_t b = 0; b < kAbreast; ++b)
        out[b * n + j] = heads[b].lengthen(x[b * n + j], reference[b], place, length);
    }
    for (std::size_t b = 0; b < kAbreast; ++b) {
      join(reference[b], (b == 0 ? suffix_.data() : suffix + (b - 1) * n) + 1, out + b * n, n - 1);
      out[b * n + n - 1] = value(reference[b + 1], suffix[b * n]);
    }
    std::memcpy(suffix_.data(), suffix + (kAbreast - 1) * n, n * sizeof(double));
    reference_ = reference[kAbreast];
  }

  std::size_t n_;
  double scale_;
  std::vector<double> block_;    // the current block's rows, while it is incomplete
  std::vector<double> suffix_;   // [j]: the sum of rows j to n - 1 of the block before, relative to its last row
  std::vector<double> abreast_;  // the same of several blocks; empty when they are too long
  double reference_ = kNaN;      // the last row of the block before; NaN in the first block
  Sums sums_;                    // of the current block's rows so far
  std::size_t at_ = 0;           // rows of the current block so far
};

using MovingSum = WindowSum<WindowTotal::kSum>;
using MovingMean = WindowSum<WindowTotal::kMean>;
using WeightedMean = WindowSum<WindowTotal::kWeightedMean>;

}  // namespace argosy::formula

// The mean of a moving window: sma, and a part of kernels that smooth something they compute.
//
// The scheme and the bits of shifted_sums.hpp. Where a chunk holds several whole blocks, those are summed side by side:
// each row by the same operations in the same order, but a sum no longer waits for the one before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

// Kernels of several stages take rows in pieces of at most so many, with buffers of this length between the stages.
inline constexpr std::size_t kPieceRows = 256;

class MovingMean {
 public:
  explicit MovingMean(std::size_t n)
      : n_(n),
        inverse_(1.0 / static_cast<double>(n)),
        block_(n),
        suffix_(n, kNaN),
        abreast_(n <= kLongestAbreast ? kAbreast * n : 0) {}

  // `out` may not overlap `x`.
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
        std::memcpy(block_.data() + at_, x + i, take * sizeof(double));
        block = block_.data();
      }
      head(x + i, out + i, completes ? take - 1 : take);
      i += take;
      at_ += take;
      if (!completes) continue;
      tail(block);
      out[i - 1] = clean(reference_ + suffix_[0] * inverse_);
    }
  }
  void reset() {
    std::ranges::fill(suffix_, kNaN);
    reference_ = kNaN;
    sum_ = 0;
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, reference_, sum_, at_); }

 private:
  static constexpr std::size_t kAbreast = 4;
  static constexpr std::size_t kLongestAbreast = 128;  // longer blocks seldom come so many at once

  // The prefix sums of `count` more rows of the current block, each joined with the suffix of the block before.
  void head(const double* __restrict x, double* __restrict out, std::size_t count) {
    double sum = sum_;
    for (std::size_t j = 0; j < count; ++j) {
      sum += x[j] - reference_;
      out[j] = sum;
    }
    join(reference_, suffix_.data() + at_ + 1, out, count);
    sum_ = sum;
  }
  // The suffix sums of a complete block, and the start of the next one.
  void tail(const double* __restrict block) {
    const double reference = block[n_ - 1];
    double sum = 0;
    for (std::size_t j = n_; j-- > 0;) {
      sum += block[j] - reference;
      suffix_[j] = sum;
    }
    reference_ = reference;
    sum_ = 0;
    at_ = 0;
  }
  // From prefix sums to means.
  void join(double reference, const double* __restrict suffix, double* __restrict out, std::size_t count) const {
    const double scale = inverse_;
    for (std::size_t j = 0; j < count; ++j) out[j] = clean(reference + (suffix[j] + out[j]) * scale);
  }

  void whole_blocks(const double* __restrict x, double* __restrict out) {
    const std::size_t n = n_;
    double* __restrict suffix = abreast_.data();
    std::array<double, kAbreast + 1> reference;  // of the block before, then of each
    reference[0] = reference_;
    for (std::size_t b = 0; b < kAbreast; ++b) reference[b + 1] = x[(b + 1) * n - 1];
    std::array<double, kAbreast> sum{};
    for (std::size_t j = n; j-- > 0;) {
      for (std::size_t b = 0; b < kAbreast; ++b) {
        sum[b] += x[b * n + j] - reference[b + 1];
        suffix[b * n + j] = sum[b];
      }
    }
    sum = {};
    for (std::size_t j = 0; j + 1 < n; ++j) {
      for (std::size_t b = 0; b < kAbreast; ++b) {
        sum[b] += x[b * n + j] - reference[b];
        out[b * n + j] = sum[b];
      }
    }
    for (std::size_t b = 0; b < kAbreast; ++b) {
      join(reference[b], (b == 0 ? suffix_.data() : suffix + (b - 1) * n) + 1, out + b * n, n - 1);
      out[b * n + n - 1] = clean(reference[b + 1] + suffix[b * n] * inverse_);
    }
    std::memcpy(suffix_.data(), suffix + (kAbreast - 1) * n, n * sizeof(double));
    reference_ = reference[kAbreast];
  }

  std::size_t n_;
  double inverse_;
  std::vector<double> block_;    // the current block's rows, while it is incomplete
  std::vector<double> suffix_;   // [j]: the sum of rows j to n - 1 of the block before, relative to its last row
  std::vector<double> abreast_;  // the same of several blocks; empty when they are too long
  double reference_ = kNaN;      // the last row of the block before; NaN in the first block
  double sum_ = 0;               // of the current block's rows so far, relative to the reference
  std::size_t at_ = 0;           // rows of the current block so far
};

}  // namespace argosy::formula

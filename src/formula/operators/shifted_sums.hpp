// Sums over a moving window that neither drift nor remember what has left it.
//
// Rows are cut into blocks of n. A window of n rows is a tail of the block before and a head of the current one, so its
// sum is a suffix sum, computed when the block before was complete, plus a running prefix sum. Nothing is ever
// subtracted: a spike or a NaN is gone with the row it leaves in. (The scheme is van Herk's and Gil and Werman's for
// running maxima.) Blocks are counted from the first row, so chunks cannot change the bits.
//
// Values are summed relative to a reference, the last row of the block before. It lies in every window it serves, so
// sums of squares lose at most about n ulps to cancellation whatever the offset of the data, and a constant column has
// exactly its mean and exactly no deviation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

template <bool kSquares>
class ShiftedSums {
 public:
  explicit ShiftedSums(std::size_t n) : n_(n), block_(n), sums_(n, kNaN), squares_(kSquares ? n : 0, kNaN) {}

  // Calls emit(row, reference, sum, square_sum) for every row in order: the sums of (x - reference) and its square over
  // the n rows up to this one, NaN while there are fewer or one of them is NaN.
  template <class Emit>
  void run(const double* x, std::size_t rows, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      const double* block = x + i;
      if (take < n_) {
        std::memcpy(block_.data() + at_, x + i, take * sizeof(double));
        block = block_.data();
      }
      head(x + i, completes ? take - 1 : take, i, emit);
      i += take;
      at_ += take;
      if (completes) {
        tail(block);
        emit(i - 1, reference_, sums_[0], kSquares ? squares_[0] : 0.0);
      }
    }
  }

  void reset() {
    std::ranges::fill(sums_, kNaN);
    std::ranges::fill(squares_, kNaN);
    reference_ = kNaN;
    sum_ = square_ = 0;
    at_ = 0;
  }

  void persist(StateArchive& archive) { archive(block_, sums_, squares_, reference_, sum_, square_, at_); }

 private:
  // The prefix sums of `count` more rows of the current block, each joined with the suffix of the block before.
  template <class Emit>
  void head(const double* __restrict x, std::size_t count, std::size_t row, Emit emit) {
    const double reference = reference_;
    const double* suffix = sums_.data() + at_ + 1;
    const double* suffix_squares = kSquares ? squares_.data() + at_ + 1 : nullptr;
    double sum = sum_;
    double square = square_;
    for (std::size_t j = 0; j < count; ++j) {
      const double d = x[j] - reference;
      sum += d;
      if constexpr (kSquares) square += d * d;
      emit(row + j, reference, suffix[j] + sum, kSquares ? suffix_squares[j] + square : 0.0);
    }
    sum_ = sum;
    square_ = square;
  }

  // The suffix sums of a complete block, and the start of the next one.
  void tail(const double* block) {
    const double reference = block[n_ - 1];
    double sum = 0;
    double square = 0;
    for (std::size_t j = n_; j-- > 0;) {
      const double d = block[j] - reference;
      sum += d;
      sums_[j] = sum;
      if constexpr (kSquares) {
        square += d * d;
        squares_[j] = square;
      }
    }
    reference_ = reference;
    sum_ = square_ = 0;
    at_ = 0;
  }

  std::size_t n_;
  std::vector<double> block_;  // the current block's rows, while it is incomplete
  std::vector<double> sums_;   // [j]: of rows j to n - 1 of the block before
  std::vector<double> squares_;
  double reference_ = kNaN;  // NaN in the first block: its windows are incomplete
  double sum_ = 0;           // of the current block's rows so far
  double square_ = 0;
  std::size_t at_ = 0;  // rows of the current block so far
};

}  // namespace argosy::formula

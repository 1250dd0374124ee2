// Plain sums of several terms a row over a moving window, by the blocks of shifted_sums.hpp: suffix sums of the block
// before and a running prefix, so nothing is subtracted and nothing drifts. For ratios of sums, where no reference is
// needed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

template <std::size_t kTerms>
class TermSums {
 public:
  using Terms = std::array<double, kTerms>;

  explicit TermSums(std::size_t n) : n_(n), block_(n * kTerms), suffix_((n + 1) * kTerms, kNaN) {}

  // For every row in order: terms(row) gives what is summed, emit(row, sums) gets the sums over the n rows up to this
  // one, NaN while there are fewer or one of them is NaN.
  template <class Row, class Emit>
  void run(std::size_t rows, Row terms, Emit emit) {
    for (std::size_t i = 0; i < rows;) {
      const std::size_t take = std::min(rows - i, n_ - at_);
      const bool completes = at_ + take == n_;
      Terms sums = prefix_;
      double* block = block_.data() + at_ * kTerms;
      const double* suffix = suffix_.data() + (at_ + 1) * kTerms;
      for (std::size_t j = 0; j < take; ++j) {
        const Terms row = terms(i + j);
        Terms window;
        for (std::size_t k = 0; k < kTerms; ++k) {
          block[j * kTerms + k] = row[k];
          sums[k] += row[k];
          window[k] = suffix[j * kTerms + k] + sums[k];
        }
        if (!completes || j + 1 < take) emit(i + j, window);
      }
      i += take;
      at_ += take;
      prefix_ = sums;
      if (!completes) continue;
      emit(i - 1, sums);  // the block is the window
      tail();
    }
  }

  void reset() {
    std::ranges::fill(suffix_, kNaN);
    prefix_ = {};
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, prefix_, at_); }

 private:
  void tail() {
    Terms sums{};
    for (std::size_t j = n_; j-- > 0;) {
      for (std::size_t k = 0; k < kTerms; ++k) {
        sums[k] += block_[j * kTerms + k];
        suffix_[j * kTerms + k] = sums[k];
      }
    }
    prefix_ = {};
    at_ = 0;
  }

  std::size_t n_;
  std::vector<double> block_;   // the terms of the current block's rows so far
  std::vector<double> suffix_;  // [j]: of rows j to n - 1 of the block before; NaN in the first block; [n] is not used
  Terms prefix_{};              // of the current block's rows so far
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

// Sums of kTerms numbers a row over a moving window, added as they are: for flows and ranges, which are not negative,
// so that nothing cancels. A row at a time; the scheme is that of shifted_sums.hpp, and nothing is subtracted.
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

  explicit TermSums(std::size_t n) : n_(n), block_(n, Terms{}), suffix_(n, none()) {}

  // The sums over the last n rows up to this one: NaN while there are fewer, or where one of them is NaN.
  Terms push(const Terms& terms) {
    block_[at_] = terms;
    add(prefix_, terms);
    if (++at_ == n_) return complete();
    Terms sums = suffix_[at_];
    add(sums, prefix_);
    return sums;
  }

  void reset() {
    std::ranges::fill(suffix_, none());
    prefix_ = {};
    at_ = 0;
  }
  void persist(StateArchive& archive) { archive(block_, suffix_, prefix_, at_); }

 private:
  static void add(Terms& sums, const Terms& terms) {
    for (std::size_t k = 0; k < kTerms; ++k) sums[k] += terms[k];
  }
  static Terms none() {
    Terms terms;
    terms.fill(kNaN);
    return terms;
  }

  Terms complete() {
    const Terms sums = prefix_;
    prefix_ = {};
    for (; at_ > 0; --at_) {
      add(prefix_, block_[at_ - 1]);
      suffix_[at_ - 1] = prefix_;
    }
    prefix_ = {};
    return sums;
  }

  std::size_t n_;
  std::vector<Terms> block_;   // the current block's rows so far
  std::vector<Terms> suffix_;  // [j]: the sums of rows j to n - 1 of the block before
  Terms prefix_{};             // of the current block's rows so far
  std::size_t at_ = 0;
};

}  // namespace argosy::formula

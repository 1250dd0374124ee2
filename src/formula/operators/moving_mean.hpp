// The mean of a moving window, as a part of kernels that smooth something they compute.
#pragma once

#include <cstddef>

#include "formula/operators/operator.hpp"
#include "formula/operators/shifted_sums.hpp"

namespace argosy::formula {

// Kernels of several stages take rows in pieces of at most so many, with buffers of this length between the stages.
inline constexpr std::size_t kPieceRows = 256;

class MovingMean {
 public:
  explicit MovingMean(std::size_t n) : sums_(n), inverse_(1.0 / static_cast<double>(n)) {}

  // `out` may not overlap `x`.
  void run(const double* x, double* __restrict out, std::size_t rows) {
    const double scale = inverse_;
    sums_.run(x, rows, [out, scale](std::size_t i, double reference, double sum, double) {
      out[i] = clean(reference + sum * scale);
    });
  }
  void reset() { sums_.reset(); }
  void persist(StateArchive& archive) { archive(sums_); }

 private:
  ShiftedSums<false> sums_;
  double inverse_;
};

}  // namespace argosy::formula

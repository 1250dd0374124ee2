// A column n rows late: what x[n] and every operator that compares with an earlier row are made of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

// Keeps the last n values in a ring; long chunks are moved by whole stretches. n >= 0.
class Delay {
 public:
  explicit Delay(std::size_t n) : ring_(n, kNaN) {}

  // out[i] = x of n rows before row i; NaN before there is one. `out` may not overlap `x`.
  void run(const double* x, double* out, std::size_t rows) {
    const std::size_t n = ring_.size();
    if (rows == 1 && n > 0) {
      out[0] = std::exchange(ring_[oldest_], x[0]);
      oldest_ = oldest_ + 1 == n ? 0 : oldest_ + 1;
      return;
    }
    const std::size_t held = std::min(n, rows);  // rows whose answer lies in the ring
    copy_ring(out, held);
    if (rows > n) std::memcpy(out + n, x, (rows - n) * sizeof(double));
    store_ring(x + (rows - held), held);
  }

  void reset() {
    std::ranges::fill(ring_, kNaN);
    oldest_ = 0;
  }
  void persist(StateArchive& archive) { archive(ring_, oldest_); }

 private:
  void copy_ring(double* out, std::size_t count) const {
    if (count == 0) return;
    const std::size_t first = std::min(count, ring_.size() - oldest_);
    std::memcpy(out, ring_.data() + oldest_, first * sizeof(double));
    std::memcpy(out + first, ring_.data(), (count - first) * sizeof(double));
  }
  // Replaces the oldest `count` values.
  void store_ring(const double* x, std::size_t count) {
    if (count == 0) return;
    const std::size_t first = std::min(count, ring_.size() - oldest_);
    std::memcpy(ring_.data() + oldest_, x, first * sizeof(double));
    std::memcpy(ring_.data(), x + first, (count - first) * sizeof(double));
    oldest_ += count;
    if (oldest_ >= ring_.size()) oldest_ -= ring_.size();
  }

  std::vector<double> ring_;
  std::size_t oldest_ = 0;
};

}  // namespace argosy::formula

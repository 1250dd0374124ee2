// The rank of each row in the window of its last n, for small n: by counting, without an order.
//
// A pass counts for eight rows at once, in the column where they lie: a window that was just written to would have to
// be waited for, as a load of several values cannot be served before the single ones stored have reached the cache. One
// row alone is counted before it is stored, for the same reason.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "formula/operators/order_window.hpp"

namespace argosy::formula {

namespace order_passes {

using FourCounts = std::int64_t __attribute__((vector_size(32)));

inline constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Ranks of eight rows; the n - 1 rows before the first must be there too. A rank is the share of the n rows that x is
// not below: the mean rank of equal ones over the count of those that are not NaN. NaN where that is less than `fewest`
// and where x is. Without kGaps no row is NaN.
template <bool kGaps>
[[gnu::always_inline]] inline void rank_eight(const double* x, double* out, std::size_t n, double fewest) {
  Four newest[2];
  std::memcpy(newest, x, sizeof newest);
  FourCounts less[2] = {};
  FourCounts not_above[2] = {};
  FourCounts known[2] = {};
  for (std::size_t age = 0; age < n; ++age) {
    Four value[2];
    std::memcpy(value, x - age, sizeof value);
    for (std::size_t k = 0; k < 2; ++k) {
      less[k] -= value[k] < newest[k];  // which is -1 where it holds
      not_above[k] -= value[k] <= newest[k];
      if constexpr (kGaps) known[k] -= value[k] < kInfinite;  // not NaN: nothing is infinite
    }
  }
  for (std::size_t k = 0; k < 2; ++k) {
    const Four twice = __builtin_convertvector(less[k] + not_above[k] + 1, Four);
    Four rank = twice / 2 / static_cast<double>(n);
    if constexpr (kGaps) {
      const Four count = __builtin_convertvector(known[k], Four);
      const Four none = Four{} + kNaN;
      rank = ((newest[k] < kInfinite) & (count >= fewest)) ? twice / 2 / count : none;
    }
    std::memcpy(out + 4 * k, &rank, sizeof rank);
  }
}
// As rank_eight(), of eight rows or more: the last eight may be computed again.
template <bool kGaps>
[[gnu::always_inline]] inline void rank_rows(const double* x, double* out, std::size_t rows, std::size_t n,
                                             double fewest) {
  for (std::size_t i = 0; i + 8 <= rows; i += 8) rank_eight<kGaps>(x + i, out + i, n, fewest);
  if (rows % 8 != 0) rank_eight<kGaps>(x + rows - 8, out + rows - 8, n, fewest);
}
// How many of n values, whole eights of them, are less than x, plus how many are not greater; NaN is neither.
[[gnu::always_inline]] inline std::int64_t twice_below(const double* values, std::size_t n, double x) {
  FourCounts less[2] = {};
  FourCounts not_above[2] = {};
  for (std::size_t i = 0; i < n; i += 8) {
    Four value[2];
    std::memcpy(value, values + i, sizeof value);
    for (std::size_t k = 0; k < 2; ++k) {
      less[k] -= value[k] < x;
      not_above[k] -= value[k] <= x;
    }
  }
  const FourCounts all = less[0] + not_above[0] + less[1] + not_above[1];
  return all[0] + all[1] + all[2] + all[3];
}

#if defined(__x86_64__)
template <bool kGaps>
[[gnu::target("avx2")]] inline void rank_rows_by_four(const double* x, double* out, std::size_t rows, std::size_t n,
                                                      double fewest) {
  rank_rows<kGaps>(x, out, rows, n, fewest);
}
[[gnu::target("avx2")]] inline std::int64_t twice_below_by_four(const double* values, std::size_t n, double x) {
  return twice_below(values, n, x);
}
#else
template <bool kGaps>
inline void rank_rows_by_four(const double*, double*, std::size_t, std::size_t, double) {}
inline std::int64_t twice_below_by_four(const double*, std::size_t, double) { return 0; }
#endif

}  // namespace order_passes

class CountedRank final : public Kernel {
 public:
  static constexpr std::size_t kRows = 256;  // above, order is cheaper

  // NaN where fewer than `fewest` of the n rows are known.
  CountedRank(std::size_t n, std::size_t fewest)
      : n_(n), fewest_(static_cast<double>(fewest)), ring_((n + 7) / 8 * 8, kNaN) {}

  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    double* out = chunk.out[0];
    if (chunk.rows < kBlock) {
      for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = next(x[i]);
      return;
    }
    bool gaps = count_ < n_;
    for (std::size_t i = 0; i < chunk.rows; ++i) gaps |= is_nan(x[i]);
    gaps ? ranks_of<true>(x, out, chunk.rows) : ranks_of<false>(x, out, chunk.rows);
    const std::size_t kept = std::min(chunk.rows, n_);
    at_ = (at_ + chunk.rows - kept) % n_;
    for (std::size_t i = chunk.rows - kept; i < chunk.rows; ++i) store(x[i]);
  }
  void reset() override {
    std::ranges::fill(ring_, kNaN);
    at_ = count_ = 0;
  }
  void persist(StateArchive& archive) override { archive(ring_, at_, count_); }

 private:
  static constexpr std::size_t kBlock = 8;

  template <bool kGaps>
  void ranks(const double* x, double* out, std::size_t rows) const {
    if (order_passes::kByFour) return order_passes::rank_rows_by_four<kGaps>(x, out, rows, n_, fewest_);
    order_passes::rank_rows<kGaps>(x, out, rows, n_, fewest_);
  }
  template <bool kGaps>
  void ranks_of(const double* x, double* out, std::size_t rows) const {
    // The windows of the first rows reach back before the chunk.
    std::size_t head = std::max(n_ - 1, kBlock);
    if (rows < head + kBlock) head = rows;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written as far as it is read
    std::array<double, 2 * kRows + kBlock> joint;
    double* end = std::copy(ring_.data() + at_ + 1, ring_.data() + n_, joint.data());
    end = std::copy(ring_.data(), ring_.data() + at_, end);
    std::copy(x, x + head, end);
    ranks<kGaps>(end, out, head);
    if (head < rows) ranks<kGaps>(x + head, out + head, rows - head);
  }
  double next(double x) {
    const std::int64_t others = order_passes::kByFour ? order_passes::twice_below_by_four(ring_.data(), ring_.size(), x)
                                                      : order_passes::twice_below(ring_.data(), ring_.size(), x);
    const double old = ring_[at_];
    const std::int64_t twice = others - (old < x ? 1 : 0) - (old <= x ? 1 : 0) + 1;
    store(x);
    const auto count = static_cast<double>(count_);
    return is_nan(x) || count < fewest_ ? kNaN : static_cast<double>(twice + 1) / 2 / count;
  }
  void store(double x) {
    count_ = count_ + (is_nan(x) ? 0 : 1) - (is_nan(ring_[at_]) ? 0 : 1);
    ring_[at_] = x;
    at_ = at_ + 1 == n_ ? 0 : at_ + 1;
  }

  std::size_t n_;
  double fewest_;
  std::vector<double> ring_;  // of n places, and up to the next eight NaN
  std::size_t at_ = 0;        // of the oldest row
  std::size_t count_ = 0;     // of rows that are not NaN
};

}  // namespace argosy::formula

// Kernels that are one expression of a window's sums.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/operator.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {

// out = kValue(window, x) for each row, x its own value. For partial windows kValue sees a count of 0 too.
template <class Terms, Windows kWindows, auto kValue>
struct SumsKernel final : Kernel {
  explicit SumsKernel(std::size_t n) : sums(n) {}
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    sums.run(chunk.in, chunk.rows,
             [x, out](std::size_t i, const auto& window) { out[i] = clean(kValue(window, x[i])); });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<Terms, kWindows> sums;
};

// The same with a constant argument: kValue(window, argument).
template <class Terms, Windows kWindows, auto kValue>
struct SumsKernelWith final : Kernel {
  SumsKernelWith(std::size_t n, double constant) : sums(n), argument(constant) {}
  void run(const Chunk& chunk) override {
    double* __restrict out = chunk.out[0];
    const double constant = argument;
    sums.run(chunk.in, chunk.rows,
             [out, constant](std::size_t i, const auto& window) { out[i] = clean(kValue(window, constant)); });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<Terms, kWindows> sums;
  double argument;
};

// The correlation of two columns. The roots and divisions wait for a piece of rows and are then taken two at a time.
template <Windows kWindows>
class RollingCorrelation {
 public:
  explicit RollingCorrelation(std::size_t n) : sums_(n) {}

  // `out` may not overlap the columns. Of a partial window without rows it is NaN, of one with one row 0.
  void run(const double* const* in, double* __restrict out, std::size_t rows) {
    for (std::size_t at = 0; at < rows; at += kPiece) {
      const std::size_t count = std::min(kPiece, rows - at);
      const double* columns[] = {in[0] + at, in[1] + at};
      double* __restrict to = out + at;
      double* __restrict xx = xx_.data();
      double* __restrict yy = yy_.data();
      sums_.run(columns, count, [xx, yy, to](std::size_t i, const auto& w) {
        xx[i] = centred(w.sum[3], w.sum[0], w.sum[0], w.inverse);
        yy[i] = centred(w.sum[4], w.sum[1], w.sum[1], w.inverse);
        to[i] = centred(w.sum[2], w.sum[0], w.sum[1], w.inverse);
      });
      for_rows(count, [xx, yy, to](std::size_t i) {
        to[i] = clean(correlation(not_negative(xx[i]), not_negative(yy[i]), to[i]));
      });
    }
  }
  void reset() { sums_.reset(); }
  void persist(StateArchive& archive) { archive(sums_); }

 private:
  static constexpr std::size_t kPiece = 64;
  BlockSums<CorrelationTerms, kWindows> sums_;
  std::array<double, kPiece> xx_{};  // of the piece at hand, no state
  std::array<double, kPiece> yy_{};
};

template <Windows kWindows>
struct CorrelationKernel final : Kernel {
  explicit CorrelationKernel(std::size_t n) : rolling(n) {}
  void run(const Chunk& chunk) override { rolling.run(chunk.in, chunk.out[0], chunk.rows); }
  void reset() override { rolling.reset(); }
  void persist(StateArchive& archive) override { archive(rolling); }

  RollingCorrelation<kWindows> rolling;
};

// Qlib's Mean and the sums of both.
template <Windows kWindows>
using MeanKernel = SumsKernel<MeanTerms, kWindows, [](const auto& window, double) { return window.mean(); }>;
template <Windows kWindows>
using SumKernel = SumsKernel<SumTerms, kWindows, [](const auto& window, double) { return window.sum[0]; }>;

}  // namespace argosy::formula

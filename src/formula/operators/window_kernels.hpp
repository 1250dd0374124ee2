// Kernels that are one expression of a window's sums.
#pragma once

#include <cstddef>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/operator.hpp"

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

// sma, mean and Qlib's Mean.
template <Windows kWindows>
using WindowMean = SumsKernel<MeanTerms, kWindows, [](const auto& window, double) { return window.mean(); }>;
template <Windows kWindows>
using WindowSum = SumsKernel<SumTerms, kWindows, [](const auto& window, double) { return window.sum[0]; }>;

}  // namespace argosy::formula

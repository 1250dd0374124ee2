// What a sweep holds in memory, and how many groups of settings fit in a chunk of it.
#pragma once

#include <cstddef>

#include "backtest/market_part.hpp"
#include "core/result.hpp"
#include "sweep/sweep.hpp"

namespace argosy::sweep {

struct SweepMemory {
  std::size_t budget = 0;   // bytes
  std::size_t fixed = 0;    // the program, bars, columns, results
  std::size_t worker = 0;   // of each worker, whatever its chunk
  std::size_t group = 0;    // of each group of a chunk
  std::size_t workers = 1;  // each of which has one chunk at a time

  // Errors: not even one group a chunk fits, with what is needed.
  [[nodiscard]] core::Result<std::size_t> groups_a_chunk(std::size_t settings) const;
};

// What all sweeps hold; `columns`: those of doubles that formulas read.
[[nodiscard]] SweepMemory common_memory(const backtest::MarketData& market, const backtest::MarketPart& part,
                                        std::size_t settings, std::size_t columns, const SweepWants& wants);
// What a worker holds besides.
[[nodiscard]] std::size_t kernel_worker_bytes(std::size_t rows, const SweepWants& wants);
[[nodiscard]] std::size_t core_worker_bytes(std::size_t rows, std::size_t columns);

}  // namespace argosy::sweep

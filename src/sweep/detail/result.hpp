// From what a run left to a sweep's result: the same code for the kernel and the core.
#pragma once

#include <cstdint>
#include <span>

#include "core/decimal.hpp"
#include "engine/engine.hpp"
#include "sweep/sweep.hpp"

namespace argosy::sweep {

struct RunFigures {
  std::span<const std::int64_t> keys;   // of all instants
  std::span<const core::Money> equity;  // after each of them; empty where nothing of it is wanted
  std::span<const engine::Trade> trades;
  core::Money initial_cash;
  core::Money final_equity;
  core::Money fees;
  core::Money dividends;
  std::int64_t open_positions = 0;
  std::int64_t invested = 0;  // instants with a position
};

void fill_result(const RunFigures& run, const SweepWants& wants, market::Timeframe timeframe, bool every_day,
                 SweepResult& out);

}  // namespace argosy::sweep

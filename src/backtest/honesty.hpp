// What a backtest says of itself: whether it looked ahead, how much of it may be luck, what costs it bears.
//
//   request.honesty = HonestyRequest{.prove = true};
//   ARGOSY_TRY(const BacktestResult result, run_backtest(request, snapshot));
//   result.honesty->look_ahead.leaks.empty()
//
// Nothing of it is part of a result's hashes: logarithms and powers differ in the last bits between processors.
#pragma once

#include <vector>

#include "backtest/cost_ladder.hpp"
#include "backtest/look_ahead.hpp"
#include "backtest/luck.hpp"
#include "backtest/random_entries.hpp"
#include "backtest/request.hpp"
#include "backtest/warm_up.hpp"

namespace argosy::backtest {

struct Honesty {
  std::uint64_t seed = 1;
  LookAhead look_ahead;
  std::vector<MemoryOfFormula> memory;
  Luck luck;
  EntryTest entries;
  CostLadder costs;
};

// All of it, side by side on the machine's cores; what is found does not depend on their number.
[[nodiscard]] core::Result<Honesty> check_honesty(const FileRun& run, const HonestyRequest& request);

}  // namespace argosy::backtest

// What a backtest is worth: whether it looked ahead, how much of it may be luck, what costs it bears.
//
//   ARGOSY_TRY(const backtest::BacktestResult result, backtest::run_backtest(request, snapshot));
//   ARGOSY_TRY(const Honesty honesty, check_honesty(request, result, snapshot, {.prove = true}));
//   honesty.look_ahead.leaks.empty();  print(to_json(result, honesty));
//
// Nothing of it is part of a result's hashes: logarithms and powers differ in the last bits between processors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backtest/backtest.hpp"
#include "honesty/cost_ladder.hpp"
#include "honesty/look_ahead.hpp"
#include "honesty/luck.hpp"
#include "honesty/random_entries.hpp"
#include "honesty/warm_up.hpp"

namespace argosy::honesty {

struct HonestyRequest {
  bool prove = false;  // look-ahead at every bar, however many there are
  std::uint64_t seed = 1;
  double trials = 1;         // settings that were tried to find this one
  double trials_spread = 0;  // the standard deviation of their Sharpe ratios, of one return
};

struct Honesty {
  std::uint64_t seed = 1;
  LookAhead look_ahead;
  std::vector<MemoryOfFormula> memory;
  Luck luck;
  EntryTest entries;
  CostLadder costs;
};

// All of it, side by side on the machine's cores; what is found does not depend on their number.
[[nodiscard]] core::Result<Honesty> check_honesty(const FileRun& run, const HonestyRequest& wanted);
// The same of what run_backtest() made of `request` and `snapshot`.
[[nodiscard]] core::Result<Honesty> check_honesty(const backtest::BacktestRequest& request,
                                                  const backtest::BacktestResult& result,
                                                  const lake::Snapshot& snapshot, const HonestyRequest& wanted);

// A result with its honesty; nothing where it was not asked for, which is said.
// The headline, then quick, look_ahead, warm_up, luck and costs.
[[nodiscard]] std::string to_json(const backtest::BacktestResult& result, const std::optional<Honesty>& honesty);
// A line each: look-ahead, luck, costs. One line where it was not asked for.
[[nodiscard]] std::vector<std::string> honesty_lines(const backtest::BacktestResult& result,
                                                     const std::optional<Honesty>& honesty);
// For backtest::html_report().
[[nodiscard]] backtest::ReportAddition report_addition(const backtest::BacktestResult& result,
                                                       const std::optional<Honesty>& honesty);

}  // namespace argosy::honesty

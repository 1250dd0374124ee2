// Walk-forward: the best settings of some years trade the year after, again and again. What counts is the stitched run
// over all the years that nobody had seen: one account, whose settings change at the borders while positions stay.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"
#include "backtest/statistics.hpp"
#include "search/space.hpp"

namespace argosy::optimize {

struct Window {
  std::string study;  // that searched it
  std::int64_t train_from = 0;
  std::int64_t train_to = 0;  // keys of the first and the last bar, here and below
  std::int64_t test_from = 0;
  std::int64_t test_to = 0;
  search::Setting setting;  // the best of the training
  double train_value = 0;   // of the first objective
  double train_sharpe = 0;
  std::size_t trials = 0;
  double test_return = 0;                     // of the stitched equity
  double test_sharpe = backtest::kUndefined;  // likewise
  double hold_return = 0;                     // of buy-and-hold
  std::string result_hash;                    // of the study
};

struct WalkForwardResult {
  std::string lengths;  // "3y/1y"
  bool anchored = false;
  std::vector<Window> windows;
  backtest::Simulation run;           // stitched
  backtest::Simulation buy_and_hold;  // over the same bars
  backtest::EquityStatistics statistics;
  backtest::EquityStatistics benchmark;
  backtest::TradeStatistics trades;
  double efficiency = backtest::kUndefined;  // Sharpe ratio of the stitched run over the mean one of the trainings
  std::string result_hash;
};

}  // namespace argosy::optimize

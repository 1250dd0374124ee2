// How much the values of formulas depend on where their history begins. An average over 20 bars forgets what is older;
// an exponential one never does: live, with fewer bars behind it, it says something else than in the backtest.
//
//   for (const MemoryOfFormula& formula : find_memory(strategy, symbol, prices)) formula.bars_needed ...
//
// Each call of an operator in the strategy's formulas is computed at some bars with only the last K bars behind it and
// compared with its value over the whole history. (The method is freqtrade's recursive analysis, at more bars.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/symbol_data.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::honesty {

struct MemoryAt {
  std::int64_t bars = 0;  // of history
  double difference = 0;  // the largest relative one; NaN: no value yet
};

struct MemoryOfFormula {
  std::string formula;     // "ema(close, 20)"
  bool recursive = false;  // its value depends on all bars before it; otherwise all differences are 0
  std::vector<MemoryAt> differences;
  std::optional<std::int64_t> bars_needed;  // the least of those tried with no more than kTolerable; none: all differ
};

inline constexpr double kTolerable = 0.001;

// Of all calls that give numbers of the symbol's own rows, in the order of the file; others are left out. Of a long
// history the last 10,000 bars stand for all.
[[nodiscard]] std::vector<MemoryOfFormula> find_memory(const strategy::StrategyFile& strategy,
                                                       const data::SymbolData& symbol, data::PriceMode prices);

}  // namespace argosy::honesty

// What a backtest is asked to do.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "data/symbol_data.hpp"
#include "data/universe.hpp"
#include "market/timeframe.hpp"
#include "strategy/strategy_file.hpp"
#include "trading/limits.hpp"

namespace argosy::backtest {

struct BacktestRequest {
  strategy::StrategyFile strategy;   // with parameters already set
  std::vector<std::string> symbols;  // in the order in which they share the cash
  // Where the symbols are a universe's: its name, and when each was in it. Outside nothing is bought.
  std::string universe;
  data::Universe members;
  market::Timeframe timeframe;
  data::KeyRange range;
  core::Money cash = core::Money::from_integer(100'000);
  std::string currency;                                            // of the account; empty: that of the first symbol
  std::vector<std::pair<std::string, core::Money>> balances = {};  // more cash, in other currencies
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  std::optional<market::Timeframe> detail;  // of finer bars, in which orders are filled
  data::PriceMode prices = data::PriceMode::kAdjusted;
};

}  // namespace argosy::backtest

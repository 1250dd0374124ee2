// What a run reads of the market, loaded once: runs with other parameters, costs or ranges share it.
//
//   ARGOSY_TRY(const MarketData market, load_market(request, snapshot));
#pragma once

#include <string>
#include <vector>

#include "backtest/request.hpp"
#include "backtest/simulate.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"

namespace argosy::backtest {

struct MarketData {
  std::vector<data::SymbolData> symbols;
  std::vector<data::SymbolData> detail;  // the same symbols in finer bars, or nothing
  std::vector<RateSeries> rates;         // of currencies other than the account's
  market::Timeframe timeframe;
  market::Timeframe fill_timeframe;  // of the bars in which orders are filled
  std::string currency;              // the account's

  // Whether some symbol has no closed days: its year has 365 of them.
  [[nodiscard]] bool trades_every_day() const;
};

// Errors: no symbols or one named twice, no cash, unknown symbols, no bars in the range, missing exchange rates.
[[nodiscard]] core::Result<MarketData> load_market(const BacktestRequest& request, const lake::Snapshot& snapshot);

}  // namespace argosy::backtest

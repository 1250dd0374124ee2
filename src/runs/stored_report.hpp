// The report of a backtest out of what is stored of it: one HTML page without scripts.
//
//   ARGOSY_TRY(const StoredRun stored, load_run(*database, "12"));
//   const std::string page = stored_report(stored);
//
// It has what rows tell: the headline, the trades, and equity by closed trades. What positions were worth while they
// were held, the prices and buy-and-hold are not stored; the report that the backtest itself writes has them.
#pragma once

#include <string>

#include "runs/stored_run.hpp"

namespace argosy::runs {

// Trades that are listed; of more only the first, and the page says so.
inline constexpr std::size_t kMostReportedTrades = 2'000;

// The same run gives the same bytes. kCorrupt where the row's JSON or timeframe cannot be read.
[[nodiscard]] core::Result<std::string> stored_report(const StoredRun& stored);

}  // namespace argosy::runs

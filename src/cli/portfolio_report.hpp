// A portfolio as one HTML page without scripts: what it was worth, what it has, what its services gained.
//
//   ARGOSY_TRY(const PortfolioHistory history, read_history(*database, row));
//   files.write_atomic(path, portfolio_report(value, history, now));
#pragma once

#include <string>
#include <vector>

#include "cli/portfolio_value.hpp"
#include "ledger/equity.hpp"
#include "ledger/services.hpp"
#include "ledger/views.hpp"

namespace argosy::cli {

struct PortfolioHistory {
  std::vector<ledger::EquitySnapshotRow> snapshots;  // the oldest first
  std::vector<ledger::DailyPnlRow> days;             // the oldest first
  std::vector<ledger::TransactionRow> transactions;  // of its services, the newest first, kListedTransactions of them
};

inline constexpr int kListedTransactions = 100;

[[nodiscard]] core::Result<PortfolioHistory> read_history(ledger::Database& database, const ledger::PortfolioRow& row);

// What a day brought: realised less fees, and what holdings gained or lost on paper since the day before.
[[nodiscard]] std::vector<core::Money> daily_profits(const std::vector<ledger::DailyPnlRow>& days);

[[nodiscard]] std::string portfolio_report(const PortfolioValue& value, const PortfolioHistory& history,
                                           core::Timestamp now);

}  // namespace argosy::cli

#include "cli/portfolio_value.hpp"

#include <utility>

#include "ledger/records.hpp"

namespace argosy::cli {

using core::Result;

Result<PortfolioValue> value_of(ledger::Database& database, const ledger::PortfolioRow& row) {
  return database.read([&](ledger::Transaction& work) { return ledger::value_of(work, row); });
}

Result<std::vector<PortfolioValue>> all_values(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) -> Result<std::vector<PortfolioValue>> {
    ARGOSY_TRY(const std::vector<ledger::PortfolioRow> rows,
               ledger::select<ledger::PortfolioRow>(work, "WHERE removed_at IS NULL ORDER BY portfolio_id"));
    std::vector<PortfolioValue> out;
    for (const ledger::PortfolioRow& row : rows) {
      ARGOSY_TRY(PortfolioValue value, ledger::value_of(work, row));
      out.push_back(std::move(value));
    }
    return out;
  });
}

}  // namespace argosy::cli

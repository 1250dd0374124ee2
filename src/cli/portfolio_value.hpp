// What commands show of portfolios: ledger/portfolio_value.hpp, for one and for all.
#pragma once

#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/portfolio_value.hpp"

namespace argosy::cli {

using ledger::HoldingValue;
using ledger::PortfolioValue;

[[nodiscard]] core::Result<PortfolioValue> value_of(ledger::Database& database, const ledger::PortfolioRow& row);
[[nodiscard]] core::Result<std::vector<PortfolioValue>> all_values(ledger::Database& database);

void add_portfolio_show(CLI::App& parent, Globals& globals);  // portfolio_show.cpp

}  // namespace argosy::cli

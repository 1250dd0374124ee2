// What a portfolio is worth: its cash, what its services have, and its shares at the last prices known.
//
//   ARGOSY_TRY(const PortfolioValue value, value_of(*database, row));
//   value.equity                       // cash + money market + services' cash + investment
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/orders.hpp"
#include "ledger/services.hpp"

namespace argosy::cli {

// Shares of a portfolio; without a price known they count with what they cost.
struct HoldingValue {
  ledger::HoldingRow row;
  std::optional<core::Price> price;
  core::Money value;
};

struct PortfolioValue {
  ledger::PortfolioRow row;
  std::vector<HoldingValue> holdings;
  std::vector<ledger::ServiceRow> services;
  core::Money services_cash;  // the sum of their balances
  core::Money investment;     // the sum of the holdings
  core::Money equity;         // all of it
};

[[nodiscard]] core::Result<PortfolioValue> value_of(ledger::Database& database, const ledger::PortfolioRow& row);
[[nodiscard]] core::Result<std::vector<PortfolioValue>> all_values(ledger::Database& database);
// The members of an object that is open, without holdings and services.
void write_value(core::JsonWriter& json, const PortfolioValue& value);

void add_portfolio_show(CLI::App& parent, Globals& globals);  // portfolio_show.cpp

}  // namespace argosy::cli

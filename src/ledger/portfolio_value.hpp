// What a portfolio is worth: its cash, what its services have, and its shares at the last prices known.
//
//   ARGOSY_TRY(const PortfolioValue value, database->read([&](Transaction& work) { return value_of(work, row); }));
//   value.equity                       // cash + money market + services' cash + investment
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/orders.hpp"
#include "ledger/services.hpp"

namespace argosy::ledger {

// Shares of a portfolio; without a price known they count with what they cost.
struct HoldingValue {
  HoldingRow row;
  std::optional<core::Price> price;
  core::Money value;
};

struct PortfolioValue {
  PortfolioRow row;
  std::vector<HoldingValue> holdings;
  std::vector<ServiceRow> services;
  core::Money services_cash;  // the sum of their balances
  core::Money investment;     // the sum of the holdings
  core::Money equity;         // all of it
};

[[nodiscard]] core::Result<PortfolioValue> value_of(Transaction& work, const PortfolioRow& row);
// The members of an object that is open, without holdings and services.
void write_value(core::JsonWriter& json, const PortfolioValue& value);

}  // namespace argosy::ledger

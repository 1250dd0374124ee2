#include "cli/portfolio_value.hpp"

#include <algorithm>
#include <utility>

#include "ledger/records.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::cli {

using core::Result;

namespace {

Result<PortfolioValue> read_value(ledger::Transaction& work, const ledger::PortfolioRow& row) {
  PortfolioValue out{.row = row};
  ARGOSY_TRY(out.services, ledger::select<ledger::ServiceRow>(
                               work, "WHERE portfolio_id = :portfolio_id ORDER BY service_id", {row.portfolio_id}));
  for (const ledger::ServiceRow& each : out.services) out.services_cash += each.current_balance;
  ARGOSY_TRY(std::vector<ledger::HoldingRow> holdings,
             ledger::select<ledger::HoldingRow>(
                 work, "WHERE portfolio_id = :portfolio_id AND quantity <> 0 ORDER BY symbol", {row.portfolio_id}));
  ARGOSY_TRY(const std::vector<ledger::PositionRow> positions,
             ledger::select<ledger::PositionRow>(work, "WHERE broker_account_id = :broker_account_id",
                                                 {row.broker_account_id}));
  for (ledger::HoldingRow& each : holdings) {
    HoldingValue value{.row = std::move(each), .price = std::nullopt, .value = {}};
    const auto position = std::ranges::find(positions, value.row.instrument_id, &ledger::PositionRow::instrument_id);
    market::ExchangeRate rate;
    if (position != positions.end()) {
      value.price = position->price;
      rate = {.quote = position->rate, .inverse = position->rate_inverse};
    }
    value.value = rate.convert(
        value.price ? core::notional(*value.price, value.row.quantity, core::Rounding::kHalfEven) : value.row.cost,
        core::Rounding::kHalfEven);
    out.investment += value.value;
    out.holdings.push_back(std::move(value));
  }
  out.equity = row.cash + row.money_market + out.services_cash + out.investment;
  return out;
}

}  // namespace

Result<PortfolioValue> value_of(ledger::Database& database, const ledger::PortfolioRow& row) {
  return database.read([&](ledger::Transaction& work) { return read_value(work, row); });
}

Result<std::vector<PortfolioValue>> all_values(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) -> Result<std::vector<PortfolioValue>> {
    ARGOSY_TRY(const std::vector<ledger::PortfolioRow> rows,
               ledger::select<ledger::PortfolioRow>(work, "ORDER BY portfolio_id"));
    std::vector<PortfolioValue> out;
    for (const ledger::PortfolioRow& row : rows) {
      ARGOSY_TRY(PortfolioValue value, read_value(work, row));
      out.push_back(std::move(value));
    }
    return out;
  });
}

void write_value(core::JsonWriter& json, const PortfolioValue& value) {
  core::write_json_fields(json, core::record_type<ledger::PortfolioRow>(), &value.row);
  json.key("services_cash").value(value.services_cash).key("investment").value(value.investment);
  json.key("equity").value(value.equity);
}

}  // namespace argosy::cli

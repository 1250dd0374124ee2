#include "ledger/portfolio_value.hpp"

#include <algorithm>
#include <utility>

#include "ledger/records.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::ledger {

using core::Result;

Result<PortfolioValue> value_of(Transaction& work, const PortfolioRow& row) {
  PortfolioValue out{.row = row};
  ARGOSY_TRY(out.services,
             select<ServiceRow>(work, "WHERE portfolio_id = :portfolio_id AND removed_at IS NULL ORDER BY service_id",
                                {row.portfolio_id}));
  for (const ServiceRow& each : out.services) out.services_cash += each.current_balance;
  ARGOSY_TRY(std::vector<HoldingRow> holdings,
             select<HoldingRow>(work, "WHERE portfolio_id = :portfolio_id AND quantity <> 0 ORDER BY symbol",
                                {row.portfolio_id}));
  ARGOSY_TRY(const std::vector<PositionRow> positions,
             select<PositionRow>(work, "WHERE broker_account_id = :broker_account_id", {row.broker_account_id}));
  for (HoldingRow& each : holdings) {
    HoldingValue value{.row = std::move(each), .price = std::nullopt, .value = {}};
    const auto position = std::ranges::find(positions, value.row.instrument_id, &PositionRow::instrument_id);
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

void write_value(core::JsonWriter& json, const PortfolioValue& value) {
  core::write_json_fields(json, core::record_type<PortfolioRow>(), &value.row);
  json.key("services_cash").value(value.services_cash).key("investment").value(value.investment);
  json.key("equity").value(value.equity);
}

}  // namespace argosy::ledger

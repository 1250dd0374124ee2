#include "ledger/load.hpp"

#include <fmt/format.h>

#include <array>

#include "core/planted.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Result;

Result<LastNumbers> last_numbers(Transaction& work) {
  constexpr std::array kInteger = {ColumnType::kInteger};
  LastNumbers last;
  const auto read = [&](std::int64_t& number, std::string_view table, std::string_view column) {
    return work.query(fmt::format("SELECT coalesce(max({}), 0) FROM {}", column, table), kInteger, {},
                      [&](const Row& row) -> Result<void> {
                        number = row.integer(0);
                        return {};
                      });
  };
  ARGOSY_TRY_VOID(read(last.user, "users", "user_id"));
  ARGOSY_TRY_VOID(read(last.instrument, "instruments", "instrument_id"));
  ARGOSY_TRY_VOID(read(last.broker_account, "broker_accounts", "broker_account_id"));
  ARGOSY_TRY_VOID(read(last.portfolio, "portfolios", "portfolio_id"));
  ARGOSY_TRY_VOID(read(last.service, "trading_services", "service_id"));
  ARGOSY_TRY_VOID(read(last.transaction, "trading_transactions", "transaction_id"));
  ARGOSY_TRY_VOID(read(last.order, "orders", "order_id"));
  if (ARGOSY_PLANTED(kReusesOrderNumbers) && last.order > 0) --last.order;
  ARGOSY_TRY_VOID(read(last.fill, "fills", "fill_id"));
  ARGOSY_TRY_VOID(read(last.cash_entry, "cash_entries", "entry_id"));
  ARGOSY_TRY_VOID(read(last.funding, "fundings", "funding_id"));
  ARGOSY_TRY_VOID(read(last.kill_switch, "kill_switches", "switch_id"));
  ARGOSY_TRY_VOID(read(last.outbox, "outbox", "outbox_id"));
  ARGOSY_TRY_VOID(read(last.journal, "journal", "seq"));
  ARGOSY_TRY_VOID(read(last.strategy, "strategies", "strategy_id"));
  return last;
}

Result<TradingRows> load_trading_rows(Transaction& work) {
  TradingRows rows;
  ARGOSY_TRY(rows.users, select<UserRow>(work, "ORDER BY user_id"));
  ARGOSY_TRY(rows.instruments, select<InstrumentRow>(work, "ORDER BY instrument_id"));
  ARGOSY_TRY(rows.broker_accounts, select<BrokerAccountRow>(work, "ORDER BY broker_account_id"));
  ARGOSY_TRY(rows.portfolios, select<PortfolioRow>(work, "ORDER BY portfolio_id"));
  ARGOSY_TRY(rows.services, select<ServiceRow>(work, "ORDER BY service_id"));
  ARGOSY_TRY(rows.open_transactions, select<TransactionRow>(work, "WHERE state = 'OPEN' ORDER BY transaction_id"));
  ARGOSY_TRY(rows.working_orders, select<OrderRow>(work, fmt::format("WHERE {} ORDER BY order_id", kWorkingOrders)));
  ARGOSY_TRY(rows.late_orders, select<OrderRow>(work, fmt::format("WHERE {} ORDER BY order_id", kLateOrders)));
  ARGOSY_TRY(rows.fills, select<FillRow>(work, fmt::format("WHERE order_id IN (SELECT order_id FROM orders WHERE {} "
                                                           "UNION ALL SELECT order_id FROM orders WHERE {}) ORDER BY "
                                                           "fill_id",
                                                           kWorkingOrders, kLateOrders)));
  ARGOSY_TRY(rows.positions, select<PositionRow>(work, "ORDER BY broker_account_id, instrument_id"));
  ARGOSY_TRY(rows.holdings, select<HoldingRow>(work, "ORDER BY portfolio_id, instrument_id"));
  ARGOSY_TRY(rows.kill_switches, select<KillSwitchRow>(work, "WHERE released_at IS NULL ORDER BY switch_id"));
  ARGOSY_TRY(rows.risk_limits, select<RiskLimitRow>(work, "ORDER BY scope, subject, name, is_hard"));
  ARGOSY_TRY(rows.daily_pnl,
             select<DailyPnlRow>(work, "WHERE date = (SELECT max(date) FROM daily_pnl) ORDER BY scope, subject_id"));
  ARGOSY_TRY(rows.guards, select<GuardRow>(work, "ORDER BY broker_account_id"));
  ARGOSY_TRY(rows.booked_actions,
             select<BookedActionRow>(work, "ORDER BY broker_account_id, instrument_id, ex_date, kind"));
  if (ARGOSY_PLANTED(kForgetsWorkingOrders)) rows.working_orders.clear();
  if (ARGOSY_PLANTED(kForgetsEndedOrders)) rows.late_orders.clear();
  if (ARGOSY_PLANTED(kForgetsFills)) rows.fills.clear();
  ARGOSY_TRY(rows.last, last_numbers(work));
  return rows;
}

}  // namespace argosy::ledger

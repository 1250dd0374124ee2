// What the process that trades reads when it starts: every row that may still change, and the last numbers given.
//
//   ARGOSY_TRY(TradingRows rows, database.read([](Transaction& work) { return load_trading_rows(work); }));
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/actions.hpp"
#include "ledger/database.hpp"
#include "ledger/equity.hpp"
#include "ledger/instruments.hpp"
#include "ledger/journal.hpp"
#include "ledger/orders.hpp"
#include "ledger/services.hpp"
#include "ledger/users.hpp"

namespace argosy::ledger {

// Orders that are not final, in the words of the index that holds only them.
inline constexpr std::string_view kWorkingOrders =
    "state NOT IN ('denied', 'filled', 'cancelled', 'rejected', 'expired')";

// Orders that have ended, and of which a broker may still tell a fill that it found late: those of the newest 10,000
// that changed within the two days before the newest order was made. A process that runs remembers no fewer. By the
// primary key and those that work: nothing that grows with the ledger is read.
inline constexpr std::string_view kLateOrders =
    "order_id > (SELECT coalesce(max(order_id), 0) - 10000 FROM orders) AND state IN ('filled', 'cancelled', "
    "'rejected', 'expired') AND updated_at >= (SELECT created_at FROM orders ORDER BY order_id DESC LIMIT 1) - "
    "172800000000000";

// The highest number in each table; 0: no row yet.
struct LastNumbers {
  std::int64_t user = 0;
  std::int64_t instrument = 0;
  std::int64_t broker_account = 0;
  std::int64_t portfolio = 0;
  std::int64_t service = 0;
  std::int64_t transaction = 0;
  std::int64_t order = 0;
  std::int64_t fill = 0;
  std::int64_t cash_entry = 0;
  std::int64_t funding = 0;
  std::int64_t kill_switch = 0;
  std::int64_t outbox = 0;
  std::int64_t journal = 0;
  std::int64_t strategy = 0;
};

// Each by its key, in rising order.
struct TradingRows {
  std::vector<UserRow> users;
  std::vector<InstrumentRow> instruments;
  std::vector<BrokerAccountRow> broker_accounts;
  std::vector<PortfolioRow> portfolios;
  std::vector<ServiceRow> services;
  std::vector<TransactionRow> open_transactions;
  std::vector<OrderRow> working_orders;
  std::vector<OrderRow> late_orders;  // kLateOrders
  std::vector<FillRow> fills;         // of these orders
  std::vector<PositionRow> positions;
  std::vector<HoldingRow> holdings;
  std::vector<KillSwitchRow> kill_switches;  // not released
  std::vector<RiskLimitRow> risk_limits;
  std::vector<DailyPnlRow> daily_pnl;  // of the last day that has any
  std::vector<GuardRow> guards;
  std::vector<BookedActionRow> booked_actions;
  LastNumbers last;
};

[[nodiscard]] core::Result<TradingRows> load_trading_rows(Transaction& work);
[[nodiscard]] core::Result<LastNumbers> last_numbers(Transaction& work);

}  // namespace argosy::ledger

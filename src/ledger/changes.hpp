// Everything that a turn of the trading thread changed, written in one unit of work.
//
//   Changes changes;
//   changes.journal.push_back({.seq = ++last_seq, .time = now, .kind = "fill", ...});
//   changes.orders.push_back(order);  // whole rows, as they are now
//   ARGOSY_TRY_VOID(database.write([&](Transaction& work) { return write_changes(work, changes, fencing, now); }));
//
// Numbers (order_id, fill_id, entry_id, outbox_id, ...) are given by the trading thread, which begins after the last
// ones (load.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/actions.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "ledger/equity.hpp"
#include "ledger/journal.hpp"
#include "ledger/orders.hpp"
#include "ledger/services.hpp"
#include "ledger/users.hpp"

namespace argosy::ledger {

struct RequestAnswer {
  bool is_order_request = false;
  std::int64_t request_id = 0;
  RequestState state = RequestState::kDone;
  core::Timestamp time;
  std::string answer;  // JSON
};

struct Changes {
  // In the order in which they are written. A row that is there already is replaced, by its primary key.
  std::vector<PortfolioRow> portfolios;
  // Those of them whose name changed, or that began or ceased to be the default one; each once.
  std::vector<std::int64_t> renamed_portfolios;
  std::vector<ServiceRow> services;
  std::vector<TransactionRow> transactions;  // one that closes before one that opens: a service has one that is open
  std::vector<OrderRow> orders;
  std::vector<PositionRow> positions;
  std::vector<HoldingRow> holdings;
  std::vector<KillSwitchRow> kill_switches;
  std::vector<RiskLimitRow> risk_limits;
  std::vector<EquitySnapshotRow> equity_snapshots;
  std::vector<DailyPnlRow> daily_pnl;
  std::vector<GuardRow> guards;
  // Only added: a row whose key is there already is an error (kConflict). The journal is written first of all.
  std::vector<JournalRow> journal;
  std::vector<FillRow> fills;
  std::vector<CashEntryRow> cash_entries;
  std::vector<FundingRow> fundings;
  std::vector<BookedActionRow> booked_actions;
  std::vector<ActionShareRow> action_shares;
  std::vector<OutboxRow> outbox;
  std::vector<AuditEntry> audit;
  std::vector<RequestAnswer> answers;

  [[nodiscard]] bool empty() const;
};

// kConflict, naming the holder, where `fencing` is no longer the ledger's: another process has taken it (holder.hpp),
// and nothing is written. Who listens is told in the same unit of work (room_changes.hpp), with `now`, which is of the
// wall clock.
[[nodiscard]] core::Result<void> write_changes(Transaction& work, const Changes& changes, std::int64_t fencing,
                                               core::Timestamp now);

// The one statement of that check, for units of work that write by other means.
[[nodiscard]] core::Result<void> check_fencing(Transaction& work, std::int64_t fencing);

}  // namespace argosy::ledger

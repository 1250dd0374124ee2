#include "ledger/changes.hpp"

#include <fmt/format.h>

#include <array>

#include "core/planted.hpp"
#include "ledger/holder.hpp"
#include "ledger/records.hpp"
#include "ledger/room_changes.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// The answers of one of the two tables.
Result<void> write_answers(Transaction& work, const Changes& changes, bool is_order_request) {
  std::vector<const RequestAnswer*> answers;
  for (const RequestAnswer& answer : changes.answers) {
    if (answer.is_order_request == is_order_request) answers.push_back(&answer);
  }
  constexpr std::array kTypes = {ColumnType::kText, ColumnType::kInteger, ColumnType::kText, ColumnType::kInteger};
  if (answers.empty()) return {};
  return work.execute_many(
      fmt::format("UPDATE {} SET state = :state, answered_at = :answered_at, answer = :answer WHERE request_id = "
                  ":request_id",
                  is_order_request ? "order_requests" : "service_commands"),
      kTypes, answers.size(), [&](std::size_t i, std::vector<Value>& values) {
        const RequestAnswer& answer = *answers[i];
        values = {std::string(kRequestStates[static_cast<std::size_t>(answer.state)]),
                  std::int64_t{answer.time.time_since_epoch().count()}, answer.answer, answer.request_id};
      });
}

// A name that nobody can give: blank, and another one for each portfolio.
std::string blank_name(std::int64_t id) {
  std::string out;
  for (; id != 0; id /= 2) out += id % 2 == 0 ? ' ' : '\t';
  return out;
}

// A name and being the default one are unique among an owner's. Where they pass from one portfolio to another, or are
// swapped, they are taken from all first.
Result<void> write_portfolios(Transaction& work, const Changes& changes) {
  if (!changes.renamed_portfolios.empty()) {
    constexpr std::array kTypes = {ColumnType::kText, ColumnType::kInteger};
    ARGOSY_TRY_VOID(
        work.execute_many("UPDATE portfolios SET is_default = 0, name = :name WHERE portfolio_id = :portfolio_id",
                          kTypes, changes.renamed_portfolios.size(), [&](std::size_t i, std::vector<Value>& values) {
                            const std::int64_t id = changes.renamed_portfolios[i];
                            values = {blank_name(id), id};
                          }));
  }
  return upsert<PortfolioRow>(work, changes.portfolios, {"portfolio_id"});
}

}  // namespace

bool Changes::empty() const {
  return portfolios.empty() && services.empty() && transactions.empty() && orders.empty() && positions.empty() &&
         holdings.empty() && kill_switches.empty() && risk_limits.empty() && equity_snapshots.empty() &&
         daily_pnl.empty() && guards.empty() && journal.empty() && fills.empty() && cash_entries.empty() &&
         fundings.empty() && booked_actions.empty() && action_shares.empty() && outbox.empty() && audit.empty() &&
         answers.empty();
}

// Whoever takes the ledger writes, too, and not while this unit of work does.
Result<void> check_fencing(Transaction& work, std::int64_t fencing) {
  if (ARGOSY_PLANTED(kIgnoresFencing)) return {};
  ARGOSY_TRY(const auto holder, current_holder(work));
  if (holder && holder->fencing == fencing) return {};
  return fail(Error(ErrorCode::kConflict,
                    holder ? fmt::format("another process holds the ledger: {}, since {}; its number is {}, not {}",
                                         holder->process, core::format_rfc3339(holder->since), holder->fencing, fencing)
                           : std::string("nobody holds the ledger: what is written needs a holder"))
                  .with_hint("this process must write and send nothing more: end it"));
}

// Rows come after those that they belong to.
Result<void> write_changes(Transaction& work, const Changes& changes, std::int64_t fencing, core::Timestamp now) {
  ARGOSY_TRY_VOID(check_fencing(work, fencing));
  ARGOSY_TRY_VOID(insert<JournalRow>(work, changes.journal));
  if (ARGOSY_PLANTED(kCommitsHalfway)) {
    ARGOSY_TRY_VOID(work.execute("COMMIT", {}));
    ARGOSY_TRY_VOID(work.execute("BEGIN", {}));
  }
  ARGOSY_TRY_VOID(write_portfolios(work, changes));
  ARGOSY_TRY_VOID(upsert<ServiceRow>(work, changes.services, {"service_id"}));
  ARGOSY_TRY_VOID(upsert<TransactionRow>(work, changes.transactions, {"transaction_id"}));
  ARGOSY_TRY_VOID(upsert<OrderRow>(work, changes.orders, {"order_id"}));
  ARGOSY_TRY_VOID(insert<FillRow>(work, changes.fills));
  ARGOSY_TRY_VOID(insert<CashEntryRow>(work, changes.cash_entries));
  ARGOSY_TRY_VOID(insert<FundingRow>(work, changes.fundings));
  ARGOSY_TRY_VOID(insert<BookedActionRow>(work, changes.booked_actions));
  ARGOSY_TRY_VOID(insert<ActionShareRow>(work, changes.action_shares));
  if (!ARGOSY_PLANTED(kForgetsPositions)) {
    ARGOSY_TRY_VOID(upsert<PositionRow>(work, changes.positions, {"broker_account_id", "instrument_id"}));
  }
  ARGOSY_TRY_VOID(upsert<HoldingRow>(work, changes.holdings, {"portfolio_id", "instrument_id"}));
  ARGOSY_TRY_VOID(upsert<KillSwitchRow>(work, changes.kill_switches, {"switch_id"}));
  ARGOSY_TRY_VOID(upsert<RiskLimitRow>(work, changes.risk_limits, {"scope", "subject", "name", "is_hard"}));
  ARGOSY_TRY_VOID(upsert<EquitySnapshotRow>(work, changes.equity_snapshots, {"scope", "subject_id", "time"}));
  ARGOSY_TRY_VOID(upsert<DailyPnlRow>(work, changes.daily_pnl, {"scope", "subject_id", "date"}));
  ARGOSY_TRY_VOID(upsert<GuardRow>(work, changes.guards, {"broker_account_id"}));
  ARGOSY_TRY_VOID(insert<OutboxRow>(work, changes.outbox));
  ARGOSY_TRY_VOID(append_audit(work, changes.audit));
  ARGOSY_TRY_VOID(write_answers(work, changes, true));
  ARGOSY_TRY_VOID(write_answers(work, changes, false));
  return tell_rooms(work, changes, now);
}

}  // namespace argosy::ledger

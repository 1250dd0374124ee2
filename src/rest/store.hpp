// Rows as a caller may see them: whose a row is, is decided here and nowhere else. An admin sees all; everybody else
// their own, and of another's row hears the same as of one that is not there.
//
//   ARGOSY_TRY(const Page<OrderRow> page, store.list(*call.caller, call.query));
//   ARGOSY_TRY(const ServiceRow row, store.get<ServiceRow>(*call.caller, call.path.service_id));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/access.hpp"
#include "ledger/approvals.hpp"
#include "ledger/audit.hpp"
#include "ledger/jobs.hpp"
#include "ledger/journal.hpp"
#include "ledger/list.hpp"
#include "ledger/notes.hpp"
#include "ledger/orders.hpp"
#include "ledger/pool.hpp"
#include "ledger/runs.hpp"
#include "ledger/services.hpp"
#include "ledger/studies.hpp"
#include "ledger/users.hpp"
#include "ledger/views.hpp"
#include "server/endpoint.hpp"

namespace argosy::rest {

// Whose the rows of a table are.
struct Ownership {
  std::string_view what;       // "order", for messages
  std::string_view key;        // the column by which one is asked for, and pages are ordered
  std::string_view condition;  // true for the caller's, whose number stands in it as :c1, :c2, ...; empty: everybody's
  bool admins_only = false;
  std::string_view there = {};  // true for those that are still there; empty: all are
};

template <class Row>
[[nodiscard]] constexpr Ownership ownership();

template <>
constexpr Ownership ownership<ledger::UserRow>() {
  return {.what = "user", .key = "user_id", .condition = "user_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::ApiKeyRow>() {
  return {.what = "key", .key = "key_id", .condition = "user_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::BrokerAccountRow>() {
  return {.what = "account", .key = "broker_account_id", .condition = "owner_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::PortfolioRow>() {
  return {.what = "portfolio", .key = "portfolio_id", .condition = "owner_id = :c1", .there = "removed_at IS NULL"};
}
template <>
constexpr Ownership ownership<ledger::ServiceRow>() {
  return {.what = "service", .key = "service_id", .condition = "owner_id = :c1", .there = "removed_at IS NULL"};
}
template <>
constexpr Ownership ownership<ledger::StrategyRow>() {
  return {.what = "strategy", .key = "strategy_id", .condition = "owner_id = :c1"};
}

template <>
constexpr Ownership ownership<ledger::JobRow>() {
  return {.what = "job", .key = "job_id", .condition = "owner_id = :c1"};
}

// Of the database of runs, which has no users: those of owner 0 are the operator's, so an admin's.
template <>
constexpr Ownership ownership<ledger::RunRow>() {
  return {.what = "run", .key = "number", .condition = "owner_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::RunTradeRow>() {
  return {.what = "trade",
          .key = "run_id, number",
          .condition = "run_id IN (SELECT run_id FROM runs WHERE owner_id = :c1)"};
}
template <>
constexpr Ownership ownership<ledger::StudyRow>() {
  return {.what = "study", .key = "number", .condition = "owner_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::StoredTrial>() {
  return {.what = "trial",
          .key = "study_id, number",
          .condition = "study_id IN (SELECT study_id FROM studies WHERE owner_id = :c1)"};
}

inline constexpr std::string_view kOfOwnServices =
    "service_id IN (SELECT service_id FROM trading_services WHERE owner_id = :c1)";
inline constexpr std::string_view kOfOwnPortfolios =
    "portfolio_id IN (SELECT portfolio_id FROM portfolios WHERE owner_id = :c1)";

template <>
constexpr Ownership ownership<ledger::TransactionRow>() {
  return {.what = "transaction", .key = "transaction_id", .condition = kOfOwnServices};
}
template <>
constexpr Ownership ownership<ledger::OrderRow>() {
  return {.what = "order",
          .key = "order_id",
          .condition =
              "service_id IN (SELECT service_id FROM trading_services WHERE owner_id = :c1) OR portfolio_id IN "
              "(SELECT portfolio_id FROM portfolios WHERE owner_id = :c2)"};
}
template <>
constexpr Ownership ownership<ledger::FillRow>() {
  return {.what = "fill",
          .key = "fill_id",
          .condition =
              "order_id IN (SELECT o.order_id FROM orders o LEFT JOIN trading_services s ON s.service_id = "
              "o.service_id LEFT JOIN portfolios p ON p.portfolio_id = o.portfolio_id WHERE s.owner_id = :c1 "
              "OR p.owner_id = :c2)"};
}
template <>
constexpr Ownership ownership<ledger::TradeRow>() {
  return {.what = "trade", .key = "trade_id", .condition = kOfOwnPortfolios};
}
template <>
constexpr Ownership ownership<ledger::HoldingRow>() {
  return {.what = "holding", .key = "portfolio_id, instrument_id", .condition = kOfOwnPortfolios};
}
template <>
constexpr Ownership ownership<ledger::StatementRow>() {
  return {.what = "transaction", .key = "time, event, kind", .condition = kOfOwnPortfolios};
}
template <>
constexpr Ownership ownership<ledger::FundingRow>() {
  return {.what = "funding", .key = "funding_id", .condition = kOfOwnPortfolios};
}
template <>
constexpr Ownership ownership<ledger::CashBalanceRow>() {
  return {.what = "balance",
          .key = "holder, holder_id, currency",
          .condition =
              "(holder IN ('portfolio', 'money_market') AND holder_id IN (SELECT portfolio_id FROM portfolios "
              "WHERE owner_id = :c1)) OR (holder = 'service' AND holder_id IN (SELECT service_id FROM "
              "trading_services WHERE owner_id = :c2))"};
}
template <>
constexpr Ownership ownership<ledger::StockRow>() {
  return {.what = "stock", .key = "id", .condition = ""};
}
template <>
constexpr Ownership ownership<ledger::RiskLimitRow>() {
  return {.what = "limit", .key = "scope, subject, name, is_hard", .condition = ""};
}
template <>
constexpr Ownership ownership<ledger::KillSwitchRow>() {
  return {.what = "switch", .key = "switch_id", .condition = ""};
}
template <>
constexpr Ownership ownership<ledger::OutboxRow>() {
  return {.what = "notification", .key = "outbox_id", .condition = "owner_id = :c1"};
}
template <>
constexpr Ownership ownership<ledger::AuditRow>() {
  return {.what = "entry", .key = "seq", .condition = "", .admins_only = true};
}

template <>
constexpr Ownership ownership<ledger::ApprovalRow>() {
  return {.what = "approval", .key = "approval_id", .condition = "", .admins_only = true};
}
template <>
constexpr Ownership ownership<ledger::NoteRow>() {
  return {.what = "note",
          .key = "note_id",
          .condition =
              "transaction_id IN (SELECT transaction_id FROM trading_transactions WHERE service_id IN "
              "(SELECT service_id FROM trading_services WHERE owner_id = :c1))"};
}
inline constexpr std::string_view kOfOwnRequests = "requested_by IN (SELECT username FROM users WHERE user_id = :c1)";
template <>
constexpr Ownership ownership<ledger::OrderRequestRow>() {
  return {.what = "request", .key = "request_id", .condition = kOfOwnRequests};
}
template <>
constexpr Ownership ownership<ledger::ServiceCommandRow>() {
  return {.what = "request", .key = "request_id", .condition = kOfOwnRequests};
}

class Store {
 public:
  explicit Store(ledger::Pool& ledger) : ledger_(ledger) {}

  // The caller's rows that also meet `within`, a condition of the resource itself.
  template <class Row>
  [[nodiscard]] core::Result<server::Page<Row>> list(const server::Caller& caller, const server::Listing<Row>& listing,
                                                     std::string_view within = {},
                                                     std::vector<ledger::Value> values = {}) const {
    const std::string condition = restrict(caller, ownership<Row>(), within, values);
    ARGOSY_TRY(ledger::Listed<Row> listed, ledger_.read([&](ledger::Transaction& work) {
      return ledger::list_rows<Row>(work, listing.request, condition, values, ownership<Row>().key);
    }));
    return server::Page<Row>{.items = std::move(listed.rows),
                             .page = listing.request.page,
                             .per_page = listing.request.per_page,
                             .total = listed.total};
  }

  // kNotFound: there is none, or it is another's.
  template <class Row>
  [[nodiscard]] core::Result<Row> get(const server::Caller& caller, std::int64_t id) const {
    std::vector<ledger::Value> values;
    const std::string own = restrict(caller, ownership<Row>(), {}, values);
    values.emplace_back(id);
    ARGOSY_TRY(std::vector<Row> rows, ledger_.read([&](ledger::Transaction& work) {
      return ledger::select<Row>(work, one_row(own, ownership<Row>()), values);
    }));
    if (rows.empty()) return not_found(ownership<Row>(), id);
    return std::move(rows.front());
  }

  [[nodiscard]] ledger::Pool& ledger() const { return ledger_; }

 private:
  // The condition that the rows are the caller's, and its values before those of `within`.
  static std::string restrict(const server::Caller& caller, const Ownership& ownership, std::string_view within,
                              std::vector<ledger::Value>& values);
  static std::string one_row(const std::string& own, const Ownership& ownership);
  static std::unexpected<core::Error> not_found(const Ownership& ownership, std::int64_t id);

  ledger::Pool& ledger_;
};

}  // namespace argosy::rest

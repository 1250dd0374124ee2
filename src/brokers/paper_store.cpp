#include "brokers/paper_store.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <span>
#include <utility>

#include "core/text.hpp"
#include "ledger/records.hpp"

namespace argosy::brokers {
namespace {

using core::Money;
using core::Quantity;
using core::Result;
using ledger::ColumnType;
using ledger::Row;
using ledger::Transaction;
using ledger::Value;
using trading::OrderReport;

constexpr const char* kBooks[] = {
    R"(CREATE TABLE paper_orders (
  order_number INTEGER NOT NULL PRIMARY KEY,
  client_order_id TEXT NOT NULL,
  client_ids INTEGER NOT NULL CHECK (client_ids IN (0, 1)),
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  kind TEXT NOT NULL,
  time_in_force TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  limit_price INTEGER NOT NULL,
  stop_price INTEGER NOT NULL,
  closes INTEGER NOT NULL,
  shrink_to_cash INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'working', 'filled', 'cancelled', 'rejected', 'expired')),
  filled INTEGER NOT NULL,
  triggered INTEGER NOT NULL,
  note TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  travel_bars INTEGER NOT NULL,
  arrives_at INTEGER,
  session INTEGER,
  cancel_asked INTEGER NOT NULL,
  cancel_bars INTEGER NOT NULL,
  cancel_arrives_at INTEGER
) STRICT)",
    "CREATE UNIQUE INDEX paper_orders_client ON paper_orders (client_order_id) WHERE client_ids = 1",
    "CREATE INDEX paper_orders_working ON paper_orders (order_number) WHERE state IN ('pending', 'working')",
    "CREATE INDEX paper_orders_updated ON paper_orders (updated_at, order_number)",
    R"(CREATE TABLE paper_fills (
  fill_number INTEGER NOT NULL PRIMARY KEY,
  order_number INTEGER NOT NULL REFERENCES paper_orders (order_number),
  symbol TEXT NOT NULL,
  price INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  fee INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cash INTEGER NOT NULL,
  bar_key INTEGER NOT NULL,
  rule TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT)",
    "CREATE INDEX paper_fills_order ON paper_fills (order_number, fill_number)",
    "CREATE TABLE paper_accounts (currency TEXT NOT NULL PRIMARY KEY, cash INTEGER NOT NULL) STRICT",
    R"(CREATE TABLE paper_holdings (
  symbol TEXT NOT NULL PRIMARY KEY,
  quantity INTEGER NOT NULL,
  average_price INTEGER NOT NULL,
  last_key INTEGER NOT NULL,
  place INTEGER NOT NULL,
  delisted INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE paper_fundings (
  funding_id INTEGER NOT NULL PRIMARY KEY,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL,
  time INTEGER NOT NULL
) STRICT)",
    R"(CREATE TABLE paper_actions (
  symbol TEXT NOT NULL,
  ex_date INTEGER NOT NULL,
  kind TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  currency TEXT NOT NULL,
  cash INTEGER NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (symbol, ex_date, kind)
) STRICT)",
};

constexpr const char* kRates[] = {
    "ALTER TABLE paper_fills ADD COLUMN rate INTEGER",
    "ALTER TABLE paper_fills ADD COLUMN rate_inverse INTEGER NOT NULL DEFAULT 0",
};

constexpr const char* kActions[] = {
    "ALTER TABLE paper_actions ADD COLUMN price INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE paper_holdings ADD COLUMN filled_at INTEGER",
    "UPDATE paper_holdings SET filled_at = (SELECT max(time) FROM paper_fills WHERE symbol = paper_holdings.symbol)",
};

constexpr ledger::Migration kMigrations[] = {
    {.name = "the paper venue's books", .statements = kBooks},
    {.name = "exchange rates of fills", .statements = kRates},
    {.name = "what splits are paid by, and when there were fills", .statements = kActions},
};

constexpr const core::RecordType* kTables[] = {
    &core::RecordOf<PaperOrderRow>::kType,   &core::RecordOf<PaperFillRow>::kType,
    &core::RecordOf<PaperAccountRow>::kType, &core::RecordOf<PaperHoldingRow>::kType,
    &core::RecordOf<PaperFundingRow>::kType, &core::RecordOf<PaperActionRow>::kType,
};

// Rows that should not be: each statement gives a text a fault.
constexpr const char* kFaults[] = {
    R"(SELECT 'cash of ' || a.currency || ' is not the sum of its entries' FROM paper_accounts a
WHERE a.cash <> (SELECT COALESCE(SUM(amount), 0) FROM paper_fundings f WHERE f.currency = a.currency)
  + (SELECT COALESCE(SUM(cash), 0) FROM paper_fills f WHERE f.currency = a.currency)
  + (SELECT COALESCE(SUM(cash), 0) FROM paper_actions f WHERE f.currency = a.currency))",
    R"(SELECT 'the holding of ' || h.symbol || ' is not the sum of its fills' FROM paper_holdings h
WHERE h.quantity <> (SELECT COALESCE(SUM(quantity), 0) FROM paper_fills f WHERE f.symbol = h.symbol)
  + (SELECT COALESCE(SUM(quantity), 0) FROM paper_actions f WHERE f.symbol = h.symbol))",
    R"(SELECT 'order ' || o.order_number || ' is filled, but not whole' FROM paper_orders o
WHERE o.state = 'filled' AND o.filled <> o.quantity)",
    R"(SELECT 'order ' || o.order_number || ' has fills that it does not know' FROM paper_orders o
WHERE (o.filled = 0) <> (NOT EXISTS (SELECT 1 FROM paper_fills f WHERE f.order_number = o.order_number)))",
};

Result<std::vector<std::string>> verify_books(Transaction& work) {
  std::vector<std::string> found;
  constexpr std::array kText{ColumnType::kText};
  for (const char* fault : kFaults) {
    ARGOSY_TRY_VOID(work.query(fault, kText, {}, [&](const Row& row) -> Result<void> {
      found.push_back(row.text(0));
      return {};
    }));
  }
  return found;
}

constexpr ledger::Schema kSchema{.name = "paper", .migrations = kMigrations, .tables = kTables, .verify = verify_books};

Result<std::vector<OrderReport>> find_reports(ledger::Database& database, const std::string& condition,
                                              const std::vector<Value>& values) {
  return database.read([&](Transaction& work) -> Result<std::vector<OrderReport>> {
    ARGOSY_TRY(const auto rows, ledger::select<PaperOrderRow>(work, condition, values));
    std::vector<OrderReport> reports;
    for (const PaperOrderRow& row : rows) {
      OrderReport& report = reports.emplace_back(to_report(row));
      report.is_snapshot = true;
      if (row.filled.is_zero()) continue;
      ARGOSY_TRY(const auto fills, ledger::select<PaperFillRow>(work, "WHERE order_number = :n ORDER BY fill_number",
                                                                {row.order_number}));
      for (const PaperFillRow& fill : fills) report.fills.push_back(to_report(fill));
    }
    return reports;
  });
}

Result<std::optional<OrderReport>> first_of(Result<std::vector<OrderReport>> reports) {
  if (!reports) return core::fail(std::move(reports).error());
  if (reports->empty()) return std::nullopt;
  return std::optional(std::move(reports->front()));
}

Result<std::int64_t> last_number(Transaction& work, const std::string& sql) {
  std::int64_t last = 0;
  constexpr std::array kInteger{ColumnType::kInteger};
  ARGOSY_TRY_VOID(work.query(sql, kInteger, {}, [&](const Row& row) -> Result<void> {
    last = row.integer(0);
    return {};
  }));
  return last;
}

}  // namespace

const ledger::Schema& paper_schema() { return kSchema; }

Result<PaperState> load_paper_state(ledger::Database& database) {
  return database.read([&](Transaction& work) -> Result<PaperState> {
    constexpr const char* kWorking = "WHERE state IN ('pending', 'working') ORDER BY order_number";
    PaperState state;
    ARGOSY_TRY(state.last_order, last_number(work, "SELECT COALESCE(MAX(order_number), 0) FROM paper_orders"));
    ARGOSY_TRY(state.last_fill, last_number(work, "SELECT COALESCE(MAX(fill_number), 0) FROM paper_fills"));
    ARGOSY_TRY(state.orders, ledger::select<PaperOrderRow>(work, kWorking));
    ARGOSY_TRY(state.fills,
               ledger::select<PaperFillRow>(work,
                                            "WHERE order_number IN (SELECT order_number FROM paper_orders "
                                            "WHERE state IN ('pending', 'working')) ORDER BY fill_number"));
    ARGOSY_TRY(state.accounts, ledger::select<PaperAccountRow>(work, "ORDER BY currency"));
    ARGOSY_TRY(state.holdings, ledger::select<PaperHoldingRow>(work, "ORDER BY place"));
    return state;
  });
}

Result<void> save_paper_changes(ledger::Database& database, const PaperChanges& changes) {
  return database.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(ledger::upsert<PaperOrderRow>(work, changes.orders, {"order_number"}));
    ARGOSY_TRY_VOID(ledger::insert<PaperFillRow>(work, changes.fills));
    ARGOSY_TRY_VOID(ledger::upsert<PaperAccountRow>(work, changes.accounts, {"currency"}));
    ARGOSY_TRY_VOID(ledger::upsert<PaperHoldingRow>(work, changes.holdings, {"symbol"}));
    ARGOSY_TRY_VOID(ledger::insert<PaperFundingRow>(work, changes.fundings));
    return ledger::insert<PaperActionRow>(work, changes.actions);
  });
}

Result<std::optional<OrderReport>> find_paper_order(ledger::Database& database, std::int64_t number) {
  return first_of(find_reports(database, "WHERE order_number = :n", {number}));
}

Result<std::optional<OrderReport>> find_paper_order(ledger::Database& database, const std::string& client_order_id) {
  return first_of(find_reports(database, "WHERE client_order_id = :c AND client_ids = 1", {client_order_id}));
}

Result<std::vector<OrderReport>> find_paper_history(ledger::Database& database, core::Timestamp since) {
  return find_reports(database,
                      "WHERE updated_at >= :s AND (filled > 0 OR state NOT IN ('pending', 'working')) "
                      "ORDER BY updated_at, order_number",
                      {since.time_since_epoch().count()});
}

Result<std::optional<PaperFundingRow>> find_paper_funding(ledger::Database& database, std::int64_t funding_id) {
  return database.read([&](Transaction& work) -> Result<std::optional<PaperFundingRow>> {
    ARGOSY_TRY(const auto rows, ledger::select<PaperFundingRow>(work, "WHERE funding_id = :i", {funding_id}));
    return rows.empty() ? std::nullopt : std::optional(rows.front());
  });
}

Result<std::optional<PaperActionRow>> find_paper_action(ledger::Database& database, const PaperActionRow& action) {
  return database.read([&](Transaction& work) -> Result<std::optional<PaperActionRow>> {
    ARGOSY_TRY(const auto rows,
               ledger::select<PaperActionRow>(work, "WHERE symbol = :s AND ex_date = :d AND kind = :k",
                                              {action.symbol, std::int64_t{action.ex_date.days()}, action.kind}));
    return rows.empty() ? std::nullopt : std::optional(rows.front());
  });
}

std::string broker_order_id(std::int64_t number) { return fmt::format("P{}", number); }
std::string broker_fill_id(std::int64_t number) { return fmt::format("F{}", number); }

std::optional<std::int64_t> order_number(const std::string& broker_order_id) {
  if (broker_order_id.size() < 2 || broker_order_id.front() != 'P') return std::nullopt;
  return core::parse_integer(std::string_view(broker_order_id).substr(1));
}

trading::ReportedFill to_report(const PaperFillRow& row) {
  return {.broker_fill_id = broker_fill_id(row.fill_number),
          .price = row.price,
          .quantity = row.quantity.is_negative() ? -row.quantity : row.quantity,
          .fee = row.fee,
          .time = row.time,
          .rate = row.rate,
          .rate_inverse = row.rate_inverse};
}

OrderReport to_report(const PaperOrderRow& row) {
  return {.client_order_id = row.client_ids ? row.client_order_id : "",
          .broker_order_id = broker_order_id(row.order_number),
          .symbol = row.symbol,
          .side = row.side,
          .state = row.state,
          .quantity = row.quantity,
          .filled = row.filled,
          .note = row.note,
          .time = row.updated_at};
}

}  // namespace argosy::brokers

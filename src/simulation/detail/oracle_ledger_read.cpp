// Reading: what is new, what it changed, and whether what was there is as it was.
#include <fmt/format.h>

#include <utility>

#include "core/hash.hpp"
#include "simulation/detail/oracle_ledger_parts.hpp"

namespace argosy::simulation::detail {

using core::Result;
using ledger::Row;
using ledger::Transaction;
using ledger::Value;

namespace {

enum Table : std::uint8_t { kJournal, kFills, kEntries, kFundings, kAudit, kOutbox, kActions };

struct TableText {
  const char* name;
  const char* key;
  const char* columns;
  std::span<const ledger::ColumnType> types;
};

constexpr auto kJournalTypes = columns("iitiiti");
constexpr auto kFillTypes = columns("iitiiittiiitiii");
constexpr auto kEntryTypes = columns("iiitititi");
constexpr auto kFundingTypes = columns("iiiitit");
constexpr auto kAuditTypes = columns("iitttttttt");
constexpr auto kOutboxTypes = columns("iitttt");
constexpr auto kActionTypes = columns("iitiiiiiitt");

// Tables to which rows are added, and which no row leaves; of the outbox what is not about its sending.
constexpr TableText kTexts[] = {
    {"journal", "seq", "seq, time, kind, service_id, order_id, payload, fencing", kJournalTypes},
    {"fills", "fill_id",
     "fill_id, broker_account_id, broker_fill_id, order_id, service_id, instrument_id, symbol, side, price, quantity, "
     "fee, currency, rate, rate_inverse, filled_at",
     kFillTypes},
    {"cash_entries", "entry_id", "entry_id, journal_seq, time, holder, holder_id, currency, amount, reason, fill_id",
     kEntryTypes},
    {"fundings", "funding_id", "funding_id, portfolio_id, broker_account_id, time, currency, amount, note",
     kFundingTypes},
    {"audit_log", "seq", "seq, time, actor, action, subject, before, after, previous_hash, hash, ''", kAuditTypes},
    {"outbox", "outbox_id", "outbox_id, time, channel, severity, subject, text", kOutboxTypes},
    {"booked_actions", "journal_seq",
     "journal_seq, ex_date, kind, before, after, cash, numerator, denominator, instrument_id, symbol, skipped",
     kActionTypes},
};

constexpr auto kOrderTypes = columns("itttttiiiiiiiiiii");
constexpr const char* kOrderColumns =
    "order_id, client_order_id, broker_order_id, symbol, side, state, quantity, filled_quantity, fill_price, "
    "filled_amount, fees, late_fill, overfilled, service_id, decision, limit_price, stop_price";

// Looks whether the rows of before are as they were, and hands out those that are new.
template <class Mark, class Use>
Result<void> read_table(Transaction& work, Table table, bool all, Mark& mark, std::vector<std::string>& lost, Use use) {
  const TableText& text = kTexts[table];
  const std::string select = fmt::format("SELECT {} FROM {} WHERE {}", text.columns, text.name, text.key);
  if (mark.rows > 0) {
    RowHash chain;
    std::int64_t rows = 0;
    std::uint64_t last = 0;
    ARGOSY_TRY_VOID(each_row(work, fmt::format("{} {} :mark ORDER BY {}", select, all ? "<=" : "=", text.key),
                             text.types, {mark.key}, [&](const Row& row) {
                               last = RowHash::of(row);
                               chain.add(last);
                               ++rows;
                             }));
    if (rows == 0) {
      lost.push_back(fmt::format("{}: row {} was there and is gone", text.name, mark.key));
    } else if (last != mark.last) {
      lost.push_back(fmt::format("{}: row {} is gone or is not what it was", text.name, mark.key));
    } else if (all && (rows != mark.rows || chain.value() != mark.chain.value())) {
      lost.push_back(fmt::format("{}: of {} rows that were there some are gone or changed", text.name, mark.rows));
    }
    if (!lost.empty()) return {};
  }
  return each_row(work, fmt::format("{} > :mark ORDER BY {}", select, text.key), text.types, {mark.key},
                  [&](const Row& row) {
                    mark.key = row.integer(0);
                    mark.last = RowHash::of(row);
                    mark.chain.add(mark.last);
                    ++mark.rows;
                    use(row);
                  });
}

// As ledger/audit.hpp says: number and time, then each text with its length before it.
std::string audit_hash(const Row& row) {
  core::Hasher hasher;
  hasher.update(fmt::format("{} {}\n", row.integer(0), row.integer(1)));
  for (const std::size_t column : {7U, 2U, 3U, 4U, 5U, 6U}) {
    hasher.update(fmt::format("{}:", row.text(column).size()));
    hasher.update(row.text(column));
  }
  return hasher.finish();
}

}  // namespace

Result<void> LedgerFold::read_rows(Transaction& work, bool all, Rows& rows, std::vector<std::string>& lost) const {
  rows = {};
  rows.marks = marks_;
  const std::int64_t actions_before = marks_[kActions].key;
  std::map<std::int64_t, bool> touched;
  bool has_actions = false;
  bool has_completions = false;
  ARGOSY_TRY_VOID(read_table(work, kJournal, all, rows.marks[kJournal], lost, [&](const Row& row) {
    JournalRow& event = rows.journal.emplace_back(JournalRow{.seq = row.integer(0),
                                                             .time = row.integer(1),
                                                             .kind = row.text(2),
                                                             .service = integer_or(row, 3),
                                                             .order = integer_or(row, 4),
                                                             .payload = row.text(5),
                                                             .fencing = row.integer(6)});
    rows.hashes.push_back(rows.marks[kJournal].chain.value());
    if (event.order != 0) touched[event.order] = true;
    has_actions = has_actions || event.kind == "action";
    has_completions = has_completions || event.kind == "completion";
  }));
  ARGOSY_TRY_VOID(read_table(work, kFills, all, rows.marks[kFills], lost, [&](const Row& row) {
    rows.fills.push_back({.fill_id = row.integer(0),
                          .broker_id = row.text(2),
                          .order_id = row.integer(3),
                          .service = integer_or(row, 4),
                          .symbol = row.text(6),
                          .buys = row.text(7) == "buy",
                          .price = row.integer(8),
                          .quantity = row.integer(9),
                          .fee = row.integer(10),
                          .rate = row.integer(12),
                          .inverse = row.integer(13) != 0,
                          .filled_at = row.integer(14)});
  }));
  ARGOSY_TRY_VOID(read_table(work, kEntries, all, rows.marks[kEntries], lost, [&](const Row& row) {
    rows.entries.push_back({.seq = row.integer(1),
                            .holder = row.text(3),
                            .holder_id = row.integer(4),
                            .currency = row.text(5),
                            .amount = row.integer(6)});
  }));
  ARGOSY_TRY_VOID(read_table(work, kFundings, all, rows.marks[kFundings], lost, [](const Row&) {}));
  ARGOSY_TRY_VOID(read_table(work, kAudit, all, rows.marks[kAudit], lost, [&](const Row& row) {
    rows.audit.push_back({.row = {.seq = row.integer(0),
                                  .time = row.integer(1),
                                  .action = row.text(3),
                                  .subject = row.text(4),
                                  .after = row.text(6)},
                          .previous = row.text(7),
                          .hash = row.text(8),
                          .computed = audit_hash(row)});
  }));
  ARGOSY_TRY_VOID(read_table(work, kOutbox, all, rows.marks[kOutbox], lost, [&](const Row& row) {
    if (row.text(3) == "info") return;
    rows.alarms.push_back({.time = row.integer(1), .text = row.text(4) + ": " + row.text(5)});
  }));
  ARGOSY_TRY_VOID(read_table(work, kActions, all, rows.marks[kActions], lost, [&](const Row& row) {
    rows.actions.push_back({.seq = row.integer(0),
                            .symbol = row.text(9),
                            .ex_date = row.integer(1),
                            .kind = row.text(2),
                            .before = row.integer(3),
                            .after = row.integer(4),
                            .cash = row.integer(5),
                            .numerator = row.integer(6),
                            .denominator = row.integer(7),
                            .skipped = row.text(10)});
  }));
  if (!lost.empty()) return {};
  if (has_actions) {
    ARGOSY_TRY_VOID(each_row(work,
                             "SELECT b.journal_seq, a.holder, a.holder_id, a.after - a.before FROM action_shares a "
                             "JOIN booked_actions b ON b.broker_account_id = a.broker_account_id AND b.instrument_id = "
                             "a.instrument_id AND b.ex_date = a.ex_date AND b.kind = a.kind WHERE b.journal_seq > "
                             ":mark ORDER BY b.journal_seq, a.holder, a.holder_id",
                             columns("itii"), {actions_before}, [&](const Row& row) {
                               rows.action_shares.push_back({.seq = row.integer(0),
                                                             .holder = row.text(1),
                                                             .holder_id = row.integer(2),
                                                             .currency = {},
                                                             .amount = row.integer(3)});
                             }));
    for (const auto& [id, order] : open_) touched[id] = true;
  }
  if (has_completions) {
    ARGOSY_TRY_VOID(each_row(work, "SELECT transaction_id, service_id FROM trading_transactions", columns("ii"), {},
                             [&](const Row& row) { rows.service_of_transaction[row.integer(0)] = row.integer(1); }));
  }
  if (all) {
    ARGOSY_TRY_VOID(read_order(work, 0, rows));
  } else {
    for (const auto& [id, is_touched] : touched) ARGOSY_TRY_VOID(read_order(work, id, rows));
  }
  if (all) {
    rows.has_balances = true;
    ARGOSY_TRY_VOID(
        each_row(work, "SELECT holder, holder_id, currency, amount FROM cash_balances", columns("titi"), {},
                 [&](const Row& row) { rows.balances[{row.text(0), row.integer(1), row.text(2)}] = row.integer(3); }));
  }
  return read_balances(work, rows);
}

// 0: all of them.
Result<void> LedgerFold::read_order(Transaction& work, std::int64_t id, Rows& rows) const {
  const std::string sql =
      fmt::format("SELECT {} FROM orders{}", kOrderColumns, id == 0 ? " ORDER BY order_id" : " WHERE order_id = :id");
  return each_row(work, sql, kOrderTypes, id == 0 ? std::vector<Value>{} : std::vector<Value>{id}, [&](const Row& row) {
    rows.orders.push_back({.order = {.order_id = row.integer(0),
                                     .client_id = row.text(1),
                                     .broker_id = row.text(2),
                                     .symbol = row.text(3),
                                     .buys = row.text(4) == "buy",
                                     .service = integer_or(row, 13),
                                     .decision = row.integer(14),
                                     .quantity = row.integer(6),
                                     .limit = integer_or(row, 15),
                                     .stop = integer_or(row, 16),
                                     .filled = row.integer(7),
                                     .amount = row.integer(9),
                                     .fees = row.integer(10),
                                     .state = row.text(5),
                                     .late = row.integer(11) != 0},
                           .average = integer_or(row, 8),
                           .overfilled = row.integer(12) != 0});
  });
}

Result<void> LedgerFold::read_balances(Transaction& work, Rows& rows) const {
  ARGOSY_TRY_VOID(
      each_row(work,
               "SELECT service_id, stock_symbol, strategy, state, portfolio_id, current_balance, current_shares FROM "
               "trading_services",
               columns("itttiii"), {}, [&](const Row& row) {
                 rows.services[row.integer(0)] = {.symbol = row.text(1),
                                                  .strategy = row.text(2),
                                                  .state = row.text(3),
                                                  .portfolio = row.integer(4),
                                                  .cash = row.integer(5),
                                                  .shares = row.integer(6)};
               }));
  ARGOSY_TRY_VOID(each_row(
      work, "SELECT portfolio_id, name, is_default, removed_at IS NOT NULL, cash, money_market FROM portfolios",
      columns("itiiii"), {}, [&](const Row& row) {
        rows.portfolios[row.integer(0)] = {.name = row.text(1),
                                           .is_default = row.integer(2) != 0,
                                           .is_removed = row.integer(3) != 0,
                                           .cash = row.integer(4),
                                           .money_market = row.integer(5),
                                           .unassigned = {}};
      }));
  ARGOSY_TRY_VOID(each_row(work, "SELECT portfolio_id, symbol, quantity, unassigned FROM holdings", columns("itii"), {},
                           [&](const Row& row) {
                             rows.holdings.push_back({.portfolio = row.integer(0),
                                                      .symbol = row.text(1),
                                                      .quantity = row.integer(2),
                                                      .unassigned = row.integer(3)});
                           }));
  ARGOSY_TRY_VOID(each_row(work, "SELECT broker_account_id, symbol, quantity, unassigned, price FROM positions",
                           columns("itiii"), {}, [&](const Row& row) {
                             if (row.integer(0) != settings_.broker_account_id) return;
                             rows.positions.push_back({.portfolio = 0,
                                                       .symbol = row.text(1),
                                                       .quantity = row.integer(2),
                                                       .unassigned = row.integer(3),
                                                       .price = integer_or(row, 4)});
                           }));
  ARGOSY_TRY_VOID(each_row(work, "SELECT fencing FROM holder", columns("i"), {},
                           [&](const Row& row) { rows.fencing = row.integer(0); }));
  return read_requests(work, rows);
}

Result<void> LedgerFold::read_requests(Transaction& work, Rows& rows) const {
  for (const bool is_order_request : {false, true}) {
    ARGOSY_TRY_VOID(each_row(
        work,
        fmt::format(
            "SELECT request_id, kind, payload, answer, answered_at, state FROM {} ORDER BY answered_at, request_id",
            is_order_request ? "order_requests" : "service_commands"),
        columns("itttit"), {}, [&](const Row& row) {
          if (row.text(5) == "NEW") ++rows.waiting;
          if (row.text(5) != "DONE" || done_requests_.contains({is_order_request, row.integer(0)})) return;
          rows.requests.push_back({.id = row.integer(0),
                                   .is_order_request = is_order_request,
                                   .kind = row.text(1),
                                   .payload = row.text(2),
                                   .answer = row.text(3),
                                   .done_at = row.integer(4)});
        }));
  }
  return {};
}

}  // namespace argosy::simulation::detail

#include "simulation/detail/oracle_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/hash.hpp"

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

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

// Of those that have neither ended nor wait to be sent.
bool is_out(std::string_view state) {
  return is_one_of(state, {"submitted", "accepted", "triggered", "partially_filled", "pending_cancel",
                           "pending_replace", "unknown"});
}

bool works(std::string_view state) { return is_one_of(state, {"accepted", "triggered", "partially_filled"}); }

}  // namespace

std::optional<std::string_view> next_order_state(std::string_view state, std::string_view event,
                                                 std::string_view resting) {
  const bool asked = state == "pending_cancel" || state == "pending_replace";
  const bool over = is_one_of(state, {"cancelled", "rejected", "expired"});
  const auto when = [](bool allowed, std::string_view next) { return allowed ? std::optional(next) : std::nullopt; };
  if (event == "submit") return when(state == "created", "pending_submit");
  if (event == "deny") return when(state == "created" || state == "pending_submit", "denied");
  if (event == "send") return when(state == "pending_submit", "submitted");
  if (event == "accept") {
    if (state == "submitted") return "accepted";
    if (state == "pending_cancel") return state;
    return when(state == "unknown", resting);
  }
  if (event == "reject") return when(is_out(state) && state != "partially_filled", "rejected");
  if (event == "trigger") {
    if (asked) return state;
    if (state == "unknown") return resting;
    return when(state == "submitted" || state == "accepted", "triggered");
  }
  if (event == "partial_fill") {
    if (asked || over) return state;
    return when(is_out(state), "partially_filled");
  }
  if (event == "fill") return when(is_out(state) || over, "filled");
  if (event == "request_cancel")
    return when(works(state) || state == "submitted" || state == "pending_replace", "pending_cancel");
  if (event == "cancel") return when(is_out(state), "cancelled");
  if (event == "refuse_cancel") return when(state == "pending_cancel", resting);
  if (event == "request_replace") return when(works(state), "pending_replace");
  if (event == "replace" || event == "refuse_replace") return when(state == "pending_replace", resting);
  if (event == "expire") return when(is_out(state), "expired");
  if (event == "lose") return when(state == "pending_submit" || state == "submitted" || asked, "unknown");
  return std::nullopt;
}

bool LedgerOrder::has_ended() const {
  return is_one_of(state, {"denied", "filled", "cancelled", "rejected", "expired"});
}

// --- Reading. ---

struct LedgerFold::JournalRow {
  std::int64_t seq = 0;
  std::int64_t time = 0;
  std::string kind;
  std::int64_t service = 0;
  std::int64_t order = 0;
  std::string payload;
  std::int64_t fencing = 0;
};

struct LedgerFold::OrderRow {
  LedgerOrder order;
  std::int64_t average = 0;
  bool overfilled = false;
};

struct LedgerFold::Rows {
  struct Entry {
    std::int64_t seq = 0;
    std::string holder;
    std::int64_t holder_id = 0;
    std::string currency;
    std::int64_t amount = 0;
  };
  struct Audit {
    LedgerAudit row;
    std::string previous;
    std::string hash;
    std::string computed;
  };
  struct Share {
    std::int64_t seq = 0;
    std::string holder;
    std::int64_t holder_id = 0;
    std::int64_t change = 0;
  };
  struct Holding {
    std::int64_t portfolio = 0;
    std::string symbol;
    std::int64_t quantity = 0;
    std::int64_t unassigned = 0;
  };
  std::array<Mark, kTables> marks{};
  std::vector<JournalRow> journal;
  std::vector<std::uint64_t> hashes;
  std::vector<LedgerFill> fills;
  std::vector<Entry> entries;
  std::vector<Audit> audit;
  std::vector<LedgerAlarm> alarms;
  std::vector<LedgerAction> actions;
  std::vector<Share> action_shares;
  std::map<std::int64_t, std::int64_t> service_of_transaction;
  std::vector<OrderRow> orders;
  std::map<std::int64_t, LedgerService> services;
  std::map<std::int64_t, LedgerPortfolio> portfolios;
  std::vector<Holding> holdings;
  std::vector<Holding> positions;
  std::map<std::tuple<std::string, std::int64_t, std::string>, std::int64_t> balances;  // the view, where all is read
  bool has_balances = false;
  std::int64_t fencing = 0;
  std::int64_t waiting = 0;
  std::vector<LedgerRequest> requests;  // that are done, and were not before
};

namespace {

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
    ARGOSY_TRY_VOID(each_row(
        work,
        "SELECT b.journal_seq, a.holder, a.holder_id, a.after - a.before FROM action_shares a "
        "JOIN booked_actions b ON b.broker_account_id = a.broker_account_id AND b.instrument_id = "
        "a.instrument_id AND b.ex_date = a.ex_date AND b.kind = a.kind WHERE b.journal_seq > "
        ":mark ORDER BY b.journal_seq, a.holder, a.holder_id",
        columns("itii"), {actions_before}, [&](const Row& row) {
          rows.action_shares.push_back(
              {.seq = row.integer(0), .holder = row.text(1), .holder_id = row.integer(2), .change = row.integer(3)});
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
      work, "SELECT portfolio_id, cash, money_market FROM portfolios", columns("iii"), {}, [&](const Row& row) {
        rows.portfolios[row.integer(0)] = {.cash = row.integer(1), .money_market = row.integer(2), .unassigned = {}};
      }));
  ARGOSY_TRY_VOID(each_row(work, "SELECT portfolio_id, symbol, quantity, unassigned FROM holdings", columns("itii"), {},
                           [&](const Row& row) {
                             rows.holdings.push_back({.portfolio = row.integer(0),
                                                      .symbol = row.text(1),
                                                      .quantity = row.integer(2),
                                                      .unassigned = row.integer(3)});
                           }));
  ARGOSY_TRY_VOID(
      each_row(work, "SELECT broker_account_id, symbol, quantity, unassigned FROM positions", columns("itii"), {},
               [&](const Row& row) {
                 if (row.integer(0) != settings_.broker_account_id) return;
                 rows.positions.push_back(
                     {.portfolio = 0, .symbol = row.text(1), .quantity = row.integer(2), .unassigned = row.integer(3)});
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

Result<void> LedgerFold::read(ledger::Database& database, bool all, const OnRead& on_read,
                              const OnApproved& on_approved, Findings& findings) {
  Rows rows;
  std::vector<std::string> lost;
  const auto look = [&] {
    return database.read([&](Transaction& work) -> Result<void> {
      lost.clear();
      return read_rows(work, all, rows, lost);
    });
  };
  ARGOSY_TRY_VOID(look());
  if (!lost.empty()) {
    for (std::string& each : lost) findings.add(1, std::move(each));
    forget();
    ARGOSY_TRY_VOID(look());
  }
  marks_ = rows.marks;
  journal_hashes_.insert(journal_hashes_.end(), rows.hashes.begin(), rows.hashes.end());
  if (rows.fencing < holder_fencing_)
    findings.add(13, fmt::format("the holder's number was {} and is {}", holder_fencing_, rows.fencing));
  holder_fencing_ = rows.fencing;
  waiting_requests_ = rows.waiting;
  new_requests_ = rows.requests;
  for (const LedgerRequest& row : new_requests_) done_requests_.emplace(row.is_order_request, row.id);
  // What was there before is not judged again: neither prices nor what was asked are known of then.
  const bool is_anew = std::exchange(begins_anew_, false);
  if (is_anew) new_requests_.clear();
  fills_.insert(fills_.end(), rows.fills.begin(), rows.fills.end());
  actions_.insert(actions_.end(), rows.actions.begin(), rows.actions.end());
  alarms_.insert(alarms_.end(), rows.alarms.begin(), rows.alarms.end());
  take_money(rows, findings);
  take_audit(rows, findings);
  new_times_.clear();
  for (const JournalRow& row : rows.journal) new_times_.push_back(row.time);
  if (on_read) on_read();
  // Of what is read a second time the prices of then are not known any more.
  fold(rows, is_anew ? OnApproved() : on_approved, findings);
  compare(rows, findings);
  // What a split makes of an order that works is taken from its row.
  for (const OrderRow& row : rows.orders) {
    const auto known = orders_.find(row.order.order_id);
    if (known == orders_.end() || !known->second.restated) continue;
    known->second.quantity = row.order.quantity;
    known->second.filled = row.order.filled;
  }
  return {};
}

void LedgerFold::forget() {
  marks_ = {};
  journal_hashes_.clear();
  last_seq_ = last_time_ = last_fencing_ = holder_fencing_ = trips_ = 0;
  last_audit_hash_.clear();
  orders_.clear();
  open_.clear();
  by_client_.clear();
  decisions_.clear();
  fills_.clear();
  services_.clear();
  portfolios_.clear();
  switches_.clear();
  held_.clear();
  adopted_shares_.clear();
  entries_.clear();
  actions_.clear();
  audit_.clear();
  alarms_.clear();
  new_times_.clear();
  new_requests_.clear();
  done_requests_.clear();
  begins_anew_ = true;
  funded_ = adopted_cash_ = folded_fills_ = waiting_requests_ = 0;
}

const LedgerOrder* LedgerFold::find(const std::string& client_id) const {
  const auto known = by_client_.find(client_id);
  return known == by_client_.end() ? nullptr : &orders_.at(known->second);
}

const LedgerSwitch* LedgerFold::find_switch(std::int64_t id) const {
  const auto known = switches_.find(id);
  return known == switches_.end() ? nullptr : &known->second;
}

std::int64_t LedgerFold::held(const std::string& symbol) const {
  const auto known = held_.find(symbol);
  return known == held_.end() ? 0 : known->second;
}

std::int64_t LedgerFold::adopted_shares(const std::string& symbol) const {
  const auto known = adopted_shares_.find(symbol);
  return known == adopted_shares_.end() ? 0 : known->second;
}

std::int64_t LedgerFold::cash() const {
  std::int64_t sum = 0;
  for (const auto& [id, row] : portfolios_) sum += row.cash + row.money_market;
  for (const auto& [id, row] : services_) sum += row.cash;
  return sum;
}

// --- Money and the audit log. ---

void LedgerFold::take_money(const Rows& rows, Findings& findings) {
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> groups;
  for (const Rows::Entry& entry : rows.entries) {
    entries_[{entry.holder, entry.holder_id, entry.currency}] += entry.amount;
    groups[{entry.seq, entry.currency}] += entry.amount;
  }
  for (const auto& [group, sum] : groups) {
    if (sum != 0)
      findings.add(2, fmt::format("the money that journal row {} moved adds up to {} {}, not to nothing", group.first,
                                  money(sum), group.second));
  }
}

void LedgerFold::take_audit(const Rows& rows, Findings& findings) {
  for (const Rows::Audit& audit : rows.audit) {
    if (audit.row.seq != static_cast<std::int64_t>(audit_.size()) + 1)
      findings.add(17, fmt::format("audit_log: row {} follows row {}", audit.row.seq, audit_.size()));
    if (audit.previous != last_audit_hash_ || audit.computed != audit.hash)
      findings.add(17, fmt::format("audit_log: the chain breaks at row {}", audit.row.seq));
    last_audit_hash_ = audit.hash;
    audit_.push_back(audit.row);
  }
}

// --- The fold. ---

void LedgerFold::fold(const Rows& rows, const OnApproved& on_approved, Findings& findings) {
  decisions_.clear();
  for (const JournalRow& row : rows.journal) {
    check_row(row, findings);
    if (row.kind == "decision") {
      on_decision(row, findings);
      continue;
    }
    if (is_one_of(row.kind, {"timer", "switch_trial", "request", "service_failure"})) continue;
    const auto what = core::parse_json(row.payload);
    if (!what) {
      findings.add(1, fmt::format("journal: row {} cannot be read: {}", row.seq, what.error().message));
      continue;
    }
    if (row.kind == "guard") {
      on_guard(row, *what, findings);
    } else if (row.kind == "order") {
      on_order(row, *what, on_approved, findings);
    } else if (row.kind == "order_event") {
      on_order_event(row, *what, findings);
    } else if (row.kind == "order_found") {
      on_order_found(row, *what, findings);
    } else if (row.kind == "fill") {
      on_fill(row, *what, findings);
    } else if (row.kind == "action") {
      on_action(row, rows, findings);
    } else {
      on_money_event(row, *what, rows);
    }
  }
}

void LedgerFold::check_row(const JournalRow& row, Findings& findings) {
  if (row.seq != last_seq_ + 1) findings.add(15, fmt::format("journal: row {} follows row {}", row.seq, last_seq_));
  if (row.fencing < last_fencing_ || row.fencing > holder_fencing_)
    findings.add(13, fmt::format("journal: row {} was written by holder {}, after one of {}; the holder is {}", row.seq,
                                 row.fencing, last_fencing_, holder_fencing_));
  if (row.time < last_time_ && !settings_.time_goes_back)
    findings.add(12, fmt::format("journal: row {} is earlier than the one before it", row.seq));
  last_seq_ = row.seq;
  last_fencing_ = row.fencing;
  last_time_ = row.time;
}

// One by hand is made when a person asks for it.
void LedgerFold::on_decision(const JournalRow& row, Findings& findings) {
  decisions_[row.seq] = {.service = row.service, .time = row.time, .payload = row.payload};
  const auto what = core::parse_json(row.payload);
  const auto quoted = what ? core::parse_rfc3339(text_of(*what, "quoted_at")) : core::Result<core::Timestamp>();
  if (!what || !quoted || text_of(*what, "source") == "by hand") return;
  if (row.time - quoted->time_since_epoch().count() > settings_.quote_age.count())
    findings.add(12, fmt::format("journal row {} decides on a price that is too old", row.seq));
}

// How often its circuit breaker has opened is not forgotten.
void LedgerFold::on_guard(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto memory = core::parse_json(text_of(what, "memory"));
  const core::JsonValue* breaker = memory ? memory->find("breaker") : nullptr;
  if (breaker == nullptr) return findings.add(1, fmt::format("journal: row {} cannot be read", row.seq));
  const std::int64_t trips = whole(*breaker, "trips");
  if (trips < trips_)
    findings.add(10,
                 fmt::format("journal row {}: the breaker has opened {} times, before it {}", row.seq, trips, trips_));
  trips_ = trips;
}

void LedgerFold::on_order(const JournalRow& row, const core::JsonValue& what, const OnApproved& on_approved,
                          Findings& findings) {
  LedgerOrder order{.order_id = whole(what, "order_id"),
                    .client_id = text_of(what, "client_order_id"),
                    .broker_id = {},
                    .symbol = text_of(what, "symbol"),
                    .buys = text_of(what, "side") == "buy",
                    .kind = text_of(what, "kind"),
                    .closes = text_of(what, "effect") == "close",
                    .reason = text_of(what, "reason"),
                    .service = whole(what, "service_id"),
                    .portfolio = whole(what, "portfolio_id"),
                    .decision = whole(what, "decision"),
                    .quantity = nine_digits(what, "quantity"),
                    .limit = nine_digits(what, "limit_price"),
                    .stop = nine_digits(what, "stop_price"),
                    .state = text_of(what, "state"),
                    .created_at = row.time,
                    .seq = row.seq,
                    .fencing = row.fencing};
  if (order.state != "denied" && order.state != "pending_submit")
    findings.add(7, fmt::format("order {} begins as {}", order.order_id, order.state));
  if (order.state != "denied" && on_approved) {
    const auto decision = decisions_.find(order.decision);
    on_approved(order, decision == decisions_.end() ? nullptr : &decision->second);
  }
  if (!by_client_.emplace(order.client_id, order.order_id).second)
    findings.add(5, fmt::format("the client order id {} is given twice", order.client_id));
  const auto [made, is_new] = orders_.try_emplace(order.order_id, std::move(order));
  if (!is_new) findings.add(5, fmt::format("order {} is made twice", made->first));
  if (!made->second.has_ended()) open_[made->first] = &made->second;
}

void LedgerFold::step(LedgerOrder& order, std::string_view event, std::int64_t seq, Findings& findings) {
  order.triggered = order.triggered || event == "trigger";
  const std::string_view resting = order.filled > 0 ? "partially_filled" : order.triggered ? "triggered" : "accepted";
  const auto next = next_order_state(order.state, event, resting);
  if (!next) {
    findings.add(
        7, fmt::format("order {} was {} and cannot {} (journal row {})", order.order_id, order.state, event, seq));
    return;
  }
  order.late = order.late || order.has_ended();
  order.state = *next;
  if (order.has_ended()) {
    open_.erase(order.order_id);
  } else {
    open_[order.order_id] = &order;
  }
}

void LedgerFold::on_order_event(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end())
    return findings.add(14, fmt::format("journal row {} moves an order that nobody made", row.seq));
  LedgerOrder& order = known->second;
  const std::string event = text_of(what, "event");
  const bool waited = order.state == "submitted";  // rather than a cancel that was refused: that is soon known
  step(order, event, row.seq, findings);
  if (event == "send") order.sent_seq = row.seq;
  // Whoever sent it and has no answer in time tells people; a process that begins does not.
  const auto tells = [&](const LedgerAlarm& alarm) {
    return alarm.time == row.time && alarm.text.contains(fmt::format("order {} ", order.order_id));
  };
  if (event == "lose" && waited && row.fencing == order.fencing && std::ranges::none_of(alarms_, tells))
    findings.add(8, fmt::format("order {} became unknown, and nobody was told", order.order_id));
  if (std::string broker_id = text_of(what, "broker_order_id"); !broker_id.empty()) order.broker_id = broker_id;
}

// One that was given up, and came to the venue after all.
void LedgerFold::on_order_found(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end() || known->second.state != "rejected")
    return findings.add(7, fmt::format("journal row {} finds an order that nobody gave up", row.seq));
  known->second.broker_id = text_of(what, "broker_order_id");
  known->second.came_late = true;
}

void LedgerFold::on_fill(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end())
    return findings.add(14, fmt::format("journal row {} fills an order that nobody made", row.seq));
  LedgerOrder& order = known->second;
  const std::int64_t price = nine_digits(what, "price");
  const std::int64_t quantity = nine_digits(what, "quantity");
  const std::int64_t fee = six_digits(what, "fee");
  const std::int64_t rate = nine_digits(what, "rate");
  const bool inverse = truth(what, "rate_inverse");
  const auto place = static_cast<std::size_t>(folded_fills_++);
  const bool is_there = place < fills_.size() && fills_[place].order_id == order.order_id &&
                        fills_[place].broker_id == text_of(what, "broker_fill_id") && fills_[place].price == price &&
                        fills_[place].quantity == quantity && fills_[place].fee == fee && fills_[place].rate == rate &&
                        fills_[place].inverse == inverse && fills_[place].symbol == order.symbol &&
                        fills_[place].buys == order.buys;
  if (!is_there)
    findings.add(14, fmt::format("journal row {} booked fill {} of order {}, and the row of fills is another", row.seq,
                                 text_of(what, "broker_fill_id"), order.order_id));
  step(order, truth(what, "is_last") ? "fill" : "partial_fill", row.seq, findings);
  const std::int64_t amount = worth(price, quantity);
  order.filled += quantity;
  order.amount += amount;
  order.fees += fee;
  const std::int64_t paid = converted(amount, rate, inverse);
  const std::int64_t cost = converted(fee, rate, inverse);
  const std::int64_t change = order.buys ? quantity : -quantity;
  held_[order.symbol] += change;
  const auto service = services_.find(order.service);
  if (service != services_.end()) {
    service->second.shares += change;
    service->second.cash -= (order.buys ? paid : -paid) + cost;
  } else {
    LedgerPortfolio& portfolio = portfolios_[order.portfolio];
    portfolio.unassigned[order.symbol] += change;
    portfolio.cash -= (order.buys ? paid : -paid) + cost;
  }
}

void LedgerFold::on_money_event(const JournalRow& row, const core::JsonValue& what, const Rows& rows) {
  const auto move = [&](std::int64_t service, std::int64_t amount) {
    LedgerService& to = services_[service];
    to.cash += amount;
    portfolios_[to.portfolio].cash -= amount;
  };
  if (row.kind == "portfolio") {
    portfolios_[whole(what, "portfolio_id")];
  } else if (row.kind == "funding") {
    LedgerPortfolio& portfolio = portfolios_[whole(what, "portfolio_id")];
    const std::int64_t amount = six_digits(what, "amount");
    (truth(what, "money_market") ? portfolio.money_market : portfolio.cash) += amount;
    funded_ += amount;
  } else if (row.kind == "service_created") {
    const std::int64_t id = whole(what, "service_id");
    services_[id] = {.symbol = text_of(what, "stock_symbol"),
                     .strategy = text_of(what, "strategy"),
                     .state = text_of(what, "state"),
                     .portfolio = whole(what, "portfolio_id")};
    move(id, six_digits(what, "initial_balance"));
  } else if (row.kind == "service_set") {
    services_[whole(what, "service_id")].strategy = text_of(what, "strategy");
  } else if (row.kind == "service_state") {
    const std::int64_t id = whole(what, "service_id");
    services_[id].state = text_of(what, "state");
    move(id, six_digits(what, "amount"));
  } else if (row.kind == "completion") {
    const auto owner = rows.service_of_transaction.find(whole(what, "transaction_id"));
    if (owner == rows.service_of_transaction.end()) return;
    LedgerService& service = services_[owner->second];
    move(owner->second, worth(nine_digits(what, "price"), service.shares));
    portfolios_[service.portfolio].unassigned[service.symbol] += std::exchange(service.shares, 0);
  } else if (row.kind == "kill_switch") {
    LedgerSwitch& thrown = switches_[whole(what, "switch_id")];
    if (thrown.thrown == 0) thrown.thrown = row.seq;
    if (!text_of(what, "released_at").empty()) thrown.released = row.seq;
  } else if (row.kind == "adoption") {
    held_[text_of(what, "symbol")] += nine_digits(what, "change");
    adopted_shares_[text_of(what, "symbol")] += nine_digits(what, "change");
  } else if (row.kind == "cash_adoption") {
    portfolios_[whole(what, "portfolio_id")].cash += six_digits(what, "change");
    adopted_cash_ += six_digits(what, "change");
  }
}

// Who gets what of a split is the ledger's to share out; that the parts make the whole, and the whole what the venue
// did, is looked at here and where the two are compared.
void LedgerFold::on_action(const JournalRow& row, const Rows& rows, Findings& findings) {
  const auto action = std::ranges::find(rows.actions, row.seq, &LedgerAction::seq);
  if (action == rows.actions.end())
    return findings.add(14, fmt::format("journal row {} is an action, and no row of booked_actions is", row.seq));
  if (!action->skipped.empty()) return;
  if (action->before != held(action->symbol))
    findings.add(14, fmt::format("the {} of {} found {} shares, and there were {}", action->kind, action->symbol,
                                 shares(action->before), shares(held(action->symbol))));
  std::int64_t change = 0;
  for (const Rows::Share& share : rows.action_shares) {
    if (share.seq != row.seq) continue;
    change += share.change;
    if (share.holder == "service") services_[share.holder_id].shares += share.change;
    if (share.holder == "portfolio") portfolios_[share.holder_id].unassigned[action->symbol] += share.change;
  }
  std::int64_t cash = 0;
  for (const Rows::Entry& entry : rows.entries) {
    if (entry.seq != row.seq) continue;
    if (entry.holder == "service") services_[entry.holder_id].cash += entry.amount;
    if (entry.holder == "portfolio") portfolios_[entry.holder_id].cash += entry.amount;
    if (entry.holder == "service" || entry.holder == "portfolio") cash += entry.amount;
  }
  if (change != action->after - action->before || cash != action->cash)
    findings.add(14, fmt::format("the {} of {} gave {} shares and {} of cash, and its holders got {} and {}",
                                 action->kind, action->symbol, shares(action->after - action->before),
                                 money(action->cash), shares(change), money(cash)));
  held_[action->symbol] = action->after;
  if (action->kind != "split") return;
  for (const auto& [id, open] : open_) {
    LedgerOrder& order = orders_.at(id);
    if (order.symbol == action->symbol) order.restated = true;
  }
}

// --- The rows. ---

void LedgerFold::compare_order(const OrderRow& row, Findings& findings) const {
  const LedgerOrder& there = row.order;
  const auto known = orders_.find(there.order_id);
  if (known == orders_.end()) return findings.add(14, fmt::format("order {} is not in the journal", there.order_id));
  const LedgerOrder& ours = known->second;
  if (there.client_id != ours.client_id || there.symbol != ours.symbol || there.buys != ours.buys ||
      there.service != ours.service || there.decision != ours.decision ||
      (!ours.restated && (there.quantity != ours.quantity || there.limit != ours.limit || there.stop != ours.stop)))
    findings.add(1, fmt::format("order {} is not what it was made as", there.order_id));
  if (there.state != ours.state || there.broker_id != ours.broker_id)
    findings.add(14, fmt::format("order {} is {} ({}), and its events make it {} ({})", there.order_id, there.state,
                                 there.broker_id, ours.state, ours.broker_id));
  if (there.late != ours.late)
    findings.add(7, fmt::format("order {} was {}filled late, and its row says otherwise", there.order_id,
                                ours.late ? "" : "not "));
  if (there.filled < 0 || (there.filled > there.quantity && !row.overfilled))
    findings.add(6, fmt::format("order {} is filled for {} of {}", there.order_id, shares(there.filled),
                                shares(there.quantity)));
  if (ours.restated) return;
  if (there.filled != ours.filled || there.amount != ours.amount || there.fees != ours.fees)
    findings.add(6, fmt::format("order {} is filled for {} of {} with {} of fees, and its fills are {} of {} with {}",
                                there.order_id, shares(there.filled), money(there.amount), money(there.fees),
                                shares(ours.filled), money(ours.amount), money(ours.fees)));
  constexpr __int128 kPriceOfMoney = 1'000'000'000'000;
  const std::int64_t average = ours.filled == 0 ? 0 : half_even(ours.amount * kPriceOfMoney, ours.filled);
  if (row.average != average)
    findings.add(6, fmt::format("order {} has an average price of {}, and its fills one of {}", there.order_id,
                                price_text(row.average), price_text(average)));
}

void LedgerFold::compare(const Rows& rows, Findings& findings) const {
  for (const OrderRow& row : rows.orders) compare_order(row, findings);
  if (rows.has_balances && rows.orders.size() != orders_.size())
    findings.add(1, fmt::format("{} orders were made, and {} are there", orders_.size(), rows.orders.size()));
  const auto same_cash = [&](const std::string& holder, std::int64_t id, std::int64_t row, std::int64_t folded) {
    const auto entered = entries_.find({holder, id, settings_.currency});
    const std::int64_t sum = entered == entries_.end() ? 0 : entered->second;
    if (row != folded || sum != folded)
      findings.add(3, fmt::format("{} {} has {}, its entries {}, and what happened makes {}", holder, id, money(row),
                                  money(sum), money(folded)));
  };
  if (rows.services.size() != services_.size() || rows.portfolios.size() != portfolios_.size())
    findings.add(14, fmt::format("{} services and {} portfolios were made, and {} and {} are there", services_.size(),
                                 portfolios_.size(), rows.services.size(), rows.portfolios.size()));
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> of_services;  // shares, by portfolio and symbol
  std::map<std::string, std::int64_t> assigned;
  for (const auto& [id, ours] : services_) {
    of_services[{ours.portfolio, ours.symbol}] += ours.shares;
    assigned[ours.symbol] += ours.shares;
    const auto row = rows.services.find(id);
    if (row == rows.services.end()) continue;
    same_cash("service", id, row->second.cash, ours.cash);
    if (row->second.shares != ours.shares)
      findings.add(3, fmt::format("service {} has {} shares, and what happened makes {}", id,
                                  shares(row->second.shares), shares(ours.shares)));
    if (row->second.state != ours.state)
      findings.add(14,
                   fmt::format("service {} is {}, and what happened makes it {}", id, row->second.state, ours.state));
  }
  for (const auto& [id, ours] : portfolios_) {
    const auto row = rows.portfolios.find(id);
    if (row == rows.portfolios.end()) continue;
    same_cash("portfolio", id, row->second.cash, ours.cash);
    same_cash("money_market", id, row->second.money_market, ours.money_market);
  }
  std::map<std::string, std::int64_t> seen;
  for (const Rows::Holding& row : rows.positions) {
    seen[row.symbol] = row.quantity;
    const auto of = assigned.find(row.symbol);
    const std::int64_t unassigned = held(row.symbol) - (of == assigned.end() ? 0 : of->second);
    if (row.quantity != held(row.symbol) || row.unassigned != unassigned)
      findings.add(
          3, fmt::format("the position in {} is {} with {} of nobody, and what happened makes {} with {}", row.symbol,
                         shares(row.quantity), shares(row.unassigned), shares(held(row.symbol)), shares(unassigned)));
  }
  for (const auto& [symbol, quantity] : held_) {
    if (quantity != 0 && !seen.contains(symbol))
      findings.add(3, fmt::format("there is no position in {}, and what happened makes {}", symbol, shares(quantity)));
  }
  for (const Rows::Holding& row : rows.holdings) {
    const auto portfolio = portfolios_.find(row.portfolio);
    std::int64_t unassigned = 0;
    if (portfolio != portfolios_.end()) {
      const auto own = portfolio->second.unassigned.find(row.symbol);
      unassigned = own == portfolio->second.unassigned.end() ? 0 : own->second;
    }
    const auto of = of_services.find({row.portfolio, row.symbol});
    const std::int64_t quantity = unassigned + (of == of_services.end() ? 0 : of->second);
    if (row.quantity != quantity || row.unassigned != unassigned)
      findings.add(3, fmt::format("portfolio {} holds {} {} with {} of its own, and what happened makes {} with {}",
                                  row.portfolio, shares(row.quantity), row.symbol, shares(row.unassigned),
                                  shares(quantity), shares(unassigned)));
  }
  if (rows.has_balances && rows.balances != entries_) findings.add(3, "cash_balances are not the sums of cash_entries");
}

}  // namespace argosy::simulation::detail

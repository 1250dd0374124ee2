// The ledger as the oracle reads it: by plain SQL, what is new since it last looked, and the journal folded by code of
// its own into orders, shares and balances, which the rows must equal.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "ledger/database.hpp"
#include "simulation/detail/oracle_equity.hpp"
#include "simulation/detail/oracle_losses.hpp"
#include "simulation/detail/oracle_rows.hpp"

namespace argosy::simulation::detail {

struct LedgerOrder {
  std::int64_t order_id = 0;
  std::string client_id;
  std::string broker_id;
  std::string symbol;
  bool buys = false;
  std::string kind;
  bool closes = false;
  std::string reason;
  std::int64_t service = 0;    // 0: no service's
  std::int64_t portfolio = 0;  // of an order that is no service's
  std::int64_t decision = 0;   // of the journal
  std::int64_t quantity = 0;
  std::int64_t limit = 0;
  std::int64_t stop = 0;
  std::int64_t filled = 0;
  std::int64_t amount = 0;
  std::int64_t fees = 0;
  std::string state;
  bool triggered = false;
  bool late = false;
  bool came_late = false;  // to the venue, after it was given up
  std::int64_t created_at = 0;
  std::int64_t cancelled_at = 0;  // when the ledger was told so; 0: never
  std::int64_t seq = 0;           // of the journal
  std::int64_t sent_seq = 0;      // of the row that says that it was sent; 0: there is none
  std::int64_t fencing = 0;
  bool restated = false;  // by a split

  [[nodiscard]] bool has_ended() const;
  [[nodiscard]] std::int64_t remaining() const { return quantity > filled ? quantity - filled : 0; }
};

// The decision that an order was made of.
struct LedgerDecision {
  std::int64_t service = 0;
  std::int64_t time = 0;
  std::string payload;
};

struct LedgerFill {
  std::int64_t fill_id = 0;
  std::string broker_id;
  std::int64_t order_id = 0;
  std::int64_t service = 0;
  std::string symbol;
  bool buys = false;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  std::int64_t fee = 0;
  std::int64_t rate = 0;
  bool inverse = false;
  std::int64_t filled_at = 0;
};

struct LedgerAudit {
  std::int64_t seq = 0;
  std::int64_t time = 0;
  std::string action;
  std::string subject;
  std::string after;
};

// One that was asked for by a row, and done.
struct LedgerRequest {
  std::int64_t id = 0;
  bool is_order_request = false;
  std::string kind;
  std::string payload;
  std::string answer;
  std::int64_t done_at = 0;
};

struct LedgerService {
  std::string symbol;
  std::string strategy;
  std::string state;
  std::int64_t portfolio = 0;
  std::int64_t cash = 0;
  std::int64_t shares = 0;
};

struct LedgerPortfolio {
  std::string name;
  bool is_default = false;
  bool is_removed = false;
  std::int64_t cash = 0;
  std::int64_t money_market = 0;
  std::map<std::string, std::int64_t> unassigned;  // by symbol
};

struct LedgerAction {
  std::int64_t seq = 0;
  std::string symbol;
  std::int64_t ex_date = 0;
  std::string kind;
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t cash = 0;
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  std::string skipped;
};

// A kill switch, by the journal's rows that threw and released it; 0: not yet.
struct LedgerSwitch {
  std::int64_t thrown = 0;
  std::int64_t released = 0;
};

struct LedgerAlarm {
  std::int64_t time = 0;
  std::string text;  // subject and text
};

class LedgerFold {
 public:
  // Told of each order that was approved, when everything that came before it in the journal is folded, and it is not.
  // Told when all that is new was read, before any of it is folded.
  using OnRead = std::function<void()>;
  using OnApproved = std::function<void(const LedgerOrder& order, const LedgerDecision* decision)>;

  explicit LedgerFold(const OracleSettings& settings) : settings_(settings), losses_(settings), equity_(settings) {}

  // What is new, and rows that it changed. `all`: what was read before is read again and compared. An error: it cannot
  // be read now, and nothing has changed.
  [[nodiscard]] core::Result<void> read(ledger::Database& database, bool all, const OnRead& on_read,
                                        const OnApproved& on_approved, Findings& findings);
  // Another ledger than before took its place: begins anew.
  void forget();

  [[nodiscard]] const std::map<std::int64_t, LedgerOrder>& orders() const { return orders_; }
  [[nodiscard]] const LedgerOrder* find(const std::string& client_id) const;
  [[nodiscard]] const std::vector<LedgerFill>& fills() const { return fills_; }
  [[nodiscard]] const std::map<std::int64_t, LedgerService>& services() const { return services_; }
  [[nodiscard]] const std::map<std::int64_t, LedgerPortfolio>& portfolios() const { return portfolios_; }
  [[nodiscard]] const std::vector<LedgerAction>& actions() const { return actions_; }
  [[nodiscard]] const LedgerSwitch* find_switch(std::int64_t id) const;
  [[nodiscard]] const std::vector<LedgerAudit>& audit() const { return audit_; }
  [[nodiscard]] const std::vector<LedgerAlarm>& alarms() const { return alarms_; }
  // Times of the journal's rows that the last look brought.
  [[nodiscard]] const std::vector<std::int64_t>& new_times() const { return new_times_; }
  [[nodiscard]] const std::vector<LedgerRequest>& new_requests() const { return new_requests_; }
  [[nodiscard]] const std::vector<std::uint64_t>& journal_hashes() const { return journal_hashes_; }
  [[nodiscard]] std::int64_t held(const std::string& symbol) const;
  [[nodiscard]] const std::map<std::string, std::int64_t>& positions() const { return held_; }
  [[nodiscard]] const EquityBook& equity() const { return equity_; }
  // When a split of it was last booked: prices of before are those of other shares. 0: never.
  [[nodiscard]] std::int64_t split_at(const std::string& symbol) const;
  // Of positions, as they were stored when it was last read.
  [[nodiscard]] const std::map<std::string, std::int64_t>& stored_prices() const { return stored_prices_; }
  // Orders that have not ended.
  [[nodiscard]] const std::map<std::int64_t, const LedgerOrder*>& open() const { return open_; }
  [[nodiscard]] std::int64_t cash() const;  // of portfolios and services
  [[nodiscard]] std::int64_t funded() const { return funded_; }
  [[nodiscard]] std::int64_t adopted_cash() const { return adopted_cash_; }
  [[nodiscard]] std::int64_t adopted_shares(const std::string& symbol) const;
  [[nodiscard]] std::int64_t waiting_requests() const { return waiting_requests_; }
  [[nodiscard]] std::int64_t last_time() const { return last_time_; }  // of the journal
  [[nodiscard]] std::int64_t journal_rows() const { return static_cast<std::int64_t>(journal_hashes_.size()); }

 private:
  struct Mark {
    std::int64_t key = 0;  // of the last row
    std::int64_t rows = 0;
    std::uint64_t last = 0;  // its hash
    RowHash chain = {};
  };
  static constexpr std::size_t kTables = 7;
  struct JournalRow;
  struct OrderRow;
  struct Rows;

  [[nodiscard]] core::Result<void> read_rows(ledger::Transaction& work, bool all, Rows& rows,
                                             std::vector<std::string>& lost) const;
  [[nodiscard]] core::Result<void> read_order(ledger::Transaction& work, std::int64_t id, Rows& rows) const;
  [[nodiscard]] core::Result<void> read_requests(ledger::Transaction& work, Rows& rows) const;
  [[nodiscard]] core::Result<void> read_balances(ledger::Transaction& work, Rows& rows) const;

  void take_money(const Rows& rows, Findings& findings);
  void take_audit(const Rows& rows, Findings& findings);
  void fold(const Rows& rows, const OnApproved& on_approved, Findings& findings);
  void check_row(const JournalRow& row, Findings& findings);
  void on_order(const JournalRow& row, const core::JsonValue& what, const OnApproved& on_approved, Findings& findings);
  void on_decision(const JournalRow& row, Findings& findings);
  void on_guard(const JournalRow& row, const core::JsonValue& what, Findings& findings);
  void on_order_found(const JournalRow& row, const core::JsonValue& what, Findings& findings);
  void on_order_event(const JournalRow& row, const core::JsonValue& what, Findings& findings);
  void on_fill(const JournalRow& row, const core::JsonValue& what, Findings& findings);
  void on_money_event(const JournalRow& row, const core::JsonValue& what, const Rows& rows, Findings& findings);
  void on_action(const JournalRow& row, const core::JsonValue& what, const Rows& rows, Findings& findings);
  static void split(LedgerOrder& order, const LedgerAction& action, std::int64_t lot);
  void check_denial(const LedgerOrder& order, std::string_view note, Findings& findings) const;
  void step(LedgerOrder& order, std::string_view event, std::int64_t seq, Findings& findings);
  void compare(const Rows& rows, Findings& findings) const;
  void compare_order(const OrderRow& row, Findings& findings) const;

  const OracleSettings& settings_;
  std::array<Mark, kTables> marks_{};
  std::vector<std::uint64_t> journal_hashes_;  // of each row and all before it
  std::int64_t last_seq_ = 0;
  std::int64_t last_time_ = 0;
  std::int64_t last_fencing_ = 0;
  std::string last_audit_hash_;
  std::int64_t holder_fencing_ = 0;
  std::int64_t holder_before_ = 0;  // when it was read the last time
  std::int64_t trips_ = 0;          // of the circuit breaker
  LossBook losses_;
  EquityBook equity_;

  std::map<std::int64_t, LedgerOrder> orders_;
  std::map<std::int64_t, const LedgerOrder*> open_;
  std::unordered_map<std::string, std::int64_t> by_client_;
  std::unordered_map<std::int64_t, LedgerDecision> decisions_;  // of the last look
  std::vector<LedgerFill> fills_;
  std::map<std::int64_t, LedgerService> services_;
  std::map<std::int64_t, LedgerPortfolio> portfolios_;
  std::map<std::int64_t, LedgerSwitch> switches_;
  std::map<std::string, std::int64_t> held_;
  std::map<std::string, std::int64_t> stored_prices_;
  std::map<std::string, std::int64_t> adopted_shares_;
  std::map<std::tuple<std::string, std::int64_t, std::string>, std::int64_t> entries_;  // holder, number, currency
  std::vector<LedgerAction> actions_;
  std::map<std::string, std::int64_t> split_at_;  // by symbol
  std::vector<LedgerAudit> audit_;
  std::vector<LedgerAlarm> alarms_;
  std::vector<std::int64_t> new_times_;
  std::vector<LedgerRequest> new_requests_;
  std::set<std::pair<bool, std::int64_t>> done_requests_;
  bool begins_anew_ = false;  // what is read next was there before
  std::int64_t funded_ = 0;
  std::int64_t adopted_cash_ = 0;
  std::int64_t folded_fills_ = 0;
  std::int64_t waiting_requests_ = 0;
};

// The state that an event leads to, or nothing where it may not happen then.
[[nodiscard]] std::optional<std::string_view> next_order_state(std::string_view state, std::string_view event,
                                                               std::string_view resting);

}  // namespace argosy::simulation::detail

// What the oracle saw and heard by itself: orders at the gate, prices, what was asked for; and the limits and switches
// that an order had to keep, worked out from that and from the journal before the order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/json.hpp"
#include "market/quote.hpp"
#include "simulation/detail/oracle_ledger.hpp"
#include "simulation/detail/oracle_rows.hpp"
#include "simulation/detail/oracle_venue.hpp"
#include "trading/broker_connection.hpp"

namespace argosy::simulation::detail {

struct Ticket {
  std::int64_t time = 0;
  trading::OrderTicket order;
};

struct Asked {
  std::string kind;
  std::string text;  // the payload as it was written
  std::string answer_text;
  core::JsonValue payload;
  core::JsonValue answer;
  std::int64_t time = 0;
  std::size_t life = 0;    // which one, from 1; 0: none ran
  bool from_row = false;   // rather than told
  bool confirmed = false;  // its row of the audit log was seen
};

// A process, from its start to its death.
struct Life {
  std::int64_t started = 0;
  std::int64_t died = 0;  // 0: it lives
  bool looked_at = false;
  std::map<std::string, std::int64_t> stored;  // prices by which it began, where they were looked at just then
};

class GateBook {
 public:
  explicit GateBook(const OracleSettings& settings) : settings_(settings) {}

  void on_ticket(std::int64_t time, const trading::OrderTicket& ticket, Findings& findings);
  void on_started(std::int64_t time);
  void on_died(std::int64_t time);
  void on_asked(std::int64_t time, std::string_view kind, std::string_view payload, std::string_view answer,
                bool from_row);
  // The ledger was looked at, or could not be read: nothing. A process that has just begun goes by the prices of it.
  void on_look(std::int64_t time, const LedgerFold* ledger);
  void on_quote(std::int64_t time, const std::string& symbol, const market::Quote& quote);
  // Whatever the ledger has not, is forgotten.
  void on_restored();

  // Of an order that was approved, when the journal is folded up to it.
  void judge(const LedgerOrder& order, const LedgerDecision* decision, const LedgerFold& ledger, Findings& findings);
  // Whether what was acknowledged is there; requests of a process that died too early are forgotten.
  void confirm(const LedgerFold& ledger, bool quiet, Findings& findings);
  // Orders that came to the gate since the last time, against the ledger's.
  void match(const LedgerFold& ledger, Findings& findings);
  // Drops prices that no order can have been decided on that is still to be judged. A ledger that cannot be written for
  // a while has orders of long ago.
  void forget_prices(std::int64_t before);

  [[nodiscard]] bool passed(const std::string& client_id) const { return passed_.contains(client_id); }
  // Of acknowledged requests: 0 where a service was never told what to be.
  [[nodiscard]] const std::map<std::int64_t, std::string>& wanted_states() const { return wanted_; }
  [[nodiscard]] std::int64_t funded() const { return funded_; }

 private:
  struct Seen {
    std::int64_t time = 0;
    std::int64_t quoted_at = 0;
    std::int64_t last = 0;
  };
  // Prices that an order decided at a time may have been made of: what the process of then was told, or began with.
  struct Marks {
    bool known = false;
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    std::int64_t quoted_at = 0;  // the latest
    std::int64_t seen_at = 0;
  };
  // The limits on numbers, in force at a time; nothing: none.
  struct InForce {
    std::optional<std::int64_t> order_quantity;
    std::optional<std::int64_t> order_value;
    std::optional<std::int64_t> working_orders;
    std::optional<std::int64_t> position_quantity;
    std::optional<std::int64_t> position_value;
    std::optional<std::int64_t> open_positions;
    std::optional<std::int64_t> gross_exposure;
  };

  [[nodiscard]] const Life* life_at(std::int64_t time) const;
  [[nodiscard]] Marks marks(const LedgerFold& ledger, const std::string& symbol, std::int64_t at) const;
  [[nodiscard]] InForce in_force(std::int64_t at) const;
  // A switch that stops such an order at a row of the journal, in words; empty: none.
  [[nodiscard]] std::string stopped_by(const LedgerOrder& order, std::int64_t seq, const LedgerFold& ledger) const;
  void take_up(Asked& asked);
  static void judge_owner(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings);
  static void judge_own(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings);
  void judge_size(const LedgerOrder& order, const InForce& limits, const LedgerFold& ledger, Findings& findings) const;
  void judge_positions(const LedgerOrder& order, const InForce& limits, const LedgerFold& ledger,
                       Findings& findings) const;
  void judge_price(const LedgerOrder& order, const LedgerDecision* decision, const LedgerFold& ledger,
                   Findings& findings) const;
  void judge_rates(const LedgerOrder& order, Findings& findings);
  void judge_losses(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) const;
  void judge_drawdown(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) const;
  // How large all positions may be together, at most; nothing: there is no such limit, or a price is not known.
  [[nodiscard]] std::optional<std::int64_t> most_by_leverage(const LedgerFold& ledger, std::int64_t at) const;
  // What the account is worth at a time, at the highest prices that a process may go by then which stood still for so
  // long; nothing: one is not known.
  [[nodiscard]] std::optional<std::int64_t> most_worth(const LedgerFold& ledger, std::int64_t at,
                                                       std::int64_t stood_still) const;
  void note_worth(const LedgerFold& ledger, std::int64_t time);

  // A process that stood still goes by prices of before that for as long as it takes to hear of newer ones.
  static constexpr std::int64_t kStoodStill = 600'000'000'000;  // ns

  // What the account was worth when it was last looked at in a day.
  struct Worth {
    std::int64_t day = 0;
    std::int64_t equity = 0;
    std::int64_t funded = 0;  // until then
  };

  const OracleSettings& settings_;
  std::optional<Worth> worth_;
  std::optional<Worth> worth_before_;  // of the day before that
  bool is_restored_ = false;
  std::vector<Ticket> waiting_;
  std::unordered_map<std::string, std::int64_t> passed_;  // client ids, and when
  std::map<std::string, std::deque<Seen>> prices_;
  std::int64_t last_time_ = 0;
  bool stepped_ = false;  // the clock was set back: which price came when cannot be said
  std::vector<Life> lives_;
  std::vector<Asked> asked_;
  std::size_t looked_at_ = 0;  // rows of the audit log
  std::map<std::int64_t, std::string> wanted_;
  std::int64_t funded_ = 0;
  // Of the message limit and of equal orders: of the holder that writes.
  std::int64_t holder_ = 0;
  __int128 tokens_ = 0;
  std::int64_t refilled_ = 0;
  std::deque<LedgerOrder> recent_;
};

}  // namespace argosy::simulation::detail

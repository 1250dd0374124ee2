// The oracle: says what cannot be, of what the process that trades has stored, what it told its broker, and what it was
// asked. It knows the broker's books and the history of events, and works everything out anew with code of its own:
// nothing of live/, and of trading/ types only.
//
//   Oracle oracle({.client_ids = false}, clock);
//   gateway.set_listener(&oracle);                              // what both sides say, before it is falsified
//   oracle.on_started(); ... oracle.on_quote("AAPL", quote, true); ... oracle.on_died();
//   oracle.check(ledger, venue, Moment::kRunning)               // some ten times a day, and after each start
//   oracle.check(ledger, venue, Moment::kEnd)                   // at a quiet point: everything is read again
//
// The invariants, and how each is looked at:
//
//   I1   rows of the journal, fills, money, the audit log, the outbox and actions that were seen once stay as they
//        were (a running hash of each table); whatever reached the gate is an order of the ledger; what was
//        acknowledged is there once anything of later is
//   I2   each group of money entries adds up to zero in each currency
//   I3   cash = what was funded - bought + sold - fees, of the venue's fills, to the unit: at the venue, and in the
//        ledger; positions the same, and splits and dividends are the venue's. A service that is off gives nothing back
//        that its order may still take; nothing is refused for want of money that is there
//   I4   each fill of the ledger is one of the venue's, with its numbers, once; at quiet points each of the venue's is
//        booked
//   I5   a client order id passes the gate once, is one order at the venue, and the ledger's order follows that one
//   I6   nothing is filled for more than it asked for; sums and average prices are those of the fills
//   I7   orders move along permitted edges only, here and at the venue; what has ended moves no more but for a late
//        fill, which is flagged
//   I8   at quiet points each order that passed the gate has ended as the venue says, or is unknown with an alarm; when
//        it became unknown somebody was told
//   I9   at quiet points working orders, positions and cash are the broker's, or differ by what was done there by hand
//        with an alarm
//   I10  each order at the gate is as it was written, has a recorded decision, and kept the limits with working orders
//        counted: size, value, positions, gross exposure, their numbers, messages, equal orders, lists, collar, age of
//        the price. A service has one order at a time, and sells no more than is its own. How often the breaker has
//        opened is not forgotten; after so many trades in a row that lost nothing grows until it has rested, then no
//        more than its trial allows; nothing grows on a day that has lost more than it may (a tenth more is let pass,
//        for the day before ended at another moment for the process). Not here: drawdown, leverage, net exposure,
//        correlation and hours, and the breaker's other rules (tests of trading/)
//   I11  after a switch was acknowledged nothing leaves that it stops, over restarts, until it is released
//   I12  nothing is decided on a price older than its limit, and nothing leaves that waited too long to be written; the
//        journal's time does not go back; no price is believed that cannot be, or is older than the one before it
//   I13  fencing numbers of holders grow, and those of the journal's rows never fall
//   I14  orders, shares and balances folded anew from the journal are those of the rows, and orders that work follow
//        their splits; state_hash() for the rest
//   I15  the journal has no gaps. Not here: overflow of queues (tests of live/ and net/)
//   I16  Not here: docs/concepts/simulation.md says why
//   I17  the audit log's chain is unbroken, and has each change that was acknowledged
//   I18  at quiet points nothing is in flight, no request waits, services are as they were asked to be or have an alarm
//   I19  a planted secret stands nowhere in the ledger
//   I20  not here, but by the world at each quiet point: timers, streams and open files of the process are no more than
//        when it had just begun, and the ledger's log is bounded. Memory, threads: outside of the simulated world
//
// It takes no time of the simulated clock, and draws nothing. It outlives whatever it listens to.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/schema.hpp"
#include "market/quote.hpp"
#include "simulation/broker_gateway.hpp"
#include "trading/limits.hpp"

namespace argosy::simulation {

struct Violation {
  int invariant = 0;  // 1: I1, ...
  std::string what;
  friend bool operator==(const Violation&, const Violation&) = default;
};
// "I4: fill F7 is booked twice".
[[nodiscard]] std::string to_string(const Violation& violation);

// What the world knows and the oracle is told.
struct OracleSettings {
  std::int64_t broker_account_id = 1;
  bool client_ids = true;                                            // the broker tells them
  std::string currency = "USD";                                      // the account's
  core::Money initial_cash = {};                                     // at the venue, before any funding
  core::Money funded = {};                                           // before it began to listen
  trading::LimitProfile limits = trading::LimitProfile::backtest();  // the hard ones
  core::Duration quote_age = std::chrono::seconds(60);               // an older price decides nothing
  core::Duration written_within = std::chrono::seconds(30);          // an order that waited longer does not leave
  bool time_goes_back = false;                                       // the world's clock is set back
  bool forgets_orders = false;  // the broker ends orders in the night, and does not say how
  bool cancels_early = false;   // the broker tells of some that are yet to be made
  std::string secret = {};      // empty: none was planted
};

enum class Moment : std::uint8_t {
  kRunning,  // whatever may be under way
  kQuiet,    // no faults, services stopped, time has passed: everything must be resolved
  kEnd,      // the same, and what was read before is read again
};

struct OracleCounts {
  std::int64_t checks = 0;
  std::int64_t unreadable = 0;  // checks for which the ledger could not be read
  std::int64_t journal_rows = 0;
  std::int64_t tickets = 0;  // orders at the gate
  std::int64_t answers = 0;
  std::int64_t orders_judged = 0;
  std::int64_t fills_matched = 0;
  std::int64_t requests = 0;
};

class Oracle final : public GatewayListener {
 public:
  // The clock is the world's, and outlives it.
  Oracle(OracleSettings settings, const core::Clock& clock);
  ~Oracle() override;
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  void on_question(const brokers::Question& question) override;
  void on_answer(std::int64_t question, const brokers::Answer& answer) override;

  // The process.
  void on_started();
  void on_died();
  // What was asked for, as on the command line, and what was answered. `done_at`: when it was done, where that is not
  // now (a request's row says it: answered_at).
  void on_request(std::string_view kind, std::string_view payload, const core::Result<std::string>& answer,
                  std::optional<core::Timestamp> done_at = std::nullopt);
  // What the feed said. `taken`: the validator accepted it, and a process that runs was handed it.
  void on_quote(const std::string& symbol, const market::Quote& quote, bool taken);
  // Shares and cash that changed at the venue by other ways than its orders and actions; its own orders of foreign
  // clients are seen in its books.
  void on_hand(const std::string& symbol, core::Quantity quantity, core::Money cash);
  // A backup took the ledger's place: what was written since is gone, and is not held against it.
  void on_restored();

  // What is wrong and was not told before. Rows that are new are read, and those that they change.
  [[nodiscard]] std::vector<Violation> check(ledger::Database& ledger, ledger::Database& venue, Moment moment);
  // The same for a backup by itself: a moment of the same ledger, whole.
  [[nodiscard]] std::vector<Violation> check_backup(ledger::Database& backup);

  [[nodiscard]] const OracleCounts& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-256 of every row of the schema's tables, in one order: the same history gives the same.
[[nodiscard]] core::Result<std::string> state_hash(ledger::Database& database, const ledger::Schema& schema);

}  // namespace argosy::simulation

// The desk of one broker account: orders go through the risk gate and into the journal, are sent once they are written,
// and followed until they have ended; the account is compared with the broker's.
//
//   Desk desk(settings, account, limits, instruments, recorder, connection);
//   desk.set_listener(trader);
//   desk.begin();                                   // resolves what was not final when the program stopped
//   const Placed placed = desk.place({.order = order, .service_id = 7, .decision = seq});
//   ... desk.on_written(intent) ... listener.on_order_changed(row)
//
// What is not known stays unknown until the broker says what became of it: an order that it does not answer for is
// asked for again and again, by its client id where the broker knows those, otherwise among open orders, history and
// the change of the position; then only one candidate that fits is taken, and anything else blocks the instrument and
// tells a person. An order that was given up and comes to the broker after all is cancelled there, and what is filled
// of it is booked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "live/ledger_writer.hpp"
#include "live/recorder.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"
#include "market/quote.hpp"
#include "market/rate_table.hpp"
#include "trading/broker_connection.hpp"
#include "trading/order_manager.hpp"
#include "trading/switch_trial.hpp"

namespace argosy::live {

struct DeskSettings {
  std::int64_t broker_account_id = 0;
  std::string broker;    // for people
  std::string instance;  // of the ledger: client order ids are "argosy-<instance>-<order>"
  std::string currency = "USD";
  // How long to wait, by the clock that trading runs by.
  core::Duration in_flight_check = std::chrono::seconds(2);
  core::Duration open_orders_check = std::chrono::seconds(5);
  core::Duration positions_check = std::chrono::seconds(60);
  core::Duration answer_time = std::chrono::seconds(5);  // then an answer is missing
  // An order that waited longer to be written is not sent: it was decided on prices of before.
  core::Duration written_within = std::chrono::seconds(30);
  // By so much our clock and the broker's may differ: orders of before are looked for from so much earlier on.
  core::Duration clock_tolerance = std::chrono::minutes(2);
  int not_found_needed = 3;  // the broker must say so often that it has no such order, answer_time after it was sent
  bool adopts_positions = false;  // what differs at the broker is taken over rather than blocked, after a second look
  bool adopts_cash = false;       // the same of its cash
  // Brokers round each fill to their smallest coin: cash may differ by so much a fill since it last agreed, and by
  // `cash_tolerance` at most.
  Money cash_rounding = Money::from_units(10'000);
  Money cash_tolerance = Money::from_integer(1);
  // Says what is wrong with the kill switch; empty: it works. Tests give one that fails.
  std::function<std::string(const trading::OrderManager&)> switch_trial = trading::try_kill_switch;
};

// An instrument as the desk trades it.
struct TradedInstrument {
  std::int64_t instrument_id = 0;
  market::Instrument instrument;
  bool is_active = true;  // may get new services
};

class DeskListener {
 public:
  virtual ~DeskListener() = default;
  // Something became of an order; the row is as it is now.
  virtual void on_order_changed(const ledger::OrderRow& order, bool filled) = 0;
  // An action of an instrument is booked, or is of no account here: what is made of prices is made anew.
  virtual void on_action(class Desk& desk, trading::InstrumentIndex i, const market::CorporateAction& action) = 0;
  // The desk resolved everything that it found at its beginning; trading may begin.
  virtual void on_desk_ready() = 0;
};

class Desk final : public trading::Broker, private trading::BrokerConnectionListener {
 public:
  // Positions and working orders are those of the recorder's book. Rates, recorder and connection outlive the desk.
  Desk(DeskSettings settings, trading::LimitProfile limits, trading::FeeSchedule fees,
       const std::vector<TradedInstrument>& instruments, const market::RateTable& rates, Recorder& recorder,
       trading::BrokerConnection& connection);
  ~Desk() override;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  void set_listener(DeskListener& listener) { listener_ = &listener; }
  // Opens the connection; everything that was not final is asked for when it stands.
  void begin();
  // The checks that are due by now. Called often.
  void on_time(core::Timestamp now);

  // --- Orders. ---
  struct Wanted {
    trading::Order order;
    std::optional<std::int64_t> service_id;
    std::optional<std::int64_t> portfolio_id;
    std::int64_t decision = 0;  // the journal's number
    std::optional<std::int64_t> replaces = {};
  };
  struct Placed {
    std::int64_t order_id = 0;
    bool approved = false;
    trading::Outcome outcome = trading::Outcome::kApproved;
    std::string note;  // why it was denied, in words
  };
  Placed place(const Wanted& wanted);
  // One that was not sent yet is withdrawn. False: it has ended, or is being cancelled.
  bool cancel(std::int64_t order_id);
  void cancel_all();
  // Whether cancel() would do something.
  [[nodiscard]] bool may_cancel(std::int64_t order_id) const;
  // Orders that have not ended, the oldest first, and the cash that each holds back.
  void each_working(const std::function<void(const ledger::OrderRow& order, Money promised)>& use);
  // An intent is written: it is sent, unless something forbids that now.
  void on_written(CommittedIntent&& intent);

  // --- The market. ---
  [[nodiscard]] std::optional<trading::InstrumentIndex> find(std::int64_t instrument_id) const;
  trading::InstrumentIndex add_instrument(const TradedInstrument& traded);
  void on_quote(trading::InstrumentIndex i, const market::Quote& quote);
  void on_day(core::Timestamp now);
  // The table of rates has changed, or has become older. What was held goes on being worth what it was when a rate is
  // too old; only nothing is bought by it.
  void on_rates(core::Timestamp now);
  // Whether what is paid for the instrument is known. Who asks wants to buy: the first time that it is not, it is told.
  [[nodiscard]] bool has_rate(trading::InstrumentIndex i);
  // Currencies in which somebody wanted to buy and could not, and why.
  [[nodiscard]] std::vector<std::string> missed_rates() const;
  // An action whose day has come, before the first price of that day; again after each start. Booked once, as soon as
  // every order of the instrument is known; until then its prices must not come (desk_actions.cpp).
  // `last_close`: before a split, in old shares.
  void take_action(trading::InstrumentIndex i, const market::CorporateAction& action, Price last_close);
  [[nodiscard]] bool awaits_action(trading::InstrumentIndex i) const { return !due_.empty() && due_.contains(i); }

  // --- Switches. ---
  void halt(trading::Halt halt, const std::string& reason);
  void halt(trading::InstrumentIndex i, trading::Halt halt, const std::string& reason) {
    manager_.gate().halt(i, halt, reason);
  }
  void resume();
  void resume(trading::InstrumentIndex i);
  // Tries the kill switch on a copy of what trades, and writes down whether it works. One that does not blocks entries.
  [[nodiscard]] bool try_switch();
  // Other limits of orders from now on.
  void set_limits(const trading::RiskLimits& limits) { manager_.gate().set_limits(limits, account()); }
  // The circuit breaker is closed by hand; losses are measured from now on.
  void reset_breaker();
  // What the guard must not forget is written where it has changed.
  void keep_guard();
  // Why nothing may leave: the ledger cannot be written, or belongs to another process. Empty: it may.
  void stop_sending(std::string reason) { stopped_ = std::move(reason); }

  // What came in and went out before; a broker that is played is told again, for it may have missed some.
  void remember_fundings(std::vector<std::pair<std::int64_t, Money>> fundings);
  // Money came into a portfolio of the account, or went out; a broker that is played is told.
  void fund(std::int64_t funding_id, Money amount);

  // What the book has forgotten; a fill of it that comes later is no order's.
  void forget(std::span<const std::int64_t> orders);

  // --- Looking. ---
  [[nodiscard]] bool is_ready() const { return ready_; }
  [[nodiscard]] bool is_connected() const { return connection_.is_connected(); }
  // Whether entries of the instrument are held up by something that is not understood.
  [[nodiscard]] const std::string* blocked(trading::InstrumentIndex i) const;
  [[nodiscard]] const std::map<trading::InstrumentIndex, std::string>& blocks() const { return blocks_; }
  // Why no position of the account may grow, by what found it: "cash", "kill switch".
  [[nodiscard]] const std::map<std::string, std::string>& account_blocks() const { return account_blocks_; }
  // Whether another order of the instrument may be made now: with a broker that knows no client ids only while none is
  // on its way, for one whose answer is missing could not be told from the next.
  [[nodiscard]] bool may_place(trading::InstrumentIndex i) const;
  [[nodiscard]] std::size_t unknown_orders() const;
  [[nodiscard]] std::size_t working_orders() const { return manager_.account().working_orders().size(); }
  [[nodiscard]] std::size_t unanswered_orders() const;
  // How often the gate denied an order since this process began, by reason.
  [[nodiscard]] const std::map<trading::Outcome, std::int64_t>& denials() const { return denials_; }
  [[nodiscard]] std::int64_t anomalies() const { return anomalies_; }  // words of the broker that made no sense
  [[nodiscard]] const trading::Account& account() const { return manager_.account(); }
  [[nodiscard]] trading::RiskGate& gate() { return manager_.gate(); }
  [[nodiscard]] const DeskSettings& settings() const { return settings_; }
  [[nodiscard]] const trading::BrokerCapabilities& capabilities() const { return connection_.capabilities(); }

  // trading::Broker, called by the order manager.
  [[nodiscard]] bool sends_at_once() const override { return false; }
  void submit(trading::Approved<trading::Order>&& approved) override;
  void cancel(trading::OrderId id) override;
  void replace(trading::Approved<trading::OrderChange>&& change) override;

 private:
  // What is remembered of an order beside its row.
  struct Followed {
    std::int64_t order_id = 0;  // of the ledger
    core::Timestamp sent{};     // or asked to be cancelled, last
    core::Timestamp first_sent{};
    core::Timestamp lost{};  // became unknown; people are told of one that stays so
    bool told_lost = false;
    int not_found = 0;
    enum class Search : std::uint8_t { kNone, kAsked, kDone };
    Search search = Search::kNone;  // in the history, for what was filled of it unheard
    bool resolved = true;           // false: found at the beginning, and not known yet
  };

  void on_connected() override;
  void on_disconnected(const core::Error& why) override;
  void on_order(const trading::OrderReport& report) override;
  void on_no_order(const std::string& client_order_id) override;
  void on_open_orders(std::span<const trading::OrderReport> reports) override;
  void on_history(std::span<const trading::OrderReport> reports) override;
  void on_account(const trading::AccountReport& report) override;
  void on_cancel_refused(const std::string& client_order_id, const std::string& reason) override;
  void on_funded(std::int64_t funding_id) override;
  void on_funding_refused(std::int64_t funding_id, const std::string& reason) override;

  // Once more for each that is not confirmed: the broker does it once.
  void ask_fundings();
  void note_currency(const std::string& currency);
  void restore_rates();
  void restore();
  void restore_order(const ledger::OrderRow& row);
  [[nodiscard]] Followed& followed(trading::OrderId id) {
    return followed_[static_cast<std::size_t>(id.value() - 1) - account().forgotten()];
  }
  [[nodiscard]] std::optional<trading::OrderId> local(std::int64_t order_id) const;
  [[nodiscard]] std::optional<trading::OrderId> find_reported(const trading::OrderReport& report) const;
  [[nodiscard]] const ledger::OrderRow& row_of(trading::OrderId id);
  [[nodiscard]] ledger::OrderRow make_row(const trading::Order& order, std::int64_t order_id, const Wanted& wanted);
  [[nodiscard]] std::optional<trading::OrderId> find_by_client_id(std::string_view id) const;
  [[nodiscard]] std::vector<trading::OrderId> working() const;  // a copy: answers shorten the account's list

  // Writes a step of an order; the account is told by whoever calls.
  void record_move(trading::OrderId id, trading::OrderEvent what, std::string note = {},
                   std::string broker_order_id = {});
  void lose(trading::OrderId id);
  void resolve(trading::OrderId id);
  // One word about an order; false where it makes no sense now.
  bool step(trading::OrderId id, trading::OrderEvent what, const std::string& broker_order_id, const std::string& note);
  [[nodiscard]] market::ExchangeRate rate_of(trading::InstrumentIndex i, const trading::ReportedFill& fill);
  void contradict(trading::OrderId id, const trading::ReportedFill& fill, const Book::BookedFill& known);
  bool book_fill(trading::OrderId id, const trading::ReportedFill& told);
  void take_report(trading::OrderId id, const trading::OrderReport& report);
  void take_foreign(const trading::OrderReport& report);
  void withdraw(trading::OrderId id, const std::string& why);

  // Orders that come to the broker after they had ended here (desk_late.cpp).
  [[nodiscard]] static std::string given_up_note();
  [[nodiscard]] static bool was_given_up(const ledger::OrderRow& row);
  void note_given_up(const ledger::OrderRow& row);
  void forget_given_up();
  void take_late(trading::OrderId id, const trading::OrderReport& report);
  void find_again(trading::OrderId id, const trading::OrderReport& report);
  void follow_strays(std::span<const trading::OrderId> seen);
  [[nodiscard]] bool fits(trading::OrderId id, const trading::OrderReport& report);
  [[nodiscard]] bool is_unclaimed(const trading::OrderReport& report) const;
  [[nodiscard]] std::vector<trading::OrderId> given_up_like(const trading::OrderReport& report);
  void match_given_up(std::span<const trading::OrderReport> reports);
  void look_for_late(trading::InstrumentIndex i);

  void tell(trading::OrderId id, bool filled);
  void ask(trading::OrderId id);
  void tell_unknown(trading::OrderId id);
  void check_in_flight(core::Timestamp now);
  void follow_clock(core::Timestamp now);
  void match_unknown(std::span<const trading::OrderReport> reports, bool is_history);
  void settle_missing(trading::OrderId id);
  void settle_forgotten(trading::OrderId id);
  [[nodiscard]] bool is_session_over(trading::OrderId id);
  // Asks for the history where that was not done; true: it was seen.
  [[nodiscard]] bool is_searched(trading::OrderId id);
  // Those that were asked for and not answered yet.
  void end_searches(Followed::Search how);
  // People are told of each thing once while the process lives.
  [[nodiscard]] bool tells_first(std::string what) { return told_.insert(std::move(what)).second; }
  void block_account(const std::string& what, const std::string& why);
  void unblock_account(const std::string& what);
  void apply_halt();
  void restore_guard();
  void compare_positions(const trading::AccountReport& report);
  void compare_cash(const trading::AccountReport& report);
  void adopt_cash(Money difference);
  void count_trade(const ledger::OrderRow& order);
  // Looks at the account again soon, rather than at the next time.
  void look_again();
  void block(trading::InstrumentIndex i, const std::string& why);
  void unblock(trading::InstrumentIndex i);
  void adopt(trading::InstrumentIndex i, Quantity difference);
  void check_ready();

  // Splits, dividends and delistings.
  struct Due {
    market::CorporateAction action;
    Price last_close;
  };
  enum class Concern : std::uint8_t { kDone, kNone, kDoubt, kBooks };
  void book_due(trading::InstrumentIndex i);
  void pass(trading::InstrumentIndex i, const Due& due);
  [[nodiscard]] bool may_book(trading::InstrumentIndex i, const market::CorporateAction& action) const;
  [[nodiscard]] Concern concern_of(trading::InstrumentIndex i, const market::CorporateAction& action, std::string& why);
  void record_action(trading::InstrumentIndex i, const Due& due, const std::string& skipped);
  void book_action(trading::InstrumentIndex i, const Due& due);
  [[nodiscard]] core::Date day_of(trading::InstrumentIndex i, core::Timestamp time) const;
  // A fill of before a split that is booked, in the shares of after it.
  [[nodiscard]] trading::ReportedFill restated(trading::InstrumentIndex i, const trading::ReportedFill& fill) const;
  void tell_restated(trading::InstrumentIndex i, const trading::ReportedFill& told,
                     const trading::ReportedFill& booked);
  [[nodiscard]] std::string split_hint(trading::InstrumentIndex i, Quantity held) const;

  DeskSettings settings_;
  std::string prefix_;  // of client order ids
  const market::RateTable& rates_;
  Recorder& recorder_;
  trading::BrokerConnection& connection_;
  std::vector<std::int64_t> instrument_ids_;
  std::unordered_map<std::int64_t, trading::InstrumentIndex> index_of_;
  std::unordered_map<std::string, trading::InstrumentIndex> index_of_symbol_;
  trading::OrderManager manager_;
  DeskListener* listener_ = nullptr;

  const Wanted* placing_ = nullptr;
  std::vector<Followed> followed_;  // of the account's orders
  std::unordered_map<std::int64_t, trading::OrderId> local_of_;
  std::unordered_map<std::string, std::int64_t> by_broker_id_;
  std::vector<std::int64_t> given_up_;  // orders that the broker said it had not, not found since; the oldest first
  std::set<std::int64_t> strays_;       // orders that work there and have ended here
  std::map<trading::InstrumentIndex, std::vector<Due>> due_;     // told and not booked yet
  std::map<trading::InstrumentIndex, std::vector<Due>> passed_;  // that concerned nothing when they were told
  std::map<trading::InstrumentIndex, std::string> blocks_;
  std::map<std::string, std::string> account_blocks_;
  struct Currency {
    std::string trouble;  // why there is no rate; empty: there is
    bool missed = false;  // and somebody wanted it
  };
  std::map<std::string, Currency, std::less<>> currencies_;  // of instruments, other than the account's
  trading::HaltState switch_;                                // of kill switches alone
  struct Difference {
    Quantity quantity;
    core::Timestamp since;
  };
  std::map<trading::InstrumentIndex, Difference> differences_;  // of positions, at the last look; unexplained
  std::set<trading::InstrumentIndex> unequal_;                  // the same, whatever may explain it
  Money cash_difference_;                                       // at the last look
  core::Timestamp cash_looked_{};
  int cash_looks_ = 0;                  // that found this difference
  std::int64_t fills_since_equal_ = 0;  // since cash last agreed to the unit
  bool cash_implausible_ = false;
  std::string kept_;  // what is written of the guard
  std::int64_t kept_trips_ = 0;
  std::map<trading::Outcome, std::int64_t> denials_;
  trading::BreakerState kept_state_ = trading::BreakerState::kClosed;
  Money funded_;                                          // all that came in from outside, less what went out
  std::unordered_set<std::string> foreign_;               // orders at the broker that are not ours, by its ids
  std::unordered_set<std::string> told_;                  // by tells_first()
  std::string stopped_;                                   // why nothing leaves; empty: it does
  std::vector<std::pair<std::int64_t, Money>> fundings_;  // not confirmed yet
  std::set<std::int64_t> unwritten_;                      // of them: the broker must not know yet
  std::size_t unresolved_ = 0;                            // found at the beginning, and not known yet
  bool ready_ = false;
  bool account_seen_ = false;
  bool looks_implausible_ = false;
  std::int64_t anomalies_ = 0;
  core::Timestamp looked_{};  // at the clock, last
  core::Timestamp next_in_flight_{};
  core::Timestamp next_open_orders_{};
  core::Timestamp next_positions_{};
  core::Timestamp next_rates_{};
  core::Timestamp last_fill_{};
  core::Timestamp heard_{};  // of the broker, last
};

}  // namespace argosy::live

// The process that trades, its disk, the network and its broker, in one simulated time. It runs as it is shipped, with
// five services on three instruments, and may die at any moment; whoever made the world turns faults on and off.
//
//   World world({.seed = 7});
//   world.gateway().set(BrokerFault::kForgetsAnswer, 0.1);
//   world.die_at(world.disk().changes() + 100, Death::kPower);   // within the hundredth write, sync or rename from
//   here world.run(std::chrono::hours(1));                            // it is started again when it has died
//   world.calm_down();                                           // no faults, no new orders: everybody must agree
//   world.findings()                                             // empty: they do
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/paper_venue.hpp"
#include "core/clock.hpp"
#include "core/rng.hpp"
#include "feeds/demo_feed.hpp"
#include "live/action_teller.hpp"
#include "live/live_bars.hpp"
#include "live/probability.hpp"
#include "live/process.hpp"
#include "live/seen_bars.hpp"
#include "market/quote_validator.hpp"
#include "net/simulated.hpp"
#include "simulation/broker_gateway.hpp"
#include "simulation/disk.hpp"
#include "simulation/fault.hpp"
#include "simulation/history.hpp"
#include "simulation/host_executor.hpp"
#include "simulation/lake_watch.hpp"
#include "simulation/memory.hpp"
#include "simulation/oracle.hpp"

struct sqlite3;

namespace argosy::simulation {

namespace detail {
struct StreamCount;
}

struct WorldSettings {
  std::uint64_t seed = 1;
  // An opening of New York.
  core::Timestamp start = std::chrono::sys_days(std::chrono::year(2024) / 11 / 27) + std::chrono::minutes(870);
  bool client_ids = true;  // the broker knows orders by them
  core::Duration quote_interval = std::chrono::seconds(1);
  net::LinkSettings link = {};  // between process and broker
  brokers::PaperSettings paper = {};
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  int services = 5;
  std::int64_t interval_seconds = 10;  // of the services
  bool adopts = false;                 // what somebody did by hand at the broker is taken over
  bool clock_steps = false;            // the process's clock will be set
  bool forgets_orders = false;         // the broker will, by forget_orders()
  bool cancels_early = false;          // the broker may tell of cancels that are yet to be made
  live::ActionTeller::Actions actions = {};
  std::vector<core::Date> without_trades = {};  // days of the calendar on which the exchange stays closed
  std::size_t history = 0;                      // so many of the last events are kept in words
  // Hooks of who counts: what the process speaks through, and before a process that died is started again.
  std::function<std::unique_ptr<net::Network>(std::unique_ptr<net::Network>)> between_process_and_network = {};
  std::function<void()> before_restart = {};
};

// Limits that orders meet now and then, with a breaker that opens and closes.
[[nodiscard]] trading::LimitProfile simulation_limits();

enum class Death : std::uint8_t { kKill, kPower };

// What the feed tells that is not so; F28 and F31.
enum class FeedFault : std::uint8_t {
  kSilent,
  kFrozen,
  kTenfold,
  kZero,
  kNegative,
  kCrossed,
  kLate,
  kTwice,
  kNoVolume
};
inline constexpr std::array<std::string_view, 9> kFeedFaults{
    "silent", "frozen", "tenfold", "zero", "negative", "crossed", "late", "twice", "volume that is no number"};

class World {
 public:
  explicit World(WorldSettings settings);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // For a time of the simulated clock. A process that died is buried and started again some seconds later.
  void run(core::Duration time) { run_until(now() + time); }
  void run_until(core::Timestamp end);
  // Now, or in place of a change of the disk that is still to come (SimulatedDisk::changes()), or when the next order
  // comes to the broker's gate: the order goes on, or is lost.
  void die(Death death);
  void die_at(std::int64_t change, Death death);
  void die_sending(bool arrives);
  // It ends, as in the evening, and stays so until it is started.
  void shut_down();
  void start_again();

  // The share of prices that are so.
  void set(FeedFault fault, double share) { feed_shares_[static_cast<std::size_t>(fault)] = share; }
  // So many prices in place of one.
  void set_burst(int prices) { burst_ = prices; }
  // Somebody cancels all orders within seconds of each new one. Now and then a service is stopped instead, or the
  // process dies just after.
  void set_cancelling(bool on) { cancelling_ = on; }
  // The share of a strategy's answers that make no sense.
  void set_nonsense(double share) { nonsense_ = share; }
  // The process stands still, and so do the bytes on their way to it.
  void pause();
  void resume();
  // The same within a change of its disk that is still to come, and for so long: the change, and all it does after it,
  // is of later.
  void pause_at(std::int64_t change, core::Duration time);
  void set_skew(core::Duration skew);
  // Another program keeps the ledger locked.
  void lock_ledger();
  void unlock_ledger();
  [[nodiscard]] bool is_locked() const { return lock_ != nullptr; }
  // When a strategy next wants an order: between the decision and its writing.
  void at_decision(std::function<void()> work) { at_decision_.push_back(std::move(work)); }
  void later(core::Duration time, std::function<void()> work);
  // Another process takes the ledger, without asking for its lock, and goes away.
  void second_process();
  // Somebody's order in the same account, past the process; by market.
  void trade_by_hand(const std::string& symbol, trading::Side side, core::Quantity quantity);
  // As in the night: what works at the broker ends, and it knows no order of before.
  void forget_orders();
  // A backup of the ledger, to be looked at by findings().
  void back_up();

  // What is asked for on the command line; an error changes nothing. kUnavailable: it does not run.
  core::Result<std::string> ask(const std::string& kind, const std::string& payload);
  // The same by a row of the ledger, which the process finds by itself.
  void post(const std::string& kind, const std::string& payload);
  // Posts an order of the portfolio, or a change of one that works: which, the stream draws.
  void post_own_order(core::Rng rng);
  // Posts how often each service is to decide, in seconds.
  void set_intervals(int seconds);

  // No faults any more. What is broken mends itself, or does not.
  void end_faults();
  // Faults end, services stop, what works ends.
  void calm_down();
  // What is wrong; empty: all is well. When nothing is on its way. kQuiet looks at what is new, kEnd at everything.
  [[nodiscard]] std::vector<std::string> findings(Moment moment = Moment::kEnd);

  [[nodiscard]] bool is_alive() const { return process_ != nullptr; }
  [[nodiscard]] live::Process& process() { return *process_; }
  [[nodiscard]] ledger::Database& ledger() { return *database_; }
  [[nodiscard]] ledger::Database& venue_books() { return *paper_; }
  [[nodiscard]] Oracle& oracle() { return *oracle_; }
  // The process's.
  [[nodiscard]] const core::Clock& clock() { return host_.clock(); }
  [[nodiscard]] core::Executor& executor() { return host_; }
  [[nodiscard]] SimulatedDisk& disk() { return disk_; }
  // The process's; where it runs out the process may end and cannot be started.
  [[nodiscard]] SimulatedMemory& memory() { return memory_; }
  [[nodiscard]] BrokerGateway& gateway() { return *gateway_; }
  [[nodiscard]] net::SimulatedNetwork& network() { return network_; }
  [[nodiscard]] brokers::PaperVenue& venue() { return *venue_; }
  [[nodiscard]] History& history() { return history_; }
  // The files of the ledger and of the broker's books.
  [[nodiscard]] std::vector<std::string> databases() const;
  // Of everything in them. What cannot be read is a hash of why.
  [[nodiscard]] std::string hash();
  // Of the broker's books.
  [[nodiscard]] std::int64_t count_rows(const std::string& table);
  [[nodiscard]] const std::map<std::string, std::int64_t>& instruments() const { return ids_; }
  [[nodiscard]] core::Timestamp now() const { return clock_.now(); }
  [[nodiscard]] std::int64_t deaths() const { return deaths_; }
  // Bars that were appended to the lake.
  [[nodiscard]] std::int64_t stored_bars() const { return stored_bars_; }
  [[nodiscard]] std::int64_t count(FeedFault fault) const { return feed_counts_[static_cast<std::size_t>(fault)]; }
  // How often each fault happened so far. What is done from outside is counted by who does it.
  [[nodiscard]] FaultCounts fired() const;
  // The disk, or the memory, is made to fail by whoever says this: the process may end and cannot be started.
  void allow_failures() { may_fail_ = true; }
  void note_fired(Fault fault, std::int64_t times = 1) { fired_[static_cast<std::size_t>(fault)] += times; }

 private:
  // What the process holds on to (I20).
  struct Resources {
    std::int64_t timers = 0;
    std::int64_t streams = 0;
    std::int64_t files = 0;
    std::int64_t log_bytes = 0;  // of the ledger's write-ahead log
  };
  [[nodiscard]] Resources resources() const;

  class Watcher;
  class Nonsense;
  class Hand;

  void make_ledger();
  // world_lake.cpp
  [[nodiscard]] lake::LakeOptions lake_options() const;
  [[nodiscard]] core::Result<void> open_lake();
  [[nodiscard]] core::Result<void> change_lake(bool empties);
  void on_bars(std::span<const live::LiveBar> closed);
  void check_lake(std::vector<std::string>& out);
  void set_links(const net::LinkSettings& link);
  // world_market.cpp: the broker, prices, and corporate actions.
  void migrate_ledger();
  void start_venue();
  void start_feed();
  void on_price(const std::string& symbol, const market::Quote& told);
  [[nodiscard]] Hand& hand();
  void cancel_something();
  void tell_action(const live::ActionTeller::Told& told);
  [[nodiscard]] market::Quote follow_splits(const std::string& symbol, market::Quote quote) const;
  [[nodiscard]] core::Result<void> start();
  void try_start();
  void let_go();
  void stand_still(core::Duration time);
  void bury();
  void pass_on(const std::string& symbol, market::Quote quote);
  [[nodiscard]] bool draws(FeedFault fault);
  [[nodiscard]] live::MakerSource makers();
  [[nodiscard]] core::Result<std::unique_ptr<ledger::Database>> open_ledger(bool checked = true);
  void check_ledger(std::vector<std::string>& out);
  void check_backups(std::vector<std::string>& out);
  void check_resources(std::vector<std::string>& out);
  void check_written(const std::string& client_order_id);
  void ask_oracle(Moment moment);

  WorldSettings settings_;
  core::Rng rng_;
  core::SimulatedClock clock_;
  History history_;
  std::unique_ptr<core::Executor> executor_;
  SimulatedMemory memory_;  // the process's
  HostExecutor host_;       // the process's
  HostExecutor paced_;      // the same, for what keeps its own time, whatever the machine's clock is set to
  SimulatedDisk disk_;
  SimulatedDisk venue_disk_;
  net::SimulatedNetwork network_;
  feeds::DemoMarket market_;
  std::unique_ptr<live::ProbabilityDecisions> decisions_;
  std::map<std::string, std::int64_t> ids_;  // of instruments
  // The broker.
  brokers::PaperTerms terms_;
  std::unique_ptr<ledger::Database> paper_;
  std::unique_ptr<net::Network> venue_net_;
  std::unique_ptr<net::Network> gateway_net_;
  std::unique_ptr<brokers::PaperVenue> venue_;
  std::unique_ptr<brokers::PaperServer> server_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<BrokerGateway> gateway_;
  std::unique_ptr<feeds::DemoFeed> feed_;
  std::array<double, kFeedFaults.size()> feed_shares_{};
  std::array<std::int64_t, kFeedFaults.size()> feed_counts_{};
  std::map<std::string, market::Quote> frozen_;
  int burst_ = 1;
  std::unique_ptr<live::ActionTeller> teller_;
  std::unique_ptr<GatewayListener> watcher_;  // at the gateway
  std::shared_ptr<Hand> hand_;
  std::unique_ptr<market::QuoteValidator> validator_;
  std::map<std::string, std::uint32_t> places_;  // in the validator
  std::map<std::string, live::TradedInstrument> traded_;
  // The process.
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<ledger::Database> requests_;
  std::unique_ptr<ledger::Database> outside_;  // of the program that people post requests with
  std::unique_ptr<net::Network> process_net_;
  std::unique_ptr<brokers::PaperConnection> connection_;
  std::unique_ptr<live::Process> process_;
  std::unique_ptr<live::SeenBars> seen_;
  std::unique_ptr<live::LiveBars> bars_;
  LakeWatch lake_watch_;
  std::int64_t stored_bars_ = 0;
  std::unique_ptr<live::DecisionMaker> nonsense_maker_;
  double nonsense_ = 0;
  bool cancelling_ = false;
  std::vector<std::function<void()>> at_decision_;
  sqlite3* lock_ = nullptr;
  bool stays_down_ = false;
  bool may_fail_ = false;  // faults that end it were let loose
  std::optional<bool> dies_sending_;
  std::int64_t last_post_ = 0;
  std::vector<std::string> backups_;
  FaultCounts fired_{};
  std::optional<Death> died_;
  Death planned_ = Death::kKill;
  std::int64_t deaths_ = 0;
  bool runs_ = false;   // the executor does
  Resources at_first_;  // when it had just begun
  std::shared_ptr<detail::StreamCount> streams_;
  std::vector<std::string> failures_;
};

}  // namespace argosy::simulation

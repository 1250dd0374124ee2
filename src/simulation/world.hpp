// The process that trades, its disk, the network and its broker, in one simulated time. It runs as it is shipped, with
// five services on three instruments, and may die at any moment; whoever made the world turns faults on and off.
//
//   World world({.seed = 7});
//   world.gateway().set(BrokerFault::kForgetsAnswer, 0.1);
//   world.die_at(world.disk().changes() + 100, Death::kPower);    // within the hundredth write, sync or rename from
//   now world.run(std::chrono::hours(1));                             // it is started again when it has died
//   world.calm_down();                                            // no faults, no new orders: everybody must agree
//   world.findings()                                              // empty: they do
#pragma once

#include <array>
#include <cstdint>
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
#include "live/probability.hpp"
#include "live/process.hpp"
#include "market/quote_validator.hpp"
#include "net/simulated.hpp"
#include "simulation/broker_gateway.hpp"
#include "simulation/disk.hpp"

namespace argosy::simulation {

struct WorldSettings {
  std::uint64_t seed = 1;
  const char* start = "2024-11-27T14:30:00Z";  // an opening of New York
  bool client_ids = true;                      // the broker knows orders by them
  core::Duration quote_interval = std::chrono::seconds(1);
  net::LinkSettings link = {};  // between process and broker
  brokers::PaperSettings paper = {};
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  int services = 5;
};

enum class Death : std::uint8_t { kKill, kPower };

// What the feed tells that is not so; F28 and F31.
enum class FeedFault : std::uint8_t { kSilent, kFrozen, kTenfold, kZero, kNegative, kCrossed, kLate, kTwice };
inline constexpr std::array<std::string_view, 8> kFeedFaults{"silent",   "frozen",  "tenfold", "zero",
                                                             "negative", "crossed", "late",    "twice"};

class World {
 public:
  explicit World(WorldSettings settings);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // For a time of the simulated clock. A process that died is buried and started again some seconds later.
  void run(core::Duration time);
  // Now, or in place of a change of the disk that is still to come (SimulatedDisk::changes()).
  void die(Death death);
  void die_at(std::int64_t change, Death death);
  // The share of prices that are so.
  void set(FeedFault fault, double share) { feed_shares_[static_cast<std::size_t>(fault)] = share; }
  // What is asked for on the command line; an error changes nothing. kUnavailable: it does not run.
  core::Result<std::string> ask(const std::string& kind, const std::string& payload);
  // Faults end, services stop, what works ends.
  void calm_down();
  // What is wrong; empty: all is well. After calm_down().
  [[nodiscard]] std::vector<std::string> findings();

  [[nodiscard]] bool is_alive() const { return process_ != nullptr; }
  [[nodiscard]] live::Process& process() { return *process_; }
  [[nodiscard]] SimulatedDisk& disk() { return disk_; }
  [[nodiscard]] BrokerGateway& gateway() { return *gateway_; }
  [[nodiscard]] net::SimulatedNetwork& network() { return network_; }
  [[nodiscard]] brokers::PaperVenue& venue() { return *venue_; }
  [[nodiscard]] core::Timestamp now() const { return clock_.now(); }
  [[nodiscard]] std::int64_t deaths() const { return deaths_; }
  [[nodiscard]] std::int64_t count(FeedFault fault) const { return feed_counts_[static_cast<std::size_t>(fault)]; }

 private:
  void make_ledger();
  void start_venue();
  [[nodiscard]] core::Result<void> start();
  void try_start();
  void bury();
  void pass_on(const std::string& symbol, market::Quote quote);
  [[nodiscard]] bool draws(FeedFault fault);
  [[nodiscard]] live::MakerSource makers();
  [[nodiscard]] core::Result<std::unique_ptr<ledger::Database>> open_ledger();
  void check_ledger(std::vector<std::string>& out);
  void compare(std::vector<std::string>& out);

  WorldSettings settings_;
  core::Rng rng_;
  core::SimulatedClock clock_;
  std::unique_ptr<core::Executor> executor_;
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
  std::unique_ptr<BrokerGateway> gateway_;
  std::unique_ptr<feeds::DemoFeed> feed_;
  std::array<double, kFeedFaults.size()> feed_shares_{};
  std::array<std::int64_t, kFeedFaults.size()> feed_counts_{};
  std::map<std::string, market::Quote> frozen_;
  std::unique_ptr<market::QuoteValidator> validator_;
  std::map<std::string, std::uint32_t> places_;  // in the validator
  // The process.
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<ledger::Database> requests_;
  std::unique_ptr<net::Network> process_net_;
  std::unique_ptr<brokers::PaperConnection> connection_;
  std::unique_ptr<live::Process> process_;
  std::optional<Death> died_;
  Death planned_ = Death::kKill;
  std::int64_t deaths_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace argosy::simulation

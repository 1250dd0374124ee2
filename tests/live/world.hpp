// For tests: a process that trades and its paper venue on two hosts, in one simulated time, with a network between them
// that fails as it is told. The process can be killed between any two of its steps and started anew.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/paper_venue.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "feeds/demo_feed.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "live/action_teller.hpp"
#include "live/probability.hpp"
#include "live/process.hpp"
#include "live/test_start.hpp"
#include "live/verify.hpp"
#include "net/simulated.hpp"

namespace argosy::live {

struct WorldSettings {
  std::uint64_t seed = 1;
  bool client_ids = true;
  net::LinkSettings link = {};
  brokers::PaperSettings paper = {};
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  core::Duration quote_interval = std::chrono::seconds(1);
  ProcessSettings process = {};
  // Instead of the demo algorithm.
  MakerSource makers = {};
  // Sees each process that was made before it begins.
  std::function<void(Process&)> on_process = {};
  // Splits, dividends and delistings, by symbol; the market's prices do not follow them by themselves.
  ActionTeller::Actions actions = {};
  // Sees each quote before anybody else does, and may change it.
  std::function<void(std::int64_t instrument, market::Quote& quote)> on_quote = {};
};

inline const std::vector<std::string> kSymbols{"AAPL", "MSFT", "NVDA", "TSLA", "META"};

class World {
 public:
  explicit World(WorldSettings settings)
      : settings_(std::move(settings)),
        folder_(make_folder()),
        executor_(core::make_simulated_executor(clock_)),
        network_(*executor_, settings_.seed, settings_.link),
        market_(must(feeds::parse_demo_market(
            must(core::system_files().read(ARGOSY_SOURCE_DIR "/samples/demo/market.yaml")), "market.yaml"))),
        calendar_(*must(market::find_calendar("XNYS"))) {
    make_ledger();
    start_venue();
    start();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    process_.reset();
    connection_.reset();
    teller_.reset();
    feed_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Runs for a time of the simulated clock.
  void run(core::Duration time) {
    executor_->call_at(clock_.now() + time, [this] { executor_->stop(); });
    executor_->run();
  }
  // What kill -9 does: nothing that was not written is left, and the venue learns it from the broken stream.
  void kill() {
    network_.cut("trader", "paper");
    process_.reset();
    connection_.reset();
    database_.reset();
    requests_.reset();
  }
  void start() {
    database_ = open("ledger.db", ledger::ledger_schema());
    requests_ = open("ledger.db", ledger::ledger_schema());
    const ledger::HolderRow holder =
        must(ledger::take_ledger(*database_, {.process = "test", .now = clock_.now(), .seed = settings_.seed}));
    trader_net_ = network_.host("trader");
    connection_ = std::make_unique<brokers::PaperConnection>(*executor_, *trader_net_, net::Address{"paper", 1},
                                                             brokers::PaperConnectionSettings());
    process_ = std::make_unique<Process>(settings_.process, holder, *database_, *requests_, *executor_, *executor_,
                                         makers(), terms_.exchange.fees);
    must(process_->load());
    process_->add_account({.broker_account_id = 1, .broker = "paper", .instance = holder.instance}, settings_.limits,
                          terms_.exchange.fees, *connection_);
    process_->set_on_failed([this](const core::Error& error) { failures_.push_back(error.message); });
    if (settings_.on_process) settings_.on_process(*process_);
    tell_actions();
    process_->begin();
    for (const auto& [symbol, last] : last_prices_) teller_->on_time(traded(symbol), clock_.now());
  }
  std::string ask(const std::string& kind, const std::string& payload) {
    core::Result<std::string> answer;
    process_->run_turn([&] { answer = process_->trader().take_request(kind, payload, "test"); });
    if (!answer) ADD_FAILURE() << kind << ": " << answer.error().message;
    return answer.value_or("");
  }

  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const Book& book() const { return process_->book(); }
  [[nodiscard]] net::SimulatedNetwork& network() { return network_; }
  [[nodiscard]] brokers::PaperVenue& venue() { return *venue_; }
  [[nodiscard]] core::Executor& executor() { return *executor_; }
  [[nodiscard]] const core::Clock& clock() const { return clock_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] ledger::Database& database() { return *database_; }
  [[nodiscard]] core::Timestamp now() const { return clock_.now(); }
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

  // Services stop, what works ends, faults are over: then everybody must agree.
  void calm_down() {
    for (const auto& [from, to] : {std::pair("trader", "paper"), std::pair("paper", "trader")})
      network_.set_link(from, to, {});
    network_.heal("trader", "paper");
    network_.cut("trader", "paper");
    for (const auto& [id, row] : book().services()) {
      if (row.state != ledger::ServiceState::kInactive) ask("service_stop", R"({"id": )" + std::to_string(id) + "}");
    }
    run(std::chrono::minutes(4));
  }
  // What is wrong; empty: all is well.
  std::vector<std::string> findings();

 private:
  static std::string make_folder() {
    static int count = 0;
    const std::string base = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : testing::TempDir();
    std::string path = base + "/argosy-live-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    std::filesystem::create_directories(path);
    return path;
  }
  std::unique_ptr<ledger::Database> open(const std::string& name, const ledger::Schema& schema) {
    return must(ledger::open_database({.path = folder_ + "/" + name}, schema, core::system_files(), clock_));
  }
  MakerSource makers() {
    if (settings_.makers) return settings_.makers;
    return [this](const std::string& strategy, const std::string&) -> core::Result<DecisionMaker*> {
      if (strategy != "probability") return core::fail(core::ErrorCode::kNotFound, "no strategy " + strategy);
      if (!decisions_) decisions_ = std::make_unique<ProbabilityDecisions>(market_, settings_.seed);
      return decisions_.get();
    };
  }
  [[nodiscard]] TradedInstrument traded(const std::string& symbol) const {
    return {.instrument_id = ids_.at(symbol), .instrument = {.symbol = symbol, .exchange = "XNYS"}};
  }
  void make_ledger();
  void start_venue();
  void tell_actions();

  WorldSettings settings_;
  std::string folder_;
  core::SimulatedClock clock_{must(core::parse_rfc3339("2013-03-04T14:30:00Z"))};
  std::unique_ptr<core::Executor> executor_;
  net::SimulatedNetwork network_;
  feeds::DemoMarket market_;
  const market::Calendar& calendar_;
  std::unique_ptr<ProbabilityDecisions> decisions_;
  std::map<std::string, std::int64_t> ids_;
  // The venue's host.
  brokers::PaperTerms terms_;
  std::unique_ptr<ledger::Database> paper_;
  std::unique_ptr<net::Network> paper_net_;
  std::unique_ptr<brokers::PaperVenue> venue_;
  std::unique_ptr<brokers::PaperServer> server_;
  std::unique_ptr<feeds::DemoFeed> feed_;
  std::map<std::string, core::Price> last_prices_;
  std::unique_ptr<ActionTeller> teller_;
  // The trader's.
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<ledger::Database> requests_;
  std::unique_ptr<net::Network> trader_net_;
  std::unique_ptr<brokers::PaperConnection> connection_;
  std::unique_ptr<Process> process_;
  std::vector<std::string> failures_;
};

// As argosy serve does: the venue first, then the process, which is told of everything again when it has begun anew.
inline void World::tell_actions() {
  teller_ = std::make_unique<ActionTeller>(*executor_, [this](const ActionTeller::Told& told) {
    const std::int64_t id = told.traded.instrument_id;
    server_->on_action(told.traded.instrument.symbol, told.action, told.last_close,
                       [this, id, action = told.action](core::Price counts) {
                         if (process_ != nullptr) process_->push_action(id, action, counts);
                       });
  });
  for (const auto& [symbol, last] : last_prices_) teller_->believe(symbol, last);
  teller_->set_actions(settings_.actions);
}

inline void World::make_ledger() {
  for (const std::string& symbol : kSymbols) ids_[symbol] = std::ssize(ids_) + 1;
  const auto database = open("ledger.db", ledger::ledger_schema());
  make_start(*database, clock_, makers(), settings_.limits, {.symbols = kSymbols, .amount = "100000"});
}

inline void World::start_venue() {
  settings_.paper.client_ids = settings_.client_ids ? brokers::Switch::kOn : brokers::Switch::kOff;
  terms_ = must(brokers::make_paper_terms(settings_.paper));
  paper_ = open("paper.db", brokers::paper_schema());
  venue_ = must(brokers::PaperVenue::open(
      terms_, *paper_,
      [this](const std::string& symbol) -> core::Result<market::Instrument> {
        if (!ids_.contains(symbol)) return core::fail(core::ErrorCode::kNotFound, symbol);
        return market::Instrument{.symbol = symbol, .exchange = "XNYS"};
      },
      clock_));
  paper_net_ = network_.host("paper");
  server_ = std::make_unique<brokers::PaperServer>(*executor_, *venue_);
  must(server_->listen(*paper_net_, {"paper", 1}));
  feed_ = std::make_unique<feeds::DemoFeed>(
      *executor_,
      feeds::DemoStream(market_, calendar_,
                        {.seed = settings_.seed, .start = clock_.now(), .quote_interval = settings_.quote_interval}),
      [this](const std::string& symbol, market::Quote quote) {
        if (settings_.on_quote) settings_.on_quote(ids_.at(symbol), quote);
        if (!teller_->lets_through(traded(symbol), quote)) return;
        last_prices_[symbol] = quote.last;
        server_->on_quote(symbol, quote);
        if (process_ != nullptr) process_->quotes().push(ids_.at(symbol), quote);
      });
  for (const std::string& symbol : kSymbols) feed_->add(symbol);
}

inline std::vector<std::string> World::findings() {
  std::vector<std::string> out = failures_;
  const auto report = must(ledger::verify(*database_, ledger::ledger_schema()));
  out.insert(out.end(), report.findings.begin(), report.findings.end());
  const FoldReport folded = must(database_->read([](ledger::Transaction& work) { return fold_journal(work); }));
  out.insert(out.end(), folded.findings.begin(), folded.findings.end());
  const auto paper = must(ledger::verify(*paper_, brokers::paper_schema()));
  out.insert(out.end(), paper.findings.begin(), paper.findings.end());
  const auto count = [](ledger::Database& database, const std::string& sql) {
    std::int64_t found = -1;
    must(database.read([&](ledger::Transaction& work) {
      constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger};
      return work.query(sql, kTypes, {}, [&](const ledger::Row& row) -> core::Result<void> {
        found = row.integer(0);
        return {};
      });
    }));
    return found;
  };
  const auto same = [&](const std::string& what, const std::string& ours, const std::string& theirs) {
    if (ours != theirs) out.push_back(what + ": ours " + ours + ", theirs " + theirs);
  };
  same("fills", std::to_string(count(*database_, "SELECT count(*) FROM fills")),
       std::to_string(count(*paper_, "SELECT count(*) FROM paper_fills")));
  same("orders sent twice", "0",
       std::to_string(count(*paper_, "SELECT count(*) - count(DISTINCT client_order_id) FROM paper_orders")));
  same("cash", book().cash_of(1).to_string(), venue_->exchange().cash().to_string());
  for (const auto& [key, position] : book().positions()) {
    const auto holding = count(
        *paper_, "SELECT coalesce(sum(quantity), 0) FROM paper_holdings WHERE symbol = '" + position.symbol + "'");
    same("shares of " + position.symbol, position.quantity.to_string(),
         core::Quantity::from_units(holding).to_string());
  }
  return out;
}

}  // namespace argosy::live

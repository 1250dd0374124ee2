// A process that trades on the simulated feed, with its venue, for benches: as `argosy serve` has them, feed and venue
// on one thread, trading on another, the ledger on a third.
//
//   Outcome out = TradingFloor({.mode = Mode::kNoSync, .symbols = 100}).run();
#pragma once

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/paper_venue.hpp"
#include "core/clock.hpp"
#include "core/executor_thread.hpp"
#include "core/paced_clock.hpp"
#include "feeds/demo_feed.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/probability.hpp"
#include "live/process.hpp"
#include "live/test_start.hpp"
#include "net/memory.hpp"
#include "push_server.hpp"
#include "syncs.hpp"

namespace argosy {

using namespace std::chrono_literals;

inline constexpr core::Duration kInterval = 10s;  // between two decisions of a service, its default on this feed
inline constexpr const char* kTable =
    "sell_curve: [{profit: -10, probability: 0.5}, {profit: 10, probability: 0.5}]\n"
    "default: {base_price: 50, volatility: 30, buy: 0.2}\n"
    "stocks: []\n";

using live::must;

// A ledger that is read, and forgets what is written once it is told to.
class Forgetful final : public ledger::Database {
 public:
  explicit Forgetful(ledger::Database& database) : database_(database) {}
  [[nodiscard]] const std::string& name() const override { return database_.name(); }
  [[nodiscard]] ledger::Dialect dialect() const override { return database_.dialect(); }
  bool forgets = false;

 protected:
  core::Result<void> run_write(const Work& work) override {
    return forgets ? core::Result<void>() : database_.write(work);
  }
  core::Result<void> run_read(const Work& work) override { return database_.read(work); }

 private:
  ledger::Database& database_;
};

// Looks at the clock when an order leaves.
class Stamped final : public trading::BrokerConnection {
 public:
  Stamped(trading::BrokerConnection& inner, std::function<void(const std::string& symbol)> left)
      : inner_(inner), left_(std::move(left)) {}
  void set_listener(trading::BrokerConnectionListener& listener) override { inner_.set_listener(listener); }
  [[nodiscard]] const trading::BrokerCapabilities& capabilities() const override { return inner_.capabilities(); }
  void open() override { inner_.open(); }
  void close() override { inner_.close(); }
  [[nodiscard]] bool is_connected() const override { return inner_.is_connected(); }
  [[nodiscard]] core::Result<void> submit(trading::Committed<trading::OrderTicket>&& ticket) override {
    left_(ticket.value().symbol);
    return inner_.submit(std::move(ticket));
  }
  [[nodiscard]] core::Result<void> cancel(const std::string& id, const std::string& broker_id) override {
    return inner_.cancel(id, broker_id);
  }
  [[nodiscard]] core::Result<void> ask_order(const std::string& id, const std::string& broker_id) override {
    return inner_.ask_order(id, broker_id);
  }
  [[nodiscard]] core::Result<void> ask_open_orders() override { return inner_.ask_open_orders(); }
  [[nodiscard]] core::Result<void> ask_history(core::Timestamp since) override { return inner_.ask_history(since); }
  [[nodiscard]] core::Result<void> ask_account() override { return inner_.ask_account(); }
  [[nodiscard]] core::Result<void> fund(std::int64_t id, const std::string& currency, core::Money amount) override {
    return inner_.fund(id, currency, amount);
  }

 private:
  trading::BrokerConnection& inner_;
  std::function<void(const std::string&)> left_;
};

// What is taken of memory and not given back.
inline std::int64_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// The time that this thread has had of a processor.
inline core::Duration own_time() {
  timespec at{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

enum class Mode : std::uint8_t { kCore, kNoSync, kSync };
inline constexpr std::array<std::string_view, 3> kModes{"core alone", "SQLite, sync does nothing",
                                                        "SQLite, real syncs"};

struct Outcome {
  std::vector<double> us;      // from the price to the order's leaving, one an order
  std::vector<double> own_us;  // the same by the one thread's own time, of the core alone
  std::vector<double> syncs;   // us
  double ledger_us = 0;        // the ledger thread's own time
  double trading_us = 0;       // the trading thread's
  std::int64_t measured_prices = 0;
  double seconds = 0;
  std::int64_t prices = 0;
  std::int64_t decisions = 0;
  std::int64_t commits = 0;
  std::int64_t rows = 0;
  double bytes_a_service = 0;
  std::vector<std::string> findings;
};

inline double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + at);
  return values[static_cast<std::size_t>(at)];
}

struct FloorSettings {
  Mode mode = Mode::kNoSync;
  std::int64_t symbols = 0;
  double seconds = 10;
  int services_each = 1;                // of a symbol
  core::Duration interval = kInterval;  // between two decisions of a service
  // With a server of the WebSocket, told of its port; measured is from when its clients are ready.
  std::function<void(std::uint16_t port)> is_served = {};
  std::function<bool()> is_ready = {};
};

// One process that trades, with its venue.
class TradingFloor {
 public:
  explicit TradingFloor(FloorSettings settings) : settings_(std::move(settings)) {
    static int count = 0;
    folder_ =
        (std::filesystem::temp_directory_path() / fmt::format("argosy-live-bench-{}-{}", ::getpid(), ++count)).string();
    std::filesystem::create_directories(folder_);
    syncs::off = true;  // while it is set up
    make_clock();
    make_ledger();
    make_services();
    make_venue();
    before_ = bytes_in_use();
    make_process();
    if (settings_.is_served) push();
  }
  ~TradingFloor() {
    for (core::ExecutorThread* thread : {ledger_thread_.get(), market_thread_.get()}) {
      if (thread != nullptr) thread->stop();
    }
    feed_.reset();
    push_.reset();
    process_.reset();
    connection_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  TradingFloor(const TradingFloor&) = delete;
  TradingFloor& operator=(const TradingFloor&) = delete;

  Outcome run() {
    Outcome out;
    process_->begin();
    for (const auto& [symbol, id] : ids_) feed_->add(symbol);
    // Every service has been asked by then: their first questions are spread over their interval.
    trading_->call_at(clock().now() + settings_.interval + 2s, [&] { measure(out); });
    trading_->run();
    // Nobody else may use what is looked at now.
    for (core::ExecutorThread* thread : {ledger_thread_.get(), market_thread_.get()}) {
      if (thread != nullptr) thread->stop();
    }
    out.us = std::move(us_);
    out.own_us = std::move(own_us_);
    out.prices = process_->trader().counts().quotes;
    out.decisions = process_->trader().counts().decisions;
    out.findings = findings();
    return out;
  }

 private:
  void measure(Outcome& out) {
    if (settings_.is_ready && !settings_.is_ready()) {
      trading_->call_at(clock().now() + 100ms, [&] { measure(out); });
      return;
    }
    out.bytes_a_service = static_cast<double>(bytes_in_use() - before_) /
                          static_cast<double>(settings_.symbols * settings_.services_each);
    syncs::off = settings_.mode != Mode::kSync;
    (void)syncs::take();
    figures_ = process_->writer().figures();
    started_ = real_.monotonic();
    add_ledger_time(out, -1);
    const core::Duration own = own_time();
    const std::int64_t prices = process_->trader().counts().quotes;
    measures_ = true;
    trading_->call_at(clock().now() + seconds_of_the_market(), [this, &out, own, prices] {
      measures_ = false;
      out.trading_us = static_cast<double>((own_time() - own).count()) / 1e3;
      out.measured_prices = process_->trader().counts().quotes - prices;
      out.seconds = std::chrono::duration<double>(real_.monotonic() - started_).count();
      const auto figures = process_->writer().figures();
      add_ledger_time(out, 1);
      out.commits = figures.commits - figures_.commits;
      out.rows = figures.rows - figures_.rows;
      out.syncs = syncs::take();
      syncs::off = true;
      process_->shut_down(5s, [this] { trading_->stop(); });
    });
  }

  void push() {
    must(database_->write([&](ledger::Transaction& work) { return add_push_key(work, real_.now()); }));
    push_ = std::make_unique<PushServer>(
        [this] { return core::Result<std::unique_ptr<ledger::Database>>(open("ledger.db", ledger::ledger_schema())); },
        real_);
    process_->set_on_stored([this] { push_->changes_stored(); });
    settings_.is_served(push_->port());
  }

  [[nodiscard]] const core::Clock& clock() const { return trading_->clock(); }
  // The core alone is not bound to the wall clock.
  [[nodiscard]] core::Duration seconds_of_the_market() const {
    return core::Duration(static_cast<std::int64_t>(settings_.seconds * 1e9) * (settings_.mode == Mode::kCore ? 3 : 1));
  }
  [[nodiscard]] core::Executor& ledger_executor() { return ledger_thread_ ? ledger_thread_->executor() : *trading_; }
  [[nodiscard]] core::Executor& market_executor() { return market_thread_ ? market_thread_->executor() : *trading_; }

  // Looked at by the ledger's thread itself; read when that has ended.
  void add_ledger_time(Outcome& out, double sign) {
    ledger_executor().post([&out, sign] { out.ledger_us += sign * static_cast<double>(own_time().count()) / 1e3; });
  }

  void make_clock() {
    const core::Timestamp opening = must(core::parse_rfc3339("2013-03-04T14:30:00Z"));
    if (settings_.mode == Mode::kCore) {
      simulated_ = std::make_unique<core::SimulatedClock>(opening);
      trading_ = core::make_simulated_executor(*simulated_);
      return;
    }
    paced_ = std::make_unique<core::PacedClock>(real_, opening, core::PacedClockOptions{.speed = 1},
                                                [](core::Timestamp) { return std::nullopt; });
    trading_ = core::make_real_executor(*paced_);
    ledger_thread_ = std::make_unique<core::ExecutorThread>(real_, "ledger");
    market_thread_ = std::make_unique<core::ExecutorThread>(*paced_, "market");
  }

  std::unique_ptr<ledger::Database> open(const std::string& name, const ledger::Schema& schema) {
    return must(ledger::open_database({.path = folder_ + "/" + name}, schema, core::system_files(), real_));
  }

  void make_ledger() {
    database_ = open("ledger.db", ledger::ledger_schema());
    requests_ = open("ledger.db", ledger::ledger_schema());
    live::Start start{.symbols = {}, .amount = "1000000000"};
    for (std::int64_t id = 1; id <= settings_.symbols; ++id)
      ids_[start.symbols.emplace_back(fmt::format("S{}", id))] = id;
    holder_ = live::make_start(*database_, clock(), makers(), limits_, start);
    forgetful_ = std::make_unique<Forgetful>(*database_);
    forgetful_->forgets = settings_.mode == Mode::kCore;
  }

  // In one turn of a process that is not there yet.
  void make_services() {
    live::Process process(live::ProcessSettings(), holder_, *database_, *requests_, *trading_, *trading_, makers(), {});
    must(process.load());
    for (const live::TradedInstrument& each : process.instruments()) process.trader().watch(each);
    for (const auto& [symbol, id] : ids_) {
      for (int i = 0; i < settings_.services_each; ++i)
        must(process.trader().take_request(
            "service_create",
            fmt::format(
                R"({{"instrument_id": {}, "symbol": "{}", "balance": "10000", "name": "{}", "interval_seconds": {}}})",
                id, symbol, symbol, std::chrono::duration_cast<std::chrono::seconds>(settings_.interval).count()),
            "admin"));
    }
    must(live::LedgerWriter::write_now(*database_, holder_.fencing, core::SystemClock().now(),
                                       process.recorder().take().value()));
  }

  live::MakerSource makers() {
    return [this](const std::string&, const std::string&) -> core::Result<live::DecisionMaker*> { return &decisions_; };
  }

  void make_venue() {
    terms_ = must(brokers::make_paper_terms({}));
    paper_ = open("paper.db", brokers::paper_schema());
    venue_ = must(brokers::PaperVenue::open(
        terms_, *paper_,
        [](const std::string& symbol) -> core::Result<market::Instrument> {
          return market::Instrument{.symbol = symbol, .exchange = "XNYS"};
        },
        clock()));
    market_net_ = memory_.host(market_executor());
    trading_net_ = memory_.host(*trading_);
    server_ = std::make_unique<brokers::PaperServer>(market_executor(), *venue_);
    must(server_->listen(*market_net_, {"paper", 1}));
    stamps_ = std::vector<std::atomic<std::int64_t>>(static_cast<std::size_t>(settings_.symbols) + 1);
    feed_ = std::make_unique<feeds::DemoFeed>(
        market_executor(), feeds::DemoStream(table_, calendar_, {.seed = 1, .start = clock().now()}),
        [this](const std::string& symbol, const market::Quote& quote) { on_quote(symbol, quote); });
  }

  void on_quote(const std::string& symbol, const market::Quote& quote) {
    const std::int64_t id = ids_.at(symbol);
    // The venue has it first, as in the process; alone, what it costs must not stand between price and order.
    if (settings_.mode == Mode::kCore) {
      market_executor().call_at(clock().now() + 1us, [this, symbol, quote] { server_->on_quote(symbol, quote); });
    } else {
      server_->on_quote(symbol, quote);
    }
    stamps_[static_cast<std::size_t>(id)] = real_.monotonic().count();
    if (settings_.mode == Mode::kCore) own_stamp_ = own_time();
    process_->quotes().push(id, quote);
    if (push_ != nullptr) push_->prices().set(id, quote);
  }

  void make_process() {
    connection_ = std::make_unique<brokers::PaperConnection>(*trading_, *trading_net_, net::Address{"paper", 1},
                                                             brokers::PaperConnectionSettings());
    stamped_ = std::make_unique<Stamped>(*connection_, [this](const std::string& symbol) {
      ++sent_;
      if (!measures_) return;
      const auto id = static_cast<std::size_t>(ids_.at(symbol));
      us_.push_back(static_cast<double>(real_.monotonic().count() - stamps_[id]) / 1e3);
      // No two prices have one instant, and what follows from one is done before the next.
      if (settings_.mode == Mode::kCore)
        own_us_.push_back(static_cast<double>((own_time() - own_stamp_).count()) / 1e3);
    });
    process_ = std::make_unique<live::Process>(live::ProcessSettings(), holder_, *forgetful_, *requests_, *trading_,
                                               ledger_executor(), makers(), terms_.exchange.fees);
    must(process_->load());
    process_->add_account({.broker_account_id = 1, .broker = "paper", .instance = holder_.instance}, limits_,
                          terms_.exchange.fees, *stamped_);
    process_->set_on_failed([](const core::Error& error) { throw core::ErrorException(error); });
  }

  std::vector<std::string> findings() {
    std::vector<std::string> out;
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
    const auto same = [&](std::string_view what, std::int64_t ours, std::int64_t theirs) {
      if (ours != theirs) out.push_back(fmt::format("{}: ours {}, theirs {}", what, ours, theirs));
    };
    const std::int64_t orders = count(*paper_, "SELECT count(*) FROM paper_orders");
    same("orders", sent_, orders);
    same("orders with one id", 0, orders - count(*paper_, "SELECT count(DISTINCT client_order_id) FROM paper_orders"));
    same("fills", process_->trader().counts().fills, count(*paper_, "SELECT count(*) FROM paper_fills"));
    if (process_->book().cash_of(1) != venue_->exchange().cash()) out.emplace_back("cash differs");
    if (settings_.mode == Mode::kCore) return out;
    same("orders in the ledger", count(*database_, "SELECT count(*) FROM orders WHERE state <> 'denied'"), orders);
    const auto report = must(ledger::verify(*database_, ledger::ledger_schema()));
    out.insert(out.end(), report.findings.begin(), report.findings.end());
    return out;
  }

  FloorSettings settings_;
  std::string folder_;
  core::SystemClock real_;
  std::unique_ptr<core::SimulatedClock> simulated_;
  std::unique_ptr<core::PacedClock> paced_;
  std::unique_ptr<core::Executor> trading_;
  std::unique_ptr<core::ExecutorThread> ledger_thread_;
  std::unique_ptr<core::ExecutorThread> market_thread_;
  const market::Calendar& calendar_ = **market::find_calendar("XNYS");
  feeds::DemoMarket table_ = must(feeds::parse_demo_market(kTable, "bench"));
  live::ProbabilityDecisions decisions_{table_, 1};
  trading::LimitProfile limits_ = trading::LimitProfile::backtest();
  std::map<std::string, std::int64_t> ids_;
  ledger::HolderRow holder_;
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<ledger::Database> requests_;
  std::unique_ptr<Forgetful> forgetful_;
  brokers::PaperTerms terms_;
  std::unique_ptr<ledger::Database> paper_;
  std::unique_ptr<brokers::PaperVenue> venue_;
  net::MemoryNetwork memory_;
  std::unique_ptr<net::Network> market_net_;
  std::unique_ptr<net::Network> trading_net_;
  std::unique_ptr<brokers::PaperServer> server_;
  std::unique_ptr<brokers::PaperConnection> connection_;
  std::unique_ptr<Stamped> stamped_;
  std::unique_ptr<live::Process> process_;
  std::unique_ptr<PushServer> push_;
  std::unique_ptr<feeds::DemoFeed> feed_;
  std::vector<std::atomic<std::int64_t>> stamps_;  // of each symbol's last price
  core::Duration own_stamp_{};                     // of the last price, of the core alone
  std::vector<double> us_;
  std::vector<double> own_us_;
  std::int64_t before_ = 0;  // bytes in use
  bool measures_ = false;
  std::int64_t sent_ = 0;
  core::Duration started_{};
  live::LedgerWriter::Figures figures_;
};

}  // namespace argosy

// 10,000 trading services on the simulated feed, one a symbol, a price a second each: from a price to the order that
// follows from it, written and handed to the broker's connection.
//
//   live_bench [--json] [--seconds N] [--services N] [--only core|nothing|real]
//   live_bench [--json] [--seconds N] --clients N
//
// Three times: the core alone, on one thread and with a ledger that keeps nothing; with SQLite on a file system whose
// sync does nothing; and with real syncs, whose own histogram stands beside. The last two run as `argosy serve` does:
// feed and paper venue on one thread, trading on another, the ledger on a third, in real time. Every order that was
// sent must be in the ledger and at the venue, and the ledger's books must add up, or the bench fails.
//
// A ledger that keeps nothing is not given rows: what the core does is decide, gate, book and hand over. Its venue sees
// each price later, as it does in the process, where it is another thread.
//
// With --clients 100 services trade 100 symbols and decide each second, three times without clients of the WebSocket and three
// with so many, who are another process and hear every price: what they cost who trades. No client may miss prices.
//
// Goals are of the wall clock, and others who work on the machine lie between a price and its order. Gates are of what
// they do not change: the processor's time of one thread, and bytes.
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/paper_venue.hpp"
#include "core/clock.hpp"
#include "core/executor_thread.hpp"
#include "core/json.hpp"
#include "core/paced_clock.hpp"
#include "core/text.hpp"
#include "feeds/demo_feed.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/probability.hpp"
#include "live/process.hpp"
#include "live/test_start.hpp"
#include "net/memory.hpp"
#include "push_clients.hpp"
#include "push_server.hpp"

namespace argosy {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration kInterval = 10s;  // between two decisions of a service, its default on this feed
constexpr const char* kTable =
    "sell_curve: [{profit: -10, probability: 0.5}, {profit: 10, probability: 0.5}]\n"
    "default: {base_price: 50, volatility: 30, buy: 0.2}\n"
    "stocks: []\n";

using live::must;

// --- A file system whose syncs are counted, or do nothing. ---

class Syncs {
 public:
  static void install() {
    static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
    static const sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
    vfs.zName = "argosy-bench";
    vfs.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int done = real->xOpen(const_cast<sqlite3_vfs*>(real), name, file, flags, out);
      if (done == SQLITE_OK && file->pMethods != nullptr) file->pMethods = wrap(file->pMethods);
      return done;
    };
    sqlite3_vfs_register(&vfs, 1);
  }
  static std::atomic<bool> off;
  // Microseconds of each sync since the last call.
  static std::vector<double> take() {
    const std::scoped_lock lock(guard);
    return std::exchange(times, {});
  }

 private:
  static const sqlite3_io_methods* wrap(const sqlite3_io_methods* methods) {
    const std::scoped_lock lock(guard);
    for (const auto& known : wrapped) {
      if (&known->second == methods) return methods;
      if (known->first == methods) return &known->second;
    }
    auto& made = *wrapped.emplace_back(std::make_unique<Wrapped>(methods, *methods));
    made.second.xSync = [](sqlite3_file* file, int flags) {
      if (off) return SQLITE_OK;
      const auto start = std::chrono::steady_clock::now();
      const int done = original(file->pMethods)->xSync(file, flags);
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
      const std::scoped_lock held(guard);
      times.push_back(took.count());
      return done;
    };
    return &made.second;
  }
  static const sqlite3_io_methods* original(const sqlite3_io_methods* methods) {
    const std::scoped_lock lock(guard);
    for (const auto& known : wrapped) {
      if (&known->second == methods) return known->first;
    }
    return nullptr;
  }
  using Wrapped = std::pair<const sqlite3_io_methods*, sqlite3_io_methods>;
  static std::mutex guard;
  static std::vector<std::unique_ptr<Wrapped>> wrapped;
  static std::vector<double> times;
};
std::atomic<bool> Syncs::off = false;
std::mutex Syncs::guard;
std::vector<std::unique_ptr<Syncs::Wrapped>> Syncs::wrapped;
std::vector<double> Syncs::times;

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
std::int64_t bytes_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// The time that this thread has had of a processor.
core::Duration own_time() {
  timespec at{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

enum class Mode : std::uint8_t { kCore, kNoSync, kSync };
constexpr std::array<std::string_view, 3> kModes{"core alone", "SQLite, sync does nothing", "SQLite, real syncs"};

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

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + at);
  return values[static_cast<std::size_t>(at)];
}

// Clients of the WebSocket in a process of their own. Made before there are threads.
class OtherProcess {
 public:
  explicit OtherProcess(std::size_t clients) {
    if (::pipe(to_.data()) != 0 || ::pipe(from_.data()) != 0) throw std::runtime_error("there are no pipes");
    pid_ = ::fork();
    if (pid_ != 0) {
      ::close(to_[0]);
      ::close(from_[1]);
      return;
    }
    ::close(to_[1]);
    ::close(from_[0]);
    std::uint16_t port = 0;
    if (::read(to_[0], &port, sizeof port) != sizeof port) std::_Exit(1);
    PushClients all(clients, port);
    (void)!::write(from_[1], "r", 1);
    const std::size_t least = all.listen([&] { return has_more(to_[0]); });
    (void)!::write(from_[1], &least, sizeof least);
    std::_Exit(0);
  }
  ~OtherProcess() {
    ::close(to_[1]);
    ::waitpid(pid_, nullptr, 0);
    ::close(from_[0]);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void connect(std::uint16_t port) const { (void)!::write(to_[1], &port, sizeof port); }
  // Whether each hears prices.
  bool is_ready() {
    char byte = 0;
    if (!is_ready_ && has_more(from_[0])) is_ready_ = ::read(from_[0], &byte, 1) == 1;
    return is_ready_;
  }
  // Frames of prices that came to the client that heard least; 0: they have failed.
  std::size_t end() const {
    (void)!::write(to_[1], "e", 1);
    std::size_t least = 0;
    return ::read(from_[0], &least, sizeof least) == sizeof least ? least : 0;
  }

 private:
  static bool has_more(int handle) {
    pollfd asked{.fd = handle, .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
  }

  std::array<int, 2> to_{};
  std::array<int, 2> from_{};
  pid_t pid_ = 0;
  bool is_ready_ = false;
};

// One process that trades, with its venue.
class Bench {
 public:
  Bench(Mode mode, std::int64_t services, double seconds, OtherProcess* clients = nullptr,
        core::Duration interval = kInterval)
      : mode_(mode), services_(services), seconds_(seconds), clients_(clients), interval_(interval) {
    static int count = 0;
    folder_ =
        (std::filesystem::temp_directory_path() / fmt::format("argosy-live-bench-{}-{}", ::getpid(), ++count)).string();
    std::filesystem::create_directories(folder_);
    Syncs::off = true;  // while it is set up
    make_clock();
    make_ledger();
    make_services();
    make_venue();
    before_ = bytes_in_use();
    make_process();
    if (clients_ != nullptr) push();
  }
  ~Bench() {
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
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Outcome run() {
    Outcome out;
    process_->begin();
    for (const auto& [symbol, id] : ids_) feed_->add(symbol);
    // Every service has been asked by then: their first questions are spread over their interval.
    trading_->call_at(clock().now() + interval_ + 2s, [&] { measure(out); });
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
    if (clients_ != nullptr && !clients_->is_ready()) {
      trading_->call_at(clock().now() + 100ms, [&] { measure(out); });
      return;
    }
    out.bytes_a_service = static_cast<double>(bytes_in_use() - before_) / static_cast<double>(services_);
    Syncs::off = mode_ != Mode::kSync;
    (void)Syncs::take();
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
      out.syncs = Syncs::take();
      Syncs::off = true;
      process_->shut_down(5s, [this] { trading_->stop(); });
    });
  }

  void push() {
    must(database_->write([&](ledger::Transaction& work) { return add_push_key(work, real_.now()); }));
    push_ = std::make_unique<PushServer>([this] { return core::Result<std::unique_ptr<ledger::Database>>(
                                             open("ledger.db", ledger::ledger_schema())); },
                                         real_);
    process_->set_on_stored([this] { push_->changes_stored(); });
    clients_->connect(push_->port());
  }

  [[nodiscard]] const core::Clock& clock() const { return trading_->clock(); }
  // The core alone is not bound to the wall clock.
  [[nodiscard]] core::Duration seconds_of_the_market() const {
    return core::Duration(static_cast<std::int64_t>(seconds_ * 1e9) * (mode_ == Mode::kCore ? 3 : 1));
  }
  [[nodiscard]] core::Executor& ledger_executor() { return ledger_thread_ ? ledger_thread_->executor() : *trading_; }
  [[nodiscard]] core::Executor& market_executor() { return market_thread_ ? market_thread_->executor() : *trading_; }

  // Looked at by the ledger's thread itself; read when that has ended.
  void add_ledger_time(Outcome& out, double sign) {
    ledger_executor().post([&out, sign] { out.ledger_us += sign * static_cast<double>(own_time().count()) / 1e3; });
  }

  void make_clock() {
    const core::Timestamp opening = must(core::parse_rfc3339("2013-03-04T14:30:00Z"));
    if (mode_ == Mode::kCore) {
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
    for (std::int64_t id = 1; id <= services_; ++id) ids_[start.symbols.emplace_back(fmt::format("S{}", id))] = id;
    holder_ = live::make_start(*database_, clock(), makers(), limits_, start);
    forgetful_ = std::make_unique<Forgetful>(*database_);
    forgetful_->forgets = mode_ == Mode::kCore;
  }

  // In one turn of a process that is not there yet.
  void make_services() {
    live::Process process(live::ProcessSettings(), holder_, *database_, *requests_, *trading_, *trading_, makers(), {});
    must(process.load());
    for (const live::TradedInstrument& each : process.instruments()) process.trader().watch(each);
    for (const auto& [symbol, id] : ids_) {
      must(process.trader().take_request(
          "service_create",
          fmt::format(R"({{"instrument_id": {}, "symbol": "{}", "balance": "10000", "name": "{}", "interval_seconds": {}}})", id,
                      symbol, symbol, std::chrono::duration_cast<std::chrono::seconds>(interval_).count()),
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
    stamps_ = std::vector<std::atomic<std::int64_t>>(static_cast<std::size_t>(services_) + 1);
    feed_ = std::make_unique<feeds::DemoFeed>(
        market_executor(), feeds::DemoStream(table_, calendar_, {.seed = 1, .start = clock().now()}),
        [this](const std::string& symbol, const market::Quote& quote) { on_quote(symbol, quote); });
  }

  void on_quote(const std::string& symbol, const market::Quote& quote) {
    const std::int64_t id = ids_.at(symbol);
    // The venue has it first, as in the process; alone, what it costs must not stand between price and order.
    if (mode_ == Mode::kCore) {
      market_executor().call_at(clock().now() + 1us, [this, symbol, quote] { server_->on_quote(symbol, quote); });
    } else {
      server_->on_quote(symbol, quote);
    }
    stamps_[static_cast<std::size_t>(id)] = real_.monotonic().count();
    if (mode_ == Mode::kCore) own_stamp_ = own_time();
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
      if (mode_ == Mode::kCore) own_us_.push_back(static_cast<double>((own_time() - own_stamp_).count()) / 1e3);
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
    if (mode_ == Mode::kCore) return out;
    same("orders in the ledger", count(*database_, "SELECT count(*) FROM orders WHERE state <> 'denied'"), orders);
    const auto report = must(ledger::verify(*database_, ledger::ledger_schema()));
    out.insert(out.end(), report.findings.begin(), report.findings.end());
    return out;
  }

  Mode mode_;
  std::int64_t services_;
  double seconds_;
  OtherProcess* clients_;
  core::Duration interval_;
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

// --- What is told. ---

// A gate is what was measured, over 0.6, on a machine of two busy cores.
struct Figure {
  Mode mode = Mode::kCore;
  const char* key = "";
  const char* text = "";
  double (*value)(Outcome&) = nullptr;
  double goal = 0;  // 0: none
  double gate = 0;
};
constexpr auto kWall = [](Outcome& out, double share) { return percentile(out.us, share); };
constexpr auto kOwn = [](Outcome& out, double share) { return percentile(out.own_us, share); };
double ledger_us_a_commit(Outcome& out) {
  return out.ledger_us / static_cast<double>(std::max<std::int64_t>(out.commits, 1));
}
// However many turns were written together.
double ledger_us_a_row(Outcome& out) {
  return out.ledger_us / static_cast<double>(std::max<std::int64_t>(out.rows, 1));
}
constexpr Figure kFigures[] = {
    {Mode::kCore, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kCore, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }, 20},
    {Mode::kCore, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kCore, "own_p50_us", "the thread's own time, p50 (us)", [](Outcome& out) { return kOwn(out, 0.5); }, 0, 15},
    {Mode::kCore, "own_p99_us", "p99", [](Outcome& out) { return kOwn(out, 0.99); }, 20, 75},
    {Mode::kCore, "bytes_a_service", "bytes a service", [](Outcome& out) { return out.bytes_a_service; }, 0, 5'700},
    {Mode::kNoSync, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kNoSync, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }, 1'000},
    {Mode::kNoSync, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kNoSync, "ledger_us_a_commit", "the ledger thread's own time a commit (us)", ledger_us_a_commit},
    {Mode::kNoSync, "ledger_us_a_row", "a row (us)", ledger_us_a_row, 0, 63},
    {Mode::kNoSync, "commits_possible", "commits a second that it could do",
     [](Outcome& out) { return 1e6 / ledger_us_a_commit(out); }},
    {Mode::kSync, "p50_us", "price to order sent, p50 (us)", [](Outcome& out) { return kWall(out, 0.5); }},
    {Mode::kSync, "p99_us", "p99", [](Outcome& out) { return kWall(out, 0.99); }},
    {Mode::kSync, "p99.9_us", "p99.9", [](Outcome& out) { return kWall(out, 0.999); }},
    {Mode::kSync, "syncs", "syncs of both databases",
     [](Outcome& out) { return static_cast<double>(out.syncs.size()); }},
    {Mode::kSync, "sync_p50_us", "p50 (us)", [](Outcome& out) { return percentile(out.syncs, 0.5); }},
    {Mode::kSync, "sync_p99_us", "p99", [](Outcome& out) { return percentile(out.syncs, 0.99); }},
    {Mode::kSync, "sync_worst_us", "worst", [](Outcome& out) { return percentile(out.syncs, 1); }},
};

// False where a gate is closed.
bool tell(const Figure& figure, Outcome& out, bool as_json, core::JsonWriter& json) {
  const double value = figure.value(out);
  json.key(figure.key).value(value);
  const bool passes = figure.gate == 0 || value <= figure.gate;
  if (!as_json) {
    fmt::print("  {:<46} {:>12.1f}", figure.text, value);
    if (figure.goal > 0) fmt::print("   goal {:.0f}: {:.2f} of it", figure.goal, value / figure.goal);
    if (figure.gate > 0) fmt::print("   gate {:.0f}", figure.gate);
    fmt::print("\n");
  }
  if (!passes)
    fmt::print(stderr, "{}: {} is {:.1f}, above its gate of {:.0f}\n", kModes[static_cast<std::size_t>(figure.mode)],
               figure.key, value, figure.gate);
  return passes;
}

constexpr std::int64_t kPushed = 100;  // services, and symbols
// By so much more of its own time the trading thread may need for a price: one and a half of what was measured.
constexpr double kGateOfClients = 1.25;

double median(std::vector<double> values) { return percentile(values, 0.5); }

// Turns are taken, for who else works on the machine.
int run_with_clients(bool as_json, double seconds, std::size_t clients) {
  raise_file_limit();
  Syncs::install();
  std::array<std::vector<double>, 2> own;
  std::array<std::vector<double>, 2> p50;
  std::array<std::vector<double>, 2> p99;
  std::array<std::size_t, 2> orders{};
  std::size_t least = SIZE_MAX;
  for (const bool with : {false, true, false, true, false, true}) {
    std::optional<OtherProcess> others;
    if (with) others.emplace(clients);
    Outcome out;
    {
      Bench bench(Mode::kNoSync, kPushed, seconds, with ? &*others : nullptr, 1s);
      out = bench.run();
      if (with) least = std::min(least, others->end());
    }
    for (const std::string& finding : out.findings) fmt::print(stderr, "{}\n", finding);
    if (!out.findings.empty() || out.us.size() < 100 || out.measured_prices == 0) {
      fmt::print(stderr, "{} orders, {} findings\n", out.us.size(), out.findings.size());
      return 1;
    }
    own[with].push_back(out.trading_us / static_cast<double>(out.measured_prices));
    p50[with].push_back(percentile(out.us, 0.5));
    p99[with].push_back(percentile(out.us, 0.99));
    orders[with] += out.us.size();
  }
  // A frame a quarter of a second at the most; each symbol has a price a second, all in one frame or in a few.
  if (static_cast<double>(least) < 0.5 * seconds) {
    fmt::print(stderr, "a client heard {} frames of prices in {} s\n", least, seconds);
    return 1;
  }
  const double own_times = median(own[1]) / median(own[0]);
  const double p99_times = median(p99[1]) / median(p99[0]);
  if (as_json) {
    core::JsonWriter json(2);
    json.begin_object().key("clients").value(clients).key("own_us").value(median(own[0]));
    json.key("own_us_with_clients").value(median(own[1])).key("own_times").value(own_times);
    json.key("p99_us").value(median(p99[0])).key("p99_us_with_clients").value(median(p99[1]));
    json.key("p99_times").value(p99_times).key("least_frames").value(least).end_object();
    fmt::print("{}\n", std::move(json).take());
  } else {
    fmt::print("100 services on 100 symbols, {:.0f} s, three times each; every client heard at least {} frames of prices\n", seconds,
               least);
    for (const int with : {0, 1})
      fmt::print("  {:>6} clients: {} orders, price to order sent p50 {:.0f} us, p99 {:.0f} us; the trading thread's own time "
                 "a price {:.1f} us\n",
                 with != 0 ? clients : 0, orders[static_cast<std::size_t>(with)], median(p50[static_cast<std::size_t>(with)]),
                 median(p99[static_cast<std::size_t>(with)]), median(own[static_cast<std::size_t>(with)]));
    fmt::print("  with clients: p99 {:.2f} times   goal 1.05; own time {:.2f} times   gate {:.2f}\n", p99_times, own_times,
               kGateOfClients);
  }
  if (own_times <= kGateOfClients) return 0;
  fmt::print(stderr, "the trading thread's own time a price is {:.2f} times, above its gate of {:.2f}\n", own_times,
             kGateOfClients);
  return 1;
}

int run(bool as_json, double seconds, std::int64_t services, std::string_view only) {
  Syncs::install();
  bool failed = false;
  core::JsonWriter json(2);
  json.begin_object().key("services").value(services);
  for (const Mode mode : {Mode::kCore, Mode::kNoSync, Mode::kSync}) {
    const std::string_view name = kModes[static_cast<std::size_t>(mode)];
    if (!name.contains(only)) continue;
    Outcome out = Bench(mode, services, seconds).run();
    for (const std::string& finding : out.findings) fmt::print(stderr, "{}: {}\n", name, finding);
    if (!out.findings.empty() || out.us.size() < 100) {
      fmt::print(stderr, "{}: {} orders, {} findings\n", name, out.us.size(), out.findings.size());
      failed = true;
    }
    if (!as_json) {
      fmt::print("{}: {} prices, {} decisions; {} orders, {:.0f} a second\n", name, out.prices, out.decisions,
                 out.us.size(), static_cast<double>(out.us.size()) / out.seconds);
      if (mode != Mode::kCore)
        fmt::print("  {:.0f} commits a second were needed, of {:.1f} rows each\n",
                   static_cast<double>(out.commits) / out.seconds,
                   static_cast<double>(out.rows) / static_cast<double>(std::max<std::int64_t>(out.commits, 1)));
    }
    json.key(name).begin_object().key("orders").value(static_cast<std::int64_t>(out.us.size()));
    for (const Figure& figure : kFigures) {
      if (figure.mode == mode && !tell(figure, out, as_json, json)) failed = true;
    }
    json.end_object();
  }
  json.end_object();
  if (as_json) fmt::print("{}\n", std::move(json).take());
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace argosy

int main(int argc, char** argv) {
  bool json = false;
  double seconds = 10;
  std::int64_t services = 10'000;
  std::string_view only;
  std::size_t clients = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      json = true;
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::stod(argv[++i]);
    } else if (argument == "--services" && i + 1 < argc) {
      services = std::stoll(argv[++i]);
    } else if (argument == "--clients" && i + 1 < argc) {
      clients = std::stoull(argv[++i]);
    } else if (argument == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      fmt::print(stderr, "usage: live_bench [--json] [--seconds N] [--services N] [--only core|nothing|real]\n"
                         "       live_bench [--json] [--seconds N] --clients N\n");
      return 2;
    }
  }
  try {
    return clients > 0 ? argosy::run_with_clients(json, seconds, clients)
                       : argosy::run(json, seconds, services, only);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

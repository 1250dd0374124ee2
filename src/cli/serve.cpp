// argosy serve: runs every active service until it is told to end.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "brokers/paper_connection.hpp"
#include "brokers/paper_server.hpp"
#include "brokers/paper_venue.hpp"
#include "cli/commands.hpp"
#include "cli/decision_makers.hpp"
#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "cli/limit_options.hpp"
#include "cli/serve_health.hpp"
#include "cli/trading_home.hpp"
#include "core/executor_thread.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "core/paced_clock.hpp"
#include "feeds/demo_feed.hpp"
#include "ledger/backups.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"
#include "live/live_bars.hpp"
#include "live/process.hpp"
#include "live/request.hpp"
#include "live/seen_bars.hpp"
#include "market/bar.hpp"
#include "market/quote_validator.hpp"
#include "net/memory.hpp"
#include "notify/notifier.hpp"
#include "notify/outbox.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;

struct Options {
  double seconds = 0;                // by the wall; 0: until it is told to end
  std::optional<double> speed = {};  // those of the configuration
  std::optional<std::uint64_t> seed = {};
};

// Set by a signal.
std::atomic<int> told_to_end = 0;
extern "C" void on_signal(int) { told_to_end = 1; }

// A ledger up to this size is looked at whole before anything is traded.
constexpr std::uint64_t kCheckedBytes = 256ULL * 1024 * 1024;
// From being told to end to the end, by the wall clock.
constexpr auto kLongestEnd = std::chrono::milliseconds(9'500);

// How the simulated market is played.
constexpr std::string_view kCalendar = "XNYS";
const net::Address kVenue{"paper", 1};

struct Stored {
  Timestamp start;                                              // of the simulated market
  std::map<std::string, core::Price, std::less<>> last_closes;  // of the stored bars
};

// What the lake says of where the simulated market begins.
Result<Stored> look_at_lake(const Globals& globals, const market::Calendar& calendar) {
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(const std::vector<lake::Series> series, snapshot.series());
  Stored out;
  core::Date last = core::Date::from_ymd(2013, 1, 1);
  for (const lake::Series& each : series) {
    if (each.timeframe.is_intraday()) continue;
    last = std::max(last, market::key_date(each.last));
    ARGOSY_TRY(const market::BarColumns bars, snapshot.load(each.symbol, each.timeframe, each.last, each.last));
    if (!bars.empty() && bars.close.back().is_positive()) out.last_closes[each.symbol] = bars.close.back();
  }
  out.start = calendar.session(calendar.next_session(last))->open;
  return out;
}

// The last moment in which anything was traded here: the simulated market goes on from there.
Result<std::optional<Timestamp>> last_traded(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) -> Result<std::optional<Timestamp>> {
    std::optional<Timestamp> last;
    constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger};
    ARGOSY_TRY_VOID(
        work.query("SELECT time FROM journal WHERE kind IN ('decision', 'order', 'order_event', 'fill') "
                   "ORDER BY seq DESC LIMIT 1",
                   kTypes, {}, [&](const ledger::Row& row) -> Result<void> {
                     last = Timestamp(core::Duration(row.integer(0)));
                     return {};
                   }));
    return last;
  });
}

core::Duration times(core::Duration duration, double factor) {
  return core::Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

// Everything that a run consists of, in the order in which it is made; it ends in the other one.
class Server {
 public:
  Server(const Options& options, TradingSetup setup, const Globals& globals)
      : options_(options),
        globals_(globals),
        setup_(std::move(setup)),
        speed_(options.speed.value_or(setup_.config.feed.speed)),
        seed_(options.seed.value_or(static_cast<std::uint64_t>(setup_.config.feed.seed))),
        validator_(setup_.config.quotes) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  Result<void> run() {
    ARGOSY_TRY_VOID(open());
    ARGOSY_TRY_VOID(connect());
    outbox_->start();
    process_->begin();
    started_ = real_.monotonic();
    watch();
    tell_health();
    ledger_thread_->executor().post([this] { keep_ledger(); });
    if (setup_.config.storage.backup_every_minutes > 0) plan_backup();
    trading_->run();
    stop();
    if (process_->failure()) return fail(*process_->failure());
    if (process_->writer().is_idle()) return {};
    return fail(Error(ErrorCode::kUnavailable, "the ledger could not be written to the end")
                    .with_hint("what was decided last is not stored and was not sent; the next start asks the broker"));
  }
  [[nodiscard]] Result<void> report();

 private:
  // What runs on threads uses the rest. Bars that somebody decided by are stored before.
  void stop() {
    if (bars_thread_ != nullptr && !std::exchange(bars_stored_, true)) bars_thread_->drain();
    for (core::ExecutorThread* thread :
         {ledger_thread_.get(), market_thread_.get(), notify_thread_.get(), bars_thread_.get()}) {
      if (thread != nullptr) thread->stop();
    }
  }

  Result<void> open() {
    ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(kCalendar));
    calendar_ = calendar;
    ARGOSY_TRY(database_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = kCheckedBytes}));
    // A command may hold it for a moment.
    ARGOSY_TRY(held_, hold_ledger(*database_, globals_, std::string(kTradingProcess), kLockPatience));
    ARGOSY_TRY(requests_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
    ARGOSY_TRY(notifications_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
    ARGOSY_TRY(Stored stored, look_at_lake(globals_, *calendar));
    ARGOSY_TRY(const auto last, last_traded(*database_));
    ARGOSY_TRY(seen_, open_seen());
    ARGOSY_TRY(const auto last_bar, seen_->last_closing());
    begin_ = std::max({stored.start, last.value_or(stored.start), last_bar.value_or(stored.start)});
    clock_ = std::make_unique<core::PacedClock>(real_, begin_, core::PacedClockOptions{.speed = speed_},
                                                [calendar](Timestamp time) {
                                                  const market::Session session = calendar->session_from(time);
                                                  return core::PacedClock::Stretch{session.open, session.close};
                                                });
    trading_ = core::make_real_executor(*clock_);
    ledger_thread_ = std::make_unique<core::ExecutorThread>(real_, "ledger");
    market_thread_ = std::make_unique<core::ExecutorThread>(*clock_, "market");
    notify_thread_ = std::make_unique<core::ExecutorThread>(real_, "notify");
    bars_thread_ = std::make_unique<core::ExecutorThread>(real_, "bars");
    bars_ = std::make_unique<live::LiveBars>(market_thread_->executor(), [this](std::vector<live::LiveBar> closed) {
      process_->push_bars(std::move(closed));
    });
    ARGOSY_TRY(const feeds::DemoMarket demo, load_demo_market(globals_));
    feed_ = std::make_unique<feeds::DemoFeed>(
        market_thread_->executor(),
        feeds::DemoStream(demo, *calendar,
                          {.seed = seed_,
                           .start = begin_,
                           .quote_interval = std::chrono::milliseconds(setup_.config.feed.quote_interval_ms),
                           .start_prices = std::move(stored.last_closes)}),
        [this](const std::string& symbol, const market::Quote& quote) { on_quote(symbol, quote); });
    makers_ = std::make_unique<TradingMakers>(
        globals_, seed_, live::strategy_parameters(setup_.config),
        TradingMakers::Ports{
            .history = [this](const std::string& symbol,
                              market::Timeframe timeframe) { return seen_->history(symbol, timeframe, clock_->now()); },
            .want = [this](const std::string& symbol, market::Timeframe timeframe) { want_bars(symbol, timeframe); }});
    // What waits for a broker or a disk waits in real time, however fast the clock runs.
    const double speed = std::max(speed_, 1.0);
    ARGOSY_TRY(limits_, limits_in_force(*database_, globals_));
    ARGOSY_TRY(terms_, brokers::make_paper_terms(setup_.paper, fee_reader(globals_)));
    live::ProcessSettings settings;
    settings.trader = live::trader_settings(setup_.config);
    settings.checks_every = times(settings.checks_every, speed);
    ARGOSY_TRY(settings.trader.limits, hard_limits(globals_));
    settings.trader.quote_age = times(settings.trader.quote_age, std::max(speed / 30, 1.0));
    process_ = std::make_unique<live::Process>(settings, held_->holder, *database_, *requests_, *trading_,
                                               ledger_thread_->executor(), makers_->source(), terms_.exchange.fees);
    ARGOSY_TRY_VOID(process_->load());
    process_->set_on_instrument([this](const live::TradedInstrument& traded) { add_instrument(traded); });
    process_->set_on_bars([this](std::span<const live::LiveBar> bars) { on_bars(bars); });
    process_->set_on_request([this](const ledger::Request& request) { prepare(request); });
    process_->set_on_failed([this](const Error&) { trading_->stop(); });
    outbox_ = std::make_unique<notify::Outbox>(
        *notifications_,
        notify::OutboxSettings{
            .fencing = held_->holder.fencing,
            .attempts = setup_.config.notifications.attempts,
            .least_severity = std::string(live::to_string(setup_.config.notifications.least_severity))},
        std::vector<notify::Notifier*>{&log_channel_}, notify_thread_->executor());
    return {};
  }

  Result<void> connect() {
    // The venue may hold what it has to look up at once.
    for (const live::TradedInstrument& each : process_->instruments()) know(each);
    ARGOSY_TRY(paper_database_, ledger::open_database({.path = home_folder(globals_) + "/paper.db"},
                                                      brokers::paper_schema(), core::system_files(), real_));
    ARGOSY_TRY(venue_, brokers::PaperVenue::open(
                           terms_, *paper_database_,
                           [this](const std::string& symbol) { return find_instrument(symbol); }, *clock_));
    market_net_ = memory_.host(market_thread_->executor());
    trading_net_ = memory_.host(*trading_);
    venue_server_ = std::make_unique<brokers::PaperServer>(market_thread_->executor(), *venue_,
                                                           [this](const Error& error) { tell_venue_trouble(error); });
    ARGOSY_TRY_VOID(venue_server_->listen(*market_net_, kVenue));
    const double speed = std::max(speed_, 1.0);
    ARGOSY_TRY(const trading::LimitProfile limits, limits_in_force(*database_, globals_));
    for (const ledger::BrokerAccountRow& account : process_->accounts()) {
      if (account.broker != "paper") continue;
      brokers::PaperConnectionSettings paper;
      paper.answers_within = times(paper.answers_within, speed);
      paper.first_wait = times(paper.first_wait, speed);
      paper.longest_wait = times(paper.longest_wait, speed);
      connections_.push_back(std::make_unique<brokers::PaperConnection>(*trading_, *trading_net_, kVenue, paper));
      live::DeskSettings desk = live::desk_settings(setup_.config);
      desk.broker_account_id = account.broker_account_id;
      desk.broker = account.broker;
      desk.instance = held_->holder.instance;
      desk.currency = account.base_currency;
      for (core::Duration* each :
           {&desk.in_flight_check, &desk.open_orders_check, &desk.positions_check, &desk.answer_time})
        *each = times(*each, speed);
      process_->add_account(desk, limits, trading::FeeSchedule(), *connections_.back());
    }
    return {};
  }

  void know(const live::TradedInstrument& traded) {
    const std::string& symbol = traded.instrument.symbol;
    if (!instruments_.try_emplace(symbol, traded).second) return;
    if (const auto place = validator_.add(traded.instrument)) places_[symbol] = *place;
    const std::scoped_lock lock(known_mutex_);
    known_[symbol] = traded.instrument;
  }
  // On the trading thread; the venue and the feed are told on theirs.
  void add_instrument(const live::TradedInstrument& traded) {
    market_thread_->executor().post([this, traded] { know(traded); });
    feed_->add(traded.instrument.symbol);
  }

  // On the market's thread. Each price may be in trouble; once in ten seconds says it.
  void tell_venue_trouble(const Error& error) {
    const core::Duration now = real_.monotonic();
    if (venue_trouble_ && now - *venue_trouble_ < std::chrono::seconds(10)) return;
    venue_trouble_ = now;
    core::log_error("the paper venue cannot go on", {{"why", error.message}});
  }
  void on_quote(const std::string& symbol, const market::Quote& quote) {
    const auto place = places_.find(symbol);
    if (place == places_.end()) return;
    if (validator_.judge(place->second, quote, clock_->now())) {
      ++quarantined_;
      return;
    }
    venue_server_->on_quote(symbol, quote);
    const std::int64_t instrument = instruments_.at(symbol).instrument_id;
    bars_->on_quote(instrument, quote);
    process_->quotes().push(instrument, quote);
  }
  // On the trading thread; bars are made on the market's.
  void want_bars(const std::string& symbol, market::Timeframe timeframe) {
    market_thread_->executor().post([this, symbol, timeframe] {
      if (const auto known = instruments_.find(symbol); known != instruments_.end())
        bars_->watch(known->second, timeframe);
    });
  }
  void on_bars(std::span<const live::LiveBar> bars) {
    makers_->add(bars);
    bars_thread_->executor().post([this, closed = std::vector<live::LiveBar>(bars.begin(), bars.end())] {
      if (auto stored = seen_->append(closed); !stored)
        core::log_error("bars cannot be stored as they were seen", {{"why", stored.error().message}});
    });
  }
  Result<std::unique_ptr<live::SeenBars>> open_seen() {
    lake::LakeOptions options = lake_options(globals_, Settings());
    options.folder = home_folder(globals_) + "/seen";
    return live::SeenBars::open(options, core::system_files(), real_,
                                {.snapshot = [this] { return open_snapshot(globals_); },
                                 .instrument = [this](const std::string& symbol) { return traded(symbol); }});
  }
  // Of the ledger; any thread but for the market's own ones.
  Result<market::Instrument> traded(const std::string& symbol) {
    const std::scoped_lock lock(known_mutex_);
    if (const auto known = known_.find(symbol); known != known_.end()) return known->second;
    return fail(
        Error(ErrorCode::kNotFound, fmt::format("{} is not traded here", symbol))
            .with_hint("a formula may look at symbols of the ledger's instruments: argosy data instrument list"));
  }
  // On the ledger's thread: what decides for a service that is about to be made is read here.
  void prepare(const ledger::Request& request) {
    const auto payload = core::parse_json(request.payload);
    if (!payload) return;  // the trading thread says so
    const auto read = [&](auto asked) {
      return core::read_json(*payload, core::record_type<decltype(asked)>(), &asked).empty() ? std::optional(asked)
                                                                                             : std::nullopt;
    };
    if (request.kind == "service_create") {
      if (const auto asked = read(live::CreateService())) makers_->prepare(asked->strategy, asked->symbol);
    } else if (request.kind == "service_set") {
      const auto asked = read(live::SetService());
      if (!asked || !asked->strategy) return;
      const auto row = requests_->read([&](ledger::Transaction& work) {
        return ledger::select<ledger::ServiceRow>(work, "WHERE service_id = :id", {asked->service_id});
      });
      if (row && !row->empty()) makers_->prepare(*asked->strategy, row->front().stock_symbol);
    }
  }
  Result<market::Instrument> find_instrument(const std::string& symbol) {
    const auto found = instruments_.find(symbol);
    if (found == instruments_.end()) return fail(ErrorCode::kNotFound, fmt::format("{} is not traded here", symbol));
    return found->second.instrument;
  }

  // Looks now and then whether it is time to end.
  void watch() {
    const double passed = std::chrono::duration<double>(real_.monotonic() - started_).count();
    const bool over = options_.seconds > 0 && passed >= options_.seconds;
    if (over || told_to_end != 0) {
      process_->shut_down(times(std::chrono::seconds(8), std::max(speed_, 1.0)), [this] { trading_->stop(); });
      // A ledger that cannot be written is not waited for longer.
      trading_->call_at(clock_->now() + times(kLongestEnd, std::max(speed_, 1.0)), [this] { trading_->stop(); });
      return;
    }
    trading_->call_at(clock_->now() + times(std::chrono::milliseconds(50), speed_), [this] { watch(); });
  }

  // The heartbeat: each second of the wall clock.
  void tell_health() {
    live::HealthFacts facts = process_facts(*process_, speed_);
    facts.time = real_.now();
    const std::int64_t quarantined = quarantined_.load();
    facts.quarantined_quotes = quarantined - std::exchange(told_quarantined_, quarantined);
    live::probe_machine(core::real_system(), home_folder(globals_), facts);
    const live::HealthReport report = live::judge_health(facts, setup_.config.health);
    if (report.state != std::exchange(health_, report.state))
      core::log_warning("health has changed", {{"state", to_string(report.state)},
                                               {"why", report.reasons.empty() ? "" : report.reasons.front().text}});
    notify_thread_->executor().post(
        [text = live::health_json(report, facts), path = home_folder(globals_) + "/health.json"] {
          if (auto written = core::system_files().write_atomic(path, text); !written)
            core::log_warning("the heartbeat cannot be written", {{"why", written.error().message}});
        });
    trading_->call_at(clock_->now() + times(std::chrono::seconds(1), speed_), [this] { tell_health(); });
  }

  // On the ledger's thread. A lock on a server is lost with its connection: it is taken again.
  void keep_ledger() {
    const auto kept = held_->lock->keep();
    if (!kept && keeps_ledger_) core::log_warning("the ledger's lock is lost", {{"why", kept.error().message}});
    if (kept && !keeps_ledger_) core::log_warning("the ledger's lock is held again");
    keeps_ledger_ = kept.has_value();
    ledger_thread_->executor().call_at(real_.now() + std::chrono::seconds(1), [this] { keep_ledger(); });
  }

  void plan_backup() {
    notify_thread_->executor().call_at(
        real_.now() + std::chrono::minutes(setup_.config.storage.backup_every_minutes), [this] {
          const auto made = ledger::back_up_and_prune(
              ledger_location(setup_, globals_), in_home(setup_.config.storage.backups, globals_),
              {.last = setup_.config.storage.keep_backups, .daily = setup_.config.storage.keep_backups},
              ledger::ledger_schema(), core::system_files(), real_);
          if (made) {
            core::log_info("the ledger is backed up", {{"file", made->made.file}});
          } else {
            core::log_error("the ledger could not be backed up", {{"why", made.error().message}});
          }
          plan_backup();
        });
  }

  const Options& options_;
  const Globals& globals_;
  TradingSetup setup_;
  double speed_;
  std::uint64_t seed_;
  trading::LimitProfile limits_;
  brokers::PaperTerms terms_;
  core::SystemClock real_;
  const market::Calendar* calendar_ = nullptr;
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<ledger::Database> requests_;
  std::unique_ptr<ledger::Database> notifications_;
  std::unique_ptr<ledger::Database> paper_database_;
  notify::LogNotifier log_channel_;
  std::optional<ledger::HeldLedger> held_;
  bool keeps_ledger_ = true;  // only on the ledger's thread
  Timestamp begin_;
  std::unique_ptr<core::PacedClock> clock_;
  std::unique_ptr<core::Executor> trading_;
  std::unique_ptr<core::ExecutorThread> ledger_thread_;
  std::unique_ptr<core::ExecutorThread> market_thread_;
  std::unique_ptr<core::ExecutorThread> notify_thread_;
  std::unique_ptr<core::ExecutorThread> bars_thread_;
  bool bars_stored_ = false;
  std::unique_ptr<live::SeenBars> seen_;
  std::unique_ptr<TradingMakers> makers_;
  net::MemoryNetwork memory_;
  // Only on the market's thread.
  std::map<std::string, live::TradedInstrument> instruments_;
  std::mutex known_mutex_;
  std::map<std::string, market::Instrument> known_;  // under known_mutex_
  market::QuoteValidator validator_;
  std::atomic<std::int64_t> quarantined_ = 0;
  std::int64_t told_quarantined_ = 0;
  live::HealthState health_ = live::HealthState::kHealthy;
  std::map<std::string, std::uint32_t> places_;
  std::optional<core::Duration> venue_trouble_;  // when it was told
  std::unique_ptr<brokers::PaperVenue> venue_;
  std::unique_ptr<net::Network> market_net_;
  std::unique_ptr<net::Network> trading_net_;
  std::unique_ptr<brokers::PaperServer> venue_server_;
  std::vector<std::unique_ptr<brokers::PaperConnection>> connections_;
  std::unique_ptr<live::Process> process_;
  std::unique_ptr<live::LiveBars> bars_;  // only on the market's thread
  std::unique_ptr<feeds::DemoFeed> feed_;
  std::unique_ptr<notify::Outbox> outbox_;
  core::Duration started_{};
};

Result<void> Server::report() {
  const live::Trader::Counts& counts = process_->trader().counts();
  const auto figures = process_->writer().figures();
  const Timestamp end = clock_->now();
  if (globals_.json) {
    core::JsonWriter json(2);
    json.begin_object().key("from").value(core::format_rfc3339(begin_)).key("to").value(core::format_rfc3339(end));
    json.key("quotes").value(counts.quotes).key("decisions").value(counts.decisions);
    json.key("orders").value(counts.orders).key("denied").value(counts.denied).key("fills").value(counts.fills);
    json.key("commits").value(figures.commits).key("rows").value(figures.rows).end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(fmt::format("traded from {} to {}: {} prices, {} decisions, {} orders ({} denied), {} fills\n",
                           format_seconds(begin_), format_seconds(end), counts.quotes, counts.decisions, counts.orders,
                           counts.denied, counts.fills));
}

core::LogFileSettings log_files(const TradingSetup& setup, const Globals& globals) {
  const live::TradingLogSettings& log = setup.config.log;
  return {.folder = in_home(log.folder, globals),
          .daily = log.daily,
          .rotate_bytes = static_cast<std::uint64_t>(log.rotate_megabytes) * 1'000'000,
          .keep_days = log.keep_days,
          .keep_files = log.keep_files};
}

Result<void> serve(const Options& options, const Globals& globals) {
  ARGOSY_TRY_VOID(load_settings(globals));
  ARGOSY_TRY(TradingSetup setup, load_trading(globals));
  ARGOSY_TRY_VOID(core::configure_log({.level = setup.config.log.level, .files = log_files(setup, globals)}));
  std::signal(SIGTERM, on_signal);
  std::signal(SIGINT, on_signal);
  Server server(options, std::move(setup), globals);
  ARGOSY_TRY_VOID(server.run());
  return server.report();
}

}  // namespace

void add_serve(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("serve", "Trade: run every active service until it is told to end");
  command->add_option("--for", options->seconds, "seconds by the wall clock; 0: until it is told to end")
      ->check(CLI::Range(0.0, 1e9));
  command
      ->add_option("--speed", options->speed, "times real time, on the simulated market; default: the configuration's")
      ->check(CLI::Range(0.01, 10'000.0));
  command->add_option("--seed", options->seed, "of the simulated market; default: the configuration's");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n  argosy serve\n  argosy serve --for 60 --speed 120\n\nIt ends with SIGTERM or Ctrl-C: no new orders "
      "are made, what is in flight is waited for.");
  command->callback([options, &globals] { run_command([&] { return serve(*options, globals); }); });
}

}  // namespace argosy::cli

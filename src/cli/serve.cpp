// argosy serve: runs every active service until it is told to end.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "brokers/paper_connection.hpp"
#include "cli/commands.hpp"
#include "cli/decision_makers.hpp"
#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "cli/limit_options.hpp"
#include "cli/rates.hpp"
#include "cli/serve_api.hpp"
#include "cli/serve_health.hpp"
#include "cli/serve_jobs.hpp"
#include "cli/serve_market.hpp"
#include "cli/serve_questions.hpp"
#include "cli/service_commands.hpp"
#include "cli/trading_home.hpp"
#include "core/executor_thread.hpp"
#include "core/json.hpp"
#include "core/log.hpp"
#include "core/paced_clock.hpp"
#include "ledger/backups.hpp"
#include "ledger/group_commit.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"
#include "live/clock_watch.hpp"
#include "live/process.hpp"
#include "live/request.hpp"
#include "live/seen_bars.hpp"
#include "live/verify.hpp"
#include "market/bar.hpp"
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
  std::optional<int> port = {};
  bool no_api = false;
};

// Set by a signal.
std::atomic<int> told_to_end = 0;
extern "C" void on_signal(int) { told_to_end = 1; }

// A ledger up to this size is looked at whole, and its journal done again, before anything is traded.
constexpr std::uint64_t kCheckedBytes = 256ULL * 1024 * 1024;
// From being told to end to the end, by the wall clock.
constexpr auto kLongestEnd = std::chrono::milliseconds(9'500);

// How often the lake is looked at for corporate actions, by the wall clock.
constexpr auto kActionsEvery = std::chrono::seconds(10);

const net::Address kVenue{"paper", 1};
// Where the simulated clock starts: before an opening of this exchange.
constexpr std::string_view kCalendar = "XNYS";

struct Stored {
  Timestamp start;  // of the simulated market
  std::map<std::string, core::Price, std::less<>> start_prices;
  std::map<std::string, Timestamp, std::less<>> priced_at;
  live::ActionTeller::Actions actions;
};

// Where the simulated market begins: after the last stored bar, at its prices; what was priced later, while trading, at
// those.
Result<Stored> look_at_store(const Globals& globals, ledger::Database& database) {
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(kCalendar));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(const std::vector<lake::Series> series, snapshot.series());
  Stored out;
  core::Date last = core::Date::from_ymd(2013, 1, 1);
  for (const lake::Series& each : series) {
    if (each.timeframe.is_intraday()) continue;
    last = std::max(last, market::key_date(each.last));
    ARGOSY_TRY(const market::BarColumns bars, snapshot.load(each.symbol, each.timeframe, each.last, each.last));
    if (bars.empty() || !bars.close.back().is_positive()) continue;
    out.start_prices[each.symbol] = bars.close.back();
    out.priced_at[each.symbol] = calendar->closing_instant(each.last, each.timeframe);
  }
  out.actions = snapshot.tables().actions;
  out.start = calendar->session(calendar->next_session(last))->open;
  ARGOSY_TRY(const auto positions, database.read([](ledger::Transaction& work) {
    return ledger::select<ledger::PositionRow>(work, "WHERE price > 0 ORDER BY priced_at");
  }));
  for (const ledger::PositionRow& row : positions) {
    if (*row.priced_at < out.start) continue;
    out.start_prices[row.symbol] = *row.price;
    out.priced_at[row.symbol] = *row.priced_at;
  }
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
        seed_(options.seed.value_or(static_cast<std::uint64_t>(setup_.config.feed.seed))) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  Result<void> run() {
    ARGOSY_TRY_VOID(open());
    ARGOSY_TRY_VOID(connect());
    take_over_bars();
    outbox_->start();
    if (!options_.no_api) ARGOSY_TRY_VOID(offer_api());
    jobs_->start();
    process_->begin();
    started_ = real_.monotonic();
    watch();
    tell_health();
    ledger_thread_->executor().post([this] { keep_ledger(); });
    bars_thread_->executor().post([this] { look_for_actions(); });
    if (setup_.config.storage.backup_every_minutes > 0) plan_backup();
    trading_->run();
    // What is being answered may still wait for the ledger.
    if (questions_ != nullptr) questions_->end();
    if (posts_ != nullptr) posts_->end();
    if (api_ != nullptr) api_->stop(std::chrono::milliseconds(500));
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
    if (posts_ != nullptr) posts_->end();
    if (jobs_ != nullptr) jobs_->stop();
    if (bars_thread_ != nullptr && !std::exchange(bars_stored_, true)) bars_thread_->drain();
    for (core::ExecutorThread* thread :
         {ledger_thread_.get(), market_thread_.get(), notify_thread_.get(), bars_thread_.get()}) {
      if (thread != nullptr) thread->stop();
    }
  }

  Result<void> open() {
    ARGOSY_TRY(database_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = kCheckedBytes}));
    // A command may hold it for a moment.
    ARGOSY_TRY(held_, hold_ledger(*database_, globals_, std::string(kTradingProcess), kLockPatience));
    ARGOSY_TRY_VOID(check_ledger());
    ARGOSY_TRY(requests_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
    ARGOSY_TRY(notifications_, open_ledger(globals_, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
    ARGOSY_TRY(Stored stored, look_at_store(globals_, *database_));
    ARGOSY_TRY(const auto last, last_traded(*database_));
    ARGOSY_TRY(seen_, open_seen());
    ARGOSY_TRY(const auto last_bar, seen_->last_closing());
    begin_ = std::max({stored.start, last.value_or(stored.start), last_bar.value_or(stored.start)});
    ARGOSY_TRY_VOID(start_clock());
    ARGOSY_TRY_VOID(open_market(std::move(stored)));
    makers_ = std::make_unique<TradingMakers>(
        globals_, seed_, live::strategy_parameters(setup_.config),
        TradingMakers::Ports{
            .history = [this](const std::string& symbol,
                              market::Timeframe timeframe) { return seen_->history(symbol, timeframe, clock_->now()); },
            .want = [this](const std::string& symbol,
                           market::Timeframe timeframe) { market_->want_bars(symbol, timeframe); }});
    // What waits for a broker or a disk waits in real time, however fast the clock runs.
    const double speed = std::max(speed_, 1.0);
    ARGOSY_TRY(limits_, limits_in_force(*database_, globals_));
    live::ProcessSettings settings;
    settings.trader = live::trader_settings(setup_.config);
    settings.checks_every = times(settings.checks_every, speed);
    settings.rate_age = live::rate_age(setup_.config);
    ARGOSY_TRY(settings.trader.limits, hard_limits(globals_));
    settings.trader.quote_age = times(settings.trader.quote_age, std::max(speed / 30, 1.0));
    process_ = std::make_unique<live::Process>(settings, held_->holder, *database_, *requests_, *trading_,
                                               ledger_thread_->executor(), makers_->source(), terms_.exchange.fees);
    ARGOSY_TRY_VOID(process_->load());
    process_->set_rates(market_->rates());
    process_->set_on_instrument([this](const live::TradedInstrument& traded) { market_->add(traded); });
    process_->set_on_action([this](const market::Instrument& instrument, const market::CorporateAction& action) {
      makers_->take_action(instrument.symbol, action);
    });
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
    ARGOSY_TRY(jobs_, ServedJobs::open(globals_, setup_, held_->holder));
    return {};
  }

  // Of a larger one, and of a server, only `argosy db verify` computes everything again.
  Result<void> check_ledger() {
    const ledger::Location location = ledger_location(setup_, globals_);
    if (location.is_server()) return {};
    ARGOSY_TRY(const core::FileInfo info, core::system_files().info(location.path));
    if (info.size > kCheckedBytes) return {};
    return live::check_before_trading(*database_);
  }

  // It jumps over the hours in which every exchange of the ledger's instruments is closed.
  Result<void> start_clock() {
    ARGOSY_TRY(const auto rows, database_->read([](ledger::Transaction& work) {
      return ledger::select<ledger::InstrumentRow>(work, "ORDER BY instrument_id");
    }));
    std::set<std::string_view> exchanges;
    for (const ledger::InstrumentRow& row : rows) exchanges.insert(row.exchange);
    if (exchanges.empty()) exchanges.insert(kCalendar);
    std::vector<const market::Calendar*> calendars;
    for (const std::string_view each : exchanges) {
      ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(each));
      calendars.push_back(calendar);
    }
    clock_ = std::make_unique<core::PacedClock>(real_, begin_, core::PacedClockOptions{.speed = speed_},
                                                [calendars = std::move(calendars)](Timestamp time) {
                                                  const auto [from, to] = market::open_stretch(calendars, time);
                                                  return core::PacedClock::Stretch{from, to};
                                                });
    trading_ = core::make_real_executor(*clock_);
    ledger_thread_ = std::make_unique<core::ExecutorThread>(real_, "ledger");
    market_thread_ = std::make_unique<core::ExecutorThread>(*clock_, "market");
    notify_thread_ = std::make_unique<core::ExecutorThread>(real_, "notify");
    bars_thread_ = std::make_unique<core::ExecutorThread>(real_, "bars");
    return {};
  }

  Result<void> open_market(Stored stored) {
    ARGOSY_TRY(terms_, brokers::make_paper_terms(setup_.paper, fee_reader(globals_)));
    ServedMarketSettings settings{
        .demo = {},
        .seed = seed_,
        .start = begin_,
        .quote_interval = std::chrono::milliseconds(setup_.config.feed.quote_interval_ms),
        .start_prices = std::move(stored.start_prices),
        .priced_at = std::move(stored.priced_at),
        .actions = std::move(stored.actions),
        .first_rates = {},
        .quotes = setup_.config.quotes,
        .paper = terms_,
    };
    ARGOSY_TRY(settings.demo, load_demo_market(globals_));
    ARGOSY_TRY(settings.first_rates, first_simulated_rates(globals_));
    ARGOSY_TRY(
        market_,
        ServedMarket::open(
            std::move(settings), market_thread_->executor(), real_,
            {.quote =
                 [this](std::int64_t instrument, const market::Quote& quote) {
                   process_->quotes().push(instrument, quote);
                   prices_.set(instrument, quote);
                 },
             .bars = [this](std::vector<live::LiveBar> closed) { process_->push_bars(std::move(closed)); },
             .rates = [this](std::vector<market::RateQuote> rates) { process_->push_rates(std::move(rates)); },
             .action = [this](std::int64_t instrument, const market::CorporateAction& action,
                              core::Price last_close) { process_->push_action(instrument, action, last_close); }}));
    return {};
  }

  Result<void> connect() {
    // The venue may hold what it has to look up at once.
    for (const live::TradedInstrument& each : process_->instruments()) market_->know(each);
    ARGOSY_TRY(paper_database_, ledger::open_database({.path = paper_path(globals_)}, brokers::paper_schema(),
                                                      core::system_files(), real_));
    ARGOSY_TRY_VOID(market_->connect(memory_, kVenue, *paper_database_));
    trading_net_ = memory_.host(*trading_);
    const double speed = std::max(speed_, 1.0);
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
      process_->add_account(desk, limits_, trading::FeeSchedule(), *connections_.back());
    }
    return {};
  }

  Result<void> offer_api() {
    const live::ApiSettings& api = setup_.config.api;
    posts_ = std::make_unique<ledger::GroupCommit>(*requests_, ledger_thread_->executor(),
                                                   [this] { process_->look_for_requests_soon(); });
    questions_ = std::make_unique<TradingQuestions>(*trading_, ledger_thread_->executor(), *process_, *makers_);
    ServedApiSettings settings{
        .http = {},
        .api = api,
        .service_defaults = service_defaults(setup_.config),
        .store_request = [this](const ledger::Database::Work& work) { return posts_->write(work); },
        .prices = prices_,
        .ledger = held_->holder.instance,
        .log_folder = in_home(setup_.config.log.folder, globals_),
        .backups_folder = in_home(setup_.config.storage.backups, globals_),
        .advise = [this](const live::AdviceWish& wish) { return questions_->advise(wish); },
        .advise_service = [this](std::int64_t service) { return questions_->advise(service); },
        .hard_limits = {}};
    ARGOSY_TRY(settings.hard_limits, hard_limits(globals_));
    settings.http.address = {.host = api.address,
                             .port = static_cast<std::uint16_t>(options_.port.value_or(static_cast<int>(api.port)))};
    if (!api.certificate.empty())
      settings.http.tls = net::TlsFiles{in_home(api.certificate, globals_), in_home(api.key, globals_)};
    ARGOSY_TRY(const std::string password, make_once_password(globals_, real_));
    ARGOSY_TRY(api_, ServedApi::start(std::move(settings), globals_, real_));
    process_->set_on_answered([this](auto answers) { api_->requests_answered(answers); });
    process_->set_on_stored([this] { api_->changes_stored(); });
    // Not into the log: for whoever starts the program.
    std::string text = fmt::format("API: {}/api/v1\n", api_->url());
    if (!password.empty()) {
      text += fmt::format("one-time password of {}: {}\nanother one is made at each start until it is changed\n",
                          kCommandUser, password);
    }
    text += fmt::format("dashboard: {}/\n", api_->url());
    if (!globals_.json) return print(text);
    fmt::print(stderr, "{}", text);
    return {};
  }

  // On the trading thread.
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
    return live::SeenBars::open(
        options, core::system_files(), real_,
        {.snapshot = [this] { return open_snapshot(globals_); },
         .instrument = [this](const std::string& symbol) { return market_->instrument(symbol); }});
  }
  // In few commits what services would otherwise take over one by one when they begin; those tell what is wrong with
  // it.
  void take_over_bars() {
    const auto services = database_->read([](ledger::Transaction& work) {
      return ledger::select<ledger::ServiceRow>(work, "WHERE state <> 'INACTIVE' ORDER BY service_id");
    });
    if (services) (void)seen_->take_over(makers_->series_of(*services), clock_->now());
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
    facts.clock_set = clock_watch_.look(facts.time, real_.monotonic());
    const std::int64_t quarantined = market_->quarantined();
    facts.quarantined_quotes = quarantined - std::exchange(told_quarantined_, quarantined);
    live::probe_machine(core::real_system(), home_folder(globals_), facts);
    const live::HealthReport report = live::judge_health(facts, setup_.config.health);
    if (report.state != std::exchange(health_, report.state))
      core::log_warning("health has changed", {{"state", to_string(report.state)},
                                               {"why", report.reasons.empty() ? "" : report.reasons.front().text}});
    const std::string told = live::health_json(report, facts);
    if (api_ != nullptr)
      api_->tell_health(told, report.state != live::HealthState::kHalted, process_samples(*process_, facts));
    notify_thread_->executor().post([text = told, path = home_folder(globals_) + "/health.json"] {
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
    // Once it is lost, before somebody else takes it.
    const auto pause = keeps_ledger_ ? std::chrono::milliseconds(1'000) : std::chrono::milliseconds(100);
    ledger_thread_->executor().call_at(real_.now() + pause, [this] { keep_ledger(); });
  }

  // On the thread that reads and writes bars: what was imported meanwhile.
  void look_for_actions() {
    if (const auto snapshot = open_snapshot(globals_); !snapshot) {
      core::log_warning("corporate actions cannot be read", {{"why", snapshot.error().message}});
    } else if (snapshot->tables().actions != actions_) {
      actions_ = snapshot->tables().actions;
      market_->set_actions(actions_);
    }
    bars_thread_->executor().call_at(real_.now() + kActionsEvery, [this] { look_for_actions(); });
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
  live::ActionTeller::Actions actions_;  // only on the bars' thread
  std::unique_ptr<live::SeenBars> seen_;
  std::unique_ptr<TradingMakers> makers_;
  push::PriceBoard prices_;
  net::MemoryNetwork memory_;
  std::int64_t told_quarantined_ = 0;
  live::ClockWatch clock_watch_;
  live::HealthState health_ = live::HealthState::kHealthy;
  std::unique_ptr<ServedMarket> market_;
  std::unique_ptr<net::Network> trading_net_;
  std::vector<std::unique_ptr<brokers::PaperConnection>> connections_;
  std::unique_ptr<live::Process> process_;
  std::unique_ptr<notify::Outbox> outbox_;
  std::unique_ptr<TradingQuestions> questions_;
  std::unique_ptr<ledger::GroupCommit> posts_;
  std::unique_ptr<ServedApi> api_;
  std::unique_ptr<ServedJobs> jobs_;
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
  command->add_option("--port", options->port, "of the API; 0: any that is free; default: the configuration's")
      ->check(CLI::Range(0, 65'535));
  command->add_flag("--no-api", options->no_api, "trade without the API");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n  argosy serve\n  argosy serve --for 60 --speed 120\n\nIt ends with SIGTERM or Ctrl-C: no new orders "
      "are made, what is in flight is waited for.");
  command->callback([options, &globals] { run_command([&] { return serve(*options, globals); }); });
}

}  // namespace argosy::cli

#include "simulation/world.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/hash.hpp"
#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "live/direct.hpp"
#include "live/verify.hpp"
#include "simulation/detail/counted_network.hpp"
#include "simulation/detail/world_parts.hpp"
#include "trading/soft_limits.hpp"

namespace argosy::simulation {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

std::int64_t number(ledger::Database& database, const std::string& sql) {
  const auto found = database.read([&](ledger::Transaction& work) -> Result<std::int64_t> {
    std::int64_t number = 0;
    constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger};
    ARGOSY_TRY_VOID(work.query(sql, kTypes, {}, [&](const ledger::Row& row) -> Result<void> {
      number = row.integer(0);
      return {};
    }));
    return number;
  });
  return found.value_or(-1);
}

// What may be held at a quiet point beside what was at first: a second program has the ledger open that requests are
// posted with, a stream may be about to be replaced, and timers wait for what just happened.
constexpr std::int64_t kFilesMore = 3;
constexpr std::int64_t kStreamsMore = 1;
constexpr std::int64_t kTimersMore = 8;
// SQLite begins its log anew when a thousand pages are in it.
constexpr std::int64_t kLogBytes = 8'000'000;

void add_findings(const std::string& what, const Result<ledger::VerifyReport>& report, std::vector<std::string>& out) {
  if (!report) return out.push_back(what + report.error().describe());
  for (const std::string& finding : report->findings) out.push_back(what + finding);
}

}  // namespace

// Answers that a strategy must not give, for a share of the questions.
class World::Nonsense final : public live::DecisionMaker {
 public:
  Nonsense(World& world, live::DecisionMaker& sound) : world_(world), sound_(sound), rng_(world.rng_.fork(2)) {}
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return std::nullopt; }
  [[nodiscard]] live::DecisionAnswer peek(const live::DecisionQuestion& question) const override {
    return sound_.peek(question);
  }
  [[nodiscard]] live::DecisionAnswer decide(const live::DecisionQuestion& question) override {
    live::DecisionAnswer answer = sound_.decide(question);
    if (answer.yes) {
      // What is decided in this turn is written after what is posted in it.
      for (auto& work : std::exchange(world_.at_decision_, {})) world_.executor_->post(std::move(work));
    }
    if (rng_.uniform() >= world_.nonsense_) return answer;
    world_.note_fired(Fault::kStrategyFails);
    answer.yes = true;
    switch (rng_.below(5)) {
      case 0:
        answer.confidence = std::numeric_limits<double>::quiet_NaN();
        break;
      case 1:
        answer.confidence = 1e300;
        break;
      case 2:
        answer.confidence = -1;
        break;
      case 3:
        answer.entry.share = core::Rate::from_integer(-3);
        break;
      default:
        answer.entry.kind = trading::OrderKind::kLimit;
        answer.entry.limit = -question.quote.last;
    }
    return answer;
  }

 private:
  World& world_;
  live::DecisionMaker& sound_;
  core::Rng rng_;
};

trading::LimitProfile simulation_limits() {
  using trading::Limit;
  trading::LimitProfile profile = trading::LimitProfile::backtest();
  profile.name = "simulation";
  profile.limits.messages = Limit<trading::MessageRate>::of({.per_second = 5, .burst = 20, .reserve = 5});
  profile.limits.equal_orders = Limit<trading::Burst>::of({.most = 4, .within = std::chrono::seconds(10)});
  profile.limits.max_reference_age = Limit<core::Duration>::of(std::chrono::seconds(60));
  profile.limits.price_collar = Limit<core::Rate>::of(core::Rate::from_units(50'000'000));
  profile.limits.max_order_quantity = Limit<core::Quantity>::of(core::Quantity::from_integer(60));
  profile.limits.max_order_value = Limit<core::Money>::of(core::Money::from_integer(5'200));
  profile.limits.self_match = Limit<trading::Refused>::of({});
  profile.limits.max_working_orders = Limit<std::int64_t>::of(4);
  profile.limits.max_position_quantity = Limit<core::Quantity>::of(core::Quantity::from_integer(45));
  profile.limits.max_gross_exposure = Limit<core::Money>::of(core::Money::from_integer(20'000));
  profile.breaker.consecutive_losses = Limit<std::int64_t>::of(6);
  profile.breaker.cool_down = Limit<core::Duration>::of(std::chrono::minutes(10));
  profile.breaker.trial_trades = Limit<std::int64_t>::of(1);
  return profile;
}

World::World(WorldSettings settings)
    : settings_(std::move(settings)),
      rng_(core::Rng(settings_.seed).fork(1)),
      clock_(settings_.start),
      history_(clock_, settings_.history),
      executor_(core::make_simulated_executor(clock_)),
      host_(*executor_, &memory_),
      paced_(*executor_, &memory_),
      disk_(settings_.seed, host_.clock()),
      venue_disk_(settings_.seed, clock_),
      network_(*executor_, settings_.seed),
      market_(must(feeds::parse_demo_market(kMarket, "the simulated market"))) {
  streams_ = std::make_shared<detail::StreamCount>();
  set_links(settings_.link);
  make_ledger();
  start_venue();
  start_feed();
  must(start());
  for (int i = 0; i < settings_.services; ++i) {
    const std::string symbol = kSymbols[static_cast<std::size_t>(i) % std::size(kSymbols)];
    must(ask("service_create",
             fmt::format(R"({{"instrument_id": {}, "symbol": "{}", "balance": "5000", "interval_seconds": {}}})",
                         ids_.at(symbol), symbol, settings_.interval_seconds)));
  }
  run(std::chrono::seconds(1));  // until they are stored
  at_first_ = resources();
}

World::~World() {
  disk_.freeze();
  unlock_ledger();
  let_go();
}

// --- The process. ---

live::MakerSource World::makers() {
  return [this](const std::string& strategy, const std::string&) -> Result<live::DecisionMaker*> {
    if (strategy != "probability") return fail(ErrorCode::kNotFound, "there is no strategy " + strategy);
    if (!decisions_) {
      decisions_ = std::make_unique<live::ProbabilityDecisions>(market_, settings_.seed);
      nonsense_maker_ = std::make_unique<Nonsense>(*this, *decisions_);
    }
    return nonsense_maker_.get();
  };
}

// `checked`: as a process does at its start; others open it as it is.
Result<std::unique_ptr<ledger::Database>> World::open_ledger(bool checked) {
  return ledger::open_database({.path = disk_.folder() + kLedger,
                                .wait = std::chrono::milliseconds(1),
                                .checked_bytes = checked ? UINT64_MAX : 0},
                               ledger::ledger_schema(), disk_.files(), host_.clock());
}

// Worlds that begin alike begin with the same file: to make it takes longer than minutes of trading.
void World::make_ledger() {
  thread_local std::map<std::pair<std::uint64_t, core::Timestamp>, std::string> made;
  for (const char* symbol : kSymbols) ids_[symbol] = static_cast<std::int64_t>(ids_.size()) + 1;
  std::string& file = made[{settings_.seed, settings_.start}];
  const std::string path = disk_.folder() + kLedger;
  if (!file.empty()) return must(disk_.files().write_atomic(path, file));
  migrate_ledger();
  file = must(disk_.files().read(path));
  if (made.size() > 8) made.erase(made.begin());
}

void World::migrate_ledger() {
  const auto database = must(open_ledger());
  must(database->write([&](ledger::Transaction& work) -> Result<void> {
    const ledger::UserRow user{.user_id = 1, .username = "admin", .email = "admin@localhost"};
    ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
    const ledger::BrokerAccountRow account{.broker_account_id = 1, .broker = "paper", .owner_id = 1};
    ARGOSY_TRY_VOID(ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1}));
    for (const char* symbol : kSymbols) {
      const ledger::InstrumentRow row{.instrument_id = ids_.at(symbol), .symbol = symbol, .exchange = "XNYS"};
      ARGOSY_TRY_VOID(ledger::insert<ledger::InstrumentRow>(work, {&row, 1}));
    }
    return {};
  }));
  const ledger::HolderRow holder =
      must(ledger::take_ledger(*database, {.process = "simulation", .now = clock_.now(), .seed = settings_.seed}));
  const auto apply = [&](const char* kind, const std::string& payload) {
    must(live::apply_directly(*database, holder, clock_, makers(),
                              {.kind = kind, .payload = payload, .requested_by = "admin"}, settings_.limits));
  };
  apply("portfolio_create", R"({"name": "default", "owner_id": 1, "broker_account_id": 1, "is_default": true})");
  apply("portfolio_fund", fmt::format(R"({{"amount": "{}"}})", kFunded));
}

Result<void> World::start() {
  const SimulatedMemory::Use use(&memory_);
  ARGOSY_TRY(database_, open_ledger());
  ARGOSY_TRY(requests_, open_ledger(false));
  ARGOSY_TRY_VOID(open_lake());
  const core::Timestamp now = host_.clock().now();
  ARGOSY_TRY(const ledger::HolderRow holder,
             ledger::take_ledger(*database_, {.process = "simulation", .now = now, .seed = settings_.seed}));
  process_net_ = std::make_unique<detail::CountedNetwork>(streams_, network_.host("process"));
  if (settings_.between_process_and_network)
    process_net_ = settings_.between_process_and_network(std::move(process_net_));
  connection_ =
      std::make_unique<brokers::PaperConnection>(host_, *process_net_, kBroker, brokers::PaperConnectionSettings());
  const live::ProcessSettings settings{.trader = {.limits = settings_.limits},
                                       .requests_every = std::chrono::seconds(5),
                                       .writer = {.retry = std::chrono::seconds(1)}};
  auto process = std::make_unique<live::Process>(settings, holder, *database_, *requests_, host_, host_, makers(),
                                                 terms_.exchange.fees);
  ARGOSY_TRY_VOID(process->load());
  process_ = std::move(process);
  std::vector<trading::SoftLimit> soft;
  for (const auto& [name, row] : process_->book().soft_limits()) soft.push_back({.name = name, .value = row.value});
  process_->add_account({.broker_account_id = 1,
                         .broker = "paper",
                         .instance = holder.instance,
                         .adopts_positions = settings_.adopts,
                         .adopts_cash = settings_.adopts},
                        trading::tighten(settings_.limits, soft), terms_.exchange.fees, *connection_);
  process_->set_on_failed([this](const core::Error& error) {
    // A process that cannot write ends; whoever watches it starts it again.
    history_.note("the process gives up: {}", error.message);
    if (!disk_.is_frozen() && !may_fail_) failures_.push_back(error.message);
    if (!died_) died_ = Death::kKill;
    executor_->stop();
  });
  process_->set_on_bars([this](std::span<const live::LiveBar> closed) { on_bars(closed); });
  oracle_->on_started();
  process_->begin();
  // All that is known of actions is told after each start, again.
  teller_->set_actions({});
  teller_->set_actions(settings_.actions);
  history_.note("the process starts");
  return {};
}

void World::try_start() {
  const Result<void> started = start();
  if (started && !died_) ask_oracle(Moment::kRunning);
  if (started || died_) return;
  history_.note("the process cannot be started: {}", started.error().message);
  process_.reset();
  if (!may_fail_) failures_.push_back("it cannot be started: " + started.error().describe());
}

// --- Death. ---

// What belongs to the process.
void World::let_go() {
  bars_.reset();
  seen_.reset();
  process_.reset();
  connection_.reset();
  requests_.reset();
  outside_.reset();
  database_.reset();
  host_.forget();
  paced_.forget();
}

void World::die(Death death) {
  disk_.freeze();
  died_ = death;
  if (runs_) executor_->stop();
}

void World::die_at(std::int64_t change, Death death) {
  planned_ = death;
  disk_.freeze_at(change, [this] {
    died_ = planned_;
    executor_->stop();
  });
}

void World::die_sending(bool arrives) { dies_sending_ = arrives; }

void World::bury() {
  ++deaths_;
  oracle_->on_died();
  note_fired(died_ == Death::kKill ? Fault::kKilled : Fault::kPowerLost);
  history_.note("{}", died_ == Death::kKill ? "the process is killed" : "the power goes");
  disk_.freeze();
  unlock_ledger();
  let_go();
  // The kernel closes a killed process's streams behind what it was given to send; without power nobody is told, until
  // they are used again.
  if (died_ == Death::kPower) network_.cut("process", kBroker.host);
  if (host_.is_paused()) resume();
  if (died_ == Death::kKill) {
    disk_.restart();
  } else {
    disk_.cut_power();
  }
  died_.reset();
}

void World::run_until(core::Timestamp end) {
  while (clock_.now() < end || died_) {
    if (died_) bury();
    core::Timestamp until = end;
    if (process_ == nullptr && !stays_down_)
      until = std::min(until, clock_.now() + std::chrono::milliseconds(500 + rng_.below(20'000)));
    const core::TimerId timer = executor_->call_at(until, [this] { executor_->stop(); });
    runs_ = true;
    executor_->run();
    runs_ = false;
    executor_->cancel(timer);
    if (process_ == nullptr && !stays_down_ && !died_) {
      if (settings_.before_restart) settings_.before_restart();
      try_start();
    }
    if (clock_.now() >= end && !died_) break;
  }
  if (process_ != nullptr) ask_oracle(Moment::kRunning);
}

void World::ask_oracle(Moment moment) {
  for (const Violation& violation : oracle_->check(*database_, *paper_, moment))
    failures_.push_back(to_string(violation));
}

void World::shut_down() {
  if (process_ == nullptr || died_) return;
  history_.note("the process is asked to end");
  bool ended = false;
  process_->shut_down(std::chrono::seconds(10), [&] {
    ended = true;
    executor_->stop();
  });
  const core::TimerId timer = executor_->call_at(clock_.now() + std::chrono::minutes(1), [this] { executor_->stop(); });
  executor_->run();
  executor_->cancel(timer);
  if (died_) return;
  if (!ended) failures_.emplace_back("it does not end");
  oracle_->on_died();
  let_go();
  network_.cut("process", kBroker.host);
  stays_down_ = true;
}

void World::start_again() {
  stays_down_ = false;
  if (process_ == nullptr && !died_) try_start();
}

// --- What is done to it. ---

void World::pause() {
  if (host_.is_paused()) return;
  note_fired(Fault::kPaused);
  host_.pause();
  paced_.pause();
  network_.partition("process", kBroker.host);
}

void World::resume() {
  network_.heal("process", kBroker.host);
  paced_.resume();
  host_.resume();
}

void World::pause_at(std::int64_t change, core::Duration time) {
  disk_.call_at(change, [this, time] {
    // Others write to its disk, too, and it is not stopped while it starts or ends.
    if (!runs_ || host_.is_paused()) return false;
    stand_still(time);
    return true;
  });
}

// The process is in the midst of its work, and everybody else goes on.
void World::stand_still(core::Duration time) {
  history_.note("the process stands still for {} s", std::chrono::duration_cast<std::chrono::seconds>(time).count());
  pause();
  bool over = false;
  bool stopped = false;  // the run that this one is within
  const SimulatedMemory::Use others(nullptr);
  const core::TimerId timer = executor_->call_at(clock_.now() + time, [&] {
    over = true;
    executor_->stop();
  });
  while (!over && !died_) {
    executor_->run();
    stopped = stopped || !over;
  }
  executor_->cancel(timer);
  if (!died_) resume();
  if (stopped) executor_->stop();
}

void World::set_skew(core::Duration skew) {
  note_fired(Fault::kClockSteps);
  host_.set_skew(skew);
}

void World::lock_ledger() {
  if (lock_ != nullptr) return;
  may_fail_ = true;
  const std::string path = disk_.folder() + kLedger;
  if (sqlite3_open(path.c_str(), &lock_) == SQLITE_OK &&
      sqlite3_exec(lock_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK) {
    note_fired(Fault::kLocked);
  }
}

void World::later(core::Duration time, std::function<void()> work) {
  executor_->call_at(now() + time, std::move(work));
}

void World::unlock_ledger() {
  sqlite3_close(lock_);  // rolls back
  lock_ = nullptr;
}

void World::second_process() {
  may_fail_ = true;
  auto database = open_ledger(false);
  if (!database) return;
  const auto taken =
      ledger::take_ledger(**database, {.process = "another", .now = host_.clock().now(), .seed = settings_.seed});
  if (taken) note_fired(Fault::kSecondProcess);
}

void World::back_up() {
  const std::string folder = disk_.folder() + "/backups";
  const auto made =
      ledger::back_up(disk_.folder() + kLedger, folder + "/", ledger::ledger_schema(), disk_.files(), host_.clock());
  if (!made) {
    history_.note("no backup: {}", made.error().message);
    return;
  }
  note_fired(Fault::kBackup);
  backups_.push_back(made->file);
}

Result<std::string> World::ask(const std::string& kind, const std::string& payload) {
  if (process_ == nullptr || host_.is_paused()) return fail(ErrorCode::kUnavailable, "it does not run");
  Result<std::string> answer;
  process_->run_turn([&] { answer = process_->trader().take_request(kind, payload, "admin"); });
  oracle_->on_request(kind, payload, answer);
  history_.note("asked: {} {}: {}", kind, payload, answer ? *answer : answer.error().message);
  return answer;
}

void World::post(const std::string& kind, const std::string& payload) {
  if (outside_ == nullptr) {
    auto opened = open_ledger(false);
    if (!opened) return history_.note("posted in vain: {}", opened.error().message);
    outside_ = *std::move(opened);
  }
  const ledger::RequestRow row{.request_key = fmt::format("simulation-{}", ++last_post_),
                               .kind = kind,
                               .payload = payload,
                               .requested_by = "admin",
                               .requested_at = host_.clock().now()};
  const auto posted = kind.starts_with("order_")
                          ? outside_->write([&](ledger::Transaction& work) -> Result<void> {
                              ARGOSY_TRY_VOID(ledger::post_request<ledger::OrderRequestRow>(work, row));
                              return {};
                            })
                          : outside_->write([&](ledger::Transaction& work) -> Result<void> {
                              ARGOSY_TRY_VOID(ledger::post_request<ledger::ServiceCommandRow>(work, row));
                              return {};
                            });
  history_.note("posted: {} {}{}", kind, payload, posted ? "" : ": " + posted.error().message);
}

void World::set_intervals(int seconds) {
  for (int service = 1; service <= settings_.services; ++service)
    post("service_set", fmt::format(R"({{"service_id": {}, "interval_seconds": {}}})", service, seconds));
}

// --- The end. ---

void World::end_faults() {
  history_.note("no faults from here on");
  feed_shares_ = {};
  burst_ = 1;
  nonsense_ = 0;
  cancelling_ = false;
  at_decision_.clear();
  dies_sending_.reset();
  gateway_->calm();
  disk_.clear_rules();
  disk_.set_capacity(UINT64_MAX);
  disk_.freeze_at(-1, nullptr);
  disk_.call_at(-1, nullptr);
  memory_.end();
  unlock_ledger();
  if (host_.is_paused()) resume();
  host_.set_skew({});
  network_.heal("process", kBroker.host);
  set_links({});
}

void World::set_links(const net::LinkSettings& link) {
  for (const auto& [from, to] : {std::pair("process", "broker"), std::pair("broker", "process")})
    network_.set_link(from, to, link);
}

void World::calm_down() {
  end_faults();
  // Streams that nobody answers any more break at last.
  network_.cut("process", kBroker.host);
  run(std::chrono::minutes(1));
  if (process_ == nullptr) return;
  std::vector<std::int64_t> on;
  for (const auto& [id, row] : process_->book().services()) {
    if (row.state != ledger::ServiceState::kInactive) on.push_back(id);
  }
  for (const std::int64_t id : on) {
    if (auto stopped = ask("service_stop", fmt::format(R"({{"id": {}}})", id)); !stopped)
      failures_.push_back(fmt::format("service {} cannot be stopped: {}", id, stopped.error().message));
  }
  run(std::chrono::minutes(5));
}

void World::check_ledger(std::vector<std::string>& out) {
  add_findings("", live::verify_whole(*database_), out);
  add_findings("the broker's books: ", ledger::verify(*paper_, brokers::paper_schema()), out);
}

// An order that reaches the gate stands in the ledger, as anybody else reads it.
void World::check_written(const std::string& client_order_id) {
  if (process_ == nullptr || requests_ == nullptr) return;
  if (number(*requests_, "SELECT count(*) FROM orders WHERE client_order_id = '" + client_order_id + "'") == 0)
    failures_.push_back(fmt::format("I1: {} is at the broker's gate, and not in the ledger", client_order_id));
}

void World::check_backups(std::vector<std::string>& out) {
  for (const std::string& path : std::exchange(backups_, {})) {
    if (!disk_.files().exists(path)) continue;  // the power went before its name was there for good
    auto database = ledger::open_database({.path = path}, ledger::ledger_schema(), disk_.files(), host_.clock());
    if (!database) {
      out.push_back("a backup cannot be opened: " + database.error().describe());
      continue;
    }
    for (const Violation& violation : oracle_->check_backup(**database))
      out.push_back("a backup: " + to_string(violation));
    add_findings("a backup: ", live::verify_whole(**database), out);
  }
}

World::Resources World::resources() const {
  const SimulatedDisk::FilePtr log = disk_.find(disk_.folder() + kLedger + "-wal");
  return {.timers = static_cast<std::int64_t>(host_.waiting() + paced_.waiting()),
          .streams = streams_->held,
          .files = disk_.open_files,
          .log_bytes = log ? static_cast<std::int64_t>(log->bytes.size()) : 0};
}

// At a quiet point it holds on to no more than when it had just begun.
void World::check_resources(std::vector<std::string>& out) {
  const Resources now = resources();
  const auto compare = [&](std::string_view name, std::int64_t count, std::int64_t most) {
    if (count > most)
      out.push_back(fmt::format("I20: {} {} are held at a quiet point, more than {}", count, name, most));
  };
  compare("timers", now.timers, at_first_.timers + kTimersMore);
  compare("streams", now.streams, at_first_.streams + kStreamsMore);
  compare("open files", now.files, at_first_.files + kFilesMore);
  compare("bytes of the ledger's log", now.log_bytes, kLogBytes);
}

FaultCounts World::fired() const {
  FaultCounts counts = fired_;
  const auto add = [&](Fault fault, std::int64_t times) { counts[static_cast<std::size_t>(fault)] += times; };
  constexpr std::pair<BrokerFault, Fault> kOfBroker[] = {
      {BrokerFault::kNeverArrives, Fault::kNeverArrives}, {BrokerFault::kForgetsAnswer, Fault::kAnswerForgotten},
      {BrokerFault::kLosesReport, Fault::kReportLost},    {BrokerFault::kRepeats, Fault::kRepeated},
      {BrokerFault::kOtherFields, Fault::kOtherFields},   {BrokerFault::kDelays, Fault::kOutOfOrder},
      {BrokerFault::kRefuses, Fault::kRefused},           {BrokerFault::kRateLimits, Fault::kRateLimited},
      {BrokerFault::kGarbage, Fault::kGarbage},           {BrokerFault::kMaintenance, Fault::kMaintenance},
      {BrokerFault::kRevoked, Fault::kRevoked},           {BrokerFault::kCancelsEarly, Fault::kCancelRace},
      {BrokerFault::kForgets, Fault::kMaintenance},
  };
  add(Fault::kNoMemory, memory_.failed());
  for (const auto& [broker, fault] : kOfBroker) add(fault, gateway_->count(broker));
  for (std::size_t i = 0; i < feed_counts_.size(); ++i) {
    const auto each = static_cast<FeedFault>(i);
    const bool is_stale = each == FeedFault::kSilent || each == FeedFault::kFrozen;
    add(is_stale                      ? Fault::kStaleFeed
        : each == FeedFault::kCrossed ? Fault::kCrossedQuotes
                                      : Fault::kBadTicks,
        feed_counts_[i]);
  }
  return counts;
}

std::vector<std::string> World::databases() const {
  return {disk_.folder() + kLedger, venue_disk_.folder() + "/paper.db"};
}

std::string World::hash() {
  core::Hasher hasher;
  const auto add = [&](ledger::Database& database, const ledger::Schema& schema) {
    const auto rows = state_hash(database, schema);
    hasher.update(rows ? *rows : rows.error().message);
  };
  if (const auto database = open_ledger(false)) {
    add(**database, ledger::ledger_schema());
  } else {
    hasher.update(database.error().message);
  }
  add(*paper_, brokers::paper_schema());
  const std::string lake = disk_.folder() + kLake + "/";
  for (auto file = disk_.names().lower_bound(lake); file != disk_.names().end() && file->first.starts_with(lake);
       ++file) {
    hasher.update(file->first.substr(lake.size()));
    hasher.update(file->second->bytes);
  }
  return hasher.finish();
}

std::int64_t World::count_rows(const std::string& table) { return number(*paper_, "SELECT count(*) FROM " + table); }

std::vector<std::string> World::findings(Moment moment) {
  if (process_ != nullptr) ask_oracle(moment);
  std::vector<std::string> out = failures_;
  if (process_ == nullptr) {
    out.emplace_back("the process does not run");
    return out;
  }
  check_resources(out);
  check_backups(out);
  if (moment == Moment::kEnd) check_ledger(out);
  check_lake(out);
  return out;
}

}  // namespace argosy::simulation

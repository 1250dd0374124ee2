#include "simulation/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/direct.hpp"
#include "live/verify.hpp"
#include "market/calendar.hpp"

namespace argosy::simulation {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr const char* kSymbols[] = {"AAPL", "MSFT", "NVDA"};
constexpr const char* kMarket =
    "spread_basis_points: 2\n"
    "sell_curve: [{profit: -5, probability: 0.5}, {profit: 0, probability: 0.1}, {profit: 1, probability: 0.5}]\n"
    "default: {base_price: 50, volatility: 30, buy: 0.3}\n"
    "stocks:\n"
    "  - {symbol: AAPL, base_price: 190, volatility: 28, buy: 0.4}\n"
    "  - {symbol: MSFT, base_price: 400, volatility: 25, buy: 0.4}\n"
    "  - {symbol: NVDA, base_price: 120, volatility: 50, buy: 0.5}\n";
const net::Address kBroker{"broker", 1};
const net::Address kVenue{"venue", 1};
constexpr const char* kLedger = "/ledger.db";

// What cannot fail where no fault is.
template <class T>
T must(Result<T> result) {
  ARGOSY_CHECK(result.has_value(), "the world cannot be made: {}", result.error().describe());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

market::Instrument instrument_of(const std::string& symbol) { return {.symbol = symbol, .exchange = "XNYS"}; }

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

}  // namespace

World::World(WorldSettings settings)
    : settings_(std::move(settings)),
      rng_(core::Rng(settings_.seed).fork(1)),
      clock_(must(core::parse_rfc3339(settings_.start))),
      executor_(core::make_simulated_executor(clock_)),
      disk_(settings_.seed, clock_),
      venue_disk_(settings_.seed, clock_),
      network_(*executor_, settings_.seed),
      market_(must(feeds::parse_demo_market(kMarket, "the simulated market"))) {
  for (const auto& [from, to] : {std::pair("process", "broker"), std::pair("broker", "process")})
    network_.set_link(from, to, settings_.link);
  make_ledger();
  start_venue();
  must(start());
  for (int i = 0; i < settings_.services; ++i) {
    const std::string symbol = kSymbols[static_cast<std::size_t>(i) % std::size(kSymbols)];
    must(ask("service_create",
             fmt::format(R"({{"instrument_id": {}, "symbol": "{}", "balance": "5000"}})", ids_.at(symbol), symbol)));
  }
  run(std::chrono::seconds(1));  // until they are stored
}

World::~World() {
  disk_.freeze();
  process_.reset();
  connection_.reset();
  requests_.reset();
  database_.reset();
  feed_.reset();
  gateway_.reset();
  server_.reset();
  venue_.reset();
  paper_.reset();
}

// --- The broker. ---

void World::start_venue() {
  settings_.paper.client_ids = settings_.client_ids ? brokers::Switch::kOn : brokers::Switch::kOff;
  terms_ = must(brokers::make_paper_terms(settings_.paper));
  paper_ = must(ledger::open_database({.path = venue_disk_.folder() + "/paper.db"}, brokers::paper_schema(),
                                      venue_disk_.files(), clock_));
  venue_ = must(brokers::PaperVenue::open(
      terms_, *paper_,
      [this](const std::string& symbol) -> Result<market::Instrument> {
        if (!ids_.contains(symbol)) return fail(ErrorCode::kNotFound, symbol);
        return instrument_of(symbol);
      },
      clock_));
  venue_net_ = network_.host(kVenue.host);
  gateway_net_ = network_.host(kBroker.host);
  server_ = std::make_unique<brokers::PaperServer>(*executor_, *venue_);
  must(server_->listen(*venue_net_, kVenue));
  gateway_ = std::make_unique<BrokerGateway>(*executor_, *gateway_net_, kBroker, kVenue, settings_.seed);
  validator_ = std::make_unique<market::QuoteValidator>(market::QuoteRules());
  feed_ = std::make_unique<feeds::DemoFeed>(
      *executor_,
      feeds::DemoStream(market_, **market::find_calendar("XNYS"),
                        {.seed = settings_.seed, .start = clock_.now(), .quote_interval = settings_.quote_interval}),
      [this](const std::string& symbol, const market::Quote& quote) {
        server_->on_quote(symbol, quote);
        pass_on(symbol, quote);
      });
  for (const auto& [symbol, id] : ids_) {
    places_[symbol] = must(validator_->add(instrument_of(symbol)));
    feed_->add(symbol);
  }
}

bool World::draws(FeedFault fault) {
  const auto at = static_cast<std::size_t>(fault);
  if (rng_.uniform() >= feed_shares_[at]) return false;
  ++feed_counts_[at];
  return true;
}

// The venue has the truth; the process what the feed makes of it.
void World::pass_on(const std::string& symbol, market::Quote quote) {
  if (draws(FeedFault::kSilent)) return;
  if (draws(FeedFault::kFrozen)) {
    const market::Quote& old = frozen_.try_emplace(symbol, quote).first->second;
    quote = {.time = quote.time, .bid = old.bid, .ask = old.ask, .last = old.last, .source = quote.source};
  } else {
    frozen_[symbol] = quote;
  }
  if (draws(FeedFault::kTenfold)) {
    for (core::Price* price : {&quote.bid, &quote.ask, &quote.last}) *price = *price * 10;
  }
  if (draws(FeedFault::kZero)) quote.bid = quote.ask = quote.last = core::Price();
  if (draws(FeedFault::kNegative)) quote.bid = -quote.bid;
  if (draws(FeedFault::kCrossed)) std::swap(quote.bid, quote.ask);
  if (draws(FeedFault::kLate)) quote.time -= std::chrono::minutes(10);
  const int times = draws(FeedFault::kTwice) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    if (validator_->judge(places_.at(symbol), quote, clock_.now()) || process_ == nullptr) continue;
    process_->quotes().push(ids_.at(symbol), quote);
  }
}

// --- The process. ---

live::MakerSource World::makers() {
  return [this](const std::string& strategy, const std::string&) -> Result<live::DecisionMaker*> {
    if (strategy != "probability") return fail(ErrorCode::kNotFound, "there is no strategy " + strategy);
    if (!decisions_) decisions_ = std::make_unique<live::ProbabilityDecisions>(market_, settings_.seed);
    return decisions_.get();
  };
}

Result<std::unique_ptr<ledger::Database>> World::open_ledger() {
  return ledger::open_database({.path = disk_.folder() + kLedger}, ledger::ledger_schema(), disk_.files(), clock_);
}

void World::make_ledger() {
  const auto database = must(open_ledger());
  must(database->write([&](ledger::Transaction& work) -> Result<void> {
    const ledger::UserRow user{.user_id = 1, .username = "admin", .email = "admin@localhost"};
    ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
    const ledger::BrokerAccountRow account{.broker_account_id = 1, .broker = "paper", .owner_id = 1};
    ARGOSY_TRY_VOID(ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1}));
    for (const char* symbol : kSymbols) {
      const auto id = static_cast<std::int64_t>(ids_.size()) + 1;
      ids_[symbol] = id;
      const ledger::InstrumentRow row{.instrument_id = id, .symbol = symbol, .exchange = "XNYS"};
      ARGOSY_TRY_VOID(ledger::insert<ledger::InstrumentRow>(work, {&row, 1}));
    }
    return {};
  }));
  const ledger::HolderRow holder =
      must(ledger::take_ledger(*database, {.process = "simulation", .now = clock_.now(), .seed = settings_.seed}));
  const auto apply = [&](const char* kind, const char* payload) {
    must(live::apply_directly(*database, holder, clock_, makers(),
                              {.kind = kind, .payload = payload, .requested_by = "admin"}, settings_.limits));
  };
  apply("portfolio_create", R"({"name": "default", "owner_id": 1, "broker_account_id": 1, "is_default": true})");
  apply("portfolio_fund", R"({"amount": "100000"})");
}

Result<void> World::start() {
  ARGOSY_TRY(database_, open_ledger());
  ARGOSY_TRY(requests_, open_ledger());
  ARGOSY_TRY(const ledger::HolderRow holder,
             ledger::take_ledger(*database_, {.process = "simulation", .now = clock_.now(), .seed = settings_.seed}));
  process_net_ = network_.host("process");
  connection_ = std::make_unique<brokers::PaperConnection>(*executor_, *process_net_, kBroker,
                                                           brokers::PaperConnectionSettings());
  // Requests come by ask().
  const live::ProcessSettings settings{.requests_every = std::chrono::seconds(10)};
  auto process = std::make_unique<live::Process>(settings, holder, *database_, *requests_, *executor_, *executor_,
                                                 makers(), terms_.exchange.fees);
  ARGOSY_TRY_VOID(process->load());
  process_ = std::move(process);
  process_->add_account({.broker_account_id = 1, .broker = "paper", .instance = holder.instance}, settings_.limits,
                        terms_.exchange.fees, *connection_);
  process_->set_on_failed([this](const core::Error& error) {
    // A process that cannot write ends; whoever watches it starts it again.
    if (!disk_.is_frozen()) failures_.push_back(error.message);
    if (!died_) died_ = Death::kKill;
    executor_->stop();
  });
  process_->begin();
  return {};
}

void World::try_start() {
  const Result<void> started = start();
  if (started || died_) return;
  failures_.push_back("it cannot be started: " + started.error().describe());
}

// --- Death. ---

void World::die(Death death) {
  disk_.freeze();
  died_ = death;
}

void World::die_at(std::int64_t change, Death death) {
  planned_ = death;
  disk_.freeze_at(change, [this] {
    died_ = planned_;
    executor_->stop();
  });
}

void World::bury() {
  ++deaths_;
  disk_.freeze();
  process_.reset();
  connection_.reset();
  requests_.reset();
  database_.reset();
  // The kernel closes a killed process's streams; without power nobody is told, until they are used again.
  if (died_ == Death::kKill) {
    network_.cut("process", kBroker.host);
    disk_.restart();
  } else {
    network_.cut("process", kBroker.host);
    disk_.cut_power();
  }
  died_.reset();
}

void World::run(core::Duration time) {
  const core::Timestamp end = clock_.now() + time;
  while (clock_.now() < end || died_) {
    if (died_) bury();
    core::Timestamp until = end;
    if (process_ == nullptr) until = clock_.now() + std::chrono::milliseconds(500 + rng_.below(20'000));
    const core::TimerId timer = executor_->call_at(until, [this] { executor_->stop(); });
    executor_->run();
    executor_->cancel(timer);
    if (process_ == nullptr && !died_) try_start();
    if (clock_.now() >= end && !died_) return;
  }
}

Result<std::string> World::ask(const std::string& kind, const std::string& payload) {
  if (process_ == nullptr) return fail(ErrorCode::kUnavailable, "it does not run");
  Result<std::string> answer;
  process_->run_turn([&] { answer = process_->trader().take_request(kind, payload, "admin"); });
  return answer;
}

// --- The end. ---

void World::calm_down() {
  feed_shares_ = {};
  gateway_->calm();
  disk_.clear_rules();
  disk_.freeze_at(-1, nullptr);
  network_.heal("process", kBroker.host);
  for (const auto& [from, to] : {std::pair("process", "broker"), std::pair("broker", "process")})
    network_.set_link(from, to, {});
  // Streams that nobody answers any more break at last.
  network_.cut("process", kBroker.host);
  run(std::chrono::minutes(1));
  if (process_ == nullptr) {
    failures_.emplace_back("it does not run");
    return;
  }
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
  for (const auto& [database, schema] :
       {std::pair(database_.get(), &ledger::ledger_schema()), std::pair(paper_.get(), &brokers::paper_schema())}) {
    const auto report = ledger::verify(*database, *schema);
    if (!report) {
      out.push_back(report.error().describe());
      continue;
    }
    out.insert(out.end(), report->findings.begin(), report->findings.end());
  }
  const auto folded = database_->read([](ledger::Transaction& work) { return live::fold_journal(work); });
  if (!folded) return out.push_back(folded.error().describe());
  out.insert(out.end(), folded->findings.begin(), folded->findings.end());
}

// The ledger and the broker's own books, to the unit.
void World::compare(std::vector<std::string>& out) {
  const auto same = [&](const std::string& what, const auto& ours, const auto& theirs) {
    if (ours != theirs) out.push_back(fmt::format("{}: {} in the ledger, {} at the broker", what, ours, theirs));
  };
  const live::Book& book = process_->book();
  same("fills", number(*database_, "SELECT count(*) FROM fills"), number(*paper_, "SELECT count(*) FROM paper_fills"));
  same("orders of one id", 0, number(*paper_, "SELECT count(*) - count(DISTINCT client_order_id) FROM paper_orders"));
  same("cash", book.cash_of(1).to_string(), venue_->exchange().cash().to_string());
  for (const auto& [symbol, id] : ids_) {
    const ledger::PositionRow* row = book.position(1, id);
    const auto held = number(
        *paper_, fmt::format("SELECT coalesce(sum(quantity), 0) FROM paper_holdings WHERE symbol = '{}'", symbol));
    same("shares of " + symbol, (row == nullptr ? core::Quantity() : row->quantity).to_string(),
         core::Quantity::from_units(held).to_string());
  }
  if (const std::size_t waits = process_->trader().in_flight(); waits > 0)
    out.push_back(fmt::format("{} orders are not answered", waits));
}

std::vector<std::string> World::findings() {
  std::vector<std::string> out = failures_;
  if (process_ == nullptr) return out;
  check_ledger(out);
  compare(out);
  return out;
}

}  // namespace argosy::simulation

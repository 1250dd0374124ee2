// What the tests of desks and of the trading cycle share: a process that trades on one simulated executor, over a real
// ledger, before a broker that says only what a test lets it say.
//
//   Rig rig;
//   rig.make_service();                              // 10,000 of AAPL
//   rig.decide(true);
//   rig.quote("99.9", "100");                        // the service buys
//   rig.run(std::chrono::seconds(1));
//   rig.fill(rig.broker().submitted.back(), "100", "10");
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/process.hpp"
#include "live/test_start.hpp"
#include "live/verify.hpp"

namespace argosy::live {

inline Money money(const char* text) { return *Money::parse(text); }
inline Price price(const char* text) { return *Price::parse(text); }
inline Quantity shares(const char* text) { return *Quantity::parse(text); }
inline core::Timestamp time_of(const char* text) { return must(core::parse_rfc3339(text)); }

// Remembers what it was asked. Of the account, open orders and the history it tells what the test has put there.
class FakeBroker final : public trading::BrokerConnection {
 public:
  explicit FakeBroker(core::Executor& executor) : executor_(executor) {}

  void set_listener(trading::BrokerConnectionListener& listener) override { listener_ = &listener; }
  [[nodiscard]] const trading::BrokerCapabilities& capabilities() const override { return can; }
  void open() override {
    connected = true;
    later([this] { listener_->on_connected(); });
  }
  void close() override { connected = false; }
  [[nodiscard]] bool is_connected() const override { return connected; }
  core::Result<void> submit(trading::Committed<trading::OrderTicket>&& ticket) override {
    submitted.push_back(ticket.value());
    return {};
  }
  core::Result<void> cancel(const std::string& id, const std::string&) override {
    cancelled.push_back(id);
    return {};
  }
  core::Result<void> ask_order(const std::string& id, const std::string&) override {
    asked.push_back(id);
    if (knows_nothing) later([this, id] { listener_->on_no_order(id); });
    return {};
  }
  core::Result<void> ask_open_orders() override {
    ++open_orders_asked;
    later([this] { listener_->on_open_orders(open_orders); });
    return {};
  }
  core::Result<void> ask_history(core::Timestamp) override {
    later([this] { listener_->on_history(history); });
    return {};
  }
  core::Result<void> ask_account() override {
    ++account_asked;
    if (tells_account) later([this] { listener_->on_account(account); });
    return {};
  }
  core::Result<void> fund(std::int64_t id, const std::string&, Money) override {
    fundings_asked.push_back(id);
    if (funds == Funds::kNever) return core::fail(core::ErrorCode::kUnsupported, "money comes by bank");
    if (funds == Funds::kDone) later([this, id] { listener_->on_funded(id); });
    if (funds == Funds::kRefused) later([this, id] { listener_->on_funding_refused(id, "too many requests"); });
    return {};
  }
  [[nodiscard]] trading::BrokerConnectionListener& listener() { return *listener_; }

  trading::BrokerCapabilities can;
  bool connected = false;
  bool knows_nothing = false;
  bool tells_account = true;
  enum class Funds : std::uint8_t { kDone, kRefused, kUnanswered, kNever };
  Funds funds = Funds::kDone;
  std::vector<std::int64_t> fundings_asked;
  std::vector<trading::OrderTicket> submitted;
  std::vector<std::string> cancelled;
  std::vector<std::string> asked;
  int open_orders_asked = 0;
  int account_asked = 0;
  trading::AccountReport account;
  std::vector<trading::OrderReport> open_orders;
  std::vector<trading::OrderReport> history;

 private:
  void later(std::function<void()> work) {
    executor_.post([work = std::move(work), alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired()) work();
    });
  }

  core::Executor& executor_;
  trading::BrokerConnectionListener* listener_ = nullptr;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

class FixedDecisions final : public DecisionMaker {
 public:
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return std::nullopt; }
  [[nodiscard]] DecisionAnswer decide(const DecisionQuestion& question) override {
    ++asked;
    return peek(question);
  }
  [[nodiscard]] DecisionAnswer peek(const DecisionQuestion& question) const override {
    const bool yes = question.what == Question::kBuy ? buys : sells;
    return {.yes = yes, .confidence = 80, .reason = yes ? "yes" : "no", .numbers = {}};
  }
  bool buys = false;
  bool sells = false;
  int asked = 0;
};

struct RigSettings {
  const char* start = "2013-03-04T15:00:00Z";  // Monday, 10:00 in New York
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  DeskSettings desk = {};
  TraderSettings trader = {};
  bool client_ids = true;                                 // the broker knows orders by them
  const char* currency = "USD";                           // of AAPL
  core::Duration requests_every = std::chrono::hours(1);  // requests come by request()
};

class Rig {
 public:
  explicit Rig(RigSettings settings = {})
      : settings_(std::move(settings)),
        folder_(make_folder()),
        clock_(time_of(settings_.start)),
        executor_(core::make_simulated_executor(clock_)) {
    make_ledger();
    start();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;
  ~Rig() {
    stop();
    std::filesystem::remove_all(folder_);
  }

  void run(core::Duration time) {
    executor_->call_at(clock_.now() + time, [this] { executor_->stop(); });
    executor_->run();
  }
  // What kill -9 does.
  void stop() {
    process_.reset();
    broker_.reset();
    database_.reset();
  }
  void start() {
    database_ = open();
    const ledger::HolderRow holder =
        must(ledger::take_ledger(*database_, {.process = "test", .now = clock_.now(), .seed = 1}));
    broker_ = std::make_unique<FakeBroker>(*executor_);
    broker_->account = account_;
    broker_->history = history_;
    broker_->can.client_ids = settings_.client_ids;
    ProcessSettings process;
    process.requests_every = settings_.requests_every;
    process.checks_every = std::chrono::seconds(1);
    process.trader = settings_.trader;
    process.trader.limits = settings_.limits;
    process_ = std::make_unique<Process>(
        process, holder, *database_, *database_, *executor_, *executor_,
        [this](const std::string&, const std::string&) -> core::Result<DecisionMaker*> { return &decisions; },
        trading::FeeSchedule());
    must(process_->load());
    DeskSettings desk = settings_.desk;
    desk.broker_account_id = 1;
    desk.broker = "fake";
    desk.instance = holder.instance;
    process_->add_account(desk, settings_.limits, trading::FeeSchedule(), *broker_);
    process_->begin();
    run(std::chrono::milliseconds(10));
  }
  // What the broker holds of the ledger is kept over a restart.
  void restart() {
    stop();
    start();
  }

  // One quote; what follows from it is done, but for answers of the broker.
  void quote(const char* bid, const char* ask) {
    process_->quotes().push(1, {.time = clock_.now(), .bid = price(bid), .ask = price(ask), .last = price(bid)});
    run(std::chrono::milliseconds(10));
  }
  // What one unit of the instrument's currency is worth in USD, from a time on.
  void rate(const char* value, core::Duration age = {}) {
    process_->push_rates({{.time = clock_.now() - age,
                           .base = settings_.currency,
                           .quote = "USD",
                           .rate = price(value),
                           .source = "test"}});
    run(std::chrono::milliseconds(10));
  }
  // While nobody else can write the ledger.
  void while_locked(const std::function<void()>& work) {
    must(open()->write([&](ledger::Transaction&) -> core::Result<void> {
      work();
      return {};
    }));
  }
  core::Result<std::string> request(const std::string& kind, const std::string& payload) {
    core::Result<std::string> answer;
    process_->run_turn([&] { answer = process_->trader().take_request(kind, payload, "test"); });
    run(std::chrono::milliseconds(10));
    return answer;
  }
  // One that another process stores; what became of it within a tenth of a second.
  ledger::ServiceCommandRow store_request(const std::string& kind, const std::string& payload) {
    const ledger::RequestRow row{.request_key = "key-" + std::to_string(++requests_),
                                 .kind = kind,
                                 .payload = payload,
                                 .requested_by = "admin",
                                 .requested_at = clock_.now()};
    must(ledger::post_request<ledger::ServiceCommandRow>(*database_, row));
    run(std::chrono::milliseconds(100));
    return *must(database_->read([&](ledger::Transaction& work) {
      return ledger::find_request<ledger::ServiceCommandRow>(work, row.request_key);
    }));
  }
  void ask(const std::string& kind, const std::string& payload) {
    const auto answer = request(kind, payload);
    if (!answer) ADD_FAILURE() << kind << ": " << answer.error().message;
  }
  void make_service(const std::string& more = "") {
    ask("service_create", R"({"instrument_id": 1, "symbol": "AAPL", "balance": "10000")" + more + "}");
  }
  void decide(bool buys, bool sells = false) {
    decisions.buys = buys;
    decisions.sells = sells;
  }

  // --- What the broker says. ---

  void set_account(const char* cash, const char* held = "0") {
    account_ = {.positions = {}, .balances = {{.currency = "USD", .cash = money(cash)}}, .time = clock_.now()};
    if (!shares(held).is_zero())
      account_.positions.push_back({.symbol = "AAPL", .quantity = shares(held), .average_price = price("100")});
    if (broker_) broker_->account = account_;
  }
  // What the broker tells of the past to a process that starts.
  void set_history(std::vector<trading::OrderReport> history) { history_ = std::move(history); }
  trading::OrderReport report(const trading::OrderTicket& ticket, trading::ReportedState state) {
    return {.client_order_id = ticket.client_order_id,
            .broker_order_id = "b-" + ticket.client_order_id,
            .symbol = ticket.symbol,
            .side = ticket.side,
            .state = state,
            .quantity = ticket.quantity,
            .filled = {},
            .fills = {},
            .note = {},
            .time = clock_.now()};
  }
  trading::OrderReport filled(const trading::OrderTicket& ticket, const char* at, const char* quantity,
                              const char* fee = "1") {
    trading::OrderReport out = report(ticket, trading::ReportedState::kFilled);
    out.filled = shares(quantity);
    out.fills.push_back({.broker_fill_id = "f" + std::to_string(++fills_) + ticket.client_order_id,
                         .price = price(at),
                         .quantity = shares(quantity),
                         .fee = money(fee),
                         .time = clock_.now()});
    if (out.filled < ticket.quantity) out.state = trading::ReportedState::kWorking;
    return out;
  }
  void say(const trading::OrderReport& said) {
    process_->run_turn([&] { broker_->listener().on_order(said); });
    run(std::chrono::milliseconds(10));
  }
  // Orders what its money pays, at 100 a share; once.
  void order() {
    decide(true);
    quote("99.9", "100");
    decide(false);
  }
  // The same, and the broker fills it: it then holds them.
  void buy() {
    order();
    const trading::OrderTicket ticket = broker_->submitted.back();
    say(filled(ticket, "100", ticket.quantity.to_string().c_str()));
    set_account(book().cash_of(1).to_string().c_str(), ticket.quantity.to_string().c_str());
  }

  [[nodiscard]] FakeBroker& broker() { return *broker_; }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] Desk& desk() { return *process_->desks().front(); }
  [[nodiscard]] Book& book() { return process_->recorder().book(); }
  [[nodiscard]] core::Timestamp now() const { return clock_.now(); }
  [[nodiscard]] ledger::Database& database() { return *database_; }
  [[nodiscard]] trading::OrderTicket last() { return broker_->submitted.back(); }
  template <class Row>
  [[nodiscard]] std::vector<Row> rows(const std::string& rest = "") {
    return must(database_->read([&](ledger::Transaction& work) { return ledger::select<Row>(work, rest); }));
  }
  // Subjects of what was notified.
  [[nodiscard]] std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const ledger::OutboxRow& row : rows<ledger::OutboxRow>("ORDER BY outbox_id")) out.push_back(row.subject);
    return out;
  }
  // What is wrong with the ledger; empty: nothing.
  [[nodiscard]] std::vector<std::string> findings() {
    std::vector<std::string> out = must(ledger::verify(*database_, ledger::ledger_schema())).findings;
    const FoldReport folded = must(database_->read([](ledger::Transaction& work) { return fold_journal(work); }));
    out.insert(out.end(), folded.findings.begin(), folded.findings.end());
    return out;
  }

  FixedDecisions decisions;

 private:
  static std::string make_folder() {
    static int count = 0;
    const std::string base = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : testing::TempDir();
    std::string path = base + "/argosy-rig-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    std::filesystem::create_directories(path);
    return path;
  }
  std::unique_ptr<ledger::Database> open() {
    return must(ledger::open_database({.path = folder_ + "/ledger.db", .wait = std::chrono::milliseconds(1)},
                                      ledger::ledger_schema(), core::system_files(), clock_));
  }
  void make_ledger() {
    const auto makers = [this](const std::string&, const std::string&) -> core::Result<DecisionMaker*> {
      return &decisions;
    };
    make_start(*open(), clock_, makers, settings_.limits,
               {.symbols = {"AAPL"}, .amount = "100000", .broker = "fake", .currency = settings_.currency});
    account_ = {.positions = {}, .balances = {{.currency = "USD", .cash = money("100000")}}, .time = clock_.now()};
  }

  RigSettings settings_;
  std::string folder_;
  core::SimulatedClock clock_;
  std::unique_ptr<core::Executor> executor_;
  std::unique_ptr<ledger::Database> database_;
  std::unique_ptr<FakeBroker> broker_;
  std::unique_ptr<Process> process_;
  trading::AccountReport account_;
  std::vector<trading::OrderReport> history_;
  int fills_ = 0;
  int requests_ = 0;
};

}  // namespace argosy::live

// A ledger and an API over it, for the tests of the resources.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/users.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/instruments.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "ledger/runs_schema.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;
using ledger::Role;
using ledger::Transaction;
using std::chrono::seconds;

inline constexpr std::int64_t kAdmin = 1;
inline constexpr std::int64_t kOwner = 2;
inline constexpr std::int64_t kStranger = 3;
inline constexpr std::int64_t kWatcher = 4;  // a viewer

// A ledger in which one trader has a portfolio, a service, an order, a fill and a transaction, all with number 1.
class RestTest : public testing::Test {
 public:
  RestTest() {
    folder = testing::TempDir() + "/argosy-rest-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto filled = pool.write([&](Transaction& work) { return fill(work); });
    EXPECT_TRUE(filled) << filled.error().describe();
    const auto stored = run_pool.write([&](Transaction& work) { return fill_runs(work); });
    EXPECT_TRUE(stored) << stored.error().describe();
    access = std::make_unique<auth::Access>(pool, auth::Tokens(core::Secret(std::string(32, 'k'))), clock,
                                            auth::AccessSettings{.cost = {.passes = 1, .memory_bytes = 8192}});
    resources = std::make_unique<Resources>(Resources{
        .store = store,
        .runs = run_store,
        .requests = requests,
        .access = *access,
        .clock = clock,
        .instrument = [&](const std::string& symbol) -> Result<ledger::InstrumentRow> {
          if (symbol != "AAPL") return fail(ErrorCode::kNotFound, "there is no instrument " + symbol);
          return ledger::InstrumentRow{.instrument_id = 1, .symbol = symbol};
        },
        .service_defaults = {.stop_loss_percent = core::Rate::from_integer(5)},
        .strategy_reference = [](const std::string& text) { return text; },
        .snapshot = [&]() -> Result<lake::Snapshot> {
          if (!snapshot) return fail(ErrorCode::kNotFound, "no lake");
          return *snapshot;
        },
        .import_bars = [&](const data::ImportRequest& request, const std::string&) -> Result<data::ImportReport> {
          ARGOSY_TRY(const lake::Lake lake, open_lake());
          return data::import_bars(lake, core::system_files(), request);
        },
        .change_instruments = [&](const data::InstrumentOwner::Change& change,
                                  const std::string& actor) -> Result<void> {
          ARGOSY_TRY(const auto database, open_ledger());
          ARGOSY_TRY(const lake::Lake lake, open_lake());
          return data::InstrumentOwner(*database, core::system_files(), folder + "/pending", actor, clock)
              .change(lake, change);
        },
        .read_strategy = [](const std::string& text,
                            const std::string& name) { return strategy::parse_strategy(text, name); },
        .health = [] { return std::string("{}"); },
        .version = "1",
        .log_lines = [](std::size_t most) -> Result<std::vector<std::string>> {
          return std::vector<std::string>(std::min<std::size_t>(most, 3), "{}");
        },
        .backups = []() -> Result<std::vector<core::FileInfo>> {
          return std::vector<core::FileInfo>{{.name = "ledger-20231114T221320Z.db", .size = 7}};
        },
        .advise = [&](const live::AdviceWish& wish) -> Result<live::Advice> {
          wished = wish;
          return advice;
        },
        .advise_service = [&](std::int64_t) -> Result<live::Advice> { return advice; }});
    add_resources(api, *resources);
  }
  ~RestTest() override { std::filesystem::remove_all(folder); }

 protected:
  static Result<void> fill(Transaction& work) {
    const Timestamp now(seconds(1'700'000'000));
    std::vector<ledger::UserRow> users;
    for (const auto& [id, name, role] :
         {std::tuple(kAdmin, "root", Role::kAdmin), std::tuple(kOwner, "owner", Role::kTrader),
          std::tuple(kStranger, "stranger", Role::kTrader), std::tuple(kWatcher, "watcher", Role::kViewer)})
      users.push_back({.user_id = id,
                       .username = name,
                       .email = std::string(name) + "@localhost",
                       .password_hash = "$argon2id$secret",
                       .role = role,
                       .created_at = now});
    ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, users));
    const ledger::InstrumentRow apple{.instrument_id = 1,
                                      .symbol = "AAPL",
                                      .exchange = "XNAS",
                                      .currency = "USD",
                                      .asset_type = "stock",
                                      .tick = *core::Price::parse("0.01"),
                                      .lot = core::Quantity::from_integer(1),
                                      .name = "Apple Inc."};
    ARGOSY_TRY_VOID(ledger::insert<ledger::InstrumentRow>(work, {&apple, 1}));
    const ledger::BrokerAccountRow account{
        .broker_account_id = 1, .broker = "paper", .masked_number = "****1", .owner_id = kOwner, .created_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1}));
    const ledger::PortfolioRow portfolio{.portfolio_id = 1,
                                         .owner_id = kOwner,
                                         .broker_account_id = 1,
                                         .name = "first",
                                         .is_default = true,
                                         .cash = core::Money::from_integer(100),
                                         .created_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::PortfolioRow>(work, {&portfolio, 1}));
    const ledger::ServiceRow service{.service_id = 1,
                                     .owner_id = kOwner,
                                     .portfolio_id = 1,
                                     .broker_account_id = 1,
                                     .instrument_id = 1,
                                     .name = "apples",
                                     .stock_symbol = "AAPL",
                                     .state = ledger::ServiceState::kActive,
                                     .created_at = now,
                                     .updated_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::ServiceRow>(work, {&service, 1}));
    const ledger::TransactionRow transaction{
        .transaction_id = 1, .service_id = 1, .instrument_id = 1, .stock_symbol = "AAPL", .purchase_date = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::TransactionRow>(work, {&transaction, 1}));
    const ledger::OrderRow order{.order_id = 1,
                                 .client_order_id = "c1",
                                 .broker_account_id = 1,
                                 .service_id = 1,
                                 .transaction_id = 1,
                                 .instrument_id = 1,
                                 .symbol = "AAPL",
                                 .side = "buy",
                                 .kind = "market",
                                 .time_in_force = "day",
                                 .effect = "open",
                                 .reason = "buy_signal",
                                 .state = "accepted",
                                 .resting = "accepted",
                                 .quantity = core::Quantity::from_integer(5),
                                 .created_at = now,
                                 .updated_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::OrderRow>(work, {&order, 1}));
    const ledger::FillRow filled{.fill_id = 1,
                                 .broker_account_id = 1,
                                 .broker_fill_id = "f1",
                                 .order_id = 1,
                                 .service_id = 1,
                                 .instrument_id = 1,
                                 .symbol = "AAPL",
                                 .side = "buy",
                                 .price = core::Price::from_integer(1),
                                 .quantity = core::Quantity::from_integer(5),
                                 .currency = "USD",
                                 .filled_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::FillRow>(work, {&filled, 1}));
    const ledger::ApiKeyRow key{.key_id = 1,
                                .user_id = kOwner,
                                .name = "bot",
                                .hint = "abcd",
                                .key_hash = std::string(64, 'a'),
                                .created_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::ApiKeyRow>(work, {&key, 1}));
    const ledger::StrategyRow strategy{
        .strategy_id = 1, .owner_id = kOwner, .name = "cross", .text = "name: cross", .version = 3, .created_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::StrategyRow>(work, {&strategy, 1}));
    const ledger::KillSwitchRow thrown{.switch_id = 1, .scope = "all", .set_by = "root", .set_at = now};
    ARGOSY_TRY_VOID(ledger::insert<ledger::KillSwitchRow>(work, {&thrown, 1}));
    ledger::OrderRequestRow request;
    request.request_id = 1;
    request.request_key = "first";
    request.kind = "order_place";
    request.requested_by = "owner";
    request.requested_at = now;
    request.state = ledger::RequestState::kDone;
    request.answered_at = now;
    request.answer = R"({"order_id":1})";
    ARGOSY_TRY_VOID(ledger::insert<ledger::OrderRequestRow>(work, {&request, 1}));
    const ledger::ApprovalRow approval{.approval_id = 1,
                                       .kind = "risk_release",
                                       .payload = "{}",
                                       .what = "a switch is to be lifted",
                                       .requested_by = kOwner,
                                       .requester = "owner",
                                       .requested_at = now,
                                       .expires_at = now + std::chrono::hours(24)};
    ARGOSY_TRY_VOID(ledger::insert<ledger::ApprovalRow>(work, {&approval, 1}));
    const ledger::JobRow job{
        .job_id = 1, .owner_id = kOwner, .type = "backtest", .next_try_at = now, .created_at = now, .log = "the log"};
    return ledger::insert<ledger::JobRow>(work, {&job, 1});
  }

  // A run with two trades and a study with two trials, all the owner's.
  static Result<void> fill_runs(Transaction& work) {
    const Timestamp now(seconds(1'700'000'000));
    const auto trade = [&](std::int64_t day, std::int64_t profit) {
      return ledger::RunTradeRow{.symbol = "AAPL",
                                 .side = "long",
                                 .outcome = "closed",
                                 .entry_reason = "buy",
                                 .entry_signal = now,
                                 .last_signal = now,
                                 .quantity = core::Quantity::from_integer(1),
                                 .exit_at = now + seconds(day * 86'400),
                                 .profit = core::Money::from_integer(profit)};
    };
    ledger::RunRow run{.created_at = now,
                       .strategy = "cross",
                       .symbols = {"AAPL"},
                       .timeframe = "1d",
                       .fill_timeframe = "1d",
                       .configuration = R"({"options":{},"files":{}})",
                       .strategy_text = "name: cross",
                       .fees = "{}",
                       .bar_hashes = R"({"yearly":false,"series":[]})",
                       .result_hash = "abcdef0123",
                       .statistics = "{}",
                       .currency = "USD",
                       .initial_cash = core::Money::from_integer(1'000),
                       .final_equity = core::Money::from_integer(1'020),
                       .owner_id = kOwner};
    std::vector<ledger::RunTradeRow> trades{trade(2, 30), trade(1, -10)};
    ARGOSY_TRY_VOID(ledger::add_run(work, run, trades));
    ARGOSY_TRY(
        const ledger::StudyRow study,
        ledger::create_study(work, {.name = "first", .kind = "strategy", .created_at = now, .owner_id = kOwner}));
    std::vector<ledger::TrialRow> trials;
    for (std::int64_t number : {0, 1})
      trials.push_back({.study_id = study.study_id, .number = number, .values = {0.5}, .finished_at = now});
    return ledger::add_trials(work, trials);
  }

  // In place of the process that trades: answers each request with what is set, and keeps what it was.
  void answer_requests() {
    std::vector<ledger::RequestAnswer> answers;
    const auto done = pool.write([&](Transaction& work) -> Result<void> {
      ARGOSY_TRY(const auto waiting, ledger::new_requests(work));
      for (const ledger::Request& each : waiting) {
        taken.push_back(each);
        answers.push_back({.is_order_request = each.is_order_request,
                           .request_id = each.request_id,
                           .state = refusal.empty() ? ledger::RequestState::kDone : ledger::RequestState::kFailed,
                           .time = Timestamp(core::Duration(1)),
                           .answer = refusal.empty() ? given : refusal});
        ARGOSY_TRY_VOID(work.execute(
            fmt::format("UPDATE {} SET state = :state, answered_at = 1, answer = :answer WHERE request_id = :id",
                        each.is_order_request ? "order_requests" : "service_commands"),
            {std::string(refusal.empty() ? "DONE" : "FAILED"), answers.back().answer, each.request_id}));
      }
      return {};
    });
    EXPECT_TRUE(done) << done.error().describe();
    requests.answered(answers);
  }

  net::HttpResponse ask(std::int64_t caller, const std::string& method, const std::string& target,
                        const std::string& body = {}, const net::HttpHeaders& headers = {}) {
    const std::size_t query = std::min(target.find('?'), target.size());
    net::HttpRequest request{.method = method,
                             .path = "/api/v1" + target.substr(0, query),
                             .query = target.substr(std::min(query + 1, target.size())),
                             .headers = headers,
                             .body = body,
                             .peer = "192.0.2.1"};
    if (caller != 0) request.headers.add("X-Caller", std::to_string(caller));
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    return api.answer(request);
  }

  Result<std::optional<server::Caller>> authenticate(const net::HttpRequest& request) {
    const auto who = request.headers.find("X-Caller");
    if (!who) return std::optional<server::Caller>();
    ARGOSY_TRY(const auto user,
               pool.read([&](Transaction& work) { return auth::find_user(work, *core::parse_integer(*who)); }));
    return std::optional(
        server::Caller{.user_id = user->user_id, .username = user->username, .role = user->role, .session_id = "s"});
  }

  Result<lake::Lake> open_lake() {
    const lake::LakeOptions options{.folder = folder + "/lake"};
    if (!std::filesystem::exists(options.folder)) ARGOSY_TRY_VOID(lake::Lake::create(options, core::system_files()));
    return lake::Lake::open(options, core::system_files(), clock);
  }
  Result<std::unique_ptr<ledger::Database>> open_ledger() {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }

  std::string folder;
  core::SimulatedClock clock{Timestamp(seconds(1'700'000'000))};
  ledger::Pool pool{[this] { return open_ledger(); }};
  Store store{pool};
  ledger::Pool run_pool{[this] {
    return ledger::open_database({.path = folder + "/runs.db"}, ledger::runs_schema(), core::system_files(), clock);
  }};
  Store run_store{run_pool};
  core::SystemClock real;  // by which answers are waited for
  Requests requests{pool, real,
                    [this](const ledger::Database::Work& work) -> Result<void> {
                      ARGOSY_TRY_VOID(pool.write(work));
                      answer_requests();
                      return {};
                    },
                    std::chrono::milliseconds(20)};
  live::Advice advice{.what = live::Question::kBuy, .yes = true, .confidence = 70, .reasons = {"drawn"}};
  live::AdviceWish wished;
  std::unique_ptr<auth::Access> access;
  std::unique_ptr<Resources> resources;
  std::optional<lake::Snapshot> snapshot;
  std::vector<ledger::Request> taken;
  std::string given = R"({"service_id":1,"order_id":1,"portfolio_id":1,"switch_id":1})";
  std::string refusal;
  server::Api api{{.authenticate = [this](const net::HttpRequest& request) { return authenticate(request); },
                   .make_id = [] { return std::string("id"); }}};
};

}  // namespace argosy::rest

// A hub over a ledger of a few users and rows, in one thread and simulated time, with clients that keep what they hear.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/random.hpp"
#include "core/executor.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/room_changes.hpp"
#include "push/hub.hpp"

namespace argosy::push {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kAdmin = 1;
constexpr std::int64_t kOwner = 2;  // of a portfolio, a service, an order, a transaction, a job: all with number 1
constexpr std::int64_t kStranger = 3;
constexpr std::string_view kKey = "argosy_of-the-owners-program";

// Its own end of a WebSocket.
class HeardSocket final : public net::WebSocket {
 public:
  using net::WebSocket::send;
  void send(std::shared_ptr<const std::string> text) override {
    if (code == 0) texts.push_back(std::move(text));
  }
  void close(int with, std::string why) override {
    if (code == 0) code = with;
    reason = std::move(why);
  }
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  [[nodiscard]] std::string last() const { return texts.empty() ? "" : *texts.back(); }

  std::vector<std::shared_ptr<const std::string>> texts;
  int code = 0;
  std::string reason;

 private:
  std::string peer_ = "192.0.2.1";
};

// A client, and what it says.
struct Guest {
  std::shared_ptr<net::WebSocketListener> listener;
  std::shared_ptr<HeardSocket> socket = std::make_shared<HeardSocket>();
};

inline core::Result<void> fill_ledger(ledger::Transaction& work, core::Timestamp now) {
  std::vector<ledger::UserRow> users;
  std::vector<ledger::SessionRow> sessions;
  for (const auto& [id, name, role] :
       {std::tuple(kAdmin, "root", ledger::Role::kAdmin), std::tuple(kOwner, "owner", ledger::Role::kTrader),
        std::tuple(kStranger, "stranger", ledger::Role::kTrader)}) {
    users.push_back(
        {.user_id = id, .username = name, .email = std::string(name) + "@localhost", .role = role, .created_at = now});
    sessions.push_back({.session_id = fmt::format("session {}", id),
                        .user_id = id,
                        .created_at = now,
                        .used_at = now,
                        .expires_at = now + std::chrono::hours(1),
                        .peer = "192.0.2.1"});
  }
  ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, users));
  ARGOSY_TRY_VOID(ledger::insert<ledger::SessionRow>(work, sessions));
  const ledger::ApiKeyRow key{.key_id = 1,
                              .user_id = kOwner,
                              .name = "bot",
                              .hint = "gram",
                              .key_hash = core::sha256_hex(kKey),
                              .scope = ledger::KeyScope::kTrade,
                              .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::ApiKeyRow>(work, {&key, 1}));
  const std::vector<ledger::InstrumentRow> stocks{
      {.instrument_id = 1, .symbol = "AAPL", .exchange = "XNAS", .name = "Apple Inc."},
      {.instrument_id = 2, .symbol = "MSFT", .exchange = "XNAS"}};
  ARGOSY_TRY_VOID(ledger::insert<ledger::InstrumentRow>(work, stocks));
  const ledger::BrokerAccountRow account{
      .broker_account_id = 1, .broker = "paper", .masked_number = "****1", .owner_id = kOwner, .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1}));
  const ledger::PortfolioRow portfolio{.portfolio_id = 1,
                                       .owner_id = kOwner,
                                       .broker_account_id = 1,
                                       .name = "first",
                                       .is_default = true,
                                       .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<ledger::PortfolioRow>(work, {&portfolio, 1}));
  const ledger::JobRow job{.job_id = 1, .owner_id = kOwner, .type = "backup", .next_try_at = now, .created_at = now};
  return ledger::insert<ledger::JobRow>(work, {&job, 1});
}

class HubTest : public testing::Test {
 public:
  HubTest() {
    folder = fmt::format("{}/argosy-push-{}-{}", testing::TempDir(), ::getpid(),
                         testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    change([&](ledger::Transaction& work) { return fill_ledger(work, clock.now()); });
    change_service(1, kOwner, "apples");
    hub.start();
    run(milliseconds(0));
  }
  ~HubTest() override { std::filesystem::remove_all(folder); }

 protected:
  template <class Work>
  void change(Work work) {
    const auto done = pool.write(work);
    ASSERT_TRUE(done) << done.error().describe();
  }
  // As the process that trades writes it.
  void change_service(std::int64_t id, std::int64_t owner, const std::string& name) {
    ledger::Changes changes;
    changes.services = {{.service_id = id,
                         .owner_id = owner,
                         .portfolio_id = 1,
                         .broker_account_id = 1,
                         .instrument_id = 1,
                         .name = name,
                         .stock_symbol = "AAPL",
                         .created_at = clock.now(),
                         .updated_at = clock.now()}};
    change([&](ledger::Transaction& work) -> core::Result<void> {
      ARGOSY_TRY_VOID(ledger::upsert<ledger::ServiceRow>(work, changes.services, {"service_id"}));
      return ledger::tell_rooms(work, changes, clock.now());
    });
  }
  // So much time passes.
  void run(core::Duration time) {
    executor->call_at(clock.now() + time, [&] { executor->stop(); });
    executor->run();
  }
  [[nodiscard]] std::string token(std::int64_t user) const {
    return signer.sign({.user_id = user,
                        .session_id = fmt::format("session {}", user),
                        .issued_at = clock.now(),
                        .expires_at = clock.now() + std::chrono::minutes(15)});
  }
  Guest connect() {
    Guest guest{.listener = hub.admit()};
    guest.listener->on_open(guest.socket);
    return guest;
  }
  void say(const Guest& guest, std::string text) {
    guest.listener->on_text(std::move(text));
    run(milliseconds(1));
  }
  Guest connect(std::int64_t user) {
    Guest guest = connect();
    say(guest, fmt::format(R"({{"type":"auth","token":"{}"}})", token(user)));
    EXPECT_TRUE(guest.socket->last().contains("\"welcome\"")) << guest.socket->last() << guest.socket->reason;
    return guest;
  }
  void subscribe(const Guest& guest, const std::string& room, const std::string& more = "") {
    say(guest, fmt::format(R"({{"type":"subscribe","room":"{}"{}}})", room, more));
  }
  // "change services 3 pears": what was heard, in short.
  static std::vector<std::string> heard(const Guest& guest, std::string_view type = "change") {
    std::vector<std::string> out;
    for (const auto& text : guest.socket->texts) {
      const auto json = core::parse_json(*text);
      EXPECT_TRUE(json) << *text;
      if (!json || *json->find("type")->string() != type) continue;
      std::string line = *json->find("room")->string();
      if (const auto* sequence = json->find("sequence")) line += " " + sequence->number()->text;
      if (const auto* row = json->find("row"); row != nullptr && row->find("name") != nullptr)
        line += " " + *row->find("name")->string();
      out.push_back(line);
    }
    return out;
  }

  std::string folder;
  core::SimulatedClock clock{core::Timestamp(seconds(1'700'000'000))};
  std::unique_ptr<core::Executor> executor = core::make_simulated_executor(clock);
  ledger::Pool pool{[this] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }};
  rest::Store store{pool};
  auth::Tokens signer{core::Secret(std::string(32, 'k'))};
  auth::Access access{pool, auth::Tokens(core::Secret(std::string(32, 'k'))), clock,
                      auth::AccessSettings{.cost = {.passes = 1, .memory_bytes = 8192}}};
  Tickets tickets{clock};
  PriceBoard prices;
  Hub hub{{.access = access, .store = store, .tickets = tickets, .prices = prices},
          *executor,
          {.most_rooms = 20, .most_replayed = 5, .ledger = "abc123"}};
};

}  // namespace argosy::push

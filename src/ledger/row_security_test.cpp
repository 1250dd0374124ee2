// What PostgreSQL itself keeps apart, by queries that forget whose the rows are.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "ledger/access.hpp"
#include "ledger/acting.hpp"
#include "ledger/jobs.hpp"
#include "ledger/notes.hpp"
#include "ledger/row_policies.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

constexpr std::int64_t kOwner = 1;
constexpr std::int64_t kStranger = 2;

// On a server, as a user who is no superuser: those are bound by nothing.
class ServerStore : public LedgerTest {
 public:
  ServerStore() {
    if (!PostgresForTest::missing().empty()) return;
    server = std::make_unique<PostgresForTest>();
    role = fmt::format("trader_{}", ::getpid());
    server->run_all({"CREATE ROLE " + role + " LOGIN", fmt::format("GRANT CREATE ON DATABASE {} TO {}",
                                                                   server->run("SELECT current_database()")[0], role)});
  }
  ~ServerStore() override {
    if (server != nullptr) server->run_all({"DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role});
  }
  void SetUp() override {
    if (server == nullptr) GTEST_SKIP() << PostgresForTest::missing();
  }

 protected:
  [[nodiscard]] std::string location_of(const std::string& database) const override {
    if (server == nullptr) return LedgerTest::location_of(database);
    std::string url = server->url();
    url.replace(url.find("user=argosy"), 11, "user=" + role);
    return url;
  }

  std::unique_ptr<PostgresForTest> server;
  std::string role;
};

class RowSecurityTest : public TradingFixture<ServerStore> {
 public:
  void SetUp() override {
    ServerStore::SetUp();
    if (IsSkipped()) return;
    write_whole(traded());
    const auto done = database->write([](Transaction& work) -> core::Result<void> {
      const UserRow stranger{.user_id = kStranger, .username = "luis", .email = "luis@localhost", .created_at = at(0)};
      ARGOSY_TRY_VOID(insert<UserRow>(work, {&stranger, 1}));
      const ApiKeyRow key{.key_id = 7,
                          .user_id = kOwner,
                          .name = "bot",
                          .hint = "abcd",
                          .key_hash = std::string(64, 'a'),
                          .created_at = at(0)};
      ARGOSY_TRY_VOID(insert<ApiKeyRow>(work, {&key, 1}));
      const StrategyRow strategy{
          .strategy_id = 1, .owner_id = kOwner, .name = "cross", .text = "name: cross", .created_at = at(0)};
      ARGOSY_TRY_VOID(insert<StrategyRow>(work, {&strategy, 1}));
      const NoteRow note{
          .note_id = 1, .transaction_id = 1, .author = "owner", .text = "bought on news", .created_at = at(0)};
      ARGOSY_TRY_VOID(insert<NoteRow>(work, {&note, 1}));
      const OutboxRow told{.outbox_id = 1, .time = at(0), .channel = "log", .severity = "info", .owner_id = kOwner};
      ARGOSY_TRY_VOID(insert<OutboxRow>(work, {&told, 1}));
      const JobRow job{.job_id = 1, .owner_id = kOwner, .type = "backtest", .next_try_at = at(0), .created_at = at(0)};
      return insert<JobRow>(work, {&job, 1});
    });
    ASSERT_TRUE(done) << done.error().describe();
  }

 protected:
  std::int64_t count(std::string_view table) {
    std::int64_t found = -1;
    constexpr std::array kInteger = {ColumnType::kInteger};
    const auto done = database->read([&](Transaction& work) {
      return work.query(fmt::format("SELECT count(*) FROM {}", table), kInteger, {},
                        [&](const Row& row) -> core::Result<void> {
                          found = row.integer(0);
                          return {};
                        });
    });
    EXPECT_TRUE(done) << done.error().describe();
    return found;
  }
  core::Result<std::int64_t> run(const std::string& sql) {
    return database->write([&](Transaction& work) { return work.execute(sql); });
  }
};

TEST_F(RowSecurityTest, S1AQueryWithoutAFilterSeesTheCallersRowsAlone) {
  for (const RowPolicy& policy : row_policies()) {
    const std::int64_t all = count(policy.table);
    EXPECT_GT(all, 0) << policy.table;
    const std::int64_t own = [&] {
      const ActingFor user(kOwner);
      return count(policy.table);
    }();
    // Of the ledger's entries, those of the world outside are nobody's; of users each is its own.
    if (policy.table == "cash_entries") {
      EXPECT_EQ(own, 9);
    } else if (policy.table == "users") {
      EXPECT_EQ(own, 1);
    } else {
      EXPECT_EQ(own, all) << policy.table;
    }
    const ActingFor stranger(kStranger);
    EXPECT_EQ(count(policy.table), policy.table == "users" ? 1 : 0) << policy.table;
    {
      const ActingFor nobody(ActingFor::kNobody);
      EXPECT_EQ(count(policy.table), 0) << policy.table;
      const ActingFor everybody(ActingFor::kEverybody);
      EXPECT_EQ(count(policy.table), all) << policy.table;
    }
    EXPECT_EQ(count(policy.table), policy.table == "users" ? 1 : 0) << "the one before again";
  }
  EXPECT_EQ(count("orders"), 2) << "nothing of it stays with the connection";
}

TEST_F(RowSecurityTest, ViewsShowNoMoreThanTheirTables) {
  const std::vector<std::string_view> views{"transactions", "cash_balances", "v_orders", "v_portfolios", "user_roles"};
  for (const std::string_view view : views) EXPECT_GT(count(view), 0) << view;
  const ActingFor nobody(ActingFor::kNobody);
  for (const std::string_view view : views) EXPECT_EQ(count(view), 0) << view;
}

TEST_F(RowSecurityTest, S1NothingOfOthersIsChangedOrMade) {
  {
    const ActingFor stranger(kStranger);
    EXPECT_EQ(*run("UPDATE portfolios SET name = 'mine'"), 0);
    EXPECT_EQ(*run("DELETE FROM jobs"), 0);
    EXPECT_EQ(*run("UPDATE users SET role = 'admin' WHERE user_id = 1"), 0);
    const auto made =
        run("INSERT INTO api_keys VALUES (8, 1, 'k', 'abcd', '" + std::string(64, 'b') + "', 'admin', 0, NULL, NULL)");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, core::ErrorCode::kForbidden) << made.error().describe();
    const auto given = run("UPDATE users SET user_id = 3");
    ASSERT_FALSE(given) << "nor given away";
    EXPECT_TRUE(
        run("INSERT INTO api_keys VALUES (8, 2, 'k', 'abcd', '" + std::string(64, 'b') + "', 'read', 0, NULL, NULL)"));
  }
  EXPECT_EQ(*run("UPDATE portfolios SET name = name"), 1);
}

TEST_F(RowSecurityTest, FreeNumbersAreThoseOfAll) {
  const ActingFor stranger(kStranger);
  const auto next = database->write([](Transaction& work) { return next_number(work, "api_keys", "key_id"); });
  EXPECT_EQ(*next, 8);
}

TEST_F(RowSecurityTest, AUnitOfWorkMayActForOthersInTurn) {
  std::vector<std::size_t> seen;
  const auto done = database->read([&](Transaction& work) -> core::Result<void> {
    for (const std::int64_t user : {kOwner, kStranger, ActingFor::kEverybody, ActingFor::kNobody}) {
      const ActingFor acting(user);
      ARGOSY_TRY(const auto rows, select<OrderRow>(work, "ORDER BY order_id"));
      seen.push_back(rows.size());
    }
    return {};
  });
  ASSERT_TRUE(done) << done.error().describe();
  EXPECT_THAT(seen, testing::ElementsAre(2, 0, 2, 0));
}

// A table whose rows have an owner is in the list of policies, or here with the reason.
TEST_F(RowSecurityTest, NoTableWithAnOwnerIsForgotten) {
  const std::set<std::string> others{
      "sessions",          // looked up before anybody is known, by a random id
      "idempotency_keys",  // asked for by their user alone
      "second_factors",    // looked up while somebody logs in
      "recovery_codes",
  };
  std::set<std::string> guarded;
  for (const RowPolicy& policy : row_policies()) guarded.emplace(policy.table);
  for (const core::RecordType* table : ledger_schema().tables) {
    const bool has_owner =
        core::find_field(*table, "owner_id") != nullptr || core::find_field(*table, "user_id") != nullptr;
    if (!has_owner || others.contains(std::string(table->name))) continue;
    EXPECT_TRUE(guarded.contains(std::string(table->name))) << table->name;
  }
}

}  // namespace
}  // namespace argosy::ledger

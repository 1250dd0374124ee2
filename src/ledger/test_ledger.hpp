// What the room's tests share: a folder and a database of their own, on SQLite or on a real PostgreSQL, and rows for
// it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "ledger/open.hpp"
#include "ledger/runs_schema.hpp"
#include "ledger/studies.hpp"

namespace argosy::ledger {

class LedgerTest : public testing::Test {
 public:
  LedgerTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = info->name();
    std::ranges::replace(name, '/', '-');
    folder = testing::TempDir() + "/argosy-ledger-" + std::to_string(::getpid()) + "-" + name;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~LedgerTest() override { std::filesystem::remove_all(folder); }

 protected:
  [[nodiscard]] std::string path() const { return folder + "/runs.db"; }
  // Of a database: the path, or a server's address.
  [[nodiscard]] virtual std::string location_of(const std::string& database) const {
    return folder + "/" + database + ".db";
  }
  [[nodiscard]] std::string location() const { return location_of("runs"); }
  [[nodiscard]] core::Result<std::unique_ptr<Database>> try_open(OpenOptions options = {}) const {
    options.path = location();
    return open_database(options, runs_schema(), core::system_files(), clock);
  }
  [[nodiscard]] std::unique_ptr<Database> open(const OpenOptions& options = {}) const {
    auto database = try_open(options);
    if (!database) ADD_FAILURE() << database.error().describe();
    return database ? *std::move(database) : nullptr;
  }

  std::string folder;
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
};

// A database of PostgreSQL's own, made for a test and dropped after it. Its server is named by the environment variable
// ARGOSY_TEST_POSTGRES (`./dev test` starts one; tools/postgres.py runs a single program beside one).
class PostgresForTest {
 public:
  // Why there is no server; empty: there is one.
  [[nodiscard]] static std::string missing();

  PostgresForTest();
  ~PostgresForTest();
  PostgresForTest(const PostgresForTest&) = delete;
  PostgresForTest& operator=(const PostgresForTest&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  // The same over TCP.
  [[nodiscard]] std::string tcp_url(const std::string& host, const std::string& port = "") const;
  [[nodiscard]] static std::string port();
  // Runs statements outside of any unit of work, as another program would; returns the first column of the last.
  std::vector<std::string> run(const std::string& sql) const;  // NOLINT(modernize-use-nodiscard)
  // One after another, each outside of a unit of work unless one of them begins it.
  void run_all(std::initializer_list<std::string> statements) const;

 private:
  std::string name_;
  std::string url_;
};

// Runs each of its tests on each kind of database.
class StoreTest : public LedgerTest, public testing::WithParamInterface<Dialect> {
 public:
  StoreTest() {
    if (!is_server()) return;
    if (PostgresForTest::missing().empty()) server = std::make_unique<PostgresForTest>();
  }
  void SetUp() override {
    if (is_server() && server == nullptr) GTEST_SKIP() << PostgresForTest::missing();
  }

 protected:
  [[nodiscard]] bool is_server() const { return GetParam() == Dialect::kPostgres; }
  [[nodiscard]] std::string location_of(const std::string& database) const override {
    return server != nullptr ? server->url() : LedgerTest::location_of(database);
  }

  // Null, and the test is skipped, without a server.
  [[nodiscard]] std::unique_ptr<Database> open_store() const { return is_server() && !server ? nullptr : open(); }

  std::unique_ptr<PostgresForTest> server;
};

inline std::string dialect_name(const testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GoogleTest's own wants the suite's name as a word
#define ARGOSY_ON_EACH_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, testing::Values(Dialect::kSqlite, Dialect::kPostgres), dialect_name)

inline std::vector<std::string> texts(Database& database, const std::string& sql) {
  std::vector<std::string> found;
  constexpr std::array kText = {ColumnType::kText};
  const auto done = database.read([&](Transaction& work) {
    return work.query(sql, kText, {}, [&](const Row& row) -> core::Result<void> {
      found.push_back(row.is_null(0) ? "NULL" : row.text(0));
      return {};
    });
  });
  if (!done) ADD_FAILURE() << sql << ": " << done.error().describe();
  return found;
}

inline core::Result<void> run_sql(Database& database, const std::string& sql) {
  return database.write([&](Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(work.execute(sql));
    return {};
  });
}

inline StudyRow make_study(Database& database, const std::string& name) {
  const auto study = database.write([&](Transaction& work) {
    return create_study(work, {.name = name,
                               .kind = "strategy",
                               .created_at = core::Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789)),
                               .seed = 7,
                               .sampler = "tpe",
                               .pruner = "asha"});
  });
  if (!study) ADD_FAILURE() << study.error().describe();
  return study ? *study : StudyRow();
}

inline std::vector<TrialRow> make_trials(const std::string& study_id, std::int64_t first, std::int64_t count) {
  std::vector<TrialRow> trials;
  for (std::int64_t number = first; number < first + count; ++number) {
    trials.push_back({.study_id = study_id,
                      .number = number,
                      .parameters = R"({"fast":20})",
                      .values = {0.1 * static_cast<double>(number)},
                      .duration_ns = 5});
  }
  return trials;
}

}  // namespace argosy::ledger

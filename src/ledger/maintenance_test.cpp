#include "ledger/maintenance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <fstream>
#include <thread>

#include "ledger/detail/postgres.hpp"
#include "ledger/detail/sqlite.hpp"
#include "ledger/records.hpp"
#include "ledger/runs.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

class MaintenanceTest : public StoreTest {
 protected:
  [[nodiscard]] core::Result<BackupReport> back_up_to(const std::string& to) const {
    return back_up(location(), to, runs_schema(), core::system_files(), clock);
  }
  [[nodiscard]] core::Result<RestoreReport> restore_from(const std::string& from) const {
    return restore(from, location(), runs_schema(), core::system_files(), clock);
  }
  void fill(const std::string& name, std::int64_t trials) const {
    const auto database = open();
    const StudyRow study = make_study(*database, name);
    ASSERT_TRUE(
        database->write([&](Transaction& work) { return add_trials(work, make_trials(study.study_id, 0, trials)); }));
  }
  [[nodiscard]] std::vector<std::string> studies() const {
    return texts(*open(), "SELECT name FROM studies ORDER BY 1");
  }
  [[nodiscard]] std::vector<std::string> findings() const {
    const auto report = verify(*open({.checked_bytes = 0}), runs_schema());
    return report ? report->findings : std::vector<std::string>{report.error().message};
  }
};

ARGOSY_ON_EACH_STORE(MaintenanceTest);

TEST_P(MaintenanceTest, ABackupIsOneFileNamedAfterTheTime) {
  fill("first", 10);
  const auto made = back_up_to(folder + "/backups/");
  ASSERT_TRUE(made) << made.error().describe();
  EXPECT_EQ(made->file, folder + "/backups/runs-20231114T221320Z.db");
  EXPECT_EQ(made->version, std::ssize(runs_schema().migrations));
  EXPECT_EQ(made->bytes, std::filesystem::file_size(made->file));
  EXPECT_EQ(back_up_to(folder + "/backups")->file, folder + "/backups/runs-20231114T221320Z-2.db");
  EXPECT_EQ(back_up_to(made->file).error().code, ErrorCode::kAlreadyExists);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder + "/backups")) ++files;
  EXPECT_EQ(files, 2U);
}

TEST_P(MaintenanceTest, ABackupIsOneMomentWhileAnotherWrites) {
  fill("first", 0);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const auto database = open();
    const std::string id = texts(*database, "SELECT study_id FROM studies").front();
    for (std::int64_t first = 0; !stop; first += 50)
      EXPECT_TRUE(database->write([&](Transaction& work) { return add_trials(work, make_trials(id, first, 50)); }));
  });
  for (int round = 0; round < 5; ++round) {
    const auto made = back_up_to(folder + "/b/");
    EXPECT_TRUE(made) << made.error().describe();
    if (!made) continue;
    const auto copy = detail::open_sqlite(made->file, std::chrono::seconds(1));
    EXPECT_EQ(texts(**copy, "SELECT CAST(count(*) % 50 AS TEXT) FROM trials"), std::vector<std::string>{"0"});
  }
  stop = true;
  writer.join();
}

TEST_P(MaintenanceTest, ARestoreSetsAsideWhatWasThere) {
  fill("first", 10);
  const auto made = back_up_to(folder + "/b.db");
  ASSERT_TRUE(made);
  fill("second", 10);
  const auto reader = open();
  const auto done = restore_from(folder + "/b.db");
  ASSERT_TRUE(done) << done.error().describe();
  EXPECT_FALSE(done->was_damaged);
  EXPECT_EQ(studies(), std::vector<std::string>{"first"});
  EXPECT_EQ(texts(*reader, "SELECT name FROM studies"), std::vector<std::string>{"first"}) << "open ones see it too";
  EXPECT_EQ(restore_from(done->set_aside)->version, done->version) << "what was set aside is a backup";
  EXPECT_EQ(studies(), (std::vector<std::string>{"first", "second"}));
  const auto aside = detail::open_sqlite(done->set_aside, std::chrono::seconds(1));
  EXPECT_EQ(texts(**aside, "SELECT name FROM studies ORDER BY 1"), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(findings().empty());
}

TEST_P(MaintenanceTest, ARestoreReplacesADamagedFileAndNone) {
  if (is_server()) return;  // ARestoreRenamesASchemaThatIsNotOurs
  fill("first", 10);
  ASSERT_TRUE(back_up_to(folder + "/b.db"));
  for (const std::string& bytes : {std::string(), std::string(5'000, 'x')}) {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
    ASSERT_FALSE(try_open());
    const auto done = restore_from(folder + "/b.db");
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(studies(), std::vector<std::string>{"first"});
    EXPECT_TRUE(std::filesystem::exists(done->set_aside));
  }
  std::filesystem::remove(path());
  EXPECT_TRUE(restore_from(folder + "/b.db")->set_aside.empty());
  EXPECT_EQ(studies(), std::vector<std::string>{"first"});
}

TEST_P(MaintenanceTest, ABadBackupChangesNothing) {
  fill("first", 2'000);
  const auto made = back_up_to(folder + "/b.db");
  ASSERT_TRUE(made);
  const std::string whole = *core::system_files().read(made->file);
  fill("second", 1);
  const auto refuse = [&](const std::string& file, ErrorCode code) {
    const auto refused = restore_from(file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code) << refused.error().describe();
    EXPECT_EQ(refused.error().file, file);
    EXPECT_EQ(studies(), (std::vector<std::string>{"first", "second"}));
    EXPECT_FALSE(std::filesystem::exists(path() + ".restored"));
  };
  refuse(folder + "/none.db", ErrorCode::kNotFound);
  refuse(folder, ErrorCode::kInvalidArgument);
  if (!is_server()) {
    const auto in_use = open();
    ASSERT_TRUE(run_sql(*in_use, "UPDATE studies SET seed = 8"));
    refuse(path(), ErrorCode::kInvalidArgument);
  }
  const auto with_bytes = [&](const std::string& bytes) {
    std::ofstream(folder + "/bad.db", std::ios::binary | std::ios::trunc) << bytes;
    return folder + "/bad.db";
  };
  refuse(with_bytes(""), ErrorCode::kCorrupt);
  refuse(with_bytes(whole.substr(0, whole.size() / 2)), ErrorCode::kCorrupt);
  std::string changed = whole;
  changed.replace(changed.size() / 2, 100, std::string(100, '\xa5'));
  refuse(with_bytes(changed), ErrorCode::kCorrupt);
  {
    const auto copy = detail::open_sqlite(folder + "/b.db", std::chrono::seconds(1));
    ASSERT_TRUE(run_sql(**copy, "INSERT INTO migrations VALUES ('runs', 99, 'later', 0)"));
  }
  refuse(folder + "/b.db", ErrorCode::kUnsupported);
}

TEST_P(MaintenanceTest, VerifyFindsWhatDoesNotAgree) {
  fill("first", 3);
  {
    const auto database = open();
    RunTradeRow trade{.symbol = "AAPL", .side = "long", .outcome = "closed", .entry_reason = "buy_signal"};
    RunTradeRow denied{.symbol = "AAPL", .side = "long", .outcome = "denied", .entry_reason = "buy_signal"};
    std::vector<RunTradeRow> trades = {trade, denied};
    const auto run = database->write([&](Transaction& work) {
      return add_run(work, {.strategy = "x", .symbols = {"AAPL"}, .result_hash = std::string(64, 'a')}, trades);
    });
    ASSERT_TRUE(run) << run.error().describe();
    EXPECT_EQ(run->trades, 1);
  }
  EXPECT_EQ(findings(), std::vector<std::string>{});
  const std::pair<const char*, const char*> broken[] = {
      {"UPDATE run_trades SET profit = profit + 1 WHERE number = 1", "not those that were stored"},
      {"UPDATE runs SET trades = 5", "says it has 5 trades, and 1 are stored"},
      {"UPDATE trials SET intermediate = '[1]' WHERE number = 2", "no list of pairs"},
      {"UPDATE studies SET state = 'finished'", "does not fit"},
  };
  for (const auto& [sql, wanted] : broken) {
    ASSERT_TRUE(run_sql(*open(), sql));
    bool found = false;
    for (const std::string& finding : findings()) found = found || finding.contains(wanted);
    EXPECT_TRUE(found) << sql;
  }
  if (is_server()) {
    // As an administrator can; the server itself would not let it happen.
    server->run(
        "SET session_replication_role = replica; INSERT INTO runs.trials SELECT 'nobody', number, state, parameters, "
        "objective_values, '[]', constraints, statistics, engine, result_hash, note, duration_ns, finished_at FROM "
        "runs.trials LIMIT 1; DROP VIEW runs.v_runs; ALTER TABLE runs.runs ALTER COLUMN seed TYPE INTEGER; "
        "ALTER TABLE runs.runs ALTER COLUMN strategy DROP NOT NULL; ALTER TABLE runs.studies DROP COLUMN pruner "
        "CASCADE");
    const auto database = detail::open_postgres(server->url(), "runs", {}, std::chrono::seconds(1));
    const Schema bare{.name = "runs", .migrations = runs_schema().migrations, .tables = runs_schema().tables};
    const auto found = verify(**database, bare);
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->findings,
              (std::vector<std::string>{"a row of trials belongs to one that is not there",
                                        "studies.pruner is missing, not a column of type TEXT",
                                        "runs.strategy may hold nothing, and must not",
                                        "runs.seed is of type integer (of the server), not a column of type INTEGER"}));
    return;
  }
  {
    const auto database = detail::open_sqlite(path(), std::chrono::seconds(1));
    ASSERT_TRUE((*database)->read([&](Transaction& work) { return work.execute("PRAGMA writable_schema = ON"); }));
    ASSERT_TRUE(
        run_sql(**database, "UPDATE sqlite_master SET sql = replace(sql, ') STRICT', ')') WHERE name = 'studies'"));
  }
  ASSERT_TRUE(run_sql(*open({.checked_bytes = 0}), "UPDATE studies SET seed = 'seven'"));
  EXPECT_TRUE(std::ranges::any_of(findings(), [](const std::string& finding) {
    return finding.contains("studies.seed holds a value of type text, not integer");
  }));
}

// From either store into the other, and the rows are the same to the last bit.
TEST_P(MaintenanceTest, ABackupGoesIntoEitherStore) {
  fill("first", 2'500);
  ASSERT_TRUE(run_sql(*open(), "UPDATE studies SET seed = -9223372036854775807"));
  {
    const auto database = open();
    const auto run = database->write([&](Transaction& work) {
      std::vector<RunTradeRow> none;
      return add_run(work, {.strategy = "it's \"x\" \xc3\xa9", .total_return = 0.1 + 0.2, .sharpe = -0.0}, none);
    });
    ASSERT_TRUE(run) << run.error().describe();
  }
  const auto rows = [](Database& database) {
    const auto runs = database.read([](Transaction& work) { return find_run(work, "last"); });
    const auto study = database.read([](Transaction& work) { return find_study(work, "first"); });
    const auto trials = database.read([&](Transaction& work) { return load_trials(work, study->study_id); });
    std::vector<Value> values;
    for (const core::Field& field : core::record_type<RunRow>().fields) values.push_back(field_value(field, &*runs));
    for (const core::Field& field : core::record_type<StudyRow>().fields) values.push_back(field_value(field, &*study));
    for (const TrialRow& trial : *trials) values.emplace_back(std::bit_cast<std::int64_t>(trial.values.front()));
    return values;
  };
  const std::vector<Value> before = rows(*open());
  ASSERT_GT(before.size(), 2'500U);
  const auto made = back_up_to(folder + "/b.db");
  ASSERT_TRUE(made) << made.error().describe();
  const std::string other = folder + "/other.db";
  ASSERT_TRUE(restore(made->file, other, runs_schema(), core::system_files(), clock));
  const auto copy = open_database({.path = other}, runs_schema(), core::system_files(), clock);
  ASSERT_TRUE(copy) << copy.error().describe();
  EXPECT_EQ(rows(**copy), before);
  EXPECT_EQ(texts(**copy, "SELECT strategy FROM v_runs").size(), 1U) << "the views are there";
  if (!PostgresForTest::missing().empty()) return;
  const PostgresForTest fresh;
  const auto done = restore(made->file, fresh.url(), runs_schema(), core::system_files(), clock);
  ASSERT_TRUE(done) << done.error().describe();
  EXPECT_TRUE(done->set_aside.empty()) << done->set_aside;
  const auto there = open_database({.path = fresh.url()}, runs_schema(), core::system_files(), clock);
  ASSERT_TRUE(there) << there.error().describe();
  EXPECT_EQ(rows(**there), before);
  EXPECT_EQ(texts(**there, "SELECT strategy FROM v_runs").size(), 1U);
  EXPECT_TRUE(verify(**there, runs_schema())->findings.empty());
  const auto orphan = (*there)->write([&](Transaction& work) { return add_trials(work, make_trials("s9", 0, 1)); });
  EXPECT_FALSE(orphan) << "references are checked again at once";
}

// A schema that is not ours, and one of another version, stay under another name.
TEST_P(MaintenanceTest, ARestoreRenamesASchemaThatIsNotOurs) {
  fill("first", 3);
  ASSERT_TRUE(back_up_to(folder + "/b.db"));
  if (!is_server()) return;  // ARestoreReplacesADamagedFileAndNone
  ASSERT_TRUE(run_sql(*open(), "INSERT INTO migrations VALUES ('runs', 99, 'later', 0)"));
  const auto newer = restore_from(folder + "/b.db");
  ASSERT_TRUE(newer) << newer.error().describe();
  EXPECT_EQ(newer->set_aside, "schema runs_before_20231114t221320z");
  EXPECT_FALSE(newer->was_damaged);
  EXPECT_EQ(studies(), std::vector<std::string>{"first"});
  EXPECT_EQ(server->run("SELECT name FROM runs_before_20231114t221320z.studies"), std::vector<std::string>{"first"});
  server->run("DROP SCHEMA runs_before_20231114t221320z CASCADE; DROP TABLE runs.migrations");
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message.contains("not made by Argosy")) << opened.error().describe();
  const auto foreign = restore_from(folder + "/b.db");
  ASSERT_TRUE(foreign) << foreign.error().describe();
  EXPECT_TRUE(foreign->was_damaged);
  EXPECT_EQ(studies(), std::vector<std::string>{"first"});
}

}  // namespace
}  // namespace argosy::ledger

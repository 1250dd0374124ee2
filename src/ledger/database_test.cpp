#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/wait.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>
#include <ranges>
#include <thread>

#include "ledger/detail/postgres.hpp"
#include "ledger/detail/sqlite.hpp"
#include "ledger/records.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kReal, ColumnType::kText};
constexpr std::array kOrderedTypes = {ColumnType::kInteger, ColumnType::kReal, ColumnType::kText, ColumnType::kInteger};
constexpr const char* kInsertOrdered = "INSERT INTO ordered VALUES (:i, :r, :s, :n)";
constexpr const char* kSelectOrdered = "SELECT i, r, s FROM ordered ORDER BY n";

constexpr core::Duration kPlainWait = std::chrono::seconds(5);

// A database with one table `t`, in which any value may stand.
class DatabaseTest : public StoreTest {
 protected:
  [[nodiscard]] std::unique_ptr<Database> open_plain(core::Duration wait = kPlainWait) const {
    auto database = is_server() ? detail::open_postgres(server->url(), "plain", {}, wait)
                                : detail::open_sqlite(folder + "/plain.db", wait);
    if (!database) ADD_FAILURE() << database.error().describe();
    const auto made = (*database)->write([&](Transaction& work) -> Result<void> {
      if (is_server()) ARGOSY_TRY_VOID(detail::make_schema(work, "plain"));
      ARGOSY_TRY_VOID(work.execute("CREATE TABLE IF NOT EXISTS t (i INTEGER, r REAL, s TEXT) STRICT"));
      ARGOSY_TRY_VOID(
          work.execute("CREATE TABLE IF NOT EXISTS ordered (i INTEGER, r REAL, s TEXT, n INTEGER NOT NULL) STRICT"));
      return {};
    });
    if (!made) ADD_FAILURE() << made.error().describe();
    return *std::move(database);
  }
};

ARGOSY_ON_EACH_STORE(DatabaseTest);

std::int64_t count_rows(Database& database) {
  return std::stoll(texts(database, "SELECT CAST(count(*) AS TEXT) FROM t").front());
}

TEST_F(LedgerTest, SettingsOfAConnection) {
  const auto database = open();
  EXPECT_EQ(texts(*database, "PRAGMA journal_mode"), std::vector<std::string>{"wal"});
  EXPECT_EQ(texts(*database, "PRAGMA synchronous"), std::vector<std::string>{"2"});
  EXPECT_EQ(texts(*database, "PRAGMA foreign_keys"), std::vector<std::string>{"1"});
}

// Every 64-bit integer, every text, and the bits of every double, in one statement and in many.
TEST_P(DatabaseTest, ValuesComeBack) {
  const auto database = open_plain();
  EXPECT_TRUE(rc::check("values come back", [&] {
    const auto bits = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
    const auto integers =
        *rc::gen::container<std::vector<std::int64_t>>(bits.size(), rc::gen::arbitrary<std::int64_t>());
    // A server takes texts in UTF-8 alone, without NUL.
    const auto character = is_server() ? rc::gen::inRange<char>(1, 127) : rc::gen::arbitrary<char>();
    const auto strings =
        *rc::gen::container<std::vector<std::string>>(bits.size(), rc::gen::container<std::string>(character));
    const auto value = [&](std::size_t i, std::size_t number) -> std::vector<Value> {
      const auto real = std::bit_cast<double>(bits[i]);
      return {integers[i], std::isnan(real) ? Value() : Value(real), strings[i], static_cast<std::int64_t>(number)};
    };
    std::vector<std::vector<Value>> found;
    const auto done = database->write([&](Transaction& work) -> Result<void> {
      ARGOSY_TRY_VOID(work.execute_many(kInsertOrdered, kOrderedTypes, bits.size(),
                                        [&](std::size_t i, std::vector<Value>& values) { values = value(i, i); }));
      for (std::size_t i = 0; i < bits.size(); ++i)
        ARGOSY_TRY_VOID(work.execute(kInsertOrdered, value(i, bits.size() + i)));
      ARGOSY_TRY_VOID(work.query(kSelectOrdered, kTypes, {}, [&](const Row& row) -> Result<void> {
        found.emplace_back(row.values().begin(), row.values().end());
        return {};
      }));
      return fail(ErrorCode::kLimit, "taken back");
    });
    RC_ASSERT(done.error().code == ErrorCode::kLimit);
    RC_ASSERT(found.size() == 2 * bits.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      RC_ASSERT(std::ranges::equal(found[i], value(i % bits.size(), i) | std::views::take(3)));
  }));
}

TEST_P(DatabaseTest, ExtremeValuesComeBack) {
  const auto database = open_plain();
  const std::vector<std::vector<Value>> rows = {
      {std::numeric_limits<std::int64_t>::min(), -0.0, is_server() ? std::string("\x01") : std::string("a\0b", 3)},
      {std::numeric_limits<std::int64_t>::max(), 5e-324, std::string("it's \":x\" \xc3\xa9")},
      {std::int64_t{0}, std::numeric_limits<double>::infinity(), std::string()},
      {std::monostate{}, std::monostate{}, std::monostate{}},
      {std::int64_t{1} << 53, 0.1 + 0.2, std::string(1'000'000, 'x')}};
  ASSERT_TRUE(database->write([&](Transaction& work) {
    return work.execute_many(kInsertOrdered, kOrderedTypes, rows.size(),
                             [&](std::size_t i, std::vector<Value>& values) {
                               values = rows[i];
                               values.emplace_back(static_cast<std::int64_t>(i));
                             });
  }));
  std::size_t row = 0;
  ASSERT_TRUE(database->read([&](Transaction& work) {
    return work.query(kSelectOrdered, kTypes, {}, [&](const Row& found) -> Result<void> {
      EXPECT_TRUE(std::ranges::equal(found.values(), rows[row])) << row;
      ++row;
      return {};
    });
  }));
  EXPECT_EQ(row, rows.size());
  if (is_server()) return;
  EXPECT_EQ(texts(*database, "SELECT DISTINCT typeof(i) || typeof(r) || typeof(s) FROM ordered ORDER BY 1"),
            (std::vector<std::string>{"integerrealtext", "nullnullnull"}));
}

TEST_P(DatabaseTest, AnErrorTakesEverythingBack) {
  const auto database = open_plain();
  const auto failed = database->write([&](Transaction& work) -> Result<int> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 1, 'a')"));
    return fail(ErrorCode::kLimit, "enough");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kLimit);
  EXPECT_EQ(count_rows(*database), 0);
  const auto wrong = database->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 1, 'a')"));
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES ('one', 1, 'a')"));  // STRICT: no text in an INTEGER column
    return {};
  });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kConflict) << wrong.error().describe();
  EXPECT_EQ(wrong.error().file, database->name());
  EXPECT_FALSE(wrong.error().hint.empty());
  EXPECT_EQ(count_rows(*database), 0);
  EXPECT_EQ(*database->write([&](Transaction& work) -> Result<std::int64_t> {
    return work.execute("INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')");
  }),
            2);
  EXPECT_EQ(count_rows(*database), 2);
}

// PostgreSQL takes such a unit of work back and calls that success.
TEST_P(DatabaseTest, AStatementThatFailedCannotBePassedOver) {
  const auto database = open_plain();
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 1, 'a')"));
    EXPECT_FALSE(work.execute("INSERT INTO nowhere VALUES (1)"));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.contains("nowhere")) << done.error().message;
  EXPECT_EQ(count_rows(*database), 0);
}

// Statements are kept prepared from their second run on. Whatever was done with them, they must answer as new ones.
TEST_P(DatabaseTest, KeptStatementsAnswerAsNewOnes) {
  const auto database = open_plain();
  ASSERT_TRUE(run_sql(*database, "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, NULL)"));
  const std::string after = "SELECT i, r, s FROM t WHERE i > :i ORDER BY i";
  const auto sum_after = [&](Transaction& work, std::int64_t i) {
    std::int64_t sum = 0;
    EXPECT_TRUE(work.query(after, kTypes, {i}, [&](const Row& row) -> Result<void> {
      sum += row.integer(0);
      return {};
    }));
    return sum;
  };
  for (int round = 0; round < 4; ++round) {
    EXPECT_TRUE(database->write([&](Transaction& work) -> Result<void> {
      // A value that is NULL one time and of its type the next.
      const Value text = round % 2 == 0 ? Value() : Value("c");
      ARGOSY_TRY_VOID(work.execute("UPDATE t SET s = :s WHERE i = 1", {text}));
      EXPECT_EQ(sum_after(work, 0), 6);
      EXPECT_EQ(sum_after(work, 2), 3);
      // Within its own rows, and with rows left that are not wanted.
      std::int64_t sum = 0;
      const auto stopped = work.query(after, kTypes, {std::int64_t{0}}, [&](const Row& row) -> Result<void> {
        sum += sum_after(work, row.integer(0));
        if (row.integer(0) == 2) return fail(ErrorCode::kLimit, "enough");
        return {};
      });
      EXPECT_FALSE(stopped);
      EXPECT_EQ(sum, 8);
      return {};
    }));
    EXPECT_EQ(texts(*database, "SELECT s FROM t WHERE i = 1"), std::vector<std::string>{round % 2 == 0 ? "NULL" : "c"});
  }
}

// A query that its callback ended, or a statement that failed, does not go on looking at its moment: what others wrote
// since is seen, and can be written over.
TEST_P(DatabaseTest, KeptStatementsHoldNoMoment) {
  const auto database = open_plain(std::chrono::milliseconds(500));
  const auto other = open_plain();
  ASSERT_TRUE(run_sql(*database, "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')"));
  for (int round = 1; round <= 4; ++round) {
    EXPECT_FALSE(database->read([&](Transaction& work) {
      return work.query("SELECT i, r, s FROM t ORDER BY i", kTypes, {},
                        [](const Row&) -> Result<void> { return fail(ErrorCode::kLimit, "enough"); });
    }));
    EXPECT_FALSE(run_sql(*database, "INSERT INTO t VALUES (1 / 0, 1, 'a', 'too much')"));
    ASSERT_TRUE(run_sql(*other, "UPDATE t SET s = s || 'x' WHERE i = 1"));
    EXPECT_EQ(texts(*database, "SELECT s FROM t WHERE i = 1"),
              std::vector<std::string>{"a" + std::string(static_cast<std::size_t>(round), 'x')});
    ASSERT_TRUE(run_sql(*database, "UPDATE t SET r = r + 1 WHERE i = 1"));
  }
}

TEST_P(DatabaseTest, KeptStatementsFollowTheSchema) {
  const auto database = open_plain();
  const auto other = open_plain();
  ASSERT_TRUE(run_sql(*database, "INSERT INTO t VALUES (1, 1, 'a')"));
  const auto all = [&] { return texts(*database, "SELECT CAST(i AS TEXT) || ' ' || s FROM t ORDER BY i"); };
  const auto first = [&] { return texts(*database, "SELECT s FROM t ORDER BY i"); };
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(all(), std::vector<std::string>{"1 a"});
    EXPECT_EQ(first(), std::vector<std::string>{"a"});
  }
  ASSERT_TRUE(run_sql(*other, "ALTER TABLE t ADD COLUMN more TEXT"));
  EXPECT_EQ(first(), std::vector<std::string>{"a"});
  ASSERT_TRUE(run_sql(*other, "DROP TABLE t"));
  // `s` is of another type now, which a server notices.
  ASSERT_TRUE(run_sql(
      *other, is_server() ? "CREATE TABLE t (s VARCHAR(9), i BIGINT)" : "CREATE TABLE t (s TEXT, i INTEGER) STRICT"));
  ASSERT_TRUE(run_sql(*other, "INSERT INTO t VALUES ('b', 2)"));
  EXPECT_EQ(first(), std::vector<std::string>{"b"});
  EXPECT_EQ(all(), std::vector<std::string>{"2 b"});
}

TEST_P(DatabaseTest, ABusyDatabaseIsTriedAgainWhole) {
  const auto first = open_plain();
  const auto second = open_plain(std::chrono::seconds(20));
  std::thread other;
  ASSERT_TRUE(first->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 1, 'a')"));
    other = std::thread([&] { EXPECT_TRUE(run_sql(*second, "INSERT INTO t VALUES (2, 2, 'b')")); });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return {};
  }));
  other.join();
  EXPECT_EQ(count_rows(*first), 2);
}

TEST_P(DatabaseTest, PatienceHasALimit) {
  const auto first = open_plain();
  const auto second = open_plain(std::chrono::milliseconds(50));
  ASSERT_TRUE(first->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 1, 'a')"));
    const auto refused = run_sql(*second, "INSERT INTO t VALUES (2, 2, 'b')");
    EXPECT_FALSE(refused);
    if (!refused) {
      EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
      EXPECT_TRUE(refused.error().retryable);
    }
    // Readers do not wait for writers.
    EXPECT_EQ(count_rows(*second), 0);
    return {};
  }));
}

TEST_P(DatabaseTest, TwoWritersLoseNothing) {
  ASSERT_NE(open_plain(), nullptr);
  const auto add = [&] {
    const auto database = open_plain(std::chrono::seconds(30));
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(run_sql(*database, "INSERT INTO t VALUES (1, 1, 'a')"));
  };
  std::thread other(add);
  add();
  other.join();
  EXPECT_EQ(count_rows(*open_plain()), 200);
}

// A child that is killed in the middle leaves whole groups of trials, or none.
TEST_P(DatabaseTest, AKillLeavesTheOldOrTheNew) {
  constexpr std::int64_t kGroup = 200;
  StudyRow study;
  {
    const auto database = open();
    study = make_study(*database, "killed");
  }
  for (int round = 0; round < 8; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto database = try_open();
      while (database) {
        const auto added = (*database)->write([&](Transaction& work) -> Result<void> {
          ARGOSY_TRY(const std::int64_t count, count_trials(work, study.study_id));
          return add_trials(work, make_trials(study.study_id, count, kGroup));
        });
        if (!added) break;
      }
      ::_exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 17 * round));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    const auto database = open();
    const auto trials = database->read([&](Transaction& work) { return load_trials(work, study.study_id); });
    ASSERT_TRUE(trials) << trials.error().describe();
    EXPECT_EQ(trials->size() % kGroup, 0U);
    EXPECT_TRUE(check_integrity(*database, true));
    for (std::size_t i = 0; i < trials->size(); ++i) ASSERT_EQ((*trials)[i].number, static_cast<std::int64_t>(i));
  }
}

// A child that is killed while it makes the file leaves none, or one that can be used.
TEST_F(LedgerTest, AKillWhileTheFileIsMade) {
  for (int round = 0; round < 12; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto made = try_open();
      ::_exit(made ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto database = open();
    ASSERT_NE(database, nullptr);
    EXPECT_EQ(schema_version(*database, runs_schema()), runs_schema().migrations.size());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
}

TEST_P(DatabaseTest, ANewerSchemaIsRefused) {
  ASSERT_TRUE(run_sql(*open(), "INSERT INTO migrations VALUES ('runs', 1000, 'of the future', 0)"));
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(refused.error().message.contains("schema version 1000")) << refused.error().message;
  EXPECT_TRUE(refused.error().hint.contains("newer program")) << refused.error().hint;
}

TEST_F(LedgerTest, FilesThatAreNoDatabase) {
  const auto error_of = [&](const std::string& bytes) {
    std::ofstream(path(), std::ios::binary) << bytes;
    const auto opened = try_open();
    EXPECT_FALSE(opened) << "opened a file of " << bytes.size() << " bytes";
    if (opened) return core::Error(ErrorCode::kIo, "");
    EXPECT_EQ(opened.error().file, path());
    EXPECT_FALSE(opened.error().hint.empty());
    return opened.error();
  };
  EXPECT_TRUE(error_of("").message.contains("empty"));
  EXPECT_EQ(error_of("symbol,side\n" + std::string(10'000, 'x')).code, ErrorCode::kCorrupt);
  std::filesystem::remove(path());
  ASSERT_TRUE(run_sql(**detail::open_sqlite(path(), kPlainWait), "CREATE TABLE t (i INTEGER) STRICT"));
  const auto other = try_open();
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().message.contains("not made by Argosy")) << other.error().message;
}

// A log whose file was deleted is not taken for that of the next one.
TEST_F(LedgerTest, ALogThatIsLeftBehindIsRemoved) {
  {
    const auto database = open();
    make_study(*database, "old");
    std::filesystem::copy_file(path() + "-wal", folder + "/wal");
  }
  std::filesystem::remove(path());
  std::filesystem::rename(folder + "/wal", path() + "-wal");
  const auto fresh = open();
  ASSERT_NE(fresh, nullptr);
  EXPECT_TRUE(texts(*fresh, "SELECT name FROM studies").empty());
  EXPECT_TRUE(check_integrity(*fresh, true));
}

TEST_P(DatabaseTest, ADatabaseOfAnotherNameIsRefused) {
  ASSERT_TRUE(run_sql(*open(), "UPDATE migrations SET database_name = 'trading'"));
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(opened.error().message, "this is the database \"trading\", not \"runs\"");
}

// Bytes changed anywhere in the pages are found when the file is opened, or do no harm to what is read.
TEST_F(LedgerTest, DamageIsFound) {
  {
    const auto database = open();
    const StudyRow study = make_study(*database, "damaged");
    ASSERT_TRUE(
        database->write([&](Transaction& work) { return add_trials(work, make_trials(study.study_id, 0, 2'000)); }));
  }
  const auto whole = core::system_files().read(path());
  ASSERT_TRUE(whole);
  int found = 0;
  constexpr int kPlaces = 12;
  for (int place = 0; place < kPlaces; ++place) {
    std::string damaged = *whole;
    const std::size_t at = 4096 + static_cast<std::size_t>(place) * (damaged.size() / 4096 - 2) / kPlaces * 4096;
    damaged.replace(at, 64, std::string(64, '\xa5'));
    ASSERT_TRUE(core::system_files().write_atomic(path(), damaged));
    const auto opened = try_open();
    if (opened) continue;
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << opened.error().describe();
    ++found;
  }
  EXPECT_EQ(found, kPlaces);
}

TEST_P(DatabaseTest, MigrationsAreAppliedOnceEach) {
  constexpr const char* kFirst[] = {"CREATE TABLE a (x INTEGER) STRICT"};
  constexpr const char* kSecond[] = {"INSERT INTO a VALUES (5)"};
  constexpr const char* kBroken[] = {"INSERT INTO a VALUES (6)", "INSERT INTO nowhere VALUES (1)"};
  const Migration steps[] = {{"first", kFirst}, {"second", kSecond}, {"third", kBroken}};
  const auto version = [&](std::size_t count) {
    return Schema{.name = "x", .migrations = {steps, count}, .tables = {}};
  };
  const auto open_at = [&](std::size_t count) {
    return open_database({.path = location()}, version(count), core::system_files(), clock);
  };
  ASSERT_TRUE(open_at(1));
  const auto outdated =
      open_database({.path = location(), .outdated = Outdated::kFail}, version(2), core::system_files(), clock);
  ASSERT_FALSE(outdated);
  EXPECT_TRUE(outdated.error().hint.contains("argosy db migrate"));
  ASSERT_TRUE(open_at(2));
  ASSERT_TRUE(open_at(2));
  EXPECT_FALSE(open_at(3)) << "a step that fails is an error";
  const auto database = open_at(2);
  ASSERT_TRUE(database) << "and leaves the version before it";
  EXPECT_EQ(texts(**database, "SELECT CAST(x AS TEXT) FROM a"), std::vector<std::string>{"5"});
  EXPECT_EQ(texts(**database, "SELECT name FROM migrations ORDER BY number"),
            (std::vector<std::string>{"first", "second"}));
}

}  // namespace
}  // namespace argosy::ledger

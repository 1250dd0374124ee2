// The N-th allocation fails, N = 1, 2, ..., once and for good (F10): SQLite's own by its hook, ours by an operator new
// that throws. What was being done ends with an error or with std::bad_alloc; nothing of it is stored; with memory
// again the same works, on the same connection. Where a program that is opening a ledger
// ends instead, the next one finds the ledger as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "core/check.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"
#include "live/trading_config.hpp"
#include "simulation/test_build.hpp"

namespace {

// Of allocations since it was armed, the one after `passing` others fails, once or with all that follow.
class Failure {
 public:
  void arm(std::int64_t passing, bool once) {
    left_ = passing;
    once_ = once;
    fired_ = 0;
  }
  // How many failed.
  std::int64_t disarm() {
    left_ = -1;
    return fired_;
  }
  bool fails() {
    if (left_ < 0) return false;
    if (left_ > 0) {
      --left_;
      return false;
    }
    left_ = once_ ? -1 : 0;
    ++fired_;
    return true;
  }

 private:
  std::int64_t left_ = -1;
  bool once_ = true;
  std::int64_t fired_ = 0;
};

Failure of_new;
Failure of_sqlite;

// https://sqlite.org/c3ref/mem_methods.html; before SQLite is used.
sqlite3_mem_methods system_memory;
const bool kIsSet = [] {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &system_memory);
  sqlite3_mem_methods memory = system_memory;
  memory.xMalloc = [](int size) { return of_sqlite.fails() ? nullptr : system_memory.xMalloc(size); };
  memory.xRealloc = [](void* old, int size) { return of_sqlite.fails() ? nullptr : system_memory.xRealloc(old, size); };
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) == SQLITE_OK;
}();

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-no-malloc): what operator new is made of
void* operator new(std::size_t size) {
  void* memory = of_new.fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace argosy::ledger {
namespace {

using core::Result;
using testing::IsEmpty;

// Every so many-th allocation of a unit of work, and as many times more as stands there of what allocates more.
constexpr std::int64_t kEach = simulation::kSanitized ? 13 : 1;

class AllocationFailures : public testing::TestWithParam<Failure*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(kIsSet);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override {
    database.reset();
    std::filesystem::remove_all(folder);
    static_cast<void>(core::take_warning_count());
  }

  Result<void> open() {
    ARGOSY_TRY(database, open_database({.path = folder + "/ledger.db"}, ledger_schema(), core::system_files(), clock));
    return {};
  }
  Result<void> add() {
    return database->write([&](Transaction& work) -> Result<void> {
      std::vector<UserRow> rows;
      for (std::int64_t i = 1; i <= 3; ++i) {
        const std::string name = "a user with a name that needs memory " + std::to_string(added * 3 + i);
        rows.push_back({.user_id = added * 3 + i, .username = name, .email = name + "@localhost"});
      }
      return insert<UserRow>(work, rows);
    });
  }
  Result<std::vector<UserRow>> users() {
    return database->read([](Transaction& work) { return select<UserRow>(work, "ORDER BY user_id"); });
  }
  // On this connection, and as another process sees it.
  void expect_whole() {
    const auto seen = users();
    ASSERT_TRUE(seen) << seen.error().describe();
    EXPECT_EQ(std::ssize(*seen), added * 3);
    const auto report = verify(*database, ledger_schema());
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->findings, IsEmpty());
    const auto other = open_database({.path = folder + "/ledger.db"}, ledger_schema(), core::system_files(), clock);
    ASSERT_TRUE(other) << other.error().describe();
    const auto theirs = (*other)->read([](Transaction& work) { return select<UserRow>(work, "ORDER BY user_id"); });
    ASSERT_TRUE(theirs);
    EXPECT_EQ(std::ssize(*theirs), added * 3);
  }

  enum class End : std::uint8_t { kDone, kError, kThrown };
  // Does it with the failure, for each N until none is left to fail; `after` is told how each ended.
  void each(std::int64_t step, const std::function<Result<void>()>& work, const std::function<void(End)>& after) {
    std::int64_t errors = 0;
    for (const bool once : {true, false}) {
      for (std::int64_t passing = 0;; passing += step) {
        SCOPED_TRACE(testing::Message() << "allocation " << passing + 1 << (once ? " once" : " for good"));
        End end = End::kDone;
        GetParam()->arm(passing, once);
        try {
          const Result<void> done = work();
          if (!done) {
            end = End::kError;
            EXPECT_EQ(done.error().code, core::ErrorCode::kLimit) << done.error().describe();
          }
        } catch (const std::bad_alloc&) {
          end = End::kThrown;
        }
        const std::int64_t fired = GetParam()->disarm();
        errors += end == End::kDone ? 0 : 1;
        after(end);
        if (fired == 0) {
          EXPECT_EQ(end, End::kDone);
          break;
        }
        if (HasFailure()) return;
      }
    }
    EXPECT_GT(errors, 2);
  }

  // The same in child processes, for SOCI ends a program that has no memory left while it makes a statement.
  void each_in_child(std::int64_t step, const std::function<Result<void>()>& work, const std::function<void()>& after) {
    constexpr int kAll = 3;  // nothing failed
    for (const bool once : {true, false}) {
      int code = 0;
      for (std::int64_t passing = 0; code != kAll; passing += step) {
        SCOPED_TRACE(testing::Message() << "allocation " << passing + 1 << (once ? " once" : " for good"));
        const pid_t child = ::fork();
        if (child == 0) {
          ::close(STDERR_FILENO);  // what is said of std::terminate
          ::alarm(60);
          GetParam()->arm(passing, once);
          bool done = false;
          try {
            done = work().has_value();
          } catch (const std::bad_alloc&) {
            ::_exit(0);
          }
          const bool fired = GetParam()->disarm() > 0;
          ::_exit(!fired && done ? kAll : 0);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        const bool is_dead = WIFSIGNALED(status);
        if (is_dead) EXPECT_EQ(WTERMSIG(status), SIGABRT);
        code = is_dead ? 0 : WEXITSTATUS(status);
        after();
        if (HasFailure()) return;
      }
    }
  }

  std::string folder = testing::TempDir() + "/argosy-allocations-" + std::to_string(::getpid());
  core::SimulatedClock clock{*core::parse_rfc3339("2024-11-27T14:30:00Z")};
  std::unique_ptr<Database> database;
  std::int64_t added = 0;
};
INSTANTIATE_TEST_SUITE_P(Of, AllocationFailures, testing::Values(&of_new, &of_sqlite),
                         [](const auto& info) { return info.param == &of_new ? "New" : "Sqlite"; });

TEST_P(AllocationFailures, AUnitOfWorkIsStoredOrNot) {
  ASSERT_TRUE(open());
  each(
      kEach, [&] { return add(); },
      [&](End end) {
        if (end == End::kDone) ++added;
        expect_whole();
        // With memory again, on the same connection.
        const auto again = add();
        ASSERT_TRUE(again) << again.error().describe();
        ++added;
      });
}

TEST_P(AllocationFailures, ALookEndsCleanly) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(add());
  ++added;
  each(
      kEach * 31,
      [&]() -> Result<void> {
        ARGOSY_TRY(const VerifyReport report, verify(*database, ledger_schema()));
        return report.findings.empty() ? Result<void>()
                                       : core::fail(core::ErrorCode::kCorrupt, report.findings.front());
      },
      [&](End) {
        const auto seen = users();
        ASSERT_TRUE(seen) << seen.error().describe();
        EXPECT_EQ(std::ssize(*seen), added * 3);
      });
}

TEST_P(AllocationFailures, ALedgerIsOpenedOrNot) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(add());
  ++added;
  database.reset();
  each_in_child(
      kEach * (GetParam() == &of_sqlite ? 311 : 5), [&] { return open(); },
      [&] {
        ASSERT_TRUE(open());
        expect_whole();
        database.reset();
      });
}

TEST_P(AllocationFailures, ALedgerIsMadeOrNotThere) {
  each_in_child(
      kEach * (GetParam() == &of_sqlite ? 4001 : 131), [&] { return open(); },
      [&] {
        ASSERT_TRUE(open());
        expect_whole();
        database.reset();
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
      });
}

TEST(ConfigurationAllocations, AConfigurationIsReadOrNot) {
  std::string text = *core::system_files().read(std::string(ARGOSY_SOURCE_DIR) + "/samples/config/trading.yaml");
  // But for the brokers' section, which is read by what knows them.
  const std::size_t from = text.find("\nbrokers:");
  text.erase(from, text.find("\n# What no order") - from);
  std::int64_t thrown = 0;
  for (const bool once : {true, false}) {
    for (std::int64_t passing = 0;; passing += kEach * 11) {
      of_new.arm(passing, once);
      bool threw = false;
      try {
        static_cast<void>(live::parse_trading_config(text, "trading.yaml", {}));
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      thrown += threw ? 1 : 0;
      if (of_new.disarm() == 0) break;
      const auto again = live::parse_trading_config(text, "trading.yaml", {});
      ASSERT_TRUE(again) << again.error().describe();
    }
  }
  EXPECT_GT(thrown, 10);
}

}  // namespace
}  // namespace argosy::ledger

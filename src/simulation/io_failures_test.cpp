// The N-th operation on the disk fails, N = 1, 2, ..., once and for good, while a ledger is made, written, verified,
// backed up and brought back, and while the configuration is written and read (F3, F4, F38). Whatever failed, the next
// process finds a ledger that is whole and holds what was acknowledged, and a configuration that is the old one or the
// new one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "core/log.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"
#include "live/trading_config.hpp"
#include "simulation/disk.hpp"
#include "simulation/test_build.hpp"

namespace argosy::simulation {
namespace {

using core::Result;
using testing::IsEmpty;

using Names = std::set<std::string>;

// Every so many-th operation of those that make a ledger, and so many times as many of the others.
constexpr std::int64_t kStep = kSanitized ? 41 : kLong ? 1 : 4;
constexpr std::int64_t kOthers = kLong ? 1 : 3;

class IoFailures : public testing::Test {
 protected:
  void TearDown() override { static_cast<void>(core::take_warning_count()); }

  core::SimulatedClock clock{*core::parse_rfc3339("2024-11-27T14:30:00Z")};
};

// A disk with a ledger, and what was acknowledged to whoever wrote to it.
class Ledger {
 public:
  Ledger(const core::Clock& clock, const std::string& image) : disk(3, clock), clock_(clock) {
    if (image.empty()) return;
    EXPECT_TRUE(disk.files().write_atomic(path(), image));
  }
  [[nodiscard]] std::string path() const { return disk.folder() + "/ledger.db"; }
  [[nodiscard]] std::string backup() const { return disk.folder() + "/backup.db"; }
  Result<std::unique_ptr<ledger::Database>> open() {
    return ledger::open_database({.path = path(), .checked_bytes = UINT64_MAX}, ledger::ledger_schema(), disk.files(),
                                 clock_);
  }
  Result<void> make() {
    ARGOSY_TRY(const auto database, open());
    return {};
  }
  // A unit of work of three rows.
  Result<void> add(ledger::Database& database, std::int64_t number) {
    const std::string name = fmt::format("u{}", number);
    tried.insert(name);
    ARGOSY_TRY_VOID(database.write([&](ledger::Transaction& work) -> Result<void> {
      std::vector<ledger::UserRow> rows;
      for (std::int64_t i = 0; i < 3; ++i) {
        const std::string each = fmt::format("{}.{}", name, i);
        rows.push_back({.user_id = number * 3 + i, .username = each, .email = each + "@localhost"});
      }
      return ledger::insert<ledger::UserRow>(work, rows);
    }));
    acknowledged.insert(name);
    return {};
  }
  // Made, written to, verified, backed up; ends at what fails.
  Result<void> use() {
    ARGOSY_TRY(const auto database, open());
    for (std::int64_t number = 1; number <= 3; ++number) ARGOSY_TRY_VOID(add(*database, number));
    ARGOSY_TRY(const auto report, ledger::verify(*database, ledger::ledger_schema()));
    EXPECT_THAT(report.findings, IsEmpty());
    ARGOSY_TRY(const auto made, ledger::back_up(path(), backup(), ledger::ledger_schema(), disk.files(), clock_));
    return {};
  }
  Result<void> bring_back() {
    ARGOSY_TRY(const auto done, ledger::restore(backup(), path(), ledger::ledger_schema(), disk.files(), clock_));
    return {};
  }
  // What the next process finds.
  Names stored() {
    Names names;
    const auto database = open();
    EXPECT_TRUE(database) << database.error().describe();
    if (!database) return names;
    const auto report = ledger::verify(**database, ledger::ledger_schema());
    EXPECT_TRUE(report && report->findings.empty()) << (report ? report->findings.front() : report.error().describe());
    const auto users =
        (*database)->read([](ledger::Transaction& work) { return ledger::select<ledger::UserRow>(work, ""); });
    EXPECT_TRUE(users);
    std::map<std::string, int> counts;
    for (const ledger::UserRow& row : *users) ++counts[row.username.substr(0, row.username.find('.'))];
    for (const auto& [name, count] : counts) {
      EXPECT_EQ(count, 3) << name << " is there in part";
      names.insert(name);
    }
    return names;
  }

  SimulatedDisk disk;
  Names tried;
  Names acknowledged;

 private:
  const core::Clock& clock_;
};

// All that was acknowledged is there, and at most what failed last: its commit may have been written, and told of as
// failed all the same.
void expect_acknowledged(Ledger& ledger, const std::string& what) {
  const Names stored = ledger.stored();
  EXPECT_TRUE(std::ranges::includes(stored, ledger.acknowledged)) << what << ": what was acknowledged is lost";
  EXPECT_TRUE(std::ranges::includes(ledger.tried, stored)) << what;
  EXPECT_LE(stored.size(), ledger.acknowledged.size() + 1) << what;
}

struct Tried {
  std::int64_t runs = 0;
  std::int64_t failed = 0;
};

// Runs `use` on disks of which the N-th operation fails, until one has fewer.
Tried each_failure(const core::Clock& clock, const std::string& image, const std::function<void(Ledger&)>& prepare,
                   const std::function<Result<void>(Ledger&)>& use, const std::function<void(Ledger&, bool)>& check,
                   std::int64_t step = kStep * kOthers) {
  Tried out;
  for (const bool once : {true, false}) {
    for (std::int64_t passing = 0;; passing += step) {
      Ledger ledger(clock, image);
      prepare(ledger);
      ledger.disk.fail_after(passing, once);
      const auto before = ledger.disk.counts().failed;
      const Result<void> used = use(ledger);
      const bool failed = ledger.disk.counts().failed > before;
      if (!failed) EXPECT_TRUE(used) << used.error().describe();
      if (!used) {
        EXPECT_NE(used.error().message, "");
        ++out.failed;
      }
      ++out.runs;
      ledger.disk.clear_rules();
      if (out.runs % 2 == 0) {
        ledger.disk.restart();
      } else {
        ledger.disk.cut_power();
      }
      SCOPED_TRACE(fmt::format("operation {} fails {}: {}", passing + 1, once ? "once" : "for good",
                               used ? "it works" : used.error().describe()));
      check(ledger, used.has_value());
      if (!failed || testing::Test::HasFailure()) break;
    }
  }
  return out;
}

TEST_F(IoFailures, ALedgerIsMadeOrNotThere) {
  const Tried tried = each_failure(
      clock, "", [](Ledger&) {}, [](Ledger& ledger) { return ledger.make(); },
      [](Ledger& ledger, bool) { EXPECT_THAT(ledger.stored(), IsEmpty()); }, kStep);
  EXPECT_GT(tried.failed, 10);
  fmt::print("made: {} runs, {} ended with an error\n", tried.runs, tried.failed);
}

class IoFailuresOf : public IoFailures {
 protected:
  void SetUp() override {
    Ledger ledger(clock, "");
    ASSERT_TRUE(ledger.open());
    image = *ledger.disk.files().read(ledger.path());
  }
  std::string image;
};

TEST_F(IoFailuresOf, WhatWasAcknowledgedIsThere) {
  const Tried tried = each_failure(
      clock, image, [](Ledger&) {}, [](Ledger& ledger) { return ledger.use(); },
      [](Ledger& ledger, bool) {
        expect_acknowledged(ledger, "after a failure");
        // The backup is whole, or not there.
        const std::string backup = ledger.backup();
        if (!ledger.disk.files().exists(backup)) return;
        EXPECT_EQ(ledger.acknowledged.size(), 3U);
        EXPECT_TRUE(ledger.bring_back());
        expect_acknowledged(ledger, "after its backup was brought back");
      });
  EXPECT_GT(tried.failed, kSanitized ? 5 : 20);
  fmt::print("written, verified and backed up: {} runs, {} ended with an error\n", tried.runs, tried.failed);
}

// Either the rows of before the restoring are there, or those of the backup.
TEST_F(IoFailuresOf, ALedgerIsBroughtBackOrAsItWas) {
  const Tried tried = each_failure(
      clock, image,
      [](Ledger& ledger) {
        ASSERT_TRUE(ledger.use());
        const auto database = ledger.open();
        ASSERT_TRUE(database && ledger.add(**database, 9));
      },
      [](Ledger& ledger) { return ledger.bring_back(); },
      [](Ledger& ledger, bool restored) {
        const Names stored = ledger.stored();
        const Names of_backup{"u1", "u2", "u3"};
        if (restored) {
          EXPECT_EQ(stored, of_backup);
        } else {
          EXPECT_TRUE(stored == of_backup || stored == ledger.acknowledged) << testing::PrintToString(stored);
        }
      });
  EXPECT_GT(tried.failed, kSanitized ? 5 : 20);
  fmt::print("brought back: {} runs, {} ended with an error\n", tried.runs, tried.failed);
}

TEST_F(IoFailures, AConfigurationIsTheOldOneOrTheNewOne) {
  live::TradingConfig config;
  const std::string before = live::render_trading_config(config, {});
  config.feed.quote_interval_ms += 1;
  const std::string after = live::render_trading_config(config, {});
  ASSERT_NE(before, after);
  std::int64_t failures = 0;
  for (const bool once : {true, false}) {
    for (const bool power : {true, false}) {
      bool failed = true;
      for (std::int64_t passing = 0; failed; ++passing) {
        SimulatedDisk disk(5, clock);
        const std::string path = disk.folder() + "/trading.yaml";
        ASSERT_TRUE(disk.files().write_atomic(path, before));
        disk.fail_after(passing, once);
        const Result<void> written = disk.files().write_atomic(path, after);
        const auto read = disk.files().read(path);
        failed = disk.counts().failed > 0;
        failures += failed ? 1 : 0;
        disk.clear_rules();
        if (power) {
          disk.cut_power();
        } else {
          disk.restart();
        }
        const auto found = disk.files().read(path);
        ASSERT_TRUE(found) << passing;
        EXPECT_TRUE(written ? *found == after : *found == before || *found == after) << passing;
        if (read) EXPECT_TRUE(*read == before || *read == after) << passing;
      }
    }
  }
  EXPECT_GT(failures, 10);
}

}  // namespace
}  // namespace argosy::simulation

#include "simulation/disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace argosy::simulation {
namespace {

using core::ErrorCode;
using testing::ElementsAre;

core::SimulatedClock& test_clock() {
  static core::SimulatedClock clock{*core::parse_rfc3339("2024-11-29T15:00:00Z")};
  return clock;
}

// A connection of SQLite's, as the ledger opens one.
class Connection {
 public:
  Connection(SimulatedDisk& disk, const char* synchronous) {
    code_ = sqlite3_open((disk.folder() + "/test.db").c_str(), &handle_);
    if (run("PRAGMA journal_mode = WAL")) run(std::string("PRAGMA synchronous = ") + synchronous);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { sqlite3_close(handle_); }

  bool run(const std::string& sql) {
    code_ = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    return code_ == SQLITE_OK;
  }
  // The last column of the last row; "": there is none.
  std::string ask(const std::string& sql) {
    std::string out;
    code_ = sqlite3_exec(
        handle_, sql.c_str(),
        [](void* to, int columns, char** values, char**) {
          const char* value = values[columns - 1];
          *static_cast<std::string*>(to) = value == nullptr ? "" : value;
          return 0;
        },
        &out, nullptr);
    return out;
  }
  [[nodiscard]] int code() const { return code_ & 0xff; }

 private:
  sqlite3* handle_ = nullptr;
  int code_ = SQLITE_OK;
};

struct Outcome {
  int lost = 0;     // of what was committed
  int damaged = 0;  // databases
  DiskCounts counts;
};

// Commits rows until the disk dies at some moment, of the first work or of what came after a crash before.
Outcome crash_often(const char* synchronous, int seeds) {
  Outcome out;
  for (int seed = 0; seed < seeds; ++seed) {
    SimulatedDisk disk(static_cast<std::uint64_t>(seed), test_clock());
    core::Rng rng(static_cast<std::uint64_t>(seed) + 1'000'000);
    int committed = 0;
    for (int life = 0; life < 4; ++life) {
      {
        Connection connection(disk, synchronous);
        if (life == 0) {
          connection.run("PRAGMA wal_autocheckpoint = 5");
          EXPECT_TRUE(connection.run("CREATE TABLE t (i INTEGER PRIMARY KEY, text TEXT)"));
        }
        disk.freeze_at(disk.changes() + 1 + static_cast<std::int64_t>(rng.below(150)), nullptr);
        connection.run("PRAGMA wal_autocheckpoint = 5");
        while (!disk.is_frozen()) {
          if (connection.run("BEGIN; INSERT INTO t VALUES (" + std::to_string(committed) +
                             ", hex(zeroblob(3000))); UPDATE t SET text = text || 'x' WHERE i % 3 = 0; COMMIT"))
            ++committed;
        }
      }
      disk.cut_power();
      Connection after(disk, synchronous);
      const bool whole = after.ask("PRAGMA integrity_check") == "ok";
      out.damaged += whole ? 0 : 1;
      const std::string count = after.ask("SELECT count(*) FROM t");
      const int there = count.empty() ? 0 : std::stoi(count);
      if (there < committed) ++out.lost;
      if (there < committed || !whole) break;
      EXPECT_LE(there, committed + 1);  // the last one may be there although nobody was told
      committed = there;
    }
    for (std::size_t i = 0; i < out.counts.operations.size(); ++i)
      out.counts.operations[i] += disk.counts().operations[i];
    out.counts.lost_writes += disk.counts().lost_writes;
    out.counts.torn_writes += disk.counts().torn_writes;
    out.counts.lost_names += disk.counts().lost_names;
  }
  return out;
}

TEST(SimulatedDisk, WhatSqliteCommitsOutlivesEveryPowerCut) {
  const Outcome out = crash_often("FULL", 150);
  EXPECT_EQ(out.lost, 0);
  EXPECT_EQ(out.damaged, 0);
  EXPECT_GT(out.counts.lost_writes, 100);
  EXPECT_GT(out.counts.torn_writes, 10);
}

// The disk bites: without syncs the same loses what was committed.
TEST(SimulatedDisk, WithoutSyncsCommitsAreLost) {
  const Outcome out = crash_often("OFF", 30);
  EXPECT_GT(out.lost + out.damaged, 5);
}

TEST(SimulatedDisk, ConnectionsKeepOneAnotherOut) {
  SimulatedDisk disk(1, test_clock());
  Connection one(disk, "FULL");
  Connection other(disk, "FULL");
  ASSERT_TRUE(one.run("CREATE TABLE t (i)"));
  ASSERT_TRUE(one.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)"));
  EXPECT_FALSE(other.run("BEGIN IMMEDIATE"));
  EXPECT_EQ(other.code(), SQLITE_BUSY);
  EXPECT_EQ(other.ask("SELECT count(*) FROM t"), "0");
  ASSERT_TRUE(one.run("COMMIT"));
  EXPECT_EQ(other.ask("SELECT count(*) FROM t"), "1");
  EXPECT_TRUE(other.run("INSERT INTO t VALUES (2)"));
  EXPECT_EQ(one.ask("SELECT count(*) FROM t"), "2");
}

TEST(SimulatedDisk, OperationsFailAsTheyAreTold) {
  struct Case {
    DiskOperation operation;
    DiskFault fault;
    int code;
  };
  const Case cases[] = {
      {DiskOperation::kSync, DiskFault::kIo, SQLITE_IOERR},
      {DiskOperation::kWrite, DiskFault::kIo, SQLITE_IOERR},
      {DiskOperation::kWrite, DiskFault::kFull, SQLITE_FULL},
      {DiskOperation::kWrite, DiskFault::kReadOnly, SQLITE_READONLY},
  };
  for (const auto& [operation, fault, code] : cases) {
    SimulatedDisk disk(1, test_clock());
    Connection connection(disk, "FULL");
    ASSERT_TRUE(connection.run("CREATE TABLE t (i)"));
    disk.add_rule({.operation = operation, .fault = fault, .part = "-wal"});
    EXPECT_FALSE(connection.run("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(connection.code(), code);
    EXPECT_EQ(disk.counts().failed, 1);
    EXPECT_TRUE(connection.run("INSERT INTO t VALUES (2)"));  // once
    EXPECT_EQ(connection.ask("SELECT sum(i) FROM t"), "2");
  }
  SimulatedDisk disk(1, test_clock());
  Connection connection(disk, "FULL");
  ASSERT_TRUE(connection.run("CREATE TABLE t (i)"));
  disk.set_capacity(disk.used() + 10'000);
  EXPECT_FALSE(connection.run("INSERT INTO t VALUES (zeroblob(100000))"));
  EXPECT_EQ(connection.code(), SQLITE_FULL);
  disk.set_capacity(UINT64_MAX);
  EXPECT_TRUE(connection.run("INSERT INTO t VALUES (zeroblob(100000))"));
}

TEST(SimulatedDisk, ASyncThatFailedHasLostWhatItWasFor) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedDisk disk(seed, test_clock());
    const std::string path = disk.folder() + "/log";
    const auto file = *disk.files().open_append(path);
    ASSERT_TRUE(file->append("one"));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(file->append("two"));
    disk.add_rule({.operation = DiskOperation::kSync});
    EXPECT_FALSE(file->sync());
    EXPECT_TRUE(file->sync());  // it says so, and is wrong
    EXPECT_EQ(*disk.files().read(path), "onetwo");
    disk.cut_power();
    EXPECT_EQ(*disk.files().read(path), "one");
    ++lost;
  }
  EXPECT_EQ(lost, 20);
}

// A file that is replaced as one step is the old one or the new one, wherever the power goes.
TEST(SimulatedDisk, FilesAreReplacedWholeOrNotAtAll) {
  bool seen[2] = {};
  for (int step = 1; step <= 6; ++step) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SimulatedDisk disk(seed, test_clock());
      const std::string path = disk.folder() + "/a/manifest.json";
      ASSERT_TRUE(disk.files().write_atomic(path, "old"));
      disk.freeze_at(disk.changes() + step, nullptr);
      const bool done = disk.files().write_atomic(path, "the new one").has_value();
      EXPECT_EQ(done, step == 6);  // it takes five
      disk.cut_power();
      const std::string text = *disk.files().read(path);
      EXPECT_TRUE(text == "the new one" || (text == "old" && !done)) << step << ": " << text;
      seen[text == "old" ? 0 : 1] = true;
    }
  }
  EXPECT_THAT(seen, ElementsAre(true, true));
}

TEST(SimulatedDisk, NamesAreLostFromTheEnd) {
  bool seen[3] = {};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SimulatedDisk disk(seed, test_clock());
    core::Files& files = disk.files();
    const auto one = *files.open_append(disk.folder() + "/one");
    const auto two = *files.open_append(disk.folder() + "/two");
    disk.cut_power();
    EXPECT_TRUE(files.exists(disk.folder() + "/one") || !files.exists(disk.folder() + "/two"));
    seen[files.list(disk.folder())->size()] = true;
  }
  EXPECT_THAT(seen, ElementsAre(true, true, true));
}

TEST(SimulatedDisk, ADeadProcessChangesNothing) {
  SimulatedDisk disk(1, test_clock());
  core::Files& files = disk.files();
  const std::string path = disk.folder() + "/file";
  ASSERT_TRUE(files.write_atomic(path, "old"));
  auto lock = *files.lock(path + ".lock", {});
  EXPECT_EQ(files.lock(path + ".lock", {}).error().code, ErrorCode::kUnavailable);
  bool told = false;
  disk.freeze_at(disk.changes() + 2, [&] { told = true; });
  EXPECT_FALSE(files.write_atomic(path, "new"));
  EXPECT_TRUE(told);
  EXPECT_FALSE(files.remove(path));
  lock.reset();
  disk.restart();
  EXPECT_EQ(*files.read(path), "old");
  EXPECT_TRUE(files.lock(path + ".lock", {}));
  EXPECT_TRUE(files.remove(path));
}

TEST(SimulatedDisk, TheSeedDecides) {
  const auto run = [](std::uint64_t seed) {
    SimulatedDisk disk(seed, test_clock());
    const auto file = *disk.files().open_append(disk.folder() + "/log");
    EXPECT_TRUE(file->append("first"));
    EXPECT_TRUE(file->sync());
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(file->append(std::string(1'000, static_cast<char>('a' + i))));
    EXPECT_TRUE(disk.flip_bits(disk.folder() + "/log", 3));
    disk.cut_power();
    return *disk.files().read(disk.folder() + "/log");
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace argosy::simulation

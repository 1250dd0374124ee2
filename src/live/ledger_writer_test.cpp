#include "live/ledger_writer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <utility>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "ledger/changes.hpp"
#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/load.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"

namespace argosy::live {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

// What becomes of a unit of work that writes.
enum class Fate : std::uint8_t { kTold, kStoredUntold, kTakenBackUntold };

// A database whose server is lost while it stores, so that its answer does not come.
class LossyDatabase final : public ledger::Database {
 public:
  explicit LossyDatabase(ledger::Database& inner) : inner_(inner) {}
  std::function<Fate()> fate = [] { return Fate::kTold; };

  const std::string& name() const override { return inner_.name(); }
  ledger::Dialect dialect() const override { return inner_.dialect(); }

 protected:
  Result<void> run_write(const Work& work) override {
    const Fate now = fate();
    if (now == Fate::kTold) return inner_.write([&](ledger::Transaction& to) { return work(to); });
    const auto done = inner_.write([&](ledger::Transaction& to) -> Result<void> {
      ARGOSY_TRY_VOID(work(to));
      if (now == Fate::kStoredUntold) return {};
      return core::fail(ErrorCode::kIo, "taken back");
    });
    if (!done && done.error().message != "taken back") return done;
    return core::fail(ErrorCode::kUnavailable, "the connection was lost while a unit of work was being stored");
  }
  Result<void> run_read(const Work& work) override {
    return inner_.read([&](ledger::Transaction& from) { return work(from); });
  }

 private:
  ledger::Database& inner_;
};

class LedgerWriterTest : public testing::Test {
 public:
  LedgerWriterTest() {
    std::filesystem::create_directories(folder);
    auto opened =
        ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
    EXPECT_TRUE(opened) << opened.error().describe();
    inner = *std::move(opened);
    const auto holder = ledger::take_ledger(*inner, {.process = "the test", .now = clock.now(), .seed = 1});
    EXPECT_TRUE(holder);
    database = std::make_unique<LossyDatabase>(*inner);
    executor = core::make_simulated_executor(clock);
    LedgerWriter::Hooks hooks;
    hooks.on_written = [this](const std::vector<CommittedIntent>& intents) {
      for (const CommittedIntent& each : intents) sent.push_back(each.order_id);
    };
    hooks.on_stalled = [this](const Error* error) { stalls += error != nullptr ? 1 : 0; };
    hooks.on_failed = [this](const Error& error) { failures.push_back(error); };
    writer = std::make_unique<LedgerWriter>(*database, LedgerWriter::Settings{.fencing = 1}, *executor, *executor,
                                            std::move(hooks));
  }
  ~LedgerWriterTest() override {
    writer.reset();
    std::filesystem::remove_all(folder);
  }

 protected:
  // A batch with events, a notification and an order that is to be sent.
  void write(int events, bool notifies) {
    Batch batch;
    for (int i = 0; i < events; ++i)
      batch.events.push_back({.seq = ++seq, .time = clock.now(), .what = RequestTaken{.kind = "test"}});
    if (notifies) batch.changes.outbox.push_back({.outbox_id = ++outbox, .channel = "log", .severity = "info"});
    batch.intents.push_back({.broker_account_id = 1, .order_id = ++order, .ticket = {}});
    writer->write(std::move(batch));
  }
  void run() {
    executor->call_at(clock.now() + std::chrono::minutes(1), [this] { executor->stop(); });
    executor->run();
  }
  // Each once and in order: what was sent, and what is stored.
  void expect_whole() {
    std::vector<std::int64_t> orders;
    for (std::int64_t i = 1; i <= order; ++i) orders.push_back(i);
    EXPECT_EQ(sent, orders);
    const auto last = inner->read([](ledger::Transaction& work) { return ledger::last_numbers(work); });
    ASSERT_TRUE(last);
    EXPECT_EQ(last->journal, seq);
    EXPECT_EQ(last->outbox, outbox);
    const auto rows =
        inner->read([](ledger::Transaction& work) { return ledger::select<ledger::JournalRow>(work, "ORDER BY seq"); });
    ASSERT_TRUE(rows);
    EXPECT_EQ(std::ssize(*rows), seq);
    EXPECT_TRUE(failures.empty()) << failures.front().describe();
    EXPECT_TRUE(writer->is_idle());
  }

  std::string folder = testing::TempDir() + "/argosy-writer-" + std::to_string(::getpid());
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<core::Executor> executor;
  std::unique_ptr<ledger::Database> inner;
  std::unique_ptr<LossyDatabase> database;
  std::unique_ptr<LedgerWriter> writer;
  std::vector<std::int64_t> sent;
  std::vector<Error> failures;
  int stalls = 0;
  std::int64_t seq = 0;
  std::int64_t outbox = 0;
  std::int64_t order = 0;
};

TEST_F(LedgerWriterTest, WhatWasStoredWithoutAnAnswerIsNotStoredTwice) {
  int asked = 0;
  database->fate = [&] { return ++asked == 1 ? Fate::kStoredUntold : Fate::kTold; };
  write(2, true);
  run();
  EXPECT_EQ(asked, 2) << "the second only looks";
  EXPECT_EQ(stalls, 1);
  write(1, false);
  run();
  expect_whole();
}

TEST_F(LedgerWriterTest, WhatWasTakenBackWithoutAnAnswerIsStoredAgain) {
  int asked = 0;
  database->fate = [&] { return ++asked <= 2 ? Fate::kTakenBackUntold : Fate::kTold; };
  write(2, true);
  write(0, true);
  run();
  EXPECT_EQ(asked, 3);
  expect_whole();
}

TEST_F(LedgerWriterTest, NotificationsAloneAreFoundByTheirNumber) {
  for (const Fate lost : {Fate::kStoredUntold, Fate::kTakenBackUntold}) {
    bool first = true;
    database->fate = [&first, lost] { return std::exchange(first, false) ? lost : Fate::kTold; };
    write(0, true);
    run();
  }
  expect_whole();
}

TEST_F(LedgerWriterTest, NothingIsSentBeforeItIsKnownToBeStored) {
  database->fate = [] { return Fate::kStoredUntold; };
  write(1, false);
  run();
  EXPECT_TRUE(sent.empty());
  EXPECT_FALSE(writer->is_idle());
  database->fate = [] { return Fate::kTold; };
  run();
  expect_whole();
}

// One of 100 commits takes as long or longer, and a commit that hangs shows before it ends.
TEST_F(LedgerWriterTest, HowLongCommitsTakeIsKnown) {
  int commits = 0;
  std::optional<core::Duration> stalled;
  database->fate = [&] {
    ++commits;
    // Two of a hundred are slow.
    clock.advance_to(clock.now() + (commits % 50 == 0 ? std::chrono::milliseconds(80) : std::chrono::milliseconds(1)));
    if (commits == 50) stalled = writer->figures().stalled;
    return Fate::kTold;
  };
  EXPECT_EQ(writer->figures().p99, core::Duration());
  for (int i = 0; i < 100; ++i) {
    write(1, false);
    run();
  }
  EXPECT_EQ(commits, 100);
  EXPECT_EQ(stalled, std::chrono::milliseconds(80));
  EXPECT_EQ(writer->figures().p99, std::chrono::milliseconds(80));
  EXPECT_EQ(writer->figures().last, std::chrono::milliseconds(80));
  EXPECT_EQ(writer->figures().stalled, std::nullopt);
  // The newest alone count.
  database->fate = [&] {
    clock.advance_to(clock.now() + std::chrono::milliseconds(2));
    return Fate::kTold;
  };
  for (std::size_t i = 0; i < LedgerWriter::kRecent; ++i) {
    write(1, false);
    run();
  }
  EXPECT_EQ(writer->figures().p99, std::chrono::milliseconds(2));
  EXPECT_EQ(writer->figures().worst, std::chrono::milliseconds(80));
}

// Whatever is lost, whenever.
TEST_F(LedgerWriterTest, AnyAnswersMayBeLost) {
  std::mt19937 random(7);
  database->fate = [&] { return static_cast<Fate>(random() % 3); };
  for (int i = 0; i < 200; ++i) {
    write(static_cast<int>(random() % 3), random() % 2 == 0);
    if (random() % 4 == 0) run();
  }
  database->fate = [] { return Fate::kTold; };
  run();
  expect_whole();
}

TEST_F(LedgerWriterTest, AnotherHolderIsNotWrittenOver) {
  bool first = true;
  database->fate = [&] { return std::exchange(first, false) ? Fate::kTakenBackUntold : Fate::kTold; };
  write(1, true);
  executor->post([&] { EXPECT_TRUE(ledger::take_ledger(*inner, {.process = "another", .now = clock.now()})); });
  run();
  ASSERT_EQ(failures.size(), 1);
  EXPECT_EQ(failures[0].code, ErrorCode::kConflict);
  EXPECT_TRUE(sent.empty());
}

// A server that came back without what it had stored: what follows would hang in the air.
TEST_F(LedgerWriterTest, AJournalThatLostItsEndEndsTheWriter) {
  write(3, false);
  run();
  EXPECT_EQ(sent.size(), 1);
  bool first = true;
  database->fate = [&] { return std::exchange(first, false) ? Fate::kTakenBackUntold : Fate::kTold; };
  write(1, false);
  executor->post([&] {
    const auto cut =
        inner->write([](ledger::Transaction& work) { return work.execute("DELETE FROM journal WHERE seq > 1"); });
    EXPECT_TRUE(cut) << cut.error().describe();
  });
  run();
  ASSERT_EQ(failures.size(), 1);
  EXPECT_EQ(failures[0].code, ErrorCode::kCorrupt);
  EXPECT_TRUE(failures[0].message.contains("ends with 1 where 3 or 4")) << failures[0].message;
  EXPECT_EQ(sent.size(), 1);
}

}  // namespace
}  // namespace argosy::live

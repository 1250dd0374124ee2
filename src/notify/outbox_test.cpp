#include "notify/outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/executor.hpp"
#include "core/log.hpp"
#include "ledger/records.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::notify {
namespace {

using ledger::OutboxRow;
using ledger::Transaction;
using std::chrono::seconds;

class FakeChannel final : public Notifier {
 public:
  explicit FakeChannel(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string_view channel() const override { return name_; }
  core::Result<void> deliver(const OutboxRow& row) override {
    tried.push_back(row.outbox_id);
    if (failures > 0) {
      --failures;
      return core::fail(core::ErrorCode::kUnavailable, "nobody listens");
    }
    told.push_back(row.outbox_id);
    return {};
  }

  int failures = 0;
  std::vector<std::int64_t> tried;
  std::vector<std::int64_t> told;

 private:
  std::string name_;
};

using Ids = std::vector<std::int64_t>;

class OutboxTest : public ledger::TradingFixture<ledger::LedgerTest> {
 protected:
  OutboxTest() { (void)core::take_warning_count(); }

  void put(std::int64_t id, const std::string& channel, const std::string& severity = "info") {
    const OutboxRow row{.outbox_id = id,
                        .time = clock.now(),
                        .channel = channel,
                        .severity = severity,
                        .subject = "s" + std::to_string(id),
                        .text = "t"};
    const auto done = database->write([&](Transaction& work) { return ledger::insert<OutboxRow>(work, {&row, 1}); });
    EXPECT_TRUE(done.has_value());
  }
  [[nodiscard]] std::vector<OutboxRow> rows() {
    return *database->read([](Transaction& work) { return ledger::select<OutboxRow>(work, "ORDER BY outbox_id"); });
  }

  OutboxSettings settings{.fencing = 1, .attempts = 3, .most_rows = 4};
  FakeChannel letters{"letters"};
  FakeChannel calls{"calls"};
  std::unique_ptr<core::Executor> executor = core::make_simulated_executor(clock);
};

TEST_F(OutboxTest, DeliversInOrderAndMarks) {
  for (std::int64_t id = 1; id <= 6; ++id) put(id, "letters");
  Outbox outbox(*database, settings, {&letters}, *executor);
  EXPECT_EQ(outbox.take_turn()->delivered, 4);  // a turn is bounded
  EXPECT_EQ(outbox.take_turn()->delivered, 2);
  EXPECT_EQ(outbox.take_turn()->delivered, 0);
  EXPECT_EQ(letters.told, (Ids{1, 2, 3, 4, 5, 6}));
  for (const OutboxRow& row : rows()) {
    EXPECT_EQ(row.sent_at, clock.now());
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.error, "");
  }
}

TEST_F(OutboxTest, AChannelThatFailsWaitsLongerAndHoldsBackOnlyItsOwn) {
  put(1, "letters");
  put(2, "calls");
  put(3, "letters");
  letters.failures = 2;
  Outbox outbox(*database, settings, {&letters, &calls}, *executor);
  EXPECT_EQ(outbox.take_turn()->failed, 1);
  EXPECT_EQ(calls.told, Ids{2});
  EXPECT_EQ(letters.tried, Ids{1});
  EXPECT_NE(rows()[0].error.find("nobody listens"), std::string::npos);
  EXPECT_EQ(outbox.take_turn()->failed, 0);  // not due
  clock.advance_to(clock.now() + seconds(1));
  EXPECT_EQ(outbox.take_turn()->failed, 1);
  clock.advance_to(clock.now() + seconds(1));
  EXPECT_EQ(outbox.take_turn()->delivered, 0);  // the second wait is twice as long
  clock.advance_to(clock.now() + seconds(1));
  EXPECT_EQ(outbox.take_turn()->delivered, 2);
  EXPECT_EQ(letters.told, (Ids{1, 3}));
  EXPECT_EQ(rows()[0].attempts, 3);
  EXPECT_EQ(rows()[0].error, "");
}

TEST_F(OutboxTest, GivesUpAndGoesOn) {
  put(1, "letters");
  put(2, "letters");
  letters.failures = 3;
  Outbox outbox(*database, settings, {&letters}, *executor);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(outbox.take_turn().has_value());
    clock.advance_to(clock.now() + seconds(1));
  }
  EXPECT_EQ(letters.tried, (Ids{1, 1, 1, 2}));
  EXPECT_FALSE(rows()[0].sent_at.has_value());
  EXPECT_EQ(rows()[0].attempts, 3);
  EXPECT_TRUE(rows()[1].sent_at.has_value());
}

TEST_F(OutboxTest, ACrashBeforeTheMarkDeliversOnceMore) {
  put(1, "letters");
  {
    // Another process takes the ledger between delivery and mark, as a crash would end this one.
    class Thief final : public Notifier {
     public:
      explicit Thief(ledger::Database& database, Notifier& inner) : database_(database), inner_(inner) {}
      [[nodiscard]] std::string_view channel() const override { return inner_.channel(); }
      core::Result<void> deliver(const OutboxRow& row) override {
        ARGOSY_TRY_VOID(inner_.deliver(row));
        ARGOSY_TRY_VOID(ledger::take_ledger(database_, {.process = "another", .now = ledger::at(9), .seed = 8}));
        return {};
      }

     private:
      ledger::Database& database_;
      Notifier& inner_;
    };
    Thief thief(*database, letters);
    Outbox outbox(*database, settings, {&thief}, *executor);
    EXPECT_FALSE(outbox.take_turn().has_value());
    EXPECT_FALSE(outbox.take_turn().has_value());
    EXPECT_EQ(letters.told, Ids{1});  // a process that has lost the ledger tells nothing more
  }
  EXPECT_FALSE(rows()[0].sent_at.has_value());
  OutboxSettings next = settings;
  next.fencing = 2;
  Outbox outbox(*database, next, {&letters}, *executor);
  EXPECT_EQ(outbox.take_turn()->delivered, 1);
  EXPECT_EQ(outbox.take_turn()->delivered, 0);
  EXPECT_EQ(letters.told, (Ids{1, 1}));
}

TEST_F(OutboxTest, WhatIsNotToBeToldIsMarkedAndSaysWhy) {
  put(1, "letters", "info");
  put(2, "letters", "error");
  put(3, "smoke");
  settings.least_severity = "warning";
  Outbox outbox(*database, settings, {&letters}, *executor);
  EXPECT_EQ(outbox.take_turn()->left_out, 2);
  EXPECT_EQ(letters.told, Ids{2});
  EXPECT_EQ(rows()[0].error, "not delivered: less than warning");
  EXPECT_EQ(rows()[2].error, "not delivered: the channel smoke is off");
  EXPECT_EQ(outbox.take_turn()->left_out, 0);
}

TEST_F(OutboxTest, RunsByItselfUntilItIsDestroyed) {
  auto outbox = std::make_unique<Outbox>(*database, settings, std::vector<Notifier*>{&letters}, *executor);
  outbox->start();
  executor->call_at(clock.now() + seconds(5), [&] { put(1, "letters"); });
  executor->call_at(clock.now() + seconds(10), [&] { outbox.reset(); });
  executor->run();
  EXPECT_EQ(letters.told, Ids{1});
}

TEST_F(OutboxTest, TheLogIsAChannel) {
  put(1, "log", "warning");
  LogNotifier log;
  Outbox outbox(*database, settings, {&log}, *executor);
  testing::internal::CaptureStderr();
  EXPECT_EQ(outbox.take_turn()->delivered, 1);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find(R"("message":"s1","notification":1,"text":"t")"), std::string::npos) << text;
  EXPECT_EQ(core::take_warning_count(), 1);
}

}  // namespace
}  // namespace argosy::notify

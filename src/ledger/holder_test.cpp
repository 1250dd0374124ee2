#include "ledger/holder.hpp"

#include <gtest/gtest.h>

#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

TEST_P(TradingTest, EachHolderHasTheNextNumberAndTheLedgerOneInstance) {
  const auto first = database->read([](Transaction& work) { return current_holder(work); });
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->fencing, 1);
  EXPECT_EQ((*first)->instance.size(), 6);
  const auto next = take_ledger(*database, {.process = "another", .now = at(9), .seed = 8});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->fencing, 2);
  EXPECT_EQ(next->instance, (*first)->instance);
  EXPECT_EQ(next->since, at(9));
}

TEST_P(TradingTest, WhoHasTheLockIsNamed) {
  core::Files& files = core::system_files();
  auto held = lock_ledger(*database, files, ledger_path(), {.process = process_name("argosy serve"), .now = at(5)});
  ASSERT_TRUE(held) << held.error().describe();
  EXPECT_EQ(held->holder.fencing, 2);
  const auto refused = lock_ledger(*database, files, ledger_path(), {.process = "a second one", .now = at(6)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().message.starts_with("argosy serve (host ")) << refused.error().message;
  EXPECT_TRUE(refused.error().message.contains(std::to_string(::getpid()))) << refused.error().message;
  EXPECT_TRUE(refused.error().message.contains("holds the ledger since 2023-11-14T22:13:25Z"))
      << refused.error().message;
  EXPECT_TRUE(write(Changes(), 2)) << "the number of the one who has the lock still holds";
  held->lock.reset();
  EXPECT_TRUE(lock_ledger(*database, files, ledger_path(), {.process = "a second one", .now = at(6)}));
}

// The lock of a server lives in a connection, which may be lost.
TEST_P(TradingTest, ALockThatWasLostIsTakenAgainUnlessAnotherIsFaster) {
  core::Files& files = core::system_files();
  auto first = take_holder_lock(ledger_path(), ledger_schema(), files);
  ASSERT_TRUE(first) << first.error().describe();
  EXPECT_TRUE((*first)->keep());
  const auto refused = take_holder_lock(ledger_path(), ledger_schema(), files, std::chrono::milliseconds(50));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().retryable);
  EXPECT_TRUE(write(Changes())) << "units of work do not wait for it";
  if (!is_server()) return;
  EXPECT_TRUE(take_holder_lock(ledger_path(), runs_schema(), files)) << "each schema has its own";
  const auto cut = [&] {
    server->run("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2");
  };
  cut();
  EXPECT_TRUE((*first)->keep());
  EXPECT_FALSE(take_holder_lock(ledger_path(), ledger_schema(), files)) << "taken again";
  cut();
  const auto second = take_holder_lock(ledger_path(), ledger_schema(), files);
  ASSERT_TRUE(second) << second.error().describe();
  const auto lost = (*first)->keep();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kConflict);
}

TEST_P(TradingTest, ARenewedLedgerHasAnotherInstanceAndAHigherNumber) {
  const auto renewed = renew_ledger(*database, {.process = "restore", .now = at(9), .seed = 8}, 41);
  ASSERT_TRUE(renewed) << renewed.error().describe();
  EXPECT_EQ(renewed->fencing, 42);
  EXPECT_EQ(renew_ledger(*database, {.process = "restore", .now = at(9), .seed = 9}, 7)->fencing, 43);
  const auto instances = texts(*database, "SELECT instance FROM holder");
  ASSERT_EQ(instances.size(), 1);
  EXPECT_NE(instances[0], renewed->instance);
}

TEST_P(TradingTest, WithoutAHolderNothingIsWritten) {
  ASSERT_TRUE(run_sql(*database, "DELETE FROM holder"));
  const auto refused = write(traded());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace argosy::ledger

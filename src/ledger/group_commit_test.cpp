#include "ledger/group_commit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "core/executor_thread.hpp"
#include "core/result.hpp"
#include "ledger/requests.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;
using core::Result;

Database::Work add(const std::string& key) {
  return [key](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(post_request<OrderRequestRow>(
        work, {.request_key = key, .kind = "pause", .payload = "{}", .requested_by = "admin", .requested_at = at(1)}));
    return {};
  };
}

class GroupCommitTest : public TradingTest {
 public:
  void SetUp() override {
    TradingTest::SetUp();
    if (IsSkipped()) return;
    group = std::make_unique<GroupCommit>(*database, thread.executor(), [this] { ++groups; });
  }
  void TearDown() override {
    if (group != nullptr) group->end();
    thread.stop();
    TradingTest::TearDown();
  }

  // What is written until it is freed shares one commit.
  void hold() {
    std::binary_semaphore held(0);
    thread.executor().post([&] {
      held.release();
      free.acquire();
    });
    held.acquire();
  }
  std::set<std::string> stored() {
    std::set<std::string> keys;
    thread.drain();
    for (const OrderRequestRow& row : all<OrderRequestRow>()) keys.insert(row.request_key);
    return keys;
  }

  core::SystemClock real;
  core::ExecutorThread thread{real, "ledger"};
  std::atomic<int> groups = 0;
  std::binary_semaphore free{0};
  std::unique_ptr<GroupCommit> group;
};

TEST_P(GroupCommitTest, WhatComesTogetherIsStoredTogether) {
  hold();
  std::atomic<int> written = 0;
  std::counting_semaphore<> begun(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      begun.release();
      written += group->write(add(std::to_string(i))).has_value() ? 1 : 0;
    });
  }
  for (int i = 0; i < 8; ++i) begun.acquire();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(written, 0);
  free.release();
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(written, 8);
  EXPECT_EQ(stored().size(), 8U);
  // One, unless threads slept before they had begun.
  EXPECT_GE(groups, 1);
  EXPECT_LE(groups, 4);
}

TEST_P(GroupCommitTest, OneThatFailsTakesNoOtherWithIt) {
  hold();
  std::vector<Result<void>> done(3);
  std::vector<std::thread> threads;
  const std::vector<Database::Work> works{add("first"),
                                          [](Transaction& work) -> Result<void> {
                                            ARGOSY_TRY_VOID(work.execute("INSERT INTO no_such_table VALUES (1)"));
                                            return {};
                                          },
                                          add("last")};
  for (std::size_t i = 0; i < works.size(); ++i) {
    threads.emplace_back([&, i] { done[i] = group->write(works[i]); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // in this order, on most machines
  }
  free.release();
  for (std::thread& each : threads) each.join();
  EXPECT_TRUE(done[0]);
  EXPECT_FALSE(done[1]);
  EXPECT_TRUE(done[2]);
  EXPECT_EQ(stored(), (std::set<std::string>{"first", "last"}));
}

TEST_P(GroupCommitTest, AnErrorOfTheCallerStoresNothing) {
  const auto done = group->write([](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(add("half")(work));
    return core::fail(ErrorCode::kConflict, "not this one");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(groups, 0);
}

TEST_P(GroupCommitTest, WhoWaitsAtTheEndIsToldSo) {
  hold();
  Result<void> done;
  std::thread writer([&] { done = group->write(add("late")); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  group->end();
  writer.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  free.release();
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(group->write(add("later")).error().code, ErrorCode::kUnavailable);
}

ARGOSY_ON_EACH_STORE(GroupCommitTest);

}  // namespace
}  // namespace argosy::ledger

#include "live/breaker_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trading/guard_memory.hpp"

namespace argosy::live {
namespace {

BreakerReport report(const trading::BreakerMemory& breaker) {
  trading::GuardMemory memory;
  memory.breaker = breaker;
  const auto made = report_breaker({.broker_account_id = 7, .memory = trading::guard_text(memory), .updated_at = {}});
  EXPECT_TRUE(made) << made.error().describe();
  return made.value_or(BreakerReport());
}

TEST(BreakerReportTest, OneThatWasNeverOpenedHasNoReason) {
  const BreakerReport closed = report({});
  EXPECT_EQ(closed.broker_account_id, 7);
  EXPECT_EQ(closed.state, "closed");
  EXPECT_EQ(closed.rule, "");
  EXPECT_EQ(closed.tripped_at, std::nullopt);
}

TEST(BreakerReportTest, OneThatIsOpenSaysWhyAndUntilWhen) {
  const core::Timestamp at(std::chrono::seconds(1'700'000'000));
  const BreakerReport open = report({.state = 1,
                                     .trips = 2,
                                     .rule = 2,
                                     .unit = 1,
                                     .value = 600'000'000,
                                     .limit = 500'000'000,
                                     .tripped_at = at,
                                     .until = at + std::chrono::hours(1)});
  EXPECT_EQ(open.state, "open");
  EXPECT_EQ(open.trips, 2);
  EXPECT_EQ(open.why, "daily_loss: 600 of 500");
  EXPECT_EQ(open.tripped_at, at);
  EXPECT_EQ(open.until, at + std::chrono::hours(1));
  EXPECT_EQ(report({.state = 2, .trips = 1, .rule = 8, .tripped_at = at}).why, "by_hand");
}

TEST(BreakerReportTest, WhatIsNoMemoryIsSaidToBeCorrupt) {
  const auto made = report_breaker({.broker_account_id = 7, .memory = "{}", .updated_at = {}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, core::ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace argosy::live

// What watches over an account beside the single order, as a desk drives it: the circuit breaker and losses of the day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "live/desk.hpp"
#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;
using trading::BreakerState;
using trading::ReportedState;

BreakerState breaker_of(Rig& rig) { return rig.desk().gate().guard().breaker().state(rig.now()); }

// Buys, and sells a dollar lower.
void lose(Rig& rig) {
  rig.run(seconds(11));
  rig.buy();
  rig.ask("close_position", R"({"id": 1})");
  rig.say(rig.filled(rig.last(), "99", rig.last().quantity.to_string().c_str()));
  rig.set_account(rig.book().cash_of(1).to_string().c_str());
}

TEST(DeskGuard, ATrippedBreakerAndTheDaysLossOutliveARestart) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.daily_loss = trading::Limit<trading::Allowance>::of(trading::Allowance::of_money(money("500")));
  Rig rig({.limits = limits});
  rig.make_service();
  rig.buy();  // 99 shares at 100
  rig.run(seconds(61));
  rig.quote("96", "96.1");
  rig.run(seconds(61));  // 400 lost of the 500 of the day
  EXPECT_EQ(breaker_of(rig), BreakerState::kClosed);
  rig.restart();
  rig.quote("94.5", "94.6");  // 546 in all; only 148 since the restart
  rig.run(seconds(61));
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
  rig.restart();
  trading::CircuitBreaker& breaker = rig.desk().gate().guard().breaker();
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
  EXPECT_EQ(breaker.trip().rule, trading::BreakerRule::kDailyLoss);
  rig.ask("breaker_reset", R"({"id": 1})");
  EXPECT_EQ(breaker_of(rig), BreakerState::kClosed);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskGuard, MoneyThatIsTakenOutIsNoLoss) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.daily_loss = trading::Limit<trading::Allowance>::of(trading::Allowance::of_money(money("500")));
  Rig rig({.limits = limits});
  rig.ask("portfolio_withdraw", R"({"amount": "40000"})");
  rig.set_account("60000");
  rig.run(seconds(130));
  EXPECT_EQ(breaker_of(rig), BreakerState::kClosed);
}

TEST(DeskGuard, TransactionsThatLoseCountForTheBreaker) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.consecutive_losses = trading::Limit<std::int64_t>::of(1);
  Rig rig({.limits = limits});
  rig.make_service();
  rig.buy();
  rig.ask("close_position", R"({"id": 1})");
  rig.say(rig.filled(rig.last(), "99", rig.last().quantity.to_string().c_str()));
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
}

// What is written once a minute would be forgotten by whoever dies in between.
TEST(DeskGuard, ALossCountsThoughTheProcessDiesJustAfterIt) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.consecutive_losses = trading::Limit<std::int64_t>::of(2);
  Rig rig({.limits = limits});
  rig.make_service();
  lose(rig);
  rig.restart();
  EXPECT_EQ(breaker_of(rig), BreakerState::kClosed);
  lose(rig);
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
  rig.restart();
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskGuard, AnEntryOfTheTrialCountsThoughTheProcessDiesJustAfterIt) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.consecutive_losses = trading::Limit<std::int64_t>::of(1);
  limits.breaker.cool_down = trading::Limit<core::Duration>::of(std::chrono::minutes(10));
  limits.breaker.trial_trades = trading::Limit<std::int64_t>::of(1);
  Rig rig({.limits = limits});
  rig.make_service();
  lose(rig);
  EXPECT_EQ(breaker_of(rig), BreakerState::kOpen);
  rig.run(std::chrono::minutes(11));
  EXPECT_EQ(breaker_of(rig), BreakerState::kHalfOpen);
  rig.order();
  ASSERT_THAT(rig.rows<ledger::OrderRow>("WHERE state = 'submitted'"), SizeIs(1));
  rig.restart();
  EXPECT_EQ(rig.desk().gate().guard().breaker().allows_entries(rig.now()), trading::BreakerAnswer::kTrialUsed);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskGuard, WhatTheBrokerRejectedBeforeARestartCountsAfterIt) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.breaker.reject_rate = trading::Limit<trading::FailureRate>::of(
      {.share = *trading::Rate::parse("0.9"), .within = std::chrono::hours(1), .least = 2});
  Rig rig({.limits = limits});
  rig.make_service();
  const auto reject_one = [&] {
    rig.decide(true);
    rig.quote("99.9", "100");
    rig.say(rig.report(rig.last(), ReportedState::kRejected));
    return breaker_of(rig);
  };
  EXPECT_EQ(reject_one(), BreakerState::kClosed);
  rig.run(seconds(61));
  rig.restart();
  rig.run(seconds(11));
  EXPECT_EQ(reject_one(), BreakerState::kOpen);
  EXPECT_EQ(rig.desk().gate().guard().breaker().trip().rule, trading::BreakerRule::kRejectRate);
}

}  // namespace
}  // namespace argosy::live

#include "trading/circuit_breaker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

Timestamp at(const char* text) { return *core::parse_rfc3339(text); }
Money money(std::int64_t whole) { return Money::from_integer(whole); }
Allowance share(const char* text) { return Allowance::of_share(*Rate::parse(text)); }

BreakerLimits none() { return unlimited<BreakerLimits>(); }
// Every rule, with a cool-down of an hour and a trial of two trades.
BreakerLimits strict() {
  BreakerLimits limits = none();
  limits.consecutive_losses = Limit<std::int64_t>::of(3);
  limits.daily_loss = Limit<Allowance>::of(share("0.02"));
  limits.drawdown = Limit<Allowance>::of(share("0.1"));
  limits.loss_velocity = Limit<LossVelocity>::of({Allowance::of_money(money(150)), 10min});
  limits.error_rate = Limit<FailureRate>::of({*Rate::parse("0.5"), 10min, 4});
  limits.reject_rate = Limit<FailureRate>::of({*Rate::parse("0.3"), 10min, 5});
  limits.cool_down = Limit<core::Duration>::of(1h);
  limits.trial_trades = Limit<std::int64_t>::of(2);
  return limits;
}
const DayStart kNewYork{"America/New_York", 0h};
const Timestamp kStart = at("2024-03-04T14:30:00Z");

TEST(CircuitBreaker, AllowsUntilARuleIsReached) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kAllowed);
  EXPECT_EQ(breaker.state(kStart), BreakerState::kClosed);
  EXPECT_EQ(breaker.trips(), 0);
}

TEST(CircuitBreaker, LossesInARow) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  for (const std::int64_t profit : {-5, -5, 0, -5, -5}) breaker.on_trade(kStart, money(profit));
  EXPECT_EQ(breaker.state(kStart), BreakerState::kClosed) << "a trade that loses nothing ends the row";
  breaker.on_trade(kStart + 1s, money(-5));
  EXPECT_EQ(breaker.state(kStart + 1s), BreakerState::kOpen);
  EXPECT_EQ(breaker.trip().rule, BreakerRule::kConsecutiveLosses);
  EXPECT_EQ(breaker.trip().numbers.to_string(), "3 of 3");
  EXPECT_EQ(breaker.trip().at, kStart + 1s);
  EXPECT_EQ(breaker.trip().until, kStart + 1s + 1h);
}

struct Loss {
  const char* name;
  std::vector<std::pair<core::Duration, std::int64_t>> equities;  // after kStart
  BreakerRule rule;
  const char* numbers;
};

TEST(CircuitBreaker, LossesOfEquity) {
  const Loss losses[] = {
      {"just less than every rule", {{0h, 10'000}, {20min, 9'860}, {40min, 9'801}}, BreakerRule::kNone, ""},
      {"the day's loss", {{0h, 10'000}, {20min, 9'900}, {40min, 9'800}}, BreakerRule::kDailyLoss, "200 of 200"},
      {"the night's gap counts to the day", {{0h, 10'000}, {24h, 9'800}}, BreakerRule::kDailyLoss, "200 of 200"},
      {"a day's loss does not add to the next one's",
       {{0h, 10'000}, {1h, 9'850}, {24h, 9'840}, {25h, 9'660}},
       BreakerRule::kNone,
       ""},
      {"from the peak, over days",
       {{0h, 10'000},
        {24h, 9'850},
        {48h, 9'700},
        {72h, 9'550},
        {96h, 9'400},
        {120h, 9'250},
        {144h, 9'100},
        {168h, 9'000}},
       BreakerRule::kDrawdown,
       "1000 of 1000"},
      {"fast", {{0h, 10'000}, {9min, 9'849}}, BreakerRule::kLossVelocity, "151 of 150"},
      {"from the highest within the time",
       {{0h, 10'000}, {5min, 10'100}, {11min, 9'950}},
       BreakerRule::kLossVelocity,
       "150 of 150"},
      {"the same loss more slowly", {{0h, 10'000}, {10min, 9'850}}, BreakerRule::kNone, ""},
  };
  for (const Loss& loss : losses) {
    CircuitBreaker breaker(strict(), kNewYork);
    for (const auto& [after, equity] : loss.equities) breaker.on_equity(kStart + after, money(equity));
    EXPECT_EQ(to_string(breaker.trip().rule), to_string(loss.rule)) << loss.name;
    EXPECT_EQ(breaker.trip().numbers.to_string(), loss.numbers) << loss.name;
  }
}

TEST(CircuitBreaker, RatesOfFailures) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  for (int i = 0; i < 2; ++i) breaker.on_order(kStart + 1min * i, true);
  EXPECT_EQ(breaker.state(kStart + 2min), BreakerState::kClosed) << "too few to be a rate";
  for (int i = 12; i < 21; ++i) breaker.on_order(kStart + 1min * i, false);
  for (int i = 21; i < 23; ++i) breaker.on_order(kStart + 1min * i, true);
  EXPECT_EQ(breaker.state(kStart + 22min), BreakerState::kClosed) << "the old ones are forgotten";
  breaker.on_order(kStart + 23min, true);
  EXPECT_EQ(breaker.trip().rule, BreakerRule::kRejectRate);
  EXPECT_EQ(breaker.trip().numbers.to_string(), "30% of 30%");

  CircuitBreaker calls(strict(), kNewYork);
  calls.on_equity(kStart, money(10'000));
  for (const bool failed : {true, false, false, true}) calls.on_call(kStart, failed);
  EXPECT_EQ(calls.trip().rule, BreakerRule::kErrorRate);
}

// Opens a breaker by losses in a row at `now`.
void lose(CircuitBreaker& breaker, Timestamp now) {
  for (int i = 0; i < 3; ++i) breaker.on_trade(now, money(-1));
}

TEST(CircuitBreaker, ClosesInSteps) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  lose(breaker, kStart);
  EXPECT_EQ(breaker.allows_entries(kStart + 1h - 1ns), BreakerAnswer::kOpen);
  const Timestamp after = kStart + 1h;
  EXPECT_EQ(breaker.allows_entries(after), BreakerAnswer::kAllowed);
  EXPECT_EQ(breaker.state(after), BreakerState::kHalfOpen);
  breaker.on_trade(after, money(5));  // of a position from before
  breaker.on_entry(after);
  EXPECT_EQ(breaker.allows_entries(after), BreakerAnswer::kAllowed);
  breaker.on_entry(after);
  EXPECT_EQ(breaker.allows_entries(after), BreakerAnswer::kTrialUsed);
  breaker.on_trade(after, money(1));
  EXPECT_EQ(breaker.state(after), BreakerState::kHalfOpen);
  breaker.on_trade(after, money(0));
  EXPECT_EQ(breaker.state(after), BreakerState::kClosed);
  EXPECT_EQ(breaker.allows_entries(after), BreakerAnswer::kAllowed);
}

TEST(CircuitBreaker, ALossInTheTrialOpensItAgain) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  lose(breaker, kStart);
  const Timestamp after = kStart + 2h;
  breaker.on_entry(after);
  breaker.on_trade(after, money(-1));
  EXPECT_EQ(breaker.state(after), BreakerState::kOpen);
  EXPECT_EQ(breaker.trip().rule, BreakerRule::kTrialLoss);
  EXPECT_EQ(breaker.trip().until, after + 1h);
  EXPECT_EQ(breaker.trips(), 2);
}

TEST(CircuitBreaker, TheDaysLossHoldsUntilTheDayIsOver) {
  CircuitBreaker breaker(strict(), kNewYork);
  breaker.on_equity(kStart, money(10'000));
  breaker.on_equity(kStart + 20min, money(9'900));
  breaker.on_equity(kStart + 40min, money(9'790));
  EXPECT_EQ(breaker.state(kStart + 5h), BreakerState::kOpen) << "the cool-down is over, the loss is not";
  EXPECT_EQ(breaker.state(at("2024-03-05T04:59:59Z")), BreakerState::kOpen);
  EXPECT_EQ(breaker.state(at("2024-03-05T05:00:00Z")), BreakerState::kHalfOpen);
}

TEST(CircuitBreaker, DrawdownIsMeasuredAnewAfterTheCoolDown) {
  BreakerLimits limits = none();
  limits.drawdown = Limit<Allowance>::of(share("0.1"));
  limits.cool_down = Limit<core::Duration>::of(1h);
  CircuitBreaker breaker(limits, kNewYork);
  breaker.on_equity(kStart, money(10'000));
  breaker.on_equity(kStart + 1s, money(9'000));
  EXPECT_EQ(breaker.state(kStart + 2s), BreakerState::kOpen);
  EXPECT_EQ(breaker.state(kStart + 1h + 1s), BreakerState::kClosed) << "without a trial it closes at once";
  breaker.on_equity(kStart + 2h, money(8'101));
  EXPECT_EQ(breaker.state(kStart + 2h), BreakerState::kClosed);
  breaker.on_equity(kStart + 3h, money(8'100));
  EXPECT_EQ(breaker.state(kStart + 3h), BreakerState::kOpen);
}

TEST(CircuitBreaker, ByHand) {
  BreakerLimits limits = strict();
  limits.cool_down = Limit<core::Duration>::unlimited();
  CircuitBreaker breaker(limits, kNewYork);
  breaker.on_equity(kStart, money(10'000));
  breaker.on_equity(kStart + 1h, money(8'000));
  EXPECT_EQ(breaker.trip().until, std::nullopt);
  EXPECT_EQ(breaker.allows_entries(kStart + 1000h), BreakerAnswer::kOpen);
  breaker.reset(kStart + 1001h);
  EXPECT_EQ(breaker.allows_entries(kStart + 1001h), BreakerAnswer::kAllowed);
  breaker.on_equity(kStart + 1001h, money(7'999));
  EXPECT_EQ(breaker.state(kStart + 1001h), BreakerState::kClosed) << "measured from the equity of the reset";

  CircuitBreaker stopped(strict(), kNewYork);
  stopped.on_equity(kStart, money(10'000));
  stopped.open(kStart);
  EXPECT_EQ(stopped.trip().rule, BreakerRule::kByHand);
  EXPECT_EQ(stopped.allows_entries(kStart + 1000h), BreakerAnswer::kOpen) << "no cool-down ends it";
}

TEST(CircuitBreaker, WhatIsMissingBlocks) {
  CircuitBreaker breaker(strict(), kNewYork);
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kUnknownEquity) << "before the first";
  breaker.on_equity(kStart, money(10'000));
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kAllowed);
  breaker.on_equity(kStart, known_money(std::nan("")));
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kUnknownEquity);
  EXPECT_EQ(breaker.state(kStart), BreakerState::kClosed) << "it does not open it either";
  breaker.on_equity(kStart, money(9'950));
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kAllowed);
  for (int i = 0; i < 3; ++i) breaker.on_trade(kStart, std::nullopt);
  EXPECT_EQ(breaker.trip().rule, BreakerRule::kConsecutiveLosses) << "a profit that is missing is a loss";
  breaker.on_equity(kStart + 30min, std::nullopt);
  EXPECT_EQ(breaker.state(kStart + 2h), BreakerState::kOpen) << "it stays open while the equity is missing";
  breaker.on_equity(kStart + 2h, money(9'950));
  EXPECT_EQ(breaker.state(kStart + 2h), BreakerState::kHalfOpen);

  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 1e300, -1e300})
    EXPECT_EQ(known_money(bad), std::nullopt);
  EXPECT_EQ(known_money(12.5), *Money::parse("12.5"));
}

TEST(CircuitBreaker, WhatIsNotSetBlocks) {
  for (const auto& field : limit_fields<BreakerLimits>()) {
    BreakerLimits limits = none();
    std::visit([&](auto member) { limits.*member = {}; }, field.member);
    CircuitBreaker breaker(limits, kNewYork);
    breaker.on_equity(kStart, money(1));
    EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kNotSet);
    EXPECT_EQ(breaker.unset(), field.name);
  }
  CircuitBreaker all(none(), kNewYork);
  EXPECT_EQ(all.allows_entries(kStart), BreakerAnswer::kAllowed) << "no rule needs an equity";
}

// Any events in any order, an instant apart or hours.
struct Event {
  int kind;
  std::int64_t value;
  core::Duration after;
};
rc::Gen<std::vector<Event>> events() {
  return rc::gen::container<std::vector<Event>>(rc::gen::construct<Event>(
      rc::gen::inRange(0, 7), rc::gen::inRange<std::int64_t>(-300, 300),
      rc::gen::map(rc::gen::inRange(0, 4'000), [](int seconds) { return core::Duration(1s) * seconds; })));
}
void play(CircuitBreaker& breaker, const Event& event, Timestamp now, Money& equity) {
  switch (event.kind) {
    case 0:
      breaker.on_trade(now, money(event.value));
      break;
    case 1:
      breaker.on_trade(now, std::nullopt);
      break;
    case 2:
      breaker.on_order(now, event.value < 0);
      break;
    case 3:
      breaker.on_call(now, event.value < 0);
      break;
    case 4:
      breaker.on_entry(now);
      break;
    case 5:
      breaker.on_equity(now, std::nullopt);
      break;
    default:
      equity += money(event.value);
      breaker.on_equity(now, equity);
  }
}

RC_GTEST_PROP(CircuitBreakerProperties, NeverClosesBeforeTheCoolDown, ()) {
  CircuitBreaker breaker(strict(), kNewYork);
  Timestamp now = kStart;
  Money equity = money(10'000);
  breaker.on_equity(now, equity);
  std::optional<Timestamp> opened;
  for (const Event& event : *events()) {
    now += event.after;
    play(breaker, event, now, equity);
    const BreakerState state = breaker.state(now);
    if (opened && state != BreakerState::kOpen) {
      RC_ASSERT(now >= *opened + 1h);
      RC_ASSERT(state == BreakerState::kHalfOpen);
    }
    RC_ASSERT((state == BreakerState::kOpen) == (breaker.allows_entries(now) == BreakerAnswer::kOpen));
    opened = state == BreakerState::kOpen ? std::optional(breaker.trip().at) : std::nullopt;
  }
}

RC_GTEST_PROP(CircuitBreakerProperties, NothingPassesWithoutAKnownEquity, ()) {
  CircuitBreaker breaker(strict(), kNewYork);
  Timestamp now = kStart;
  Money equity = money(10'000);
  bool known = false;
  for (const Event& event : *events()) {
    now += event.after;
    play(breaker, event, now, equity);
    if (event.kind >= 5) known = event.kind > 5;
    if (!known) RC_ASSERT(breaker.allows_entries(now) != BreakerAnswer::kAllowed);
  }
}

RC_GTEST_PROP(CircuitBreakerProperties, TheSameEventsGiveTheSameStates, ()) {
  const auto all = *events();
  std::vector<std::pair<BreakerState, BreakerRule>> seen[2];
  for (auto& states : seen) {
    CircuitBreaker breaker(strict(), kNewYork);
    Timestamp now = kStart;
    Money equity = money(10'000);
    for (const Event& event : all) {
      now += event.after;
      play(breaker, event, now, equity);
      states.emplace_back(breaker.state(now), breaker.trip().rule);
    }
  }
  RC_ASSERT(seen[0] == seen[1]);
}

// Losses below the limit each day never trip the daily rule, whatever the days' lengths.
RC_GTEST_PROP(CircuitBreakerProperties, TheDailyLossBeginsAnewEachDay, ()) {
  BreakerLimits limits = none();
  limits.daily_loss = Limit<Allowance>::of(Allowance::of_money(money(100)));
  const DayStart day{"America/Chicago", std::chrono::hours(*rc::gen::inRange(0, 24))};
  CircuitBreaker breaker(limits, day);
  TradingDays days(day);
  Money equity = money(1'000'000);
  breaker.on_equity(at("2024-02-26T12:00:00Z"), equity);
  core::Date today = core::Date::from_ymd(2024, 2, 28);
  const std::int32_t count = *rc::gen::inRange(1, 400);  // over both changes of the clocks
  for (std::int32_t i = 0; i < count; ++i) {
    const Timestamp begin = days.begin_of(today.plus_days(i));
    const Timestamp last = days.begin_of(today.plus_days(i + 1)) - 1ns;
    breaker.on_equity(begin, equity - money(40));
    equity -= money(99);
    breaker.on_equity(last, equity);
    RC_ASSERT(breaker.state(last) == BreakerState::kClosed);
  }
}

}  // namespace
}  // namespace argosy::trading

#include "trading/guard_memory.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "core/rng.hpp"
#include "trading/guard.hpp"
#include "trading/switch_trial.hpp"

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

const Timestamp kStart = *core::parse_rfc3339("2024-03-04T14:30:00Z");
Money money(std::int64_t whole) { return Money::from_integer(whole); }

// Every rule that is remembered whole: the window of loss_velocity is not.
LimitProfile strict(bool prop) {
  LimitProfile profile = LimitProfile::backtest();
  profile.breaker.consecutive_losses = Limit<std::int64_t>::of(3);
  profile.breaker.daily_loss = Limit<Allowance>::of(Allowance::of_money(money(700)));
  profile.breaker.drawdown = Limit<Allowance>::of(Allowance::of_money(money(1'500)));
  profile.breaker.reject_rate = Limit<FailureRate>::of({.share = *Rate::parse("0.4"), .within = 3h, .least = 12});
  profile.breaker.error_rate = Limit<FailureRate>::of({.share = *Rate::parse("0.5"), .within = 2h, .least = 8});
  profile.breaker.cool_down = Limit<core::Duration>::of(2h);
  profile.breaker.trial_trades = Limit<std::int64_t>::of(2);
  if (prop) {
    profile.prop = unlimited<PropLimits>();
    profile.prop->daily_loss = Limit<DailyLoss>::of({Allowance::of_money(money(900)), false});
    profile.prop->trailing_drawdown =
        Limit<TrailingLoss>::of({Allowance::of_money(money(4'000)), TrailingLoss::From::kEndOfDay, false});
  }
  return profile;
}

struct Account {
  Money equity = money(50'000);
  // Something happens to both alike.
  void step(core::Rng& rng, Timestamp now, std::initializer_list<Guard*> guards) {
    equity += money(static_cast<std::int64_t>(rng.below(401)) - 205);
    const Money profit = money(static_cast<std::int64_t>(rng.below(101)) - 50);
    const bool trades = rng.below(3) == 0;
    const auto orders = rng.below(3);
    const bool rejected = rng.below(5) == 0;
    const bool failed = rng.below(4) == 0;
    for (Guard* guard : guards) {
      guard->on_equity(now, equity);
      for (std::uint64_t i = 0; i < orders; ++i) guard->breaker().on_order(now, rejected);
      guard->on_call(now, failed);
      if (guard->allows_entries(now)) guard->breaker().on_entry(now);
      if (trades) guard->on_trade(now, profit);
    }
  }
};

TEST(GuardMemory, AGuardThatIsRestoredAnywhereAnswersLikeOneThatNeverEnded) {
  int tripped = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    core::Rng rng(seed);
    const LimitProfile profile = strict(seed % 2 == 1);
    Guard kept(profile, money(50'000));
    Account account;
    Timestamp now = kStart;
    const auto before = rng.below(120);
    for (std::uint64_t i = 0; i < before; ++i, now += 20min) account.step(rng, now, {&kept});
    // It begins with another balance, and is told what it was.
    Guard restored(profile, account.equity);
    const auto memory = parse_guard(guard_text(kept.memory()));
    ASSERT_TRUE(memory) << memory.error().message;
    restored.restore(*memory);
    EXPECT_EQ(guard_text(restored.memory()), guard_text(kept.memory())) << "seed " << seed;
    for (int i = 0; i < 120; ++i, now += 20min) {
      account.step(rng, now, {&kept, &restored});
      ASSERT_EQ(kept.allows_entries(now), restored.allows_entries(now)) << "seed " << seed << ", step " << i;
      ASSERT_EQ(kept.must_flatten(now), restored.must_flatten(now)) << "seed " << seed << ", step " << i;
      ASSERT_EQ(kept.breaker().state(now), restored.breaker().state(now)) << "seed " << seed << ", step " << i;
    }
    EXPECT_EQ(guard_text(restored.memory()), guard_text(kept.memory())) << "seed " << seed;
    tripped += kept.breaker().trips() > 0 ? 1 : 0;
  }
  EXPECT_GT(tripped, 50);
}

// The windows of the two rates: what failed before the restart counts after it, until its time is over.
TEST(GuardMemory, FailuresBeforeARestartCountAfterIt) {
  struct Case {
    core::Duration pause;
    BreakerState state;
  };
  for (const auto& [pause, state] : {Case{1min, BreakerState::kOpen}, Case{10min, BreakerState::kClosed}}) {
    for (const bool calls : {false, true}) {
      LimitProfile profile = LimitProfile::backtest();
      const FailureRate rate{.share = *Rate::parse("0.5"), .within = 10min, .least = 4};
      (calls ? profile.breaker.error_rate : profile.breaker.reject_rate) = Limit<FailureRate>::of(rate);
      const auto tell = [&](CircuitBreaker& breaker, Timestamp now, bool failed) {
        calls ? breaker.on_call(now, failed) : breaker.on_order(now, failed);
      };
      CircuitBreaker kept(profile.breaker, {});
      for (const bool failed : {true, false, true}) tell(kept, kStart + 1s, failed);
      GuardMemory memory;
      memory.breaker = kept.memory();
      CircuitBreaker restored(profile.breaker, {});
      restored.restore(parse_guard(guard_text(memory))->breaker);
      tell(restored, kStart + 1s + pause, false);
      EXPECT_EQ(restored.state(kStart + 1s + pause), state) << (calls ? "calls" : "orders");
    }
  }
}

// A day of orders is not written each minute.
TEST(GuardMemory, OfManyAnswersTheNewestAreRemembered) {
  LimitProfile profile = LimitProfile::backtest();
  profile.breaker.reject_rate = Limit<FailureRate>::of({.share = *Rate::parse("0.9"), .within = 24h, .least = 10});
  CircuitBreaker breaker(profile.breaker, {});
  for (int i = 0; i < 2'000; ++i) breaker.on_order(kStart + i * 1s, i >= 1'900);
  GuardMemory memory;
  memory.breaker = breaker.memory();
  const auto orders = parse_guard(guard_text(memory))->breaker.orders;
  ASSERT_EQ(orders.size(), kRememberedAnswers);
  EXPECT_EQ(orders.back(), (AnswerMemory{.time = kStart + 1'999s, .failed = true}));
  EXPECT_EQ(orders.front(), (AnswerMemory{.time = kStart + 1'500s, .failed = false}));
  EXPECT_LT(guard_text(memory).size(), 8'000U);
}

TEST(GuardMemory, MoneyThatComesOrGoesIsNoProfitAndNoLoss) {
  Guard guard(strict(false), money(50'000));
  guard.on_equity(kStart, money(50'000));
  guard.on_flow(money(-20'000));
  guard.on_equity(kStart + 1min, money(30'000));
  EXPECT_EQ(guard.breaker().state(kStart + 1min), BreakerState::kClosed);
  EXPECT_EQ(guard.peak(), money(30'000));
  EXPECT_EQ(guard.day_base(kStart + 1min), money(30'000));
  guard.on_flow(money(1'000));
  guard.on_equity(kStart + 2min, money(30'299));  // 701 lost
  EXPECT_EQ(guard.breaker().state(kStart + 2min), BreakerState::kOpen);
}

TEST(GuardMemory, TheHighestEquityOfTheWindowIsRemembered) {
  LimitProfile profile = LimitProfile::backtest();
  profile.breaker.loss_velocity = Limit<LossVelocity>::of({Allowance::of_money(money(100)), 10min});
  Guard kept(profile, money(1'000));
  kept.on_equity(kStart, money(1'000));
  kept.on_equity(kStart + 1min, money(940));
  Guard restored(profile, money(940));
  restored.restore(*parse_guard(guard_text(kept.memory())));
  restored.on_equity(kStart + 2min, money(899));
  EXPECT_EQ(restored.breaker().trip().rule, BreakerRule::kLossVelocity);
}

TEST(GuardMemory, ATrialThatTheConfigurationNoLongerKnowsIsOver) {
  BreakerMemory memory;
  memory.state = static_cast<std::int64_t>(BreakerState::kHalfOpen);
  CircuitBreaker breaker(unlimited<BreakerLimits>(), {});
  breaker.restore(memory);
  EXPECT_EQ(breaker.allows_entries(kStart), BreakerAnswer::kAllowed);
  breaker.on_trade(kStart, money(1));
  EXPECT_EQ(breaker.state(kStart), BreakerState::kClosed);
}

TEST(GuardMemory, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "{}", R"({"guard":{}})", R"({"guard":{},"breaker":{"state":7}})",
        R"({"guard":{},"breaker":{"orders":"12"}})", R"({"guard":{},"breaker":{"calls":"5- -7+"}})",
        R"({"guard":{},"breaker":{"calls":"9223372036854775807+ 1+"}})", R"({"guard":{},"breaker":{"orders":7}})",
        R"({"guard":{},"breaker":{},"prop":{"verdict":-1}})", R"({"guard":{"last":"x"},"breaker":{}})"})
    EXPECT_FALSE(parse_guard(text)) << text;
  EXPECT_TRUE(parse_guard(R"({"guard":{},"breaker":{}})"));
}

// --- The kill switch, tried. ---

class NoBroker final : public Broker {
 public:
  [[nodiscard]] bool sends_at_once() const override { return false; }
  void submit(Approved<Order>&&) override { ++calls; }
  void cancel(OrderId) override { ++calls; }
  void replace(Approved<OrderChange>&&) override { ++calls; }
  int calls = 0;
};

TEST(SwitchTrial, WorksWhateverTheStateAndTouchesNothing) {
  NoBroker broker;
  OrderManager orders({.cash = money(10'000)}, {{.symbol = "A", .exchange = "XNYS"}},
                      RiskGate(FeeSchedule(), LimitProfile::backtest(), money(10'000)), broker);
  orders.gate().set_time(kStart);
  EXPECT_EQ(try_kill_switch(orders), "");  // without a price
  orders.account().set_mark(0, Price::from_integer(100));
  EXPECT_FALSE(orders.submit({.instrument = 0, .quantity = Quantity::from_integer(5)}).is_none());
  const int calls = broker.calls;
  const auto decisions = orders.gate().decisions().size();
  EXPECT_EQ(try_kill_switch(orders), "");
  orders.gate().halt(Halt::kOrders, "by hand");
  EXPECT_EQ(try_kill_switch(orders), "");
  EXPECT_EQ(orders.gate().halted().halt, Halt::kOrders);
  EXPECT_EQ(orders.gate().halted().reason, "by hand");
  EXPECT_EQ(orders.gate().decisions().size(), decisions);
  EXPECT_EQ(orders.account().orders().size(), 1);
  EXPECT_EQ(broker.calls, calls);
}

TEST(SwitchTrial, HasNothingToTryWithoutInstrumentsOrLimits) {
  NoBroker broker;
  const OrderManager none({.cash = money(1)}, {}, RiskGate(FeeSchedule(), LimitProfile::backtest(), money(1)), broker);
  EXPECT_EQ(try_kill_switch(none), "");
  const OrderManager unset({.cash = money(1)}, {{.symbol = "A"}}, RiskGate(FeeSchedule(), LimitProfile(), money(1)),
                           broker);
  EXPECT_EQ(try_kill_switch(unset), "");
}

// --- Other limits, while it runs. ---

TEST(RiskGateLimits, OthersAreInForceAtOnceAndWhatIsHaltedStaysSo) {
  NoBroker broker;
  LimitProfile profile = LimitProfile::backtest();
  profile.limits.equal_orders = Limit<Burst>::of({.most = 1, .within = 1h});
  OrderManager orders({.cash = money(10'000)},
                      {{.symbol = "A", .exchange = "XNYS"}, {.symbol = "B", .exchange = "XNYS"}},
                      RiskGate(FeeSchedule(), profile, money(10'000)), broker);
  RiskGate& gate = orders.gate();
  gate.set_time(kStart);
  orders.account().set_mark(0, Price::from_integer(100));
  orders.account().set_mark(1, Price::from_integer(100));
  const auto outcome = [&](InstrumentIndex i, std::int64_t quantity) {
    orders.submit({.instrument = i, .quantity = Quantity::from_integer(quantity)});
    return gate.decisions().back().outcome;
  };
  EXPECT_EQ(outcome(0, 5), Outcome::kApproved);
  gate.halt(1, Halt::kEntries, "test");
  RiskLimits tighter = profile.limits;
  tighter.max_order_value = Limit<Money>::of(money(300));
  tighter.trading_hours = Limit<TradingHours>::of({});
  gate.set_limits(tighter, orders.account());
  EXPECT_EQ(outcome(0, 4), Outcome::kOrderValue);
  EXPECT_EQ(outcome(0, 5), Outcome::kEqualOrders);  // the one before is remembered
  EXPECT_EQ(outcome(0, 3), Outcome::kApproved);
  EXPECT_EQ(outcome(1, 1), Outcome::kInstrumentHalted);
  tighter.max_order_value = {};
  gate.set_limits(tighter, orders.account());
  EXPECT_EQ(outcome(0, 1), Outcome::kLimitNotSet);
  gate.set_limits(profile.limits, orders.account());
  EXPECT_EQ(outcome(0, 4), Outcome::kApproved);
}

}  // namespace
}  // namespace argosy::trading

// What entries are made of, on both sides: prices, distances, quantities; and how positions end or turn around.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "engine/scripted_broker.hpp"

namespace argosy::engine {
namespace {

using strategy::kBuy;
using strategy::kCover;
using strategy::kSell;
using strategy::kShort;
using strategy::Role;
using trading::OrderEvent;
using trading::OrderKind;
using trading::OrderState;
using trading::Outcome;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
const trading::AccountSettings kMargin{.cash = money("1000"), .type = trading::AccountType::kMargin};

TEST(Entries, AShortIsSoldAndCovered) {
  Desk desk({.account = kMargin});
  desk.close(1, "10", kShort);
  ASSERT_EQ(desk.orders(), 1U);
  EXPECT_EQ(desk.order(0).side, Side::kSell);
  EXPECT_EQ(desk.order(0).effect, trading::Effect::kOpen);
  EXPECT_EQ(desk.order(0).reason, OrderReason::kShortSignal);
  desk.fill(0, "10", 2);
  EXPECT_EQ(desk.engine.account().position(0).quantity(), -shares(100));
  desk.close(2, "9", kShort | kSell);
  EXPECT_EQ(desk.orders(), 1U) << "a short is not left by the signal that leaves a long one";
  desk.close(3, "8", kCover);
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(1).side, Side::kBuy);
  EXPECT_EQ(desk.order(1).effect, trading::Effect::kClose);
  desk.fill(1, "8", 4);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  const Trade& trade = desk.engine.trades()[0];
  EXPECT_EQ(trade.side, Side::kSell);
  EXPECT_EQ(trade.profit, money("200"));
  EXPECT_EQ(trade.quantity, shares(100));
  EXPECT_EQ(trade.entry_reason, OrderReason::kShortSignal);
  EXPECT_EQ(trade.exit_reason, OrderReason::kCoverSignal);
}

TEST(Entries, ACashAccountDeniesAShort) {
  Desk desk;
  desk.close(1, "10", kShort);
  EXPECT_EQ(desk.orders(), 0U);
  EXPECT_EQ(desk.engine.decisions()[0].outcome, Outcome::kShortNotAllowed);
}

TEST(Entries, SignalsThatContradictOneAnotherOpenNothing) {
  struct Case {
    std::uint8_t signals;
    std::size_t orders;
    Side side;
  };
  for (const Case& c : std::vector<Case>{{kBuy | kShort, 0, Side::kBuy},
                                         {kBuy | kSell, 0, Side::kBuy},
                                         {kShort | kCover, 0, Side::kSell},
                                         {kBuy | kCover, 1, Side::kBuy},
                                         {kShort | kSell, 1, Side::kSell},
                                         {kBuy | kSell | kShort, 1, Side::kSell},
                                         {kSell | kCover, 0, Side::kBuy}}) {
    Desk desk({.account = kMargin});
    desk.close(1, "10", c.signals);
    ASSERT_EQ(desk.orders(), c.orders) << int{c.signals};
    if (c.orders == 1) EXPECT_EQ(desk.order(0).side, c.side) << int{c.signals};
  }
}

TEST(Entries, APositionTurnsAroundWhenItsExitIsFilled) {
  Desk desk({.account = kMargin, .bracket = {.stop_loss = {.ratio = rate("0.1")}}});
  desk.close(1, "10", kBuy);
  desk.fill(0, "10", 2);
  ASSERT_EQ(desk.orders(), 2U) << "with its stop";
  desk.close(2, "12", kSell | kShort);
  ASSERT_EQ(desk.orders(), 3U) << "the other side waits for the exit";
  desk.fill(2, "12", 3);
  ASSERT_EQ(desk.orders(), 4U);
  EXPECT_EQ(desk.order(1).state, OrderState::kCancelled) << "the stop of the long position";
  EXPECT_EQ(desk.order(3).side, Side::kSell);
  EXPECT_EQ(desk.order(3).quantity, shares(100)) << "sized by the equity of 1200, what is held counted as free";
  desk.fill(3, "12", 3);
  EXPECT_EQ(desk.engine.account().position(0).quantity(), -shares(100));
  ASSERT_EQ(desk.orders(), 5U);
  EXPECT_EQ(desk.order(4).stop, price("13.2")) << "a short's stop is above it";
  desk.close(3, "9", kCover | kBuy);
  desk.fill(5, "9", 4);
  ASSERT_EQ(desk.orders(), 7U);
  EXPECT_EQ(desk.order(6).side, Side::kBuy);
  EXPECT_EQ(desk.order(6).quantity, shares(166)) << "1500 / 9";
}

TEST(Entries, ATurnIsRestatedForASplit) {
  Desk desk({.account = kMargin, .columns = columns_of({Role::kStopDistance})});
  desk.close(1, "10", kBuy, {1.0});
  desk.fill(0, "10", 2);
  desk.close(2, "12", kSell | kShort, {1.0});
  desk.engine.split(0, 3, 2, 1);
  desk.fill(2, "6", 3);
  ASSERT_EQ(desk.orders(), 4U);
  EXPECT_EQ(desk.order(3).quantity, shares(200));
  desk.fill(3, "6", 3);
  ASSERT_EQ(desk.orders(), 5U);
  EXPECT_EQ(desk.order(4).stop, price("6.5")) << "the distance of 1 is one of 0.5 now";
}

TEST(Entries, AnExitThatFailsTakesTheOtherSideWithIt) {
  Desk desk({.account = kMargin});
  desk.close(1, "10", kBuy);
  desk.fill(0, "10");
  desk.close(2, "12", kSell | kShort);
  desk.engine.on_broker_event({.order = desk.order(1).id, .event = OrderEvent::kReject, .note = "no"});
  desk.close(3, "12", kSell);
  desk.fill(2, "12");
  EXPECT_EQ(desk.orders(), 3U) << "the second exit was no turn";
}

TEST(Entries, LimitsLieOnTheBetterSideAndAreRoundedAwayFromTheClose) {
  Desk desk({.account = kMargin, .order = {.kind = OrderKind::kLimit, .limit_offset = rate("0.01")}}, 2);
  desk.instant(1, {{.instrument = 0, .close = price("10.03"), .signals = kBuy},
                   {.instrument = 1, .close = price("10.03"), .signals = kShort}});
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(0).limit, price("9.92")) << "9.9297";
  EXPECT_EQ(desk.order(1).limit, price("10.14")) << "10.1303";
}

TEST(Entries, StopsLieOnTheWorseSideAndTheLimitOfAStopBeyondIt) {
  Desk desk({.account = {.cash = money("100000"), .type = trading::AccountType::kMargin},
             .size = {.kind = trading::SizeKind::kShares, .shares = shares(1)},
             .order = {.kind = OrderKind::kStopLimit, .limit_offset = rate("0.02"), .stop_offset = rate("0.01")}},
            2);
  desk.instant(1, {{.instrument = 0, .close = price("10.03"), .signals = kBuy},
                   {.instrument = 1, .close = price("10.03"), .signals = kShort}});
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(0).stop, price("10.14"));
  EXPECT_EQ(desk.order(0).limit, price("10.24")) << "10.2306";
  EXPECT_EQ(desk.order(1).stop, price("9.92"));
  EXPECT_EQ(desk.order(1).limit, price("9.82")) << "9.8294";
}

TEST(Entries, PricesOfFormulasAreAdjustedOnesAndSizesCountWithTheStop) {
  Desk desk(
      {.account = {.cash = money("1000")}, .order = {.kind = OrderKind::kStop}, .columns = columns_of({Role::kStop})});
  desk.close(1, "10", kBuy, {6.0}, 0.5);
  ASSERT_EQ(desk.orders(), 1U);
  EXPECT_EQ(desk.order(0).stop, price("12")) << "6 / 0.5";
  EXPECT_EQ(desk.order(0).quantity, shares(83)) << "1000 / 12: at the close of 10 it would be more than the cash pays";
}

TEST(Entries, AnEntryThatWaitsIsTakenBackByTheSignalToLeave) {
  Desk desk({.account = kMargin, .order = {.kind = OrderKind::kLimit, .limit_offset = rate("0.1")}});
  desk.close(1, "10", kBuy);
  desk.close(2, "10", kCover);
  desk.close(3, "10", kBuy);
  EXPECT_EQ(desk.orders(), 1U);
  EXPECT_TRUE(desk.broker.cancelled.empty()) << "that would leave a short one";
  desk.close(4, "10", kSell);
  EXPECT_EQ(desk.broker.cancelled, std::vector<OrderId>{desk.order(0).id});
  desk.close(5, "10", kShort);
  ASSERT_EQ(desk.orders(), 2U);
  desk.close(6, "10", kSell);
  EXPECT_EQ(desk.broker.cancelled.size(), 1U);
  desk.close(7, "10", kCover);
  EXPECT_EQ(desk.broker.cancelled.size(), 2U);
}

TEST(Entries, AnEntryThatExpiredIsTriedAgain) {
  Desk desk(
      {.account = {.cash = money("1000")},
       .order = {.kind = OrderKind::kLimit, .time_in_force = trading::TimeInForce::kDay, .limit_offset = rate("0.1")}});
  desk.close(1, "10", kBuy);
  desk.engine.on_broker_event({.order = desk.order(0).id, .event = OrderEvent::kExpire});
  desk.close(2, "11", kBuy);
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(1).limit, price("9.9"));
}

TEST(Entries, WhatIsLeftOfAnEntryGoesWithTheSignalToLeave) {
  Desk desk({.account = {.cash = money("1000")}});
  desk.close(1, "10", kBuy);
  desk.engine.on_broker_event(
      {.order = desk.order(0).id, .event = OrderEvent::kPartialFill, .price = price("10"), .quantity = shares(30)});
  desk.close(2, "10", kSell);
  EXPECT_EQ(desk.order(0).state, OrderState::kCancelled);
  ASSERT_EQ(desk.orders(), 2U);
  EXPECT_EQ(desk.order(1).quantity, shares(30));
}

TEST(Entries, DistancesAreRestatedAsPricesAre) {
  Desk desk(
      {.account = kMargin, .columns = columns_of({Role::kStopDistance, Role::kTargetDistance, Role::kTrailDistance})});
  desk.close(1, "10", kShort, {1.0, 2.0, 0.75}, 0.5);
  desk.fill(0, "10");
  ASSERT_EQ(desk.orders(), 4U);
  EXPECT_EQ(desk.order(1).kind, OrderKind::kStop);
  EXPECT_EQ(desk.order(1).stop, price("12"));
  EXPECT_EQ(desk.order(2).kind, OrderKind::kTrailingStop);
  EXPECT_EQ(desk.order(2).trail_amount, price("1.5"));
  EXPECT_EQ(desk.order(3).kind, OrderKind::kLimit);
  EXPECT_EQ(desk.order(3).limit, price("6"));
}

TEST(Entries, TheDistanceOfARiskIsRestatedToo) {
  Desk desk({.account = {.cash = money("1000")},
             .size = {.kind = trading::SizeKind::kRisk, .fraction = rate("0.01")},
             .columns = columns_of({Role::kSize})});
  desk.close(1, "10", kBuy, {1.0}, 0.5);
  EXPECT_EQ(desk.order(0).quantity, shares(5)) << "1 % of 1000 / 2";
}

TEST(Entries, AFormulaWithoutANumberDeniesTheEntryAndSaysSo) {
  struct Case {
    const char* what;
    Role role;
    double value;
  };
  for (const Case& c : std::vector<Case>{{"size", Role::kSize, kUnknown},
                                         {"negative size", Role::kSize, -1},
                                         {"limit", Role::kLimit, kUnknown},
                                         {"negative limit", Role::kLimit, -1},
                                         {"infinite limit", Role::kLimit, std::numeric_limits<double>::infinity()},
                                         {"stop loss", Role::kStopDistance, kUnknown},
                                         {"stop loss of 0", Role::kStopDistance, 0},
                                         {"target", Role::kTargetDistance, kUnknown},
                                         {"trail", Role::kTrailDistance, kUnknown}}) {
    EngineSettings settings{.account = {.cash = money("1000")}, .columns = columns_of({c.role})};
    settings.size.by_formula = c.role == Role::kSize;
    if (c.role == Role::kLimit) settings.order.kind = OrderKind::kLimit;
    Desk desk(settings);
    desk.close(1, "10", kBuy, {c.value});
    EXPECT_EQ(desk.orders(), 0U) << c.what;
    ASSERT_EQ(desk.engine.decisions().size(), 1U) << c.what;
    EXPECT_EQ(desk.engine.decisions()[0].outcome, Outcome::kNoNumber) << c.what;
    const auto orders = desk.engine.account().orders();
    ASSERT_EQ(orders.size(), 1U) << c.what;
    EXPECT_EQ(orders[0].state, OrderState::kDenied) << c.what;
    EXPECT_EQ(orders[0].note, trading::to_string(Outcome::kNoNumber)) << c.what;
    desk.close(2, "10", kBuy, {c.role == Role::kSize ? 50.0 : 5.0});
    EXPECT_EQ(desk.orders(), 1U) << c.what << ": the way is free for the next signal";
  }
}

TEST(Entries, APositionEndsAfterSoManyCloses) {
  Desk desk({.account = kMargin, .max_bars = 2});
  desk.close(1, "10", kShort);
  desk.fill(0, "10", 2);
  desk.close(2, "10", 0);  // of the bar of the entry
  desk.close(3, "10", 0);
  EXPECT_EQ(desk.orders(), 1U);
  desk.close(4, "10", 0);
  ASSERT_EQ(desk.orders(), 2U);
  desk.close(5, "10", 0);
  EXPECT_EQ(desk.orders(), 2U) << "the exit works already";
  desk.fill(1, "10", 6);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kMaxBars);
  desk.close(7, "10", kBuy);
  desk.fill(2, "10", 8);
  desk.close(8, "10", 0);
  desk.close(9, "10", 0);
  EXPECT_EQ(desk.orders(), 3U) << "the next position is counted anew";
  desk.close(10, "10", 0);
  EXPECT_EQ(desk.orders(), 4U);
}

TEST(Entries, HalfKellyBelievesTheTradesOnceThereAreEnough) {
  Desk desk(
      {.account = {.cash = money("1000")},
       .size = {
           .kind = trading::SizeKind::kHalfKelly, .fraction = rate("0.1"), .cap = rate("0.5"), .least_trades = 2}});
  const auto trade = [&](const char* exit) {
    desk.close(1, "10", kBuy);
    const std::size_t entry = desk.orders() - 1;
    const Quantity bought = desk.order(entry).quantity;
    desk.fill(entry, "10");
    desk.close(2, "10", kSell);
    desk.fill(desk.orders() - 1, exit);
    return bought;
  };
  EXPECT_EQ(trade("14"), shares(10)) << "10 % of 1000";
  EXPECT_EQ(trade("8"), shares(10)) << "10 % of 1040";
  // One of two won, 40 % against 20 %: 0.5 - 0.5 / 2 = 0.25, half of it of the 1020 there are.
  EXPECT_EQ(trade("10"), shares(12));
}

TEST(Entries, WhatAStrategyInCodeAsksForTwiceIsDoneOnce) {
  Desk desk;
  desk.close(1, "10", 0);
  desk.engine.enter(1, 0, Side::kBuy);
  desk.engine.enter(1, 0, Side::kBuy);
  EXPECT_EQ(desk.orders(), 1U);
  desk.engine.leave(1, 0, OrderReason::kManual);
  EXPECT_EQ(desk.orders(), 1U) << "nothing is held yet";
  desk.fill(0, "10");
  desk.engine.leave(2, 0, OrderReason::kManual);
  desk.engine.leave(2, 0, OrderReason::kManual);
  EXPECT_EQ(desk.orders(), 2U);
}

}  // namespace
}  // namespace argosy::engine

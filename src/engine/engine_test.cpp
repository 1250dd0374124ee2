#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "engine/scripted_broker.hpp"

namespace argosy::engine {
namespace {

using trading::OrderEvent;
using trading::OrderKind;
using trading::OrderReason;

TEST(Engine, BuysOnceAndSellsOnce) {
  Desk desk;
  desk.close(1, "10", strategy::kBuy);
  desk.close(2, "10", strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "the first order still works";
  desk.fill(0, "9", 3);
  desk.close(3, "10", strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "one position an instrument";
  desk.close(4, "11", strategy::kSell);
  desk.close(5, "11", strategy::kSell);
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  desk.fill(1, "12", 6);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  const Trade& trade = desk.engine.trades()[0];
  EXPECT_EQ(trade.entry_key, 3);
  EXPECT_EQ(trade.exit_key, 6);
  EXPECT_EQ(trade.quantity, Quantity::from_integer(100));
  EXPECT_EQ(trade.profit, money("300"));
  EXPECT_EQ(trade.exit_reason, OrderReason::kSellSignal);
  desk.close(7, "12", strategy::kSell);
  EXPECT_EQ(desk.broker.submitted.size(), 2U) << "nothing is held: a sell signal means nothing";
}

TEST(Engine, ContradictingSignalsStayOut) {
  Desk desk;
  desk.close(1, "10", strategy::kBuy | strategy::kSell);
  EXPECT_TRUE(desk.broker.submitted.empty());
}

TEST(Engine, StopAndTargetAreSentWhenTheEntryIsFilledAndTheOtherIsCancelled) {
  Desk desk({.account = {.cash = money("1000")},
             .bracket = {.stop_loss = {.ratio = rate("0.1")}, .take_profit = {.ratio = rate("0.25")}}});
  desk.close(1, "10", strategy::kBuy);
  desk.fill(0, "9.99");
  ASSERT_EQ(desk.broker.submitted.size(), 3U);
  EXPECT_EQ(desk.broker.submitted[1].kind, OrderKind::kStop);
  EXPECT_EQ(desk.broker.submitted[1].stop, price("8.99")) << "8.991 rounded away from the entry";
  EXPECT_EQ(desk.broker.submitted[2].kind, OrderKind::kLimit);
  EXPECT_EQ(desk.broker.submitted[2].limit, price("12.49"));
  desk.fill(2, "12.49");
  ASSERT_EQ(desk.broker.cancelled.size(), 1U);
  EXPECT_EQ(desk.broker.cancelled[0], desk.broker.submitted[1].id);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kTakeProfit);
  desk.close(2, "10", strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 4U) << "the way is free for the next trade";
}

TEST(Engine, APartlyFilledEntryIsProtectedAtOnceAndItsStopGrowsWithIt) {
  Desk desk({.account = {.cash = money("1000")}, .bracket = {.stop_loss = {.ratio = rate("0.1")}}});
  desk.close(1, "10", strategy::kBuy);
  const OrderId id = desk.broker.submitted[0].id;
  const auto fill = [&](const char* at, std::int64_t count) {
    desk.engine.on_broker_event({.order = id,
                                 .event = OrderEvent::kPartialFill,
                                 .price = price(at),
                                 .quantity = Quantity::from_integer(count)});
  };
  fill("20", 20);
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.broker.submitted[1].quantity, Quantity::from_integer(20));
  EXPECT_EQ(desk.broker.submitted[1].stop, price("18"));
  fill("10", 20);
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  ASSERT_EQ(desk.broker.replaced.size(), 1U);
  EXPECT_EQ(desk.broker.replaced[0].quantity, Quantity::from_integer(40));
  EXPECT_EQ(desk.broker.replaced[0].stop, price("13.5")) << "a tenth below the average of 15";
  // The stop takes the whole position: what still waits of the entry goes with it.
  desk.fill(1, "13");
  EXPECT_EQ(desk.broker.cancelled, std::vector<OrderId>{id});
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  EXPECT_EQ(desk.engine.trades()[0].profit, money("-80"));
}

TEST(Engine, ARejectedEntryLeavesTheWayFree) {
  Desk desk;
  desk.close(1, "10", strategy::kBuy);
  desk.engine.on_broker_event({.order = desk.broker.submitted[0].id, .event = OrderEvent::kReject, .note = "no"});
  desk.close(2, "10", strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.engine.account().available(0), money("1000") - desk.engine.decisions()[1].required);
}

TEST(Engine, ADeniedEntryIsRecordedAndTriedAgainAtTheNextSignal) {
  Desk desk({.account = {.cash = money("5")}});
  desk.close(1, "10", strategy::kBuy);
  EXPECT_TRUE(desk.broker.submitted.empty());
  ASSERT_EQ(desk.engine.decisions().size(), 1U);
  EXPECT_EQ(desk.engine.decisions()[0].outcome, trading::Outcome::kZeroQuantity);
}

TEST(Engine, ASplitToNothingEndsTheTrade) {
  Desk desk;
  desk.close(1, "300", strategy::kBuy);
  desk.fill(0, "300");
  desk.engine.split(0, 9, 1, 10);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kCorporateAction);
  EXPECT_EQ(desk.engine.trades()[0].profit, Money()) << "0.3 new shares at 3000 are the 900 that 3 shares cost";
}

}  // namespace
}  // namespace argosy::engine

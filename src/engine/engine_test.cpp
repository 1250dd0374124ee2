#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace argosy::engine {
namespace {

using trading::OrderEvent;
using trading::OrderKind;
using trading::OrderReason;

Price price(const char* text) { return *Price::parse(text); }
Money money(const char* text) { return *Money::parse(text); }

// A broker that accepts everything and fills when it is told to.
class ScriptedBroker final : public trading::Broker {
 public:
  void submit(trading::Approved<trading::Order>&& order) override {
    submitted.push_back(order.value());
    engine->on_broker_event({.order = order.value().id, .event = OrderEvent::kAccept});
  }
  void cancel(OrderId order) override {
    cancelled.push_back(order);
    engine->on_broker_event({.order = order, .event = OrderEvent::kCancel});
  }
  void fill(const trading::Order& order, const char* at, std::int64_t key = 0) {
    engine->on_broker_event(
        {.order = order.id, .event = OrderEvent::kFill, .price = price(at), .quantity = order.quantity, .key = key});
  }
  Engine* engine = nullptr;
  std::vector<trading::Order> submitted;
  std::vector<OrderId> cancelled;
};

struct Desk {
  explicit Desk(EngineSettings settings = {.cash = money("1000")})
      : engine(settings, {market::Instrument{.symbol = "A"}}, broker) {
    broker.engine = &engine;
  }
  ScriptedBroker broker;
  Engine engine;
};

TEST(Engine, BuysOnceAndSellsOnce) {
  Desk desk;
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy);
  desk.engine.on_bar_closed(0, 2, price("10"), strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "the first order still works";
  desk.broker.fill(desk.broker.submitted[0], "9", 3);
  desk.engine.on_bar_closed(0, 3, price("10"), strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "one position an instrument";
  desk.engine.on_bar_closed(0, 4, price("11"), strategy::kSell);
  desk.engine.on_bar_closed(0, 5, price("11"), strategy::kSell);
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  desk.broker.fill(desk.broker.submitted[1], "12", 6);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  const Trade& trade = desk.engine.trades()[0];
  EXPECT_EQ(trade.entry_key, 3);
  EXPECT_EQ(trade.exit_key, 6);
  EXPECT_EQ(trade.quantity, Quantity::from_integer(100));
  EXPECT_EQ(trade.profit, money("300"));
  EXPECT_EQ(trade.exit_reason, OrderReason::kSellSignal);
  desk.engine.on_bar_closed(0, 7, price("12"), strategy::kSell);
  EXPECT_EQ(desk.broker.submitted.size(), 2U) << "nothing is held: a sell signal means nothing";
}

TEST(Engine, ContradictingSignalsStayOut) {
  Desk desk;
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy | strategy::kSell);
  EXPECT_TRUE(desk.broker.submitted.empty());
}

TEST(Engine, StopAndTargetAreSentWhenTheEntryIsFilledAndTheOtherIsCancelled) {
  Desk desk({.cash = money("1000"), .stop_loss = *Rate::parse("0.1"), .take_profit = *Rate::parse("0.25")});
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy);
  desk.broker.fill(desk.broker.submitted[0], "9.99");
  ASSERT_EQ(desk.broker.submitted.size(), 3U);
  EXPECT_EQ(desk.broker.submitted[1].kind, OrderKind::kStop);
  EXPECT_EQ(desk.broker.submitted[1].level, price("8.99")) << "8.991 rounded away from the entry";
  EXPECT_EQ(desk.broker.submitted[2].kind, OrderKind::kLimit);
  EXPECT_EQ(desk.broker.submitted[2].level, price("12.49"));
  desk.broker.fill(desk.broker.submitted[2], "12.49");
  ASSERT_EQ(desk.broker.cancelled.size(), 1U);
  EXPECT_EQ(desk.broker.cancelled[0], desk.broker.submitted[1].id);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kTakeProfit);
  desk.engine.on_bar_closed(0, 2, price("10"), strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 4U) << "the way is free for the next trade";
}

TEST(Engine, APartlyFilledEntryIsProtectedForWhatWasBought) {
  Desk desk({.cash = money("1000"), .stop_loss = *Rate::parse("0.1")});
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy);
  const OrderId id = desk.broker.submitted[0].id;
  desk.engine.on_broker_event(
      {.order = id, .event = OrderEvent::kPartialFill, .price = price("20"), .quantity = Quantity::from_integer(50)});
  EXPECT_EQ(desk.broker.submitted.size(), 1U) << "the rest may still come";
  desk.engine.on_broker_event({.order = id, .event = OrderEvent::kCancel});
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.broker.submitted[1].quantity, Quantity::from_integer(50));
}

TEST(Engine, ARejectedEntryLeavesTheWayFree) {
  Desk desk;
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy);
  desk.engine.on_broker_event({.order = desk.broker.submitted[0].id, .event = OrderEvent::kReject, .note = "no"});
  desk.engine.on_bar_closed(0, 2, price("10"), strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.engine.account().available(), money("1000") - desk.engine.decisions()[1].required);
}

TEST(Engine, ADeniedEntryIsRecordedAndTriedAgainAtTheNextSignal) {
  Desk desk({.cash = money("5")});
  desk.engine.on_bar_closed(0, 1, price("10"), strategy::kBuy);
  EXPECT_TRUE(desk.broker.submitted.empty());
  ASSERT_EQ(desk.engine.decisions().size(), 1U);
  EXPECT_EQ(desk.engine.decisions()[0].outcome, trading::Outcome::kZeroQuantity);
}

TEST(Engine, ASplitToNothingEndsTheTrade) {
  Desk desk;
  desk.engine.on_bar_closed(0, 1, price("300"), strategy::kBuy);
  desk.broker.fill(desk.broker.submitted[0], "300");
  desk.engine.split(0, 9, 1, 10);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kCorporateAction);
  EXPECT_EQ(desk.engine.trades()[0].profit, Money()) << "0.3 new shares at 3000 are the 900 that 3 shares cost";
}

}  // namespace
}  // namespace argosy::engine

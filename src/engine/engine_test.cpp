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
  void replace(trading::Approved<trading::OrderChange>&& change) override {
    replaced.push_back(change.value());
    engine->on_broker_event({.order = change.value().order, .event = OrderEvent::kReplace});
  }
  void fill(const trading::Order& order, const char* at, std::int64_t key = 0) {
    engine->on_broker_event(
        {.order = order.id, .event = OrderEvent::kFill, .price = price(at), .quantity = order.quantity, .key = key});
  }
  Engine* engine = nullptr;
  std::vector<trading::Order> submitted;
  std::vector<OrderId> cancelled;
  std::vector<trading::OrderChange> replaced;
};

struct Desk {
  explicit Desk(EngineSettings settings = {.account = {.cash = money("1000")}})
      : engine(settings, {market::Instrument{.symbol = "A"}}, broker) {
    broker.engine = &engine;
  }
  void close(std::int64_t key, Price at, std::uint8_t signals) {
    engine.on_bar_closed(0, at, signals);
    engine.on_instant_closed(key);
  }
  ScriptedBroker broker;
  Engine engine;
};

TEST(Engine, BuysOnceAndSellsOnce) {
  Desk desk;
  desk.close(1, price("10"), strategy::kBuy);
  desk.close(2, price("10"), strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "the first order still works";
  desk.broker.fill(desk.broker.submitted[0], "9", 3);
  desk.close(3, price("10"), strategy::kBuy);
  ASSERT_EQ(desk.broker.submitted.size(), 1U) << "one position an instrument";
  desk.close(4, price("11"), strategy::kSell);
  desk.close(5, price("11"), strategy::kSell);
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  desk.broker.fill(desk.broker.submitted[1], "12", 6);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  const Trade& trade = desk.engine.trades()[0];
  EXPECT_EQ(trade.entry_key, 3);
  EXPECT_EQ(trade.exit_key, 6);
  EXPECT_EQ(trade.quantity, Quantity::from_integer(100));
  EXPECT_EQ(trade.profit, money("300"));
  EXPECT_EQ(trade.exit_reason, OrderReason::kSellSignal);
  desk.close(7, price("12"), strategy::kSell);
  EXPECT_EQ(desk.broker.submitted.size(), 2U) << "nothing is held: a sell signal means nothing";
}

TEST(Engine, ContradictingSignalsStayOut) {
  Desk desk;
  desk.close(1, price("10"), strategy::kBuy | strategy::kSell);
  EXPECT_TRUE(desk.broker.submitted.empty());
}

TEST(Engine, StopAndTargetAreSentWhenTheEntryIsFilledAndTheOtherIsCancelled) {
  Desk desk({.account = {.cash = money("1000")},
             .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}, .take_profit = {.ratio = *Rate::parse("0.25")}}});
  desk.close(1, price("10"), strategy::kBuy);
  desk.broker.fill(desk.broker.submitted[0], "9.99");
  ASSERT_EQ(desk.broker.submitted.size(), 3U);
  EXPECT_EQ(desk.broker.submitted[1].kind, OrderKind::kStop);
  EXPECT_EQ(desk.broker.submitted[1].stop, price("8.99")) << "8.991 rounded away from the entry";
  EXPECT_EQ(desk.broker.submitted[2].kind, OrderKind::kLimit);
  EXPECT_EQ(desk.broker.submitted[2].limit, price("12.49"));
  desk.broker.fill(desk.broker.submitted[2], "12.49");
  ASSERT_EQ(desk.broker.cancelled.size(), 1U);
  EXPECT_EQ(desk.broker.cancelled[0], desk.broker.submitted[1].id);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kTakeProfit);
  desk.close(2, price("10"), strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 4U) << "the way is free for the next trade";
}

TEST(Engine, APartlyFilledEntryIsProtectedAtOnceAndItsStopGrowsWithIt) {
  Desk desk({.account = {.cash = money("1000")}, .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}}});
  desk.close(1, price("10"), strategy::kBuy);
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
  desk.broker.fill(desk.engine.account().order(desk.broker.submitted[1].id), "13");
  EXPECT_EQ(desk.broker.cancelled, std::vector<OrderId>{id});
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  EXPECT_EQ(desk.engine.trades()[0].profit, money("-80"));
}

TEST(Engine, ARejectedEntryLeavesTheWayFree) {
  Desk desk;
  desk.close(1, price("10"), strategy::kBuy);
  desk.engine.on_broker_event({.order = desk.broker.submitted[0].id, .event = OrderEvent::kReject, .note = "no"});
  desk.close(2, price("10"), strategy::kBuy);
  EXPECT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.engine.account().available(0), money("1000") - desk.engine.decisions()[1].required);
}

TEST(Engine, ADeniedEntryIsRecordedAndTriedAgainAtTheNextSignal) {
  Desk desk({.account = {.cash = money("5")}});
  desk.close(1, price("10"), strategy::kBuy);
  EXPECT_TRUE(desk.broker.submitted.empty());
  ASSERT_EQ(desk.engine.decisions().size(), 1U);
  EXPECT_EQ(desk.engine.decisions()[0].outcome, trading::Outcome::kZeroQuantity);
}

TEST(Engine, ASplitToNothingEndsTheTrade) {
  Desk desk;
  desk.close(1, price("300"), strategy::kBuy);
  desk.broker.fill(desk.broker.submitted[0], "300");
  desk.engine.split(0, 9, 1, 10);
  ASSERT_EQ(desk.engine.trades().size(), 1U);
  EXPECT_EQ(desk.engine.trades()[0].exit_reason, OrderReason::kCorporateAction);
  EXPECT_EQ(desk.engine.trades()[0].profit, Money()) << "0.3 new shares at 3000 are the 900 that 3 shares cost";
}

}  // namespace
}  // namespace argosy::engine

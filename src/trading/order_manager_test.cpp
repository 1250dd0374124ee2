// What the manager does between a strategy and a broker that answers as it is told.
#include "trading/order_manager.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace argosy::trading {
namespace {

using enum OrderState;
using enum OrderEvent;

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(const char* text) { return *Money::parse(text); }
Rate rate(const char* text) { return *Rate::parse(text); }

// Accepts everything at once; cancels and changes are answered at once, or only when it is told to.
class ScriptedBroker final : public Broker {
 public:
  void submit(Approved<Order>&& order) override {
    submitted.push_back(order.value());
    tell(order.value().id, kAccept);
  }
  void cancel(OrderId order) override {
    cancelled.push_back(order);
    if (prompt) tell(order, kCancel);
  }
  void replace(Approved<OrderChange>&& change) override {
    replaced.push_back(change.value());
    if (prompt) tell(change.value().order, kReplace);
  }
  void tell(OrderId order, OrderEvent event) { listener->on_broker_event({.order = order, .event = event}); }
  void fill(OrderId order, const char* at, std::int64_t count, OrderEvent event = kFill) {
    listener->on_broker_event({.order = order, .event = event, .price = price(at), .quantity = shares(count)});
  }

  BrokerListener* listener = nullptr;
  bool prompt = true;
  std::vector<Order> submitted;
  std::vector<OrderId> cancelled;
  std::vector<OrderChange> replaced;
};

struct Desk {
  explicit Desk(AccountType type = AccountType::kCash)
      : orders({.cash = money("10000"), .type = type},
               {market::Instrument{.symbol = "A"}, market::Instrument{.symbol = "B"}},
               RiskGate(FeeSchedule(), LimitProfile::backtest(), money("10000")), broker) {
    broker.listener = &orders;
    for (const InstrumentIndex i : {0U, 1U}) orders.account().set_mark(i, price("10"));
  }
  [[nodiscard]] OrderState state(OrderId id) const { return orders.account().order(id).state; }
  ScriptedBroker broker;
  OrderManager orders;
};

Order buy(std::int64_t count) { return {.side = Side::kBuy, .quantity = shares(count)}; }
Order limit_buy(std::int64_t count, const char* at) {
  return {.side = Side::kBuy, .kind = OrderKind::kLimit, .quantity = shares(count), .limit = price(at)};
}

TEST(OrderManager, ACancelIsAskedForAndAnswered) {
  Desk desk;
  desk.broker.prompt = false;
  const OrderId id = desk.orders.submit(limit_buy(10, "9"));
  EXPECT_EQ(desk.orders.account().available(0), money("9910"));
  desk.orders.cancel(id);
  EXPECT_EQ(desk.state(id), kPendingCancel);
  desk.orders.cancel(id);
  EXPECT_EQ(desk.broker.cancelled.size(), 1U) << "it is asked once";
  desk.broker.tell(id, kRefuseCancel);
  EXPECT_EQ(desk.state(id), kAccepted);
  desk.orders.cancel(id);
  desk.broker.fill(id, "9", 4, kPartialFill);
  EXPECT_EQ(desk.orders.account().available(0), money("9910")) << "36 are paid, 54 promised";
  desk.broker.tell(id, kCancel);
  EXPECT_EQ(desk.state(id), kCancelled);
  EXPECT_EQ(desk.orders.account().available(0), money("9964"));
  EXPECT_EQ(desk.orders.account().working(0).buy, Quantity());
}

TEST(OrderManager, AChangePassesTheGateAndTakesEffectWhenItIsAnswered) {
  Desk desk;
  desk.broker.prompt = false;
  const OrderId id = desk.orders.submit(limit_buy(100, "9"));
  EXPECT_TRUE(desk.orders.replace({.order = id, .quantity = shares(200), .limit = price("9.5")}));
  EXPECT_EQ(desk.state(id), kPendingReplace);
  EXPECT_EQ(desk.orders.account().order(id).quantity, shares(100));
  EXPECT_FALSE(desk.orders.replace({.order = id, .quantity = shares(300), .limit = price("9.5")})) << "one at a time";
  desk.broker.tell(id, kReplace);
  EXPECT_EQ(desk.state(id), kAccepted);
  EXPECT_EQ(desk.orders.account().order(id).quantity, shares(200));
  EXPECT_EQ(desk.orders.account().order(id).limit, price("9.5"));
  EXPECT_EQ(desk.orders.account().available(0), money("8100"));
  EXPECT_EQ(desk.orders.account().working(0).buy, shares(200));
  EXPECT_FALSE(desk.orders.replace({.order = id, .quantity = shares(2000), .limit = price("9.5")}))
      << "the cash does not pay for it";
  EXPECT_EQ(desk.state(id), kAccepted);
  EXPECT_TRUE(desk.orders.replace({.order = id, .quantity = shares(50), .limit = price("9.5")}));
  desk.broker.tell(id, kRefuseReplace);
  EXPECT_EQ(desk.orders.account().order(id).quantity, shares(200));
  EXPECT_EQ(desk.orders.account().available(0), money("8100"));
}

TEST(OrderManager, TheFirstFillOfAGroupCancelsTheOthers) {
  Desk desk;
  const Order orders[] = {
      limit_buy(10, "9"),
      {.side = Side::kBuy, .kind = OrderKind::kStop, .quantity = shares(10), .stop = price("11")},
      {.instrument = 1, .side = Side::kBuy, .kind = OrderKind::kLimit, .quantity = shares(10), .limit = price("9")}};
  const OrderId group = desk.orders.submit_group(orders);
  ASSERT_EQ(desk.broker.submitted.size(), 3U);
  EXPECT_EQ(group, desk.broker.submitted[0].id);
  desk.broker.fill(desk.broker.submitted[1].id, "11", 5, kPartialFill);
  EXPECT_EQ(desk.state(desk.broker.submitted[0].id), kCancelled);
  EXPECT_EQ(desk.state(desk.broker.submitted[2].id), kCancelled);
  EXPECT_EQ(desk.state(desk.broker.submitted[1].id), kPartiallyFilled);
}

TEST(OrderManager, ABracketHoldsTheExitsOfAShortToo) {
  Desk desk(AccountType::kMargin);
  const OrderId id = desk.orders.submit_bracket({.side = Side::kSell, .quantity = shares(10)},
                                                {.stop_loss = {.ratio = rate("0.1")},
                                                 .take_profit = {.amount = price("2.005")},
                                                 .trailing_stop = {.amount = price("1")}});
  desk.broker.fill(id, "10", 10);
  ASSERT_EQ(desk.broker.submitted.size(), 4U);
  const Order& stop = desk.broker.submitted[1];
  const Order& trail = desk.broker.submitted[2];
  const Order& target = desk.broker.submitted[3];
  EXPECT_EQ(stop.kind, OrderKind::kStop);
  EXPECT_EQ(stop.side, Side::kBuy);
  EXPECT_EQ(stop.effect, Effect::kClose);
  EXPECT_EQ(stop.stop, price("11"));
  EXPECT_EQ(trail.kind, OrderKind::kTrailingStop);
  EXPECT_EQ(trail.trail_amount, price("1"));
  EXPECT_EQ(target.limit, price("7.99")) << "rounded away from the entry";
  // The target takes six: what else closes the position becomes as small as it.
  desk.broker.fill(target.id, "7.99", 6, kPartialFill);
  ASSERT_EQ(desk.broker.replaced.size(), 2U);
  EXPECT_EQ(desk.broker.replaced[0].quantity, shares(4));
  EXPECT_EQ(desk.orders.account().order(stop.id).quantity, shares(4));
  desk.broker.fill(stop.id, "11", 4);
  EXPECT_EQ(desk.broker.cancelled, (std::vector<OrderId>{trail.id, target.id}));
  EXPECT_FALSE(desk.orders.account().position(0).is_open());
}

TEST(OrderManager, ADeniedOrderIsRecordedWithItsReason) {
  Desk desk;
  EXPECT_TRUE(desk.orders.submit(buy(100'000)).is_none());
  EXPECT_TRUE(desk.orders.deny(buy(0), Outcome::kNoNumber).is_none());
  ASSERT_EQ(desk.orders.account().orders().size(), 2U);
  EXPECT_EQ(desk.orders.account().orders()[0].note, "insufficient cash");
  EXPECT_EQ(desk.orders.account().orders()[1].state, kDenied);
  EXPECT_EQ(desk.orders.gate().decisions()[1].outcome, Outcome::kNoNumber);
  EXPECT_TRUE(desk.broker.submitted.empty());
}

TEST(OrderManager, AFillAfterTheCancelIsBookedAndGuarded) {
  Desk desk;
  const OrderId id = desk.orders.submit_bracket(limit_buy(10, "9"), {.stop_loss = {.ratio = rate("0.1")}});
  desk.orders.cancel(id);
  EXPECT_EQ(desk.state(id), kCancelled);
  desk.broker.fill(id, "9", 10);
  EXPECT_EQ(desk.state(id), kFilled);
  EXPECT_TRUE(desk.orders.account().order(id).late_fill);
  EXPECT_EQ(desk.orders.account().position(0).quantity(), shares(10));
  EXPECT_EQ(desk.orders.account().available(0), money("9910"));
  ASSERT_EQ(desk.broker.submitted.size(), 2U);
  EXPECT_EQ(desk.broker.submitted[1].stop, price("8.1"));
}

struct WrongCase {
  const char* what = "";
  Order order;
  const char* expected = "";
};

TEST(Order, WhatContradictsItselfIsFound) {
  const auto limit = [](Order order, const char* at) {
    order.kind = OrderKind::kLimit;
    order.limit = price(at);
    return order;
  };
  const auto stop_limit = [](Side side, const char* stop, const char* limit) {
    return Order{
        .side = side, .kind = OrderKind::kStopLimit, .quantity = shares(1), .limit = price(limit), .stop = price(stop)};
  };
  const auto timed = [](Order order, TimeInForce time) {
    order.time_in_force = time;
    return order;
  };
  const WrongCase cases[] = {
      {"nothing", buy(0), "a quantity that is not above 0"},
      {"less than nothing", buy(-1), "a quantity that is not above 0"},
      {"half a share", {.quantity = *Quantity::parse("0.5")}, "off lot"},
      {"no limit", limit(buy(1), "0"), "a price that is not above 0"},
      {"a tenth of a cent", limit(buy(1), "10.001"), "off tick"},
      {"a sell limit above its stop", stop_limit(Side::kSell, "10", "10.5"), "a sell whose limit is above its stop"},
      {"a buy limit below its stop", stop_limit(Side::kBuy, "10", "9.5"), "a buy whose limit is below its stop"},
      {"a stop at the open", timed(stop_limit(Side::kBuy, "10", "11"), TimeInForce::kAtOpen),
       "a stop waits: its time in force is gtc or day"},
      {"no distance",
       {.kind = OrderKind::kTrailingStop, .quantity = shares(1)},
       "a trailing stop needs one distance: an amount or a ratio"},
      {"two distances",
       {.kind = OrderKind::kTrailingStop,
        .quantity = shares(1),
        .trail_amount = price("1"),
        .trail_ratio = rate("0.1")},
       "a trailing stop needs one distance: an amount or a ratio"},
      {"all of the price",
       {.kind = OrderKind::kTrailingStop, .quantity = shares(1), .trail_ratio = rate("1")},
       "a distance of the whole price or more"},
  };
  for (const WrongCase& c : cases) EXPECT_EQ(find_contradiction(c.order, {}), c.expected) << c.what;
  EXPECT_EQ(find_contradiction(stop_limit(Side::kBuy, "10", "10"), {}), std::nullopt);
  EXPECT_EQ(find_contradiction(timed(limit(buy(1), "10"), TimeInForce::kFillOrKill), {}), std::nullopt);
}

TEST(Order, TicksAreKeptOnBothSidesOfZero) {
  const Price tick = price("0.05");
  EXPECT_EQ(to_tick(price("1.07"), tick, core::Rounding::kFloor), price("1.05"));
  EXPECT_EQ(to_tick(price("1.07"), tick, core::Rounding::kCeiling), price("1.1"));
  EXPECT_EQ(to_tick(price("-1.07"), tick, core::Rounding::kFloor), price("-1.1"));
  EXPECT_EQ(to_tick(price("-1.07"), tick, core::Rounding::kCeiling), price("-1.05"));
  EXPECT_EQ(to_tick(price("1.05"), tick, core::Rounding::kCeiling), price("1.05"));
}

}  // namespace
}  // namespace argosy::trading

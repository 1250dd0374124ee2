// Every control of the risk gate, one by one; account_test.cpp has cash and the order itself.
#include "trading/risk_gate.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(std::int64_t whole) { return Money::from_integer(whole); }
Rate rate(const char* text) { return *Rate::parse(text); }

const Timestamp kNow = *core::parse_rfc3339("2024-03-04T15:00:00Z");  // 10:00 in New York

LimitProfile profile(const std::function<void(RiskLimits&)>& change) {
  LimitProfile out = LimitProfile::backtest();
  change(out.limits);
  return out;
}

// Three instruments at 100, on margin, with a million.
struct Desk {
  explicit Desk(const LimitProfile& limits, std::vector<market::Instrument> instruments = {})
      : account({.cash = money(1'000'000), .type = AccountType::kMargin},
                instruments.empty() ? three() : std::move(instruments)),
        gate(FeeSchedule(), limits, money(1'000'000)) {
    gate.attach(account);
    gate.set_time(kNow);
    for (InstrumentIndex i = 0; i < account.instruments().size(); ++i) set_price(i, "100");
    gate.guard().on_equity(kNow, account.equity());
  }
  static std::vector<market::Instrument> three() {
    return {{.symbol = "A", .exchange = "XNYS"}, {.symbol = "B", .exchange = "XNYS"}, {.symbol = "C"}};
  }
  void set_price(InstrumentIndex i, const char* text) {
    account.set_mark(i, price(text));
    gate.on_price(i, price(text));
  }
  void pass(core::Duration time) { gate.set_time(gate.time() + time); }

  // The decision on an order.
  Decision ask(const Order& order) {
    auto approved = gate.decide(order, account);
    EXPECT_EQ(approved.has_value(), gate.decisions().back().outcome == Outcome::kApproved);
    if (approved) {
      account.apply(approved->value().id, OrderEvent::kSend);
      last = approved->value().id;
      tell({.order = last, .event = OrderEvent::kAccept});
    }
    return gate.decisions().back();
  }
  Outcome outcome(const Order& order) { return ask(order).outcome; }
  void tell(const BrokerEvent& event) {
    account.apply(event);
    gate.on_broker_event(account.order(event.order), event);
  }
  void fill(const char* at = "100") {
    tell({.order = last, .event = OrderEvent::kFill, .price = price(at), .quantity = account.order(last).remaining()});
  }
  void cancel() { tell({.order = last, .event = OrderEvent::kCancel}); }
  void hold(InstrumentIndex i, std::int64_t count) {
    ASSERT_EQ(outcome(open(i, count)), Outcome::kApproved) << to_string(gate.decisions().back().outcome);
    fill();
  }

  // Opens a long position; of a negative count a short one.
  static Order open(InstrumentIndex i, std::int64_t count) {
    return {.instrument = i, .side = count > 0 ? Side::kBuy : Side::kSell, .quantity = shares(std::abs(count))};
  }
  static Order limit(InstrumentIndex i, std::int64_t count, const char* at) {
    Order order = open(i, count);
    order.kind = OrderKind::kLimit;
    order.limit = price(at);
    return order;
  }
  [[nodiscard]] Order close(InstrumentIndex i, std::int64_t count) const {
    return {.instrument = i,
            .side = account.position(i).closing_side(),
            .effect = Effect::kClose,
            .quantity = shares(count)};
  }

  Account account;
  RiskGate gate;
  OrderId last;
};

std::string_view name(Outcome outcome) { return to_string(outcome); }
#define ARGOSY_EXPECT_OUTCOME(actual, expected) EXPECT_EQ(name(actual), name(Outcome::expected))

TEST(RiskGate, ALimitThatIsNotSetBlocksAndIsNamed) {
  for (const auto& field : limit_fields<RiskLimits>()) {
    const auto limits =
        profile([&](RiskLimits& all) { std::visit([&](auto member) { all.*member = {}; }, field.member); });
    Desk desk(limits);
    const Decision decision = desk.ask(Desk::open(0, 1));
    ARGOSY_EXPECT_OUTCOME(decision.outcome, kLimitNotSet);
    EXPECT_EQ(decision.note, field.name);
    EXPECT_EQ(desk.account.orders().back().note, field.name);
    EXPECT_EQ(desk.account.orders().back().state, OrderState::kDenied);
  }
  LimitProfile breaker = LimitProfile::backtest();
  breaker.breaker.cool_down = {};
  EXPECT_EQ(Desk(breaker).ask(Desk::open(0, 1)).note, "cool_down");
  LimitProfile prop = LimitProfile::backtest();
  prop.prop = unlimited<PropLimits>();
  prop.prop->best_day = {};
  EXPECT_EQ(Desk(prop).ask(Desk::open(0, 1)).note, "best_day");
  EXPECT_EQ(Desk(LimitProfile()).ask(Desk::open(0, 1)).note, "messages") << "nothing is set";
  ARGOSY_EXPECT_OUTCOME(Desk(LimitProfile::backtest()).outcome(Desk::open(0, 1)), kApproved);
}

// A position is closed with whatever limits of what may be added are missing.
TEST(RiskGate, ClosingNeedsOnlyTheLimitsThatHoldForIt) {
  for (const auto& field : limit_fields<RiskLimits>()) {
    Desk desk(LimitProfile::backtest());
    desk.hold(0, 10);
    const auto limits =
        profile([&](RiskLimits& all) { std::visit([&](auto member) { all.*member = {}; }, field.member); });
    desk.gate = RiskGate(FeeSchedule(), limits, money(1'000'000));
    const Decision decision = desk.ask(desk.close(0, 10));
    EXPECT_EQ(decision.outcome, field.for_all ? Outcome::kLimitNotSet : Outcome::kApproved) << field.name;
    if (field.for_all) EXPECT_EQ(decision.note, field.name);
  }
}

TEST(RiskGate, OffTickOffLotContradiction) {
  Desk desk(LimitProfile::backtest());
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 1, "99.995")), kOffTick);
  Order half = Desk::open(0, 1);
  half.quantity = *Quantity::parse("0.5");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(half), kOffLot);
  Order above = Desk::limit(0, 1, "90");
  above.kind = OrderKind::kStopLimit;
  above.stop = price("95");
  const Decision decision = desk.ask(above);
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kContradiction);
  EXPECT_EQ(decision.note, "a buy whose limit is below its stop");
}

TEST(RiskGate, WhatCannotBeCountedIsRefusedAndDoesNotStopTheProgram) {
  Desk desk(LimitProfile::backtest());
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 9'000'000'000)), kTooLarge);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 3'000'000'000, "9000000")), kTooLarge);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 1, "9000000000")), kInsufficientCash);
}

TEST(RiskGate, TheKillSwitch) {
  Desk desk(LimitProfile::backtest());
  desk.hold(0, 10);
  desk.gate.halt(Halt::kEntries, "looking at it");
  EXPECT_EQ(desk.gate.halted().reason, "looking at it");
  EXPECT_EQ(desk.gate.halted().since, kNow);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kHalted);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kApproved);
  desk.gate.halt(Halt::kOrders, "everything");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kHalted);
  desk.gate.resume();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);

  desk.gate.halt(1, Halt::kEntries, "news");
  EXPECT_EQ(desk.gate.halted(1).reason, "news");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kInstrumentHalted);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kApproved);
  desk.gate.resume(1);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
}

TEST(RiskGate, FillsWithinATimeDisableTheInstrument) {
  Desk desk(profile([](RiskLimits& limits) { limits.instrument_fills = Limit<Burst>::of({3, 60s}); }));
  for (int i = 0; i < 8; ++i) {
    desk.hold(0, 1);
    desk.pass(20s);
  }
  EXPECT_EQ(desk.gate.halted(0).halt, Halt::kNone) << "three a minute are allowed";
  desk.hold(0, 1);
  desk.hold(0, 1);
  const Decision decision = desk.ask(Desk::open(0, 1));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kInstrumentFills);
  desk.pass(24h);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kInstrumentFills) << "until somebody has looked";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 5)), kApproved);
  desk.gate.resume(0);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kApproved);
}

TEST(RiskGate, TheCircuitBreaker) {
  LimitProfile limits = LimitProfile::backtest();
  limits.breaker.consecutive_losses = Limit<std::int64_t>::of(1);
  limits.breaker.cool_down = Limit<core::Duration>::of(1h);
  limits.breaker.trial_trades = Limit<std::int64_t>::of(1);
  Desk desk(limits);
  desk.hold(0, 10);
  desk.gate.guard().on_trade(kNow, money(-1));
  const Decision decision = desk.ask(Desk::open(1, 1));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kBreaker);
  EXPECT_EQ(decision.note, "the circuit breaker is open");
  EXPECT_EQ(decision.numbers.to_string(), "1 of 1");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 10)), kApproved);
  desk.pass(1h);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
  EXPECT_EQ(desk.ask(Desk::open(2, 1)).note, "the trial of the circuit breaker is used up");
}

TEST(RiskGate, Rejects) {
  LimitProfile limits = LimitProfile::backtest();
  limits.breaker.reject_rate = Limit<FailureRate>::of({rate("0.5"), 60s, 2});
  Desk desk(limits);
  for (int i = 0; i < 2; ++i) {
    auto approved = desk.gate.decide(Desk::open(0, 1), desk.account);
    ASSERT_TRUE(approved.has_value());
    desk.account.apply(approved->value().id, OrderEvent::kSend);
    desk.tell({.order = approved->value().id, .event = OrderEvent::kReject});
  }
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kBreaker);
}

TEST(RiskGate, ThePropFirm) {
  LimitProfile limits = LimitProfile::backtest();
  limits.prop = unlimited<PropLimits>();
  limits.prop->daily_loss = Limit<DailyLoss>::of({Allowance::of_money(money(1'000)), false});
  limits.prop->max_contracts = Limit<Quantity>::of(shares(10));
  Desk desk(limits);
  desk.hold(0, -6);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 4, "90")), kApproved);
  const Decision contracts = desk.ask(Desk::open(2, 1));
  ARGOSY_EXPECT_OUTCOME(contracts.outcome, kPropContracts);
  EXPECT_EQ(contracts.numbers.to_string(), "11 of 10");
  desk.gate.guard().on_equity(kNow, money(999'000));
  const Decision lost = desk.ask(Desk::open(2, 1));
  ARGOSY_EXPECT_OUTCOME(lost.outcome, kPropRule);
  EXPECT_EQ(lost.note, "day_over");
  EXPECT_EQ(lost.numbers.to_string(), "1000 of 1000");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 6)), kApproved);
}

TEST(RiskGate, Lists) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.restricted = Limit<Symbols>::of({"B"});
    limits.allowed = Limit<Symbols>::of({"A", "B"});
  }));
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kRestricted);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kNotAllowed);
}

TEST(RiskGate, Hours) {
  Desk desk(profile([](RiskLimits& limits) { limits.trading_hours = Limit<TradingHours>::of({5min, 10min}); }));
  desk.hold(0, 1);
  const std::pair<const char*, bool> moments[] = {
      {"2024-03-04T20:49:59Z", true},  {"2024-03-04T20:50:00Z", false}, {"2024-03-05T14:34:59Z", false},
      {"2024-03-05T14:35:00Z", true},  {"2024-03-09T15:00:00Z", false},  // a Saturday
      {"2024-03-11T13:35:00Z", true},                                    // summer time
      {"2024-11-29T17:49:59Z", true},  {"2024-11-29T17:50:00Z", false},  // an early close
      {"2024-12-25T15:00:00Z", false},
  };
  for (const auto& [time, open] : moments) {
    desk.gate.set_time(*core::parse_rfc3339(time));
    EXPECT_EQ(desk.outcome(Desk::open(0, 1)), open ? Outcome::kApproved : Outcome::kTradingHours) << time;
    ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kApproved) << "it trades round the clock";
  }
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kApproved);
}

TEST(RiskGate, Messages) {
  Desk desk(profile([](RiskLimits& limits) { limits.messages = Limit<MessageRate>::of({2, 5, 2}); }));
  desk.hold(0, 10);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kApproved);
  const Decision decision = desk.ask(Desk::open(0, 1));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kMessages);
  EXPECT_EQ(decision.numbers.to_string(), "2 of 2") << "what is left, and what stays for exits";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kApproved);
  desk.gate.on_cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kMessages) << "now nothing is left";
  desk.pass(499ms);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kMessages);
  desk.pass(1ms);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kApproved);
  desk.pass(std::chrono::hours(24 * 365 * 200));
  for (int i = 0; i < 3; ++i) ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kMessages) << "it holds no more than the burst";
}

TEST(RiskGate, TheSameOrderAgain) {
  Desk desk(profile([](RiskLimits& limits) { limits.equal_orders = Limit<Burst>::of({1, 30s}); }));
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 5, "99")), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 5, "98")), kApproved) << "another price";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 6, "99")), kApproved) << "another quantity";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 5, "99")), kApproved) << "another instrument";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, -5, "101")), kApproved) << "the other side";
  const Decision decision = desk.ask(Desk::limit(0, 5, "99"));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kEqualOrders);
  EXPECT_EQ(decision.numbers.to_string(), "2 of 1");
  desk.pass(29s);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 5, "99")), kEqualOrders);
  desk.pass(1s);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 5, "99")), kApproved) << "refused ones do not count";
}

TEST(RiskGate, WorkingOrders) {
  Desk desk(profile([](RiskLimits& limits) { limits.max_working_orders = Limit<std::int64_t>::of(2); }));
  desk.hold(0, 5);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 1, "90")), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 1, "91")), kApproved);
  const Decision decision = desk.ask(Desk::limit(1, 1, "92"));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kWorkingOrders);
  EXPECT_EQ(decision.numbers.to_string(), "3 of 2");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 5)), kApproved);
  desk.cancel();
  desk.last = desk.account.working_orders()[0];
  desk.cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 1, "92")), kApproved);
}

TEST(RiskGate, TheReferencePrice) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_reference_age = Limit<core::Duration>::of(60s);
    limits.price_collar = Limit<Rate>::of(rate("0.05"));
  }));
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 1, "105")), kApproved);
  const Decision buy = desk.ask(Desk::limit(0, 1, "105.01"));
  ARGOSY_EXPECT_OUTCOME(buy.outcome, kPriceCollar);
  EXPECT_EQ(buy.numbers.to_string(), "105.01 of 105");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 1, "1")), kApproved) << "it only waits";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, -1, "95")), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, -1, "94.99")), kPriceCollar);
  Order stop = Desk::limit(0, 1, "126");
  stop.kind = OrderKind::kStopLimit;
  stop.stop = price("120");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(stop), kApproved) << "120 will be the price then";
  stop.limit = price("126.01");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(stop), kPriceCollar);

  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kApproved);
  desk.pass(60s);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kApproved);
  desk.pass(1ns);
  const Decision old = desk.ask(Desk::open(2, 1));
  ARGOSY_EXPECT_OUTCOME(old.outcome, kStaleReference);
  EXPECT_EQ(old.numbers.unit, Compared::Unit::kDuration);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(2, 1, "100")), kStaleReference) << "what a collar needs is missing";
  stop.limit = price("121");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(stop), kApproved) << "compared with itself";
  desk.set_price(2, "100");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 1)), kApproved);

  RiskGate blind(FeeSchedule(), desk.gate.profile(), money(1'000'000));
  blind.set_time(kNow);
  EXPECT_FALSE(blind.decide(Desk::open(2, 1), desk.account).has_value());
  ARGOSY_EXPECT_OUTCOME(blind.decisions().back().outcome, kStaleReference) << "the time of the price is not known";
}

TEST(RiskGate, OwnOrders) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.self_match = Limit<Refused>::of({});
    limits.price_collar = Limit<Rate>::of(rate("0.02"));
  }));
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, -1, "101")), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 1, "100.99")), kApproved);
  desk.cancel();
  const Decision crossing = desk.ask(Desk::limit(0, 1, "101"));
  ARGOSY_EXPECT_OUTCOME(crossing.outcome, kSelfMatch);
  EXPECT_EQ(crossing.numbers.to_string(), "101 of 101");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kSelfMatch)
      << "a market order may pay as much as the collar allows";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
  Order stop = Desk::open(0, 1);
  stop.kind = OrderKind::kStop;
  stop.stop = price("101");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(stop), kApproved) << "it waits";
}

TEST(RiskGate, SizesOfAnOrder) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_order_quantity = Limit<Quantity>::of(shares(100));
    limits.max_order_value = Limit<Money>::of(money(9'000));
  }));
  const Decision quantity = desk.ask(Desk::open(0, 101));
  ARGOSY_EXPECT_OUTCOME(quantity.outcome, kOrderQuantity);
  EXPECT_EQ(quantity.numbers.to_string(), "101 of 100");
  const Decision value = desk.ask(Desk::open(0, 91));
  ARGOSY_EXPECT_OUTCOME(value.outcome, kOrderValue);
  EXPECT_EQ(value.numbers.to_string(), "9100 of 9000");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 90, "100.01")), kOrderValue) << "at the price it may pay";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 90)), kApproved);
  desk.fill();
  desk.set_price(0, "101");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 90)), kOrderValue) << "holds for exits too";
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 89)), kApproved);
}

TEST(RiskGate, SizesOfAPosition) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_position_quantity = Limit<Quantity>::of(shares(100));
    limits.max_position_value = Limit<Money>::of(money(20'000));
  }));
  desk.hold(0, 50);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 30, "90")), kApproved);
  const Decision decision = desk.ask(Desk::open(0, 21));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kPositionQuantity) << "working orders count";
  EXPECT_EQ(decision.numbers.to_string(), "101 of 100");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 20)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 50)), kApproved);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, -101)), kPositionQuantity) << "short too";
  desk.set_price(1, "201");
  const Decision value = desk.ask(Desk::open(1, -100));
  ARGOSY_EXPECT_OUTCOME(value.outcome, kPositionValue);
  EXPECT_EQ(value.numbers.to_string(), "20100 of 20000");
}

TEST(RiskGate, ExposureOfTheAccount) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_open_positions = Limit<std::int64_t>::of(2);
    limits.max_gross_exposure = Limit<Money>::of(money(30'000));
    limits.max_net_exposure = Limit<Money>::of(money(20'000));
  }));
  desk.hold(0, 100);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(1, 100, "90")), kApproved);
  const Decision positions = desk.ask(Desk::open(2, 1));
  ARGOSY_EXPECT_OUTCOME(positions.outcome, kOpenPositions);
  EXPECT_EQ(positions.numbers.to_string(), "3 of 2");
  const Decision net = desk.ask(Desk::open(0, 1));
  ARGOSY_EXPECT_OUTCOME(net.outcome, kNetExposure);
  EXPECT_EQ(net.numbers.to_string(), "20100 of 20000");
  desk.cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, -200)), kApproved) << "against what is held";
  const Decision gross = desk.ask(Desk::open(0, 1));
  ARGOSY_EXPECT_OUTCOME(gross.outcome, kGrossExposure);
  EXPECT_EQ(gross.numbers.to_string(), "30100 of 30000");
}

TEST(RiskGate, Leverage) {
  Desk desk(profile([](RiskLimits& limits) { limits.max_leverage = Limit<Leverage>::of({rate("1.5")}); }));
  desk.hold(0, 10'000);
  const Decision decision = desk.ask(Desk::open(1, -5'001));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kLeverage);
  EXPECT_EQ(decision.numbers.to_string(), "1500100 of 1500000");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, -5'000)), kApproved);
}

TEST(RiskGate, PositionsThatMoveTogether) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.correlated_exposure = Limit<CorrelationLimit>::of({rate("0.7"), rate("0.02")});
  }));
  desk.hold(0, 100);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 101)), kCorrelatedExposure) << "what is not known counts";
  // B moves as A does, C against it.
  std::int64_t up = 100;
  for (int day = 0; day < 70; ++day) {
    desk.pass(24h);
    up += day % 3 == 0 ? 7 : -3;
    desk.set_price(0, std::to_string(up).c_str());
    desk.set_price(1, std::to_string(2 * up).c_str());
    desk.set_price(2, std::to_string(400 - up).c_str());
  }
  desk.pass(24h);
  for (InstrumentIndex i = 0; i < 3; ++i) desk.set_price(i, "100");
  const Decision together = desk.ask(Desk::open(1, 101));
  ARGOSY_EXPECT_OUTCOME(together.outcome, kCorrelatedExposure);
  EXPECT_EQ(together.numbers.to_string(), "20100 of 20000");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 100)), kApproved);
  desk.cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, -199)), kApproved) << "the other side of the same is a hedge";
  desk.cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, 199)), kApproved);
  desk.cancel();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(2, -101)), kCorrelatedExposure) << "short of what moves against it";
}

TEST(RiskGate, Losses) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_daily_loss = Limit<Allowance>::of(Allowance::of_share(rate("0.01")));
    limits.max_drawdown = Limit<Allowance>::of(Allowance::of_money(money(15'000)));
  }));
  desk.hold(0, 1'000);
  desk.set_price(0, "90.01");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
  desk.set_price(0, "90");
  const Decision day = desk.ask(Desk::open(1, 1));
  ARGOSY_EXPECT_OUTCOME(day.outcome, kDailyLoss) << "open profit and loss counts at once";
  EXPECT_EQ(day.numbers.to_string(), "10000 of 10000");
  ARGOSY_EXPECT_OUTCOME(desk.outcome(desk.close(0, 1)), kApproved);
  desk.gate.guard().on_equity(desk.gate.time(), desk.account.equity());
  desk.pass(24h);
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved) << "a new day";
  desk.set_price(0, "85");
  const Decision peak = desk.ask(Desk::open(1, 1));
  ARGOSY_EXPECT_OUTCOME(peak.outcome, kDrawdown);
  EXPECT_EQ(peak.numbers.to_string(), "15000 of 15000");

  RiskGate blind(FeeSchedule(), desk.gate.profile(), money(1'000'000));
  EXPECT_FALSE(blind.decide(Desk::open(1, 1), desk.account).has_value());
  ARGOSY_EXPECT_OUTCOME(blind.decisions().back().outcome, kUnknown) << "nothing to measure from";
}

TEST(RiskGate, ARateThatIsMissing) {
  Desk desk(profile([](RiskLimits& limits) { limits.max_gross_exposure = Limit<Money>::of(money(1'000'000)); }),
            {{.symbol = "A"}, {.symbol = "B", .currency = "EUR"}});
  const Decision decision = desk.ask(Desk::open(1, 1));
  ARGOSY_EXPECT_OUTCOME(decision.outcome, kNoRate);
  desk.account.set_rate("EUR", {.quote = price("1.1")});
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(1, 1)), kApproved);
  desk.fill();
  desk.account.set_rate("EUR", {.quote = {}});
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::open(0, 1)), kUnknown) << "what is held is worth nobody knows what";
}

// Changes of working orders pass the same controls, in the place of what they were.
TEST(RiskGate, Changes) {
  Desk desk(profile([](RiskLimits& limits) {
    limits.max_position_quantity = Limit<Quantity>::of(shares(100));
    limits.equal_orders = Limit<Burst>::of({1, 1h});
  }));
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 60, "90")), kApproved);
  const auto change = [&](std::int64_t count, const char* at) {
    const auto approved =
        desk.gate.decide(OrderChange{.order = desk.last, .quantity = shares(count), .limit = price(at)}, desk.account);
    if (approved) desk.tell({.order = desk.last, .event = OrderEvent::kReplace});
    EXPECT_TRUE(desk.gate.decisions().back().is_change);
    return desk.gate.decisions().back().outcome;
  };
  ARGOSY_EXPECT_OUTCOME(change(100, "90"), kApproved);
  ARGOSY_EXPECT_OUTCOME(change(101, "90"), kPositionQuantity);
  ARGOSY_EXPECT_OUTCOME(change(100, "91"), kApproved);
  desk.gate.halt(Halt::kEntries, "stop");
  ARGOSY_EXPECT_OUTCOME(change(100, "92"), kHalted) << "another price is another try";
  ARGOSY_EXPECT_OUTCOME(change(50, "91"), kApproved) << "less is always possible";
  desk.gate.resume();
  ARGOSY_EXPECT_OUTCOME(desk.outcome(Desk::limit(0, 51, "90")), kPositionQuantity);
}

TEST(RiskGate, DecisionsKeepWhatWasAsked) {
  Desk desk(LimitProfile::backtest());
  desk.ask(Desk::limit(1, -7, "101"));
  const Decision& decision = desk.gate.decisions().front();
  EXPECT_EQ(decision.id, DecisionId(1));
  EXPECT_EQ(decision.instrument, 1U);
  EXPECT_EQ(decision.side, Side::kSell);
  EXPECT_EQ(decision.kind, OrderKind::kLimit);
  EXPECT_EQ(decision.quantity, shares(7));
  EXPECT_EQ(decision.limit, price("101"));
  EXPECT_EQ(decision.time, kNow);
  EXPECT_EQ(desk.account.orders().front().decision, decision.id);
}

}  // namespace
}  // namespace argosy::trading

#include "trading/account.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <type_traits>

#include "trading/risk_gate.hpp"
#include "trading/sizing.hpp"

namespace argosy::trading {
namespace {

using core::Rounding;

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(const char* text) { return *Money::parse(text); }
Rate rate(const char* text) { return *Rate::parse(text); }

static_assert(!std::is_copy_constructible_v<Approved<Order>>, "an approval is spent once");
static_assert(!std::is_default_constructible_v<Approved<Order>>, "only the gate approves");
static_assert(!std::is_constructible_v<Approved<Order>, Order, DecisionId>, "only the gate approves");

struct Desk {
  Account account{{.cash = money("1000")}, {market::Instrument{.symbol = "A"}, market::Instrument{.symbol = "B"}}};
  RiskGate gate{FeeSchedule::percent(rate("0.01")), LimitProfile::backtest(), money("1000")};

  Order buy(InstrumentIndex i, Quantity quantity) {
    return {.instrument = i, .side = Side::kBuy, .quantity = quantity};
  }
};

TEST(RiskGate, ApprovesAndPromisesTheCash) {
  Desk desk;
  desk.account.set_mark(0, price("10"));
  const auto approved = desk.gate.decide(desk.buy(0, shares(50)), desk.account);
  ASSERT_TRUE(approved.has_value());
  EXPECT_EQ(approved->decision(), desk.gate.decisions()[0].id);
  EXPECT_EQ(desk.gate.decisions()[0].required, money("505"));
  EXPECT_EQ(desk.account.available(0), money("495"));
  EXPECT_EQ(desk.account.orders()[0].state, OrderState::kPendingSubmit);

  const auto second = desk.gate.decide(desk.buy(0, shares(50)), desk.account);
  EXPECT_FALSE(second.has_value()) << "the same cash is not promised twice";
  EXPECT_EQ(desk.gate.decisions()[1].outcome, Outcome::kInsufficientCash);
  EXPECT_EQ(desk.account.orders()[1].state, OrderState::kDenied);
  EXPECT_EQ(desk.account.orders()[1].note, "insufficient cash");
}

TEST(RiskGate, EveryRefusalHasItsReason) {
  Desk desk;
  const auto outcome = [&](Order order) {
    EXPECT_FALSE(desk.gate.decide(order, desk.account).has_value());
    return desk.gate.decisions().back().outcome;
  };
  EXPECT_EQ(outcome(desk.buy(0, Quantity())), Outcome::kZeroQuantity);
  EXPECT_EQ(outcome(desk.buy(0, -shares(1))), Outcome::kContradiction);
  EXPECT_EQ(outcome(desk.buy(0, *Quantity::parse("1.5"))), Outcome::kOffLot);
  EXPECT_EQ(desk.account.orders().back().note, "off lot");
  EXPECT_EQ(outcome(desk.buy(0, shares(1))), Outcome::kNoPrice);
  EXPECT_EQ(outcome({.instrument = 0, .side = Side::kSell, .quantity = shares(1)}), Outcome::kShortNotAllowed);
  EXPECT_EQ(outcome({.instrument = 0, .side = Side::kSell, .effect = Effect::kClose, .quantity = shares(1)}),
            Outcome::kNothingToClose);
  desk.account.set_mark(0, price("990.1"));
  EXPECT_EQ(outcome(desk.buy(0, shares(1))), Outcome::kInsufficientCash) << "the fee counts";
}

TEST(Account, AFractionOfAShortIsBoughtBackInASplit) {
  Account account({.cash = money("1000"), .type = AccountType::kMargin}, {market::Instrument{.symbol = "A"}});
  account.set_mark(0, price("10"));
  const OrderId id = account.record({.side = Side::kSell, .quantity = shares(15)}, Money());
  account.apply(id, OrderEvent::kSubmit);
  account.apply(id, OrderEvent::kSend);
  account.apply({.order = id, .event = OrderEvent::kFill, .price = price("10"), .quantity = shares(15)});
  account.split(0, 1, 10);
  EXPECT_EQ(account.position(0).quantity(), -shares(1));
  EXPECT_EQ(account.cash(), money("1100")) << "half a new share at 100";
  EXPECT_EQ(account.wallet()[0].invested, money("-100"));
}

TEST(Account, BooksAFillThatComesAfterTheCancel) {
  Desk desk;
  desk.account.set_mark(0, price("10"));
  ASSERT_TRUE(desk.gate.decide(desk.buy(0, shares(50)), desk.account).has_value());
  const OrderId id = desk.account.orders()[0].id;
  desk.account.apply(id, OrderEvent::kSend);
  for (const OrderEvent event : {OrderEvent::kAccept, OrderEvent::kRequestCancel, OrderEvent::kCancel})
    desk.account.apply({.order = id, .event = event});
  EXPECT_EQ(desk.account.wallet()[0].reserved, Money());
  desk.account.apply({.order = id,
                      .event = OrderEvent::kPartialFill,
                      .price = price("10"),
                      .quantity = shares(20),
                      .fee = money("2")});
  EXPECT_EQ(desk.account.order(id).state, OrderState::kCancelled);
  EXPECT_TRUE(desk.account.order(id).late_fill);
  EXPECT_EQ(desk.account.position(0).quantity(), shares(20));
  EXPECT_EQ(desk.account.cash(), money("798"));
}

TEST(Account, ReleasesThePromiseWhenTheOrderEnds) {
  Desk desk;
  desk.account.set_mark(0, price("10"));
  ASSERT_TRUE(desk.gate.decide(desk.buy(0, shares(50)), desk.account).has_value());
  const OrderId id = desk.account.orders()[0].id;
  desk.account.apply(id, OrderEvent::kSend);
  desk.account.apply({.order = id, .event = OrderEvent::kAccept});
  desk.account.apply({.order = id,
                      .event = OrderEvent::kPartialFill,
                      .price = price("11"),
                      .quantity = shares(20),
                      .fee = money("2.2"),
                      .key = 7});
  EXPECT_EQ(desk.account.cash(), money("777.8"));
  desk.account.apply({.order = id, .event = OrderEvent::kCancel, .note = "enough"});
  EXPECT_EQ(desk.account.wallet()[0].reserved, Money());
  EXPECT_EQ(desk.account.order(id).filled, shares(20));
  EXPECT_EQ(desk.account.order(id).fill_price, price("11"));
  desk.account.set_mark(0, price("12"));
  EXPECT_EQ(desk.account.equity(), money("1017.8"));
}

TEST(Sizing, KindsAndTheirLimits) {
  const market::Instrument whole{.symbol = "A"};
  const market::Instrument fractional{.symbol = "B", .fractional = true};
  const Sizing half{.kind = SizeKind::kPercent, .fraction = rate("0.5")};
  const Sizing cash{.kind = SizeKind::kCash, .cash = money("100")};
  const Sizing fixed{.kind = SizeKind::kShares, .shares = shares(7)};
  EXPECT_EQ(size_order(half, {{whole, price("33"), {}, FeeSchedule::percent(Rate())}, money("1000"), money("1000")}),
            shares(15));
  EXPECT_EQ(size_order(half, {{whole, price("33"), {}, FeeSchedule::percent(Rate())}, money("1000"), money("40")}),
            shares(1))
      << "no more than is available";
  EXPECT_EQ(
      size_order(cash, {{whole, price("10"), {}, FeeSchedule::percent(rate("0.01"))}, money("1000"), money("1000")}),
      shares(9))
      << "100 pays 9 with their fees";
  EXPECT_EQ(
      size_order(cash, {{fractional, price("8"), {}, FeeSchedule::percent(Rate())}, money("1000"), money("1000")}),
      *Quantity::parse("12.5"));
  EXPECT_EQ(size_order(fixed, {{whole, price("1000"), {}, FeeSchedule::percent(Rate())}, money("1"), money("1")}),
            shares(7))
      << "a number of shares does not shrink";
  EXPECT_EQ(
      size_order(half,
                 {{whole, price("0.000000001"), {}, FeeSchedule::percent(Rate())}, money("1000000"), money("1000000")}),
      shares(9'000'000'000));
}

RC_GTEST_PROP(Sizing, AffordableIsTheMostThatTheCashPays, ()) {
  const auto instrument = market::Instrument{.symbol = "A", .fractional = *rc::gen::arbitrary<bool>()};
  const Price at = Price::from_units(*rc::gen::inRange<std::int64_t>(1'000, 5'000'000'000'000));
  const Rate fee = Rate::from_units(*rc::gen::inRange<std::int64_t>(0, 100'000'000));
  const Money cash = Money::from_units(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  const FeeSchedule fees = FeeSchedule::percent(fee);
  const Quantity most = affordable({instrument, at, {}, fees}, cash);
  const auto cost = [&](Quantity quantity) {
    const Money amount = core::notional(at, quantity, Rounding::kHalfEven);
    return amount + core::multiply(amount, fee, Rounding::kHalfEven);
  };
  RC_ASSERT(cost(most) <= cash);
  // One lot more (or, for fractions, one millionth of the cash's worth) costs more than there is.
  const Quantity more = instrument.fractional ? most + core::divide(Money::from_units(10), at, Rounding::kCeiling)
                                              : most + instrument.lot;
  if (most < Quantity::from_integer(8'999'999'999)) RC_ASSERT(cost(more) > cash);
}

// cash + cost of what is held = initial + realised + dividends - fees, to the last unit, after any sequence of fills.
RC_GTEST_PROP(Account, TheBooksAlwaysAddUp, ()) {
  Desk desk;
  desk.account.set_mark(0, price("1"));
  Money realised;
  Money dividends;
  const int steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    const Price at = Price::from_units(*rc::gen::inRange<std::int64_t>(1, 50'000'000'000));
    const Money fee = Money::from_units(*rc::gen::inRange<std::int64_t>(0, 1'000'000));
    const Quantity held = desk.account.position(0).quantity();
    const int kind = *rc::gen::inRange(0, 4);
    const Money realised_before = held.is_positive() ? desk.account.position(0).realised() : Money();
    Order order{.instrument = 0};
    if (kind == 0) {
      order.side = Side::kBuy;
      order.quantity = shares(*rc::gen::inRange<std::int64_t>(1, 10));
    } else if (kind == 1 && held >= shares(1)) {
      order.side = Side::kSell;
      order.effect = Effect::kClose;
      order.quantity = shares(*rc::gen::inRange<std::int64_t>(1, held.units() / Quantity::kUnitsPerOne + 1));
    } else if (kind == 2) {
      desk.account.split(0, *rc::gen::inRange<std::int64_t>(1, 4), *rc::gen::inRange<std::int64_t>(1, 4));
      if (held.is_positive()) realised += desk.account.position(0).realised() - realised_before;
      continue;
    } else {
      const Money before = desk.account.dividends();
      desk.account.dividend(0, at);
      dividends += desk.account.dividends() - before;
      continue;
    }
    desk.account.set_mark(0, Price::from_units(1));
    if (!desk.gate.decide(order, desk.account)) continue;
    const OrderId id = desk.account.orders().back().id;
    desk.account.apply(id, OrderEvent::kSend);
    desk.account.apply({.order = id, .event = OrderEvent::kAccept});
    desk.account.apply({.order = id, .event = OrderEvent::kFill, .price = at, .quantity = order.quantity, .fee = fee});
    if (order.side == Side::kSell) realised += desk.account.position(0).realised() - realised_before;
    RC_ASSERT(desk.account.wallet()[0].reserved == Money());
  }
  const Money held_at_cost = desk.account.position(0).cost();
  RC_ASSERT(desk.account.cash() + held_at_cost == money("1000") + realised + dividends - desk.account.fees());
}

}  // namespace
}  // namespace argosy::trading

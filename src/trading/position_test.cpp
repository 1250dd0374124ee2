#include "trading/position.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace argosy::trading {
namespace {

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(const char* text) { return *Money::parse(text); }

TEST(Position, BuySellSplitDividend) {
  Position position;
  position.fill(5, Side::kBuy, price("10"), shares(100), money("1"));
  EXPECT_EQ(position.cost(), money("1000"));
  EXPECT_EQ(position.dividend(price("0.5")), money("50"));
  EXPECT_EQ(position.split(2, 1, shares(1), price("12")), Money());
  EXPECT_EQ(position.quantity(), shares(200));
  EXPECT_EQ(position.entry_price(), price("5"));
  position.fill(8, Side::kSell, price("7"), shares(200), money("2"));
  EXPECT_FALSE(position.is_open());
  EXPECT_EQ(position.realised(), money("400"));
  EXPECT_EQ(position.fees(), money("3"));
  EXPECT_EQ(position.dividends(), money("50"));
  position.fill(9, Side::kBuy, price("7"), shares(1), Money());
  EXPECT_EQ(position.entry_key(), 9) << "a new position starts from nothing";
  EXPECT_EQ(position.fees(), Money());
}

TEST(Position, AReverseSplitPaysTheFractionInCash) {
  Position position;
  position.fill(0, Side::kBuy, price("2"), shares(105), Money());
  EXPECT_EQ(position.split(1, 10, shares(1), price("3")), money("15"));  // half a new share at 30
  EXPECT_EQ(position.quantity(), shares(10));
  EXPECT_EQ(position.cost(), money("200"));
  EXPECT_EQ(position.realised(), money("5"));  // 15 for a share of the cost of 10
}

TEST(Position, AverageCostOfSeveralBuys) {
  Position position;
  position.fill(0, Side::kBuy, price("10"), shares(1), Money());
  position.fill(1, Side::kBuy, price("20"), shares(3), Money());
  EXPECT_EQ(position.entry_price(), price("17.5"));
  position.fill(0, Side::kSell, price("20"), shares(2), Money());
  EXPECT_EQ(position.realised(), money("5"));
  EXPECT_EQ(position.cost(), money("35"));
}

TEST(PositionDeathTest, ClosingMoreThanIsHeldStopsTheProgram) {
  Position position;
  position.fill(0, Side::kBuy, price("1"), shares(1), Money());
  EXPECT_DEATH(position.fill(0, Side::kSell, price("1"), shares(2), Money()), "a fill of 2 closes 1");
}

TEST(Position, AShortGainsWhenThePriceFalls) {
  Position position;
  position.fill(1, Side::kSell, price("10"), shares(100), money("1"));
  EXPECT_TRUE(position.is_short());
  EXPECT_EQ(position.quantity(), shares(-100));
  EXPECT_EQ(position.size(), shares(100));
  EXPECT_EQ(position.closing_side(), Side::kBuy);
  EXPECT_EQ(position.entry_price(), price("10"));
  EXPECT_EQ(position.profit_at(price("9")), money("100"));
  EXPECT_EQ(position.profit_at(price("12")), money("-200"));
  EXPECT_EQ(position.dividend(price("0.5")), money("-50")) << "a short owes the dividend";
  EXPECT_EQ(position.split(3, 2, shares(1), price("10")), Money());
  EXPECT_EQ(position.quantity(), shares(-150));
  EXPECT_EQ(position.cost(), money("-1000"));
  position.fill(2, Side::kBuy, price("6"), shares(50), Money());
  EXPECT_EQ(position.realised(), *Money::parse_rounded("33.333333", core::Rounding::kHalfEven));
  position.fill(3, Side::kBuy, price("8"), shares(100), Money());
  EXPECT_FALSE(position.is_open());
  EXPECT_EQ(position.realised(), money("-100"));
  EXPECT_EQ(position.realised_by_lots(), money("-100"));
}

TEST(Position, AShortPaysForTheFractionOfAReverseSplit) {
  Position position;
  position.fill(0, Side::kSell, price("2"), shares(105), Money());
  EXPECT_EQ(position.split(1, 10, shares(1), price("3")), money("-15"));
  EXPECT_EQ(position.quantity(), shares(-10));
  EXPECT_EQ(position.realised(), money("-5"));
}

TEST(Position, LotsAreClosedInTheOrderTheyWereOpened) {
  Position position;
  position.fill(1, Side::kBuy, price("10"), shares(10), Money());
  position.fill(2, Side::kBuy, price("20"), shares(10), Money());
  position.fill(3, Side::kSell, price("20"), shares(15), Money());
  EXPECT_EQ(position.realised(), money("75")) << "by the average of 15";
  EXPECT_EQ(position.realised_by_lots(), money("100")) << "all ten of 10, five of 20";
  ASSERT_EQ(position.lots().size(), 1U);
  EXPECT_EQ(position.lots()[0].key, 2);
  EXPECT_EQ(position.lots()[0].quantity, shares(5));
  EXPECT_EQ(position.lots()[0].cost, money("100"));
}

TEST(Position, ASplitToLessThanTheSmallestQuantityLosesWhatItCost) {
  Position position;
  position.fill(0, Side::kBuy, price("10"), Quantity::from_units(1'000'000), Money());
  EXPECT_EQ(position.split(1, 10'000'000, Quantity(), price("10")), Money());
  EXPECT_FALSE(position.is_open());
  EXPECT_EQ(position.realised(), money("-0.01"));
  EXPECT_EQ(position.realised_by_lots(), money("-0.01"));
}

// Whatever happens: lots add up to the position, and cash in = cost of what is held + realised, for both ways of
// counting.
RC_GTEST_PROP(Position, BothWaysOfCountingAgreeWithTheCash, ()) {
  Position position;
  Money cash;  // since the position was opened
  const int steps = *rc::gen::inRange(1, 30);
  for (int step = 0; step < steps; ++step) {
    const Price at = Price::from_units(*rc::gen::inRange<std::int64_t>(1, 90'000'000'000));
    const int kind = *rc::gen::inRange(0, 5);
    if (kind == 0 && position.is_open()) {
      const auto numerator = *rc::gen::inRange<std::int64_t>(1, 5);
      const auto denominator = *rc::gen::inRange<std::int64_t>(1, 5);
      const Quantity lot = *rc::gen::arbitrary<bool>() ? shares(1) : Quantity();
      cash += position.split(numerator, denominator, lot, at);
    } else {
      const Side side = kind <= 2 ? Side::kBuy : Side::kSell;
      Quantity quantity = Quantity::from_units(*rc::gen::inRange<std::int64_t>(1, 50'000'000'000));
      const bool closes = position.is_open() && side == position.closing_side();
      if (closes) quantity = std::min(quantity, position.size());
      if (!position.is_open()) cash = Money();
      position.fill(step, side, at, quantity, Money());
      const Money amount = core::notional(at, quantity, core::Rounding::kHalfEven);
      cash += side == Side::kBuy ? -amount : amount;
    }
    Quantity in_lots;
    Money cost_of_lots;
    for (const Position::Lot& lot : position.lots()) {
      in_lots += lot.quantity;
      cost_of_lots += lot.cost;
    }
    RC_ASSERT(in_lots == position.size());
    RC_ASSERT(cash == position.realised() - position.cost());
    RC_ASSERT(cash == position.realised_by_lots() - (position.is_short() ? -cost_of_lots : cost_of_lots));
    if (!position.is_open()) RC_ASSERT(position.realised() == position.realised_by_lots());
  }
}

}  // namespace
}  // namespace argosy::trading

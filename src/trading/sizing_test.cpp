// Each kind of size with numbers that can be checked by hand.
#include "trading/sizing.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace argosy::trading {
namespace {

using core::Date;
using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

Money money(const char* text) { return *Money::parse(text); }
Rate rate(const char* text) { return *Rate::parse(text); }
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Situation {
  const char* price = "10";
  const char* equity = "1000";
  const char* available = "1000";
  double value = kUnknown;
  TradeRecord record = {};
  FeeSchedule fees = {};
  bool fractional = false;
};

// The size as text; "none" when there is no number.
std::string size_of(const Sizing& sizing, const Situation& s = {}) {
  const market::Instrument instrument{.symbol = "A", .fractional = s.fractional};
  const auto size = size_order(sizing, {.terms = {.instrument = instrument,
                                                  .price = *Price::parse(s.price),
                                                  .date = Date::from_ymd(2020, 1, 2),
                                                  .fees = s.fees},
                                        .equity = money(s.equity),
                                        .available = money(s.available),
                                        .value = s.value,
                                        .record = s.record});
  return size ? size->to_string() : "none";
}

TradeRecord record_of(const std::vector<double>& returns) {
  TradeRecord record;
  for (const double value : returns) record.add(value);
  return record;
}

TEST(SizingNumbers, Shares) {
  const Sizing sizing{.kind = SizeKind::kShares, .shares = Quantity::from_integer(7)};
  EXPECT_EQ(size_of(sizing), "7");
  EXPECT_EQ(size_of(sizing, {.available = "1"}), "7") << "all or nothing: the gate decides";
  const Sizing half{.kind = SizeKind::kShares, .shares = *Quantity::parse("7.5")};
  EXPECT_EQ(size_of(half), "7") << "whole lots";
  EXPECT_EQ(size_of(half, {.fractional = true}), "7.5");
}

TEST(SizingNumbers, CashAndPercentWithFees) {
  const Sizing cash{.kind = SizeKind::kCash, .cash = money("500")};
  EXPECT_EQ(size_of(cash), "50");
  EXPECT_EQ(size_of(cash, {.available = "123"}), "12") << "no more than there is";
  EXPECT_EQ(size_of(cash, {.fees = FeeSchedule::percent(rate("0.01"))}), "49") << "50 would cost 505";
  EXPECT_EQ(size_of(cash, {.price = "501"}), "0");
  const Sizing percent{.kind = SizeKind::kPercent, .fraction = rate("0.25")};
  EXPECT_EQ(size_of(percent), "25");
  EXPECT_EQ(size_of(percent, {.available = "100"}), "10");
  EXPECT_EQ(size_of(percent, {.price = "3", .fractional = true}), "83.333333333");
}

TEST(SizingNumbers, RiskDividesByTheDistance) {
  const Sizing risk{.kind = SizeKind::kRisk, .fraction = rate("0.01")};
  EXPECT_EQ(size_of(risk, {.value = 2}), "5") << "1 % of 1000, lost at 2 a share";
  EXPECT_EQ(size_of(risk, {.value = 0.3}), "33") << "33.3";
  EXPECT_EQ(size_of(risk, {.value = 0.05}), "100") << "200 would cost more than there is";
  EXPECT_EQ(size_of(risk, {.value = 1e-9}), "100");
  EXPECT_EQ(size_of(risk, {.value = 100}), "0") << "one share risks more";
  for (const double bad : {kUnknown, 0.0, -1.0, 1e-12, 1e300, std::numeric_limits<double>::infinity()})
    EXPECT_EQ(size_of(risk, {.value = bad}), "none") << bad;
}

TEST(SizingNumbers, AVolatilityTargetDividesByTheVolatility) {
  const Sizing target{.kind = SizeKind::kVolatility, .fraction = rate("0.15")};
  EXPECT_EQ(size_of(target, {.value = 0.6}), "25") << "a quarter of the equity";
  EXPECT_EQ(size_of(target, {.value = 0.1}), "100") << "not more than all of it";
  const Sizing capped{.kind = SizeKind::kVolatility, .fraction = rate("0.15"), .cap = rate("0.2")};
  EXPECT_EQ(size_of(capped, {.value = 0.6}), "20");
  for (const double bad : {kUnknown, 0.0, -0.1, 1e300}) EXPECT_EQ(size_of(target, {.value = bad}), "none") << bad;
}

TEST(SizingNumbers, KellysFraction) {
  EXPECT_EQ(record_of({}).kelly(), 0);
  EXPECT_EQ(record_of({0.1, 0.2}).kelly(), 1) << "nothing was ever lost";
  EXPECT_EQ(record_of({-0.1}).kelly(), 0);
  EXPECT_DOUBLE_EQ(record_of({0.2, 0.2, 0.2, -0.1, -0.1}).kelly(), 0.4) << "0.6 - 0.4 / 2";
  EXPECT_EQ(record_of({0.1, -0.1, -0.1}).kelly(), 0) << "a bad bet is none, not a negative one";
  EXPECT_DOUBLE_EQ(record_of({0.3, 0.0}).kelly(), 1) << "a trade without profit has lost nothing";
}

TEST(SizingNumbers, HalfKellyWaitsForTradesAndIsCapped) {
  Sizing kelly{.kind = SizeKind::kHalfKelly, .fraction = rate("0.05"), .cap = rate("0.25"), .least_trades = 5};
  EXPECT_EQ(size_of(kelly), "5") << "5 % until there are trades";
  EXPECT_EQ(size_of(kelly, {.record = record_of({0.2, 0.2, 0.2, -0.1})}), "5") << "four are not five";
  EXPECT_EQ(size_of(kelly, {.record = record_of({0.2, 0.2, 0.2, -0.1, -0.1})}), "20") << "half of 40 %";
  EXPECT_EQ(size_of(kelly, {.record = record_of({0.2, 0.2, 0.2, 0.2, 0.2})}), "25") << "half of 100 %, capped";
  EXPECT_EQ(size_of(kelly, {.record = record_of({-0.2, -0.2, -0.2, -0.2, 0.2})}), "0") << "it does not pay";
  kelly.fraction = rate("0.5");
  EXPECT_EQ(size_of(kelly), "25") << "the cap holds before, too";
}

TEST(SizingNumbers, FormulasGiveSharesCashOrPercent) {
  const auto by_formula = [](SizeKind kind) { return Sizing{.kind = kind, .by_formula = true}; };
  EXPECT_EQ(size_of(by_formula(SizeKind::kShares), {.value = 12.9}), "12");
  EXPECT_EQ(size_of(by_formula(SizeKind::kCash), {.value = 255.5}), "25");
  EXPECT_EQ(size_of(by_formula(SizeKind::kCash), {.value = 5000}), "100") << "no more than there is";
  EXPECT_EQ(size_of(by_formula(SizeKind::kPercent), {.value = 12.5}), "12");
  EXPECT_EQ(size_of(by_formula(SizeKind::kPercent), {.value = 0}), "0");
  for (const SizeKind kind : {SizeKind::kShares, SizeKind::kCash, SizeKind::kPercent}) {
    for (const double bad : {kUnknown, -1.0, 1e300, std::numeric_limits<double>::infinity()})
      EXPECT_EQ(size_of(by_formula(kind), {.value = bad}), "none") << to_string(kind) << " " << bad;
  }
}

}  // namespace
}  // namespace argosy::trading

#include "strategy/entry_prices.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace argosy::strategy {
namespace {

using core::Price;
using core::Rate;
using core::Rounding;
using trading::OrderKind;

std::string text(const std::optional<Price>& price) { return price ? price->to_string() : "-"; }

// At a close of 100, with offsets of 1 % for limits and 2 % for stops.
EntryPrices prices(OrderKind kind, bool buys, std::optional<double> limit = {}, std::optional<double> stop = {},
                   double factor = 1) {
  return entry_prices(
      {.order = {.kind = kind, .limit_offset = *Rate::parse("0.01"), .stop_offset = *Rate::parse("0.02")},
       .buys = buys,
       .close = Price::from_integer(100),
       .factor = factor,
       .limit = limit,
       .stop = stop});
}

TEST(EntryPrices, LieOnTheSideOfTheCloseThatTheOrderMeans) {
  struct Case {
    OrderKind kind;
    bool buys;
    const char* limit;
    const char* stop;
    Rounding limit_rounding;
    Rounding stop_rounding;
  };
  const Case cases[] = {
      {OrderKind::kMarket, true, "-", "-", Rounding::kFloor, Rounding::kCeiling},
      {OrderKind::kLimit, true, "99", "-", Rounding::kFloor, Rounding::kCeiling},
      {OrderKind::kLimit, false, "101", "-", Rounding::kCeiling, Rounding::kFloor},
      {OrderKind::kStop, true, "-", "102", Rounding::kFloor, Rounding::kCeiling},
      {OrderKind::kStop, false, "-", "98", Rounding::kCeiling, Rounding::kFloor},
      {OrderKind::kStopLimit, true, "101", "102", Rounding::kCeiling, Rounding::kCeiling},
      {OrderKind::kStopLimit, false, "99", "98", Rounding::kFloor, Rounding::kFloor},
  };
  for (const Case& each : cases) {
    const EntryPrices found = prices(each.kind, each.buys);
    const std::string what = std::string(to_string(each.kind)) + (each.buys ? " buy" : " short");
    EXPECT_EQ(text(found.limit), each.limit) << what;
    EXPECT_EQ(text(found.stop), each.stop) << what;
    EXPECT_EQ(found.limit_rounding, each.limit_rounding) << what;
    EXPECT_EQ(found.stop_rounding, each.stop_rounding) << what;
  }
}

TEST(EntryPrices, AFormulaStandsForItsOffsetAndIsOfAdjustedPrices) {
  EXPECT_EQ(text(prices(OrderKind::kLimit, true, 24.5, {}, 0.25).limit), "98");
  const EntryPrices both = prices(OrderKind::kStopLimit, true, 26, 25.75, 0.25);
  EXPECT_EQ(text(both.limit), "104");
  EXPECT_EQ(text(both.stop), "103");
}

TEST(EntryPrices, AFormulaThatGivesNoPriceGivesNone) {
  for (const double none : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e300}) {
    EXPECT_EQ(text(prices(OrderKind::kLimit, true, none).limit), "-") << none;
    const EntryPrices one = prices(OrderKind::kStopLimit, true, 101, none);
    EXPECT_EQ(text(one.limit), "101");
    EXPECT_EQ(text(one.stop), "-") << none;
  }
}

}  // namespace
}  // namespace argosy::strategy

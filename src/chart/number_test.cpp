#include "chart/number.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace argosy::chart {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FormatNumber, GroupsAndSigns) {
  EXPECT_EQ(format_number(1234567.891, 2), "1,234,567.89");
  EXPECT_EQ(format_number(-1234.5, 2), "\u22121,234.50");
  EXPECT_EQ(format_number(999, 0), "999");
  EXPECT_EQ(format_number(1000, 0), "1,000");
  EXPECT_EQ(format_number(3, 1, Sign::kAlways), "+3.0");
  EXPECT_EQ(format_number(-0.001, 2), "0.00");
  EXPECT_EQ(format_number(0.001, 2, Sign::kAlways), "0.00");
  EXPECT_EQ(format_number(kNaN, 2), "\u2014");
  EXPECT_EQ(format_number(-kInfinity, 2), "\u2014");
}

TEST(FormatPercent, ScalesByHundred) {
  EXPECT_EQ(format_percent(0.1234, 1, Sign::kAlways), "+12.3%");
  EXPECT_EQ(format_percent(-0.5, 0), "\u221250%");
  EXPECT_EQ(format_percent(kNaN, 1), "\u2014");
}

TEST(FormatCompact, KeepsThreeDigits) {
  EXPECT_EQ(format_compact(0), "0");
  EXPECT_EQ(format_compact(12.5), "12.5");
  EXPECT_EQ(format_compact(999.6), "1k");
  EXPECT_EQ(format_compact(25'000), "25k");
  EXPECT_EQ(format_compact(-1'250'000), "\u22121.25M");
  EXPECT_EQ(format_compact(3.2e9), "3.2B");
  EXPECT_EQ(format_compact(7e12), "7T");
}

TEST(FormatPrice, ShowsMoreOfSmallPrices) {
  EXPECT_EQ(format_price(1234.5), "1,234.50");
  EXPECT_EQ(format_price(0.1234), "0.1234");
  EXPECT_EQ(format_price(0.00001234), "0.00001234");
}

TEST(Coordinate, RoundsToATenth) {
  EXPECT_EQ(coordinate(12.34), "12.3");
  EXPECT_EQ(coordinate(12.98), "13");
  EXPECT_EQ(coordinate(-0.04), "0");
  EXPECT_EQ(coordinate(-0.25), "-0.3");
  EXPECT_EQ(width_percent(0.12345), "12.35%");
  EXPECT_EQ(width_percent(1), "100%");
  EXPECT_EQ(width_percent(7), "100%");
}

TEST(IsDrawable, RefusesWhatArithmeticCannotTake) {
  EXPECT_TRUE(is_drawable(-1e100));
  EXPECT_FALSE(is_drawable(1e101));
  EXPECT_FALSE(is_drawable(kNaN));
  EXPECT_FALSE(is_drawable(kInfinity));
}

}  // namespace
}  // namespace argosy::chart

#include "formula/operators/family_test.hpp"

namespace argosy::formula::testing {
namespace {

TEST(Trend, AroonCountsTheLatestOfEqualExtremes) {
  const Bars bars{.high = {5, 7, 6, 7, 4, 3, 3, kGap, 1, 2, 3}, .low = {4, 3, 3, 5, 2, 2, 1, 1, 0, 1, 2}};
  // Windows of 3 rows; bars since the highest 0+1.. : row 2: 1, 3: 0, 4: 1, 5: 2, 6: 2; since the lowest 0, 1, 0, 0, 0.
  expect_column("aroon(2).up", bars, {kGap, kGap, 50, 100, 50, 0, 0, kGap, kGap, kGap, 100});
  expect_column("aroon(2).down", bars, {kGap, kGap, 100, 50, 100, 100, 100, kGap, kGap, kGap, 0});
  expect_column("aroonosc(2)", bars, {kGap, kGap, -50, 50, -50, -100, -100, kGap, kGap, kGap, 100});
  expect_column("aroon(1).up", flat({1, 1, 0}), {kGap, 100, 0});
  expect_column("aroon(3).down", flat({1, 2}), {kGap, kGap});
}

// Highs go 2 up, 1 up, 3 down, 1 up; lows 1 up, 2 down, 3 down, 1 down. The last tie counts for neither.
const Bars kMoves{.high = {10, 12, 13, 10, 11}, .low = {8, 9, 7, 4, 3}, .close = {9, 10, 8, 9, 10}};

TEST(Trend, MovementIsTheLongerWayBeyondTheLastBar) {
  expect_column("plus_dm(1)", kMoves, {kGap, 2, 0, 0, 0});
  expect_column("minus_dm(1)", kMoves, {kGap, 0, 2, 3, 0});
  // Seeded by one movement, then half of the sum leaves each row.
  expect_column("plus_dm(2)", kMoves, {kGap, 2, 1, 0.5, 0.25});
  expect_column("minus_dm(2)", kMoves, {kGap, 0, 2, 4, 2});
  expect_column("dm(2).minus", kMoves, {kGap, 0, 2, 4, 2});
  expect_column("plus_dm(3)", kMoves, {kGap, kGap, 2, 4.0 / 3, 8.0 / 9});
  expect_column("plus_dm(14)", kMoves, Column(5, kGap));
}

TEST(Trend, DirectionalIndicesAreSharesOfTheRange) {
  // True ranges 3 6 6 8; their running sum over 2: 3, 7.5, 9.75, 12.875.
  expect_column("plus_di(2)", kMoves, {kGap, kGap, 100 / 7.5, 50 / 9.75, 25 / 12.875});
  expect_column("minus_di(2)", kMoves, {kGap, kGap, 200 / 7.5, 400 / 9.75, 200 / 12.875});
  const double first = 100.0 / 3;
  const double second = 100 * 3.5 / 4.5;
  const double third = 100 * 1.75 / 2.25;
  expect_column("dx(2)", kMoves, {kGap, kGap, first, second, third});
  expect_column("adx(2)", kMoves, {kGap, kGap, kGap, (first + second) / 2, (first + second) / 4 + third / 2});
  const double mean = (first + second) / 2;
  expect_column("adxr(2)", kMoves, {kGap, kGap, kGap, kGap, (mean + mean / 2 + third / 2) / 2});
}

TEST(Trend, WhatDoesNotMoveHasNoDirection) {
  const Bars still = flat({3, 3, 3, 3, 3, 3, 4, 5});
  expect_column("plus_di(2)", still, {kGap, kGap, 0, 0, 0, 0, 100, 100});
  expect_column("dx(2)", still, {kGap, kGap, 0, 0, 0, 0, 100, 100});
  // Rows without a direction leave the average as it is.
  expect_column("adx(2)", still, {kGap, kGap, kGap, 0, 0, 0, 50, 75});
  // Inside bars: the sums of movement stay 0 while there is a range.
  const Bars inside{.high = {9, 8, 7, 6}, .low = {1, 2, 3, 4}, .close = {5, 5, 5, 5}};
  expect_column("dx(2)", inside, {kGap, kGap, 0, 0});
  expect_column("minus_di(2)", inside, {kGap, kGap, 0, 0});
}

TEST(Trend, DirectionStartsAgainAfterAGap) {
  Bars bars = kMoves;
  for (Column* column : {&bars.high, &bars.low, &bars.close}) {
    column->push_back(5);
    column->insert(column->end(), column->begin(), column->begin() + 5);
  }
  bars.close[5] = kGap;
  for (const char* text :
       {"plus_di(2)", "dx(2)", "adx(2)", "adxr(2)", "atr(2)", "supertrend(2, 1)", "keltner(2, 1, 2)"}) {
    const Column got = run(text, bars).front();
    const Column fresh = run(text, kMoves).front();
    EXPECT_TRUE(std::isnan(got[5])) << text;
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_TRUE(got[6 + i] == fresh[i] || (std::isnan(got[6 + i]) && std::isnan(fresh[i]))) << text << " row " << i;
    }
  }
}

TEST(Trend, TheParabolicStopFollowsAndTurns) {
  const Bars bars{.high = {10, 11, 13, 14, 12, 9, 8}, .low = {8, 9, 11, 12, 9, 6, 5}};
  // Rising from the first low, 8; by 0.1 of the way to 11: 8.3; by 0.2 to 13: 9.24, but not above the last two lows: 9;
  // by 0.2, the most, to 14: 10. The low of row 4 is below that: it turns, and stands at the highest, 14; by 0.1 to 9:
  // 13.5, but not below the last two highs: 14; by 0.2 to 6: 12.4.
  expect_column("sar(0.1, 0.2)", bars, {kGap, 8, 8.3, 9, 14, 14, 12.4});
  // Prices the other way up: the same, mirrored.
  Bars mirrored = bars;
  for (std::size_t i = 0; i < 7; ++i) {
    mirrored.high[i] = 100 - bars.low[i];
    mirrored.low[i] = 100 - bars.high[i];
  }
  expect_column("sar(0.1, 0.2)", mirrored, {kGap, 92, 91.7, 91, 86, 86, 87.6});
}

TEST(Trend, TheParabolicStopInFlatPrices) {
  // A bar at the stop turns it each time.
  expect_column("sar()", flat({5, 5, 5, 5}), {kGap, 5, 5, 5});
  expect_column("sar()", flat({5}), {kGap});
  expect_column("sar()", flat({1, 2, kGap, 3, 4}), {kGap, 1, kGap, kGap, 3});
}

TEST(Trend, SupertrendTurnsWithACloseBeyondItsBand) {
  const Bars bars{.high = {11, 11, 11, 16, 16, 11}, .low = {9, 9, 9, 14, 14, 5}, .close = {10, 10, 10, 15, 15, 6}};
  // Ranges 2 2 2 6 2 10; averages over 2: 2 2 4 3 6.5. Bands around the middle at 1 average.
  // upper: 12 12 (10 + 2 each); row 3: 15 + 4 = 19 stays 12, close 15 is above: rising, and the line is the lower band,
  // 11; row 4: 15 - 3 = 12; row 5: 8 - 6.5 stays 12, close 6 is below: falling; the upper, free since the closes of
  // rows 3 and 4 were above 12: 18 at row 4, then 14.5.
  expect_column("supertrend(2, 1).line", bars, {kGap, 12, 12, 11, 12, 14.5});
  expect_column("supertrend(2, 1).direction", bars, {kGap, 1, 1, -1, -1, 1});
}

TEST(Trend, SupertrendWithoutRange) {
  // Both bands are the price itself; a price on the band does not turn it.
  expect_column("supertrend(2, 3).line", flat({5, 5, 5}), {kGap, 5, 5});
  expect_column("supertrend(2, 3).direction", flat({5, 5, 5}), {kGap, 1, 1});
  expect_column("supertrend(10, 3).line", flat({5, 5, 5}), {kGap, kGap, kGap});
}

}  // namespace
}  // namespace argosy::formula::testing

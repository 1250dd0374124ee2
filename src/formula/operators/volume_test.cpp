#include "formula/operators/family_test.hpp"

namespace argosy::formula::testing {
namespace {

TEST(Volume, BalanceBeginsAnewAfterAGap) {
  const Bars bars{.close = {5, 6, 6, 4, kGap, 4, 3, 5}, .volume = {10, 20, 30, 40, 50, 60, 70, 80}};
  expect_column("obv()", bars, {10, 30, 30, -10, kGap, 60, -10, 70});
  Bars hole = bars;
  hole.volume[2] = kGap;  // even where the close did not move
  expect_column("obv()", hole, {10, 30, kGap, 40, kGap, 60, -10, 70});
  expect_column("obv()", flat({1}, 7), {7});
  expect_column("obv()", flat({0, 0, 0}, 0), {0, 0, 0});
}

// Closes at the high, the low, the middle, three quarters, and a bar without range.
const Bars kFlows{.high = {4, 4, 4, 4, 3, 4},
                  .low = {0, 0, 0, 0, 3, 0},
                  .close = {4, 0, 2, 3, 3, 4},
                  .volume = {10, 20, 30, 40, 50, 60}};

TEST(Volume, AccumulationIsVolumeByTheCloseInItsBar) {
  expect_column("ad()", kFlows, {10, -10, -10, 10, 10, 70});
  Bars hole = kFlows;
  hole.volume[1] = kGap;
  expect_column("ad()", hole, {10, kGap, 0, 20, 20, 80});
  hole = kFlows;
  hole.close[4] = kGap;  // where it would not count
  expect_column("ad()", hole, {10, -10, -10, 10, kGap, 60});
}

TEST(Volume, TheOscillatorIsOfAveragesFromTheFirstRow) {
  // fast 1 is ad itself; the average over 3 moves by half: 10, 0, -5, 2.5, 6.25, 38.125.
  expect_column("adosc(1, 3)", kFlows, {kGap, kGap, -5, 7.5, 3.75, 31.875});
  expect_column("adosc(3, 1)", kFlows, {kGap, kGap, 5, -7.5, -3.75, -31.875});
  expect_column("adosc()", kFlows, Column(6, kGap));
  Bars hole = kFlows;
  hole.high[1] = kGap;  // from 0 at row 2: 0, 20, 20, 80 against 0, 10, 15, 47.5
  expect_column("adosc(1, 3)", hole, {kGap, kGap, kGap, kGap, 5, 32.5});
}

TEST(Volume, TheOscillatorKeepsItsDigits) {
  // A volume of 1e17 ago leaves nothing; a cumulative sum of that size would have lost the small ones altogether.
  Bars bars{.high = Column(400, 2), .low = Column(400, 1), .close = Column(400, 2), .volume = Column(400, 3)};
  for (std::size_t i = 0; i < 400; i += 2) bars.close[i] = 1;
  const Column calm = run("adosc()", bars).front();
  bars.volume[0] = 1e17;
  const Column spiked = run("adosc()", bars).front();
  for (std::size_t i = 9; i < 400; ++i) EXPECT_EQ(spiked[i], calm[i]) << i;
}

TEST(Volume, AveragePricesAreWeighedByVolume) {
  const Bars bars{.high = {3, 6, 9, 6, 6}, .low = {3, 6, 9, 3, 6}, .close = {3, 6, 9, 3, 6}, .volume = {1, 2, 0, 0, 1}};
  expect_column("vwap(2)", bars, {kGap, 5, 6, kGap, 6});
  expect_column("vwap(1)", bars, {3, 6, kGap, kGap, 6});
  expect_column("vwap(3)", bars, {kGap, kGap, 5, 6, 6});
}

TEST(Volume, MoneyFlowIsAShareOfTheVolume) {
  expect_column("cmf(2)", kFlows, {kGap, -10.0 / 30, -20.0 / 50, 20.0 / 70, 20.0 / 90, 60.0 / 110});
  expect_column("cmf(1)", kFlows, {1, -1, 0, 0.5, 0, 1});
  expect_column("cmf(2)", flat({1, 2, 3}, 0), {kGap, kGap, kGap});
}

}  // namespace
}  // namespace argosy::formula::testing

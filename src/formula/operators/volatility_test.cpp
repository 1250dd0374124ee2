#include "formula/operators/family_test.hpp"

#include "formula/operators/four_step.hpp"

namespace argosy::formula::testing {
namespace {

const Bars kBars{.high = {10, 12, 11, 15, kGap, 12, 13, 14},
                 .low = {9, 10, 8, 12, 9, 10, 11, 12},
                 .close = {9, 11, 9, 14, 10, 11, 12, 16}};

TEST(Volatility, RangesNeedTheLastClose) {
  expect_column("true_range()", kBars, {kGap, 3, 3, 6, kGap, kGap, 2, 2});
  expect_column("true_range()", flat({5}), {kGap});
  expect_column("true_range()", flat({5, 2, 2, 7}), {kGap, 3, 0, 5});
  Bars hole = flat({1, 2, 3, 4, 5});
  hole.close[2] = kGap;
  expect_column("true_range()", hole, {kGap, 1, kGap, kGap, 1});
}

TEST(Volatility, AverageRangesStartAgainAfterAGap) {
  expect_column("atr(2)", kBars, {kGap, kGap, 3, 4.5, kGap, kGap, kGap, 2});
  expect_column("atr(1)", kBars, {kGap, 3, 3, 6, kGap, kGap, 2, 2});
  expect_column("natr(2)", kBars, {kGap, kGap, 100.0 / 3, 450.0 / 14, kGap, kGap, kGap, 12.5});
  expect_column("natr(1)", flat({1, 0, 4, 0}), {kGap, 0, 100, 0});
  expect_column("atr(3)", flat({1, 2, 3}), {kGap, kGap, kGap});
  expect_column("atr(2)", flat({5, 5, 5, 5}), {kGap, kGap, 0, 0});
}

// Four rows to a step against row by row, from every place in a step and with a gap anywhere.
TEST(Volatility, AStepOfFourIsTheRecursion) {
  constexpr std::size_t kRows = 1000;
  Bars bars = flat(Column(kRows));
  for (std::size_t i = 0; i < kRows; ++i)
    bars.close[i] = bars.high[i] = bars.low[i] = static_cast<double>(i * 37 % 101);
  const Column got = run("atr(5)", bars).front();
  double average = 0;
  for (std::size_t i = 1; i < kRows; ++i) {
    const double range = std::abs(bars.close[i] - bars.close[i - 1]);
    average = i <= 5 ? average + range / 5 : (average * 4 + range) / 5;
    if (i >= 5) EXPECT_NEAR(got[i], average, 1e-12 * average) << i;
  }
  for (std::size_t gap = 500; gap < 520; ++gap) {
    Bars broken = bars;
    broken.high[gap] = kGap;
    const Column after = run("atr(5)", broken).front();
    for (std::size_t i = 5; i < gap; ++i) EXPECT_EQ(after[i], got[i]) << i;
    for (std::size_t i = gap; i <= gap + 5; ++i) EXPECT_TRUE(std::isnan(after[i])) << i;
    for (std::size_t i = gap + 200; i < kRows; ++i) EXPECT_NEAR(after[i], got[i], 1e-12 * got[i]) << i;
  }
}

TEST(Volatility, AStepOfFourIsTheSameCutAnywhere) {
  const FourStep recursion(0.75);
  Column x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1.0 / static_cast<double>(i + 1);
  Column whole(x.size());
  FourStep::State all;
  recursion.run(all, x.data(), whole.data(), x.size());
  for (std::size_t cut = 0; cut <= x.size(); ++cut) {
    Column parts(x.size());
    FourStep::State state;
    recursion.run(state, x.data(), parts.data(), cut);
    recursion.run(state, x.data() + cut, parts.data() + cut, x.size() - cut);
    EXPECT_EQ(parts, whole) << cut;
  }
}

TEST(Volatility, DeviationsOfPopulationAndSample) {
  const Bars bars{.close = {1, 3, 3, kGap, 8, 2, 2, 2}};
  expect_column("var(close, 2)", bars, {kGap, 1, 0, kGap, kGap, 9, 0, 0});
  expect_column("var(close, 2, 1)", bars, {kGap, 2, 0, kGap, kGap, 18, 0, 0});
  expect_column("stddev(close, 2, ddof: 1)", bars, {kGap, std::sqrt(2.0), 0, kGap, kGap, std::sqrt(18.0), 0, 0});
  expect_column("var(close, 3, 1)", bars, {kGap, kGap, 4.0 / 3, kGap, kGap, kGap, 12, 0});
  const Output one[] = {{"v", "var(close, 1)"}};
  EXPECT_FALSE(compile(one).has_value());
  const Output two[] = {{"v", "var(close, 3, 2)"}};
  EXPECT_FALSE(compile(two).has_value());
}

TEST(Volatility, KeltnersChannelIsItsAverages) {
  Bars bars;
  for (int i = 0; i < 300; ++i) {
    bars.close.push_back(50 + i * 37 % 29 / 4.0);
    bars.high.push_back(bars.close.back() + i % 5);
    bars.low.push_back(bars.close.back() - i % 3);
  }
  bars.low[140] = kGap;
  for (const auto& [n, range_n] : {std::pair("20", "10"), std::pair("5", "30"), std::pair("1", "1")}) {
    const auto channel = run(std::string("keltner(") + n + ", 1.5, " + range_n + ")", bars);
    // A gap in the range is one in the average too.
    const std::string middle = std::string("ema(close + (high - high) + (low - low), ") + n + ")";
    const std::string range = std::string("1.5 * atr(") + range_n + ")";
    const Column upper = run(middle + " + " + range, bars).front();
    const Column lower = run(middle + " - " + range, bars).front();
    for (std::size_t i = 0; i < upper.size(); ++i) {
      ASSERT_EQ(std::isnan(channel[0][i]), std::isnan(upper[i])) << i;
      if (std::isnan(upper[i])) continue;
      EXPECT_NEAR(channel[0][i], upper[i], 1e-12 * upper[i]) << i;
      EXPECT_NEAR(channel[1][i], (upper[i] + lower[i]) / 2, 1e-12 * upper[i]) << i;
      EXPECT_NEAR(channel[2][i], lower[i], 1e-12 * upper[i]) << i;
    }
  }
}

TEST(Volatility, DonchiansChannelHoldsItsOwnBar) {
  const Bars bars{.high = {5, 7, 6, 4, 9, kGap, 3, 3}, .low = {4, 3, 5, 2, 8, 1, 1, 2}};
  expect_column("donchian(2).upper", bars, {kGap, 7, 7, 6, 9, kGap, kGap, 3});
  expect_column("donchian(2).middle", bars, {kGap, 5, 5, 4, 5.5, kGap, kGap, 2});
  expect_column("donchian(2).lower", bars, {kGap, 3, 3, 2, 2, kGap, kGap, 1});
  expect_column("donchian(1).lower", bars, {4, 3, 5, 2, 8, kGap, 1, 2});
}

}  // namespace
}  // namespace argosy::formula::testing

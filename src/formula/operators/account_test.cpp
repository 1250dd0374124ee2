#include "formula/operators/family_test.hpp"

namespace argosy::formula::testing {
namespace {

TEST(Account, DrawdownIsAFractionOfTheHighest) {
  expect_column("drawdown(close, 3)", {.close = {100, 80, 120, 90, 60, 60, kGap, 50, 40, 50}},
                {kGap, kGap, 0, 0.25, 0.5, 1.0 / 3, kGap, kGap, kGap, 0});
  // An account that lost more than it had, and one that never had anything.
  expect_column("drawdown(close, 2)", {.close = {100, -50, -60, 0, 0}}, {kGap, 1.5, kGap, kGap, kGap});
}

TEST(Account, StreaksCountRisesAndFalls) {
  expect_column("streak(close)", {.close = {1, 2, 3, 2, 2, 1, 0, 5, kGap, 7, 8, 9}},
                {kGap, 1, 2, -1, 0, -1, -2, 1, kGap, kGap, 1, 2});
  expect_column("streak(close)", {.close = {4}}, {kGap});
}

TEST(Account, RatiosOfReturns) {
  // Of -1 2 2: mean 1, sample deviation sqrt(3), losses 1 in 3 rows.
  const Bars bars{.close = {-1, 2, 2, 2, kGap, 2, -1, 2}};
  expect_column("sharpe(close, 3)", bars, {kGap, kGap, 1 / std::sqrt(3.0), kGap, kGap, kGap, kGap, 1 / std::sqrt(3.0)});
  expect_column("sortino(close, 3)", bars, {kGap, kGap, std::sqrt(3.0), kGap, kGap, kGap, kGap, std::sqrt(3.0)});
  expect_column("profit_factor(close, 3)", bars, {kGap, kGap, 4, kGap, kGap, kGap, kGap, 4});
  expect_column("profit_factor(close, 2)", {.close = {-1, -3, 2, 0}}, {kGap, 0, 2.0 / 3, kGap});
  expect_column("sortino(close, 1)", {.close = {-2, 0, 3}}, {-1, kGap, kGap});
}

TEST(Account, WithoutLossOrSpreadThereIsNoRatio) {
  for (const double each : {0.0, 0.1, 3.0}) {
    const Bars bars{.close = Column(50, each)};
    for (const char* text : {"sharpe(close, 20)", "sortino(close, 20)", "profit_factor(close, 20)"}) {
      expect_column(text, bars, Column(50, kGap));
    }
  }
  const Output one[] = {{"v", "sharpe(close, 1)"}};
  EXPECT_FALSE(compile(one).has_value());
}

// A gap takes the value from exactly the windows that hold it.
TEST(Account, GapsSpreadOverTheirWindows) {
  Bars bars{.close = Column(200)};
  for (std::size_t i = 0; i < 200; ++i) bars.close[i] = static_cast<double>(i * 37 % 23) - 11;
  for (const std::size_t hole : {50U, 51U, 99U, 140U}) bars.close[hole] = kGap;
  for (const char* text : {"sharpe(close, 20)", "sortino(close, 20)", "profit_factor(close, 20)"}) {
    const Column got = run(text, bars).front();
    for (std::size_t i = 0; i < 200; ++i) {
      bool held = i < 19;
      for (std::size_t k = i - std::min<std::size_t>(i, 19); k <= i; ++k) held = held || std::isnan(bars.close[k]);
      EXPECT_EQ(std::isnan(got[i]), held) << text << " row " << i;
    }
  }
}

}  // namespace
}  // namespace argosy::formula::testing

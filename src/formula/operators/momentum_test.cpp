// Values of the momentum operators by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formula/formula.hpp"
#include "formula/operators/family_test.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
constexpr double kGap = kNaN;

Column run(const std::string& text, const Column& close) {
  const auto plan = compile({{{"v", text}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  const std::span<const double> fields[] = {close};
  Column out(close.size());
  const std::span<double> to[] = {out};
  Evaluator(*plan).evaluate(fields, to, out.size());
  return out;
}

void expect_column(const std::string& text, const Column& got, const Column& wanted) {
  testing::expect_near(text, got, wanted, 1e-12);
}

TEST(Momentum, ByHandWithGaps) {
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"mom(close, 2)", {1, 5, 4, kGap, 10, 0, 1}, {kGap, kGap, 3, kGap, 6, kGap, -9}},
      {"rocr(close, 1)", {4, 5, kGap, 2, 0, 1}, {kGap, 1.25, kGap, kGap, 0, kGap}},
      {"roc(close, 1)", {4, 5, 5, 0, 0}, {kGap, 25, 0, -100, kGap}},
      // gains 1 0 2, losses 0 1 0: means over 2 rows, then halves
      {"cmo(close, 2)", {5, 6, 5, 7}, {kGap, kGap, 0, 100 * (1.25 - 0.25) / 1.5}},
      {"cmo(close, 2)", {5, 6, kGap, 5, 4, 3, 3}, {kGap, kGap, kGap, kGap, kGap, -100, -100}},
      {"cmo(close, 2)", {4, 4, 4, 4}, {kGap, kGap, 0, 0}},
      {"cmo(close, 3)", {4, 5, 6}, {kGap, kGap, kGap}},
      {"apo(close, 1, 3)", {1, 2, 6, 4, kGap, 1, 1, 4}, {kGap, kGap, 3, 0, kGap, kGap, kGap, 2}},
      {"apo(close, 3, 1)", {1, 2, 6, 4}, {kGap, kGap, 3, 0}},
      {"ppo(close, 1, 3)", {1, 2, 6, 4}, {kGap, kGap, 100, 0}},
      {"ppo(close, 2, 3)", {0, 0, 0, 6, -6}, {kGap, kGap, 0, 50, 0}},  // the last slow average is 0
      {"trix(close, 1)", {4, 5, 0, 1, kGap, 2, 3}, {kGap, 25, -100, 0, kGap, kGap, 50}},
      {"trix(close, 3)", {1, 2, 3, 4, 5, 6}, Column(6, kGap)},
      // rsi(1) is 100 after a rise and 0 after a fall
      {"stochrsi(close, 1, 2, 2).k", {1, 2, 3, 2, 4, 5, 6}, {kGap, kGap, kGap, 0, 100, 0, 0}},
      {"stochrsi(close, 1, 2, 2).d", {1, 2, 3, 2, 4, 5, 6}, {kGap, kGap, kGap, 0, 50, 50, 0}},
      {"stochrsi(close, 1, 2, 1).k", {1, 2, 3, kGap, 4, 5, 4}, {kGap, kGap, 0, kGap, kGap, kGap, 0}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, each.close), each.wanted);
}

TEST(Momentum, TrixIsTheChangeOfTheThirdAverage) {
  Column close;
  for (int i = 0; i < 60; ++i) close.push_back(100 + (i * 37 % 29) / 4.0);
  const Column trix = run("trix(close, 4)", close);
  const Column third = run("ema(ema(ema(close, 4), 4), 4)", close);
  for (std::size_t i = 0; i < close.size(); ++i) {
    EXPECT_EQ(is_nan(trix[i]), i < 10) << "row " << i;
    if (i >= 10) EXPECT_NEAR(trix[i], 100 * (third[i] / third[i - 1] - 1), 1e-12) << "row " << i;
  }
}

TEST(Momentum, NothingMovesInAConstantColumn) {
  const Column close(100, 0.1);
  for (const char* text : {"trix(close, 9)", "apo(close)", "ppo(close)", "cmo(close)", "mom(close)", "roc(close)",
                           "stochrsi(close).k", "stochrsi(close).d"}) {
    const Column got = run(text, close);
    for (std::size_t i = 50; i < close.size(); ++i) EXPECT_EQ(got[i], 0) << text << " row " << i;
  }
}

// Where prices stand still an rsi keeps its value but for rounding, and that is no range.
TEST(Momentum, StochasticOfAStillStrengthIsZero) {
  Column close{1, 3, 2, 5, 4, 4.5};
  close.resize(200, 4.3);
  const Column got = run("stochrsi(close, 3, 4, 2).k", close);
  for (std::size_t i = 12; i < close.size(); ++i) EXPECT_EQ(got[i], 0) << "row " << i;
}

// The level of the prices costs the difference of two averages no digits.
TEST(Momentum, OscillatorsAreSoundAtAnyLevel) {
  Column low;
  Column high;
  for (int i = 0; i < 200; ++i) {
    low.push_back((i * 37 % 64) / 4.0);
    high.push_back(1e12 + low.back());
  }
  const Column a = run("apo(close, 3, 10)", low);
  const Column b = run("apo(close, 3, 10)", high);
  for (std::size_t i = 9; i < low.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-13) << "row " << i;
}

}  // namespace
}  // namespace argosy::formula

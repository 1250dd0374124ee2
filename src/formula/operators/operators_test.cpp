// Values of single operators: small cases by hand, values of TA-Lib 0.6.4 on a fixed series, and accuracy against exact
// sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formula/formula.hpp"
#include "formula/operators/family_test.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;

std::vector<Column> run(const std::string& text, const std::vector<std::pair<std::string, Column>>& data,
                        bool all_outputs = false) {
  const auto plan = compile({{{"v", text, all_outputs}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  const std::size_t rows = data.front().second.size();
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) {
    for (const auto& [name, column] : data) {
      if (name == field) fields.emplace_back(column);
    }
  }
  std::vector<Column> out(plan->outputs().size(), Column(rows));
  Evaluator(*plan).evaluate(fields, std::vector<std::span<double>>(out.begin(), out.end()), rows);
  return out;
}
Column run_close(const std::string& text, const Column& close) { return run(text, {{"close", close}}).front(); }

void expect_column(const std::string& text, const Column& got, const Column& wanted, double tolerance = 1e-12) {
  testing::expect_near(text, got, wanted, tolerance);
}

constexpr double kGap = kNaN;

TEST(Operators, ByHandWithGaps) {
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"sma(close, 3)", {1, 2, 3, kGap, 5, 6, 7, 8}, {kGap, kGap, 2, kGap, kGap, kGap, 6, 7}},
      {"sma(close, 1)", {1, kGap, 3}, {1, kGap, 3}},
      {"ema(close, 3)", {1, 2, 3, 5, kGap, 4, 4, 10, 0}, {kGap, kGap, 2, 3.5, kGap, kGap, kGap, 6, 3}},
      {"rma(close, 2)", {1, 3, 4, kGap, 2, 4, 5}, {kGap, 2, 3, kGap, kGap, 3, 4}},
      {"stddev(close, 2)", {1, 3, 3, kGap, 8, 2}, {kGap, 1, 0, kGap, kGap, 3}},
      {"stddev(close, 4)", {2, 4, 4, 6}, {kGap, kGap, kGap, std::sqrt(2.0)}},
      {"min(close, 3)", {3, 1, 2, 5, 4, 6, kGap, 1, 1, 2}, {kGap, kGap, 1, 1, 2, 4, kGap, kGap, kGap, 1}},
      {"max(close, 2)", {3, 1, kGap, 5, 4, -6}, {kGap, 3, kGap, kGap, 5, 4}},
      {"max(close, 1)", {3, kGap, -1}, {3, kGap, -1}},
      // gains 1 0 2, losses 0 1 0: means over 2 rows, then halves
      {"rsi(close, 2)", {5, 6, 5, 7}, {kGap, kGap, 50, 100 * 1.25 / 1.5}},
      {"rsi(close, 2)", {5, 6, kGap, 5, 6, 7, 7}, {kGap, kGap, kGap, kGap, kGap, 100, 100}},
      {"rsi(close, 2)", {4, 4, 4, 4}, {kGap, kGap, 0, 0}},
      {"roc(close, 1)", {4, 5, kGap, 2, 0, 1}, {kGap, 25, kGap, kGap, -100, kGap}},
      {"macd(close, 1, 2, 2)", {1, 3, 5, 4}, {kGap, kGap, 1, 0 + (4 - (4 + (4 - 4) * 2.0 / 3))}},
      {"macd(close, 2, 1, 2)", {1, 3, 5, 4}, {kGap, kGap, 1, 0}},
      {"bbands(close, 2, 3).upper", {1, 3, 3, kGap, 8, 2}, {kGap, 5, 3, kGap, kGap, 14}},
      {"bbands(close, 2)", {1, 3, 3}, {kGap, 4, 3}},
      {"bbands(close, n: 2, deviations: 1).lower", {1, 3, 3}, {kGap, 1, 3}},
      {"cross_above(close, 2)", {1, 3, 2, 3, kGap, 1, 2, 4}, {kGap, 1, 0, 1, kGap, kGap, 0, 1}},
      {"cross_below(close, 2)", {3, 1, 2, 1, kGap, 3, 2, 1}, {kGap, 1, 0, 1, kGap, kGap, 0, 1}},
      {"close[2]", {1, kGap, 3, 4, 5}, {kGap, kGap, 1, kGap, 3}},
  };
  for (const auto& each : cases) expect_column(each.text, run_close(each.text, each.close), each.wanted);
}

TEST(Operators, TrueRangeStartsAtTheSecondRow) {
  const Column high{10, 12, 11, 15, kGap, 12, 13, 14};
  const Column low{9, 10, 8, 12, 9, 10, 11, 12};
  const Column close{9, 11, 9, 14, 10, 11, 12, 13};
  // ranges: - 3 3 6, gap, - 2 2
  expect_column("atr(2)", run("atr(2)", {{"high", high}, {"low", low}, {"close", close}}).front(),
                {kGap, kGap, 3, 4.5, kGap, kGap, kGap, 2});
}

TEST(Operators, MacdStartsBothAveragesTogether) {
  // fast 2, slow 3: seeds mean(2,6) = 4 and mean(1,2,6) = 3 at row 2; then x = 8: fast 4 + 4 x 2/3, slow 3 + 5 / 2.
  const auto out = run("macd(close, 2, 3, 2)", {{"close", {1, 2, 6, 8}}}, true);
  ASSERT_EQ(out.size(), 3U);
  const double line = (4 + 8.0 / 3) - 5.5;
  const double signal = (1 + line) / 2;
  expect_column("macd", out[0], {kGap, kGap, kGap, line});
  expect_column("signal", out[1], {kGap, kGap, kGap, signal});
  expect_column("histogram", out[2], {kGap, kGap, kGap, line - signal});
}

// close[i] = 100 + (37 i mod 29) / 4 - (11 i mod 17) / 2, high = close + 1 + (i mod 5) / 4, low = close - 1 - (i mod 3)
// / 2.
TEST(Operators, EqualTaLibOnAFixedSeries) {
  Column high;
  Column low;
  Column close;
  for (int i = 0; i < 60; ++i) {
    close.push_back(100 + (i * 37 % 29) / 4.0 - (i * 11 % 17) / 2.0);
    high.push_back(close.back() + 1 + (i % 5) / 4.0);
    low.push_back(close.back() - 1 - (i % 3) / 2.0);
  }
  // First row with a value; the values at that row, the next, 30 and 59.
  const struct {
    std::string text;
    std::size_t first;
    double at[4];
  } cases[] = {
      {"sma(close, 7)", 6, {98.53571428571429, 98.85714285714286, 99.25, 98.82142857142857}},
      {"ema(close, 7)", 6, {98.53571428571429, 99.46428571428572, 98.54082685555963, 98.7560885817268}},
      {"stddev(close, 7)", 6, {2.059076472199912, 2.408530757155076, 4.092676385936225, 2.3211538298961165}},
      {"min(close, 7)", 6, {95.75, 95.75, 93.5, 95.5}},
      {"max(close, 7)", 6, {101.5, 102.25, 105.0, 102.0}},
      {"rsi(close, 7)", 7, {54.05405405405405, 49.38271604938272, 49.396945295507635, 53.149007980955865}},
      {"atr(7)", 7, {5.25, 5.107142857142857, 7.360230373055061, 5.297708729101501}},
      {"macd(close, 5, 9, 4).macd",
       11,
       {0.14088888888888107, -0.3643259259259253, -0.36439623840898605, -0.1929373076371661}},
      {"macd(close, 5, 9, 4).signal",
       11,
       {0.03411111111110543, -0.12526370370370687, -0.22111134799920062, -0.3279352524667454}},
      {"macd(close, 5, 9, 4).histogram",
       11,
       {0.10677777777777564, -0.2390622222222184, -0.14328489040978543, 0.13499794482957927}},
      {"bbands(close, 7, 2).upper", 6, {102.65386723011412, 103.67420437145302, 107.43535277187245, 103.4637362312208}},
      {"bbands(close, 7, 2).middle", 6, {98.53571428571429, 98.85714285714286, 99.25, 98.82142857142857}},
      {"bbands(close, 7, 2).lower", 6, {94.41756134131447, 94.0400813428327, 91.06464722812755, 94.17912091163633}},
      {"roc(close, 7)", 7, {2.2499999999999964, 3.626943005181338, 3.6842105263157787, 3.6082474226804218}},
  };
  for (const auto& each : cases) {
    const Column got = run(each.text, {{"high", high}, {"low", low}, {"close", close}}).front();
    for (std::size_t i = 0; i < each.first; ++i) EXPECT_TRUE(is_nan(got[i])) << each.text << " row " << i;
    const std::size_t rows[] = {each.first, each.first + 1, 30, 59};
    for (std::size_t k = 0; k < 4; ++k) {
      // The lines of macd are small differences of large averages: their error is that of the averages.
      EXPECT_NEAR(got[rows[k]], each.at[k], 1e-12 * 100) << each.text << " row " << rows[k];
    }
  }
}

TEST(Operators, ASpikeLeavesNothingBehind) {
  Column calm(200);
  for (std::size_t i = 0; i < calm.size(); ++i) calm[i] = 100 + static_cast<double>(i * 7 % 13) / 8;
  Column spiked = calm;
  constexpr std::size_t kAt = 90;
  spiked[kAt] = 1e12;
  // stddev's sums are relative to one of the window's own rows, so the very next window is free of the spike.
  for (const char* text :
       {"sma(close, 20)", "stddev(close, 20)", "bbands(close, 20).lower", "min(close, 20)", "max(close, 20)"}) {
    const Column a = run_close(text, calm);
    const Column b = run_close(text, spiked);
    for (std::size_t i = kAt + 20; i < calm.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12 * a[i]) << text << " row " << i;
  }
}

TEST(Operators, DeviationIsSoundAtAnyOffset) {
  for (const double offset : {0.0, 1e6, 1e9, -1e12}) {
    Column x(300);
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = offset + static_cast<double>(i * 37 % 64) / 4;  // exact in a double
    const Column got = run_close("stddev(close, 10)", x);
    for (std::size_t i = 9; i < x.size(); ++i) {
      double mean = 0;
      for (std::size_t k = i - 9; k <= i; ++k) mean += (x[k] - offset) / 10;
      double squares = 0;
      for (std::size_t k = i - 9; k <= i; ++k) squares += (x[k] - offset - mean) * (x[k] - offset - mean) / 10;
      EXPECT_NEAR(got[i], std::sqrt(squares), 1e-12) << "offset " << offset << " row " << i;
    }
  }
}

TEST(Operators, AConstantColumnHasItsOwnMeanAndNoDeviation) {
  const Column x(100, 0.1);
  for (const std::size_t i : {19U, 20U, 38U, 39U, 40U, 99U}) {
    EXPECT_EQ(run_close("sma(close, 20)", x)[i], 0.1);
    EXPECT_EQ(run_close("stddev(close, 20)", x)[i], 0.0);
    EXPECT_EQ(run_close("bbands(close, 20).upper", x)[i], 0.1);
    EXPECT_NEAR(run_close("ema(close, 20)", x)[i], 0.1, 1e-15);
  }
}

}  // namespace
}  // namespace argosy::formula

// Values of the averages by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formula/formula.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
constexpr double kGap = kNaN;

Column run(const std::string& text, const Column& close, const Column& volume = {}) {
  const auto plan = compile({{{"v", text}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) fields.emplace_back(field == "volume" ? volume : close);
  Column out(close.size());
  const std::span<double> to[] = {out};
  Evaluator(*plan).evaluate(fields, to, out.size());
  return out;
}

void expect_column(const std::string& text, const Column& got, const Column& wanted) {
  ASSERT_EQ(got.size(), wanted.size()) << text;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (is_nan(wanted[i])) {
      EXPECT_TRUE(is_nan(got[i])) << text << " row " << i << " is " << got[i];
    } else {
      EXPECT_NEAR(got[i], wanted[i], 1e-13 * std::max(1.0, std::abs(wanted[i]))) << text << " row " << i;
    }
  }
}

// One step of the adaptive average with n = 2.
double adapt(double from, double x, double efficiency) {
  const double root = 2.0 / 31 + efficiency * (2.0 / 3 - 2.0 / 31);
  return from + root * root * (x - from);
}

TEST(Averages, ByHandWithGaps) {
  const double first = adapt(3, 2, 1.0 / 3);  // from the close before; |2 - 1| over changes of 2 and 1
  const double second = adapt(first, 6, 3.0 / 5);
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"wma(close, 3)", {1, 2, 4, 8, kGap, 1, 1, 7, 1}, {kGap, kGap, 17.0 / 6, 34.0 / 6, kGap, kGap, kGap, 4, 3}},
      {"wma(close, 1)", {1, kGap, 3}, {1, kGap, 3}},
      {"wma(close, 3)", {1, 2}, {kGap, kGap}},
      {"wma(close, 4)", {1, 1, 1, 11, 11, 1, 1, 1, 1}, {kGap, kGap, kGap, 5, 8, 6, 4, 2, 1}},
      // weights 1 2 1, and 1 2 2 1
      {"trima(close, 3)", {1, 2, 7, 0, kGap, 4, 4, 8}, {kGap, kGap, 3, 4, kGap, kGap, kGap, 5}},
      {"trima(close, 4)", {6, 0, 3, 12, 0}, {kGap, kGap, kGap, 4, 5}},
      {"trima(close, 1)", {5, 6}, {5, 6}},
      {"trima(close, 2)", {5, 6, 8}, {kGap, 5.5, 7}},
      // on a straight line 2 wma(2) - wma(4) is a third of a row ahead, and wma(2) of that as much late
      {"hma(close, 4)", {1, 2, 3, 4, 5, 6}, {kGap, kGap, kGap, kGap, 5, 6}},
      // at the last two rows wma(2) is 10 and 20, wma(4) 9 and 16: 11 and 24
      {"hma(close, 4)", {0, 10, 10, 10, 25}, {kGap, kGap, kGap, kGap, (11 + 2 * 24.0) / 3}},
      {"hma(close, 1)", {5, kGap, 6}, {5, kGap, 6}},
      // first stage seeded by 2 at row 1, then two thirds of each distance
      {"dema(close, 2)",
       {1, 3, 5, 5, kGap, 1, 3, 5},
       {kGap, kGap, 4 + 1, 14.0 / 3 + 14.0 / 3 - 37.0 / 9, kGap, kGap, kGap, 5}},
      {"dema(close, 1)", {5, 6}, {5, 6}},
      {"dema(close, 2)", {5, 6}, {kGap, kGap}},
      // stages at row 3: 14/3, 37/9, and the mean of 3 and 37/9
      {"tema(close, 2)", {1, 3, 5, 5}, {kGap, kGap, kGap, 3 * (14.0 / 3 - 37.0 / 9) + 32.0 / 9}},
      {"kama(close, 2)", {1, 3, 2, 6}, {kGap, kGap, first, second}},
      {"kama(close, 2)", {1, kGap, 1, 3, 2, 6}, {kGap, kGap, kGap, kGap, first, second}},
      {"kama(close, 2)", {4, 4, 4, 4}, {kGap, kGap, 4, 4}},
      {"kama(close, 2)", {0, 0, 0}, {kGap, kGap, 0}},
      // a move straight on is followed fastest
      {"kama(close, 2)", {1, 2, 3}, {kGap, kGap, 2 + 4.0 / 9}},
      {"kama(close, 3)", {1, 2, 3}, {kGap, kGap, kGap}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, each.close), each.wanted);
}

TEST(Averages, VolumeWeighs) {
  expect_column("vwma", run("vwma(close, 2)", {1, 2, 4, 4, kGap, 1, 3}, {1, 3, 1, 0, 5, 0, 7}),
                {kGap, 1.75, 2.5, 4, kGap, kGap, 3});
  expect_column("vwma, a gap in the volume", run("vwma(close, 2)", {1, 2, 4, 4}, {1, kGap, 1, 1}),
                {kGap, kGap, kGap, 4});
  expect_column("vwma without volume", run("vwma(close, 2)", {1, 2, 4, 4}, {0, 0, 0, 1}), {kGap, kGap, kGap, 4});
}

TEST(Averages, AConstantStaysItself) {
  const Column close(200, 0.1);
  const Column volume(200, 1000);
  for (const char* text : {"sma(close, 20)", "wma(close, 20)", "trima(close, 20)", "trima(close, 21)", "hma(close, 20)",
                           "dema(close, 20)", "tema(close, 20)", "kama(close, 20)"}) {
    const Column got = run(text, close, volume);
    for (std::size_t i = 60; i < got.size(); ++i) EXPECT_EQ(got[i], 0.1) << text << " row " << i;
  }
}

// Of a straight line the weighted averages are the line some rows ago, whatever the level.
TEST(Averages, AreExactOnALine) {
  for (const double level : {0.0, 1e9, -1e12}) {
    Column close(300);
    for (std::size_t i = 0; i < close.size(); ++i) close[i] = level + static_cast<double>(i);
    const Column wma = run("wma(close, 13)", close);
    const Column trima = run("trima(close, 10)", close);
    const Column hma = run("hma(close, 13)", close);
    for (std::size_t i = 20; i < close.size(); ++i) {
      EXPECT_EQ(wma[i], close[i] - 4) << "row " << i;
      EXPECT_NEAR(trima[i], close[i] - 4.5, 1e-15 * std::abs(close[i]) + 1e-12) << "row " << i;
      // 2 (i - 5 / 3) - (i - 4), two thirds of a row late
      EXPECT_NEAR(hma[i], close[i] + 4 - 2 * 5.0 / 3 - 2.0 / 3, 1e-15 * std::abs(close[i]) + 1e-12) << "row " << i;
    }
  }
}

TEST(Averages, ASpikeLeavesTheWindow) {
  Column calm(300);
  for (std::size_t i = 0; i < calm.size(); ++i) calm[i] = 100 + static_cast<double>(i * 7 % 13) / 8;
  const Column volume(calm.size(), 3);
  Column spiked = calm;
  spiked[90] = 1e12;
  for (const char* text :
       {"wma(close, 20)", "trima(close, 20)", "hma(close, 20)", "vwma(close, 20)", "sma(close, 20)"}) {
    const Column a = run(text, calm, volume);
    const Column b = run(text, spiked, volume);
    for (std::size_t i = 90 + 24; i < calm.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-11) << text << " row " << i;
  }
}

TEST(Averages, OverflowIsForgotten) {
  Column close(60, 5.0);
  close[20] = 1.7e308;
  close[21] = -1.7e308;
  for (const char* text : {"kama(close, 4)", "hma(close, 9)", "tema(close, 3)", "wma(close, 5)"}) {
    const Column got = run(text, close);
    EXPECT_TRUE(is_nan(got[21])) << text;
    for (std::size_t i = 40; i < close.size(); ++i) EXPECT_EQ(got[i], 5) << text << " row " << i;
  }
}

}  // namespace
}  // namespace argosy::formula

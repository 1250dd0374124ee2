// Values of the oscillators by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "formula/formula.hpp"
#include "formula/operators/family_test.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
using Bars = std::map<std::string, Column, std::less<>>;
constexpr double kGap = kNaN;

Column run(const std::string& text, const Bars& bars) {
  const auto plan = compile({{{"v", text}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) fields.emplace_back(bars.at(field));
  Column out(fields.front().size());
  const std::span<double> to[] = {out};
  Evaluator(*plan).evaluate(fields, to, out.size());
  return out;
}

void expect_column(const std::string& text, const Bars& bars, const Column& wanted) {
  const Column got = run(text, bars);
  testing::expect_near(text, got, wanted, 1e-12);
}

// The same price in all four columns.
Bars flat(const Column& price, const Column& volume = {}) {
  return {{"open", price}, {"high", price}, {"low", price}, {"close", price}, {"volume", volume}};
}

const Bars kBars{{"open", {10, 11, 12, 10, 9}},
                 {"high", {12, 13, 12, 11, 10}},
                 {"low", {10, 11, 10, 9, 8}},
                 {"close", {11, 12, 10, 10, 10}},
                 {"volume", {5, 10, 20, 30, 40}}};

TEST(Oscillators, PlaceInTheRange) {
  // windows of 2: 10-13, 10-13, 9-12, 8-11
  expect_column("stochf(2, 1).k", kBars, {kGap, 200.0 / 3, 0, 100.0 / 3, 200.0 / 3});
  expect_column("stochf(2, 2).k", kBars, {kGap, kGap, 0, 100.0 / 3, 200.0 / 3});
  expect_column("stochf(2, 2).d", kBars, {kGap, kGap, 100.0 / 3, 50.0 / 3, 50});
  expect_column("stoch(2, 2, 2).k", kBars, {kGap, kGap, kGap, 50.0 / 3, 50});
  expect_column("stoch(2, 2, 2).d", kBars, {kGap, kGap, kGap, 25, 100.0 / 3});
  expect_column("willr(2)", kBars, {kGap, -100.0 / 3, -100, -200.0 / 3, -100.0 / 3});
  expect_column("willr(1)", kBars, {-50, -50, -100, -50, 0});
  expect_column("stoch(4, 2, 2).k", kBars, Column(5, kGap));
}

TEST(Oscillators, AGapInAnyColumnOfTheWindowIsOne) {
  for (const char* column : {"high", "low", "close"}) {
    Bars bars = kBars;
    bars[column][1] = kGap;
    expect_column("stochf(2, 1).k", bars, {kGap, kGap, kGap, 100.0 / 3, 200.0 / 3});
    expect_column("willr(2)", bars, {kGap, kGap, kGap, -200.0 / 3, -100.0 / 3});
    expect_column("ultosc(1, 1, 1)", bars, {kGap, kGap, kGap, 50, 100});
    expect_column("mfi(1)", bars, {kGap, kGap, kGap, 0, 0});
  }
}

TEST(Oscillators, CommodityChannel) {
  // of 1, 2 and 6: mean 3, distances 2 1 3; of 2, 6 and 4: mean 4, distances 2 2 0, and the price is the mean
  expect_column("cci(3)", flat({1, 2, 6, 4, kGap, 4}), {kGap, kGap, 3 / (0.015 * 2), 0, kGap, kGap});
  expect_column("cci(2)", flat({1, 2}), {kGap, 1 / 0.015});
  expect_column("cci(3)", flat({1, 2}), {kGap, kGap});
  // many rows at once and one at a time
  Column price;
  for (int i = 0; i < 700; ++i) price.push_back(100 + (i * 37 % 29) / 4.0);
  const Column got = run("cci(14)", flat(price));
  for (std::size_t i = 13; i < price.size(); ++i) {
    double mean = 0;
    double distance = 0;
    for (std::size_t k = i - 13; k <= i; ++k) mean += price[k] / 14;
    for (std::size_t k = i - 13; k <= i; ++k) distance += std::abs(price[k] - mean) / 14;
    EXPECT_NEAR(got[i], (price[i] - mean) / (0.015 * distance), 1e-9) << "row " << i;
  }
}

// The thirds of equal sums differ in their last bits: 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1.
TEST(Oscillators, EqualPricesAreEqualWhateverTheirRounding) {
  const Bars bars{{"high", {0.1, 0.3, 0.1, 0.3}},
                  {"low", {0.2, 0.2, 0.2, 0.2}},
                  {"close", {0.3, 0.1, 0.3, 0.1}},
                  {"volume", {1, 1, 1, 1}}};
  ASSERT_NE((0.1 + 0.2 + 0.3) / 3, (0.3 + 0.2 + 0.1) / 3);
  expect_column("cci(2)", bars, {kGap, 0, 0, 0});
  expect_column("mfi(2)", bars, {kGap, kGap, 0, 0});
}

TEST(Oscillators, MoneyFlow) {
  // prices 1 2 2 1 3, flows: - 20 up, none, 30 down, 120 up
  expect_column("mfi(2)", flat({1, 2, 2, 1, 3}, {5, 10, 20, 30, 40}), {kGap, kGap, 100, 0, 100 * 120.0 / 150});
  expect_column("mfi(2)", flat({1, 2, kGap, 1, 3, 4}, {1, 1, 1, 1, 1, 0}), {kGap, kGap, kGap, kGap, kGap, 100});
  expect_column("mfi(1)", flat({1, 2, 3}, {1, kGap, 1}), {kGap, kGap, kGap});
  expect_column("mfi(1)", flat({1, 2, 3}, {1, 0, 1}), {kGap, 0, 100});
  expect_column("mfi(3)", flat({1, 2, 3}, {1, 1, 1}), Column(3, kGap));
}

TEST(Oscillators, UltimateOscillator) {
  // buying pressure 1 0 1 2 over true ranges 2 2 2 2
  expect_column("ultosc(1, 2, 3)", kBars,
                {kGap, kGap, kGap, 100 * (4 * 0.5 + 2 * 0.25 + 2.0 / 6) / 7, 100 * (4 * 1 + 2 * 0.75 + 0.5) / 7});
  expect_column("ultosc(3, 1, 2)", kBars,
                {kGap, kGap, kGap, 100 * (4 * 0.5 + 2 * 0.25 + 2.0 / 6) / 7, 100 * (4 * 1 + 2 * 0.75 + 0.5) / 7});
  expect_column("ultosc(1, 1, 1)", flat({4, 4, 5}), {kGap, 0, 100});
}

TEST(Oscillators, BalanceOfPower) {
  expect_column("bop()", kBars, {0.5, 0.5, -1, 0, 0.5});
  expect_column("bop()", flat({4, 0, kGap}), {0, 0, kGap});
  Bars bars = flat({4, 4});
  bars["open"][1] = kGap;
  expect_column("bop()", bars, {0, kGap});
}

// Nothing is left of a spike once it is out of the window, nor of values too large for their arithmetic.
TEST(Oscillators, ASpikeLeavesTheWindow) {
  Bars calm;
  for (int i = 0; i < 200; ++i) {
    const double close = 100 + (i * 37 % 29) / 4.0;
    calm["open"].push_back(close - 1 + i % 3);
    calm["close"].push_back(close);
    calm["high"].push_back(close + 2 + (i % 5) / 4.0);
    calm["low"].push_back(close - 2 - (i % 7) / 8.0);
    calm["volume"].push_back(1000 + i % 11);
  }
  for (const double size : {1e12, 1.7e308, -1.7e308}) {
    Bars spiked = calm;
    for (auto& [name, column] : spiked) column[80] = size;
    spiked["low"][81] = -size;
    for (const char* text :
         {"stoch().k", "stoch().d", "stochf().d", "cci()", "mfi()", "willr()", "bop()", "ultosc()"}) {
      const Column a = run(text, calm);
      const Column b = run(text, spiked);
      for (std::size_t i = 0; i < 80; ++i) EXPECT_TRUE(a[i] == b[i] || is_nan(a[i])) << text << " row " << i;
      for (std::size_t i = 110; i < 200; ++i) EXPECT_NEAR(a[i], b[i], 1e-11) << text << " row " << i;
    }
  }
}

TEST(Oscillators, NothingMovesInConstantBars) {
  for (const double price : {0.0, 0.1, 1e9}) {
    const Bars bars = flat(Column(80, price), Column(80, 1000));
    for (const char* text :
         {"stoch().k", "stoch().d", "stochf().k", "cci()", "mfi()", "willr()", "bop()", "ultosc()"}) {
      const Column got = run(text, bars);
      for (std::size_t i = 30; i < got.size(); ++i) EXPECT_EQ(got[i], 0) << text << " of " << price << " row " << i;
    }
  }
}

}  // namespace
}  // namespace argosy::formula

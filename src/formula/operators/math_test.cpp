// Values by hand of the functions of one row, of crossings and of what happened since a condition was true.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formula/formula.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
constexpr double kGap = kNaN;

// The formula over the columns `close` and `open`.
Column run(const std::string& text, const Column& close, const Column& open = {}) {
  const auto plan = compile({{{"v", text, false}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  if (!plan) return {};
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) fields.emplace_back(field == "open" ? open : close);
  std::vector<Column> out(1, Column(close.size()));
  Evaluator(*plan).evaluate(fields, std::vector<std::span<double>>(out.begin(), out.end()), close.size());
  return out.front();
}

void expect_column(const std::string& text, const Column& got, const Column& wanted) {
  ASSERT_EQ(got.size(), wanted.size()) << text;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (is_nan(wanted[i])) {
      EXPECT_TRUE(is_nan(got[i])) << text << " row " << i << " is " << got[i];
    } else {
      EXPECT_EQ(got[i], wanted[i]) << text << " row " << i;
    }
  }
}

TEST(MathOperators, ByHand) {
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"delta(close, 2)", {1, 4, 9, kGap, 5, 6, 8}, {kGap, kGap, 8, kGap, -4, kGap, 3}},
      {"delta(close)", {1, 4, 4}, {kGap, 3, 0}},
      {"delta(close, 4)", {1, 4, 4}, {kGap, kGap, kGap}},
      {"pct_change(close, 1)", {4, 5, kGap, 2, 0, 1, -1, -2}, {kGap, 0.25, kGap, kGap, -1, kGap, -2, 1}},
      {"pct_change(close, 2)", {4, 8, 5}, {kGap, kGap, 0.25}},
      {"log_return(close, 1)", {1, 1, kGap, 3, 0, 2, -2}, {kGap, 0, kGap, kGap, kGap, kGap, kGap}},
      {"log_return(close, 2)", {1, 1, 8, 1.5}, {kGap, kGap, std::log(8.0), std::log1p(0.5)}},
      {"exp(close)", {0, 1, kGap, 710, -800}, {1, std::exp(1.0), kGap, kGap, 0}},
      {"pow(close, 2)", {3, -3, 0, kGap, 1e200}, {9, 9, 0, kGap, kGap}},
      {"pow(close, 0.5)", {4, -4, 0}, {2, kGap, 0}},
      {"pow(close, -1)", {4, 0}, {0.25, kGap}},
      {"pow(close, 0)", {4, 0, -1, kGap}, {1, 1, 1, kGap}},
      {"pow(1, close)", {4, kGap}, {1, kGap}},
      {"sign(close)", {3, -2, 0, kGap, 1e-300, -1e300}, {1, -1, 0, kGap, 1, -1}},
      {"floor(close)", {1.5, -1.5, 2, kGap, 0.25}, {1, -2, 2, kGap, 0}},
      {"ceil(close)", {1.5, -1.5, 2, kGap, -0.25}, {2, -1, 2, kGap, 0}},
      {"round(close)", {0.5, 1.5, 2.5, -0.5, -2.5, kGap, 0.25, -0.25}, {1, 2, 3, -1, -3, kGap, 0, 0}},
      {"round(close, 2)", {1.234, 1.235, 1.005, 1e300, -1e300}, {1.23, 1.24, 1, 1e300, -1e300}},
      {"round(close, 15)", {1e300, 0.125}, {1e300, 0.125}},
      {"round(close, -2)", {149, 150, -150, 1e300}, {100, 200, -200, 1e300}},
      {"round(close, -15)", {4e14, 5e14}, {0, 1e15}},
      {"greater(close, 2)", {1, 2, 3, kGap}, {2, 2, 3, kGap}},
      {"less(close, 2)", {1, 2, 3, kGap}, {1, 2, 2, kGap}},
      {"clip(close, -1, 2)", {-5, -1, 0, 2, 7, kGap}, {-1, -1, 0, 2, 2, kGap}},
      {"clip(close, 3, 2)", {1, 2.5, 7}, {2, 2, 2}},
      {"abs(close)", {-5, 0, 5, kGap}, {5, 0, 5, kGap}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, each.close), each.wanted);
}

TEST(MathOperators, NaNOnEitherSide) {
  const Column a{1, kGap, 1, kGap};
  const Column b{2, 2, kGap, kGap};
  for (const char* name : {"greater", "less", "pow"}) {
    const Column got = run(std::string(name) + "(close, open)", a, b);
    EXPECT_EQ(std::ranges::count_if(got, is_nan), 3) << name;
    EXPECT_FALSE(is_nan(got[0])) << name;
  }
  expect_column("clip", run("clip(close, open, 5)", a, b), {2, kGap, kGap, kGap});
  expect_column("clip", run("clip(1, close, open)", a, b), {1, kGap, kGap, kGap});
}

TEST(MathOperators, SmallChangesKeepTheirDigits) {
  // 100 * (1 + 2^-45) is exact in a double.
  const Column close{100, 100 * (1 + 0x1p-45)};
  EXPECT_EQ(run("pct_change(close, 1)", close)[1], 0x1p-45);
  EXPECT_NEAR(run("log_return(close, 1)", close)[1], 0x1p-45, 0x1p-90);
}

TEST(Crossing, ByHand) {
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"crosses(close, 2)", {1, 3, 2, 1, 2, 3, kGap, 1, 3, 2}, {kGap, 1, 0, 1, 0, 1, kGap, kGap, 1, 0}},
      {"crosses(close, 2)", {2, 3, 2, 2, 1}, {kGap, 1, 0, 0, 1}},
      {"crosses(close, 2)", {2, 2, 2}, {kGap, 0, 0}},
      {"rising(close, 1)", {1, 2, 2, 1, kGap, 3, 4}, {kGap, 1, 0, 0, kGap, kGap, 1}},
      {"rising(close, 3)", {3, 1, 2, 4, 5, 5, 6, 1, 2}, {kGap, kGap, kGap, 1, 1, 0, 1, 0, 0}},
      // The 9 leaves after two rows; the equal 4 does not count as below.
      {"rising(close, 2)", {9, 4, 4, 5, 6, kGap, 7, 8, 9}, {kGap, kGap, 0, 1, 1, kGap, kGap, kGap, 1}},
      {"falling(close, 2)", {1, 6, 6, 5, 4, kGap, 3, 2, 1}, {kGap, kGap, 0, 1, 1, kGap, kGap, kGap, 1}},
      {"falling(close, 3)", {3, 1, 2}, {kGap, kGap, kGap}},
      {"falling(close, 2)", {5, 5, 5, 5}, {kGap, kGap, 0, 0}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, each.close), each.wanted);
}

TEST(Crossing, RisingIsAboveTheHighestOfTheRowsBefore) {
  for (const std::size_t n : {1U, 2U, 5U, 17U, 64U}) {
    Column close(3000);
    std::uint64_t state = n;
    for (double& x : close) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      x = static_cast<double>(state >> 58U);
      if (state % 97 == 0) x = kNaN;
    }
    const Column rising = run("rising(close, " + std::to_string(n) + ")", close);
    const Column falling = run("falling(close, " + std::to_string(n) + ")", close);
    const Column above = run("close > max(close, " + std::to_string(n) + ")[1]", close);
    const Column below = run("close < min(close, " + std::to_string(n) + ")[1]", close);
    expect_column("rising", rising, above);
    expect_column("falling", falling, below);
    EXPECT_GT(std::ranges::count(rising, 1.0), 5);
  }
}

TEST(Crossing, SinceAConditionWasTrue) {
  // The condition is `open > 0`: unknown where open is.
  const Column open{0, 1, 0, 0, 1, 1, 0, kGap, 0, 1, 0};
  const Column close{7, 5, 6, 4, 3, 8, kGap, 9, 1, 2, 3};
  const struct {
    std::string text;
    Column wanted;
  } cases[] = {
      {"bars_since(open > 0)", {kGap, 0, 1, 2, 0, 0, 1, kGap, kGap, 0, 1}},
      {"value_when(open > 0, close)", {kGap, 5, 5, 5, 3, 8, 8, kGap, kGap, 2, 2}},
      {"value_when(open > 0, close, 1)", {kGap, kGap, kGap, kGap, 5, 3, 3, kGap, kGap, kGap, kGap}},
      {"value_when(open > 0, close, 2)", {kGap, kGap, kGap, kGap, kGap, 5, 5, kGap, kGap, kGap, kGap}},
      {"highest_since(open > 0, close)", {kGap, 5, 6, 6, 3, 8, kGap, kGap, kGap, 2, 3}},
      {"lowest_since(open > 0, close)", {kGap, 5, 5, 4, 3, 8, kGap, kGap, kGap, 2, 2}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, close, open), each.wanted);
}

TEST(Crossing, AValueThatWasUnknownWhenTheConditionWasTrue) {
  const Column open{1, 0, 1, 0, 1};
  const Column close{kGap, 2, 3, kGap, 5};
  expect_column("value_when", run("value_when(open > 0, close)", close, open), {kGap, kGap, 3, 3, 5});
  expect_column("value_when 1", run("value_when(open > 0, close, 1)", close, open), {kGap, kGap, kGap, kGap, 3});
  expect_column("value_when of truth", run("value_when(open > 0, close > 3)", close, open), {kGap, kGap, 0, 0, 1});
  expect_column("never", run("bars_since(open > 2)", close, open), Column(5, kGap));
}

}  // namespace
}  // namespace argosy::formula

// Formulas on small columns, for the tests of the operator families.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "formula/formula.hpp"

namespace argosy::formula::testing {

using Column = std::vector<double>;
inline constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

// Columns that a test does not name are empty.
struct Bars {
  Column high{};
  Column low{};
  Column close{};
  Column volume{};

  [[nodiscard]] std::size_t rows() const { return std::max({high.size(), low.size(), close.size(), volume.size()}); }
  [[nodiscard]] const Column& column(std::string_view name) const {
    if (name == "high") return high;
    if (name == "low") return low;
    return name == "close" ? close : volume;
  }
};

inline Bars flat(const Column& prices, double volume = 1) {
  return {.high = prices, .low = prices, .close = prices, .volume = Column(prices.size(), volume)};
}

// All outputs of a formula.
inline std::vector<Column> run(const std::string& text, const Bars& bars) {
  const Output output[] = {{"v", text, true}};
  const auto plan = compile(output);
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  if (!plan) return {};
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) {
    EXPECT_EQ(bars.column(field).size(), bars.rows()) << text << " needs " << field;
    fields.emplace_back(bars.column(field));
  }
  std::vector<Column> out(plan->outputs().size(), Column(bars.rows()));
  Evaluator(*plan).evaluate(fields, std::vector<std::span<double>>(out.begin(), out.end()), bars.rows());
  return out;
}

// NaN in the same rows, and elsewhere as near as `tolerance` of the wanted value, or of 1 where that is smaller.
inline void expect_near(const std::string& text, const Column& got, const Column& wanted, double tolerance) {
  ASSERT_EQ(got.size(), wanted.size()) << text;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(wanted[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << text << " row " << i << " is " << got[i];
    } else {
      EXPECT_NEAR(got[i], wanted[i], tolerance * std::max(1.0, std::abs(wanted[i]))) << text << " row " << i;
    }
  }
}

inline void expect_column(const std::string& text, const Bars& bars, const Column& wanted, std::size_t output = 0) {
  const auto all = run(text, bars);
  ASSERT_LT(output, all.size()) << text;
  expect_near(text, all[output], wanted, 1e-13);
}

}  // namespace argosy::formula::testing

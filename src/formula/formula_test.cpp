#include "formula/formula.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace argosy::formula {
namespace {

using Columns = std::map<std::string, std::vector<double>, std::less<>>;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// The outputs of a plan over named columns of equal length.
std::vector<std::vector<double>> run(const Plan& plan, const Columns& columns) {
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan.fields()) fields.emplace_back(columns.at(field));
  const std::size_t rows = columns.begin()->second.size();
  std::vector<std::vector<double>> out(plan.outputs().size(), std::vector<double>(rows));
  const std::vector<std::span<double>> spans(out.begin(), out.end());
  Evaluator(plan).evaluate(fields, spans, rows);
  return out;
}

std::vector<double> run(const std::string& text, const Columns& columns, const CompileOptions& options = {}) {
  const auto plan = compile({{{"", text}}}, options);
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe() << "\n  " << plan.error().hint;
  return plan ? run(*plan, columns).front() : std::vector<double>{};
}

// Equal, NaN to NaN included.
MATCHER_P(SameAs, wanted, "") {
  if (arg.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool both = std::isnan(arg[i]) && std::isnan(wanted[i]);
    if (!both && !(std::abs(arg[i] - wanted[i]) <= 1e-12 * std::max(1.0, std::abs(wanted[i])))) return false;
  }
  return true;
}

using List = std::vector<double>;

TEST(Evaluator, ComputesArithmeticByPrecedence) {
  const Columns data{{"close", {1, 2, 3}}, {"open", {2, 2, 2}}};
  EXPECT_THAT(run("close + open * 2", data), SameAs(List{5, 6, 7}));
  EXPECT_THAT(run("-close - -1", data), SameAs(List{0, -1, -2}));
  EXPECT_THAT(run("(close + open) / 2", data), SameAs(List{1.5, 2, 2.5}));
  EXPECT_THAT(run("close * 8%", data), SameAs(List{0.08, 0.16, 0.24}));
  EXPECT_THAT(run("close > open ? close : 0 - open", data), SameAs(List{-2, -2, 3}));
  EXPECT_THAT(run("close[1]", data), SameAs(List{kUnknown, 1, 2}));
  EXPECT_THAT(run("close", data), SameAs(List{1, 2, 3}));
  EXPECT_THAT(run("5", data), SameAs(List{5, 5, 5}));
}

TEST(Evaluator, CrossesAveragesOfParameters) {
  const Columns data{{"close", {5, 4, 3, 4, 6, 8, 5, 2}}};
  const CompileOptions options{.parameters = {{"fast", 2}}, .lets = {{"slow_line", "sma(close, fast + 1)"}}};
  EXPECT_THAT(run("sma(close, fast)", data, options), SameAs(List{kUnknown, 4.5, 3.5, 3.5, 5, 7, 6.5, 3.5}));
  EXPECT_THAT(run("cross_above(sma(close, fast), slow_line)", data, options),
              SameAs(List{kUnknown, kUnknown, kUnknown, 0, 1, 0, 0, 0}));
  EXPECT_THAT(run("cross_below(sma(close, fast), slow_line)", data, options),
              SameAs(List{kUnknown, kUnknown, kUnknown, 0, 0, 0, 0, 1}));
}

TEST(Evaluator, KeepsUnknownUnknown) {
  const Columns data{{"close", {kUnknown, 1, 0, -1}}, {"open", {1, kUnknown, 0, 0}}};
  EXPECT_THAT(run("close > open", data), SameAs(List{kUnknown, kUnknown, 0, 0}));
  EXPECT_THAT(run("close < 2 and open < 2", data), SameAs(List{kUnknown, kUnknown, 1, 1}));
  EXPECT_THAT(run("close < 2 or open > 2", data), SameAs(List{kUnknown, kUnknown, 1, 1}));
  EXPECT_THAT(run("not (close > 0)", data), SameAs(List{kUnknown, 0, 1, 1}));
  EXPECT_THAT(run("close > 0 ? 1 : open", data), SameAs(List{kUnknown, 1, 0, 0}));
  EXPECT_THAT(run("1 / close", data), SameAs(List{kUnknown, 1, kUnknown, -1}));
  EXPECT_THAT(run("log(close)", data), SameAs(List{kUnknown, 0, kUnknown, kUnknown}));
  EXPECT_THAT(run("sqrt(close)", data), SameAs(List{kUnknown, 1, 0, kUnknown}));
  EXPECT_THAT(run("close * 1e308 * 1e308", data), SameAs(List{kUnknown, kUnknown, 0, kUnknown}));
}

TEST(Evaluator, HasNoNegativeZeroAndNoInfinity) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Columns data{{"close", {-0.0, 0, infinity, -infinity}}};
  for (const char* text : {"close", "-close", "close * -1", "abs(close)", "sqrt(close)", "min(close, 1)", "close[0]"}) {
    const auto out = run(text, data);
    EXPECT_FALSE(std::signbit(out[0])) << text;
    EXPECT_FALSE(std::signbit(out[1])) << text;
    EXPECT_TRUE(std::isnan(out[2]) && std::isnan(out[3])) << text;
  }
}

}  // namespace
}  // namespace argosy::formula

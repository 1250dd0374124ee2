#include "formula/formula.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "formula/program.hpp"
#include "formula/promises.hpp"

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
void expect_same(const std::vector<double>& got, const std::vector<double>& wanted, const std::string& what = "") {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool both = std::isnan(got[i]) && std::isnan(wanted[i]);
    EXPECT_TRUE(both || std::abs(got[i] - wanted[i]) <= 1e-12 * std::max(1.0, std::abs(wanted[i])))
        << what << " row " << i << " is " << got[i] << ", not " << wanted[i];
  }
}

using List = std::vector<double>;

TEST(Evaluator, ComputesArithmeticByPrecedence) {
  const Columns data{{"close", {1, 2, 3}}, {"open", {2, 2, 2}}};
  expect_same(run("close + open * 2", data), List{5, 6, 7}, "close + open * 2");
  expect_same(run("-close - -1", data), List{0, -1, -2}, "-close - -1");
  expect_same(run("(close + open) / 2", data), List{1.5, 2, 2.5}, "(close + open) / 2");
  expect_same(run("close * 8%", data), List{0.08, 0.16, 0.24}, "close * 8%");
  expect_same(run("close > open ? close : 0 - open", data), List{-2, -2, 3}, "close > open ? close : 0 - open");
  expect_same(run("close[1]", data), List{kUnknown, 1, 2}, "close[1]");
  expect_same(run("close", data), List{1, 2, 3}, "close");
  expect_same(run("5", data), List{5, 5, 5}, "5");
}

TEST(Evaluator, CrossesAveragesOfParameters) {
  const Columns data{{"close", {5, 4, 3, 4, 6, 8, 5, 2}}};
  const CompileOptions options{.parameters = {{"fast", 2}}, .lets = {{"slow_line", "sma(close, fast + 1)"}}};
  expect_same(run("sma(close, fast)", data, options), List{kUnknown, 4.5, 3.5, 3.5, 5, 7, 6.5, 3.5},
              "sma(close, fast)");
  expect_same(run("cross_above(sma(close, fast), slow_line)", data, options),
              List{kUnknown, kUnknown, kUnknown, 0, 1, 0, 0, 0}, "cross_above(sma(close, fast), slow_line)");
  expect_same(run("cross_below(sma(close, fast), slow_line)", data, options),
              List{kUnknown, kUnknown, kUnknown, 0, 0, 0, 0, 1}, "cross_below(sma(close, fast), slow_line)");
}

TEST(Evaluator, KeepsUnknownUnknown) {
  const Columns data{{"close", {kUnknown, 1, 0, -1}}, {"open", {1, kUnknown, 0, 0}}};
  expect_same(run("close > open", data), List{kUnknown, kUnknown, 0, 0}, "close > open");
  expect_same(run("close < 2 and open < 2", data), List{kUnknown, kUnknown, 1, 1}, "close < 2 and open < 2");
  expect_same(run("close < 2 or open > 2", data), List{kUnknown, kUnknown, 1, 1}, "close < 2 or open > 2");
  expect_same(run("not (close > 0)", data), List{kUnknown, 0, 1, 1}, "not (close > 0)");
  expect_same(run("close > 0 ? 1 : open", data), List{kUnknown, 1, 0, 0}, "close > 0 ? 1 : open");
  expect_same(run("1 / close", data), List{kUnknown, 1, kUnknown, -1}, "1 / close");
  expect_same(run("log(close)", data), List{kUnknown, 0, kUnknown, kUnknown}, "log(close)");
  expect_same(run("sqrt(close)", data), List{kUnknown, 1, 0, kUnknown}, "sqrt(close)");
  expect_same(run("close * 1e308 * 1e308", data), List{kUnknown, kUnknown, 0, kUnknown}, "close * 1e308 * 1e308");
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

std::string plan_text(const std::string& text, const CompileOptions& options = {}) {
  const auto plan = compile({{{"v", text}}}, options);
  return plan ? plan->describe() : plan.error().describe();
}

TEST(Plan, ComputesWhatIsWrittenTwiceOnce) {
  EXPECT_EQ(plan_text("sma(close, 5) + sma(close, 5)"),
            "%1 = sma(close, 5)\n%2 = %1 + %1\nv: number = %2\n2 steps, 1 scratch columns, warm-up 4 rows\n");
  EXPECT_EQ(plan_text("(close + open) * (open + close)"),
            "%1 = close + open\n%2 = %1 * %1\nv: number = %2\n2 steps, 1 scratch columns, warm-up 0 rows\n");
  EXPECT_EQ(plan_text("macd(close).histogram > macd(close, slow: 26).signal"),
            "%1 = macd(close, 12, 26, 9)\n%2 = %1.histogram > %1.signal\nv: truth = %2\n"
            "2 steps, 3 scratch columns, warm-up 33 rows\n");
}

TEST(Plan, SharesWorkBetweenOutputsAndNames) {
  const CompileOptions options{.parameters = {{"n", 3}},
                               .lets = {{"band", "bbands(close, n)"}, {"middle", "band.middle"}}};
  const Output outputs[] = {{"buy", "close > band.upper"}, {"sell", "close < middle"}, {"level", "sma(close, n)[1]"}};
  const auto plan = compile(outputs, options);
  ASSERT_TRUE(plan) << plan.error().describe();
  EXPECT_EQ(plan->describe(),
            "%1 = bbands(close, 3, 2)\n%2 = close > %1.upper\n%3 = close < %1.middle\n%4 = sma(close, 3)\n%5 = %4[1]\n"
            "buy: truth = %2\nsell: truth = %3\nlevel: number = %5\n5 steps, 3 scratch columns, warm-up 3 rows\n");
  EXPECT_THAT(plan->fields(), testing::ElementsAre("close"));
  EXPECT_THAT(plan->operators(), testing::ElementsAre("<", ">", "[]", "bbands", "sma"));
}

TEST(Plan, FoldsConstantsAndDropsWhatNothingNeeds) {
  const CompileOptions options{.parameters = {{"fast", 10}, {"mode", 2}}, .lets = {{"unused", "ema(open, 99)"}}};
  EXPECT_EQ(plan_text("close * (2 + 3 * 4) - -1", options),
            "%1 = close * 14\n%2 = %1 - -1\nv: number = %2\n2 steps, 1 scratch columns, warm-up 0 rows\n");
  EXPECT_EQ(plan_text("sma(close, fast * 2 + 1)", options),
            "%1 = sma(close, 21)\nv: number = %1\n1 steps, 0 scratch columns, warm-up 20 rows\n");
  EXPECT_EQ(plan_text("mode == 2 ? close : sma(close, 50)", options),
            "v: number = close\n0 steps, 0 scratch columns, warm-up 0 rows\n");
  EXPECT_EQ(plan_text("sqrt(16) > 3 and not false", options),
            "v: truth = true\n0 steps, 0 scratch columns, warm-up 0 rows\n");
}

TEST(Plan, ReusesColumns) {
  std::string chain = "close";
  for (int i = 1; i <= 50; ++i) chain = fmt::format("sma({}, 2) * {}", chain, i + 1);
  const auto plan = compile({{{"v", chain}}});
  ASSERT_TRUE(plan);
  EXPECT_NE(plan->describe().find("100 steps, 2 scratch columns"), std::string::npos) << plan->describe();
}

TEST(Plan, MeansOfTheBarReadOnlyTheirFields) {
  EXPECT_EQ(
      plan_text("hlc3"),
      "%1 = high + low\n%2 = %1 + close\n%3 = %2 / 3\nv: number = %3\n3 steps, 2 scratch columns, warm-up 0 rows\n");
  const Columns data{{"open", {1}}, {"high", {4}}, {"low", {2}}, {"close", {3}}};
  expect_same(run("hl2 + hlc3 + ohlc4", data), List{3 + 3 + 2.5}, "hl2 + hlc3 + ohlc4");
}

TEST(Plan, GivesAllOutputsOfOneOperator) {
  const auto plan = compile({{{"m", "macd(close)", true}, {"s", "sma(close, 2)", true}, {"", "bbands(close)", true}}});
  ASSERT_TRUE(plan);
  std::vector<std::string> names;
  for (const OutputColumn& column : plan->outputs()) names.push_back(column.name);
  EXPECT_THAT(names, testing::ElementsAre("m.macd", "m.signal", "m.histogram", "s", "upper", "middle", "lower"));
}

TEST(Compile, RefusesWithPlaceReasonAndNearestWord) {
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"sma(clsoe, 20)", "f:1:5: unknown name \"clsoe\". Did you mean \"close\"? (field v)"},
      {"smaa(close, 20)", "f:1:1: unknown operator \"smaa\". Did you mean \"sma\"? (field v)"},
      {"close + fats", "f:1:9: unknown name \"fats\". Did you mean \"fast\"? (field v)"},
      {"raw.clos", "f:1:1: unknown name \"raw.clos\". Did you mean \"raw.close\"? (field v)"},
      {"sma", "f:1:1: sma is an operator: its arguments are missing (field v)"},
      {"close(1)", "f:1:1: close is a value, not an operator (field v)"},
      {"sma(close)", "f:1:10: argument n of sma is missing (field v)"},
      {"sma(close, 5, 6)", "f:1:15: sma takes 2 arguments (field v)"},
      {"sma(close, m: 5)", "f:1:15: sma has no argument \"m\"."},
      {"sma(x: close, 5)", "f:1:15: an argument without a name follows one with a name (field v)"},
      {"sma(close, x: close)", "f:1:15: argument x is given twice (field v)"},
      {"sma(close, 0)", "f:1:12: n must be a whole number from 1 to 10000000, not 0 (field v)"},
      {"sma(close, 2.5)", "f:1:12: n must be a whole number from 1 to 10000000, not 2.5 (field v)"},
      {"sma(close, 20000000)", "f:1:12: n must be a whole number"},
      {"sma(close, close)",
       "f:1:12: n must be a whole number from 1 to 10000000 that is the same in every row (field v)"},
      {"close[-1]", "f:1:7: n must be a whole number from 0 to 10000000, not -1 (field v)"},
      {"close[true]", "f:1:7: n must be a whole number from 0 to 10000000 that is the same in every row (field v)"},
      {"close + (close > open)", "f:1:9: b in a + b must be a number, not a truth value (field v)"},
      {"close and true", "f:1:1: a in a and b must be a truth value, not a number (field v)"},
      {"not close", "f:1:5: x in not x must be a truth value, not a number (field v)"},
      {"close ? 1 : 2", "f:1:1: c in c ? a : b must be a truth value, not a number (field v)"},
      {"true ? 1 : false", "f:1:12: b in c ? a : b must be a number, not a truth value (field v)"},
      {"sma(close > 1, 5)", "f:1:5: argument x of sma must be a number, not a truth value (field v)"},
      {"close / 0", "f:1:9: division by zero (field v)"},
      {"close / (fast - 10)", "f:1:9: division by zero (field v)"},
      {"log(-1) + close", "f:1:1: this has no value: it is outside the range of numbers (field v)"},
      {"1e308 * 10", "f:1:1: this has no value: it is outside the range of numbers (field v)"},
      {"macd(close).singal", "f:1:13: macd has no output \"singal\". Did you mean \"signal\"? (field v)"},
      {"close.macd", "f:1:7: \".macd\" follows something with a single output (field v)"},
      {"macd(close).macd.macd", "f:1:18: \".macd\" follows something with a single output (field v)"},
      {"sma(close, 9000000) + sma(open, 9000000)",
       "f:1:23: the windows of the formulas hold more than 10000000 rows together"},
  };
  for (const auto& each : cases) {
    const auto plan = compile({{{"v", each.text}}}, {.parameters = {{"fast", 10}}, .file = "f"});
    ASSERT_FALSE(plan) << each.text;
    EXPECT_THAT(plan.error().describe(), testing::StartsWith(each.message)) << each.text;
    EXPECT_EQ(plan.error().code, core::ErrorCode::kInvalidArgument);
  }
}

TEST(Compile, RefusesNamesThatMeanSomethingElse) {
  for (const char* name : {"close", "sma", "and", "raw", "2x", "", "a b"}) {
    EXPECT_FALSE(compile({{{"v", "1"}}}, {.parameters = {{name, 1}}})) << name;
    EXPECT_FALSE(compile({{{"v", "1"}}}, {.lets = {{name, "close"}}})) << name;
  }
  EXPECT_FALSE(compile({{{"v", "1"}}}, {.parameters = {{"a", 1}, {"a", 2}}}));
  EXPECT_FALSE(compile({{{"v", "1"}}}, {.parameters = {{"a", kUnknown}}}));
  const auto later = compile({{{"v", "b"}}}, {.lets = {{"a", "b"}, {"b", "close"}}});
  ASSERT_FALSE(later);
  EXPECT_THAT(later.error().describe(), testing::StartsWith("formula:1:1: unknown name \"b\""));
}

TEST(Constant, IsANumberWithoutData) {
  const CompileOptions options{.parameters = {{"factor", 2.5}}};
  EXPECT_EQ(constant("2 * factor", options), 5.0);
  EXPECT_EQ(constant("8%"), 0.08);
  EXPECT_EQ(constant("factor > 2 ? 1 : 0", options), 1.0);
  EXPECT_THAT(constant("close").error().message, testing::HasSubstr("reads data"));
  EXPECT_THAT(constant("1 > 0").error().message, testing::HasSubstr("truth"));
  EXPECT_FALSE(constant("1 / 0"));
}

// Any chunks, streaming, a restart and a damaged state, no look-ahead, nothing impossible: see promises.hpp.
RC_GTEST_PROP(Formula, AnyCompositionKeepsItsPromises, ()) {
  for (int k = 0; k < 10; ++k) {
    const auto bytes = *rc::gen::resize(100, rc::gen::arbitrary<std::vector<std::uint8_t>>());
    properties::Choices choices(bytes);
    const std::string broken = properties::broken_promise(choices);
    if (!broken.empty()) RC_FAIL(broken);
  }
}

TEST(Evaluator, StartsAgainAfterReset) {
  const auto plan = compile({{{"v", "ema(close, 3) + sma(close, 2)[1]"}}});
  ASSERT_TRUE(plan);
  const List close{1, 2, 4, 8, 16, 32};
  List first(6);
  List second(6);
  Evaluator evaluator(*plan);
  const std::span<const double> in[] = {close};
  evaluator.evaluate(in, {{std::span(first)}}, 6);
  evaluator.reset();
  evaluator.evaluate(in, {{std::span(second)}}, 6);
  expect_same(second, first, "second run");
  EXPECT_FALSE(std::isnan(first[5]));
}

TEST(Evaluator, RestoresOnlyItsOwnState) {
  const auto plan = compile({{{"v", "ema(close, 3)"}}});
  const auto other = compile({{{"v", "ema(close, 4)"}}});
  ASSERT_TRUE(plan && other);
  const List close{1, 2, 4, 8, 16, 32};
  List out(6);
  const std::span<const double> in[] = {close};
  Evaluator evaluator(*plan);
  evaluator.evaluate(in, {{std::span(out)}}, 6);
  const std::string saved = evaluator.save();
  EXPECT_TRUE(Evaluator(*plan).restore(saved));
  EXPECT_EQ(Evaluator(*other).restore(saved).error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_EQ(Evaluator(*plan).restore("anything").error().code, core::ErrorCode::kCorrupt);
  EXPECT_EQ(Evaluator(*plan).restore(saved.substr(0, saved.size() - 1)).error().code, core::ErrorCode::kCorrupt);
  EXPECT_EQ(Evaluator(*plan).restore(saved + "x").error().code, core::ErrorCode::kCorrupt);
  std::string changed = saved;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_EQ(Evaluator(*plan).restore(changed).error().code, core::ErrorCode::kCorrupt);
}

TEST(Docs, NameEveryField) {
  for (const FieldDoc& doc : field_docs()) {
    EXPECT_EQ(compile({{{"v", std::string(doc.name)}}}).has_value(), !doc.of_position) << doc.name;
    EXPECT_TRUE(compile_exits({}, {{{"v", std::string(doc.name)}}})) << doc.name;
    EXPECT_FALSE(doc.meaning.empty());
  }
}

TEST(CompileGroups, SharesWhatGroupsHaveInCommonAndKeepsTheirNamesApart) {
  const auto group = [](double fast) {
    return OutputGroup{.outputs = {{"gap", "line - quick"}},
                       .options = {.parameters = {{"fast", fast}, {"slow", 3}},
                                   .lets = {{"line", "sma(close, slow)"}, {"quick", "sma(close, fast)"}}}};
  };
  const auto plan = compile_groups(std::vector{group(1), group(2)});
  ASSERT_TRUE(plan.has_value()) << plan.error().describe();
  const std::string text = plan->describe();
  const std::string shared = "sma(close, 3)";
  EXPECT_EQ(text.find(shared), text.rfind(shared)) << "computed once:\n" << text;
  const Columns data{{"close", {3, 6, 9, 18}}};
  const auto out = run(*plan, data);
  ASSERT_EQ(out.size(), 2U);
  expect_same(out[0], run("sma(close, 3) - sma(close, 1)", data));
  expect_same(out[1], run("sma(close, 3) - sma(close, 2)", data));
  EXPECT_FALSE(compile_groups(std::vector{group(1), group(0)}).has_value()) << "one that is wrong spoils all";
}

TEST(Docs, DescribeEveryOperatorAndAreSorted) {
  const auto docs = operator_docs();
  for (const OperatorDoc& doc : docs) EXPECT_FALSE(doc.meaning.empty() || doc.cost.empty()) << doc.name;
  EXPECT_TRUE(std::ranges::is_sorted(docs, {}, &OperatorDoc::name));
  const auto macd = std::ranges::find(docs, "macd", &OperatorDoc::name);
  ASSERT_NE(macd, docs.end());
  EXPECT_EQ(macd->signature, "macd(x, fast = 12, slow = 26, signal = 9)");
  EXPECT_THAT(macd->outputs, testing::ElementsAre("macd", "signal", "histogram"));
}

}  // namespace
}  // namespace argosy::formula

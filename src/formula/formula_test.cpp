#include "formula/formula.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "core/text.hpp"
#include "formula/detail/parser.hpp"
#include "formula/operators/registry.hpp"
#include "formula/program.hpp"

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

std::string any_formula(int depth, bool truth);

// A call of any operator there is that gives a number, or a truth value.
std::string any_call(int depth, bool truth) {
  const auto pick = [](std::size_t count) { return *rc::gen::resize(100, rc::gen::inRange<std::size_t>(0, count)); };
  std::vector<const Operator*> fitting;
  for (const Operator& op : all_operators()) {
    const bool word = std::isalpha(static_cast<unsigned char>(op.name[0])) != 0;
    if (word && !is_keyword(op.name) && op.name != "negate" && (op.result == ResultType::kTruth) == truth)
      fitting.push_back(&op);
  }
  const Operator& op = *fitting[pick(fitting.size())];
  std::vector<std::string> arguments;
  for (const Parameter& parameter : op.parameters) {
    if (is_series(parameter.kind)) {
      arguments.push_back(any_formula(depth - 1, parameter.kind == ParameterKind::kTruthSeries));
    } else {
      const double most = std::min(parameter.maximum - parameter.minimum, 20.0);
      arguments.push_back(
          core::format_double(parameter.minimum + std::floor(static_cast<double>(pick(1000)) / 1000.0 * (most + 1))));
      if (std::stod(arguments.back()) > parameter.maximum) arguments.back() = core::format_double(parameter.maximum);
    }
  }
  std::string text = std::string(op.name) + "(" + core::join(arguments, ", ") + ")";
  if (!op.outputs.empty()) text += "." + std::string(op.outputs[pick(op.outputs.size())]);
  return text;
}

// A random formula of a type, `depth` levels deep.
std::string any_formula(int depth, bool truth) {
  const auto pick = [](int count) { return *rc::gen::resize(100, rc::gen::inRange(0, count)); };
  const auto number = [&] { return any_formula(depth - 1, false); };
  const auto window = [&] { return std::to_string(1 + pick(30)); };
  if (truth) {
    if (depth == 0) return pick(2) == 0 ? "close > open" : "true";
    switch (pick(6)) {
      case 0:
        return "(" + number() + " < " + number() + ")";
      case 1:
        return "(" + number() + " != " + number() + ")";
      case 2:
        return any_call(depth, true);
      case 3:
        return "(not " + any_formula(depth - 1, true) + ")";
      case 4:
        return "(" + any_formula(depth - 1, true) + " and " + any_formula(depth - 1, true) + ")";
      default:
        return "(" + any_formula(depth - 1, true) + ")[" + window() + "]";
    }
  }
  if (depth == 0) {
    const std::string leaves[] = {"close", "open", "hl2", "volume", "raw.close", "3", "0.5"};
    return leaves[pick(7)];
  }
  switch (pick(6)) {
    case 0:
      return "(" + number() + " + " + number() + ")";
    case 1:
      return "(" + number() + " / " + number() + ")";
    case 2:
      return "(" + any_formula(depth - 1, true) + " ? " + number() + " : " + number() + ")";
    case 3:
      return "(" + number() + ")[" + window() + "]";
    default:
      return any_call(depth, false);
  }
}

RC_GTEST_PROP(Formula, AnyCompositionIsTheSameInAnyChunksAndBlindToTheFuture, ()) {
  const Output outputs[] = {{"a", any_formula(4, false)}, {"b", any_formula(3, true)}};
  const auto plan = compile(outputs);
  RC_TAG(plan.has_value());
  if (!plan) return;  // a constant part without a value
  constexpr std::size_t kRows = 300;
  std::vector<List> fields(plan->fields().size(), List(kRows));
  for (List& field : fields) {
    for (double& value : field)
      value = *rc::gen::resize(100, rc::gen::inRange(0, 60)) == 0
                  ? kUnknown
                  : *rc::gen::resize(100, rc::gen::inRange(50, 250)) / 2.0;
  }
  const auto evaluate = [&](const std::vector<std::size_t>& cuts, std::size_t restart_after = kRows) {
    std::vector<List> out(2, List(kRows));
    Evaluator evaluator(*plan);
    std::size_t at = 0;
    for (std::size_t k = 0; at < kRows; ++k) {
      const std::size_t count = std::min(cuts[k % cuts.size()], kRows - at);
      std::vector<std::span<const double>> in;
      in.reserve(fields.size());
      for (const List& field : fields) in.push_back(std::span(field).subspan(at, count));
      const std::vector<std::span<double>> to{std::span(out[0]).subspan(at, count),
                                              std::span(out[1]).subspan(at, count)};
      evaluator.evaluate(in, to, count);
      at += count;
      if (k == restart_after) {
        Evaluator other(*plan);
        RC_ASSERT(other.restore(evaluator.save()).has_value());
        evaluator = std::move(other);
      }
    }
    return out;
  };
  const auto same = [](const List& a, const List& b, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!(std::isnan(a[i]) && std::isnan(b[i])) &&
          std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i]))
        return false;
    }
    return true;
  };
  const auto whole = evaluate({kRows});
  const auto cut = evaluate({1 + *rc::gen::inRange<std::size_t>(0, 50), 1, 1 + *rc::gen::inRange<std::size_t>(0, 50)});
  const auto streamed = evaluate({1});
  const auto restarted = evaluate({7}, *rc::gen::inRange<std::size_t>(0, kRows / 7));
  const std::size_t known = *rc::gen::inRange<std::size_t>(0, kRows);
  for (List& field : fields) {
    for (std::size_t i = known; i < kRows; ++i) field[i] = 1e6 - field[i];
  }
  const auto other_future = evaluate({kRows});
  for (std::size_t k = 0; k < 2; ++k) {
    RC_ASSERT(same(whole[k], cut[k], kRows));
    RC_ASSERT(same(whole[k], streamed[k], kRows));
    RC_ASSERT(same(whole[k], restarted[k], kRows));
    RC_ASSERT(same(whole[k], other_future[k], known));
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

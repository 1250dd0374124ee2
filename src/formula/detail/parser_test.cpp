#include "formula/detail/parser.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/limits.hpp"

namespace argosy::formula {
namespace {

std::string parsed(std::string_view text) {
  const auto tree = parse({"f", "", text});
  return tree ? to_text(*tree) : fmt::format("{}: {}", tree.error().column, tree.error().message);
}

struct Case {
  std::string_view text;
  std::string_view tree;
};

TEST(Parser, ReadsByPrecedence) {
  const Case cases[] = {
      {"1", "1"},
      {" close\n", "close"},
      {"8%", "0.08"},
      {".5 + 1e3 - 2.5E-1", "((0.5 + 1000) - 0.25)"},
      {"a + b * c", "(a + (b * c))"},
      {"a - b - c", "((a - b) - c)"},
      {"a / b / c", "((a / b) / c)"},
      {"(a + b) * c", "((a + b) * c)"},
      {"-a * b", "((-a) * b)"},
      {"--a", "(-(-a))"},
      {"+a", "a"},
      {"-a[1]", "(-a[1])"},
      {"a < b + 1", "(a < (b + 1))"},
      {"not a > b and c", "((not (a > b)) and c)"},
      {"a or b and c", "(a or (b and c))"},
      {"not not a", "(not (not a))"},
      {"a ? b : c ? d : e", "(a ? b : (c ? d : e))"},
      {"a ? b ? c : d : e", "(a ? (b ? c : d) : e)"},
      {"a != b", "(a != b)"},
      {"true or false", "(true or false)"},
      {"raw.close[2]", "raw.close[2]"},
      {"raw", "raw"},
      {"sma(close, 20)", "sma(close, 20)"},
      {"obv()", "obv()"},
      {"sma(n: 20, x: close)", "sma(n: 20, x: close)"},
      {"f(a ? b : c, n: 2)", "f((a ? b : c), n: 2)"},
      {"macd(close).signal[1] > 0", "(macd(close).signal[1] > 0)"},
      {"a[fast - 1]", "a[(fast - 1)]"},
      {"andy + nothing", "(andy + nothing)"},
  };
  for (const Case& each : cases) EXPECT_EQ(parsed(each.text), each.tree) << each.text;
}

TEST(Parser, NamesPlaceAndWhatWasExpected) {
  const Case cases[] = {
      {"", "1: the formula is empty"},
      {"   ", "1: the formula is empty"},
      {"a +", "4: the formula ends where a value was expected"},
      {"a b", "3: found \"b\" where an operator or the end of the formula was expected"},
      {"(a + b", "7: the formula ends where \")\" for the \"(\" at column 1 was expected"},
      {"a + b)", "6: found \")\" where an operator or the end of the formula was expected"},
      {"sma(close, 20", "14: the formula ends where \",\" or the \")\" that closes sma( at column 4 was expected"},
      {"sma(close 20)", "11: found \"20\" where \",\" or the \")\" that closes sma( at column 4 was expected"},
      {"sma(close,)", "11: found \")\" where a value was expected"},
      {"sma(, 1)", "5: found \",\" where a value was expected"},
      {"a[1", "4: the formula ends where \"]\" was expected"},
      {"a[]", "3: found \"]\" where a value was expected"},
      {"a.", "3: the formula ends where the name of an output was expected"},
      {"a ? b", "6: the formula ends where \":\" of c ? a : b was expected"},
      {"a < b < c", "7: comparisons cannot be chained"},
      {"a and", "6: the formula ends where a value was expected"},
      {"and a", "1: found \"and\" where a value was expected"},
      {"a && b", "3: \"&&\" is not part of the formula language"},
      {"!a", "1: \"!\" is not part of the formula language"},
      {"a = b", "3: \"=\" is not part of the formula language"},
      {"10 % 3", "4: \"%\" is not part of the formula language"},
      {"20abc", "1: \"20abc\" is neither a number nor a name"},
      {"1e999", "1: the number 1e999 is too large"},
      {"1.2.3", "4: found \".3\" where an operator or the end of the formula was expected"},
      {"a + \"b", "5: the text has no closing quote"},
      {"a \xC3\xA9 b", "3: the character 0xc3 is not part of the formula language"},
      {std::string_view("a\0", 2), "2: the character 0x00 is not part of the formula language"},
      {"a +\n  * b", "3: found \"*\" where a value was expected"},
  };
  for (const Case& each : cases) EXPECT_EQ(parsed(each.text), each.tree) << each.text;
}

TEST(Parser, DrawsACaretUnderThePlace) {
  const auto tree = parse({"rules.yaml", "buy", "close >\n  open $ 2"});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().describe(), "rules.yaml:2:8: \"$\" is not part of the formula language (field buy)");
  EXPECT_EQ(tree.error().hint, "  open $ 2\n       ^");
}

TEST(Parser, ShowsTheSurroundingsOfALongLine) {
  const std::string text = std::string(300, ' ') + "a $ b" + std::string(300, ' ');
  const auto tree = parse({"f", "", text});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().column, 303);
  const std::string& hint = tree.error().hint;
  const std::size_t end = hint.find('\n');
  EXPECT_LE(end, 130U);
  EXPECT_EQ(hint.find('$'), hint.find('^') - end - 1);
}

TEST(Parser, RefusesDepthAndLength) {
  const std::size_t depth = core::limits::kFormulaDepth;
  const auto nested = [](std::size_t levels, char open, char close) {
    return std::string(levels, open) + "1" + std::string(levels, close);
  };
  EXPECT_EQ(parsed(nested(depth - 1, '(', ')')), "1");
  EXPECT_NE(parsed(nested(depth + 1, '(', ')')).find("levels deep"), std::string::npos);
  EXPECT_NE(parsed(std::string(60'000, '(')).find("levels deep"), std::string::npos);
  EXPECT_NE(parsed(std::string(60'000, '-') + "1").find("levels deep"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "not ";
  EXPECT_NE(parsed(nots + "a").find("levels deep"), std::string::npos);
  EXPECT_NE(parsed(std::string(core::limits::kFormulaLength + 1, ' ')).find("characters"), std::string::npos);
  // A long chain is not deep.
  std::string chain = "a";
  for (int i = 0; i < 10'000; ++i) chain += "+a";
  EXPECT_TRUE(parse({"f", "", chain}).has_value());
}

RC_GTEST_PROP(Parser, ReadsItsOwnTextBack, ()) {
  // Words of the language in any order: most are errors, none may crash; a tree's text has the same tree.
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "close", "sma(", "(", ")", "[", "]", ",", ".", ":", "?", "+", "-", "*", "/",
                                    "<", ">=", "==", "and", "or", "not", "true", "1", "2.5", "8%", "n:"));
  std::string text;
  for (const auto& word : words) text += word + " ";
  const auto tree = parse({"f", "", text});
  if (!tree) {
    RC_ASSERT(tree.error().column >= 1);
    return;
  }
  const std::string again = to_text(*tree);
  const auto second = parse({"f", "", again});
  RC_ASSERT(second.has_value());
  RC_ASSERT(to_text(*second) == again);
}

RC_GTEST_PROP(Parser, SurvivesAnyBytes, (const std::string& bytes)) {
  const auto tree = parse({"f", "", bytes});
  RC_ASSERT(tree.has_value() || !tree.error().message.empty());
}

}  // namespace
}  // namespace argosy::formula

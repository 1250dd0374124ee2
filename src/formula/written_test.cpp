#include "formula/written.hpp"

#include <gtest/gtest.h>

namespace argosy::formula {
namespace {

TEST(Written, ANameStandsBeforeTheFirstEqualsSign) {
  struct Case {
    const char* written;
    const char* name;
    const char* text;
  };
  for (const auto& [written, name, text] :
       {Case{"sma(close, 20)", "", "sma(close, 20)"}, Case{"fast=sma(close,20)", "fast", "sma(close,20)"},
        Case{" fast_2 = close", "fast_2", " close"}, Case{"close == open", "", "close == open"},
        Case{"close >= open", "", "close >= open"}, Case{"a=close == open", "a", "close == open"},
        Case{"=close", "", "=close"}, Case{"", "", ""}}) {
    const Assignment cut = split_assignment(written);
    EXPECT_EQ(cut.name, name) << written;
    EXPECT_EQ(cut.text, text) << written;
  }
}

TEST(Written, OutputsAreCalledByNameOrText) {
  const std::vector<std::string> one{"close"};
  EXPECT_EQ(written_outputs(one, {})[0].name, "close");
  EXPECT_EQ(written_outputs(one, {.single = "value"})[0].name, "value");
  EXPECT_EQ(written_outputs(one, {.single = "value", .all_outputs = true})[0].name, "");
  const std::vector<std::string> two{"close", "x=open"};
  const auto outputs = written_outputs(two, {.single = "value"});
  EXPECT_EQ(outputs[0].name, "close");
  EXPECT_EQ(outputs[1].name, "x");
  EXPECT_EQ(outputs[1].text, "open");
}

TEST(Written, TwoColumnsOfOneNameAreRefused) {
  const std::vector<std::string> twice{"close", "close=open"};
  const auto program = compile_program(written_outputs(twice, {}));
  ASSERT_TRUE(program);
  EXPECT_FALSE(check_names(*program));
}

}  // namespace
}  // namespace argosy::formula

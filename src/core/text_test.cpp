#include "core/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace argosy::core {
namespace {

RC_GTEST_PROP(TextProperty, EveryFiniteDoubleReadsBackToTheSameBits, ()) {
  const double value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>() * 0x9E3779B97F4A7C15U);
  RC_PRE(std::isfinite(value));
  const auto back = parse_double(format_double(value));
  RC_ASSERT(back.has_value());
  RC_ASSERT(std::bit_cast<std::uint64_t>(*back) == std::bit_cast<std::uint64_t>(value));
}

RC_GTEST_PROP(TextProperty, SplitIsUndoneByJoin, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', ',', 'b'));
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, ',')) parts.emplace_back(part);
  RC_ASSERT(join(parts, ",") == text);
}

TEST(Text, PrintsDoublesShort) {
  EXPECT_EQ(format_double(0.1), "0.1");
  EXPECT_EQ(format_double(100000), "100000");
  EXPECT_EQ(format_double(-0.0), "-0");
  EXPECT_EQ(format_double(1e16), "1e+16");
  EXPECT_EQ(format_double(5e-324), "5e-324");
  EXPECT_EQ(format_double(std::nan("")), "nan");
  EXPECT_EQ(format_double(-std::nan("")), "nan");
  EXPECT_EQ(format_double(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Text, ReadsDoubles) {
  EXPECT_EQ(parse_double("1.5"), 1.5);
  EXPECT_EQ(parse_double("+1e3"), 1000);
  EXPECT_EQ(parse_double("-.5"), -0.5);
  EXPECT_EQ(parse_double("9007199254740993"), 9007199254740992.0);  // a tie, to even
  EXPECT_EQ(parse_double("1e-400"), 0.0);
  EXPECT_EQ(parse_double("2.2250738585072011e-308"), 2.2250738585072011e-308);
  for (const char* text :
       {"", " 1", "1 ", "nan", "inf", "-inf", "1e400", "0x10", "1,5", "+-1", "+", "-", ".", "e5", "1e", "1.5x"}) {
    EXPECT_FALSE(parse_double(text).has_value()) << text;
  }
}

TEST(Text, ReadsIntegers) {
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_integer("+7"), 7);
  for (const char* text : {"", "9223372036854775808", "1.0", "1e3", " 1", "0x1", "+-1", "-"}) {
    EXPECT_FALSE(parse_integer(text).has_value()) << text;
  }
}

TEST(Text, TrimsAndFolds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(to_upper("aZ9_\xC3\xA4"), "AZ9_\xC3\xA4");
  EXPECT_EQ(to_lower("aZ9_\xC3\x84"), "az9_\xC3\x84");
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(split(",", ',').size(), 2U);
}

TEST(Text, FindsWhatIsNotUtf8) {
  for (const char* text :
       {"", "plain", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x9A\xA2", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_FALSE(find_invalid_utf8(text).has_value()) << text;
  }
  // A lone continuation, overlong forms, a surrogate, beyond U+10FFFF, cut off.
  for (const char* text :
       {"ab\x80", "ab\xC0\x80", "ab\xC1\xBF", "ab\xE0\x9F\xBF", "ab\xF0\x8F\xBF\xBF", "ab\xED\xA0\x80",
        "ab\xF4\x90\x80\x80", "ab\xF5\x80\x80\x80", "ab\xE2\x82", "ab\xC3", "ab\xFF"}) {
    EXPECT_EQ(find_invalid_utf8(text), 2U) << text;
  }
}

TEST(Text, SuggestsTheNearestName) {
  const std::vector<std::string_view> names{"fast", "slow", "commission_percent", "rsi", "sma"};
  EXPECT_EQ(nearest_name("fsat", names), "fast");
  EXPECT_EQ(nearest_name("FAST", names), "fast");
  EXPECT_EQ(nearest_name("comission_percent", names), "commission_percent");
  EXPECT_EQ(nearest_name("rsi2", names), "rsi");
  EXPECT_FALSE(nearest_name("medium", names).has_value());
  EXPECT_FALSE(nearest_name("x", names).has_value());
  EXPECT_FALSE(nearest_name("", names).has_value());
  EXPECT_FALSE(nearest_name(std::string(100'000, 'a'), names).has_value());
  EXPECT_EQ(did_you_mean("fsat", names), " Did you mean \"fast\"?");
  EXPECT_EQ(did_you_mean("medium", names), " Known: fast, slow, commission_percent, rsi, sma.");
  EXPECT_EQ(did_you_mean("medium", {}), "");
}

}  // namespace
}  // namespace argosy::core

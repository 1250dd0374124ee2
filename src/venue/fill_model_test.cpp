#include "venue/fill_model.hpp"

#include <gtest/gtest.h>

#include <string>

#include "venue/latency.hpp"
#include "venue/slippage.hpp"
#include "venue/test_desk.hpp"

namespace argosy::venue {
namespace {

using enum Side;
using enum LimitTouch;

std::string text(const std::optional<Fill>& fill) {
  return fill ? fill->price.to_string() + " " + std::string(to_string(fill->rule)) : "none";
}

struct Case {
  Side side;
  const char* level;
  const char* traded;
  const char* expected;
  const char* expected_through;
};

TEST(FillModel, ALimitAtOnePrice) {
  const Case cases[] = {
      {kBuy, "100", "99", "99 limit_gap", "99 limit_gap"},
      {kBuy, "100", "100", "100 limit_level", "none"},
      {kBuy, "100", "100.01", "none", "none"},
      {kSell, "100", "101", "101 limit_gap", "101 limit_gap"},
      {kSell, "100", "100", "100 limit_level", "none"},
      {kSell, "100", "99.99", "none", "none"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(text(limit_at(c.side, price(c.level), price(c.traded), kTouch)), c.expected) << c.traded;
    EXPECT_EQ(text(limit_at(c.side, price(c.level), price(c.traded), kThrough)), c.expected_through) << c.traded;
  }
}

TEST(FillModel, ALimitWithinAStretch) {
  const Case cases[] = {
      {kBuy, "100", "99", "100 limit_level", "100 limit_level"},
      {kBuy, "100", "100", "100 limit_level", "none"},
      {kBuy, "100", "100.01", "none", "none"},
      {kSell, "100", "101", "100 limit_level", "100 limit_level"},
      {kSell, "100", "100", "100 limit_level", "none"},
      {kSell, "100", "99.99", "none", "none"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(text(limit_within(c.side, price(c.level), price(c.traded), kTouch)), c.expected) << c.traded;
    EXPECT_EQ(text(limit_within(c.side, price(c.level), price(c.traded), kThrough)), c.expected_through) << c.traded;
  }
}

TEST(FillModel, AStopIsNeverFilledBetterThanItsLevel) {
  const Case cases[] = {
      {kSell, "90", "90.01", "none", "none"},
      {kSell, "90", "90", "90 stop_level", "90 stop_level"},
      {kSell, "90", "85", "85 stop_gap", "90 stop_level"},
      {kBuy, "90", "89.99", "none", "none"},
      {kBuy, "90", "90", "90 stop_level", "90 stop_level"},
      {kBuy, "90", "95", "95 stop_gap", "90 stop_level"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(text(stop_at(c.side, price(c.level), price(c.traded))), c.expected) << c.traded;
    EXPECT_EQ(text(stop_within(c.side, price(c.level), price(c.traded))), c.expected_through) << c.traded;
  }
}

TEST(FillModel, ATrailingLevelIsRoundedAwayFromThePrice) {
  const Trail amount{.amount = price("1.005")};
  const Trail tenth{.ratio = rate("0.1")};
  EXPECT_EQ(trailing_level(kSell, price("10"), amount, price("0.01")), price("8.99"));
  EXPECT_EQ(trailing_level(kBuy, price("10"), amount, price("0.01")), price("11.01"));
  EXPECT_EQ(trailing_level(kSell, price("99.99"), tenth, price("0.01")), price("89.99"));
  EXPECT_EQ(trailing_level(kBuy, price("99.99"), tenth, price("0.01")), price("109.99"));
}

struct SlippageCase {
  const char* text;
  const char* buy;
  const char* sell;
};

// 100 of 1000 shares at 100, in a bar from 95 to 105.
TEST(Slippage, IsToTheWorseSideAndRoundedAway) {
  const SlippageCase cases[] = {
      {"none", "100", "100"},
      {"fixed:0.01", "100.01", "99.99"},
      {"fixed:0.001", "100.01", "99.99"},
      {"percent:0.05", "100.05", "99.95"},
      {"volume:0.1", "100.1", "99.9"},
      {"range:0.1", "101", "99"},
  };
  const BarView bar = make_bar("100 105 95 100", 1000, 0);
  for (const SlippageCase& c : cases) {
    const auto slippage = parse_slippage(c.text);
    ASSERT_TRUE(slippage.has_value()) << c.text;
    EXPECT_EQ(to_string(*slippage), c.text);
    EXPECT_EQ(slippage->apply(kBuy, price("100"), shares(100), bar, {}), price(c.buy)) << c.text;
    EXPECT_EQ(slippage->apply(kSell, price("100"), shares(100), bar, {}), price(c.sell)) << c.text;
  }
}

TEST(Slippage, TheVolumeShareIsAtMostOneAndASellKeepsATick) {
  const BarView bar = make_bar("100 105 95 100", 0.000001, 0);
  EXPECT_EQ(parse_slippage("volume:0.1")->apply(kBuy, price("100"), shares(100), bar, {}), price("110"));
  const auto whole = parse_slippage("fixed:500");
  EXPECT_EQ(whole->apply(kSell, price("100"), shares(1), bar, {}), price("0.01"));
  EXPECT_EQ(whole->apply(kSell, price("100"), shares(1), bar, {.may_be_negative = true}), price("-400"));
}

TEST(Slippage, WrongTextsSayWhatIsPossible) {
  for (const char* text : {"", "some", "fixed", "fixed:", "fixed:x", "percent:-1", "percent:101", "range:1.1", "none:1",
                           "volume:0", "fixed:0.0000000001"}) {
    const auto slippage = parse_slippage(text);
    ASSERT_FALSE(slippage.has_value()) << text;
    EXPECT_TRUE(slippage.error().message.starts_with("\"" + std::string(text) + "\" is no slippage")) << text;
    EXPECT_TRUE(slippage.error().hint.contains("percent:0.05")) << text;
  }
}

TEST(Latency, IsWrittenAsItIsRead) {
  for (const char* text : {"none", "bars:1", "bars:1000", "ms:250", "ms:3600000"})
    EXPECT_EQ(to_string(*parse_latency(text)), text);
  EXPECT_TRUE(parse_latency("bars:0")->is_none());
  for (const char* text : {"", "bars", "bars:", "bars:-1", "bars:1001", "ms:1.5", "ms:3600001", "s:1", "250"}) {
    const auto latency = parse_latency(text);
    ASSERT_FALSE(latency.has_value()) << text;
    EXPECT_TRUE(latency.error().hint.contains("bars:1")) << text;
  }
}

}  // namespace
}  // namespace argosy::venue

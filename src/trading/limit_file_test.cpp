#include "trading/limit_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "core/files.hpp"

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;

core::Result<LimitText> shipped_text(const std::string& name, const std::string& /*from*/) {
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/limits/" + name + ".yaml";
  ARGOSY_TRY(std::string text, core::system_files().read(path));
  return LimitText{std::move(text), name + ".yaml"};
}

core::Result<LimitProfile> shipped(const std::string& name) {
  ARGOSY_TRY(const LimitText text, shipped_text(name, {}));
  return parse_limit_file(text.text, text.file, shipped_text);
}

TEST(LimitFile, TheProfileOfBacktestsIsWhatTheFileSays) {
  const auto file = shipped("backtest");
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  LimitProfile expected = LimitProfile::backtest();
  expected.description = file->description;
  EXPECT_EQ(*file, expected);
}

TEST(LimitFile, ShippedProfilesSetEveryLimit) {
  for (const char* name : {"backtest", "careful", "prop_50k"}) {
    const auto file = shipped(name);
    ASSERT_TRUE(file.has_value()) << file.error().describe();
    EXPECT_EQ(file->name, name);
    EXPECT_FALSE(file->description.empty());
    EXPECT_EQ(unset_limits(*file), std::vector<std::string>());
  }
}

TEST(LimitFile, ReadsEveryKindOfValue) {
  const auto file = parse_limit_file(R"(
name: all
day: {zone: America/Chicago, starts: "17:00"}
limits:
  messages: {per_second: 3, burst: 20, reserve: 0}
  equal_orders: {most: 2, within: 1500ms}
  restricted: [AAPL, BRK.B]
  trading_hours: {after_open: 0s, before_close: 10m}
  max_reference_age: 1d
  price_collar: 2.5%
  max_order_quantity: 0.5
  max_order_value: 1234.56
  self_match: refuse
  max_working_orders: 7
  max_leverage: 1.5
  correlated_exposure: {above: 0.65, share: 40%}
  max_daily_loss: 3%
  max_drawdown: 750
circuit_breaker:
  loss_velocity: {loss: 1%, within: 1h}
  error_rate: {share: 50%, within: 10m, least: 4}
prop_firm:
  daily_loss: {loss: 5%, ends: account}
  trailing_drawdown: {loss: 2000, from: equity, locks_at_start: false}
  flatten: {calendar: nyse, before_close: 10m, over: weekends}
)",
                                     "all.yaml");
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  const RiskLimits& limits = file->limits;
  EXPECT_EQ(file->day, (DayStart{"America/Chicago", 17h}));
  EXPECT_EQ(limits.messages.value(), (MessageRate{3, 20, 0}));
  EXPECT_EQ(limits.equal_orders.value(), (Burst{2, 1500ms}));
  EXPECT_EQ(limits.restricted.value(), (Symbols{"AAPL", "BRK.B"}));
  EXPECT_EQ(limits.trading_hours.value(), (TradingHours{0s, 10min}));
  EXPECT_EQ(limits.max_reference_age.value(), 24h);
  EXPECT_EQ(limits.price_collar.value(), *Rate::parse("0.025"));
  EXPECT_EQ(limits.max_order_quantity.value(), *Quantity::parse("0.5"));
  EXPECT_EQ(limits.max_order_value.value(), *Money::parse("1234.56"));
  EXPECT_TRUE(limits.self_match.has_value());
  EXPECT_EQ(limits.max_working_orders.value(), 7);
  EXPECT_EQ(limits.max_leverage.value().times, *Rate::parse("1.5"));
  EXPECT_EQ(limits.correlated_exposure.value(), (CorrelationLimit{*Rate::parse("0.65"), *Rate::parse("0.4")}));
  EXPECT_EQ(limits.max_daily_loss.value(), Allowance::of_share(*Rate::parse("0.03")));
  EXPECT_EQ(limits.max_drawdown.value(), Allowance::of_money(*Money::parse("750")));
  EXPECT_FALSE(limits.allowed.is_set());
  EXPECT_EQ(file->breaker.loss_velocity.value(), (LossVelocity{Allowance::of_share(*Rate::parse("0.01")), 1h}));
  EXPECT_EQ(file->breaker.error_rate.value(), (FailureRate{*Rate::parse("0.5"), 10min, 4}));
  ASSERT_TRUE(file->prop.has_value());
  EXPECT_EQ(file->prop->daily_loss.value(), (DailyLoss{Allowance::of_share(*Rate::parse("0.05")), true}));
  EXPECT_EQ(file->prop->trailing_drawdown.value().from, TrailingLoss::From::kEquity);
  EXPECT_EQ(file->prop->flatten.value(), (FlattenRule{{}, "XNYS", 10min, false}));
}

// What limit_text prints reads back to the same.
TEST(LimitFile, PrintedLimitsReadBack) {
  for (const char* name : {"backtest", "careful", "prop_50k"}) {
    const auto file = shipped(name);
    ASSERT_TRUE(file.has_value());
    std::string text =
        fmt::format("name: {}\ndescription: {}\nday: {{zone: {}, starts: \"{}\"}}\nlimits:\n", file->name,
                    "\"" + file->description + "\"", file->day.zone, clock_text(file->day.at));
    for (const auto& field : limit_fields<RiskLimits>())
      text += fmt::format("  {}: {}\n", field.name, limit_text(file->limits, field));
    text += "circuit_breaker:\n";
    for (const auto& field : limit_fields<BreakerLimits>())
      text += fmt::format("  {}: {}\n", field.name, limit_text(file->breaker, field));
    if (file->prop) {
      text += "prop_firm:\n";
      for (const auto& field : limit_fields<PropLimits>())
        text += fmt::format("  {}: {}\n", field.name, limit_text(*file->prop, field));
    }
    const auto again = parse_limit_file(text, "printed.yaml");
    ASSERT_TRUE(again.has_value()) << again.error().describe() << "\n" << text;
    EXPECT_EQ(*again, *file);
  }
}

TEST(LimitFile, ExtendsNamesOnlyWhatDiffers) {
  const auto file =
      parse_limit_file("name: mine\nlimits: {max_order_value: 100}\nextends: careful\n", "mine.yaml", shipped_text);
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  auto expected = *shipped("careful");
  expected.name = "mine";
  expected.description.clear();
  expected.limits.max_order_value = Limit<Money>::of(Money::from_integer(100));
  EXPECT_EQ(*file, expected);
}

TEST(LimitFile, WhatIsNotNamedIsNotSet) {
  const auto file = parse_limit_file("name: little\nlimits: {allowed: unlimited}\n", "little.yaml");
  ASSERT_TRUE(file.has_value());
  const auto names = unset_limits(*file);
  EXPECT_EQ(names.size(), limit_fields<RiskLimits>().size() - 1 + limit_fields<BreakerLimits>().size());
  EXPECT_EQ(names.front(), "limits.messages");
  EXPECT_EQ(names.back(), "circuit_breaker.trial_trades");
  EXPECT_EQ(std::ranges::count(names, "limits.allowed"), 0);
}

struct Mistake {
  const char* section;  // and the line under it, which stands in line 3
  const char* line;
  const char* message;
};

TEST(LimitFile, MistakesAreNamedWithTheirPlace) {
  const Mistake mistakes[] = {
      {"limits", "max_order_valu: 5", "unknown key \"max_order_valu\". Did you mean \"max_order_value\"?"},
      {"limits", "max_order_value:", "max_order_value has no value: write one, or unlimited"},
      {"limits", "max_order_value: 0", "an amount above 0 or unlimited is expected"},
      {"limits", "max_order_value: -5", "an amount above 0 or unlimited is expected"},
      {"limits", "max_order_value: nan", "an amount above 0 or unlimited is expected"},
      {"limits", "max_order_value: none", "an amount above 0 or unlimited is expected"},
      {"limits", "max_order_value: [1]", "max_order_value must be a single value"},
      {"limits", "max_order_quantity: 1e30", "a quantity above 0 or unlimited is expected"},
      {"limits", "price_collar: 5", "price_collar is \"5\": a share above 0% and at most 100% is expected, such as 5%"},
      {"limits", "price_collar: 101%", "at most 100% is expected"},
      {"limits", "price_collar: 0%", "above 0%"},
      {"limits", "price_collar: nan%", "above 0%"},
      {"limits", "max_leverage: 0", "a multiple of the equity"},
      {"limits", "max_leverage: 1001", "1000 is the most"},
      {"limits", "max_working_orders: 2.5", "a whole number from 1 is expected"},
      {"limits", "max_working_orders: 0", "a whole number from 1 is expected"},
      {"limits", "max_reference_age: 5", "a time such as 500ms, 90s, 5m, 1h or 2d is expected"},
      {"limits", "max_reference_age: 0s", "a time such as"},
      {"limits", "max_reference_age: 5 minutes", "a time such as"},
      {"limits", "max_reference_age: 9999999999999999999d", "a time such as"},
      {"limits", "max_reference_age: 3661d", "a time such as"},
      {"limits", "equal_orders: 3", "equal_orders is unlimited or a mapping with the keys most, within"},
      {"limits", "equal_orders: {most: 3}", "equal_orders needs the key \"within\""},
      {"limits", "equal_orders: {most: 3, withn: 5s}", "Did you mean \"within\"?"},
      {"limits", "equal_orders: {most: 10001, within: 5s}", "most is 10000 at most"},
      {"limits", "messages: {per_second: 1, burst: 5, reserve: 5}", "it must be less than burst"},
      {"limits", "messages: {per_second: 1, burst: 5, reserve: -1}", "a whole number from 0 is expected"},
      {"limits", "messages: {per_second: 99999, burst: 5, reserve: 1}", "10000 at most"},
      {"limits", "restricted: AAPL", "restricted is unlimited or a list of symbols"},
      {"limits", "restricted: []", "restricted is unlimited or a list of symbols"},
      {"limits", "allowed: [\"A B\"]", "A B"},
      {"limits", "self_match: true", "self_match is refuse or unlimited"},
      {"limits", "trading_hours: {after_open: 5m}", "needs the key \"before_close\""},
      {"limits", "trading_hours: {after_open: -5m, before_close: 0s}", "a time such as"},
      {"limits", "correlated_exposure: {above: 1, share: 50%}", "a correlation from 0 to below 1 is expected"},
      {"limits", "correlated_exposure: {above: -0.1, share: 50%}", "a correlation from 0 to below 1 is expected"},
      {"limits", "max_daily_loss: 150%", "at most 100% is expected"},
      {"limits", "max_daily_loss: much", "an amount above 0, or a share such as 5%, or unlimited is expected"},
      {"circuit_breaker", "drawdwn: 5%", "Did you mean \"drawdown\"?"},
      {"circuit_breaker", "error_rate: {share: 0.5, within: 1m, least: 3}", "such as 5%"},
      {"circuit_breaker", "cool_down: never", "a time such as"},
      {"prop_firm", "daily_loss: {loss: 5%, ends: week}", "ends is \"week\""},
      {"prop_firm", "daily_loss: 1000", "daily_loss is unlimited or a mapping with the keys loss, ends"},
      {"prop_firm", "trailing_drawdown: {loss: 5, from: top, locks_at_start: true}", "from is \"top\""},
      {"prop_firm", "trailing_drawdown: {loss: 5, from: equity, locks_at_start: maybe}", "locks_at_start is \"maybe\""},
      {"prop_firm", "flatten: {over: nights}", "needs a time of the day (at) or an exchange"},
      {"prop_firm", "flatten: {at: 25:00, over: nights}", "a time such as \"16:50\" is expected"},
      {"prop_firm", "flatten: {at: \"16:50\", before_close: 5m, over: nights}", "before_close belongs to a calendar"},
      {"prop_firm", "flatten: {calendar: MARS, before_close: 5m, over: nights}", "MARS"},
      {"prop_firm", "flatten: {at: \"16:50\", over: years}", "over is \"years\""},
  };
  for (const Mistake& mistake : mistakes) {
    const auto file = parse_limit_file(fmt::format("name: x\n{}:\n  {}\n", mistake.section, mistake.line), "bad.yaml");
    ASSERT_FALSE(file.has_value()) << mistake.line;
    EXPECT_NE(file.error().message.find(mistake.message), std::string::npos)
        << mistake.line << ": " << file.error().message;
    EXPECT_EQ(file.error().file, "bad.yaml");
    EXPECT_EQ(file.error().line, 3) << mistake.line;
    EXPECT_GT(file.error().column, 0) << mistake.line;
  }
}

TEST(LimitFile, MistakesOfTheFileAsAWhole) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"limits: {}\n", "the key \"name\" is missing"},
      {"[a, b]\n", "a mapping with the keys name, limits and circuit_breaker is expected"},
      {"name: x\nlimit: {}\n", "Did you mean \"limits\"?"},
      {"name: x\nlimits: unlimited\n", "limits is a mapping of limits, each a value or the word unlimited"},
      {"name: x\nday: {zone: Mars/Base, starts: \"00:00\"}\n", "there is no time zone \"Mars/Base\""},
      {"name: x\nday: {zone: UTC, starts: noon}\n", "starts is \"noon\": a time such as \"16:50\" is expected"},
      {"name: x\nday: {zone: UTC}\n", "day needs the key \"starts\""},
      {"name: x\nextends: careful\n", "other files cannot be read here"},
      {"name: x\nname: y\n", "name"},
  };
  for (const auto& [text, message] : mistakes) {
    const auto file = parse_limit_file(text, "bad.yaml");
    ASSERT_FALSE(file.has_value()) << text;
    EXPECT_NE(file.error().message.find(message), std::string::npos) << file.error().message;
  }
}

TEST(LimitFile, FilesThatExtendEachOtherInACircle) {
  const std::map<std::string, std::string> texts{
      {"a", "name: a\nextends: b\n"}, {"b", "name: b\nextends: c\n"}, {"c", "name: c\nextends: b\n"}};
  const LimitReader read = [&](const std::string& name, const std::string& from) -> core::Result<LimitText> {
    EXPECT_EQ(from.size(), 6U) << "the file that extends: " << from;
    return LimitText{texts.at(name), name + ".yaml"};
  };
  const auto file = parse_limit_file(texts.at("a"), "a.yaml", read);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().message, "files extend each other in a circle: a.yaml -> b.yaml -> c.yaml -> b.yaml");
  EXPECT_EQ(file.error().file, "c.yaml");
}

}  // namespace
}  // namespace argosy::trading

#include "live/trading_config.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <string>

#include "core/files.hpp"
#include "core/text.hpp"
#include "live/trading_sections.hpp"

namespace argosy::live {
namespace {

using core::Result;

const std::string kFile = "trading.yaml";

// The sample without the brokers' section, which is read by what knows them.
std::string sample() {
  std::string text = *core::system_files().read(std::string(ARGOSY_SOURCE_DIR) + "/samples/config/trading.yaml");
  const std::size_t from = text.find("\nbrokers:");
  text.erase(from, text.find("\n# What no order") - from);
  return text;
}

Result<TradingConfig> parse(const std::string& text) { return parse_trading_config(text, kFile, {}); }

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = sample();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  const auto config = parse(text);
  return config ? "" : config.error().describe() + " (" + config.error().hint + ")";
}

TEST(TradingConfig, TheSampleIsRightAndItsLimitsAllSet) {
  const auto config = parse(sample());
  ASSERT_TRUE(config.has_value()) << config.error().describe();
  EXPECT_TRUE(trading::unset_limits(config->hard_limits).empty());
  EXPECT_EQ(config->hard_limits.limits.max_order_value.value(), *Money::parse("25000"));
  EXPECT_EQ(config->hard_limits.day.zone, "America/New_York");
  EXPECT_EQ(trader_settings(*config).price_buffer, *Rate::parse("0.005"));
  EXPECT_EQ(trader_settings(*config).hours.no_entries_before_close, std::chrono::minutes(5));
  EXPECT_EQ(desk_settings(*config).open_orders_check, std::chrono::seconds(5));
  EXPECT_EQ(service_interval(*config), 10);
  EXPECT_EQ(strategy_parameters(*config).size(), 10U);
}

TEST(TradingConfig, WhatIsRenderedReadsBackAsTheSame) {
  auto config = parse(replaced("slow: 200", "slow: 210"));
  ASSERT_TRUE(config.has_value());
  const std::string text = render_trading_config(*config, {});
  auto again = parse(text);
  ASSERT_TRUE(again.has_value()) << again.error().describe() << "\n" << text;
  EXPECT_EQ(again->hard_limits, config->hard_limits);
  EXPECT_EQ(again->sma.slow, 210);
  EXPECT_EQ(render_trading_config(*again, {}), text);
}

TEST(TradingConfig, ErrorsNameTheirPlaceAndWhatWasMeant) {
  struct Case {
    std::string from;
    std::string to;
    std::string part;
  };
  const Case cases[] = {
      {"mode: paper", "mod: paper", "the section environment has no key \"mod\". Did you mean \"mode\"?"},
      {"mode: paper", "mode: papre", "paper"},
      {"mode: paper", "mode: live", "environment.confirmed"},
      {"mode: paper", "mode: paper\n  confirmed: \"orders are real and cost real money\"", "belongs to live"},
      {"mode: paper", "mode: live\n  confirmed: \"orders are real and cost real money\"", "no broker of real accounts"},
      {"kind: simulated", "kind: simulatd", "Did you mean \"simulated\"?"},
      {"ledger: ledger.db",
       "ledger: postgresql://me:"
       "secret@db/trading",
       "a password must not stand in this file"},
      {"    max_order_value: 25000\n", "", "the limit hard_limits.limits.max_order_value is not set"},
      {"    cool_down: 1h\n", "", "the limit hard_limits.circuit_breaker.cool_down is not set"},
      {"max_order_value: 25000", "max_order_value: -5", "max_order_value is \"-5\""},
      {"max_order_value: 25000", "max_order_valu: 25000", "Did you mean \"max_order_value\"?"},
      {"fast: 50", "fast: 200", "strategy_parameters.sma.fast must be less than slow"},
      {"channels: [log]", "channels: [lag]", "Did you mean \"log\"?"},
      {"hard_limits:", "hard_limit:", "Did you mean \"hard_limits\"?"},
      {"\nhard_limits:", "\nbrokers:\n  trading212: {}\nhard_limits:", "broker"},
      {"seed: 1", "seed: 1\n  seed: 2", "the key \"seed\" stands twice"},
  };
  for (const Case& each : cases) {
    const std::string error = error_of(replaced(each.from, each.to));
    EXPECT_NE(error.find(each.part), std::string::npos) << each.to << "\n" << error;
    EXPECT_TRUE(std::regex_search(error, std::regex("trading\\.yaml:[0-9]+:[0-9]+"))) << error;
  }
}

TEST(TradingConfig, AllMistakesAreToldAtOnce) {
  std::string text = replaced("max_order_value: 25000", "max_order_value: much");
  text.replace(text.find("mode: paper"), 11, "mode: papre");
  text.replace(text.find("max_leverage: 1"), 15, "max_leverge: 1 ");
  const std::string error = error_of(text);
  EXPECT_NE(error.find("3 errors"), std::string::npos) << error;
  for (const char* part : {"much", "papre", "max_leverge"}) EXPECT_NE(error.find(part), std::string::npos) << error;
}

TEST(TradingConfig, LiveBrokersAreRefusedInPaperMode) {
  TradingConfig unused;
  const core::ConfigSection paper[] = {core::section("brokers.paper", unused.atr)};
  const std::string text = replaced("\nhard_limits:", "\nbrokers:\n  trading212: {key: abc}\nhard_limits:");
  const auto config = parse_trading_config(text, kFile, {.brokers = paper});
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("trading212 is a broker of real accounts"), std::string::npos);
  EXPECT_GT(config.error().line, 0);
}

// A line of the sample that sets something.
struct Setting {
  std::size_t line = 0;  // from 0
  std::string indent;
  std::string key;
  std::string value;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view line : core::split(text, '\n')) out.emplace_back(line);
  return out;
}

std::vector<Setting> settings_of(const std::vector<std::string>& lines) {
  std::vector<Setting> out;
  static const std::regex kSetting("^( +)([a-z_]+): ?(.*)$");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (std::regex_match(lines[i], match, kSetting)) out.push_back({i, match[1], match[2], match[3]});
  }
  return out;
}

std::string with_line(std::vector<std::string> lines, std::size_t at, const std::string& line) {
  lines[at] = line;
  std::string out;
  for (const std::string& each : lines) out += each + "\n";
  return out;
}

// What is wrong with a text: refused with the place of the line and the key, or "".
std::string judge(const std::string& text, std::size_t line, const std::string& key, bool may_be_right) {
  const auto config = parse(text);
  if (config) return may_be_right ? "" : "was taken";
  const std::string told = config.error().describe();
  const bool has_place = told.find(fmt::format("{}:{}:", kFile, line + 1)) != std::string::npos;
  const bool has_key = told.find(key) != std::string::npos;
  return has_place && has_key ? "" : "does not name its place and key: " + told;
}

TEST(TradingConfig, EveryMistakeInEveryLineIsRefusedWithItsPlaceOrIsNone) {
  const std::vector<std::string> lines = lines_of(sample());
  const std::vector<Setting> settings = settings_of(lines);
  ASSERT_GT(settings.size(), 80U);
  std::size_t mutations = 0;
  const auto expect = [&](const Setting& setting, const std::string& line, const std::string& key, bool may_be_right) {
    ++mutations;
    const std::string wrong = judge(with_line(lines, setting.line, line), setting.line, key, may_be_right);
    EXPECT_EQ(wrong, "") << line;
  };
  for (const Setting& each : settings) {
    const std::string start = each.indent + each.key + ": ";
    // A typo, the key twice, another kind of value; numbers far out of range.
    const std::string typo = each.key.substr(0, 1) + "zz" + each.key.substr(1);
    expect(each, each.indent + typo + ": " + each.value, typo, false);
    if (!each.value.empty()) {
      expect(each, start + "[{a: 1}]", "", false);
      const std::string twice = with_line(lines, each.line, lines[each.line] + "\n" + lines[each.line]);
      ++mutations;
      EXPECT_EQ(judge(twice, each.line + 1, each.key, false), "") << each.key;
    }
    if (!each.value.empty() && each.value.find_first_not_of("0123456789.") == std::string::npos) {
      expect(each, start + "-99999999999", each.key, false);
      expect(each, start + "many", each.key, false);
      expect(each, start + "1e300", each.key, false);
    }
    // No text where there is one; of a mapping it would be another mistake, as its keys follow.
    constexpr std::array<std::string_view, 8> kMayBeEmpty{"folder", "interval_seconds", "channels",    "certificate",
                                                          "key",    "proxies",          "udf_origins", "dashboard"};
    const bool may_be_empty = std::ranges::find(kMayBeEmpty, each.key) != kMayBeEmpty.end();
    if (!each.value.empty() || may_be_empty) expect(each, start + "\"\"", each.key, may_be_empty);
  }
  EXPECT_GE(mutations, 400U);
}

TEST(TradingConfig, TheSchemaNamesEveryKeyOfTheSample) {
  const std::string schema = trading_config_schema({});
  ASSERT_TRUE(core::parse_json(schema).has_value());
  for (const Setting& each : settings_of(lines_of(sample())))
    EXPECT_NE(schema.find("\"" + each.key + "\""), std::string::npos) << each.key;
}

}  // namespace
}  // namespace argosy::live

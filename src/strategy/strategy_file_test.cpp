#include "strategy/strategy_file.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/json.hpp"
#include "strategy/signals.hpp"

namespace argosy::strategy {
namespace {

const std::string kGood = R"(name: cross
params:
  fast: {default: 2, range: [1, 10], step: 1}
  slow: 3
let:
  trend: sma(close, slow)
buy: cross_above(sma(close, fast), trend)
sell: cross_below(sma(close, fast), trend)
size: {percent: 50}
stop_loss: 8%
take_profit: 0.2
commission_percent: 0.1
)";

TEST(StrategyFile, ReadsEveryKey) {
  const auto file = parse_strategy(kGood, "cross.yaml");
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  EXPECT_EQ(file->name, "cross");
  ASSERT_EQ(file->parameters.size(), 2U);
  EXPECT_EQ(file->parameters[0].range->to, 10);
  EXPECT_EQ(file->size.fraction, *core::Rate::parse("0.5"));
  EXPECT_EQ(file->fees.items().at(0).rates.at(0).ratio, *core::Rate::parse("0.001"));
  const auto compiled = compile_strategy(*file);
  ASSERT_TRUE(compiled.has_value());
  EXPECT_EQ(compiled->bracket.stop_loss.ratio, *core::Rate::parse("0.08"));
  EXPECT_EQ(compiled->bracket.take_profit.ratio, *core::Rate::parse("0.2"));
  EXPECT_EQ(compiled->plan().warm_up(), 3U) << "three closes and the row before for the crossing";
}

TEST(StrategyFile, ParametersAreOverridden) {
  auto file = *parse_strategy(kGood, "cross.yaml");
  ASSERT_TRUE(set_parameter(file, "fast=1").has_value());
  EXPECT_EQ(file.parameters[0].value, 1);
  const auto typo = set_parameter(file, "fsat=1");
  ASSERT_FALSE(typo.has_value());
  EXPECT_NE(typo.error().message.find("Did you mean \"fast\"?"), std::string::npos) << typo.error().message;
  EXPECT_FALSE(set_parameter(file, "fast").has_value());
  EXPECT_FALSE(set_parameter(file, "fast=close").has_value());
}

struct BadCase {
  const char* what;
  const char* text;
  const char* expected;  // part of the error
};

TEST(StrategyFile, BadFilesSayWhereAndWhy) {
  const BadCase cases[] = {
      {"unknown key", "name: x\nbyu: close > 1\nsell: close < 1\n",
       "x.yaml:2:1: unknown key \"byu\". Did you mean \"buy\"?"},
      {"duplicate key", "name: x\nbuy: close > 1\nbuy: close > 2\n", "x.yaml:3:1"},
      {"no buy", "name: x\nsell: close > 1\n", "the key \"buy\" is missing"},
      {"no name", "buy: close > 1\nsell: close < 1\n", "the key \"name\" is missing"},
      {"never sells", "name: x\nbuy: close > 1\n", "nothing ever sells"},
      {"timeframe", "name: x\nbuy: close > 1\nsell: close < 1\ntimeframe: 7q\n", "x.yaml:4:12"},
      {"parenthesis", "name: x\nbuy: sma(close, 3 > 1\nsell: close < 1\n", "x.yaml:2:6"},
      {"a number for a condition", "name: x\nbuy: sma(close, 3)\nsell: close < 1\n", "buy is a number"},
      {"unknown word in a let", "name: x\nlet: {a: clsoe}\nbuy: a > 1\nsell: close < 1\n", "x.yaml:2:10"},
      {"the position in buy", "name: x\nbuy: profit_pct > 0\nsell: close < 1\n", "x.yaml:2:6: profit_pct is known"},
      {"a number of the position", "name: x\nbuy: close > 1\nsell: profit_pct\n", "sell is a number"},
      {"size kind", "name: x\nbuy: close > 1\nsell: close < 1\nsize: {share: 3}\n", "Did you mean \"shares\"?"},
      {"size number", "name: x\nbuy: close > 1\nsell: close < 1\nsize: {percent: 420}\n", "x.yaml:4:17"},
      {"bare stop", "name: x\nbuy: close > 1\nstop_loss: 8\n", "stop_loss is 8 of the entry price"},
      {"range without default", "name: x\nparams: {a: {range: [1, 2]}}\nbuy: close > a\nsell: close < 1\n",
       "the parameter a has no default"},
      {"default outside", "name: x\nparams: {a: {default: 3, range: [1, 2]}}\nbuy: close > a\nsell: close < 1\n",
       "the default lies outside the range"},
      {"symbol twice", "name: x\nsymbols: [A, A]\nbuy: close > 1\nsell: close < 1\n", "A is listed twice"},
      {"commission", "name: x\nbuy: close > 1\nsell: close < 1\ncommission_percent: -1\n",
       "commission_percent is \"-1\""},
      {"costs twice", "name: x\nbuy: close > 1\nsell: close < 1\ncommission_percent: 1\nfees: free\n",
       "x.yaml:5:7: write fees or commission_percent, not both"},
      {"no fee file", "name: x\nbuy: close > 1\nsell: close < 1\nfees: kis\n", "x.yaml:4:7: files of fees"},
      {"bad fee", "name: x\nbuy: close > 1\nsell: close < 1\nfees: percent:x\n", "x.yaml:4:7: percent is \"x\""},
      {"not a mapping", "- a\n", "mapping of keys"},
      {"not YAML", "name: [\n", "x.yaml:"},
  };
  for (const BadCase& c : cases) {
    const auto file = parse_strategy(c.text, "x.yaml");
    ASSERT_FALSE(file.has_value()) << c.what;
    EXPECT_NE(file.error().describe().find(c.expected), std::string::npos) << c.what << ": " << file.error().describe();
  }
}

TEST(StrategyFile, NamesMayBeShared) {
  const StrategyReaders reader{.lets = [](const std::string& name) -> core::Result<formula::FormulaSet> {
                                 if (name != "common.yaml")
                                   return core::fail(core::ErrorCode::kNotFound, "there is no " + name);
                                 return formula::parse_formula_set("let: {trend: \"sma(close, length)\"}\n", name);
                               },
                               .fees = {}};
  const std::string text =
      "name: x\nparams: {length: 3}\nlet: {above: close > trend}\nlet_files: [common.yaml]\nbuy: above\nsell: not "
      "above\n";
  const auto file = parse_strategy(text, "x.yaml", reader);
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  EXPECT_EQ(file->let_files, std::vector<std::string>{"common.yaml"});
  EXPECT_EQ(compile_strategy(*file)->plan().warm_up(), 2U);
  const auto none = parse_strategy(text, "x.yaml");
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().describe().find("x.yaml:4:"), std::string::npos) << none.error().describe();
  const auto missing =
      parse_strategy("name: x\nlet_files: [other.yaml]\nbuy: close > 1\nsell: close < 1\n", "x.yaml", reader);
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().describe().find("x.yaml:2:13: there is no other.yaml"), std::string::npos)
      << missing.error().describe();
}

TEST(Signals, OneByteABar) {
  const auto file = *parse_strategy("name: x\nbuy: close > 2\nsell: close < close[1]\n", "x.yaml");
  const auto compiled = *compile_strategy(file);
  core::Panel panel({"close"});
  panel.add_entity("A", {0, 1, 2, 3}, {{3, 1, 4, 3}});
  EXPECT_EQ(evaluate_signals(compiled, panel.entity(0)).bits,
            (std::vector<std::uint8_t>{kBuy, kSell, kBuy, kBuy | kSell}));
}

TEST(Schema, IsJsonAndNamesEveryKey) {
  const auto schema = core::parse_json(strategy_schema());
  ASSERT_TRUE(schema.has_value()) << schema.error().describe();
  const core::JsonValue* properties = schema->find("properties");
  ASSERT_NE(properties, nullptr);
  // Every key that the reader knows, and no other: the reader names the nearest of all keys for one it does not know.
  for (const auto& [key, value] : *properties->object()) {
    const auto file = parse_strategy("name: x\nbuy: close > 1\nsell: close < 1\n" + key + ": [\"\"]\n", "x.yaml");
    ASSERT_FALSE(file.has_value()) << key;
    EXPECT_EQ(file.error().describe().find("unknown key"), std::string::npos) << file.error().describe();
  }
  EXPECT_EQ(properties->object()->size(), 31U);
}

}  // namespace
}  // namespace argosy::strategy

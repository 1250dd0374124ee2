// Exits: formulas cut into what data decides and what depends on the position held.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "formula/program.hpp"

namespace argosy::formula {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

core::Result<ExitProgram> cut(const std::string& buy, const std::string& sell, const CompileOptions& options = {}) {
  return compile_exits(std::array{Output{"buy", buy}}, std::array{Output{"sell", sell}}, options);
}

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> out;
  for (const OutputColumn& column : plan.outputs()) out.push_back(column.name);
  return out;
}

TEST(Position, WhatDataDecidesIsComputedForAllRowsAtOnce) {
  const auto program = cut("close > sma(close, 3)", "close < sma(close, 3)");
  ASSERT_TRUE(program.has_value()) << program.error().describe();
  EXPECT_FALSE(program->position.has_value());
  EXPECT_THAT(names(program->data.last()), ElementsAre("buy", "sell"));
}

TEST(Position, TheRestReadsColumnsOfIt) {
  const auto program = cut("close > sma(close, 3)", "profit_pct < -8% or close < entry_price - 3 * atr(14)");
  ASSERT_TRUE(program.has_value()) << program.error().describe();
  ASSERT_TRUE(program->position.has_value());
  EXPECT_THAT(names(program->data.last()), ElementsAre("buy", "#0", "#1")) << "close, and three ranges";
  EXPECT_THAT(std::vector(program->position->fields().begin(), program->position->fields().end()),
              testing::UnorderedElementsAre("#0", "#1", "entry_price", "position_side"));
  EXPECT_THAT(program->data.last().describe(), HasSubstr("atr"));
  EXPECT_THAT(program->position->describe(), testing::Not(HasSubstr("atr"))) << "no data is worked on bar by bar";
}

// The sell column, row by row with the position's names and the columns the data part gave.
std::vector<double> exits(const std::string& sell, const std::vector<double>& closes, double entry_price,
                          double side = 1) {
  const auto program = cut("close > 0", sell);
  EXPECT_TRUE(program.has_value() && program->position.has_value());
  std::vector<std::vector<double>> columns(program->data.last().outputs().size(), std::vector<double>(closes.size()));
  const std::vector<std::span<double>> outputs(columns.begin(), columns.end());
  const std::vector<std::span<const double>> fields(program->data.last().fields().size(), closes);
  Evaluator(program->data.last()).evaluate(fields, outputs, closes.size());
  Evaluator position(*program->position);
  std::vector<double> out;
  for (std::size_t row = 0; row < closes.size(); ++row) {
    std::vector<double> values;
    for (const std::string& field : program->position->fields()) {
      if (field == "entry_price") {
        values.push_back(entry_price);
      } else if (field == "bars_held") {
        values.push_back(static_cast<double>(row));
      } else if (field == "position_side") {
        values.push_back(side);
      } else {
        values.push_back(columns[1 + static_cast<std::size_t>(std::stoul(field.substr(1)))][row]);
      }
    }
    std::vector<std::span<const double>> in;
    for (const double& value : values) in.emplace_back(&value, 1);
    double sell_now = 0;
    const std::array<std::span<double>, 1> to{std::span(&sell_now, 1)};
    position.evaluate(in, to, 1);
    out.push_back(sell_now);
  }
  return out;
}

TEST(Position, NamesMeanWhatTheySay) {
  EXPECT_THAT(exits("profit_pct > 8%", {100, 107.9, 108.1}, 100), ElementsAre(0, 0, 1));
  EXPECT_THAT(exits("profit_pct > 8%", {100, 92.1, 91.9}, 100, -1), ElementsAre(0, 0, 1)) << "of a short position";
  EXPECT_THAT(exits("bars_held >= 2", {1, 1, 1, 1}, 1), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(exits("close < highest_since_entry * 0.9", {100, 120, 109, 107}, 100), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(exits("close > lowest_since_entry + 5", {100, 90, 95, 96}, 100), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(exits("profit_pct < profit_pct[1]", {100, 120, 110}, 100), ElementsAre(testing::IsNan(), 0, 1))
      << "windows hold rows of the position only";
}

TEST(Position, LetsMayUseItWhereExitsUseThem) {
  const CompileOptions options{.lets = {{"gain", "profit_pct"}, {"stop", "gain < -5%"}}};
  const auto program = cut("close > open", "stop", options);
  ASSERT_TRUE(program.has_value()) << program.error().describe();
  EXPECT_TRUE(program->position.has_value());
  const auto refused = cut("gain > 0", "stop", options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().describe(), HasSubstr("gain depends on the position held: only exits may use it"));
}

TEST(Position, IsRefusedWhereNoneIsKnown) {
  struct Case {
    const char* buy;
    const char* sell;
    const char* expected;
  };
  const Case cases[] = {
      {"entry_price > 1", "close > 1", "entry_price is known of a position held: only exits may use it"},
      {"close > 1", "cs_rank(profit_pct) > 0.5", "cs_rank looks beyond the bars at hand, where no position is known"},
      {"close > 1", "on(\"1w\", profit_pct) > 0", "profit_pct is not known on the rows of other bars"},
      {"close > 1", "profit_pc > 0", "Did you mean \"profit_pct\"?"},
  };
  for (const Case& each : cases) {
    const auto program = cut(each.buy, each.sell);
    ASSERT_FALSE(program.has_value()) << each.sell;
    EXPECT_THAT(program.error().describe(), HasSubstr(each.expected));
  }
  EXPECT_FALSE(compile(std::array{Output{"v", "bars_held > 1"}}).has_value());
  EXPECT_FALSE(compile_program(std::array{Output{"v", "bars_held > 1"}}).has_value());
}

TEST(Position, TheDataPartMayLookBeyondTheSymbol) {
  const auto program = cut("cs_rank(close) > 0.8", "bars_held > 5 and cs_rank(close) < 0.5");
  ASSERT_TRUE(program.has_value()) << program.error().describe();
  EXPECT_EQ(program->data.barriers.size(), 1U) << "one rank for both";
  EXPECT_TRUE(program->position.has_value());
}

}  // namespace
}  // namespace argosy::formula

#include "optimize/strategy_space.hpp"

#include <gtest/gtest.h>

#include "strategy/strategy_file.hpp"

namespace argosy::optimize {
namespace {

strategy::StrategyFile read(const std::string& params) {
  auto file = strategy::parse_strategy("name: x\nparams: " + params + "\nbuy: close > 0\nsell: close < 0\n", "x.yaml");
  EXPECT_TRUE(file.has_value()) << file.error().describe();
  return file ? *file : strategy::StrategyFile{};
}

TEST(StrategySpace, WholeNumbersStayWhole) {
  const auto file = read(
      "{fast: {default: 5, range: [2, 8], step: 2}, stop: {default: 0.1, range: [0.1, 0.3], "
      "step: 0.1}, fixed: 7}");
  const search::Space space = *strategy_space(file);
  ASSERT_EQ(space.size(), 2U) << "a parameter without a range is not searched";
  EXPECT_EQ(space.parameter(0).kind, search::ParameterKind::kInteger);
  EXPECT_EQ(space.parameter(1).kind, search::ParameterKind::kFloat);
  EXPECT_EQ(space.grid_points(), 12U);
  EXPECT_EQ(to_sweep(space, space.grid_setting(11), file), (sweep::SweepSetting{8, 0.3}));
}

TEST(StrategySpace, WithoutARangeThereIsNothingToSearch) {
  const auto space = strategy_space(read("{fast: 5}"));
  ASSERT_FALSE(space.has_value());
  EXPECT_TRUE(space.error().hint.contains("--space"));
}

TEST(StrategySpace, KnowsTheParametersOfTheStrategy) {
  const auto file = read("{fast: 5, slow: 20}");
  const auto check = [&](const char* text) {
    const auto done = check_space(*search::parse_space(text, "space.yaml"), file);
    return done ? std::string() : done.error().message;
  };
  EXPECT_EQ(check("fast: {range: [2, 8]}"), "");
  EXPECT_EQ(check("fast: {choices: [2, 3, 5, 8]}"), "");
  EXPECT_TRUE(check("fats: {range: [2, 8]}").contains("Did you mean \"fast\"?"));
  EXPECT_TRUE(check("fast: {choices: [short, long]}").contains("no number"));
}

TEST(StrategySpace, WhatDoesNotCountKeepsTheFilesValue) {
  const auto file = read("{exit: 0, trail: 9}");
  const search::Space space =
      *search::parse_space("exit: {choices: [0, 1]}\ntrail: {range: [1, 5], when: {exit: 1}}\n", "space.yaml");
  EXPECT_EQ(to_sweep(space, space.grid_setting(0), file), (sweep::SweepSetting{0, 9}));
  EXPECT_EQ(to_sweep(space, space.grid_setting(1), file), (sweep::SweepSetting{1, 1}));
}

}  // namespace
}  // namespace argosy::optimize

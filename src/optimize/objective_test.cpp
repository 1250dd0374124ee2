#include "optimize/objective.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace argosy::optimize {
namespace {

TEST(Objective, HasTheDirectionThatTradersWant) {
  EXPECT_EQ(parse_objective("sharpe")->direction, search::Direction::kMaximise);
  EXPECT_EQ(parse_objective("max_drawdown")->direction, search::Direction::kMinimise);
  EXPECT_EQ(parse_objective("min:trades")->direction, search::Direction::kMinimise);
  EXPECT_TRUE(parse_objective("sharp").error().message.contains("Did you mean \"sharpe\"?"));
  EXPECT_TRUE(parse_objective("most:sharpe").error().hint.contains("max:sharpe"));
}

TEST(Objective, WhoNeverTradesGainsNothing) {
  const Objective sharpe = *parse_objective("sharpe");
  sweep::SweepResult result;
  result.statistics.sharpe = backtest::kUndefined;
  EXPECT_EQ(sharpe.value(result), 0);
  result.open_positions = 1;
  EXPECT_TRUE(std::isnan(sharpe.value(result))) << "held, and not defined all the same";
}

TEST(Constraint, SaysByHowMuchItIsBroken) {
  sweep::SweepResult result;
  result.trades.trades = 12;
  result.statistics.max_drawdown = 0.25;
  EXPECT_EQ(parse_constraint("trades >= 30")->excess(result), 18);
  EXPECT_EQ(parse_constraint("trades>=12")->excess(result), 0);
  EXPECT_EQ(parse_constraint("max_drawdown <= 20%")->excess(result), 0.25 - 0.2);
  EXPECT_GT(parse_constraint("win_rate >= 50%")->excess(result), 0) << "not defined";
  for (const char* wrong : {"trades", "trades > 3", "trades >= many", "trade >= 3", ">= 3", "trades >="})
    EXPECT_FALSE(parse_constraint(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace argosy::optimize

#include "strategy/position_exit.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "strategy/signals.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {
namespace {

struct Exit {
  explicit Exit(const std::string& sell, std::vector<double> closes)
      : compiled(*compile_strategy(*parse_strategy("name: x\nbuy: close > 0\nsell: " + sell + "\n", "x.yaml"))),
        exit(*compiled.exit) {
    core::Panel panel({"close"});
    std::vector<std::int64_t> keys;
    for (std::size_t i = 0; i < closes.size(); ++i) keys.push_back(static_cast<std::int64_t>(i));
    panel.add_entity("A", std::move(keys), {std::move(closes)});
    signals = evaluate_signals(compiled, panel.entity(0));
  }
  bool at(std::size_t row, double entry_price, double factor = 1) {
    return exit.at_close(entry_price, true, factor, signals.columns, row) == kSell;
  }
  CompiledStrategy compiled;
  PositionExit exit;
  Signals signals;
};

TEST(PositionExit, EachPositionBeginsAnew) {
  Exit exit("bars_held >= 1 and profit_pct > 10%", {100, 111, 112, 120, 130});
  EXPECT_FALSE(exit.at(0, 100));
  EXPECT_TRUE(exit.at(1, 100));
  EXPECT_TRUE(exit.at(2, 100)) << "the order may not have been filled";
  exit.exit.closed();
  EXPECT_FALSE(exit.at(3, 112)) << "the bar of the entry";
  EXPECT_TRUE(exit.at(4, 112));
}

TEST(PositionExit, TheEntryPriceIsAdjustedAsTheCloseIs) {
  // Adjusted closes; the entry was quoted at 200 when prices were halved for the split that came before.
  Exit exit("profit_pct > 10%", {100, 109, 111});
  EXPECT_FALSE(exit.at(0, 200, 0.5));
  EXPECT_FALSE(exit.at(1, 100, 1)) << "quoted after another split: the price taken at the entry counts";
  EXPECT_TRUE(exit.at(2, 100, 1));
}

TEST(PositionExit, OtherConditionsKeepEntryAndAge) {
  Exit exit("bars_held >= 9", {100, 111, 121, 125});
  EXPECT_FALSE(exit.at(0, 100));
  EXPECT_FALSE(exit.at(1, 100));
  Exit other("bars_held >= 3 and profit_pct > 20%", {100, 111, 121, 125});
  other.exit = std::move(exit.exit);
  other.exit.change(*other.compiled.exit);
  EXPECT_FALSE(other.at(2, 110));
  EXPECT_TRUE(other.at(3, 110)) << "the entry was at 100, three closes before";
}

TEST(PositionExit, AnUnknownConditionSellsNothing) {
  Exit exit("close < sma(close, 3) and profit_pct < 0", {100, 90, 80, 70});
  EXPECT_EQ(std::vector({exit.at(0, 100), exit.at(1, 100), exit.at(2, 100), exit.at(3, 100)}),
            std::vector({false, false, true, true}));
}

TEST(PositionExit, AShortPositionGainsWhenThePriceFalls) {
  const auto compiled = *compile_strategy(
      *parse_strategy("name: x\naccount: margin\nshort: close > 0\ncover: profit_pct > 10%\n", "x.yaml"));
  PositionExit exit(*compiled.exit);
  const std::vector<std::vector<double>> columns{{100, 111, 89}};
  EXPECT_EQ(exit.at_close(100, false, 1, columns, 0), 0);
  EXPECT_EQ(exit.at_close(100, false, 1, columns, 1), 0);
  EXPECT_EQ(exit.at_close(100, false, 1, columns, 2), kCover);
  exit.closed();
  EXPECT_EQ(exit.at_close(120, true, 1, columns, 2), 0) << "a cover condition does not close a long position";
}

TEST(PositionExit, AnEnlargedPositionIsJudgedByItsAveragePrice) {
  Exit exit("profit_pct > 10%", {100, 109, 111});
  EXPECT_FALSE(exit.at(0, 100));
  exit.exit.enlarged();
  EXPECT_FALSE(exit.at(1, 105));
  EXPECT_FALSE(exit.at(2, 105));
}

}  // namespace
}  // namespace argosy::strategy

// Strategies that know the future are found, and those that do not are left in peace.
#include "honesty/look_ahead.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "backtest/test_walk.hpp"
#include "formula/any_formula.hpp"
#include "honesty/test_run.hpp"

namespace argosy::honesty {

using backtest::make_test_market;
using backtest::make_test_walk;
using backtest::MarketData;
using backtest::SimulationSettings;

namespace {

// Buys where `wants` of the row is above zero and sells where it is below. It keeps the data it was made with, which is
// how leaks come about.
class ByData : public engine::Strategy {
 public:
  using Wants = double (*)(const std::vector<double>& close, const std::vector<double>& volume, std::size_t row);
  ByData(const MarketData& data, Wants wants) : keys_(data.symbols[0].bars.key), wants_(wants) {
    for (const core::Price price : data.symbols[0].bars.close) close_.push_back(price.to_double());
    volume_ = data.symbols[0].bars.volume;
  }
  void on_bar(engine::Engine& engine, trading::InstrumentIndex i, const market::Bar& bar) override {
    const auto row = static_cast<std::size_t>(std::ranges::lower_bound(keys_, bar.key) - keys_.begin());
    const double wanted = wants_(close_, volume_, row);
    const bool held = engine.account().position(i).is_open();
    if (wanted > 0 && !held) engine.enter(bar.key, i, trading::Side::kBuy);
    if (wanted < 0 && held) engine.leave(bar.key, i, trading::OrderReason::kSellSignal);
  }

 private:
  std::vector<std::int64_t> keys_;
  std::vector<double> close_;
  std::vector<double> volume_;
  Wants wants_;
};

using Column = const std::vector<double>&;

double mean_of(Column close, std::size_t from, std::size_t end) {
  double sum = 0;
  for (std::size_t row = from; row < end; ++row) sum += close[row];
  return sum / static_cast<double>(end - from);
}

// The classic: tomorrow's close.
double one_bar_shift(Column close, Column, std::size_t row) {
  return row + 1 < close.size() ? close[row + 1] - close[row] : 0;
}
// An average that looks as far ahead as back.
double centred_mean(Column close, Column, std::size_t row) {
  const std::size_t from = row < 3 ? 0 : row - 3;
  return mean_of(close, from, std::min(close.size(), row + 4)) - close[row];
}
// Low against the mean and deviation of all bars.
double whole_sample_z(Column close, Column, std::size_t row) {
  const double mean = mean_of(close, 0, close.size());
  double squares = 0;
  for (const double value : close) squares += (value - mean) * (value - mean);
  const double z = (close[row] - mean) / std::sqrt(squares / static_cast<double>(close.size()));
  return z < -0.5 ? 1 : z > 0.5 ? -1 : 0;
}
// A bar without volume gets the next close that was traded.
double filled_gap(Column close, Column volume, std::size_t row) {
  std::size_t known = row;
  while (known + 1 < close.size() && !(volume[known] > 0)) ++known;
  return row < 5 ? 0 : close[known] - mean_of(close, row - 5, row);
}
// The close of the week that the bar is in; bars stand every day.
double open_week(Column close, Column, std::size_t row) {
  const std::size_t end_of_week = std::min(row / 7 * 7 + 6, close.size() - 1);
  return row < 7 ? 0 : close[end_of_week] - close[row / 7 * 7 - 1];
}
// The close against an average of the past.
double clean(Column close, Column, std::size_t row) {
  return row < 10 ? 0 : close[row] - mean_of(close, row - 9, row + 1);
}

LookAhead check(ByData::Wants wants, bool prove, std::size_t bars = 400) {
  const MarketData market = make_test_market({make_test_walk("WALK", bars, 3)});
  const SimulationSettings settings{.engine = {.account = {.cash = core::Money::from_integer(10'000)}}};
  return check_look_ahead(settings, market,
                          [&](const MarketData& seen) { return std::make_unique<ByData>(seen, wants); },
                          {.prove = prove});
}

TEST(LookAhead, EveryPlantedLeakIsFound) {
  const std::pair<const char*, ByData::Wants> leaks[] = {{"a one-bar shift", one_bar_shift},
                                                         {"a centred mean", centred_mean},
                                                         {"a whole-sample z-score", whole_sample_z},
                                                         {"a future-filled gap", filled_gap},
                                                         {"resampling that includes the open week", open_week}};
  for (const auto& [name, wants] : leaks) {
    for (const bool prove : {false, true}) {
      const LookAhead found = check(wants, prove);
      ASSERT_EQ(found.leaks.size(), 1U) << name;
      EXPECT_EQ(found.leaks[0].formula, "strategy") << name;
      EXPECT_EQ(found.leaks[0].kind, "order") << name;
      EXPECT_EQ(found.checked, prove ? 400 : found.checked) << name;
    }
  }
}

TEST(LookAhead, ThePastIsNoLeak) {
  const LookAhead sampled = check(clean, false);
  EXPECT_TRUE(sampled.leaks.empty());
  EXPECT_GE(sampled.checked, 64);
  EXPECT_LT(sampled.checked, 200);
  const LookAhead proved = check(clean, true);
  EXPECT_TRUE(proved.leaks.empty());
  EXPECT_EQ(proved.checked, 400);
}

TEST(LookAhead, TheFirstBarIsNamed) {
  // Rises are known a bar ahead, so the first order stands where the first rise follows.
  const data::SymbolData walk = make_test_walk("WALK", 400, 3);
  std::size_t row = 0;
  while (walk.bars.close[row + 1] <= walk.bars.close[row]) ++row;
  const LookAhead found = check(one_bar_shift, true);
  EXPECT_EQ(found.leaks.at(0).key, walk.bars.key[row]);
  EXPECT_EQ(found.leaks.at(0).symbol, "WALK");
}

constexpr const char* kFile =
    "name: test\n"
    "buy: close > ema(close, 5)\nsell: close < ema(close, 5)\n"
    "order: {type: limit, limit: close * 0.99}\nstop_loss: {distance: 2 * atr(5)}\n"
    "size: {percent: 50}\ncommission_percent: 0.1\n";

std::vector<data::SymbolData> two_walks(std::size_t rows) {
  return {make_test_walk("A", rows, 1), make_test_walk("B", rows, 2)};
}

TEST(LookAhead, AStrategyFileIsClean) {
  const TestRun file(kFile, two_walks(300));
  EXPECT_GT(file.run.trades.size(), 20U);
  for (const bool prove : {false, true}) {
    const auto found = check_look_ahead(file.file_run(), {.prove = prove});
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->leaks.empty()) << found->leaks[0].formula << " " << found->leaks[0].kind;
    EXPECT_EQ(found->checked, 600) << "small data are checked whole";
    EXPECT_EQ(found->bars, 600);
  }
}

TEST(LookAhead, OfLargeDataSomeBarsAreCheckedUnlessAllAreAskedFor) {
  const TestRun file("name: test\nbuy: cross_above(close, sma(close, 200))\nsell: close < sma(close, 200)\n",
                     {make_test_walk("A", 60'000, 1)});
  const auto sampled = check_look_ahead(file.file_run(), {});
  ASSERT_TRUE(sampled.has_value());
  EXPECT_TRUE(sampled->leaks.empty());
  EXPECT_GE(sampled->checked, 600);
  EXPECT_LT(sampled->checked, 10'000);
  const auto proved = check_look_ahead(file.file_run(), {.prove = true});
  ASSERT_TRUE(proved.has_value());
  EXPECT_TRUE(proved->leaks.empty());
  EXPECT_EQ(proved->checked, 60'000);
}

// Values that no stretch gives again: as if an operator had looked ahead.
TEST(LookAhead, TheFormulaIsNamed) {
  TestRun file(kFile, two_walks(300));
  std::vector<std::uint8_t>& bits = file.signals.symbols[1].bits;
  std::rotate(bits.begin() + 100, bits.begin() + 101, bits.end());
  file.simulate_again();
  auto found = *check_look_ahead(file.file_run(), {});
  ASSERT_EQ(found.leaks.size(), 2U) << "each bar buys or sells";
  EXPECT_EQ(found.leaks[0].kind, "signal");
  EXPECT_EQ(found.leaks[0].symbol, "B");
  // What stood at row 100 stands at the end now.
  std::size_t row = 100;
  if (bits[100] == bits.back()) ++row;
  while (row > 100 && bits[row] == bits[row - 1]) ++row;
  EXPECT_EQ(found.leaks[0].key, file.market.symbols[1].bars.key[row]);

  TestRun column(kFile, two_walks(300));
  const auto limit = *column.compiled.columns[static_cast<std::size_t>(strategy::Role::kLimit)];
  column.signals.symbols[0].columns[limit][150] += 1e-12;
  column.simulate_again();
  found = *check_look_ahead(column.file_run(), {});
  ASSERT_EQ(found.leaks.size(), 1U);
  EXPECT_EQ(found.leaks[0].formula, "order.limit");
  EXPECT_EQ(found.leaks[0].kind, "value");
  EXPECT_EQ(found.leaks[0].key, column.market.symbols[0].bars.key[150]);

  TestRun fills(kFile, two_walks(300));
  fills.run.equity[200] += core::Money::from_units(1);
  found = *check_look_ahead(fills.file_run(), {});
  ASSERT_EQ(found.leaks.size(), 1U);
  EXPECT_EQ(found.leaks[0].formula, "fills");
  EXPECT_EQ(found.leaks[0].kind, "equity");
  EXPECT_EQ(found.leaks[0].key, fills.run.keys[200]);
}

TEST(LookAhead, NoFormulaLeaks) {
  int tried = 0;
  for (std::uint8_t seed = 0; seed < 60; ++seed) {
    const std::vector<std::uint8_t> bytes{seed, 17};
    formula::properties::Choices choices(bytes);
    formula::properties::AnyFormula any(choices);
    strategy::StrategyFile file{.file = "any.yaml", .name = "any"};
    file.formula(strategy::Role::kBuy) = any.truth(3);
    file.formula(strategy::Role::kSell) = any.truth(3);
    file.formula(strategy::Role::kStopDistance) = any.number(2);
    if (!strategy::compile_strategy(file)) continue;
    ++tried;
    const TestRun run(file, two_walks(200));
    const auto found = check_look_ahead(run.file_run(), {.seed = seed});
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->leaks.empty()) << found->leaks[0].formula << ": " << found->leaks[0].kind << " at "
                                      << found->leaks[0].key << "\n"
                                      << file.formula(strategy::Role::kBuy) << "\n"
                                      << file.formula(strategy::Role::kSell) << "\n"
                                      << file.formula(strategy::Role::kStopDistance);
  }
  EXPECT_GT(tried, 30);
}

}  // namespace
}  // namespace argosy::honesty

#include "backtest/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "market/bar.hpp"

namespace argosy::backtest {
namespace {

using core::Money;

constexpr std::int64_t kDay = 86'400'000'000'000;

std::vector<std::int64_t> days(std::initializer_list<int> list) {
  std::vector<std::int64_t> out;
  for (const int day : list) out.push_back(day * kDay);
  return out;
}
std::vector<Money> amounts(std::initializer_list<int> list) {
  std::vector<Money> out;
  for (const int amount : list) out.push_back(Money::from_integer(amount));
  return out;
}

TEST(EquityStatistics, WorkedByHand) {
  // Returns of +10 %, -10 %, +20 %: mean 1/15, sample variance ((1/30)^2 + (1/6)^2 + (2/15)^2) / 2.
  const auto s = equity_statistics(days({1, 2, 3}), amounts({110, 99, 118}), Money::from_integer(100), {}, false);
  const double r3 = 118.0 / 99 - 1;
  const double mean = (0.1 - 0.1 + r3) / 3;
  const double variance = ((0.1 - mean) * (0.1 - mean) + (-0.1 - mean) * (-0.1 - mean) + (r3 - mean) * (r3 - mean)) / 2;
  EXPECT_NEAR(s.total_return, 0.18, 1e-12);
  EXPECT_NEAR(s.volatility, std::sqrt(variance * 252), 1e-12);
  EXPECT_NEAR(s.sharpe, mean / std::sqrt(variance) * std::sqrt(252.0), 1e-12);
  EXPECT_NEAR(s.sortino, mean / std::sqrt(0.01 / 3) * std::sqrt(252.0), 1e-12);
  EXPECT_NEAR(s.cagr, std::pow(1.18, 365.25 / 2) - 1, 1e-3 * s.cagr);
  EXPECT_NEAR(s.max_drawdown, 0.1, 1e-12);
  EXPECT_EQ(s.drawdown_peak, 1 * kDay);
  EXPECT_EQ(s.drawdown_trough, 2 * kDay);
  EXPECT_EQ(s.drawdown_recovery, 3 * kDay);
  EXPECT_EQ(s.drawdown_bars, 2);
}

TEST(EquityStatistics, TheDeepestDrawdownCountsNotTheLast) {
  const auto s = equity_statistics(days({1, 2, 3, 4, 5, 6}), amounts({100, 50, 100, 120, 90, 100}),
                                   Money::from_integer(100), {}, false);
  EXPECT_NEAR(s.max_drawdown, 0.5, 1e-12);
  EXPECT_EQ(s.drawdown_trough, 2 * kDay);
  EXPECT_EQ(s.drawdown_recovery, 3 * kDay);
}

TEST(EquityStatistics, AFallThatIsNotRecovered) {
  const auto s = equity_statistics(days({1, 2, 3}), amounts({100, 80, 90}), Money::from_integer(100), {}, false);
  EXPECT_EQ(s.drawdown_recovery, 0);
  EXPECT_EQ(s.drawdown_bars, 2);
}

TEST(EquityStatistics, ConstantEquityHasNoRatios) {
  const auto s = equity_statistics(days({1, 2, 3}), amounts({100, 100, 100}), Money::from_integer(100), {}, false);
  EXPECT_EQ(s.total_return, 0);
  EXPECT_TRUE(std::isnan(s.sharpe));
  EXPECT_TRUE(std::isnan(s.sortino));
  EXPECT_TRUE(std::isnan(s.calmar));
  EXPECT_EQ(s.max_drawdown, 0);
}

TEST(EquityStatistics, MinutesAreTakenTogetherByDay) {
  const market::Timeframe minute(1, market::TimeframeUnit::kMinute);
  const std::vector<std::int64_t> keys{kDay, kDay + 60'000'000'000, 2 * kDay, 2 * kDay + 60'000'000'000};
  const auto by_minute = equity_statistics(keys, amounts({105, 110, 100, 99}), Money::from_integer(100), minute, false);
  const auto by_day = equity_statistics(days({1, 2}), amounts({110, 99}), Money::from_integer(100), {}, false);
  EXPECT_EQ(by_minute.sharpe, by_day.sharpe);
  EXPECT_EQ(by_minute.volatility, by_day.volatility);
  EXPECT_NE(by_minute.sharpe,
            equity_statistics(keys, amounts({105, 110, 100, 99}), Money::from_integer(100), minute, true).sharpe)
      << "a market without closed days has 365 days a year";
}

TEST(TradeStatistics, CountsProfitsAndLosses) {
  const auto trade = [](int profit) { return engine::Trade{.profit = Money::from_integer(profit)}; };
  const std::vector<engine::Trade> trades{trade(30), trade(-10), trade(0), trade(20)};
  const auto s = trade_statistics(trades);
  EXPECT_EQ(s.trades, 4);
  EXPECT_DOUBLE_EQ(s.win_rate, 0.5);
  EXPECT_DOUBLE_EQ(s.profit_factor, 5);
  EXPECT_DOUBLE_EQ(s.expectancy, 10);
  EXPECT_DOUBLE_EQ(s.average_win, 25);
  EXPECT_DOUBLE_EQ(s.average_loss, -10);
}

TEST(TradeStatistics, NothingIsDefinedWithoutTradesOrLosses) {
  EXPECT_TRUE(std::isnan(trade_statistics({}).win_rate));
  const std::vector<engine::Trade> won{{.profit = Money::from_integer(1)}};
  EXPECT_TRUE(std::isnan(trade_statistics(won).profit_factor));
}

}  // namespace
}  // namespace argosy::backtest

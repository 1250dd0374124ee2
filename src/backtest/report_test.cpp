#include "backtest/report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "backtest/detail/report_math.hpp"
#include "chart/markup_check.hpp"
#include "core/rng.hpp"
#include "core/time.hpp"

namespace argosy::backtest {
namespace {

using chart::count_of;
using chart::markup_fault;
using core::Date;

using testing::HasSubstr;
using testing::Not;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::int64_t key_of(int year, unsigned month, unsigned day) {
  return core::utc_midnight(Date::from_ymd(year, month, day)).time_since_epoch().count();
}

std::vector<std::int64_t> days(std::size_t count) {
  std::vector<std::int64_t> keys(count);
  for (std::size_t at = 0; at < count; ++at)
    keys[at] = key_of(2004, 1, 1) + static_cast<std::int64_t>(at) * 86'400'000'000'000;
  return keys;
}

ReportTrade trade_between(const ReportSymbol& symbol, std::size_t from, std::size_t to, double profit) {
  ReportTrade trade;
  trade.entry_key = symbol.keys[from];
  trade.entry_price = symbol.close[from];
  trade.exit_key = symbol.keys[to];
  trade.exit_price = symbol.close[to];
  trade.quantity = "10";
  trade.profit = profit;
  trade.entry_reason = "buy rule";
  trade.exit_reason = "stop_loss";
  return trade;
}

ReportInput small_report() {
  ReportInput input;
  input.title = "Golden cross";
  input.description = "Follows the trend.";
  input.strategy_text = "name: Golden cross\nbuy: cross_above(sma(close, 50), sma(close, 200))\n";
  input.symbols = {"AAPL"};
  input.timeframe = "1d";
  input.from = "2004-01-01";
  input.to = "2004-02-29";
  core::Rng rng(7);
  ReportSymbol symbol{.symbol = "AAPL", .keys = days(60), .close = {}, .trades = {}};
  double value = 10'000;
  input.equity.keys = symbol.keys;
  for (std::size_t at = 0; at < 60; ++at) {
    value *= 1 + 0.02 * (rng.uniform() - 0.48);
    input.equity.strategy.push_back(value);
    input.equity.benchmark.push_back(10'000 + 10.0 * static_cast<double>(at));
    symbol.close.push_back(20 + std::fabs(rng.normal()));
  }
  symbol.trades = {trade_between(symbol, 3, 20, 120.5), trade_between(symbol, 25, 40, -33.25)};
  input.prices.push_back(symbol);
  input.figures = {{"Total return", "+5.0%", "+6.0%", "final equity over cash", 1},
                   {"Max drawdown", "-3.0%", "0.0%", "", -1},
                   {"Sharpe", "0.71", "", "", 0}};
  input.trade_columns = {{"Symbol"}, {"Profit", true, true}};
  input.trades = {{{"AAPL", "+120.50"}, 120.5}, {{"AAPL", "-33.25"}, -33.25}};
  input.warnings = {"A warning."};
  input.assumptions = {{"Commission", "0.1%"}, {"Data hash", "5f1c"}};
  return input;
}

TEST(Report, HoldsEveryPart) {
  const std::string html = render_report(small_report());
  EXPECT_EQ(markup_fault(html), "");
  for (const std::string_view part :
       {"<h1>Golden cross</h1>", "Follows the trend.", "One warning", ">Equity</h2>", ">Drawdown</h2>",
        "Price and trades", "2 trades, 1 with a gain, +87.25 USD in all.", "Returns by month", ">Statistics</h2>",
        "Distribution of profits", ">Trades</h2>", "Costs and assumptions", "Strategy file", "cross_above", "5f1c",
        "Buy and hold +6.0%", "prefers-color-scheme:dark", "default-src &#39;none&#39;"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  for (const std::string_view bad : {"<script", "http:", "https:", "src=", "url("})
    EXPECT_THAT(html, Not(HasSubstr(bad)));
  EXPECT_EQ(count_of(html, "href=\"#mark-up\""), 3U);     // two entries and the legend
  EXPECT_EQ(count_of(html, "href=\"#mark-down\""), 2U);   // a gain
  EXPECT_EQ(count_of(html, "href=\"#mark-cross\""), 2U);  // a loss
  EXPECT_THAT(html, Not(HasSubstr("short entry"))) << "where there is none";
  EXPECT_THAT(html, HasSubstr("Exit 2004-01-21\n10 at "));
  EXPECT_THAT(html, HasSubstr("Profit +120.50 USD\nstop_loss</title>"));
}

TEST(Report, WhatIsNotDrawnIsCountedAndItsTradesToo) {
  ReportInput input = small_report();
  input.more_symbols = 492;
  input.trades.push_back({{"MSFT", "+40.00"}, 40});
  const std::string html = render_report(input);
  EXPECT_THAT(html, HasSubstr("492 more symbols are not drawn"));
  EXPECT_THAT(html, HasSubstr("3 closed trades, mean +42.42, median +40.00"));
}

TEST(Report, ShortsPointTheOtherWay) {
  ReportInput input = small_report();
  for (ReportTrade& trade : input.prices[0].trades) trade.is_short = true;
  const std::string html = render_report(input);
  EXPECT_EQ(markup_fault(html), "");
  EXPECT_THAT(html, HasSubstr("short entry"));
  EXPECT_THAT(html, HasSubstr("Short entry 2004-"));
  EXPECT_EQ(count_of(html, "href=\"#mark-down\""), 4U);   // two entries, and two in the legend
  EXPECT_EQ(count_of(html, "href=\"#mark-up\""), 3U);     // a gain, and two in the legend
  EXPECT_EQ(count_of(html, "href=\"#mark-cross\""), 2U);  // a loss
}

TEST(Report, VerdictComparesWithBuyAndHold) {
  ReportInput input = small_report();
  input.equity.keys = days(4);
  input.equity.strategy = {100, 80, 110, 120};
  input.equity.benchmark = {100, 90, 95, 130};
  const std::string html = render_report(input);
  EXPECT_THAT(
      html,
      HasSubstr("Gained 20.0% from <span class=\"date\">2004-01-01</span> to <span class=\"date\">2004-02-29,</span> "
                "10.0 points behind buy and hold, with a deepest fall of 20.0% against 10.0%.</p>"));
  EXPECT_THAT(html, HasSubstr("Deepest: \u221220.0% on <span class=\"date\">2004-01-02,</span>"));
  EXPECT_THAT(html, HasSubstr("recovered on <span class=\"date\">2004-01-03,</span> 2 bars after the peak"));
  input.equity.strategy = {100, 90, 80, 70};
  input.equity.benchmark.clear();
  const std::string lost = render_report(input);
  EXPECT_THAT(lost, HasSubstr("Lost 30.0% from"));
  EXPECT_THAT(lost, HasSubstr("not recovered by the end"));
  EXPECT_THAT(lost, Not(HasSubstr("points behind")));
}

TEST(Report, FirstLineSaysWhyNothingHappened) {
  ReportInput input;
  input.title = "Golden cross";
  input.empty_reason = "No trades: the buy rule was never true in 60 bars.";
  const std::string html = render_report(input);
  EXPECT_THAT(
      html,
      HasSubstr("<body><p class=\"notice\" role=\"status\">No trades: the buy rule was never true in 60 bars.</p>"));
  EXPECT_EQ(markup_fault(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<h2>")));
  EXPECT_THAT(render_report(small_report()), Not(HasSubstr("class=\"notice\"")));
}

TEST(Report, HostileTextStaysText) {
  const std::string evil = "</style></pre>\"'><script>alert(1)</script><img src=x>";
  ReportInput input = small_report();
  input.title = input.description = input.strategy_text = input.timeframe = input.from = input.to = evil;
  input.currency = input.empty_reason = evil;
  input.symbols = {evil};
  input.figures[0] = {evil, evil, evil, evil, 1};
  input.prices[0].symbol = evil;
  input.prices[0].trades[0].quantity = evil;
  input.prices[0].trades[0].entry_reason = evil;
  input.prices[0].trades[0].exit_reason = evil;
  input.trade_columns[0].label = evil;
  input.trades[0].cells[0] = evil;
  input.warnings = {evil};
  input.assumptions = {{evil, evil}};
  const std::string html = render_report(input);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_EQ(count_of(html, "<style>"), count_of(html, "</style>"));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(Report, OddCurvesAreDrawnOrLeftOut) {
  ReportInput input = small_report();
  for (const std::vector<double>& curve : std::vector<std::vector<double>>{
           {}, {100}, {100, 100, 100}, {kNaN, 100, kNaN, 120}, {kNaN, kNaN}, {0, 0}, {100, -5, 30}}) {
    input.equity.keys = days(curve.size());
    input.equity.strategy = curve;
    input.equity.benchmark = curve;
    EXPECT_EQ(markup_fault(render_report(input)), "") << testing::PrintToString(curve);
  }
}

TEST(Report, ManyTradesAndSymbolsAreBounded) {
  ReportInput input = small_report();
  input.prices.resize(11, input.prices[0]);
  ReportSymbol& first = input.prices[0];
  first.trades.assign(400, first.trades[0]);
  first.trades[399].profit = -5000;
  input.trades.clear();
  for (int at = 0; at < 2'500; ++at) input.trades.push_back({{fmt::format("T{}.", at), "+1"}, 1});
  const std::string html = render_report(input);
  EXPECT_THAT(html, HasSubstr("The first and the last 1,000 of 2,500 trades."));
  EXPECT_THAT(html, HasSubstr(">T999.<"));
  EXPECT_THAT(html, Not(HasSubstr(">T1000.<")));
  EXPECT_THAT(html, Not(HasSubstr(">T1499.<")));
  EXPECT_THAT(html, HasSubstr(">T1500.<"));
  EXPECT_THAT(html, HasSubstr("3 more symbols are not drawn"));
  EXPECT_THAT(html, HasSubstr("Marked are the 250 with the largest profit or loss."));
  EXPECT_THAT(html, HasSubstr("Profit \u22125,000.00 USD"));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(Report, AMillionBarsStaySmallAndTheSame) {
  constexpr std::size_t kCount = 1'000'000;
  ReportInput input = small_report();
  input.intraday = true;
  input.equity = {};
  core::Rng rng(3);
  double value = 10'000;
  for (std::size_t at = 0; at < kCount; ++at) {
    value *= 1 + 0.001 * (rng.uniform() - 0.499);
    input.equity.keys.push_back(static_cast<std::int64_t>(at) * 60'000'000'000);
    input.equity.strategy.push_back(value);
    input.equity.benchmark.push_back(10'000 + static_cast<double>(at));
  }
  input.prices[0].keys = input.equity.keys;
  input.prices[0].close = input.equity.strategy;
  const std::string html = render_report(input);
  EXPECT_LT(html.size(), 500'000U);
  EXPECT_TRUE(html == render_report(input));
  EXPECT_EQ(markup_fault(html), "");
}

TEST(ReportDeathTest, RefusesCurvesOfAnotherLength) {
  ReportInput input = small_report();
  input.equity.benchmark.pop_back();
  EXPECT_DEATH((void)render_report(input), "59 values for 60 keys");
}

TEST(ReportMath, DrawdownFallsFromTheHighestValueSoFar) {
  const std::vector<double> values = {kNaN, 100, 80, 120, 60, kNaN, 90};
  const std::vector<double> drawdown = detail::drawdown_of(values);
  EXPECT_TRUE(std::isnan(drawdown[0]) && std::isnan(drawdown[5]));
  EXPECT_DOUBLE_EQ(drawdown[2], 80.0 / 100 - 1);
  EXPECT_DOUBLE_EQ(drawdown[3], 0);
  EXPECT_DOUBLE_EQ(drawdown[4], -0.5);
  const auto deepest = detail::deepest_drawdown(values);
  ASSERT_TRUE(deepest);
  EXPECT_DOUBLE_EQ(deepest->depth, -0.5);
  EXPECT_EQ(deepest->peak, 3U);
  EXPECT_EQ(deepest->trough, 4U);
  EXPECT_FALSE(deepest->recovery);
  EXPECT_FALSE(detail::deepest_drawdown({}));
  const std::vector<double> recovered = {100, 50, 100, 90};
  EXPECT_EQ(detail::deepest_drawdown(recovered)->recovery, 2U);
}

TEST(ReportMath, MonthsCompound) {
  const std::vector<std::int64_t> keys = {key_of(2003, 11, 28), key_of(2003, 12, 1), key_of(2003, 12, 31),
                                          key_of(2004, 1, 2), key_of(2004, 3, 31)};
  const std::vector<double> values = {100, 110, 120, kNaN, 150};
  const std::vector<detail::YearReturns> years = detail::monthly_returns(keys, values);
  ASSERT_EQ(years.size(), 2U);
  EXPECT_EQ(years[0].year, 2003);
  EXPECT_DOUBLE_EQ(years[0].months[10], 0);
  EXPECT_DOUBLE_EQ(years[0].months[11], 120.0 / 100 - 1);
  EXPECT_DOUBLE_EQ(years[0].total, 120.0 / 100 - 1);
  EXPECT_TRUE(std::isnan(years[1].months[0]));
  EXPECT_DOUBLE_EQ(years[1].months[2], 0.25);
  EXPECT_DOUBLE_EQ(years[1].total, 0.25);
  EXPECT_TRUE(detail::monthly_returns({}, {}).empty());
}

TEST(ReportMath, TotalReturnNeedsAPositiveStart) {
  EXPECT_DOUBLE_EQ(detail::total_return(std::vector<double>{kNaN, 100, 130, kNaN}), 130.0 / 100 - 1);
  EXPECT_TRUE(std::isnan(detail::total_return(std::vector<double>{0, 1})));
  EXPECT_TRUE(std::isnan(detail::total_return({})));
}

}  // namespace
}  // namespace argosy::backtest

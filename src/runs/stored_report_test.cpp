// A stored run as a page: what rows tell, and no script of whoever named a strategy.
#include "runs/stored_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace argosy::runs {
namespace {

using core::Money;
using testing::HasSubstr;
using testing::Not;

core::Timestamp at(int day) { return core::Timestamp(std::chrono::hours(24 * day)); }

StoredRun sample() {
  StoredRun stored{.run = {.number = 12,
                           .run_id = "12-3fa9c1",
                           .strategy = "cross",
                           .symbols = {"AAPL"},
                           .timeframe = "1d",
                           .fill_timeframe = "1d",
                           .strategy_text = "name: cross",
                           .data_hash = "d4t4",
                           .result_hash = "r3su1t",
                           .statistics = R"({"from":"1970-01-02","to":"1970-02-01","total_return":0.02,"sharpe":null,)"
                                         R"("max_drawdown":0.1,"trades":2,"fee_schedule":"ibkr_fixed",)"
                                         R"("buy_and_hold_return":0.5})",
                           .currency = "USD",
                           .initial_cash = Money::from_integer(1'000),
                           .final_equity = Money::from_integer(1'020)}};
  for (const auto& [exit, profit] : {std::pair(20, 30), std::pair(10, -10)})
    stored.trades.push_back({.symbol = "AAPL",
                             .side = "long",
                             .outcome = "closed",
                             .entry_reason = "buy_signal",
                             .entry_signal = at(1),
                             .last_signal = at(1),
                             .entry_at = at(2),
                             .quantity = core::Quantity::from_integer(1),
                             .exit_reason = "stop_loss",
                             .exit_at = at(exit),
                             .profit = Money::from_integer(profit)});
  stored.trades.push_back({.symbol = "AAPL",
                           .side = "long",
                           .outcome = "denied",
                           .entry_signal = at(30),
                           .last_signal = at(30),
                           .note = "too little cash"});
  return stored;
}

std::string page_of(const StoredRun& stored) {
  const auto page = stored_report(stored);
  EXPECT_TRUE(page) << page.error().describe();
  return page.value_or("");
}

TEST(StoredReport, HasTheHeadlineTheTradesAndWhereTheyComeFrom) {
  const std::string page = page_of(sample());
  for (const char* part : {"12-3fa9c1", "+2.0%", "+50.0%", "stop loss", "1970-01-21", "ibkr_fixed", "r3su1t", "d4t4",
                           "1,020.00", "name: cross", "is not stored"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("denied"))) << "a decision that led to no trade is none";
  EXPECT_EQ(page, page_of(sample()));
}

TEST(StoredReport, ListsTheFirstTradesAlone) {
  StoredRun stored = sample();
  stored.trades.resize(kMostReportedTrades + 5, stored.trades.front());
  EXPECT_THAT(page_of(stored), HasSubstr("4 further trades"));  // one of them was denied
}

TEST(StoredReport, RunsNoScriptOfANameOrAText) {
  StoredRun stored = sample();
  stored.run.strategy = "<script>alert(1)</script>";
  stored.run.strategy_text = "</pre><script>alert(2)</script>";
  stored.trades[0].symbol = "<img src=x onerror=alert(3)>";
  const std::string page = page_of(stored);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
}

TEST(StoredReport, SaysWhereThereIsNothing) {
  StoredRun stored = sample();
  stored.trades.clear();
  EXPECT_THAT(page_of(stored), HasSubstr("no trade"));
  stored.run.statistics = "no json";
  EXPECT_FALSE(stored_report(stored));
  stored.run.statistics = "{}";
  stored.run.timeframe = "1y?";
  EXPECT_FALSE(stored_report(stored));
}

}  // namespace
}  // namespace argosy::runs

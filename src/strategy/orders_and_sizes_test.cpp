// The keys of a strategy file about sides, orders, sizes, exits, confidence and portfolios.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "strategy/compiled_strategy.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {
namespace {

using core::Rate;
using trading::OrderKind;
using trading::SizeKind;
using trading::TimeInForce;

// Three lines before what is tested, which so begins in line 4.
const std::string kHead = "name: x\nbuy: close > 1\nsell: close < 1\n";

StrategyFile read(const std::string& more) {
  const auto file = parse_strategy(kHead + more, "x.yaml");
  EXPECT_TRUE(file.has_value()) << more << file.error().describe();
  return file.value_or(StrategyFile());
}
Rate rate(const char* text) { return *Rate::parse(text); }

TEST(StrategyKeys, SidesAndAccount) {
  const StrategyFile file = read("short: close < 0.5\ncover: close > 2\naccount: margin\naccount_rules: refuse\n");
  EXPECT_EQ(file.formula(Role::kShort), "close < 0.5");
  EXPECT_EQ(file.formula(Role::kCover), "close > 2");
  EXPECT_EQ(file.account, trading::AccountType::kMargin);
  EXPECT_EQ(file.account_rules, trading::Enforcement::kRefuse);
  const StrategyFile plain = read("");
  EXPECT_EQ(plain.account, trading::AccountType::kCash);
  EXPECT_EQ(plain.account_rules, trading::Enforcement::kWarn);
  const auto only_short = parse_strategy("name: x\naccount: margin\nshort: close > 1\nmax_bars: 5\n", "x.yaml");
  ASSERT_TRUE(only_short.has_value()) << only_short.error().describe();
}

TEST(StrategyKeys, Sizes) {
  StrategyFile file = read("size: {shares: 12.5}\n");
  EXPECT_EQ(file.size.kind, SizeKind::kShares);
  EXPECT_EQ(file.size.shares, *core::Quantity::parse("12.5"));
  file = read("size: {cash: 5000}\n");
  EXPECT_EQ(file.size.cash, *core::Money::parse("5000"));
  EXPECT_FALSE(file.size.by_formula);
  file = read("size: {percent: 100 / close}\n");
  EXPECT_TRUE(file.size.by_formula);
  EXPECT_EQ(file.formula(Role::kSize), "100 / close");
  file = read("size: {atr_risk: {}}\n");
  EXPECT_EQ(file.size.kind, SizeKind::kRisk);
  EXPECT_EQ(file.size.fraction, rate("0.01"));
  EXPECT_EQ(file.formula(Role::kSize), "(2) * atr(14)");
  file = read("params: {n: 20}\nsize: {atr_risk: {risk: 0.5%, multiple: 3, length: n}}\n");
  EXPECT_EQ(file.size.fraction, rate("0.005"));
  EXPECT_EQ(file.formula(Role::kSize), "(3) * atr(n)");
  file = read("size: {atr_risk: {distance: close / 10}}\n");
  EXPECT_EQ(file.formula(Role::kSize), "close / 10");
  file = read("size: {volatility_target: {target: 10%, length: 30, cap: 50%}}\n");
  EXPECT_EQ(file.size.kind, SizeKind::kVolatility);
  EXPECT_EQ(file.size.fraction, rate("0.1"));
  EXPECT_EQ(file.size.cap, rate("0.5"));
  EXPECT_EQ(file.formula(Role::kSize), "stddev(close / close[1] - 1, 30) * sqrt(252)");
  file = read("size: {half_kelly: {cap: 20%, trades: 40, until: 3%}}\n");
  EXPECT_EQ(file.size.kind, SizeKind::kHalfKelly);
  EXPECT_EQ(file.size.cap, rate("0.2"));
  EXPECT_EQ(file.size.least_trades, 40);
  EXPECT_EQ(file.size.fraction, rate("0.03"));
  file = read("size: {half_kelly: {}}\n");
  EXPECT_EQ(file.size.cap, rate("0.25"));
  EXPECT_EQ(file.size.fraction, rate("0.05"));
  EXPECT_EQ(file.size.least_trades, 30);
}

TEST(StrategyKeys, Orders) {
  EXPECT_EQ(read("").order.kind, OrderKind::kMarket);
  EXPECT_EQ(read("").order.time_in_force, TimeInForce::kGoodTillCancelled);
  StrategyFile file = read("order: {type: limit, limit_offset: 0.5%}\n");
  EXPECT_EQ(file.order.kind, OrderKind::kLimit);
  EXPECT_EQ(file.order.limit_offset, rate("0.005"));
  EXPECT_EQ(file.order.time_in_force, TimeInForce::kDay) << "one that waits, waits for a session";
  file =
      read("order: {type: stop_limit, stop: \"max(high, 20)\", limit: \"max(high, 20) * 1.01\", time_in_force: gtc}\n");
  EXPECT_EQ(file.order.kind, OrderKind::kStopLimit);
  EXPECT_EQ(file.formula(Role::kStop), "max(high, 20)");
  EXPECT_EQ(file.formula(Role::kLimit), "max(high, 20) * 1.01");
  EXPECT_EQ(file.order.time_in_force, TimeInForce::kGoodTillCancelled);
  file = read("order: {type: stop, stop_offset: 1%}\n");
  EXPECT_EQ(file.order.stop_offset, rate("0.01"));
  file = read("order: {time_in_force: at_close}\n");
  EXPECT_EQ(file.order.time_in_force, TimeInForce::kAtClose);
}

TEST(StrategyKeys, ExitsAreConstantsOrDistances) {
  const StrategyFile constant = read("stop_loss: 8%\ntake_profit: 0.2\ntrailing_stop: 10%\nmax_bars: 20\n");
  const auto compiled = compile_strategy(constant);
  ASSERT_TRUE(compiled.has_value());
  EXPECT_EQ(compiled->bracket.stop_loss.ratio, rate("0.08"));
  EXPECT_EQ(compiled->bracket.take_profit.ratio, rate("0.2"));
  EXPECT_EQ(compiled->bracket.trailing_stop.ratio, rate("0.1"));
  EXPECT_EQ(constant.max_bars, 20);
  const StrategyFile moving = read(
      "stop_loss: {distance: 2 * atr(14)}\ntake_profit: {distance: 4 * atr(14)}\ntrailing_stop: {distance: atr(5)}\n");
  const auto second = compile_strategy(moving);
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->bracket.is_set());
  for (const Role role : {Role::kStopDistance, Role::kTargetDistance, Role::kTrailDistance})
    EXPECT_TRUE(second->has(role)) << to_string(role);
  for (const char* exit :
       {"stop_loss: 8%", "take_profit: 8%", "trailing_stop: 8%", "max_bars: 8", "trailing_stop: {distance: atr(14)}"}) {
    const auto file = parse_strategy(std::string("name: x\nbuy: close > 1\n") + exit + "\n", "x.yaml");
    EXPECT_TRUE(file.has_value()) << exit << " is a way out";
  }
}

TEST(StrategyKeys, ConfidenceIsKnownByItsName) {
  const StrategyFile file =
      read("confidence: close / 100\nminimum_confidence: 60%\nsize: {percent: 50 * confidence}\n");
  EXPECT_EQ(file.minimum_confidence, 0.6);
  EXPECT_TRUE(compile_strategy(file)->has(Role::kConfidence));
}

TEST(StrategyKeys, Rebalancing) {
  const auto file = parse_strategy(
      "name: x\nrebalance: {every: quarter, rank: \"close / close[5]\", hold: 7, weight: 90%, drift: 0.2}\n", "x.yaml");
  ASSERT_TRUE(file.has_value()) << file.error().describe();
  EXPECT_EQ(file->rebalance->every, Rebalance::Every::kQuarter);
  EXPECT_EQ(file->rebalance->hold, 7);
  EXPECT_EQ(file->rebalance->weight, rate("0.9"));
  EXPECT_EQ(file->rebalance->drift, rate("0.2"));
  EXPECT_EQ(file->formula(Role::kRank), "close / close[5]");
  const auto bars = parse_strategy("name: x\nrebalance: {every: 21, rank: close}\n", "x.yaml");
  ASSERT_TRUE(bars.has_value()) << bars.error().describe();
  EXPECT_EQ(bars->rebalance->every, Rebalance::Every::kBars);
  EXPECT_EQ(bars->rebalance->bars, 21);
  EXPECT_EQ(bars->rebalance->hold, 10);
  EXPECT_EQ(bars->rebalance->weight, rate("1"));
}

TEST(StrategyKeys, HowOrdersAreFilledIsKeptAsWritten) {
  const StrategyFile file =
      read("slippage: percent:0.05\nvolume_cap: 10%\nlatency: bars:1\nlimit_fills: through\nlimits: backtest\n");
  EXPECT_EQ(file.slippage, "percent:0.05");
  EXPECT_EQ(file.volume_cap, "10%");
  EXPECT_EQ(file.latency, "bars:1");
  EXPECT_EQ(file.limit_fills, "through");
  EXPECT_EQ(file.limits, "backtest");
}

TEST(StrategyKeys, NumbersMayBeParametersAndFollowThem) {
  StrategyFile file = *parse_strategy(
      "name: x\nrebalance: {every: days, rank: close, hold: top, drift: slack / 2}\nparams: {top: 5, slack: 0.4, days: "
      "5}\n",
      "x.yaml");
  EXPECT_EQ(file.rebalance->hold, 5);
  EXPECT_EQ(file.rebalance->drift, rate("0.2"));
  EXPECT_EQ(file.rebalance->bars, 5);
  ASSERT_TRUE(set_parameter(file, "top=3").has_value());
  EXPECT_EQ(file.rebalance->hold, 3);
  const auto half = set_parameter(file, "top=2.5");
  ASSERT_FALSE(half.has_value());
  EXPECT_NE(half.error().describe().find("x.yaml:2:45: hold is 2.5: a whole number from 1 to 10000"), std::string::npos)
      << half.error().describe();
  file = read("params: {n: 3, sure: 0.5}\nmax_bars: n * 2\nconfidence: close\nminimum_confidence: sure\n");
  EXPECT_EQ(file.max_bars, 6);
  ASSERT_TRUE(set_parameter(file, "sure=0.8").has_value());
  EXPECT_EQ(file.minimum_confidence, 0.8);
  EXPECT_FALSE(set_parameter(file, "sure=1.5").has_value());
}

struct BadCase {
  const char* text;      // from line 4 on
  const char* expected;  // part of the error
};

void expect_bad(const std::string& head, const std::vector<BadCase>& cases) {
  for (const BadCase& c : cases) {
    const auto file = parse_strategy(head + c.text, "x.yaml");
    ASSERT_FALSE(file.has_value()) << c.text;
    EXPECT_NE(file.error().describe().find(c.expected), std::string::npos) << c.text << ": " << file.error().describe();
  }
}

TEST(StrategyKeys, BadSidesAndAccounts) {
  expect_bad(kHead, {
                        {"short: close < 1\ncover: close > 2\n", "x.yaml:4:8: a cash account cannot sell short"},
                        {"account: margin\nshort: close < 1\n", "nothing ever covers"},
                        {"account: margin\nshort: close\nmax_bars: 3\n", "x.yaml:5:8: short is a number"},
                        {"account: margin\ncover: close\nshort: close > 2\n", "x.yaml:5:8: cover is a number"},
                        {"account: margn\n", "x.yaml:4:10: account is \"margn\". Did you mean \"margin\"?"},
                        {"account: [a]\n", "x.yaml:4:10: account must be a single value"},
                        {"account_rules: never\n", "x.yaml:4:16: account_rules is \"never\""},
                    });
}

TEST(StrategyKeys, BadSizes) {
  expect_bad(kHead, {
                        {"size: 100\n", "x.yaml:4:7: size must name one kind"},
                        {"size: {shares: 1, cash: 2}\n", "x.yaml:4:7: size must name one kind"},
                        {"size: {shares: 0}\n", "x.yaml:4:16: \"0\" is not a number of shares"},
                        {"size: {cash: -5}\n", "x.yaml:4:14: \"-5\" is not an amount"},
                        {"size: {percent: close > 1}\n", "x.yaml:4:17: size is a condition"},
                        {"size: {percent: clsoe}\n", "x.yaml:4:17: unknown name \"clsoe\""},
                        {"size: {atr_risk: 1%}\n", "x.yaml:4:18: atr_risk must be a mapping"},
                        {"size: {atr_risk: {rsk: 1%}}\n", "x.yaml:4:19: unknown key \"rsk\". Did you mean \"risk\"?"},
                        {"size: {atr_risk: {risk: 2}}\n", "x.yaml:4:25: risk is 2: it must lie between 0 and 1"},
                        {"size: {atr_risk: {risk: close}}\n", "x.yaml:4:25: a constant is expected"},
                        {"size: {atr_risk: {length: 0}}\n", "x.yaml:4:18"},
                        {"size: {volatility_target: {cap: 150%}}\n", "x.yaml:4:33: cap is 1.5"},
                        {"size: {volatility_target: {target: -1%}}\n", "x.yaml:4:36: target is -0.01"},
                        {"size: {half_kelly: {trades: 2.5}}\n", "x.yaml:4:29: trades is 2.5: a whole number from 1"},
                        {"size: {half_kelly: {trades: 0}}\n", "x.yaml:4:29: trades is 0: a whole number from 1"},
                        {"size: {half_kelly: {fraction: 1}}\n", "x.yaml:4:21: unknown key \"fraction\""},
                    });
}

TEST(StrategyKeys, BadOrders) {
  expect_bad(
      kHead,
      {
          {"order: limit\n", "x.yaml:4:8: order must be a mapping"},
          {"order: {typ: limit}\n", "x.yaml:4:9: unknown key \"typ\". Did you mean \"type\"?"},
          {"order: {type: limt}\n", "x.yaml:4:15: type is \"limt\". Did you mean \"limit\"?"},
          {"order: {type: limit}\n", "x.yaml:4:8: a limit order needs limit or limit_offset"},
          {"order: {type: stop}\n", "x.yaml:4:8: a stop order needs stop or stop_offset"},
          {"order: {type: stop_limit, stop_offset: 1%}\n", "x.yaml:4:8: a stop_limit order needs limit"},
          {"order: {type: stop, stop: close, stop_offset: 1%}\n", "x.yaml:4:27: order.stop is a formula and an offset"},
          {"order: {limit_offset: 1%}\n", "x.yaml:4:8: a market order has no limit"},
          {"order: {type: limit, limit_offset: 1%, stop_offset: 1%}\n", "x.yaml:4:8: a limit order has no stop"},
          {"order: {type: limit, limit_offset: 0}\n", "x.yaml:4:36: limit_offset is 0"},
          {"order: {type: limit, limit_offset: 60%}\n", "x.yaml:4:36: limit_offset is 0.6"},
          {"order: {type: limit, limit_offset: 1e-12}\n", "x.yaml:4:36: limit_offset is 1e-12"},
          {"order: {type: limit, limit: close > 1}\n", "x.yaml:4:29: order.limit is a condition"},
          {"order: {type: stop, stop: profit_pct}\n", "x.yaml:4:27: profit_pct is known"},
          {"order: {time_in_force: week}\n", "x.yaml:4:24: time_in_force is \"week\""},
          {"order: {type: stop, stop_offset: 1%, time_in_force: at_open}\n", "x.yaml:4:8: "},
      });
}

TEST(StrategyKeys, BadExitsAndConfidences) {
  expect_bad(kHead, {
                        {"trailing_stop: 10\n", "x.yaml:4:16: trailing_stop is 10 of the entry price"},
                        {"trailing_stop: 2 * atr(14)\n", "x.yaml:4:16: a constant is expected"},
                        {"stop_loss: {distance: close > 1}\n", "x.yaml:4:23: stop_loss is a condition"},
                        {"stop_loss: {distanc: atr(14)}\n", "x.yaml:4:13: unknown key \"distanc\""},
                        {"take_profit: {}\n", "x.yaml:4:14: take_profit has no distance"},
                        {"max_bars: 0\n", "x.yaml:4:11: max_bars is 0: a whole number from 1"},
                        {"max_bars: 3.5\n", "x.yaml:4:11: max_bars is 3.5: a whole number from 1"},
                        {"max_bars: soon\n", "x.yaml:4:11: unknown name \"soon\""},
                        {"max_bars: close\n", "x.yaml:4:11: a constant is expected"},
                        {"max_bars: 0 / 0\n", "x.yaml:4:11"},
                        {"minimum_confidence: 50%\n", "x.yaml:4:21: there is no confidence to compare it with"},
                        {"confidence: close\nminimum_confidence: 60\n", "x.yaml:5:21: minimum_confidence is 60"},
                        {"confidence: close > 1\n", "x.yaml:4:13: confidence is a condition"},
                    });
}

TEST(StrategyKeys, BadRebalancing) {
  expect_bad("name: x\n",
             {
                 {"rebalance: {}\n", "x.yaml:2:12: rebalance has no rank"},
                 {"rebalance: month\n", "x.yaml:2:12: rebalance must be a mapping"},
                 {"rebalance: {rank: close > 1}\n", "x.yaml:2:19: rebalance.rank is a condition"},
                 {"rebalance: {rank: close, hold: 0}\n", "x.yaml:2:32: hold is 0: a whole number from 1 to 10000"},
                 {"rebalance: {rank: close, every: mnth}\n", "x.yaml:2:33: every is \"mnth\""},
                 {"rebalance: {rank: close, every: 0}\n", "x.yaml:2:33: every is 0: a whole number from 1"},
                 {"rebalance: {rank: close, weight: 110%}\n", "x.yaml:2:34: weight is 1.1"},
                 {"rebalance: {rank: close, drift: -1%}\n", "x.yaml:2:33: drift is -0.01"},
                 {"rebalance: {rank: close, top: 3}\n", "x.yaml:2:26: unknown key \"top\""},
                 {"account: margin\nshort: close > 1\nmax_bars: 3\nrebalance: {rank: close}\n",
                  "x.yaml:3:8: a rebalanced portfolio is long only"},
                 {"size: {percent: 50}\nrebalance: {rank: close}\n",
                  "x.yaml:2:17: a rebalanced portfolio shares the equity evenly"},
                 {"order: {type: limit, limit_offset: 1%}\nrebalance: {rank: close}\n",
                  "x.yaml:2:8: a rebalanced portfolio is bought at the market"},
                 {"stop_loss: {distance: atr(5)}\nrebalance: {rank: close}\n",
                  "x.yaml:2:23: a rebalanced portfolio has a constant stop_loss"},
                 {"confidence: close\nrebalance: {rank: close}\n",
                  "x.yaml:2:13: a rebalanced portfolio is chosen by its rank alone"},
             });
}

}  // namespace
}  // namespace argosy::strategy

// Each cause, on runs that are made by hand: two equal ones, of which one is changed.
#include "runs/compare_runs.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "runs/bar_hashes.hpp"

namespace argosy::runs {
namespace {

using core::Money;
using core::Price;
using core::Quantity;
using ledger::RunTradeRow;

std::int64_t day(int number) { return market::date_key(core::Date::from_days(number)); }
core::Timestamp at(int number) { return market::key_instant(day(number)); }

// Bars of a year, one close of which may be another one.
std::string bars(int changed_day = -1) {
  BarHashes hashes;
  for (const char* symbol : {"A", "B"}) {
    data::SymbolData data;
    data.instrument.symbol = symbol;
    for (int number = 0; number < 365; ++number) {
      const Price price = Price::from_integer(number == changed_day ? 11 : 10);
      data.bars.push_back(
          {.key = day(number), .open = price, .high = price, .low = price, .close = price, .volume = 1});
    }
    hashes.add(data, false);
  }
  return hashes.to_json();
}

// Decided at `decided`, entered the next day, left at `left`.
RunTradeRow trade(int decided, int left, const char* symbol = "A") {
  return {.symbol = symbol,
          .side = "long",
          .outcome = "closed",
          .entry_reason = "buy_signal",
          .entry_signal = at(decided),
          .last_signal = at(decided),
          .entry_at = at(decided + 1),
          .entry_price = Price::from_integer(10),
          .quantity = Quantity::from_integer(5),
          .exit_reason = "sell_signal",
          .exit_signal = at(left - 1),
          .exit_at = at(left),
          .exit_price = Price::from_integer(12),
          .fees = Money::from_integer(1),
          .profit = Money::from_integer(9)};
}

StoredRun make(std::vector<RunTradeRow> trades) {
  StoredRun run{.run = {.strategy = "x",
                        .symbols = {"A", "B"},
                        .timeframe = "1d",
                        .fill_timeframe = "1d",
                        .configuration = R"({"options":{"file":"x.yaml","set":[]},"files":{"names":{},"texts":{}}})",
                        .fees = "{}",
                        .bar_hashes = bars(),
                        .data_hash = "d",
                        .statistics = R"({"strategy":"x","total_return":0.5})"},
                .trades = std::move(trades)};
  std::int64_t number = 0;
  for (RunTradeRow& row : run.trades) row.number = ++number;
  return run;
}

RunComparison compare(const StoredRun& a, const StoredRun& b) {
  auto comparison = compare_runs(a, b);
  if (!comparison) ADD_FAILURE() << comparison.error().describe();
  return comparison ? *std::move(comparison) : RunComparison();
}

const StoredRun kBase = make({trade(10, 20), trade(40, 50), trade(100, 120)});

// The cause of the one difference there is after a change of the second trade.
Cause cause_of(const std::function<void(StoredRun&)>& change) {
  StoredRun changed = kBase;
  change(changed);
  const RunComparison one = compare(kBase, changed);
  const RunComparison other = compare(changed, kBase);
  EXPECT_EQ(one.differences.size(), 1U);
  EXPECT_EQ(one.same, 2);
  if (one.differences.empty() || other.differences.size() != 1) return Cause::kData;
  EXPECT_EQ(one.differences[0].cause, other.differences[0].cause) << "whichever comes first";
  EXPECT_FALSE(one.differences[0].text.empty());
  EXPECT_EQ(one.count(one.differences[0].cause), 1);
  return one.differences[0].cause;
}
Cause cause_of_row(const std::function<void(RunTradeRow&)>& change) {
  return cause_of([&](StoredRun& run) { change(run.trades[1]); });
}

TEST(CompareRuns, EqualRunsHaveNoDifferences) {
  const RunComparison same = compare(kBase, kBase);
  EXPECT_TRUE(same.differences.empty());
  EXPECT_TRUE(same.configuration.empty());
  EXPECT_TRUE(same.note.empty());
  EXPECT_EQ(same.matched, 3);
  EXPECT_EQ(same.same, 3);
}

TEST(CompareRuns, EachCause) {
  EXPECT_EQ(cause_of([](StoredRun& run) { run.trades.erase(run.trades.begin() + 1); }), Cause::kSignal);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.exit_signal = at(47); }), Cause::kSignal);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.exit_reason = "stop_loss"; }), Cause::kSignal);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) {
              row.outcome = "open";
              row.exit_reason.reset();
              row.exit_signal.reset();
              row.exit_at.reset();
              row.exit_price.reset();
            }),
            Cause::kSignal);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.entry_at = at(43); }), Cause::kTiming);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.exit_at = at(51); }), Cause::kTiming);
  const auto not_filled = [](RunTradeRow& row) {
    row.entry_at.reset();
    row.entry_price.reset();
    row.exit_at.reset();
  };
  EXPECT_EQ(cause_of_row([&](RunTradeRow& row) {
              not_filled(row);
              row.outcome = "expired";
            }),
            Cause::kTiming);
  EXPECT_EQ(cause_of_row([&](RunTradeRow& row) {
              not_filled(row);
              row.outcome = "denied";
            }),
            Cause::kRisk);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.entry_price = Price::from_integer(11); }), Cause::kPrice);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.exit_price = Price::from_integer(11); }), Cause::kPrice);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.fees = Money::from_integer(2); }), Cause::kFee);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) { row.quantity = Quantity::from_integer(6); }), Cause::kSize);
}

// The same fees charge more for more shares; other fees make a difference of their own.
TEST(CompareRuns, FeesOfAnotherScheduleComeBeforeTheSize) {
  const auto change = [](RunTradeRow& row) {
    row.fees = Money::from_integer(2);
    row.quantity = Quantity::from_integer(6);
  };
  EXPECT_EQ(cause_of_row(change), Cause::kSize);
  EXPECT_EQ(cause_of([&](StoredRun& run) {
              change(run.trades[1]);
              run.run.fees = R"({"name":"other"})";
            }),
            Cause::kFee);
}

TEST(CompareRuns, TheFirstStepCounts) {
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) {
              row.entry_price = Price::from_integer(11);
              row.exit_reason = "stop_loss";
              row.quantity = Quantity::from_integer(6);
            }),
            Cause::kPrice);
  EXPECT_EQ(cause_of_row([](RunTradeRow& row) {
              row.exit_at = at(51);
              row.exit_price = Price::from_integer(11);
            }),
            Cause::kTiming);
}

TEST(CompareRuns, OtherBarsComeBeforeEverything) {
  const auto price = [](int changed_day) {
    return cause_of([&](StoredRun& run) {
      run.run.bar_hashes = bars(changed_day);
      run.run.data_hash = "e";
      run.trades[1].exit_price = Price::from_integer(11);
    });
  };
  EXPECT_EQ(price(45), Cause::kData);
  EXPECT_EQ(price(5), Cause::kData);
  EXPECT_EQ(price(200), Cause::kPrice) << "bars after the step do not explain it";
  // The entry is the first difference, and bars after it do not explain it either.
  EXPECT_EQ(cause_of([&](StoredRun& run) {
              run.run.bar_hashes = bars(100);
              run.trades[1].entry_price = Price::from_integer(11);
            }),
            Cause::kPrice);
  // Bars of a symbol that formulas read: nothing else is left to explain another decision.
  EXPECT_EQ(cause_of([&](StoredRun& run) {
              run.run.data_hash = "e";
              run.trades.erase(run.trades.begin() + 1);
            }),
            Cause::kData);
  EXPECT_EQ(cause_of([&](StoredRun& run) {
              run.run.data_hash = "e";
              run.run.strategy_text = "another";
              run.trades.erase(run.trades.begin() + 1);
            }),
            Cause::kSignal);
}

// b stays longer in its first trade, and so misses the second: that is no decision of its own.
TEST(CompareRuns, WhatFollowsHasTheCauseOfWhatItFollows) {
  StoredRun b = make({trade(10, 45), trade(100, 120)});
  b.trades[0].exit_signal = kBase.trades[0].exit_signal;
  const RunComparison comparison = compare(kBase, b);
  ASSERT_EQ(comparison.differences.size(), 2U);
  EXPECT_EQ(comparison.differences[0].cause, Cause::kTiming);
  EXPECT_EQ(comparison.differences[1].cause, Cause::kTiming);
  EXPECT_EQ(comparison.differences[1].follows, 0U);
  EXPECT_EQ(comparison.differences[1].a, 2);
  EXPECT_FALSE(comparison.differences[1].b);
}

TEST(CompareRuns, ARowThatStandsForSeveralDecisionsMatchesEach) {
  RunTradeRow idle = trade(38, 60);
  idle.outcome = "denied";
  idle.note = "no cash";
  idle.last_signal = at(42);
  idle.decisions = 5;
  idle.entry_at.reset();
  const RunComparison comparison = compare(kBase, make({trade(10, 20), idle, trade(100, 120)}));
  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].cause, Cause::kRisk);
  EXPECT_EQ(comparison.differences[0].a, 2);
  EXPECT_EQ(comparison.differences[0].b, 2);
  EXPECT_EQ(comparison.differences[0].decided_key, day(40));
  EXPECT_TRUE(comparison.differences[0].text.contains("no cash"));
}

TEST(CompareRuns, RunsOfDifferentSymbolsAndStrategies) {
  StoredRun other = make({trade(10, 20, "C")});
  other.run.symbols = {"C"};
  other.run.bar_hashes = R"({"yearly":false,"series":[{"symbol":"C","timeframe":"1d","months":[0],"hashes":["a"]}]})";
  const RunComparison strange = compare(kBase, other);
  EXPECT_TRUE(strange.note.contains("no symbol in common")) << strange.note;
  EXPECT_EQ(strange.matched, 0);
  EXPECT_EQ(strange.count(Cause::kData), 4);
  StoredRun renamed = kBase;
  renamed.run.strategy = "y";
  EXPECT_TRUE(compare(kBase, renamed).note.contains("different strategies"));
}

TEST(CompareRuns, TheConfigurationThatDiffers) {
  StoredRun b = kBase;
  b.run.configuration =
      R"({"options":{"file":"y.yaml","set":["fast=20"]},"files":{"names":{"fees/z":"/p"},"texts":{"/p":"t","y.yaml":"s"}}})";
  b.run.strategy_text = "name: x\nbuy: other";
  b.run.statistics = R"({"strategy":"x","slippage":"fixed:0.01","total_return":0.25})";
  StoredRun a = kBase;
  a.run.strategy_text = "name: x\nbuy: one";
  const RunComparison comparison = compare(a, b);
  std::vector<std::string> names;
  for (const ComparedValue& value : comparison.configuration) names.push_back(value.name);
  EXPECT_EQ(names, (std::vector<std::string>{"slippage", "set", "strategy_text", "fees/z"}));
  EXPECT_EQ(comparison.configuration[2].a, "line 2: buy: one");
  EXPECT_EQ(comparison.configuration[3].b, "used");
  EXPECT_TRUE(core::parse_json(to_json(comparison)));
}

// Whatever two runs hold: every filled row is in a difference or the same, each difference has one cause, and the
// comparison the other way round counts the same.
RC_GTEST_PROP(CompareRuns, EveryTradeIsAccountedFor, ()) {
  const auto random_run = [] {
    std::vector<RunTradeRow> rows;
    int next = 0;
    while ((next += *rc::gen::inRange(1, 15)) < 330) {
      RunTradeRow row = trade(next, next + *rc::gen::inRange(2, 9));
      row.quantity = Quantity::from_integer(*rc::gen::inRange(1, 3));
      row.exit_price = Price::from_integer(*rc::gen::inRange(9, 11));
      if (*rc::gen::inRange(0, 4) == 0) {
        row.entry_at.reset();
        row.outcome = *rc::gen::element<std::string>("denied", "expired");
      }
      rows.push_back(row);
    }
    return make(std::move(rows));
  };
  const StoredRun a = random_run();
  const StoredRun b = random_run();
  const RunComparison forward = compare(a, b);
  const RunComparison back = compare(b, a);
  const auto filled = [](const StoredRun& run) {
    return std::ranges::count_if(run.trades, [](const RunTradeRow& row) { return row.entry_at.has_value(); });
  };
  RC_ASSERT(forward.trades_a == filled(a));
  RC_ASSERT(forward.trades_b == filled(b));
  RC_ASSERT(forward.trades_a + forward.trades_b - forward.matched == forward.same + std::ssize(forward.differences));
  std::int64_t sum = 0;
  for (const Cause cause : kCauses) {
    sum += forward.count(cause);
    RC_ASSERT(forward.count(cause) == back.count(cause));
  }
  RC_ASSERT(sum == std::ssize(forward.differences));
  for (std::size_t i = 0; i < forward.differences.size(); ++i) {
    const TradeDifference& each = forward.differences[i];
    if (each.follows) RC_ASSERT(*each.follows < i && forward.differences[*each.follows].cause == each.cause);
  }
}

}  // namespace
}  // namespace argosy::runs

// Whole runs on a few bars: what happens, and at what price, written out by hand.
#include "backtest/simulate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace argosy::backtest {
namespace {

using market::ActionKind;
using market::CorporateAction;

constexpr std::uint8_t kBuy = strategy::kBuy;
constexpr std::uint8_t kSell = strategy::kSell;

Price price(const char* text) { return *Price::parse(text); }
Money money(const char* text) { return *Money::parse(text); }
std::int64_t day(int number) { return market::date_key(core::Date::from_days(number)); }

struct Row {
  int day = 0;
  const char* open = "";
  const char* high = "";
  const char* low = "";
  const char* close = "";
  std::uint8_t signals = 0;
  double volume = 1000;
};

// One symbol's data and signals, kept alive for the feed.
struct Symbol {
  data::SymbolData data;
  std::vector<std::uint8_t> signals;

  Symbol(const char* name, std::initializer_list<Row> rows, std::vector<CorporateAction> actions = {}) {
    data.instrument.symbol = name;
    data.actions = std::move(actions);
    for (const Row& row : rows) {
      data.bars.push_back({.key = day(row.day),
                           .open = price(row.open),
                           .high = price(row.high),
                           .low = price(row.low),
                           .close = price(row.close),
                           .volume = row.volume});
      signals.push_back(row.signals);
    }
  }
};

Simulation run(const std::vector<Symbol>& symbols,
               const SimulationSettings& settings = {.engine = {.account = {.cash = money("1000")}}}) {
  std::vector<Feed> feeds;
  feeds.reserve(symbols.size());
  for (const Symbol& symbol : symbols) feeds.push_back({&symbol.data, symbol.signals});
  return simulate(settings, feeds);
}

TEST(Simulate, BuyAtTheNextOpenSellAtTheNextOpen) {
  const auto result = run({Symbol("A", {{1, "10", "10", "10", "10", kBuy},
                                        {2, "11", "12", "11", "12"},
                                        {3, "12", "12", "12", "12", kSell},
                                        {4, "13", "13", "13", "13"}})});
  ASSERT_EQ(result.trades.size(), 1U);
  EXPECT_EQ(result.trades[0].entry_price, price("11"));
  EXPECT_EQ(result.trades[0].exit_price, price("13"));
  EXPECT_EQ(result.trades[0].quantity, Quantity::from_integer(90)) << "100 were sized at 10, the cash pays 90 at 11";
  EXPECT_EQ(result.equity, (std::vector<Money>{money("1000"), money("1090"), money("1090"), money("1180")}));
  EXPECT_EQ(result.invested, 2);
}

TEST(Simulate, FeesOfBothSides) {
  const auto result = run(
      {Symbol("A",
              {{1, "10", "10", "10", "10", kBuy}, {2, "10", "10", "10", "10", kSell}, {3, "20", "20", "20", "20"}})},
      {.engine = {.account = {.cash = money("1000")},
                  .fees = trading::FeeSchedule::percent(*Rate::parse("0.01")),
                  .size = {.kind = trading::SizeKind::kShares, .shares = Quantity::from_integer(10)}}});
  ASSERT_EQ(result.trades.size(), 1U);
  EXPECT_EQ(result.trades[0].fees, money("3"));
  EXPECT_EQ(result.trades[0].profit, money("97"));
  EXPECT_EQ(result.equity.back(), money("1097"));
  EXPECT_EQ(result.traded, money("300"));
}

TEST(Simulate, AStopInTheBarOfItsOwnEntry) {
  const auto result =
      run({Symbol("A", {{1, "10", "10", "10", "10", kBuy}, {2, "10", "11", "8", "10"}})},
          {.engine = {.account = {.cash = money("1000")}, .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}}}});
  ASSERT_EQ(result.trades.size(), 1U);
  EXPECT_EQ(result.trades[0].exit_price, price("9"));
  EXPECT_EQ(result.trades[0].exit_key, day(2));
}

// From the third bar on other signals, a stop and a longest time decide; the position of before stays.
TEST(Simulate, OtherSettingsDecideFromAnInstantOn) {
  const Symbol before("A", {{1, "10", "10", "10", "10", kBuy},
                            {2, "10", "10", "10", "10"},
                            {3, "10", "10", "10", "10", kSell},
                            {4, "10", "10", "10", "10"},
                            {5, "10", "10", "10", "10", kBuy},
                            {6, "10", "10", "10", "10"},
                            {7, "10", "10", "8", "10"}});
  const std::vector<std::uint8_t> after = {0, 0, 0, kSell, kBuy, 0, 0};
  const auto size = [](int shares) {
    return trading::Sizing{.kind = trading::SizeKind::kShares, .shares = Quantity::from_integer(shares)};
  };
  SimulationSettings settings{.engine = {.account = {.cash = money("1000")}, .size = size(5)}};
  settings.changes = {{.key = day(3),
                       .engine = {.size = size(7), .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}}},
                       .feeds = {{&before.data, after}}}};
  const auto result = run({before}, settings);
  ASSERT_EQ(result.trades.size(), 2U);
  EXPECT_EQ(result.trades[0].quantity, Quantity::from_integer(5));
  EXPECT_EQ(result.trades[0].exit_key, day(5)) << "the sell signal of the third bar is of the settings of before";
  EXPECT_EQ(result.trades[1].quantity, Quantity::from_integer(7));
  EXPECT_EQ(result.trades[1].exit_price, price("9"));
}

TEST(Simulate, ADelistingPaysAfterTheLastDay) {
  const auto delisting = [](int last_day, const char* amount) {
    return std::vector<CorporateAction>{
        {.ex_date = core::Date::from_days(last_day), .kind = ActionKind::kDelisting, .amount = price(amount)}};
  };
  const std::initializer_list<Row> rows = {
      {1, "10", "10", "10", "10", kBuy}, {2, "10", "10", "10", "10"}, {3, "10", "12", "9", "8"}};
  // Alone: the run ends with its last day.
  const auto alone = run({Symbol("A", rows, delisting(3, "7"))});
  ASSERT_EQ(alone.trades.size(), 1U);
  EXPECT_EQ(alone.trades[0].exit_reason, trading::OrderReason::kDelisting);
  EXPECT_EQ(alone.trades[0].exit_key, day(3));
  EXPECT_EQ(alone.equity.back(), money("700"));
  EXPECT_TRUE(alone.open_positions.empty());
  EXPECT_EQ(run({Symbol("A", rows, delisting(4, "7"))}).open_positions.size(), 1U) << "not yet";

  // Beside another, which goes on; what was working is cancelled and the cash is there the next day.
  SimulationSettings settings{
      .engine = {.account = {.cash = money("1000")}, .bracket = {.stop_loss = {.ratio = *Rate::parse("0.5")}}}};
  const auto two = run(
      {Symbol("A", rows, delisting(3, "0")),
       Symbol("B",
              {{1, "5", "5", "5", "5"}, {2, "5", "5", "5", "5"}, {3, "5", "5", "5", "5"}, {4, "5", "5", "5", "5"}})},
      settings);
  EXPECT_EQ(two.equity, (std::vector<Money>{money("1000"), money("1000"), money("800"), Money()}));
  EXPECT_EQ(two.working_orders, 0U);

  settings.corporate_actions = false;
  EXPECT_EQ(run({Symbol("A", rows, delisting(3, "7"))}, settings).open_positions.size(), 1U);
}

TEST(Simulate, ASplitMovesPositionAndStop) {
  const std::vector<CorporateAction> split{
      {.ex_date = core::Date::from_days(3), .kind = ActionKind::kSplit, .numerator = 2, .denominator = 1}};
  const std::initializer_list<Row> rows = {{1, "10", "10", "10", "10", kBuy},
                                           {2, "10", "10", "10", "10"},
                                           {3, "5", "5", "4.8", "5"},
                                           {4, "5", "5", "4.4", "5"}};
  const SimulationSettings settings{
      .engine = {.account = {.cash = money("1000")}, .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}}}};
  const auto result = run({Symbol("A", rows, split)}, settings);
  ASSERT_EQ(result.trades.size(), 1U);
  EXPECT_EQ(result.trades[0].quantity, Quantity::from_integer(200));
  EXPECT_EQ(result.trades[0].entry_price, price("5"));
  EXPECT_EQ(result.trades[0].exit_price, price("4.5"));
  EXPECT_EQ(result.trades[0].profit, money("-100"));
  EXPECT_EQ(result.equity[2], money("1000")) << "the split itself changes nothing";

  auto raw = settings;
  raw.corporate_actions = false;
  const auto ignored = run({Symbol("A", rows, split)}, raw);
  EXPECT_EQ(ignored.trades[0].exit_price, price("5"))
      << "without corporate actions the split looks like a gap through the stop";
}

TEST(Simulate, ADividendPaysWhoHeldBeforeTheExDate) {
  const std::vector<CorporateAction> dividend{
      {.ex_date = core::Date::from_days(3), .kind = ActionKind::kDividend, .amount = price("0.5")}};
  const auto held = run(
      {Symbol("A", {{1, "10", "10", "10", "10", kBuy}, {2, "10", "10", "10", "10"}, {3, "9.5", "9.5", "9.5", "9.5"}},
              dividend)});
  EXPECT_EQ(held.dividends, money("50"));
  EXPECT_EQ(held.equity.back(), money("1000"));
  const auto late = run(
      {Symbol("A", {{1, "10", "10", "10", "10"}, {2, "10", "10", "10", "10", kBuy}, {3, "9.5", "9.5", "9.5", "9.5"}},
              dividend)});
  EXPECT_EQ(late.dividends, Money()) << "bought at the open of the ex-date: too late";
}

TEST(Simulate, SharedCashGoesInTheOrderOfTheFeeds) {
  const std::initializer_list<Row> rows = {{1, "10", "10", "10", "10", kBuy}, {2, "10", "10", "10", "10"}};
  const SimulationSettings settings{
      .engine = {.account = {.cash = money("1000")}, .size = {.kind = trading::SizeKind::kCash, .cash = money("700")}}};
  const auto result = run({Symbol("B", rows), Symbol("A", rows)}, settings);
  ASSERT_EQ(result.open_positions.size(), 2U);
  EXPECT_EQ(result.open_positions[0].quantity, Quantity::from_integer(70));
  EXPECT_EQ(result.open_positions[1].quantity, Quantity::from_integer(30));
}

TEST(Simulate, SymbolsWithDifferentDays) {
  const auto result = run({Symbol("A", {{1, "10", "10", "10", "10", kBuy}, {3, "11", "11", "11", "11"}}),
                           Symbol("B", {{2, "5", "5", "5", "5"}, {3, "5", "5", "5", "5"}})});
  EXPECT_EQ(result.keys, (std::vector<std::int64_t>{day(1), day(2), day(3)}));
  EXPECT_EQ(result.open_positions[0].entry_price, price("11")) << "A has no bar on day 2";
}

TEST(Simulate, NoVolumeNoFillAndTheOrderWaits) {
  const auto result = run({Symbol(
      "A", {{1, "10", "10", "10", "10", kBuy}, {2, "11", "11", "11", "11", 0, 0}, {3, "12", "12", "12", "12"}})});
  EXPECT_EQ(result.open_positions[0].entry_price, price("12"));
  const auto never = run({Symbol("A", {{1, "10", "10", "10", "10", kBuy}, {2, "11", "11", "11", "11", 0, 0}})});
  EXPECT_EQ(never.working_orders, 1U);
}

// final equity = initial + profit of trades + open profit (with its fees) + dividends, to the last unit; the exchange's
// books are compared with the account's in every run by simulate() itself.
RC_GTEST_PROP(Simulate, EquityIsWhatTradesAndPositionsSay, ()) {
  const int symbol_count = *rc::gen::inRange(1, 4);
  std::vector<Symbol> symbols;
  for (int s = 0; s < symbol_count; ++s) {
    Symbol symbol("S", {});
    symbol.data.instrument.symbol += std::to_string(s);
    const int days = *rc::gen::inRange(2, 40);
    for (int d = 0; d < days; ++d) {
      if (*rc::gen::inRange(0, 8) == 0) continue;
      const std::int64_t open = *rc::gen::inRange<std::int64_t>(100, 3000);
      const std::int64_t close = *rc::gen::inRange<std::int64_t>(100, 3000);
      const std::int64_t high = std::max(open, close) + *rc::gen::inRange<std::int64_t>(0, 500);
      const std::int64_t low =
          std::max<std::int64_t>(1, std::min(open, close) - *rc::gen::inRange<std::int64_t>(0, 500));
      const auto cents = [](std::int64_t value) { return Price::from_units(value * 10'000'000); };
      symbol.data.bars.push_back({.key = day(d),
                                  .open = cents(open),
                                  .high = cents(high),
                                  .low = cents(low),
                                  .close = cents(close),
                                  .volume = *rc::gen::inRange(0, 9) == 0 ? 0.0 : 10.0});
      symbol.signals.push_back(*rc::gen::inRange<std::uint8_t>(0, 4));
    }
    if (symbol.data.bars.empty()) continue;
    const int actions = *rc::gen::inRange(0, 3);
    for (int a = 0; a < actions; ++a) {
      const auto ex_date = core::Date::from_days(*rc::gen::inRange(1, 40));
      const bool split = *rc::gen::arbitrary<bool>();
      symbol.data.actions.push_back(
          split ? CorporateAction{.ex_date = ex_date,
                                  .kind = ActionKind::kSplit,
                                  .numerator = *rc::gen::inRange<std::int64_t>(1, 8),
                                  .denominator = *rc::gen::inRange<std::int64_t>(1, 8)}
                : CorporateAction{.ex_date = ex_date,
                                  .kind = ActionKind::kDividend,
                                  .amount = Price::from_units(*rc::gen::inRange<std::int64_t>(1, 900'000'000))});
    }
    std::ranges::sort(symbol.data.actions, {}, &CorporateAction::ex_date);
    symbols.push_back(std::move(symbol));
  }
  RC_PRE(!symbols.empty());
  const auto kind =
      *rc::gen::element(trading::SizeKind::kShares, trading::SizeKind::kCash, trading::SizeKind::kPercent);
  const SimulationSettings settings{
      .engine = {
          .account = {.cash = money("5000")},
          .fees = trading::FeeSchedule::percent(Rate::from_units(*rc::gen::inRange<std::int64_t>(0, 20'000'000))),
          .size = {.kind = kind,
                   .shares = Quantity::from_integer(7),
                   .cash = money("900"),
                   .fraction = *Rate::parse("0.4")},
          .bracket = {
              .stop_loss = {.ratio = Rate::from_units(*rc::gen::inRange<std::int64_t>(0, 2) * 100'000'000)},
              .take_profit = {.ratio = Rate::from_units(*rc::gen::inRange<std::int64_t>(0, 2) * 150'000'000)}}}};
  const Simulation result = run(symbols, settings);
  Money profit;
  for (const engine::Trade& trade : result.trades) profit += trade.profit;
  Money value;
  for (const auto& open : result.open_positions)
    value += core::notional(open.price, open.quantity, core::Rounding::kHalfEven);
  RC_ASSERT(result.equity.back() == result.final_cash + value);
  RC_ASSERT(!result.final_cash.is_negative());
  if (result.open_positions.empty()) RC_ASSERT(result.final_cash == money("5000") + profit + result.dividends);
  // The same again gives the same, and so do the same settings from any instant on.
  SimulationSettings changed = settings;
  changed.changes.push_back({.key = day(*rc::gen::inRange(0, 40)), .engine = settings.engine});
  for (const Symbol& symbol : symbols) changed.changes[0].feeds.push_back({&symbol.data, symbol.signals});
  const Simulation again = run(symbols, *rc::gen::arbitrary<bool>() ? settings : changed);
  RC_ASSERT(again.equity == result.equity);
  RC_ASSERT(again.trades.size() == result.trades.size());
}

}  // namespace
}  // namespace argosy::backtest

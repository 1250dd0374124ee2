// What is stored of a run: its decisions to enter, and what became of each, on bars written out by hand.
#include "runs/stored_run.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"
#include "runs/bar_hashes.hpp"

namespace argosy::runs {

using backtest::Feed;
using backtest::Simulation;
using backtest::SimulationSettings;
using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

namespace {

constexpr std::uint8_t kBuy = strategy::kBuy;
constexpr std::uint8_t kSell = strategy::kSell;

std::int64_t day(int number) { return market::date_key(core::Date::from_days(number)); }
core::Timestamp at(int number) { return market::key_instant(day(number)); }

struct Bars {
  data::SymbolData data;
  std::vector<std::uint8_t> signals;
};

// Bars of days 1, 2, ...: each is flat at its price.
Bars flat(const std::vector<std::pair<const char*, std::uint8_t>>& rows) {
  Bars bars;
  bars.data.instrument.symbol = "A";
  int number = 0;
  for (const auto& [text, signals] : rows) {
    const Price price = *Price::parse(text);
    bars.data.bars.push_back(
        {.key = day(++number), .open = price, .high = price, .low = price, .close = price, .volume = 1000});
    bars.signals.push_back(signals);
  }
  return bars;
}

std::vector<ledger::RunTradeRow> rows_of(const Bars& bars, SimulationSettings settings = {}) {
  settings.engine.account.cash = Money::from_integer(1000);
  const Feed feed{&bars.data, bars.signals};
  return decisions_to_enter(simulate(settings, {&feed, 1}), {"A"});
}

TEST(StoredRun, ATradeWithItsDecisions) {
  const auto rows = rows_of(flat({{"10", kBuy}, {"11", 0}, {"12", kSell}, {"13", 0}}));
  ASSERT_EQ(rows.size(), 1U);
  const ledger::RunTradeRow& row = rows.front();
  EXPECT_EQ(row.outcome, "closed");
  EXPECT_EQ(row.side, "long");
  EXPECT_EQ(row.entry_signal, at(1));
  EXPECT_EQ(row.last_signal, at(1));
  EXPECT_EQ(row.entry_at, at(2));
  EXPECT_EQ(row.entry_price, Price::from_integer(11));
  EXPECT_EQ(row.exit_signal, at(3));
  EXPECT_EQ(row.exit_at, at(4));
  EXPECT_EQ(row.exit_price, Price::from_integer(13));
  EXPECT_EQ(row.exit_reason, "sell_signal");
  EXPECT_EQ(row.quantity, Quantity::from_integer(90));
  EXPECT_EQ(row.profit, Money::from_integer(180));
}

TEST(StoredRun, APositionThatIsStillHeld) {
  const auto rows = rows_of(flat({{"10", kBuy}, {"10", 0}, {"12", 0}}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].outcome, "open");
  EXPECT_FALSE(rows[0].exit_at);
  EXPECT_EQ(rows[0].profit, Money::from_integer(200));
}

// A share costs more than there is: each close decides anew, and is refused.
TEST(StoredRun, RefusedDecisionsOfConsecutiveClosesAreOneRow) {
  const auto rows = rows_of(flat({{"2000", kBuy}, {"2000", kBuy}, {"2000", 0}, {"2000", kBuy}, {"2000", 0}}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].outcome, "denied");
  EXPECT_FALSE(rows[0].note.empty());
  EXPECT_EQ(rows[0].decisions, 2);
  EXPECT_EQ(rows[0].entry_signal, at(1));
  EXPECT_EQ(rows[0].last_signal, at(2));
  EXPECT_EQ(rows[1].entry_signal, at(4)) << "at the third close nothing was decided";
  EXPECT_FALSE(rows[1].entry_at);
}

TEST(StoredRun, AnEntryPriceIsTheOneThatWasPaid) {
  Bars bars = flat({{"100", kBuy}, {"100", 0}, {"50", kSell}, {"50", 0}});
  bars.data.actions = {{.ex_date = core::Date::from_days(3), .kind = market::ActionKind::kSplit, .numerator = 2}};
  const auto rows = rows_of(bars);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].entry_price, Price::from_integer(100)) << "not restated by the split";
  EXPECT_EQ(rows[0].quantity, Quantity::from_integer(20));
}

// Whatever the signals: every trade and every open position is a row, and every order to open is counted once.
RC_GTEST_PROP(StoredRun, NothingIsLostAndNothingTwice, ()) {
  const auto signals = *rc::gen::container<std::vector<std::uint8_t>>(
      30, rc::gen::element<std::uint8_t>(0, 0, kBuy, kSell, strategy::kShort, strategy::kCover));
  Bars bars = flat({});
  int number = 0;
  for (const std::uint8_t signal : signals) {
    const Price price = Price::from_integer(*rc::gen::inRange(8, 13));
    bars.data.bars.push_back(
        {.key = day(++number), .open = price, .high = price, .low = price, .close = price, .volume = 1000});
    bars.signals.push_back(signal);
  }
  SimulationSettings settings{
      .engine = {.account = {.cash = Money::from_integer(1000), .type = trading::AccountType::kMargin},
                 .bracket = {.stop_loss = {.ratio = *Rate::parse("0.1")}}}};
  const Feed feed{&bars.data, bars.signals};
  const Simulation run = simulate(settings, {&feed, 1});
  const auto rows = decisions_to_enter(run, {"A"});
  std::int64_t closed = 0;
  std::int64_t open = 0;
  std::int64_t decisions = 0;
  Money profit;
  for (const ledger::RunTradeRow& row : rows) {
    closed += row.outcome == "closed" ? 1 : 0;
    open += row.outcome == "open" ? 1 : 0;
    decisions += row.decisions;
    if (row.outcome == "closed") profit += row.profit;
    RC_ASSERT(!row.entry_at || *row.entry_at > row.entry_signal);
    RC_ASSERT(!row.exit_at || *row.exit_at >= *row.entry_at);
  }
  Money wanted;
  for (const engine::Trade& trade : run.trades) wanted += trade.profit;
  RC_ASSERT(closed == std::ssize(run.trades));
  RC_ASSERT(open == std::ssize(run.open_positions));
  RC_ASSERT(profit == wanted);
  RC_ASSERT(decisions == std::ranges::count(run.orders, trading::Effect::kOpen, &trading::Order::effect));
}

data::SymbolData series(const char* symbol, int first_day, const std::vector<int>& closes) {
  data::SymbolData data;
  data.instrument.symbol = symbol;
  int number = first_day;
  for (const int close : closes) {
    const Price price = Price::from_integer(close);
    data.bars.push_back(
        {.key = day(number++), .open = price, .high = price, .low = price, .close = price, .volume = 1});
    data.factors.price.push_back(1);
  }
  return data;
}

BarHashes hashes_of(const data::SymbolData& data, bool yearly = false) {
  BarHashes hashes;
  hashes.add(data, yearly);
  return hashes;
}

TEST(BarHashes, ADifferenceCountsFromItsMonthOn) {
  std::vector<int> closes(800, 10);
  const data::SymbolData whole = series("A", -100, closes);
  closes[400] = 11;  // day 300: October 1970
  const data::SymbolData other = series("A", -100, closes);
  const BarHashes a = hashes_of(whole);
  const BarHashes b = hashes_of(other);
  EXPECT_TRUE(a.equal_until(a, "A", day(699)));
  EXPECT_TRUE(a.equal_until(b, "A", day(-90)));
  EXPECT_TRUE(a.equal_until(b, "A", day(272))) << "September";
  EXPECT_FALSE(a.equal_until(b, "A", day(273))) << "October";
  EXPECT_FALSE(a.equal_until(b, "A", std::numeric_limits<std::int64_t>::max())) << "and ever after";
  EXPECT_FALSE(a.equal_until(hashes_of(series("B", 0, closes)), "A", day(5)));
  const auto again = BarHashes::parse(a.to_json());
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_FALSE(again->equal_until(b, "A", day(273)));
  EXPECT_TRUE(again->equal_until(a, "A", day(699)));
  EXPECT_FALSE(BarHashes::parse("{}"));
  // Years are kept for many symbols, and compared with months by their ends.
  const BarHashes years = hashes_of(whole, true);
  EXPECT_TRUE(years.equal_until(a, "A", day(5)));
  EXPECT_TRUE(a.equal_until(years, "A", day(699)));
  EXPECT_FALSE(years.equal_until(b, "A", day(5))) << "the year holds the difference";
}

TEST(BarHashes, FactorsAndLaterStartsAreDifferences) {
  data::SymbolData data = series("A", 0, std::vector<int>(10, 10));
  const BarHashes a = hashes_of(data);
  data.factors.price[3] = 0.5;
  EXPECT_FALSE(a.equal_until(hashes_of(data), "A", day(9)));
  EXPECT_FALSE(a.equal_until(hashes_of(series("A", 1, std::vector<int>(9, 10))), "A", day(9)));
}

}  // namespace
}  // namespace argosy::runs

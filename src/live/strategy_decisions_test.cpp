// Signals bar by bar are those of a batch over all bars, bit for bit, wherever the history ends and live bars begin;
// and what a position is left by.
#include "live/strategy_decisions.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "core/rng.hpp"
#include "data/symbol_data.hpp"
#include "live/strategy_makers.hpp"
#include "strategy/confidence.hpp"

namespace argosy::live {
namespace {

using core::Price;
using core::Quantity;
using market::Timeframe;
using trading::OrderReason;

const market::Calendar& new_york() { return **market::find_calendar("XNYS"); }

core::Timestamp closing_of(const data::SymbolData& symbol, std::size_t row) {
  return new_york().closing_instant(symbol.bars.key[row], symbol.timeframe);
}

void set_factors(data::SymbolData& symbol) {
  symbol.anchor = symbol.bars.key[5];
  symbol.factors = *market::adjustment_factors(symbol.bars.key, symbol.bars.close, symbol.actions, symbol.anchor,
                                               symbol.timeframe, new_york());
}

// A random walk of daily bars, some missing, with splits and dividends.
data::SymbolData make_symbol(const std::string& name, std::uint64_t seed, int days) {
  core::Rng rng(seed);
  data::SymbolData out;
  out.instrument = {.symbol = name, .exchange = "XNYS", .sector = "Technology"};
  double price = 100;
  core::Date date = core::Date::from_ymd(2020, 1, 2);
  for (int i = 0; i < days; ++i, date = date.plus_days(1)) {
    if (!new_york().session(date) || rng.below(20) == 0) continue;
    const double open = price;
    price *= 1 + 0.03 * (rng.uniform() - 0.49);
    const auto decimal = [](double value) { return *Price::from_double(std::round(value * 100) / 100); };
    out.bars.push_back({.key = market::date_key(date),
                        .open = decimal(open),
                        .high = decimal(std::max(open, price) * 1.005),
                        .low = decimal(std::min(open, price) * 0.995),
                        .close = decimal(price),
                        .volume = static_cast<double>(1 + rng.below(1'000'000))});
    if (rng.below(60) == 0)
      out.actions.push_back({.ex_date = date.plus_days(1), .amount = Price::from_units(250'000'000)});
    if (rng.below(150) == 0)
      out.actions.push_back(
          {.ex_date = date.plus_days(1), .kind = market::ActionKind::kSplit, .numerator = 3, .denominator = 2});
  }
  market::order_actions(out.actions);
  set_factors(out);
  return out;
}

data::SymbolData first_rows(data::SymbolData symbol, std::size_t rows) {
  market::BarColumns bars;
  for (std::size_t i = 0; i < rows; ++i) bars.push_back(symbol.bars.at(i));
  symbol.bars = std::move(bars);
  symbol.factors.price.resize(rows);
  symbol.factors.split.resize(rows);
  return symbol;
}

strategy::StrategyFile parse(const std::string& text) {
  auto file = strategy::parse_strategy(text, "test.yaml");
  if (!file) throw core::ErrorException(file.error());
  return *file;
}

// All rows at once, by the program runner.
strategy::Signals batch(const strategy::StrategyFile& file, const std::vector<data::SymbolData>& symbols) {
  const auto compiled = *strategy::compile_strategy(file);
  const formula::RowSource source = [&](const formula::RowContext& context, std::string_view entity,
                                        std::span<const std::string> fields) -> core::Result<formula::ProgramRows> {
    const auto symbol = std::ranges::find(symbols, entity, [](const auto& each) { return each.instrument.symbol; });
    const data::SymbolRows rows =
        context.timeframe.empty()
            ? *data::make_rows(*symbol, fields, data::PriceMode::kAdjusted)
            : *data::make_rows(*symbol, fields, data::PriceMode::kAdjusted, *Timeframe::parse(context.timeframe));
    return formula::ProgramRows{
        .keys = rows.keys, .closing = rows.closing, .columns = rows.columns, .sector = "", .left_out = {}};
  };
  const std::vector<std::string> entities{symbols.front().instrument.symbol};
  auto result = formula::run_program(compiled.program, entities, source);
  strategy::Signals out = strategy::to_signals(compiled, std::move(result->front().outputs));
  const strategy::ConstantConfidence confidence;
  (void)strategy::keep_confident(confidence, compiled, file.minimum_confidence, entities.front(),
                                 symbols.front().bars.key, out);
  return out;
}

void expect_same(const strategy::Signals& a, const strategy::Signals& b) {
  EXPECT_EQ(a.bits, b.bits);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    ASSERT_EQ(a.columns[c].size(), b.columns[c].size());
    for (std::size_t i = 0; i < a.columns[c].size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(a.columns[c][i]), std::bit_cast<std::uint64_t>(b.columns[c][i]))
          << "column " << c << ", row " << i;
  }
}

const char* const kCross = R"(
name: cross
buy: cross_above(sma(close, 5), sma(close, 20))
sell: cross_below(sma(close, 5), sma(close, 20)) or profit_pct < -4% or bars_held >= 15
)";
const char* const kVotes = R"(
name: votes
let:
  score: '(close > ema(close, 30) ? 1 : 0) * 0.5 + clip((rsi(close) - 30) / 80, 0, 0.5)'
buy: score > score[1]
sell: score < 0.3
confidence: score
minimum_confidence: 0.6
size: {percent: 100 * confidence}
stop_loss: {distance: 2 * atr(14)}
take_profit: 12%
trailing_stop: {distance: 4 * atr(14)}
)";
const char* const kWeeks = R"(
name: weeks
buy: close > on("1w", sma(close, 4)) and month < 12
sell: close < on("1mo", close[1]) or volume > 3 * sma(volume, 20)
)";
const char* const kOther = R"(
name: other
buy: close / of("IBM", close) > sma(close / of("IBM", close), 10) and of("IBM", on("1w", close)) > 10
sell: close / of("IBM", close) < sma(close / of("IBM", close), 10)
)";

TEST(StrategyDecisions, signals_are_those_of_a_batch_bit_for_bit) {
  for (const char* text : {kCross, kVotes, kWeeks, kOther}) {
    const strategy::StrategyFile file = parse(text);
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      SCOPED_TRACE(file.name + ", seed " + std::to_string(seed));
      std::vector<data::SymbolData> symbols{make_symbol("AAPL", seed, 500)};
      if (text == kOther) symbols.push_back(make_symbol("IBM", seed + 100, 500));
      const strategy::Signals expected = batch(file, symbols);
      ASSERT_GT(std::ranges::count(expected.bits, strategy::kBuy), 3);
      for (const std::size_t known : {std::size_t{0}, std::size_t{1}, std::size_t{200}, symbols[0].bars.size() - 1}) {
        SCOPED_TRACE("history of " + std::to_string(known));
        std::vector<data::SymbolData> history;
        for (const data::SymbolData& each : symbols) {
          // All histories end at one moment.
          const std::int64_t end = known == 0 ? INT64_MIN : symbols[0].bars.key[known - 1];
          history.push_back(first_rows(
              each, static_cast<std::size_t>(std::ranges::upper_bound(each.bars.key, end) - each.bars.key.begin())));
          // Without a history the first live bar is the anchor.
          if (known == 0) history.back().anchor = 0;
          // Once, those that are still to come are told on their day.
          if (known == 200)
            std::erase_if(history.back().actions, [&](const market::CorporateAction& action) {
              return market::ex_key(action.ex_date, each.timeframe, new_york()) > end;
            });
        }
        if (known == 0) {
          for (data::SymbolData& each : symbols) {
            each.anchor = each.bars.key.front();
            each.factors = *market::adjustment_factors(each.bars.key, each.bars.close, each.actions, each.anchor,
                                                       each.timeframe, new_york());
          }
        } else {
          for (data::SymbolData& each : symbols) set_factors(each);
        }
        auto maker = *StrategyDecisions::make(file, history);
        // The rest as it closes, of both symbols in the order of time.
        std::vector<std::tuple<core::Timestamp, std::size_t, std::size_t>> rest;
        for (std::size_t s = 0; s < symbols.size(); ++s) {
          for (std::size_t i = history[s].bars.size(); i < symbols[s].bars.size(); ++i)
            rest.emplace_back(closing_of(symbols[s], i), s, i);
        }
        std::ranges::sort(rest);
        for (std::size_t k = 0; k < rest.size(); ++k) {
          const auto& [closing, s, i] = rest[k];
          for (const market::CorporateAction& action : symbols[s].actions) {
            if (market::ex_key(action.ex_date, symbols[s].timeframe, new_york()) <= symbols[s].bars.key[i])
              maker->take_action(symbols[s].instrument.symbol, action);
          }
          maker->add(symbols[s].instrument.symbol, symbols[s].bars.at(i));
          maker->add(symbols[s].instrument.symbol, symbols[s].bars.at(i));  // twice is once
          if (k + 1 == rest.size() || std::get<0>(rest[k + 1]) != closing) maker->advance(closing);
        }
        EXPECT_EQ(maker->keys(), symbols[0].bars.key);
        expect_same(maker->signals(), known == 0 ? batch(file, symbols) : expected);
      }
    }
  }
}

// A maker over bars that close at these prices, one a session from 2024-07-08.
struct Played {
  std::unique_ptr<StrategyDecisions> maker;
  data::SymbolData symbol;

  Played(const std::string& text, const std::vector<int>& closes) {
    symbol.instrument = {.symbol = "A", .exchange = "XNYS"};
    maker = *StrategyDecisions::make(parse(text), {symbol});
    for (const int close : closes) add(close);
  }
  void add(int close) {
    const Price price = Price::from_integer(close);
    const auto date = symbol.bars.empty() ? core::Date::from_ymd(2024, 7, 8)
                                          : new_york().next_session(market::key_date(symbol.bars.key.back()));
    symbol.bars.push_back({.key = market::date_key(date), .open = price, .high = price, .low = price, .close = price});
    maker->add("A", symbol.bars.at(symbol.bars.size() - 1));
    maker->advance(closing());
  }
  [[nodiscard]] core::Timestamp closing() const { return closing_of(symbol, symbol.bars.size() - 1); }
  DecisionAnswer ask(Question what, int paid = 0, core::Timestamp at = {}) const {
    return maker->decide({.service_id = 7,
                          .symbol = "A",
                          .what = what,
                          .time = {},
                          .quote = {},
                          .purchase_price = Price::from_integer(paid),
                          .shares = Quantity::from_integer(paid == 0 ? 0 : 10),
                          .purchased_at = at});
  }
};

TEST(StrategyDecisions, buys_at_a_signal_of_the_last_bar_alone) {
  Played played("name: s\nbuy: close > 10\nsell: close < 5\n", {});
  EXPECT_FALSE(played.ask(Question::kBuy).yes);
  EXPECT_EQ(played.ask(Question::kBuy).reason, "no bar is complete");
  played.add(11);
  EXPECT_TRUE(played.ask(Question::kBuy).yes);
  EXPECT_EQ(played.ask(Question::kBuy).confidence, 100);
  played.add(9);
  EXPECT_FALSE(played.ask(Question::kBuy).yes);
  EXPECT_EQ(played.maker->timeframe(), Timeframe());
}

TEST(StrategyDecisions, leaves_a_position_at_any_bar_since_its_purchase) {
  Played played("name: s\nbuy: close > 10\nsell: close < 5\n", {4, 11});
  const core::Timestamp bought = played.closing() + std::chrono::hours(17);
  EXPECT_FALSE(played.ask(Question::kSell, 11, bought).yes) << "the fall was before the purchase";
  played.add(4);
  EXPECT_TRUE(played.ask(Question::kSell, 11, bought).yes);
  played.add(12);
  EXPECT_TRUE(played.ask(Question::kSell, 11, bought).yes) << "nobody could be asked at the bar that said so";
  // A new start finds the same.
  Played again("name: s\nbuy: close > 10\nsell: close < 5\n", {4, 11, 4, 12});
  EXPECT_TRUE(again.ask(Question::kSell, 11, bought).yes);
  // The next purchase begins anew.
  EXPECT_TRUE(played.ask(Question::kBuy).yes);
  EXPECT_FALSE(played.ask(Question::kSell, 12, played.closing() + std::chrono::hours(17)).yes);
}

TEST(StrategyDecisions, exits_know_the_position) {
  const std::string text = "name: s\nbuy: close > 10\nsell: profit_pct < -10% or bars_held >= 3\n";
  Played played(text, {20});
  const core::Timestamp bought = played.closing() + std::chrono::hours(17);
  played.add(19);
  EXPECT_FALSE(played.ask(Question::kSell, 20, bought).yes);
  played.add(17);
  EXPECT_TRUE(played.ask(Question::kSell, 20, bought).yes);
  Played patient(text, {20});
  for (int bar = 0; bar < 3; ++bar) {
    patient.add(20);
    EXPECT_FALSE(patient.ask(Question::kSell, 20, bought).yes) << bar;
  }
  patient.add(20);
  EXPECT_TRUE(patient.ask(Question::kSell, 20, bought).yes);
}

TEST(StrategyDecisions, holds_for_so_many_bars_at_most) {
  Played played("name: s\nbuy: close > 10\nsell: close < 1\nmax_bars: 2\n", {20});
  const core::Timestamp bought = played.closing() + std::chrono::hours(17);
  played.add(21);
  EXPECT_FALSE(played.ask(Question::kSell, 20, bought).yes);
  played.add(22);
  const DecisionAnswer answer = played.ask(Question::kSell, 20, bought);
  EXPECT_TRUE(answer.yes);
  EXPECT_EQ(answer.exit, OrderReason::kMaxBars);
}

TEST(StrategyDecisions, levels_are_those_of_the_bar_that_decided) {
  Played played(
      "name: s\nbuy: close > 10\nsell: close < 1\nstop_loss: {distance: close / 10}\ntake_profit: 25%\n"
      "trailing_stop: {distance: close / 5}\n",
      {50, 100});
  const core::Timestamp bought = played.closing() + std::chrono::hours(17);
  played.add(140);
  played.add(130);
  const ExitLevels levels = played.maker->levels({.service_id = 7,
                                                  .symbol = "A",
                                                  .what = Question::kSell,
                                                  .time = played.closing(),
                                                  .quote = {},
                                                  .purchase_price = Price::from_integer(104),
                                                  .shares = Quantity::from_integer(1),
                                                  .purchased_at = bought});
  EXPECT_EQ(levels.stop_loss, Price::from_integer(94));
  EXPECT_EQ(levels.take_profit, Price::from_integer(130));
  EXPECT_EQ(levels.trail, Price::from_integer(20));
  EXPECT_EQ(levels.highest, Price::from_integer(130)) << "the bar of the purchase may have been higher before it";
}

TEST(StrategyDecisions, entries_have_their_kind_price_and_share) {
  const Played limit(
      "name: s\nbuy: close > 10\nsell: close < 1\norder: {type: limit, limit_offset: 1%}\nsize: {percent: 40}\n",
      {200});
  const EntryWish wish = limit.ask(Question::kBuy).entry;
  EXPECT_EQ(wish.kind, trading::OrderKind::kLimit);
  EXPECT_EQ(wish.limit, Price::from_integer(198));
  EXPECT_EQ(wish.share.to_string(), "0.4");
  const Played stop(
      "name: s\nbuy: close > 10\nsell: close < 1\norder: {type: stop, stop: close + 5}\nsize: {percent: close / 4}\n",
      {200});
  EXPECT_EQ(stop.ask(Question::kBuy).entry.stop, Price::from_integer(205));
  EXPECT_EQ(stop.ask(Question::kBuy).entry.share.to_string(), "0.5");
}

TEST(StrategyDecisions, refuses_what_no_service_can_do) {
  for (const auto& [text, why] : {
           std::pair("name: s\nbuy: close > 10\nsell: close < 1\nshort: close < 5\ncover: close > 6\naccount: margin\n",
                     "sells short"),
           std::pair("name: s\nbuy: cs_rank(close) > 0.5\nsell: close < 1\n", "compares many symbols"),
           std::pair("name: s\nbuy: close > 10\nsell: close < 1\ntimeframe: 1w\n", "longer than a day"),
       }) {
    data::SymbolData symbol;
    symbol.instrument = {.symbol = "A", .exchange = "XNYS"};
    const auto made = StrategyDecisions::make(parse(text), {symbol});
    ASSERT_FALSE(made.has_value()) << text;
    EXPECT_NE(made.error().message.find(why), std::string::npos) << made.error().message;
    EXPECT_FALSE(made.error().hint.empty());
  }
}

// What closes between the reading of a history and the taking in of its maker is not lost.
TEST(StrategyMakers, a_maker_that_was_prepared_misses_no_bar) {
  const data::SymbolData all = make_symbol("AAPL", 5, 200);
  std::size_t stored = 100;
  std::vector<std::string> wanted;
  StrategyMakers makers({.load = [](const std::string& name) -> core::Result<strategy::StrategyFile> {
                           return parse(name == "votes" ? kVotes : kCross);
                         },
                         .history = [&](const std::string&, Timeframe) -> core::Result<data::SymbolData> {
                           return first_rows(all, stored);
                         },
                         .want = [&](const std::string& symbol,
                                     Timeframe timeframe) { wanted.push_back(symbol + " " + timeframe.to_string()); }});
  const auto close = [&](std::size_t row) {
    const LiveBar bar{.instrument_id = 1,
                      .symbol = "AAPL",
                      .timeframe = Timeframe(),
                      .bar = all.bars.at(row),
                      .closing = closing_of(all, row)};
    makers.add(std::span(&bar, 1));
  };
  ASSERT_TRUE(makers.find("cross", "AAPL").has_value());
  EXPECT_EQ(wanted, (std::vector<std::string>{"AAPL 1d"}));
  close(100);
  ASSERT_TRUE(makers.prepare("votes", "AAPL").has_value());  // its history ends at row 99
  close(101);
  ASSERT_TRUE(makers.find("votes", "AAPL").has_value());
  close(102);
  for (const char* name : {"cross", "votes"}) {
    const StrategyDecisions* maker = makers.maker(name, "AAPL");
    ASSERT_NE(maker, nullptr);
    EXPECT_EQ(maker->keys(), first_rows(all, 103).bars.key) << name;
    expect_same(maker->signals(), batch(maker->file(), {first_rows(all, 103)}));
  }
  EXPECT_EQ(wanted.size(), 1U) << "one series is wanted once";
}

}  // namespace
}  // namespace argosy::live

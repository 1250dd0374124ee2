// The proof of the kernel: on random settings and series it gives what the core gives, to the last unit. Each branch of
// it must have been taken, many times.
#include "sweep/kernel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"
#include "core/rng.hpp"
#include "strategy/signals.hpp"

namespace argosy::sweep {
namespace {

using backtest::Feed;
using backtest::Simulation;
using backtest::SimulationSettings;
using core::Price;
using core::Rate;
using core::Rng;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARGOSY_SLOW_BUILD 1
#endif
#endif
#ifdef ARGOSY_SLOW_BUILD
constexpr std::size_t kSeries = 250;
#else
constexpr std::size_t kSeries = 5'000;
#endif
constexpr std::size_t kSettingsPerSeries = 20;  // so that 100,000 pairs are compared

std::int64_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(high - low + 1)));
}
template <class T>
T one_of(Rng& rng, std::initializer_list<T> choices) {
  return *(choices.begin() + rng.below(choices.size()));
}
bool happens(Rng& rng, double chance) { return rng.uniform() < chance; }
Rate share(Rng& rng, double least, double most) { return *Rate::from_double(least + rng.uniform() * (most - least)); }

// A split of 1:1000 is drawn at most once, and of no high price: the core stops where prices leave what 64 bits hold.
market::CorporateAction draw_action(Rng& rng, core::Date date, Price price, bool first) {
  if (happens(rng, 0.5)) {
    const auto amount = core::multiply(price, share(rng, 0.0001, 0.05), core::Rounding::kHalfEven);
    return {.ex_date = date, .amount = std::max(amount, Price::from_units(1))};
  }
  const auto [numerator, denominator] =
      one_of<std::pair<int, int>>(rng, {{2, 1},
                                        {3, 1},
                                        {3, 2},
                                        {7, 1},
                                        {1, 2},
                                        {2, 3},
                                        {1, 3},
                                        {1, first && price < Price::from_integer(10'000) ? 1000 : 2}});
  return {.ex_date = date, .kind = market::ActionKind::kSplit, .numerator = numerator, .denominator = denominator};
}

// A walk of any scale, with gaps between bars, bars that do not trade, quiet stretches, splits and dividends.
data::SymbolData draw_series(Rng& rng) {
  data::SymbolData out;
  const bool daily = happens(rng, 0.7);
  out.timeframe = *market::Timeframe::parse(daily ? "1d" : "1h");
  out.instrument.symbol = "WALK";
  out.instrument.exchange = happens(rng, 0.5) ? "XNYS" : "24/7";
  out.instrument.fractional = happens(rng, 0.2);
  out.instrument.tick = Price::from_units(one_of<std::int64_t>(rng, {10'000'000, 10'000'000, 100'000, 1'000'000'000}));
  out.instrument.lot = core::Quantity::from_units(one_of<std::int64_t>(rng, {1, 1, 1, 100}) * 1'000'000'000);
  const bool on_tick = happens(rng, 0.7);
  const double least = out.instrument.tick.to_double();
  const double first = one_of(rng, {0.02, 0.7, 12.0, 130.0, 4'000.0, 300'000.0});
  double close = first;
  const double wildness = one_of(rng, {0.0005, 0.005, 0.02, 0.1});
  const double gaps = one_of(rng, {0.0, 0.3, 2.0});
  const double idle = one_of(rng, {0.0, 0.0, 0.05, 0.5});
  const auto count = static_cast<std::size_t>(between(rng, 20, happens(rng, 0.2) ? 400 : 120));
  const auto exact = [&](double value) {
    const Price price = *Price::from_double(std::max(value, least));
    return on_tick ? trading::to_tick(price, out.instrument.tick, core::Rounding::kFloor) : price;
  };
  const core::Date start = core::Date::from_ymd(2019, 12, 2);
  for (std::size_t i = 0; i < count; ++i) {
    const double open = close * std::exp(wildness * gaps * rng.normal());
    close = std::clamp(open * std::exp(wildness * rng.normal()), first / 20, first * 20);
    const double high = std::max(open, close) * (1 + wildness * rng.uniform() * rng.uniform());
    const double low = std::min(open, close) * (1 - wildness * rng.uniform() * rng.uniform());
    const std::int64_t key = daily ? market::date_key(start.plus_days(static_cast<int>(i)))
                                   : market::date_key(start) + static_cast<std::int64_t>(i) * 3'600'000'000'000;
    out.bars.push_back({.key = key,
                        .open = exact(open),
                        .high = std::max({exact(high), exact(open), exact(close)}),
                        .low = std::min({exact(low), exact(open), exact(close)}),
                        .close = exact(close),
                        .volume = happens(rng, idle) ? 0.0 : 1'000.0});
  }
  const std::int64_t actions = happens(rng, 0.5) ? between(rng, 1, 5) : 0;
  for (std::int64_t k = 0; k < actions; ++k) {
    const auto row = rng.below(count);
    out.actions.push_back(draw_action(rng, market::key_date(out.bars.key[row]), out.bars.close[row], k == 0));
  }
  market::order_actions(out.actions);
  return out;
}

trading::FeeSchedule draw_fees(Rng& rng) {
  switch (rng.below(5)) {
    case 0:
      return {};
    case 1:
      return trading::FeeSchedule::percent(share(rng, 0.00001, 0.01));
    case 2:
      return trading::FeeSchedule::percent(share(rng, 0.01, 0.3));
    case 3:
      return {"shares", "", {{.name = "commission", .rates = {{.per_share = Price::from_units(5'000'000)}}}}};
    default: {
      trading::FeeItem item{.name = "commission",
                            .rounding = trading::FeeRounding::kCentUp,
                            .rates = {{.ratio = share(rng, 0, 0.002), .minimum = core::Money::from_integer(1)}}};
      trading::FeeRate later = item.rates[0];
      later.from = core::Date::from_ymd(2020, 1, 5);
      later.fixed = core::Money::from_units(350'000);
      item.rates.push_back(later);
      trading::FeeItem levy{.name = "levy", .on_buy = false, .rates = {{.ratio = share(rng, 0, 0.001)}}};
      return {"broker", "", {item, levy}};
    }
  }
}

struct Drawn {
  KernelSettings settings;
  trading::FeeSchedule fees;
  std::vector<std::uint8_t> signals;
  std::vector<std::uint64_t> enter;
  std::vector<std::uint64_t> leave;
};

void draw_signals(Rng& rng, std::size_t rows, Drawn& out) {
  const double buys = one_of(rng, {0.02, 0.1, 0.5, 1.0});
  const double sells = one_of(rng, {0.0, 0.01, 0.05, 0.3});
  out.enter.assign(words_of(rows), 0);
  out.leave.assign(words_of(rows), 0);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool buy = happens(rng, buys);
    const bool sell = happens(rng, sells);
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    if (buy && !sell) out.enter[row / 64] |= bit;
    if (sell) out.leave[row / 64] |= bit;
    out.signals.push_back(static_cast<std::uint8_t>((buy ? strategy::kBuy : 0) | (sell ? strategy::kSell : 0)));
  }
}

Drawn draw_setting(Rng& rng, const data::SymbolData& series) {
  Drawn out;
  const double price = series.bars.close[0].to_double();
  out.fees = draw_fees(rng);
  // From less than a lot to what the risk gate refuses; splits must not make more of it than 64 bits hold.
  const double lots = one_of(rng, {0.5, 1.3, 30.0, 2'000.0, 1e5, series.actions.empty() ? 3e8 : 300.0});
  out.settings.cash = *core::Money::from_double(std::clamp(price * lots * (0.9 + 0.2 * rng.uniform()), 0.01, 5e9));
  trading::Sizing& size = out.settings.size;
  size.kind = one_of(rng, {trading::SizeKind::kShares, trading::SizeKind::kCash, trading::SizeKind::kPercent});
  size.fraction = happens(rng, 0.4) ? Rate::from_integer(1) : share(rng, 0.01, 1.2);
  size.cash = core::multiply(out.settings.cash, share(rng, 0.05, 1.1), core::Rounding::kFloor);
  size.shares = *core::Quantity::from_double(std::min(lots * (0.1 + rng.uniform()), 4.5e9));
  // Of a formula that is a constant: shares, cash or a percentage.
  size.by_formula = happens(rng, 0.2);
  out.settings.size_value = size.kind == trading::SizeKind::kShares ? size.shares.to_double()
                            : size.kind == trading::SizeKind::kCash ? size.cash.to_double()
                                                                    : size.fraction.to_double() * 100;
  trading::Bracket& bracket = out.settings.bracket;
  const double wide = one_of(rng, {0.002, 0.02, 0.1, 0.5});
  if (happens(rng, 0.5)) bracket.stop_loss.ratio = share(rng, 1e-9, wide);
  if (happens(rng, 0.5)) bracket.take_profit.ratio = share(rng, 1e-9, happens(rng, 0.1) ? 90 : wide);
  if (happens(rng, 0.3)) bracket.trailing_stop.ratio = share(rng, 1e-9, wide);
  if (happens(rng, 0.3)) out.settings.max_bars = between(rng, 1, 15);
  draw_signals(rng, series.bars.size(), out);
  return out;
}

Simulation run_core(const data::SymbolData& series, const Drawn& drawn, bool corporate_actions) {
  SimulationSettings settings{.engine = {.account = {.cash = drawn.settings.cash, .currency = "USD"},
                                         .fees = drawn.fees,
                                         .size = drawn.settings.size,
                                         .bracket = drawn.settings.bracket,
                                         .max_bars = drawn.settings.max_bars},
                              .corporate_actions = corporate_actions};
  const std::vector<std::vector<double>> sizes{std::vector(series.bars.size(), drawn.settings.size_value)};
  if (drawn.settings.size.by_formula) settings.engine.columns[static_cast<std::size_t>(strategy::Role::kSize)] = 0;
  const Feed feed{.data = &series, .signals = drawn.signals, .columns = sizes};
  return simulate(settings, {&feed, 1});
}

std::string text_of(const engine::Trade& t) {
  return fmt::format("{} at {} to {} at {}, {} shares, fees {}, profit {}, dividends {}, {} to {}", t.entry_key,
                     t.entry_price.to_string(), t.exit_key, t.exit_price.to_string(), t.quantity.to_string(),
                     t.fees.to_string(), t.profit.to_string(), t.dividends.to_string(), to_string(t.entry_reason),
                     to_string(t.exit_reason));
}

void expect_equal(const KernelRun& kernel, const Simulation& core) {
  ASSERT_EQ(kernel.trades.size(), core.trades.size());
  for (std::size_t k = 0; k < core.trades.size(); ++k)
    ASSERT_EQ(text_of(kernel.trades[k]), text_of(core.trades[k])) << "trade " << k;
  ASSERT_EQ(kernel.equity, core.equity);
  ASSERT_EQ(kernel.final_equity, core.equity.back());
  ASSERT_EQ(kernel.final_cash, core.final_cash);
  ASSERT_EQ(kernel.fees, core.fees);
  ASSERT_EQ(kernel.dividends, core.dividends);
  ASSERT_EQ(kernel.invested, core.invested);
  ASSERT_EQ(kernel.is_open, !core.open_positions.empty());
}

TEST(Kernel, GivesWhatTheCoreGivesToTheLastUnit) {
  KernelCounts counts{};
  KernelRun run;
  std::size_t pairs = 0;
  for (std::size_t k = 0; k < kSeries; ++k) {
    Rng rng(k);
    const data::SymbolData series = draw_series(rng);
    const bool corporate_actions = !happens(rng, 0.1);
    const auto bars = KernelBars::make(series, corporate_actions);
    ASSERT_TRUE(bars.has_value()) << bars.error();
    for (std::size_t s = 0; s < kSettingsPerSeries; ++s, ++pairs) {
      SCOPED_TRACE(fmt::format("series {}, setting {}", k, s));
      const Drawn drawn = draw_setting(rng, series);
      KernelSettings settings = drawn.settings;
      settings.fees = &drawn.fees;
      const bool ran = run_kernel(*bars, settings, {.enter = drawn.enter, .leave = drawn.leave}, true, run, &counts);
      if (!ran) continue;
      expect_equal(run, run_core(series, drawn, corporate_actions));
      if (testing::Test::HasFatalFailure()) return;
      const auto final_equity = run.final_equity;
      ASSERT_TRUE(run_kernel(*bars, settings, {.enter = drawn.enter, .leave = drawn.leave}, false, run));
      ASSERT_EQ(run.final_equity, final_equity) << "with or without the equity of each bar";
    }
  }
  for (std::size_t event = 0; event < kKernelEventCount; ++event)
    EXPECT_GE(counts[event], static_cast<std::int64_t>(pairs / 1'000)) << "event " << event << " is hardly ever drawn";
  EXPECT_LT(counts[static_cast<std::size_t>(KernelEvent::kTooLarge)], static_cast<std::int64_t>(pairs / 4))
      << "too many are left to the core";
}

TEST(Kernel, SaysOverWhichBarsItCannotRun) {
  Rng rng(1);
  data::SymbolData series = draw_series(rng);
  series.actions.clear();
  const auto why = [](const data::SymbolData& data, bool corporate_actions = true) {
    const auto bars = KernelBars::make(data, corporate_actions);
    return bars ? std::string() : std::string(bars.error());
  };
  EXPECT_EQ(why(series), "");
  data::SymbolData delisted = series;
  delisted.actions = {{.ex_date = market::key_date(series.bars.key[9]), .kind = market::ActionKind::kDelisting}};
  EXPECT_EQ(why(delisted), "it was delisted");
  EXPECT_EQ(why(delisted, false), "") << "nobody looks at it";
  data::SymbolData spread = series;
  spread.instrument.may_be_negative = true;
  EXPECT_EQ(why(spread), "its prices may be negative");
  for (const auto column : {&market::BarColumns::low, &market::BarColumns::high}) {
    data::SymbolData odd = series;
    (odd.bars.*column)[7] = column == &market::BarColumns::low ? odd.bars.high[7] * 2 : Price::from_units(1);
    EXPECT_NE(why(odd), "");
  }
}

}  // namespace
}  // namespace argosy::sweep

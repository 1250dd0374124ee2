#include "feeds/simulated_market.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "core/hash.hpp"
#include "market/calendar.hpp"
#include "market/quality.hpp"

namespace argosy::feeds {
namespace {

using market::BarColumns;

market::Timeframe timeframe(const char* text) { return *market::Timeframe::parse(text); }

SimulatedMarket make(const SimulatedMarketSettings& settings) {
  auto market = SimulatedMarket::make(settings);
  if (!market) throw core::ErrorException(market.error());
  return *std::move(market);
}

std::string hash_of(const SimulatedMarketSettings& settings) {
  const SimulatedMarket market = make(settings);
  core::Hasher hasher;
  for (std::size_t i = 0; i < market.instruments().size(); ++i) {
    const auto [actions, bars] = market.history(i);
    hasher.update(market.instruments()[i].symbol + market.instruments()[i].name + market.instruments()[i].sector);
    hasher.update_values(std::span(bars.key));
    for (const auto* prices : {&bars.open, &bars.high, &bars.low, &bars.close})
      hasher.update_values(std::span(*prices));
    hasher.update_values(std::span(bars.volume));
    for (const auto& action : actions)
      hasher.update(fmt::format("{} {} {} {} {}\n", action.ex_date.to_string(), market::to_string(action.kind),
                                action.numerator, action.denominator, action.amount.to_string()));
  }
  return hasher.finish();
}

bool begins_with(const SimulatedHistory& longer, const SimulatedHistory& shorter) {
  if (shorter.bars.size() > longer.bars.size() || shorter.actions.size() > longer.actions.size()) return false;
  for (std::size_t i = 0; i < shorter.bars.size(); ++i) {
    if (!(shorter.bars.at(i) == longer.bars.at(i))) return false;
  }
  return std::equal(shorter.actions.begin(), shorter.actions.end(), longer.actions.begin());
}

bool same(const SimulatedHistory& a, const SimulatedHistory& b) { return begins_with(a, b) && begins_with(b, a); }

// Bars that begin on one date of the exchange's clock as one.
std::map<core::Date, market::Bar> by_day(const BarColumns& bars, const market::Calendar& calendar) {
  std::map<core::Date, market::Bar> days;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const core::Date date = calendar.local_date(market::key_instant(bars.key[i]));
    const auto [day, is_new] = days.try_emplace(date, bars.at(i));
    if (is_new) {
      day->second.key = market::date_key(date);
      continue;
    }
    day->second.high = std::max(day->second.high, bars.high[i]);
    day->second.low = std::min(day->second.low, bars.low[i]);
    day->second.close = bars.close[i];
    day->second.volume += bars.volume[i];
  }
  return days;
}

// --- The bytes. ---

// Both presets and every processor must come to these.
TEST(SimulatedMarket, golden_bytes) {
  EXPECT_EQ(hash_of({.seed = 7, .symbols = 5, .days = 700}),
            "af45059bf7246e78c2aa25c9f478460b1cdc2066e00f9949d8791693b7e877af");
  EXPECT_EQ(hash_of({.seed = 7, .symbols = 3, .days = 5, .timeframe = timeframe("1m")}),
            "2c16859f093d579c7ba9c6f37caa1f68040c05dc9a1848e5da78d9a845ff6a7a");
  EXPECT_EQ(hash_of({.seed = 1, .symbols = 2, .days = 30, .exchange = "24/7", .timeframe = timeframe("4h")}),
            "9b046e973011b8f222797861b9f6a408aef9ddc9d1d61c75fc38a6426f3b4277");
}

TEST(SimulatedMarket, another_seed_gives_another_market) {
  EXPECT_NE(hash_of({.seed = 1, .days = 5}), hash_of({.seed = 2, .days = 5}));
}

TEST(SimulatedMarket, a_symbol_is_the_same_whatever_is_asked_beside_it) {
  const SimulatedMarket small = make({.seed = 3, .symbols = 4, .days = 600});
  const SimulatedMarket more_symbols = make({.seed = 3, .symbols = 40, .days = 600});
  const SimulatedMarket more_days = make({.seed = 3, .symbols = 4, .days = 1'500});
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(same(small.history(i), more_symbols.history(i))) << i;
    EXPECT_TRUE(begins_with(more_days.history(i), small.history(i))) << i;
    EXPECT_FALSE(same(small.history(i), small.history((i + 1) % 4))) << i;
  }
}

TEST(SimulatedMarket, minutes_of_more_days_begin_with_those_of_fewer) {
  const SimulatedMarket longer = make({.seed = 3, .days = 6, .timeframe = timeframe("1m")});
  const SimulatedMarket shorter = make({.seed = 3, .symbols = 2, .days = 3, .timeframe = timeframe("1m")});
  EXPECT_EQ(shorter.history(0).bars.size(), 3U * 390);
  EXPECT_TRUE(begins_with(longer.history(0), shorter.history(0)));
}

TEST(SimulatedMarket, another_start_moves_the_same_bars) {
  const SimulatedHistory a = make({.days = 10}).history(0);
  const SimulatedHistory b = make({.days = 10, .start = core::Date::from_ymd(2020, 3, 7)}).history(0);
  EXPECT_EQ(a.bars.close, b.bars.close);
  EXPECT_EQ(market::format_key(b.bars.key.front(), {}), "2020-03-09");  // a Monday
  EXPECT_EQ(market::format_key(a.bars.key.front(), {}), "2015-01-02");
}

// --- Exactness. ---

RC_GTEST_PROP(SimulatedMarket, bars_are_possible_and_the_days_are_made_of_their_parts, ()) {
  SimulatedMarketSettings settings;
  settings.seed = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  settings.symbols = 2;
  settings.days = 6;
  // The week of Thanksgiving has a half session.
  settings.start = *rc::gen::element(core::Date::from_ymd(2015, 11, 20), core::Date::from_ymd(2024, 3, 1));
  settings.exchange = *rc::gen::element<std::string>("XNYS", "24/7");
  settings.tick = core::Price::from_units(*rc::gen::element<std::int64_t>(10'000'000, 50'000'000, 1'000'000'000, 100));
  settings.base_price = settings.tick * *rc::gen::element<std::int64_t>(1, 7, 500, 5'000);
  settings.volatility = *rc::gen::element(0.01, 0.3, 3.0);
  settings.volume = *rc::gen::element(1'000.0, 1e6, 1e12);
  const SimulatedMarket daily = make(settings);
  settings.timeframe = timeframe(*rc::gen::element("1m", "5m", "30m", "1h", "4h", "12h"));
  const SimulatedMarket parts = make(settings);
  const market::Calendar& calendar = **market::find_calendar(settings.exchange);
  for (std::size_t symbol = 0; symbol < 2; ++symbol) {
    const SimulatedHistory days = daily.history(symbol);
    const SimulatedHistory bars = parts.history(symbol);
    RC_ASSERT(bars.actions == days.actions);
    RC_ASSERT(static_cast<std::int64_t>(bars.bars.size()) == parts.bars_per_symbol());
    for (const auto* history : {&days, &bars}) {
      for (std::size_t i = 0; i < history->bars.size(); ++i) {
        const market::Bar bar = history->bars.at(i);
        RC_ASSERT(!market::find_impossible(bar, parts.instruments()[symbol]));
        RC_ASSERT(bar.high >= std::max(bar.open, bar.close) && bar.low <= std::min(bar.open, bar.close));
        RC_ASSERT(bar.low >= settings.tick && bar.volume >= 1 && bar.volume == std::floor(bar.volume));
        for (const core::Price price : {bar.open, bar.high, bar.low, bar.close})
          RC_ASSERT(price.units() % settings.tick.units() == 0);
        RC_ASSERT(bar.source == market::PriceSource::kSimulated);
        if (i > 0) RC_ASSERT(history->bars.key[i - 1] < bar.key);
      }
    }
    const auto joined = by_day(bars.bars, calendar);
    RC_ASSERT(joined.size() == days.bars.size());
    for (std::size_t i = 0; i < days.bars.size(); ++i)
      RC_ASSERT(joined.at(market::key_date(days.bars.key[i])) == days.bars.at(i));
  }
}

TEST(SimulatedMarket, half_days_have_fewer_minutes_and_no_session_is_missing) {
  const SimulatedMarket market =
      make({.symbols = 1, .days = 10, .start = core::Date::from_ymd(2015, 11, 23), .timeframe = timeframe("1m")});
  const SimulatedHistory history = market.history(0);
  EXPECT_EQ(history.bars.size(), 9U * 390 + 210);
  const market::Calendar& calendar = **market::find_calendar("XNYS");
  for (const auto& finding : market::find_odd(history.bars, timeframe("1m"), calendar, history.actions, {})) {
    EXPECT_NE(finding.rule, market::QualityRule::kGap) << finding.detail;
    EXPECT_NE(finding.rule, market::QualityRule::kOutsideSession) << finding.detail;
  }
}

// Hours begin where formulas let them begin, at whole hours of UTC.
TEST(SimulatedMarket, hours_are_cut_as_formulas_cut_them) {
  const SimulatedHistory history = make({.days = 1, .timeframe = timeframe("1h")}).history(0);
  ASSERT_EQ(history.bars.size(), 7U);
  EXPECT_EQ(market::format_key(history.bars.key.front(), timeframe("1h")), "2015-01-02T14:00:00Z");
  EXPECT_EQ(market::format_key(history.bars.key.back(), timeframe("1h")), "2015-01-02T20:00:00Z");
}

// --- What is asked for is what comes out. ---

struct Series {
  std::vector<double> returns;  // of the logarithm, dividends and splits taken out
  std::vector<double> volume;

  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double x : returns) sum += x;
    return sum / static_cast<double>(returns.size());
  }
  [[nodiscard]] double moment(int power) const {
    double sum = 0;
    for (const double x : returns) sum += std::pow(x - average, power);
    return sum / static_cast<double>(returns.size());
  }
  [[nodiscard]] double deviation() const { return std::sqrt(moment(2)); }
  [[nodiscard]] double kurtosis() const { return moment(4) / (moment(2) * moment(2)); }
  double average = 0;
};

Series series_of(const SimulatedHistory& history) {
  const auto factors =
      market::adjustment_factors(history.bars.key, history.bars.close, history.actions, history.bars.key.front());
  if (!factors) throw core::ErrorException(factors.error());
  Series series;
  for (std::size_t i = 1; i < history.bars.size(); ++i) {
    const double before = history.bars.close[i - 1].to_double() * factors->price[i - 1];
    series.returns.push_back(std::log(history.bars.close[i].to_double() * factors->price[i] / before));
    series.volume.push_back(history.bars.volume[i] / factors->split[i]);
  }
  series.average = series.mean();
  return series;
}

std::vector<Series> all_series(const SimulatedMarketSettings& settings) {
  const SimulatedMarket market = make(settings);
  std::vector<Series> all;
  for (std::size_t i = 0; i < market.instruments().size(); ++i) all.push_back(series_of(market.history(i)));
  return all;
}

double mean_of(const std::vector<Series>& all, double (*of)(const Series&)) {
  double sum = 0;
  for (const Series& series : all) sum += of(series);
  return sum / static_cast<double>(all.size());
}

double volatility_of(const Series& series) { return series.deviation() * std::sqrt(252); }
double kurtosis_of(const Series& series) { return series.kurtosis(); }

double correlation(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag = 0) {
  const std::size_t count = a.size() - lag;
  double mean_a = 0;
  double mean_b = 0;
  for (std::size_t i = 0; i < count; ++i) {
    mean_a += a[i + lag] / static_cast<double>(count);
    mean_b += b[i] / static_cast<double>(count);
  }
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < count; ++i) {
    ab += (a[i + lag] - mean_a) * (b[i] - mean_b);
    aa += (a[i + lag] - mean_a) * (a[i + lag] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

double mean_correlation(const std::vector<Series>& all) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) sum += correlation(all[i].returns, all[j].returns);
  }
  return sum / pairs;
}

constexpr std::int64_t kSymbols = 24;
constexpr std::int64_t kDays = 2'520;

const std::vector<Series>& usual() {
  static const std::vector<Series> all = all_series({.seed = 7, .symbols = kSymbols, .days = kDays});
  return all;
}

TEST(Statistics, volatility_is_the_one_asked_for) {
  // Of two dozen symbols of one market over ten years: two standard errors are about a tenth.
  EXPECT_NEAR(mean_of(usual(), volatility_of), 0.3, 0.03);
  // The luck of the draw is the same for each, and falls out of the ratio.
  const auto quieter = all_series({.seed = 7, .symbols = 6, .days = kDays, .volatility = 0.1});
  for (std::size_t i = 0; i < quieter.size(); ++i)
    EXPECT_NEAR(volatility_of(usual()[i]) / volatility_of(quieter[i]), 3, 0.03) << i;
}

TEST(Statistics, drift_is_the_one_asked_for) {
  // Nothing else depends on the drift, so that the luck of the draw falls out of the difference.
  const auto more = all_series({.seed = 7, .symbols = 6, .days = kDays, .drift = 0.28});
  for (std::size_t i = 0; i < more.size(); ++i)
    EXPECT_NEAR((more[i].average - usual()[i].average) * 252, 0.2, 0.004) << i;
  // Without luck to speak of: a symbol that hardly moves grows by its drift.
  const auto quiet = all_series({.symbols = 6, .days = 504, .drift = 0.1, .volatility = 0.001});
  for (const Series& series : quiet) EXPECT_NEAR(series.average * 252, 0.1, 0.002);
  // And with it: over many markets the mean of the growth is drift less half the variance.
  double growth = 0;
  double wanted = 0;
  constexpr int kSeeds = 20;
  for (int seed = 0; seed < kSeeds; ++seed) {
    for (const Series& series : all_series({.seed = seed, .symbols = 3, .days = 1'260, .volatility = 0.05})) {
      growth += series.average * 252 / (3 * kSeeds);
      wanted += (0.08 - 252 * series.moment(2) / 2) / (3 * kSeeds);
    }
  }
  EXPECT_NEAR(growth, wanted, 0.01);
}

TEST(Statistics, correlation_is_the_one_asked_for) {
  EXPECT_NEAR(mean_correlation(usual()), 0.3, 0.05);
  // The market's volatility differs from decade to decade, and the correlation with it.
  constexpr int kSeeds = 4;
  for (const double asked : {0.0, 0.6, 0.9}) {
    double found = 0;
    for (int seed = 0; seed < kSeeds; ++seed) {
      const SimulatedMarketSettings settings{.seed = seed, .symbols = 6, .days = 1'260, .correlation = asked};
      found += mean_correlation(all_series(settings)) / kSeeds;
    }
    EXPECT_NEAR(found, asked, asked == 0 ? 0.01 : 0.05);
  }
}

TEST(Statistics, symbols_of_one_sector_go_together_more) {
  const SimulatedMarket market = make({.seed = 7, .symbols = kSymbols, .days = 1});
  double within = 0;
  double across = 0;
  int pairs_within = 0;
  int pairs_across = 0;
  for (std::size_t i = 0; i < usual().size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool one_sector = market.instruments()[i].sector == market.instruments()[j].sector;
      (one_sector ? within : across) += correlation(usual()[i].returns, usual()[j].returns);
      ++(one_sector ? pairs_within : pairs_across);
    }
  }
  EXPECT_GT(within / pairs_within, across / pairs_across + 0.08);
}

TEST(Statistics, tails_are_fat_and_jumps_make_them_fatter) {
  EXPECT_GT(mean_of(usual(), kurtosis_of), 4.5);
  const SimulatedMarketSettings settings{.seed = 7, .symbols = kSymbols, .days = kDays, .jump_rate = 0};
  const auto without = all_series(settings);
  EXPECT_GT(mean_of(without, kurtosis_of), 3.3);
  EXPECT_GT(mean_of(usual(), kurtosis_of), mean_of(without, kurtosis_of) + 1);
  EXPECT_NEAR(mean_of(without, volatility_of), 0.3, 0.03);
}

TEST(Statistics, volatility_comes_in_clusters_and_returns_do_not) {
  double near = 0;
  double far = 0;
  double plain = 0;
  for (const Series& series : usual()) {
    std::vector<double> sizes;
    for (const double x : series.returns) sizes.push_back(std::abs(x - series.average));
    near += correlation(sizes, sizes, 1) / kSymbols;
    far += correlation(sizes, sizes, 20) / kSymbols;
    plain += correlation(series.returns, series.returns, 1) / kSymbols;
  }
  EXPECT_GT(near, 0.06);
  EXPECT_GT(far, 0.025);
  EXPECT_NEAR(plain, 0, 0.03);
}

TEST(Statistics, volume_remembers_and_grows_with_moves) {
  double memory = 0;
  double moves = 0;
  for (const Series& series : usual()) {
    std::vector<double> sizes;
    std::vector<double> logs;
    for (const double x : series.returns) sizes.push_back(std::abs(x - series.average));
    for (const double x : series.volume) logs.push_back(std::log(x));
    memory += correlation(logs, logs, 1) / kSymbols;
    moves += correlation(logs, sizes) / kSymbols;
  }
  EXPECT_GT(memory, 0.4);
  EXPECT_GT(moves, 0.25);
}

TEST(Statistics, a_day_is_busy_at_both_ends) {
  const SimulatedMarket market = make({.seed = 7, .symbols = 5, .days = 60, .timeframe = timeframe("30m")});
  std::array<double, 14> volume{};
  std::array<double, 14> range{};
  for (std::size_t symbol = 0; symbol < 5; ++symbol) {
    const BarColumns bars = market.history(symbol).bars;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const auto minute = (bars.key[i] / 60'000'000'000) % 1'440;
      // The clocks of New York changed on 2015-03-08.
      const std::int64_t open = bars.key[i] < market::date_key(core::Date::from_ymd(2015, 3, 8)) ? 870 : 810;
      const auto slot = static_cast<std::size_t>((minute - open) / 30);
      volume.at(slot) += bars.volume[i];
      range.at(slot) += (bars.high[i] - bars.low[i]).to_double() / bars.open[i].to_double();
    }
  }
  EXPECT_GT(volume[0], 1.8 * volume[6]);
  EXPECT_GT(volume[12], 1.8 * volume[6]);
  EXPECT_GT(range[0], 1.4 * range[6]);
  EXPECT_GT(range[12], 1.15 * range[6]);
}

// --- Corporate actions. ---

TEST(Actions, some_split_and_some_pay_and_raw_prices_fall_by_it) {
  const SimulatedMarket market = make({.seed = 12, .symbols = 40, .days = kDays});
  int splits = 0;
  int payers = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const auto [actions, bars] = market.history(i);
    bool pays = false;
    for (const market::CorporateAction& action : actions) {
      ASSERT_TRUE(market::check_action(action));
      pays = pays || action.kind == market::ActionKind::kDividend;
      if (action.kind != market::ActionKind::kSplit) continue;
      ++splits;
      const auto row =
          static_cast<std::size_t>(std::ranges::find(bars.key, market::date_key(action.ex_date)) - bars.key.begin());
      ASSERT_LT(row, bars.size());
      ASSERT_GT(row, 0U);
      const double ratio = static_cast<double>(action.numerator) / static_cast<double>(action.denominator);
      EXPECT_NEAR(bars.open[row].to_double() * ratio / bars.close[row - 1].to_double(), 1, 0.3);
    }
    payers += pays ? 1 : 0;
  }
  EXPECT_GT(splits, 2);
  EXPECT_LT(splits, 40);
  EXPECT_NEAR(payers, 18, 8);
}

TEST(Actions, without_them_there_are_none) {
  const SimulatedMarket market = make({.seed = 7, .symbols = 10, .days = kDays, .actions = false});
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(market.history(i).actions.empty());
}

// The same luck with and without: only what is quoted differs.
TEST(Actions, leave_what_a_holder_gains_as_it_is) {
  const std::vector<Series>& with = usual();
  const auto without = all_series({.seed = 7, .symbols = kSymbols, .days = kDays, .actions = false});
  for (std::size_t i = 0; i < with.size(); ++i) EXPECT_GT(correlation(with[i].returns, without[i].returns), 0.998) << i;
}

// --- Settings that make no market. ---

TEST(SimulatedMarket, wrong_settings_are_named) {
  const std::vector<std::pair<SimulatedMarketSettings, std::string>> cases = {
      {{.symbols = 0}, "symbols"},
      {{.symbols = 10'001}, "symbols"},
      {{.days = 0}, "days"},
      {{.days = 25'001}, "days"},
      {{.days = 25'000, .start = core::Date::from_ymd(2150, 1, 1)}, "start"},
      {{.start = core::Date::from_ymd(1960, 1, 1)}, "start"},
      {{.exchange = "XMRS"}, "exchange"},
      {{.currency = "dollar"}, "currency"},
      {{.prefix = "a b"}, "prefix"},
      {{.tick = core::Price()}, "tick"},
      {{.base_price = core::Price()}, "base_price"},
      {{.base_price = core::Price::from_integer(1'000'001)}, "base_price"},
      {{.tick = core::Price::from_units(1), .base_price = core::Price::from_integer(50)}, "base_price"},
      {{.drift = 2.5}, "drift"},
      {{.drift = std::nan("")}, "drift"},
      {{.volatility = 0}, "volatility"},
      {{.volatility = std::numeric_limits<double>::infinity()}, "volatility"},
      {{.correlation = 0.96}, "correlation"},
      {{.correlation = -0.1}, "correlation"},
      {{.jump_rate = 13}, "jump_rate"},
      {{.volume = 10}, "volume"},
      {{.timeframe = market::Timeframe(1, market::TimeframeUnit::kWeek)}, "timeframe"},
  };
  for (const auto& [settings, field] : cases) {
    const auto market = SimulatedMarket::make(settings);
    ASSERT_FALSE(market) << field;
    EXPECT_EQ(market.error().field, field) << market.error().describe();
  }
}

TEST(SimulatedMarket, the_ends_of_what_can_be_asked_for_work) {
  for (const SimulatedMarketSettings& settings :
       {SimulatedMarketSettings{.days = 5'000, .drift = 2, .volatility = 3, .jump_rate = 12},
        SimulatedMarketSettings{.days = 5'000, .drift = -2, .volatility = 3, .correlation = 0.95, .jump_rate = 12},
        SimulatedMarketSettings{
            .days = 5'000, .exchange = "24/7", .drift = 2, .volatility = 0.001, .correlation = 0}}) {
    const SimulatedMarket market = make(settings);
    const SimulatedHistory history = market.history(0);
    EXPECT_EQ(history.bars.size(), 5'000U);
    for (std::size_t i = 0; i < history.bars.size(); ++i)
      ASSERT_FALSE(market::find_impossible(history.bars.at(i), market.instruments()[0]));
    EXPECT_TRUE(
        market::adjustment_factors(history.bars.key, history.bars.close, history.actions, history.bars.key.front()));
  }
}

}  // namespace
}  // namespace argosy::feeds

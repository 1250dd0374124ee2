#include "feeds/detail/market_path.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace argosy::feeds::detail {
namespace {

constexpr int kDays = 252 * 120;

struct Sums {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(double x) {
    ++count;
    sum += x;
    squares += x * x;
  }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double variance() const { return squares / count - mean() * mean(); }
};

// Full sessions of one exchange, more than a hundred years of them.
struct LongRun {
  Sums night;
  Sums day;
  Sums whole;
  Sums sector;
  Sums activity;
  std::array<Sums, 3> regime;
  int changes = 0;

  explicit LongRun(const SimulatedMarketSettings& settings) {
    const Model model = make_model(settings).value();
    const market::Session session = *model.calendar->session(core::Date::from_ymd(2021, 6, 1));
    MarketPath path(model, core::Rng(5));
    Regime before = path.regime();
    for (int i = 0; i < kDays; ++i) {
      const MarketDay market = path.next(session);
      night.add(market.night);
      day.add(market.day);
      whole.add(market.night + market.day);
      sector.add(market.sector_night[3] + market.sector_day[3]);
      activity.add(market.activity);
      regime[static_cast<std::size_t>(path.regime())].add(market.night + market.day);
      changes += path.regime() != before ? 1 : 0;
      before = path.regime();
    }
  }
};

const LongRun& long_run() {
  static const LongRun run({});
  return run;
}

TEST(MarketPath, moves_have_mean_0_and_variance_1) {
  // A hundred and twenty years leave the mean a standard error of 0.006, and a little more for the regimes.
  EXPECT_NEAR(long_run().whole.mean(), 0, 0.012);
  EXPECT_NEAR(long_run().whole.variance(), 1, 0.08);
  EXPECT_NEAR(long_run().sector.variance(), 1, 0.01);
  EXPECT_NEAR(long_run().activity.squares / long_run().activity.count, 1, 0.08);
  // A quarter of what is no jump comes over night.
  EXPECT_NEAR(long_run().day.variance(), 0.75 * (1 - 25.0 / 16 * 4 / 252), 0.06);
}

TEST(MarketPath, regimes_are_calm_rising_or_falling_and_wild) {
  const auto& [calm, rising, falling] = long_run().regime;
  EXPECT_NEAR(calm.count / kDays, 0.405, 0.03);
  EXPECT_NEAR(rising.count / kDays, 0.495, 0.03);
  EXPECT_NEAR(falling.count / kDays, 0.1, 0.02);
  EXPECT_GT(rising.mean(), 0.03);
  EXPECT_LT(falling.mean(), -0.1);
  EXPECT_GT(falling.variance(), 3 * calm.variance());
  // Every 80 days on average.
  EXPECT_NEAR(kDays / static_cast<double>(long_run().changes), 80, 8);
}

TEST(MarketPath, a_market_that_never_closes_moves_by_day_alone) {
  const LongRun run({.exchange = "24/7"});
  EXPECT_EQ(run.night.squares, 0);
  EXPECT_NEAR(run.whole.variance(), 1, 0.08);
}

TEST(MarketPath, without_jumps_the_rest_has_all_the_variance) {
  const LongRun run({.jump_rate = 0});
  EXPECT_NEAR(run.whole.variance(), 1, 0.08);
  EXPECT_NEAR(run.night.variance(), 0.25, 0.02);
}

TEST(MarketPath, half_a_session_has_half_the_variance) {
  const Model model = make_model({}).value();
  const market::Session whole = *model.calendar->session(core::Date::from_ymd(2015, 11, 25));
  const market::Session half = *model.calendar->session(core::Date::from_ymd(2015, 11, 27));
  ASSERT_TRUE(half.early_close);
  MarketPath one(model, core::Rng(5));
  MarketPath other(model, core::Rng(5));
  const MarketDay long_day = one.next(whole);
  const MarketDay short_day = other.next(half);
  EXPECT_DOUBLE_EQ(long_day.length, 1);
  EXPECT_DOUBLE_EQ(short_day.length, 210.0 / 390);
  EXPECT_DOUBLE_EQ(short_day.day_variance, long_day.day_variance * 210 / 390);
  EXPECT_EQ(short_day.night, long_day.night);
}

}  // namespace
}  // namespace argosy::feeds::detail

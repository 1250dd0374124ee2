// The window statistics against their definitions, computed anew for each row: full windows and partial ones with NaN
// left out, on prices, gaps, spikes and ties; and values by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "formula/formula.hpp"
#include "formula/operators/block_sums.hpp"
#include "formula/operators/counted_rank.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/family_test.hpp"
#include "formula/operators/order_window.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;

Column run(const std::string& text, const Column& close, const Column& open = {}) {
  const auto plan = compile({{{"v", text}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) fields.emplace_back(field == "close" ? close : open);
  Column out(close.size());
  std::span<double> to[] = {out};
  Evaluator(*plan).evaluate(fields, to, close.size());
  return out;
}

using testing::expect_near;

// A walk in cents with many equal values; `gaps` of a hundred rows are NaN, in runs.
Column walk(std::size_t rows, std::uint64_t seed, unsigned gaps) {
  Column x(rows);
  std::uint64_t state = seed;
  double level = 10'000;
  std::uint64_t gap = 0;
  for (double& value : x) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    level += static_cast<double>(state >> 61U) - 3.5;
    if (gap == 0 && (state >> 33U) % 200 < gaps) gap = 1 + (state >> 20U) % 3 * ((state >> 24U) % 9);
    value = gap > 0 ? kNaN : std::floor(level) / 100;
    if (gap > 0) --gap;
  }
  return x;
}

// The rows of a window that count, and the place of each: 0 is the newest, -1 the one before.
struct Seen {
  std::vector<long double> x, y, place;
};
Seen seen(const Column& x, const Column& y, std::size_t row, std::size_t n) {
  Seen rows;
  for (std::size_t i = row + 1 >= n ? row + 1 - n : 0; i <= row; ++i) {
    if (is_nan(x[i]) || is_nan(y[i])) continue;
    rows.x.push_back(x[i]);
    rows.y.push_back(y[i]);
    rows.place.push_back(static_cast<long double>(i) - static_cast<long double>(row));
  }
  return rows;
}
long double mean(const std::vector<long double>& x) {
  long double sum = 0;
  for (const long double value : x) sum += value;
  return sum / static_cast<long double>(x.size());
}
long double power_sum(const std::vector<long double>& x, int power) {
  const long double centre = mean(x);
  long double sum = 0;
  for (const long double value : x) sum += std::pow(value - centre, power);
  return sum;
}
long double product_sum(const std::vector<long double>& x, const std::vector<long double>& y) {
  const long double a = mean(x);
  const long double b = mean(y);
  long double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - a) * (y[i] - b);
  return sum;
}

// A statistic by its definition.
using ByHand = std::function<long double(const Seen&)>;

// Runs a rolling sum over x and y in chunks of odd lengths.
template <class Terms, Windows kWindows, class Value>
Column rolled(const Column& x, const Column& y, std::size_t n, std::size_t fewest, Value value) {
  BlockSums<Terms, kWindows> sums(n);
  Column out(x.size());
  for (std::size_t at = 0, step = 1; at < x.size(); at += step, step = step % 37 + 5) {
    const std::size_t count = std::min(step, x.size() - at);
    const double* in[] = {x.data() + at, y.data() + at};
    sums.run(in, count, [&](std::size_t i, const auto& window) {
      out[at + i] = window.count < static_cast<double>(fewest) ? kNaN : clean(value(window, x[at + i]));
    });
  }
  return out;
}

template <Windows kWindows>
void expect_sums(const Column& x, const Column& y, std::size_t n, double tolerance) {
  const auto wanted = [&](bool pairs, std::size_t fewest, const ByHand& value) {
    Column out(x.size(), kNaN);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Seen rows = seen(x, pairs ? y : x, i, n);
      const bool enough = kWindows == Windows::kFull ? rows.x.size() == n : rows.x.size() >= fewest;
      if (enough && rows.x.size() >= fewest) out[i] = static_cast<double>(value(rows));
    }
    return out;
  };
  const auto check = [&](const char* name, const Column& got, const Column& expected) {
    expect_near(std::string(name) + " of " + std::to_string(n), got, expected, tolerance);
  };
  const auto size = [](const Seen& rows) { return static_cast<long double>(rows.x.size()); };
  check("sum", rolled<SumTerms, kWindows>(x, y, n, 1, [](const auto& w, double) { return w.sum[0]; }),
        wanted(false, 1, [&](const Seen& rows) { return mean(rows.x) * size(rows); }));
  check("mean", rolled<MeanTerms, kWindows>(x, y, n, 1, [](const auto& w, double) { return w.mean(); }),
        wanted(false, 1, [](const Seen& rows) { return mean(rows.x); }));
  check("variance",
        rolled<VarianceTerms, kWindows>(x, y, n, 2, [](const auto& w, double) { return window_variance(w, 1); }),
        wanted(false, 2, [&](const Seen& rows) { return power_sum(rows.x, 2) / (size(rows) - 1); }));
  check("covariance",
        rolled<CovarianceTerms, kWindows>(x, y, n, 2, [](const auto& w, double) { return window_covariance(w, 1); }),
        wanted(true, 2, [&](const Seen& rows) { return product_sum(rows.x, rows.y) / (size(rows) - 1); }));
  check("correlation",
        rolled<CorrelationTerms, kWindows>(x, y, n, 1, [](const auto& w, double) { return window_correlation(w); }),
        wanted(true, 1, [&](const Seen& rows) {
          const long double scale = std::sqrt(power_sum(rows.x, 2) * power_sum(rows.y, 2));
          return scale < 1e-20L ? 0 : product_sum(rows.x, rows.y) / scale;
        }));
  const auto slope = [](const Seen& rows) { return product_sum(rows.place, rows.x) / power_sum(rows.place, 2); };
  const auto level = [&](const Seen& rows) { return mean(rows.x) - slope(rows) * mean(rows.place); };
  check("slope",
        rolled<TrendTerms<true>, kWindows>(x, y, n, 2, [](const auto& w, double) { return window_line(w).slope; }),
        wanted(false, 2, slope));
  check("level",
        rolled<TrendTerms<true>, kWindows>(x, y, n, 2, [](const auto& w, double) { return window_line(w).level(); }),
        wanted(false, 2, level));
  check("rsquare",
        rolled<TrendTerms<true>, kWindows>(x, y, n, 2, [](const auto& w, double) { return window_line(w).rsquare(); }),
        wanted(false, 2, [&](const Seen& rows) {
          const long double scale = power_sum(rows.x, 2);
          return scale < 1e-20L ? 0 : slope(rows) * product_sum(rows.place, rows.x) / scale;
        }));
  if (n < 4) return;
  check("skew", rolled<PowerTerms<3>, kWindows>(x, y, n, 3, [](const auto& w, double) { return window_skew(w); }),
        wanted(false, 3, [&](const Seen& rows) {
          const long double k = size(rows);
          const long double m2 = power_sum(rows.x, 2) / k;
          return m2 < 1e-20L ? 0 : std::sqrt(k * (k - 1)) / (k - 2) * power_sum(rows.x, 3) / k / std::pow(m2, 1.5L);
        }));
  check("kurt", rolled<PowerTerms<4>, kWindows>(x, y, n, 4, [](const auto& w, double) { return window_kurtosis(w); }),
        wanted(false, 4, [&](const Seen& rows) {
          const long double k = size(rows);
          const long double m2 = power_sum(rows.x, 2) / k;
          if (m2 < 1e-20L) return -3.0L;
          return (k - 1) / ((k - 2) * (k - 3)) * ((k + 1) * power_sum(rows.x, 4) / k / (m2 * m2) - 3 * (k - 1));
        }));
}

TEST(BlockSums, EqualTheirDefinition) {
  for (const unsigned gaps : {0U, 2U, 30U, 190U}) {
    const Column x = walk(700, 1, gaps);
    const Column y = walk(700, 2, gaps);
    for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 20U, 61U}) {
      expect_sums<Windows::kFull>(x, y, n, 1e-10);
      expect_sums<Windows::kPartial>(x, y, n, 1e-10);
    }
  }
}

// A spike must be forgotten with the row it leaves in, also when it was the last before a gap.
TEST(BlockSums, ASpikeIsGoneWithItsWindow) {
  for (const std::size_t at : {19U, 20U, 30U, 39U}) {
    Column x = walk(300, 3, 0);
    Column y = walk(300, 4, 0);
    const Column calm = x;
    x[at] = 1e12;
    for (std::size_t i = at + 1; i < at + 15; ++i) x[i] = kNaN;
    Column rest = x;
    rest[at] = kNaN;
    const auto correlation = [](const auto& w, double) { return window_correlation(w); };
    const auto deviation = [](const auto& w, double) { return std::sqrt(window_variance(w, 1)); };
    const auto a = rolled<CorrelationTerms, Windows::kPartial>(x, y, 20, 2, correlation);
    const auto b = rolled<CorrelationTerms, Windows::kPartial>(rest, y, 20, 2, correlation);
    const auto c = rolled<VarianceTerms, Windows::kPartial>(x, y, 20, 2, deviation);
    const auto d = rolled<VarianceTerms, Windows::kPartial>(rest, y, 20, 2, deviation);
    for (std::size_t i = at + 20; i < x.size(); ++i) {
      EXPECT_NEAR(a[i], b[i], 1e-12) << at << " row " << i;
      EXPECT_NEAR(c[i], d[i], 1e-12) << at << " row " << i;
    }
  }
}

template <Extreme kExtreme, Windows kWindows, Ties kTies>
void expect_extremes(const Column& x, std::size_t n) {
  BlockExtreme<kExtreme, kWindows> extreme(n);
  BlockExtremePlace<kExtreme, kWindows, kTies> place(n);
  Column values(x.size());
  Column places(x.size());
  for (std::size_t at = 0, step = 1; at < x.size(); at += step, step = step % 37 + 5) {
    const std::size_t count = std::min(step, x.size() - at);
    extreme.run(x.data() + at, values.data() + at, count);
    place.run(x.data() + at, places.data() + at, count);
  }
  Column wanted(x.size(), kNaN);
  Column where(x.size(), kNaN);
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::size_t count = 0;
    for (std::size_t k = i + 1 >= n ? i + 1 - n : 0; k <= i; ++k) {
      if (is_nan(x[k])) continue;
      ++count;
      const bool beats = kExtreme == Extreme::kHighest ? x[k] > wanted[i] : x[k] < wanted[i];
      if (count > 1 && !beats && (x[k] != wanted[i] || kTies == Ties::kEarliest)) continue;
      wanted[i] = x[k];
      where[i] = static_cast<double>(i - k);
    }
    if (kWindows == Windows::kFull && count < n) wanted[i] = where[i] = kNaN;
  }
  expect_near("extreme of " + std::to_string(n), values, wanted, 0);
  expect_near("place of " + std::to_string(n), places, where, 0);
}

TEST(Extremes, EqualTheirDefinition) {
  for (const unsigned gaps : {0U, 2U, 30U, 190U}) {
    Column x = walk(900, 5, gaps);
    for (double& value : x) value = std::floor(value * 10) / 10;  // more ties
    for (const std::size_t n : {1U, 2U, 5U, 20U, 61U}) {
      using enum Extreme;
      using enum Windows;
      expect_extremes<kLowest, kFull, Ties::kLatest>(x, n);
      expect_extremes<kHighest, kFull, Ties::kEarliest>(x, n);
      expect_extremes<kLowest, kPartial, Ties::kEarliest>(x, n);
      expect_extremes<kHighest, kPartial, Ties::kLatest>(x, n);
      expect_extremes<kHighest, kPartial, Ties::kEarliest>(x, n);
    }
  }
}

template <class Window>
void expect_order(const Column& x, std::size_t n) {
  Window window(n);
  for (std::size_t i = 0; i < x.size(); ++i) {
    window.push(x[i]);
    Column sorted;
    for (std::size_t k = i + 1 >= n ? i + 1 - n : 0; k <= i; ++k) {
      if (!is_nan(x[k])) sorted.push_back(x[k]);
    }
    std::ranges::sort(sorted);
    ASSERT_EQ(window.count(), sorted.size());
    const double probe = is_nan(x[i]) ? 100.0 : x[i];
    const auto low = static_cast<std::size_t>(std::ranges::lower_bound(sorted, probe) - sorted.begin());
    const auto high = static_cast<std::size_t>(std::ranges::upper_bound(sorted, probe) - sorted.begin());
    if (!is_nan(x[i])) ASSERT_EQ(window.twice_below(x[i]), low + high) << n << " row " << i;
    ASSERT_EQ(window.below(probe), low) << n << " row " << i;
    ASSERT_EQ(window.not_above(probe), high) << n << " row " << i;
    for (std::size_t k = 0; k < sorted.size(); ++k) ASSERT_EQ(window.kth(k), sorted[k]) << n << " row " << i;
  }
}

TEST(OrderWindow, EveryKindEqualsASort) {
  for (const unsigned gaps : {0U, 30U, 190U}) {
    const Column x = walk(600, 6, gaps);
    for (const std::size_t n :
         std::initializer_list<std::size_t>{1, 2, 3, 7, SortedArray::kPassRows, SortedArray::kPassRows + 1, 100}) {
      expect_order<OrderWindow<SortedArray>>(x, n);
      expect_order<OrderWindow<OrderTree>>(x, n);
    }
  }
}

// In chunks of any length the same as an order gives.
TEST(CountedRank, EqualsTheOrdersRank) {
  for (const unsigned gaps : {0U, 30U, 190U}) {
    Column x = walk(1500, 6, gaps);
    for (double& value : x) value = std::floor(value * 10) / 10;  // ties
    for (const std::size_t n : {1UZ, 2UZ, 3UZ, 7UZ, 8UZ, 9UZ, 20UZ, 61UZ, 255UZ, CountedRank::kRows}) {
      for (const std::size_t fewest : {std::size_t{1}, n}) {
        Column wanted;
        OrderWindow<SortedArray> window(n);
        for (const double value : x) {
          window.push(value);
          wanted.push_back(is_nan(value) || window.count() < fewest ? kNaN : window_rank(window, value));
        }
        for (const std::size_t step : {1UZ, 7UZ, 8UZ, 13UZ, 64UZ, 267UZ, 512UZ, 1500UZ}) {
          CountedRank rank(n, fewest);
          Column found(x.size());
          for (std::size_t at = 0; at < x.size(); at += step) {
            const double* in = x.data() + at;
            double* out = found.data() + at;
            rank.run({.in = &in, .out = &out, .rows = std::min(step, x.size() - at)});
          }
          expect_near("rank of " + std::to_string(n) + " in steps of " + std::to_string(step), found, wanted, 0);
        }
      }
    }
  }
}

TEST(WindowStatistics, ByHand) {
  constexpr double kGap = kNaN;
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"sum(close, 3)", {1, 2, 3, kGap, 5, 6, 7, 8}, {kGap, kGap, 6, kGap, kGap, kGap, 18, 21}},
      {"mean(close, 3)", {1, 2, 3, kGap, 5, 6, 7, 8}, {kGap, kGap, 2, kGap, kGap, kGap, 6, 7}},
      {"sum(close, 5)", {1, 2, 3}, {kGap, kGap, kGap}},
      {"sum(close, 2)", {0, 0, 0}, {kGap, 0, 0}},
      {"median(close, 3)", {5, 1, 3, 3, kGap, 1, 2, 9}, {kGap, kGap, 3, 3, kGap, kGap, kGap, 2}},
      {"median(close, 4)", {4, 1, 3, 8}, {kGap, kGap, kGap, 3.5}},
      {"quantile(close, 5, 0.1)", {50, 10, 40, 20, 30}, {kGap, kGap, kGap, kGap, 14}},
      {"quantile(close, 3, 0)", {5, 1, 3}, {kGap, kGap, 1}},
      {"quantile(close, 3, 1)", {5, 1, 3}, {kGap, kGap, 5}},
      {"rank(close, 4)", {1, 2, 2, 2, 0, kGap}, {kGap, kGap, kGap, 0.75, 0.25, kGap}},
      {"rank(close, 3)", {7, 7, 7}, {kGap, kGap, 2.0 / 3}},
      {"argmax(close, 3)", {5, 1, 5, 2, 2, 1}, {kGap, kGap, 0, 1, 2, 1}},
      {"argmin(close, 3)", {1, 1, 2, 3, kGap, 1}, {kGap, kGap, 1, 2, kGap, kGap}},
      {"range(close, 2)", {3, 1, kGap, 5, 4, -6}, {kGap, 2, kGap, kGap, 1, 10}},
      {"mad(close, 4)", {1, 3, 3, 9, 4}, {kGap, kGap, kGap, 2.5, 2.125}},
      {"zscore(close, 2)", {1, 3, 3, 2, kGap, 1}, {kGap, 1, 0, -1, kGap, kGap}},
      {"zscore(close, 1)", {7}, {0}},
      {"count(close > 2, 3)", {1, 3, 4, 2, kGap, 3, 3, 3}, {kGap, kGap, 2, 2, kGap, kGap, kGap, 3}},
      // m2 = 8 / 3 and m3 = 16 / 3 x ... of -1 -1 2: m2 = 2, m3 = 2; sqrt(6) x 2 / 2^1.5 = sqrt(3)
      {"skew(close, 3)", {1, 1, 4, 4}, {kGap, kGap, std::sqrt(3.0), -std::sqrt(3.0)}},
      {"skew(close, 3)", {0.1, 0.1, 0.1}, {kGap, kGap, 0}},
      // of -1 1 -1 1: m2 = m4 = 1: 3 / 2 x (5 - 9) = -6
      {"kurt(close, 4)", {2, 4, 2, 4}, {kGap, kGap, kGap, -6}},
      {"kurt(close, 4)", {0.1, 0.1, 0.1, 0.1}, {kGap, kGap, kGap, -3}},
      {"linreg(close, 3)", {1, 2, 6, kGap, 1}, {kGap, kGap, 5.5, kGap, kGap}},
      {"slope(close, 3)", {1, 2, 6}, {kGap, kGap, 2.5}},
      {"linreg_slope(close, 3)", {1, 2, 6}, {kGap, kGap, 2.5}},
      {"intercept(close, 3)", {1, 2, 6}, {kGap, kGap, 0.5}},
      {"tsf(close, 3)", {1, 2, 6}, {kGap, kGap, 8}},
      {"resid(close, 3)", {1, 2, 6}, {kGap, kGap, 0.5}},
      {"rsquare(close, 3)", {1, 2, 6}, {kGap, kGap, 2.5 * 5 / 14}},
      {"rsquare(close, 2)", {1, 2, 2}, {kGap, 1, 0}},
      {"corr(close, close, 3)", {1, 2, 6, 6, 6}, {kGap, kGap, 1, 1, 0}},
      {"corr(close, 0 - close, 2)", {1, 2, kGap, 1, 5}, {kGap, -1, kGap, kGap, -1}},
      {"corr(close, close, 1)", {1, 2}, {0, 0}},
      {"cov(close, 2 * close, 2)", {1, 3, 3}, {kGap, 2, 0}},
      {"cov(close, 2 * close, 2, 1)", {1, 3, 3}, {kGap, 4, 0}},
      {"autocorr(close, 2, 1)", {1, 2, 4, 3, kGap, 1}, {kGap, kGap, 1, -1, kGap, kGap}},
      {"autocorr(close, 2, 2)", {1, 2, 4, 3, 3}, {kGap, kGap, kGap, -1, 0}},
  };
  for (const auto& each : cases) expect_near(each.text, run(each.text, each.close), each.wanted, 1e-12);
}

TEST(WindowStatistics, BetaIsTheSlopeOfReturns) {
  // Returns of close 1, 0.5, after 0: 0; of open 0.5, 0.25.
  const Column close{1, 2, 3, 6, 0, 5, 5};
  const Column open{4, 6, 7.5, 9, 9, 9, 0};
  // Two returns: a slope through two points. Close 1 0.5 1 -1 0 0, open 0.5 0.25 0.2 0 0 -1.
  expect_near("beta", run("beta(close, open, 2)", close, open),
              {kNaN, kNaN, (0.25 - 0.5) / (0.5 - 1), (0.2 - 0.25) / (1 - 0.5), 0.1, 0, 0}, 1e-12);
  const Column gap{1, 2, kNaN, 6, 0, 5, 5};
  const Column got = run("beta(close, open, 2)", gap, open);
  for (const std::size_t i : {0U, 1U, 2U, 3U, 4U}) EXPECT_TRUE(is_nan(got[i])) << i;
  EXPECT_EQ(got[5], 0);
}

TEST(WindowStatistics, AConstantColumnDeviatesByNothing) {
  const Column x(100, 0.1);
  for (const char* text : {"slope(close, 14)", "resid(close, 14)", "rsquare(close, 14)", "corr(close, close, 14)",
                           "zscore(close, 14)", "mad(close, 14)", "range(close, 14)", "skew(close, 14)",
                           "autocorr(close, 14, 3)", "cov(close, close, 14)", "beta(close, close, 14)"}) {
    const Column got = run(text, x);
    for (const std::size_t i : {17U, 27U, 28U, 29U, 99U}) EXPECT_EQ(got[i], 0) << text << " row " << i;
  }
  EXPECT_EQ(run("linreg(close, 14)", x)[40], 0.1);
}

TEST(WindowStatistics, LinesAreExactAtAnyOffset) {
  for (const double offset : {0.0, 1e9, -1e12}) {
    Column x(300);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = offset + static_cast<double>(i) * 0.25;
    const Column slope = run("slope(close, 14)", x);
    const Column rsquare = run("rsquare(close, 14)", x);
    for (std::size_t i = 13; i < x.size(); ++i) {
      EXPECT_NEAR(slope[i], 0.25, 1e-13) << offset << " row " << i;
      EXPECT_NEAR(rsquare[i], 1, 1e-12) << offset << " row " << i;
    }
  }
}

TEST(WindowStatistics, ASpikeLeavesNothingBehind) {
  const Column calm = walk(400, 8, 0);
  const Column other = walk(400, 9, 0);
  Column spiked = calm;
  constexpr std::size_t kAt = 90;
  spiked[kAt] = 1e12;
  for (const char* text :
       {"sum(close, 20)", "skew(close, 20)", "kurt(close, 20)", "mad(close, 20)", "zscore(close, 20)",
        "median(close, 20)", "quantile(close, 20, 0.8)", "rank(close, 20)", "slope(close, 20)", "tsf(close, 20)",
        "rsquare(close, 20)", "corr(close, open, 20)", "cov(close, open, 20)", "beta(close, open, 20)",
        "autocorr(close, 18, 2)", "argmax(close, 20)", "range(close, 20)"}) {
    const Column a = run(text, calm, other);
    const Column b = run(text, spiked, other);
    for (std::size_t i = kAt + 21; i < calm.size(); ++i) {
      EXPECT_NEAR(a[i], b[i], 1e-11 * std::max(1.0, std::abs(a[i]))) << text << " row " << i;
    }
  }
}

// More rows than a sorted array takes: the tree, against a sort, over the operators.
TEST(WindowStatistics, LongWindowsUseTheTree) {
  const Column x = walk(9000, 10, 0);
  constexpr std::size_t kRows = kArrayRows + 100;
  const std::string n = std::to_string(kRows);
  const Column median = run("median(close, " + n + ")", x);
  const Column rank = run("rank(close, " + n + ")", x);
  for (std::size_t i = kRows - 1; i < x.size(); i += 371) {
    Column sorted(x.begin() + static_cast<std::ptrdiff_t>(i + 1 - kRows),
                  x.begin() + static_cast<std::ptrdiff_t>(i + 1));
    std::ranges::sort(sorted);
    EXPECT_EQ(median[i], (sorted[kRows / 2 - 1] + sorted[kRows / 2]) / 2) << i;
    const auto equal = std::ranges::equal_range(sorted, x[i]);
    const double first = static_cast<double>(equal.begin() - sorted.begin()) + 1;
    const double last = static_cast<double>(equal.end() - sorted.begin());
    EXPECT_NEAR(rank[i], (first + last) / 2 / static_cast<double>(kRows), 1e-15) << i;
  }
}

}  // namespace
}  // namespace argosy::formula

// How much of a result may be luck.
//
//   const Luck luck = measure_luck(input, run, {.seed = 1});
//   luck.estimates[3].interval        // of the Sharpe ratio: 95 % of such intervals hold the true one
//   luck.drawdown.median              // had the same trades come in another order
//   luck.sharpe.probabilistic         // the chance that the true Sharpe ratio is above zero
//
// Formulas, sources and what they assume: docs/concepts/honesty.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"
#include "backtest/statistics.hpp"
#include "honesty/bootstrap.hpp"
#include "market/timeframe.hpp"

namespace argosy::honesty {

// Returns of an equity curve, of days; of bars where there are fewer than 2,000 days, of so many bars that there are at
// most 10,000 returns.
struct ReturnSeries {
  std::vector<double> returns;
  std::string unit;  // "day", "bar", "1w", "100 bars"
  double per_year = backtest::kUndefined;
  double years = backtest::kUndefined;
};
// Empty where the equity was ever at or below zero: returns mean nothing then.
[[nodiscard]] ReturnSeries return_series(const backtest::Simulation& run, market::Timeframe timeframe, bool every_day);

// A headline statistic with its 95 % interval. NaN: not defined. An upper end may be infinite.
struct Estimate {
  std::string name;  // as in the summary
  double value = backtest::kUndefined;
  Interval interval{backtest::kUndefined, backtest::kUndefined};
};

// The deepest drawdown of trade after trade, each a share of the equity at its entry, in other orders.
struct DrawdownLuck {
  double actual = backtest::kUndefined;
  double median = backtest::kUndefined;
  double high = backtest::kUndefined;     // 95 % of orders have a smaller one
  double smaller = backtest::kUndefined;  // share of the orders with a smaller one than the actual
  std::vector<double> drawn;              // ascending
};

struct SharpeLuck {
  double sharpe = backtest::kUndefined;  // of one return, not annualised
  double skew = backtest::kUndefined;
  double kurtosis = backtest::kUndefined;  // 3 of a normal distribution
  double probabilistic = backtest::kUndefined;
  double trials = 1;  // settings that were tried to find this one
  double deflated =
      backtest::kUndefined;  // the probability when the best of so many is expected to be above zero by luck
  double minimum_returns = backtest::kUndefined;  // needed to say with 95 % that it is above zero; infinite: never
  double minimum_years = backtest::kUndefined;
};

struct Luck {
  std::string unit;  // of the returns
  std::int64_t returns = 0;
  std::int64_t block = 0;  // returns in a block
  std::int64_t replicates = 0;
  std::vector<Estimate> estimates;
  DrawdownLuck drawdown;
  SharpeLuck sharpe;
};

struct LuckSettings {
  std::uint64_t seed = 1;
  double trials = 1;         // settings that were tried
  double trials_spread = 0;  // the standard deviation of their Sharpe ratios, of one return
};

[[nodiscard]] Luck measure_luck(const backtest::Simulation& run, market::Timeframe timeframe, bool every_day,
                                const LuckSettings& settings);

// The returns of trades on the equity at their entries, in the order of their exits.
[[nodiscard]] std::vector<double> trade_returns(const backtest::Simulation& run);
// Of returns one after the other, from a value of one.
[[nodiscard]] double deepest_drawdown_of(std::span<const double> returns);
// `replicates` orders; no trades leave all undefined.
[[nodiscard]] DrawdownLuck shuffle_trades(std::span<const double> returns, std::size_t replicates,
                                          const core::Rng& rng);

}  // namespace argosy::honesty

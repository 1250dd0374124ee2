#include "honesty/luck.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "market/bar.hpp"
#include "search/overfitting.hpp"

namespace argosy::honesty {

using backtest::kUndefined;
using backtest::Simulation;
using backtest::TradeStatistics;

namespace {

constexpr std::size_t kEnoughDays = 2'000;
constexpr std::size_t kMostReturns = 10'000;
constexpr std::size_t kWork = 2'000'000;  // values drawn for each kind of replicate
constexpr std::size_t kFewest = 100;
constexpr std::size_t kMost = 1'000;
constexpr std::size_t kLeastReturns = 20;  // fewer say nothing of an interval
constexpr std::size_t kLeastTrades = 5;
constexpr std::size_t kManyTrades = 2'000;  // so many are taken in groups
constexpr double kConfidence = 0.95;

std::size_t replicates_of(std::size_t values) {
  return std::clamp(kWork / std::max<std::size_t>(values, 1), kFewest, kMost);
}

std::vector<double> transformed(std::span<const double> values, double (*function)(double)) {
  std::vector<double> out;
  out.reserve(values.size());
  for (const double value : values) out.push_back(function(value));
  return out;
}

// Statistics of means, of the returns and of what stands beside them.
Smooth mean_of(const Moments& means) { return {.value = means[0], .slope = {1, 0}}; }
// Of returns and their squares.
Smooth log_deviation(const Moments& means) {
  const double variance = means[1] - means[0] * means[0];
  return {.value = std::log(variance) / 2, .slope = {-means[0] / variance, 0.5 / variance}};
}
Smooth sharpe_of(const Moments& means) {
  const double variance = means[1] - means[0] * means[0];
  const double deviation = std::sqrt(variance);
  const double ratio = means[0] / deviation;
  return {.value = ratio, .slope = {1 / deviation + ratio * means[0] / variance, -ratio / (2 * variance)}};
}
// Of returns and the squares of the losses.
Smooth sortino_of(const Moments& means) {
  const double downside = std::sqrt(means[1]);
  const double ratio = means[0] / downside;
  return {.value = ratio, .slope = {1 / downside, -ratio / (2 * means[1])}};
}

Interval scaled(Interval interval, double factor) { return {interval.low * factor, interval.high * factor}; }

// Quantiles of replicates, of which some may be infinite.
Interval middle_of(std::vector<double> replicates) {
  std::erase_if(replicates, [](double value) { return std::isnan(value); });
  if (replicates.size() < 2) return {kUndefined, kUndefined};
  std::ranges::sort(replicates);
  const double tail = (1 - kConfidence) / 2;
  const auto at = [&](double share) {
    const auto place = static_cast<std::size_t>(share * static_cast<double>(replicates.size() - 1));
    return std::isinf(replicates[std::min(place + 1, replicates.size() - 1)]) ? replicates[place]
                                                                              : quantile(replicates, share);
  };
  return {at(tail), at(1 - tail)};
}

// The deepest fall and the growth of a resampled curve.
struct Path {
  double growth = 1;
  double drawdown = 0;
};

std::vector<Path> draw_paths(std::span<const double> returns, const BootstrapPlan& plan, const core::Rng& rng) {
  std::vector<Path> out(plan.replicates);
  const CircularBlocks blocks(returns.size(), plan.block);
  tbb::parallel_for(std::size_t{0}, out.size(), [&](std::size_t r) {
    core::Rng own = rng.fork(r);
    double value = 1;
    double peak = 1;
    double lowest = 1;  // share of the peak
    blocks.draw(own, [&](std::size_t from, std::size_t count) {
      for (std::size_t i = from; i < from + count; ++i) {
        value *= 1 + returns[i];
        if (value >= peak) {
          peak = value;
        } else if (value < lowest * peak) {
          lowest = value / peak;
        }
      }
    });
    out[r] = {value, 1 - lowest};
  });
  return out;
}

// The intervals of statistics of an equity curve.
class CurveLuck {
 public:
  CurveLuck(const ReturnSeries& series, const core::Rng& rng) : series_(series), returns_(series.returns), rng_(rng) {
    squares_ = transformed(returns_, [](double r) { return r * r; });
    // Of many returns at most a thousand blocks are drawn.
    plan_.block = std::max({block_length(returns_), block_length(squares_), returns_.size() / 1000});
    plan_.replicates = replicates_of(returns_.size());
  }
  [[nodiscard]] const BootstrapPlan& plan() const { return plan_; }

  void estimate(std::vector<Estimate>& out) const {
    const auto count = static_cast<double>(returns_.size());
    const double annual = std::sqrt(series_.per_year);
    // The standard deviation of a sample is a little larger than that of its distribution.
    const double sample = std::sqrt(count / (count - 1));
    const backtest::ReturnRatios ratios = backtest::return_ratios(returns_, series_.per_year);
    const auto logs = transformed(returns_, [](double r) { return std::log1p(r); });
    const auto losses = transformed(returns_, [](double r) { return r < 0 ? r * r : 0.0; });
    const Interval growth = smooth({logs}, mean_of, 1);
    double total = 0;
    for (const double value : logs) total += value;
    const auto grown = [](double log) { return std::expm1(log); };
    out.push_back({"total_return", grown(total), {grown(growth.low * count), grown(growth.high * count)}});
    const double a_year = count / series_.years;
    out.push_back({"cagr", grown(total / series_.years), {grown(growth.low * a_year), grown(growth.high * a_year)}});
    const Interval deviation = smooth({returns_, squares_}, log_deviation, 2);
    out.push_back({"volatility", ratios.volatility,
                   scaled({std::exp(deviation.low), std::exp(deviation.high)}, annual * sample)});
    out.push_back({"sharpe", ratios.sharpe, scaled(smooth({returns_, squares_}, sharpe_of, 3), annual / sample)});
    out.push_back({"sortino", ratios.sortino, scaled(smooth({returns_, losses}, sortino_of, 4), annual)});
    estimate_paths(out, grown(total / series_.years));
  }

 private:
  [[nodiscard]] Interval smooth(std::initializer_list<std::span<const double>> columns,
                                const SmoothStatistic& statistic, std::uint64_t name) const {
    return studentised_interval(std::vector(columns), statistic, plan_, rng_.fork(name));
  }

  // What depends on the order of the returns has no error of its own: quantiles of the replicates.
  void estimate_paths(std::vector<Estimate>& out, double cagr) const {
    const std::vector<Path> paths = draw_paths(returns_, plan_, rng_.fork(5));
    std::vector<double> drawdowns;
    std::vector<double> calmars;
    for (const Path& path : paths) {
      drawdowns.push_back(path.drawdown);
      calmars.push_back(path.drawdown > 0 ? (std::pow(path.growth, 1 / series_.years) - 1) / path.drawdown
                                          : kUndefined);
    }
    const double deepest = deepest_drawdown_of(returns_);
    out.push_back({"calmar", deepest > 0 ? cagr / deepest : kUndefined, middle_of(std::move(calmars))});
    out.push_back({"max_drawdown", deepest, middle_of(std::move(drawdowns))});
  }

  const ReturnSeries& series_;
  std::span<const double> returns_;
  std::vector<double> squares_;
  BootstrapPlan plan_;
  core::Rng rng_;
};

struct TradeFigures {
  double win_rate = 0;
  double profit_factor = 0;
  double expectancy = 0;
};

Smooth log_ratio(const Moments& means) {
  return {.value = std::log(means[0] / means[1]), .slope = {1 / means[0], -1 / means[1]}};
}

// Of many trades: neighbours together, a thousand groups.
void estimate_many_trades(std::span<const engine::Trade> trades, const core::Rng& rng, std::vector<Estimate>& out) {
  std::vector<double> wins;
  std::vector<double> profits;
  std::vector<double> won;
  std::vector<double> lost;
  for (const engine::Trade& trade : trades) {
    const double profit = trade.profit.to_double();
    wins.push_back(profit > 0 ? 1 : 0);
    profits.push_back(profit);
    won.push_back(std::max(profit, 0.0));
    lost.push_back(std::max(-profit, 0.0));
  }
  const BootstrapPlan plan{.block = trades.size() / 1000, .replicates = 500};
  const auto interval = [&](std::initializer_list<std::span<const double>> columns, const SmoothStatistic& statistic,
                            std::uint64_t name) {
    return studentised_interval(std::vector(columns), statistic, plan, rng.fork(name));
  };
  const TradeStatistics statistics = backtest::trade_statistics(trades);
  const Interval factor = interval({won, lost}, log_ratio, 2);
  out.push_back({"win_rate", statistics.win_rate, interval({wins}, mean_of, 1)});
  out.push_back({"profit_factor", statistics.profit_factor, {std::exp(factor.low), std::exp(factor.high)}});
  out.push_back({"expectancy", statistics.expectancy, interval({profits}, mean_of, 3)});
}

// Trades one by one: what one made says little of the next.
void estimate_trades(std::span<const engine::Trade> trades, const core::Rng& rng, std::vector<Estimate>& out) {
  if (trades.size() >= kManyTrades) return estimate_many_trades(trades, rng, out);
  const TradeStatistics statistics = backtest::trade_statistics(trades);
  std::vector<TradeFigures> figures(trades.size() < kLeastTrades ? 0 : replicates_of(trades.size()));
  std::vector<double> profits;
  for (const engine::Trade& trade : trades) profits.push_back(trade.profit.to_double());
  tbb::parallel_for(std::size_t{0}, figures.size(), [&](std::size_t r) {
    core::Rng own = rng.fork(r);
    double won = 0;
    double lost = 0;
    std::size_t wins = 0;
    for (std::size_t i = 0; i < profits.size(); ++i) {
      const double profit = profits[own.below(profits.size())];
      wins += profit > 0 ? 1 : 0;
      (profit > 0 ? won : lost) += profit;
    }
    const auto count = static_cast<double>(profits.size());
    figures[r] = {static_cast<double>(wins) / count, won / -lost, (won + lost) / count};
  });
  const auto interval = [&](double TradeFigures::* figure) {
    std::vector<double> values;
    for (const TradeFigures& each : figures) values.push_back(each.*figure);
    return middle_of(std::move(values));
  };
  out.push_back({"win_rate", statistics.win_rate, interval(&TradeFigures::win_rate)});
  out.push_back({"profit_factor", statistics.profit_factor, interval(&TradeFigures::profit_factor)});
  out.push_back({"expectancy", statistics.expectancy, interval(&TradeFigures::expectancy)});
}

SharpeLuck judge_sharpe(const ReturnSeries& series, const LuckSettings& settings) {
  const search::SharpeSample sample = search::sharpe_sample(series.returns);
  SharpeLuck out{.sharpe = sample.sharpe, .skew = sample.skew, .kurtosis = sample.kurtosis, .trials = settings.trials};
  out.probabilistic = search::probabilistic_sharpe(sample, 0);
  out.deflated = search::deflated_sharpe(sample, settings.trials, settings.trials_spread);
  out.minimum_returns = search::minimum_track_record(sample, 0, kConfidence);
  out.minimum_years = out.minimum_returns / (static_cast<double>(series.returns.size()) / series.years);
  return out;
}

// The last instant of each day.
std::vector<std::size_t> ends_of_days(const std::vector<std::int64_t>& keys) {
  std::vector<std::size_t> out;
  std::int64_t next_day = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] < next_day) {
      out.back() = i;
      continue;
    }
    out.push_back(i);
    next_day = market::date_key(market::key_date(keys[i]).plus_days(1));
  }
  return out;
}

std::vector<std::size_t> ends_of_steps(std::size_t bars, std::size_t step) {
  std::vector<std::size_t> out;
  for (std::size_t end = step; end < bars; end += step) out.push_back(end - 1);
  out.push_back(bars - 1);
  return out;
}

}  // namespace

ReturnSeries return_series(const Simulation& run, market::Timeframe timeframe, bool every_day) {
  ReturnSeries out;
  const std::size_t bars = run.keys.size();
  if (bars < 2) return out;
  std::vector<std::size_t> ends = ends_of_days(run.keys);
  const bool by_day = ends.size() == bars || ends.size() >= kEnoughDays;
  const std::size_t step = (bars + kMostReturns - 1) / kMostReturns;
  if (!by_day) ends = ends_of_steps(bars, step);
  double before = run.initial_cash.to_double();
  for (const std::size_t end : ends) {
    const double now = run.equity[end].to_double();
    if (!(before > 0 && now > 0)) return {};
    out.returns.push_back(now / before - 1);
    before = now;
  }
  out.years = static_cast<double>(run.keys.back() - run.keys.front()) / 86'400e9 / 365.25;
  if (by_day) {
    out.unit = timeframe.is_intraday() || timeframe == market::Timeframe() ? "day" : timeframe.to_string();
    out.per_year = backtest::periods_per_year(timeframe, every_day);
  } else {
    out.unit = step == 1 ? "bar" : fmt::format("{} bars", step);
    out.per_year = static_cast<double>(out.returns.size()) / out.years;
  }
  return out;
}

double deepest_drawdown_of(std::span<const double> returns) {
  double value = 1;
  double peak = 1;
  double lowest = 1;
  for (const double change : returns) {
    value *= std::max(0.0, 1 + change);
    if (value >= peak) {
      peak = value;
    } else if (value < lowest * peak) {
      lowest = value / peak;
    }
  }
  return 1 - lowest;
}

std::vector<double> trade_returns(const Simulation& run) {
  std::vector<const engine::Trade*> trades;
  for (const engine::Trade& trade : run.trades) trades.push_back(&trade);
  std::ranges::stable_sort(trades, {}, [](const engine::Trade* trade) { return trade->exit_key; });
  std::vector<double> out;
  for (const engine::Trade* trade : trades) {
    const auto entry = std::ranges::lower_bound(run.keys, trade->entry_key) - run.keys.begin();
    const core::Money before = entry > 0 ? run.equity[static_cast<std::size_t>(entry) - 1] : run.initial_cash;
    if (before.is_positive()) out.push_back((trade->profit + trade->dividends).to_double() / before.to_double());
  }
  return out;
}

DrawdownLuck shuffle_trades(std::span<const double> returns, std::size_t replicates, const core::Rng& rng) {
  DrawdownLuck out;
  if (returns.size() < 2 || replicates == 0) return out;
  out.actual = deepest_drawdown_of(returns);
  out.drawn.resize(replicates);
  tbb::parallel_for(std::size_t{0}, replicates, [&](std::size_t r) {
    core::Rng own = rng.fork(r);
    std::vector<double> order(returns.begin(), returns.end());
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[own.below(i)]);
    out.drawn[r] = deepest_drawdown_of(order);
  });
  std::ranges::sort(out.drawn);
  out.median = quantile(out.drawn, 0.5);
  out.high = quantile(out.drawn, kConfidence);
  const auto below = std::ranges::lower_bound(out.drawn, out.actual) - out.drawn.begin();
  out.smaller = static_cast<double>(below) / static_cast<double>(replicates);
  return out;
}

Luck measure_luck(const Simulation& run, market::Timeframe timeframe, bool every_day, const LuckSettings& settings) {
  const core::Rng rng = core::Rng(settings.seed).fork(10);
  Luck out;
  const ReturnSeries series = return_series(run, timeframe, every_day);
  out.unit = series.unit;
  out.returns = static_cast<std::int64_t>(series.returns.size());
  if (series.returns.size() >= kLeastReturns && series.years > 0) {
    const CurveLuck curve(series, rng.fork(1));
    out.block = static_cast<std::int64_t>(curve.plan().block);
    out.replicates = static_cast<std::int64_t>(curve.plan().replicates);
    curve.estimate(out.estimates);
    out.sharpe = judge_sharpe(series, settings);
  }
  estimate_trades(run.trades, rng.fork(2), out.estimates);
  const std::vector<double> trades = trade_returns(run);
  out.drawdown = shuffle_trades(trades, trades.size() < kLeastTrades ? 0 : replicates_of(trades.size()), rng.fork(3));
  return out;
}

}  // namespace argosy::honesty

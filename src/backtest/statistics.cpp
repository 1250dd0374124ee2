#include "backtest/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "market/bar.hpp"

namespace argosy::backtest {

double periods_per_year(market::Timeframe timeframe, bool every_day) {
  switch (timeframe.unit()) {
    case market::TimeframeUnit::kWeek:
      return 52;
    case market::TimeframeUnit::kMonth:
      return 12;
    default:
      return every_day ? 365 : 252;
  }
}

ReturnRatios return_ratios(std::span<const double> returns, double per_year) {
  ReturnRatios out;
  if (returns.size() < 2) return out;
  const auto count = static_cast<double>(returns.size());
  double sum = 0;
  for (const double value : returns) sum += value;
  const double mean = sum / count;
  double squares = 0;
  double downside = 0;
  for (const double value : returns) {
    squares += (value - mean) * (value - mean);
    if (value < 0) downside += value * value;
  }
  const double deviation = std::sqrt(squares / (count - 1));
  const double annual = std::sqrt(per_year);
  out.volatility = deviation * annual;
  if (deviation > 0) out.sharpe = mean / deviation * annual;
  if (downside > 0) out.sortino = mean / std::sqrt(downside / count) * annual;
  return out;
}

namespace {

// The equity at the end of each day, or of each bar that is a day or longer.
std::vector<double> period_ends(std::span<const std::int64_t> keys, std::span<const core::Money> equity) {
  std::vector<double> out;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool last_of_day = i + 1 == keys.size() || market::key_date(keys[i + 1]) != market::key_date(keys[i]);
    if (last_of_day) out.push_back(equity[i].to_double());
  }
  return out;
}

void add_ratios(EquityStatistics& out, std::span<const double> ends, double initial, double per_year) {
  if (ends.size() < 2) return;
  std::vector<double> returns;
  returns.reserve(ends.size());
  double before = initial;
  for (const double end : ends) {
    if (!(before > 0)) return;  // ruined: ratios of returns mean nothing any more
    returns.push_back(end / before - 1);
    before = end;
  }
  const ReturnRatios ratios = return_ratios(returns, per_year);
  out.volatility = ratios.volatility;
  out.sharpe = ratios.sharpe;
  out.sortino = ratios.sortino;
}

void add_drawdown(EquityStatistics& out, std::span<const std::int64_t> keys, std::span<const core::Money> equity,
                  core::Money initial) {
  core::Money peak = initial;
  std::size_t peak_at = 0;
  std::size_t worst_peak_at = 0;
  std::size_t worst_at = 0;
  core::Money worst_peak = initial;
  for (std::size_t i = 0; i < equity.size(); ++i) {
    if (equity[i] >= peak) {
      peak = equity[i];
      peak_at = i;
      continue;
    }
    const double fall = 1 - equity[i].to_double() / peak.to_double();
    if (fall <= out.max_drawdown) continue;
    out.max_drawdown = fall;
    worst_peak = peak;
    worst_peak_at = peak_at;
    worst_at = i;
  }
  if (out.max_drawdown <= 0) return;
  out.drawdown_peak = keys[worst_peak_at];
  out.drawdown_trough = keys[worst_at];
  std::size_t end = worst_at;
  while (end < equity.size() && equity[end] < worst_peak) ++end;
  if (end < equity.size()) out.drawdown_recovery = keys[end];
  out.drawdown_bars = static_cast<std::int64_t>(std::min(end, equity.size() - 1) - worst_peak_at);
}

}  // namespace

EquityStatistics equity_statistics(std::span<const std::int64_t> keys, std::span<const core::Money> equity,
                                   core::Money initial, market::Timeframe timeframe, bool every_day) {
  ARGOSY_CHECK(keys.size() == equity.size() && !keys.empty() && initial.is_positive());
  EquityStatistics out;
  const double last = equity.back().to_double();
  out.total_return = last / initial.to_double() - 1;
  const auto days = static_cast<double>(keys.back() - keys.front()) / 86'400e9;
  if (days >= 1) out.cagr = last > 0 ? std::pow(last / initial.to_double(), 365.25 / days) - 1 : -1;
  add_ratios(out, period_ends(keys, equity), initial.to_double(), periods_per_year(timeframe, every_day));
  add_drawdown(out, keys, equity, initial);
  if (out.max_drawdown > 0) out.calmar = out.cagr / out.max_drawdown;
  return out;
}

TradeStatistics trade_statistics(std::span<const engine::Trade> trades) {
  TradeStatistics out{.trades = static_cast<std::int64_t>(trades.size())};
  if (trades.empty()) return out;
  core::Money won;
  core::Money lost;
  std::int64_t wins = 0;
  std::int64_t losses = 0;
  for (const engine::Trade& trade : trades) {
    if (trade.profit.is_positive()) {
      won += trade.profit;
      ++wins;
    } else {
      lost += trade.profit;
      losses += trade.profit.is_negative() ? 1 : 0;
    }
  }
  const auto count = static_cast<double>(trades.size());
  out.win_rate = static_cast<double>(wins) / count;
  out.expectancy = (won + lost).to_double() / count;
  if (lost.is_negative()) out.profit_factor = won.to_double() / -lost.to_double();
  if (wins > 0) out.average_win = won.to_double() / static_cast<double>(wins);
  if (losses > 0) out.average_loss = lost.to_double() / static_cast<double>(losses);
  return out;
}

}  // namespace argosy::backtest

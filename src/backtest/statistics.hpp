// The statistics of an equity curve and its trades. Ratios are plain numbers: 0.25 is 25 %. A statistic that is not
// defined (no trades, no losses, no variance) is NaN.
//
// Returns are taken a day (a bar for weekly and monthly bars) and annualised with 252 days a year, 365 for a calendar
// without closed days, 52 weeks or 12 months. The risk-free rate is zero.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/decimal.hpp"
#include "engine/engine.hpp"
#include "market/timeframe.hpp"

namespace argosy::backtest {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Returns a year: 252 of days, 365 where every day is traded, 52 of weeks, 12 of months.
[[nodiscard]] double periods_per_year(market::Timeframe timeframe, bool every_day);

struct ReturnRatios {
  double volatility = kUndefined;
  double sharpe = kUndefined;
  double sortino = kUndefined;
};
// Of at least two returns, annualised; as EquityStatistics has them.
[[nodiscard]] ReturnRatios return_ratios(std::span<const double> returns, double per_year);

// Statistics of an equity curve alone.
struct EquityStatistics {
  double total_return = 0;             // last / first - 1
  double cagr = kUndefined;            // compound annual growth rate, by civil days / 365.25
  double volatility = kUndefined;      // sample standard deviation of returns, annualised
  double sharpe = kUndefined;          // mean return / standard deviation, annualised
  double sortino = kUndefined;         // mean return / downside deviation (against 0, over all returns), annualised
  double calmar = kUndefined;          // cagr / max_drawdown
  double max_drawdown = 0;             // the largest fall below an earlier peak, as a positive share of the peak
  std::int64_t drawdown_peak = 0;      // key of the peak before it
  std::int64_t drawdown_trough = 0;    // key of its lowest point
  std::int64_t drawdown_recovery = 0;  // key of the first bar at or above the peak again; 0: never
  std::int64_t drawdown_bars = 0;      // from peak to recovery, or to the end
};

// `keys` and `equity` of equal length, at least one; `initial` is the equity before the first bar.
[[nodiscard]] EquityStatistics equity_statistics(std::span<const std::int64_t> keys,
                                                 std::span<const core::Money> equity, core::Money initial,
                                                 market::Timeframe timeframe, bool every_day);

struct TradeStatistics {
  std::int64_t trades = 0;
  double win_rate = kUndefined;       // trades with a profit above zero / trades
  double profit_factor = kUndefined;  // sum of profits / sum of losses
  double expectancy = kUndefined;     // mean profit of a trade, in the account's currency
  double average_win = kUndefined;
  double average_loss = kUndefined;  // negative
};
[[nodiscard]] TradeStatistics trade_statistics(std::span<const engine::Trade> trades);

}  // namespace argosy::backtest

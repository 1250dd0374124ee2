// A backtest: a strategy over stored bars, with its statistics, buy-and-hold beside it, and everything it assumed.
//
//   BacktestRequest request{.strategy = file, .symbols = {"AAPL"}, .cash = Money::from_integer(100'000)};
//   ARGOSY_TRY(const BacktestResult result, run_backtest(request, snapshot));
//   write(trades_csv(result));  write(html_report(result));
//
// What the result is worth is asked in honesty/honesty.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/report.hpp"
#include "backtest/request.hpp"
#include "backtest/simulate.hpp"
#include "backtest/statistics.hpp"
#include "backtest/steps.hpp"
#include "core/record.hpp"

namespace argosy::backtest {

// The headline of a result; its fields are the keys of `argosy backtest --json`.
struct Summary {
  std::optional<std::string> run;  // where it is stored
  std::string strategy;
  std::vector<std::string> symbols;
  std::optional<std::string> universe;
  std::string timeframe;
  std::optional<std::string> detail;
  std::string from;  // of the first bar
  std::string to;    // of the last bar
  std::int64_t bars = 0;
  core::Money initial_cash;
  core::Money final_equity;
  double total_return = 0;
  double cagr = kUndefined;
  double volatility = kUndefined;
  double sharpe = kUndefined;
  double sortino = kUndefined;
  double calmar = kUndefined;
  double max_drawdown = 0;
  std::optional<std::string> max_drawdown_from;
  std::optional<std::string> max_drawdown_low;
  std::optional<std::string> max_drawdown_to;  // empty: not recovered
  std::int64_t max_drawdown_bars = 0;
  std::int64_t trades = 0;
  double win_rate = kUndefined;
  double profit_factor = kUndefined;
  double expectancy = kUndefined;
  double exposure = 0;
  double turnover = kUndefined;
  std::string account;
  std::string currency;
  std::string slippage;
  std::optional<std::string> volume_cap;
  std::string latency;
  std::string limit_fills;
  std::string limits;
  std::string fee_schedule;
  core::Money fees;
  core::Money charges;
  core::Money dividends;
  std::int64_t orders = 0;
  std::int64_t orders_denied = 0;
  std::int64_t orders_rejected = 0;
  std::int64_t margin_calls = 0;
  std::int64_t breaker_trips = 0;
  std::optional<std::string> prop_verdict;
  std::int64_t open_positions = 0;
  std::int64_t entries_left_out = 0;
  double buy_and_hold_return = kUndefined;
  double buy_and_hold_cagr = kUndefined;
  double buy_and_hold_sharpe = kUndefined;
  double buy_and_hold_max_drawdown = kUndefined;
  std::string prices;  // adjusted or raw
  std::string data_hash;
  std::string result_hash;
  std::vector<std::string> warnings;
};

struct BacktestResult {
  Summary summary;
  strategy::StrategyFile strategy;
  std::shared_ptr<const MarketData> market;
  SimulationSettings settings;  // as they were applied
  RunSignals signals;
  core::Money initial_cash;  // of all balances, in that currency
  Simulation run;
  Simulation buy_and_hold;  // the cash divided evenly, bought after each symbol's first bar and kept
  EquityStatistics statistics;
  EquityStatistics benchmark;
  TradeStatistics trade_statistics;
  std::string empty_reason;  // why nothing was traded; empty when something was
};

// Loads, evaluates, simulates. Errors: unknown symbols, no bars in the range, formulas that ask for missing fields.
[[nodiscard]] core::Result<BacktestResult> run_backtest(const BacktestRequest& request, const lake::Snapshot& snapshot);
// The same over what is loaded already. Only formulas that look beyond the rows of the symbol traded read `snapshot`.
[[nodiscard]] core::Result<BacktestResult> run_backtest(const BacktestRequest& request,
                                                        std::shared_ptr<const MarketData> market,
                                                        const lake::Snapshot& snapshot);

// symbol, side, entry_time, entry_price, exit_time, exit_price, quantity, fees, profit, exit_reason; a row a closed
// trade.
[[nodiscard]] std::string trades_csv(const BacktestResult& result);
// Every order with what became of it and the rule that decided its fill.
[[nodiscard]] std::string orders_csv(const BacktestResult& result);
// time,equity,buy_and_hold
[[nodiscard]] std::string equity_csv(const BacktestResult& result);
// One HTML page, see backtest/report.hpp.
[[nodiscard]] std::string html_report(const BacktestResult& result, ReportAddition addition = {});

}  // namespace argosy::backtest

template <>
struct argosy::core::RecordOf<argosy::backtest::Summary> {
  using Summary = argosy::backtest::Summary;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Summary, run, .text = "id of the stored run (argosy run); null: it was not stored"),
      ARGOSY_FIELD(Summary, strategy, .text = "name of the strategy"),
      ARGOSY_FIELD(Summary, symbols, .text = "what was traded, in the order in which cash is shared"),
      ARGOSY_FIELD(Summary, universe, .text = "whose symbols they are; null: they were named"),
      ARGOSY_FIELD(Summary, timeframe, .text = "length of a bar"),
      ARGOSY_FIELD(Summary, detail, .text = "length of the bars in which orders were filled; null: the same"),
      ARGOSY_FIELD(Summary, from, .text = "first bar"),
      ARGOSY_FIELD(Summary, to, .text = "last bar"),
      ARGOSY_FIELD(Summary, bars, .text = "bars of all symbols"),
      ARGOSY_FIELD(Summary, initial_cash, .text = "cash at the start"),
      ARGOSY_FIELD(Summary, final_equity, .text = "cash and positions at the last close"),
      ARGOSY_FIELD(Summary, total_return, .unit = "ratio", .text = "final equity / initial cash - 1"),
      ARGOSY_FIELD(Summary, cagr, .unit = "ratio a year", .text = "compound annual growth rate"),
      ARGOSY_FIELD(Summary, volatility, .unit = "ratio a year",
                   .text = "annualised standard deviation of daily returns"),
      ARGOSY_FIELD(Summary, sharpe, .text = "annualised Sharpe ratio, risk-free rate 0"),
      ARGOSY_FIELD(Summary, sortino, .text = "annualised Sortino ratio, target 0"),
      ARGOSY_FIELD(Summary, calmar, .text = "cagr / max_drawdown"),
      ARGOSY_FIELD(Summary, max_drawdown, .unit = "ratio", .text = "largest fall below an earlier peak, positive"),
      ARGOSY_FIELD(Summary, max_drawdown_from, .text = "time of the peak before it"),
      ARGOSY_FIELD(Summary, max_drawdown_low, .text = "time of its lowest point"),
      ARGOSY_FIELD(Summary, max_drawdown_to, .text = "time of its recovery; null: not recovered"),
      ARGOSY_FIELD(Summary, max_drawdown_bars, .unit = "bars", .text = "from the peak to the recovery or the end"),
      ARGOSY_FIELD(Summary, trades, .text = "closed round trips"),
      ARGOSY_FIELD(Summary, win_rate, .unit = "ratio", .text = "share of trades with a profit"),
      ARGOSY_FIELD(Summary, profit_factor, .text = "sum of profits / sum of losses"),
      ARGOSY_FIELD(Summary, expectancy, .unit = "currency", .text = "mean profit of a trade"),
      ARGOSY_FIELD(Summary, exposure, .unit = "ratio", .text = "share of bars with a position"),
      ARGOSY_FIELD(Summary, turnover, .unit = "times a year",
                   .text = "half the traded amount over the mean equity, a year"),
      ARGOSY_FIELD(Summary, account, .text = "cash or margin"),
      ARGOSY_FIELD(Summary, currency, .text = "the account's"),
      ARGOSY_FIELD(Summary, slippage, .text = "how much worse than their rule market and stop orders were filled"),
      ARGOSY_FIELD(Summary, volume_cap, .text = "share of a bar's volume that orders could take; null: any quantity"),
      ARGOSY_FIELD(Summary, latency, .text = "how long orders travelled"),
      ARGOSY_FIELD(Summary, limit_fills, .text = "touch: a price that touches a limit fills it; through: a better one"),
      ARGOSY_FIELD(Summary, limits, .text = "profile of the risk limits"),
      ARGOSY_FIELD(Summary, fee_schedule, .text = "what fees were charged by"),
      ARGOSY_FIELD(Summary, fees, .text = "paid in all"),
      ARGOSY_FIELD(Summary, charges, .text = "interest and borrow fees; paid: negative"),
      ARGOSY_FIELD(Summary, dividends, .text = "received in all, less what shorts owed"),
      ARGOSY_FIELD(Summary, orders, .text = "orders made, denied ones included"),
      ARGOSY_FIELD(Summary, orders_denied, .text = "refused by the risk gate"),
      ARGOSY_FIELD(Summary, orders_rejected, .text = "refused by the exchange"),
      ARGOSY_FIELD(Summary, margin_calls, .text = "ends of days at which the margin did not carry the positions"),
      ARGOSY_FIELD(Summary, breaker_trips, .text = "times the circuit breaker opened"),
      ARGOSY_FIELD(Summary, prop_verdict, .text = "how it ended by the rules of the limits' prop firm; null: none"),
      ARGOSY_FIELD(Summary, open_positions, .text = "positions still open at the end"),
      ARGOSY_FIELD(Summary, entries_left_out, .text = "signals to enter whose confidence was too small"),
      ARGOSY_FIELD(Summary, buy_and_hold_return, .unit = "ratio",
                   .text = "total return of buying at the start and holding"),
      ARGOSY_FIELD(Summary, buy_and_hold_cagr, .unit = "ratio a year", .text = "its compound annual growth rate"),
      ARGOSY_FIELD(Summary, buy_and_hold_sharpe, .text = "its Sharpe ratio"),
      ARGOSY_FIELD(Summary, buy_and_hold_max_drawdown, .unit = "ratio", .text = "its largest drawdown"),
      ARGOSY_FIELD(Summary, prices, .text = "adjusted: with corporate actions; raw: without"),
      ARGOSY_FIELD(Summary, data_hash, .text = "hash of the bars and corporate actions used"),
      ARGOSY_FIELD(Summary, result_hash, .text = "hash of trades, orders and equity"),
      ARGOSY_FIELD(Summary, warnings, .text = "what a reader should know before believing the numbers"),
  };
  static constexpr RecordType kType{"backtest", "The headline of a backtest", kFields};
};

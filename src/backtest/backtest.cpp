#include "backtest/backtest.hpp"

#include "backtest/detail/summary.hpp"

namespace argosy::backtest {

using core::Result;

Result<BacktestResult> run_backtest(const BacktestRequest& request, const lake::Snapshot& snapshot) {
  ARGOSY_TRY(MarketData market, load_market(request, snapshot));
  return run_backtest(request, std::make_shared<const MarketData>(std::move(market)), snapshot);
}

Result<BacktestResult> run_backtest(const BacktestRequest& request, std::shared_ptr<const MarketData> market,
                                    const lake::Snapshot& snapshot) {
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
  ARGOSY_TRY(SimulationSettings settings, make_settings(request, compiled, *market));
  ARGOSY_TRY(RunSignals signals, find_signals(request, compiled, market->symbols, snapshot));
  BacktestResult result{.strategy = request.strategy,
                        .market = std::move(market),
                        .settings = std::move(settings),
                        .signals = std::move(signals)};
  ARGOSY_TRY(result.buy_and_hold, simulate_buy_and_hold(request, *result.market));
  result.run = simulate(result.settings, make_feeds(*result.market, result.signals));

  const bool every_day = result.market->trades_every_day();
  result.initial_cash = result.run.initial_cash;
  result.statistics =
      equity_statistics(result.run.keys, result.run.equity, result.initial_cash, request.timeframe, every_day);
  result.benchmark = equity_statistics(result.buy_and_hold.keys, result.buy_and_hold.equity, result.initial_cash,
                                       request.timeframe, every_day);
  result.trade_statistics = trade_statistics(result.run.trades);
  result.empty_reason = find_empty_reason(result, compiled.plan().warm_up());
  result.summary = summarise(request, result);
  result.summary.entries_left_out = result.signals.left_out;
  result.summary.data_hash = hash_market(result.signals, *result.market);
  result.summary.result_hash = hash_result(result.run);
  result.summary.warnings = find_warnings(result, compiled.plan().warm_up());
  return result;
}

}  // namespace argosy::backtest

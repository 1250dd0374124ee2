#include "optimize/walk_forward.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backtest/market_part.hpp"
#include "backtest/steps.hpp"
#include "core/hash.hpp"
#include "optimize/detail/part_search.hpp"
#include "optimize/strategy_space.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::optimize {

using backtest::MarketPart;
using backtest::RunSignals;
using backtest::Simulation;
using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// What trades in one window: the settings of a run, and its signals over all of the stitched bars.
struct WindowRun {
  backtest::SimulationSettings settings;
  RunSignals signals;
};

Result<WindowRun> prepare(const SearchContext& context, const PartSearch& searched, const search::Setting& setting,
                          const MarketPart& part) {
  const auto values = to_sweep(context.request.space, setting, context.request.base.strategy);
  ARGOSY_TRY(const backtest::BacktestRequest request, searched.evaluator.sweep().request(values));
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
  WindowRun out;
  ARGOSY_TRY(out.settings, backtest::make_settings(request, compiled, *part.market));
  // Over all of the data, so that formulas are warm when the first window begins.
  ARGOSY_TRY(out.signals, backtest::find_signals(request, compiled, context.market->symbols, context.snapshot));
  backtest::keep_part(part, out.signals);
  return out;
}

// The first window's settings begin, each further one's take over at its border.
Simulation stitch(std::span<const WindowRun> runs, std::span<const Window> windows,
                  const backtest::MarketData& market) {
  backtest::SimulationSettings settings = runs[0].settings;
  for (std::size_t w = 1; w < runs.size(); ++w) {
    settings.changes.push_back({.key = windows[w].test_from,
                                .engine = runs[w].settings.engine,
                                .feeds = backtest::make_feeds(market, runs[w].signals)});
  }
  return simulate(settings, backtest::make_feeds(market, runs[0].signals));
}

// Of one window of an equity curve.
void judge_window(const SearchContext& context, const WalkForwardResult& result, std::size_t first, std::size_t last,
                  Window& window) {
  const bool every_day = context.market->trades_every_day();
  const auto part = [&](const Simulation& run) {
    const core::Money before = first > 0 ? run.equity[first - 1] : run.initial_cash;
    return backtest::equity_statistics(std::span(run.keys).subspan(first, last - first),
                                       std::span(run.equity).subspan(first, last - first), before,
                                       context.market->timeframe, every_day);
  };
  const backtest::EquityStatistics traded = part(result.run);
  window.test_return = traded.total_return;
  window.test_sharpe = traded.sharpe;
  window.hold_return = part(result.buy_and_hold).total_return;
}

std::string hash_windows(const WalkForwardResult& result) {
  core::Hasher hasher;
  for (const Window& window : result.windows) hasher.update(window.result_hash);
  hasher.update(backtest::hash_result(result.run));
  return hasher.finish();
}

Result<Window> make_window(const SearchContext& context, const PartSearch& searched, const search::Split& split,
                           std::span<const std::int64_t> keys) {
  const search::Trial* best = searched.best();
  const market::Timeframe timeframe = context.market->timeframe;
  Window out{.study = searched.study,
             .train_from = keys[split.train.front().begin],
             .train_to = keys[split.train.back().end - 1],
             .test_from = keys[split.test.front().begin],
             .test_to = keys[split.test.back().end - 1],
             .trials = searched.trials.trials.size(),
             .result_hash = searched.trials.result_hash};
  if (best == nullptr) {
    return fail(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("no setting trades, or meets the conditions, from {} to {}",
                          market::format_key(out.train_from, timeframe), market::format_key(out.train_to, timeframe)))
            .with_hint("train on more years, or ask for less"));
  }
  out.setting = best->setting;
  out.train_value = best->values.front();
  const auto values = to_sweep(context.request.space, best->setting, context.request.base.strategy);
  ARGOSY_TRY(const auto runs,
             searched.evaluator.sweep().evaluate(std::span(&values, 1), {.from = out.train_from, .to = out.train_to},
                                                 {.statistics = true}));
  out.train_sharpe = runs.front().statistics.sharpe;
  return out;
}

void judge(const SearchContext& context, WalkForwardResult& result) {
  const auto statistics = [&](const Simulation& run) {
    return backtest::equity_statistics(run.keys, run.equity, run.initial_cash, context.market->timeframe,
                                       context.market->trades_every_day());
  };
  result.statistics = statistics(result.run);
  result.benchmark = statistics(result.buy_and_hold);
  result.trades = backtest::trade_statistics(result.run.trades);
  double trained = 0;
  std::size_t first = 0;
  for (Window& window : result.windows) {
    const auto end = std::ranges::upper_bound(result.run.keys, window.test_to);
    const auto last = static_cast<std::size_t>(end - result.run.keys.begin());
    judge_window(context, result, first, last, window);
    first = last;
    trained += window.train_sharpe / static_cast<double>(result.windows.size());
  }
  if (trained > 0) result.efficiency = result.statistics.sharpe / trained;
  result.result_hash = hash_windows(result);
}

}  // namespace

Result<WalkForwardResult> run_walk_forward(const SearchContext& context, const std::string& study,
                                           std::span<const std::int64_t> keys) {
  const search::WalkForward& plan = *context.request.walk_forward;
  std::vector<core::Date> dates;
  for (const std::int64_t key : keys) dates.push_back(market::key_date(key));
  ARGOSY_TRY(const std::vector<search::Split> splits, search::walk_forward(plan, dates));
  const data::KeyRange tested{.from = keys[splits.front().test.front().begin],
                              .to = keys[splits.back().test.back().end - 1]};
  ARGOSY_TRY(const MarketPart part, backtest::take_part(context.market, tested));

  WalkForwardResult out{.lengths = fmt::format("{}/{}", to_string(plan.train), to_string(plan.test)),
                        .anchored = plan.anchored};
  std::vector<WindowRun> runs;
  for (std::size_t w = 0; w < splits.size(); ++w) {
    const data::KeyRange train{.from = keys[splits[w].train.front().begin], .to = keys[splits[w].train.back().end - 1]};
    const auto progress = [&](double share) {
      if (context.request.on_progress)
        context.request.on_progress("walking forward",
                                    (static_cast<double>(w) + share) / static_cast<double>(splits.size()));
    };
    ARGOSY_TRY(const PartSearch searched,
               search_part(context, train, fmt::format("{} {} window {}", study, out.lengths, w + 1), progress));
    ARGOSY_TRY(Window window, make_window(context, searched, splits[w], keys));
    ARGOSY_TRY(WindowRun run, prepare(context, searched, window.setting, part));
    out.windows.push_back(std::move(window));
    runs.push_back(std::move(run));
  }
  out.run = stitch(runs, out.windows, *part.market);
  ARGOSY_TRY(out.buy_and_hold, backtest::simulate_buy_and_hold(context.request.base, *part.market));
  judge(context, out);
  return out;
}

}  // namespace argosy::optimize

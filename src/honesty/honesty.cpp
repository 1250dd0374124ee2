#include "honesty/honesty.hpp"

#include <tbb/parallel_invoke.h>

#include <optional>

namespace argosy::honesty {

using backtest::SimulationSettings;

core::Result<Honesty> check_honesty(const FileRun& run, const HonestyRequest& wanted) {
  Honesty out{.seed = wanted.seed};
  std::optional<core::Result<LookAhead>> look_ahead;
  const RunWithCosts with_costs = [&](const SimulationSettings& settings) {
    return simulate(settings, make_feeds(run.market, run.signals));
  };
  tbb::parallel_invoke([&] { look_ahead = check_look_ahead(run, {.prove = wanted.prove, .seed = wanted.seed}); },
                       [&] { out.costs = climb_costs(run.settings, run.run, with_costs); },
                       [&] {
                         out.entries = try_random_entries({.request = run.request,
                                                           .compiled = run.compiled,
                                                           .settings = run.settings,
                                                           .market = run.market,
                                                           .signals = run.signals,
                                                           .run = run.run},
                                                          wanted.seed);
                       },
                       [&] {
                         out.luck = measure_luck(
                             run.run, run.request.timeframe, run.market.trades_every_day(),
                             {.seed = wanted.seed, .trials = wanted.trials, .trials_spread = wanted.trials_spread});
                         out.memory = find_memory(run.request.strategy, run.market.symbols.front(), run.request.prices);
                       });
  ARGOSY_TRY(out.look_ahead, *std::move(look_ahead));
  return out;
}

core::Result<Honesty> check_honesty(const backtest::BacktestRequest& request, const backtest::BacktestResult& result,
                                    const lake::Snapshot& snapshot, const HonestyRequest& wanted) {
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
  return check_honesty({.request = request,
                        .compiled = compiled,
                        .settings = result.settings,
                        .market = *result.market,
                        .snapshot = snapshot,
                        .signals = result.signals,
                        .run = result.run},
                       wanted);
}

}  // namespace argosy::honesty

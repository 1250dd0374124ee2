#include "backtest/honesty.hpp"

#include <tbb/parallel_invoke.h>

#include <optional>

namespace argosy::backtest {

core::Result<Honesty> check_honesty(const FileRun& run, const HonestyRequest& request) {
  Honesty out{.seed = request.seed};
  std::optional<core::Result<LookAhead>> look_ahead;
  const RunWithCosts with_costs = [&](const SimulationSettings& settings) {
    return simulate(settings, make_feeds(run.market, run.signals));
  };
  tbb::parallel_invoke([&] { look_ahead = check_look_ahead(run, {.prove = request.prove, .seed = request.seed}); },
                       [&] { out.costs = climb_costs(run.settings, run.run, with_costs); },
                       [&] {
                         out.entries = try_random_entries({.request = run.request,
                                                           .compiled = run.compiled,
                                                           .settings = run.settings,
                                                           .market = run.market,
                                                           .signals = run.signals,
                                                           .run = run.run},
                                                          request.seed);
                       },
                       [&] {
                         out.luck = measure_luck(
                             run.run, run.request.timeframe, run.market.trades_every_day(),
                             {.seed = request.seed, .trials = request.trials, .trials_spread = request.trials_spread});
                         out.memory = find_memory(run.request.strategy, run.market.symbols.front(), run.request.prices);
                       });
  ARGOSY_TRY(out.look_ahead, *std::move(look_ahead));
  return out;
}

}  // namespace argosy::backtest

#include "backtest/sweep.hpp"

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "backtest/detail/sweep_result.hpp"
#include "backtest/detail/sweep_rules.hpp"
#include "backtest/market_part.hpp"
#include "backtest/steps.hpp"
#include "core/text.hpp"
#include "strategy/compiled_strategy.hpp"
#include "strategy/numbers.hpp"

namespace argosy::backtest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

std::string_view to_string(SweepEngine engine) { return engine == SweepEngine::kKernel ? "kernel" : "core"; }

// One call of Sweep::evaluate().
class SweepRun {
 public:
  SweepRun(const Sweep& sweep, std::span<const SweepSetting> settings, const SweepWants& wants, MarketPart part)
      : sweep_(sweep), settings_(settings), wants_(wants), part_(std::move(part)), results_(settings.size()) {}

  std::vector<SweepResult> execute() {
    for (std::size_t k = 0; k < settings_.size(); ++k) {
      if (!std::ranges::all_of(settings_[k], [](double value) { return std::isfinite(value); }))
        results_[k].error = sweep_.request(settings_[k]).error();
    }
    const std::vector<SettingGroup> groups = group_settings(settings_, sweep_.in_rules_);
    // More threads than processors would only wait for each other.
    tbb::task_arena arena(std::min(sweep_.request_.workers, tbb::info::default_concurrency()));
    arena.execute([&] {
      tbb::parallel_for(
          std::size_t{0}, groups.size(), [&](std::size_t k) { run_core(groups[k]); }, tbb::simple_partitioner());
    });
    return std::move(results_);
  }

 private:
  void run_core(const SettingGroup& group) {
    const auto first = sweep_.request(settings_[group.settings.front()]);
    if (!first && group.settings.size() == 1) {
      results_[group.settings.front()].error = first.error();
      return;
    }
    auto compiled = first ? strategy::compile_strategy(first->strategy) : std::unexpected(first.error());
    auto signals = compiled ? find_signals(*first, *compiled, sweep_.market_->symbols, *sweep_.snapshot_)
                            : std::unexpected(compiled.error());
    if (signals) keep_part(part_, *signals);
    for (const std::size_t k : group.settings) {
      // A setting whose own numbers are wrong must not speak for the others of its group.
      if (signals) {
        run_core(k, *compiled, *signals);
      } else if (group.settings.size() == 1) {
        results_[k].error = signals.error();
      } else {
        run_core({.values = group.values, .settings = {k}});
      }
    }
  }

  void run_core(std::size_t k, strategy::CompiledStrategy compiled, const RunSignals& signals) {
    SweepResult& result = results_[k];
    const auto request = sweep_.request(settings_[k]);
    if (!request) return void(result.error = request.error());
    auto bracket = strategy::constant_bracket(request->strategy);
    if (!bracket) return void(result.error = bracket.error());
    compiled.bracket = *bracket;
    const MarketData& market = *part_.market;
    const auto settings = make_settings(*request, compiled, market);
    if (!settings) return void(result.error = settings.error());
    const Simulation run = simulate(*settings, make_feeds(market, signals));
    result.why_core = sweep_.why_core_;
    fill_result({.keys = run.keys,
                 .equity = run.equity,
                 .trades = run.trades,
                 .initial_cash = run.initial_cash,
                 .final_equity = run.equity.back(),
                 .fees = run.fees,
                 .dividends = run.dividends,
                 .open_positions = std::ssize(run.open_positions),
                 .invested = run.invested},
                wants_, market.timeframe, market.trades_every_day(), result);
  }

  const Sweep& sweep_;
  std::span<const SweepSetting> settings_;
  SweepWants wants_;
  MarketPart part_;
  std::vector<SweepResult> results_;
};

Sweep::Sweep(SweepRequest request, std::shared_ptr<const MarketData> market, const lake::Snapshot& snapshot)
    : request_(std::move(request)), market_(std::move(market)), snapshot_(&snapshot) {}

Result<Sweep> Sweep::make(SweepRequest request, std::shared_ptr<const MarketData> market,
                          const lake::Snapshot& snapshot) {
  if (request.parameters.empty()) {
    return fail(Error(ErrorCode::kInvalidArgument, "a sweep needs a parameter to change")
                    .with_hint("give the strategy file parameters: `params: {fast: {default: 50, range: [5, 100]}}`"));
  }
  if (request.workers < 1)
    return fail(ErrorCode::kInvalidArgument, fmt::format("a sweep by {} workers", request.workers));
  Sweep sweep(std::move(request), std::move(market), snapshot);
  const strategy::StrategyFile& strategy = sweep.request_.base.strategy;
  for (std::size_t k = 0; k < sweep.request_.parameters.size(); ++k) {
    const std::string& name = sweep.request_.parameters[k];
    const auto found = std::ranges::find(strategy.parameters, name, &strategy::Parameter::name);
    if (found == strategy.parameters.end()) {
      std::vector<std::string_view> names;
      for (const strategy::Parameter& parameter : strategy.parameters) names.push_back(parameter.name);
      return fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} has no parameter \"{}\".{}", strategy.name, name,
                                                                 core::did_you_mean(name, names))));
    }
    const auto index = static_cast<std::size_t>(found - strategy.parameters.begin());
    if (std::ranges::find(sweep.indices_, index) != sweep.indices_.end())
      return fail(ErrorCode::kInvalidArgument, fmt::format("the parameter {} is named twice", name));
    sweep.indices_.push_back(index);
    if (rules_mention(strategy, name)) sweep.in_rules_.push_back(k);
  }
  return sweep;
}

Result<void> Sweep::check_length(std::span<const double> setting) const {
  if (setting.size() == indices_.size()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("a setting has {} values, there are {} parameters", setting.size(), indices_.size()));
}

Result<BacktestRequest> Sweep::request(std::span<const double> setting) const {
  ARGOSY_TRY_VOID(check_length(setting));
  BacktestRequest out = request_.base;
  for (std::size_t k = 0; k < indices_.size(); ++k) {
    if (!std::isfinite(setting[k])) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("parameter {} is {}, which is no finite number", request_.parameters[k], setting[k]));
    }
    out.strategy.parameters[indices_[k]].value = setting[k];
  }
  ARGOSY_TRY_VOID(strategy::set_numbers(out.strategy));
  return out;
}

Result<std::vector<SweepResult>> Sweep::evaluate(std::span<const SweepSetting> settings, const data::KeyRange& part,
                                                 const SweepWants& wants) const {
  for (const SweepSetting& setting : settings) ARGOSY_TRY_VOID(check_length(setting));
  ARGOSY_TRY(MarketPart rows, take_part(market_, part));
  return SweepRun(*this, settings, wants, std::move(rows)).execute();
}

}  // namespace argosy::backtest

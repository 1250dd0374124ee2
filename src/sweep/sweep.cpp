#include "sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "backtest/assumptions.hpp"
#include "backtest/market_part.hpp"
#include "core/text.hpp"
#include "strategy/numbers.hpp"
#include "sweep/detail/rules.hpp"
#include "sweep/detail/run.hpp"
#include "sweep/detail/signals.hpp"

namespace argosy::sweep {

using backtest::BacktestRequest;
using backtest::MarketData;
using backtest::MarketPart;
using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

std::string_view to_string(SweepEngine engine) { return engine == SweepEngine::kKernel ? "kernel" : "core"; }

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
  }
  ARGOSY_TRY(const venue::ExchangeSettings exchange, backtest::exchange_settings(strategy));
  sweep.why_core_ = find_obstacle(sweep.request_.base, *sweep.market_, exchange);
  if (sweep.why_core_.empty())
    sweep.columns_ = std::make_shared<SharedColumns>(sweep.market_->symbols[0], sweep.request_.base.prices);
  const auto roles = sweep.why_core_.empty() ? kernel_roles() : core_roles();
  for (std::size_t k = 0; k < sweep.indices_.size(); ++k) {
    if (rules_mention(strategy, roles, sweep.request_.parameters[k])) sweep.in_rules_.push_back(k);
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

}  // namespace argosy::sweep

#include "optimize/strategy_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "core/text.hpp"

namespace argosy::optimize {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

bool is_whole(double value) { return value == std::floor(value); }

}  // namespace

Result<search::Space> strategy_space(const strategy::StrategyFile& strategy) {
  std::vector<search::Parameter> parameters;
  for (const strategy::Parameter& p : strategy.parameters) {
    if (!p.range) continue;
    const bool whole = p.range->step > 0 && is_whole(p.range->from) && is_whole(p.range->step) && is_whole(p.value);
    parameters.push_back({.name = p.name,
                          .kind = whole ? search::ParameterKind::kInteger : search::ParameterKind::kFloat,
                          .from = p.range->from,
                          .to = p.range->to,
                          .step = p.range->step,
                          .initial = p.value});
  }
  if (parameters.empty()) {
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{}: no parameter has a range", strategy.file))
            .with_hint("write `params: {fast: {default: 50, range: [5, 100], step: 5}}`, or give --space FILE"));
  }
  return search::Space::make(std::move(parameters), strategy.file);
}

Result<void> check_space(const search::Space& space, const strategy::StrategyFile& strategy) {
  std::vector<std::string_view> known;
  for (const strategy::Parameter& p : strategy.parameters) known.push_back(p.name);
  for (std::size_t i = 0; i < space.size(); ++i) {
    const search::Parameter& p = space.parameter(i);
    if (std::ranges::find(known, p.name) == known.end()) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} has no parameter \"{}\".{}", strategy.name, p.name,
                                                           core::did_you_mean(p.name, known)));
    }
    for (const search::Choice& choice : p.choices) {
      if (choice.number) continue;
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: the choice \"{}\" is no number, and the parameters of a strategy are", p.name, choice.text));
    }
  }
  return {};
}

std::vector<std::string> parameter_names(const search::Space& space) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < space.size(); ++i) out.push_back(space.parameter(i).name);
  return out;
}

sweep::SweepSetting to_sweep(const search::Space& space, const search::Setting& setting,
                             const strategy::StrategyFile& strategy) {
  sweep::SweepSetting out;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (setting.is_active(i)) {
      out.push_back(space.number(i, setting));
      continue;
    }
    const auto found = std::ranges::find(strategy.parameters, space.parameter(i).name, &strategy::Parameter::name);
    ARGOSY_CHECK(found != strategy.parameters.end(), "a space of {}", space.parameter(i).name);
    out.push_back(found->value);
  }
  return out;
}

}  // namespace argosy::optimize

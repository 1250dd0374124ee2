#include "optimize/evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "market/bar.hpp"
#include "optimize/strategy_space.hpp"

namespace argosy::optimize {

using backtest::MarketData;
using core::Result;
using sweep::Sweep;
using sweep::SweepResult;

namespace {

constexpr std::int64_t kNanosecondsPerDay = 86'400'000'000'000;

// First and last key of what is in the part.
std::pair<std::int64_t, std::int64_t> find_ends(const MarketData& market, const data::KeyRange& part) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (const data::SymbolData& symbol : market.symbols) {
    const auto& keys = symbol.bars.key;
    const auto from = part.from ? std::ranges::lower_bound(keys, *part.from) : keys.begin();
    const auto to = part.to ? std::ranges::upper_bound(keys, *part.to) : keys.end();
    if (from >= to) continue;
    first = std::min(first, *from);
    last = std::max(last, *(to - 1));
  }
  return {first, last};
}

// The instant so many years before another, on the calendar.
std::int64_t years_before(std::int64_t key, std::int64_t years) {
  const core::Date date = market::key_date(key);
  // There is no 29 February in most years.
  const unsigned day_of_month = date.month() == 2 ? std::min(date.day(), 28U) : date.day();
  const core::Date day = core::Date::from_ymd(date.year() - static_cast<int>(years), date.month(), day_of_month);
  return market::date_key(day) + (key - market::date_key(date));
}

}  // namespace

std::string_view to_string(Budget budget) { return budget == Budget::kYears ? "years" : "symbols"; }

std::int64_t count_years(const MarketData& market, const data::KeyRange& part) {
  const auto [first, last] = find_ends(market, part);
  if (first > last) return 1;
  std::int64_t years = 1;
  while (years_before(last, years) >= first) ++years;
  return years;
}

SweepEvaluator::SweepEvaluator(Settings settings, const search::Space& space, std::shared_ptr<const MarketData> market,
                               const lake::Snapshot& snapshot)
    : settings_(std::move(settings)), space_(&space), market_(std::move(market)), snapshot_(&snapshot) {}

Result<SweepEvaluator> SweepEvaluator::make(Settings settings, const search::Space& space,
                                            std::shared_ptr<const MarketData> market, const lake::Snapshot& snapshot) {
  settings.sweep.parameters = parameter_names(space);
  SweepEvaluator out(std::move(settings), space, std::move(market), snapshot);
  ARGOSY_TRY(Sweep sweep, Sweep::make(out.settings_.sweep, out.market_, snapshot));
  out.sweeps_.emplace(static_cast<std::int64_t>(out.market_->symbols.size()), std::move(sweep));
  return out;
}

data::KeyRange SweepEvaluator::part_of(std::int64_t resource) const {
  if (settings_.budget == Budget::kSymbols || resource >= settings_.max_resource) return settings_.part;
  const std::int64_t last = find_ends(*market_, settings_.part).second;
  return {.from = years_before(last, resource) + kNanosecondsPerDay, .to = settings_.part.to};
}

Result<const Sweep*> SweepEvaluator::sweep_of(std::int64_t resource) {
  const auto all = static_cast<std::int64_t>(market_->symbols.size());
  if (settings_.budget == Budget::kYears || resource >= all) return &sweep();
  if (const auto found = sweeps_.find(resource); found != sweeps_.end()) return &found->second;
  MarketData some = *market_;
  const auto count = static_cast<std::ptrdiff_t>(resource);
  some.symbols.erase(some.symbols.begin() + count, some.symbols.end());
  if (!some.detail.empty()) some.detail.erase(some.detail.begin() + count, some.detail.end());
  sweep::SweepRequest request = settings_.sweep;
  request.base.symbols.resize(some.symbols.size());
  ARGOSY_TRY(Sweep sweep, Sweep::make(request, std::make_shared<const MarketData>(std::move(some)), *snapshot_));
  return &sweeps_.emplace(resource, std::move(sweep)).first->second;
}

search::Outcome SweepEvaluator::outcome(const SweepResult& result, bool is_whole) const {
  search::Outcome out{.engine = std::string(to_string(result.engine))};
  if (result.error) {
    out.error = result.error->message;
    return out;
  }
  for (const Objective& objective : settings_.objectives) out.values.push_back(objective.value(result));
  // Conditions are of the whole: few years have few trades. Who never trades is no answer.
  const bool traded = result.trades.trades > 0 || result.open_positions > 0;
  out.constraints.push_back(is_whole && !traded ? 1.0 : 0.0);
  for (const Constraint& constraint : settings_.constraints)
    out.constraints.push_back(is_whole ? constraint.excess(result) : 0);
  out.result_hash = fmt::format("{:016x}", result.digest);
  return out;
}

Result<std::vector<search::Outcome>> SweepEvaluator::evaluate(std::span<const search::Request> requests) {
  std::vector<search::Outcome> out(requests.size());
  std::map<std::int64_t, std::vector<std::size_t>> by_resource;
  for (std::size_t i = 0; i < requests.size(); ++i) by_resource[requests[i].resource].push_back(i);
  for (const auto& [resource, places] : by_resource) {
    std::vector<sweep::SweepSetting> settings;
    for (const std::size_t place : places)
      settings.push_back(to_sweep(*space_, requests[place].setting, settings_.sweep.base.strategy));
    ARGOSY_TRY(const Sweep* sweep, sweep_of(resource));
    ARGOSY_TRY(const auto results, sweep->evaluate(settings, part_of(resource), {.statistics = true}));
    const bool is_whole = resource >= settings_.max_resource;
    for (std::size_t i = 0; i < places.size(); ++i) out[places[i]] = outcome(results[i], is_whole);
  }
  return out;
}

}  // namespace argosy::optimize

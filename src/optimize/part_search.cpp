#include "optimize/detail/part_search.hpp"

#include <algorithm>

namespace argosy::optimize {

using core::Result;

const search::Trial* PartSearch::best() const {
  if (trials.ranking.empty()) return nullptr;
  const search::Trial& first = trials.trials[trials.ranking.front()];
  return first.state == search::TrialState::kComplete ? &first : nullptr;
}

Result<PartSearch> search_part(const SearchContext& context, const data::KeyRange& part, const std::string& name,
                               const std::function<void(double)>& progress) {
  const OptimizeRequest& request = context.request;
  const bool by_years = request.budget == Budget::kYears;
  const std::int64_t max_resource =
      by_years ? count_years(*context.market, part) : static_cast<std::int64_t>(context.market->symbols.size());
  ARGOSY_TRY(
      SweepEvaluator evaluator,
      SweepEvaluator::make({.sweep = {.base = request.base, .memory = request.memory, .workers = request.workers},
                            .objectives = request.objectives,
                            .constraints = request.constraints,
                            .budget = request.budget,
                            .part = part,
                            .max_resource = max_resource},
                           request.space, context.market, context.snapshot));
  search::StudySetup setup{.name = name,
                           .space = request.space,
                           .sampler = request.sampler,
                           .pruner = request.pruner,
                           .trials = request.trials,
                           .time_limit = request.time_limit,
                           .workers = static_cast<std::size_t>(request.workers),
                           .facts = context.facts};
  for (const Objective& objective : request.objectives) setup.objectives.push_back(objective.named());
  setup.pruner.max_resource = max_resource;
  // A sixth: what a single year says of ten is little.
  constexpr std::int64_t kParts = 6;
  if (setup.pruner.min_resource == 0) setup.pruner.min_resource = (max_resource + kParts - 1) / kParts;
  setup.pruner.min_resource = std::min(setup.pruner.min_resource, max_resource);
  const market::Timeframe timeframe = context.market->timeframe;
  setup.facts.push_back({"from", part.from ? market::format_key(*part.from, timeframe) : "the first bar"});
  setup.facts.push_back({"to", part.to ? market::format_key(*part.to, timeframe) : "the last bar"});
  setup.on_progress = [&progress](const search::StudyProgress& done) {
    if (progress && done.total && *done.total > 0)
      progress(static_cast<double>(done.finished) / static_cast<double>(*done.total));
  };
  ARGOSY_TRY(const std::unique_ptr<search::StudyStore> store, context.stores(name));
  ARGOSY_TRY(search::StudyResult trials, search::run_study(std::move(setup), evaluator, *store, context.clock));
  return PartSearch{.study = name,
                    .id = store->id(),
                    .trials = std::move(trials),
                    .evaluator = std::move(evaluator),
                    .max_resource = max_resource};
}

}  // namespace argosy::optimize

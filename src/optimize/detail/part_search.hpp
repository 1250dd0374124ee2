// One study over a part of the data.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "optimize/optimize.hpp"

namespace argosy::optimize {

// What all studies of one call share.
struct SearchContext {
  const OptimizeRequest& request;
  std::shared_ptr<const backtest::MarketData> market;
  const lake::Snapshot& snapshot;
  const StoreFactory& stores;
  const core::Clock& clock;
  std::vector<search::Fact> facts;  // of the data and of what a run assumes
};

struct PartSearch {
  std::string study;
  std::string id;  // of the store; empty where it gives none
  search::StudyResult trials;
  SweepEvaluator evaluator;
  std::int64_t max_resource = 1;

  // The trial that comes first; null when none was feasible.
  [[nodiscard]] const search::Trial* best() const;
};

// `name`: of the study; `progress` gets the share done.
[[nodiscard]] core::Result<PartSearch> search_part(const SearchContext& context, const data::KeyRange& part,
                                                   const std::string& name,
                                                   const std::function<void(double)>& progress);

// `keys`: of all bars, ascending.
[[nodiscard]] core::Result<WalkForwardResult> run_walk_forward(const SearchContext& context, const std::string& study,
                                                               std::span<const std::int64_t> keys);

}  // namespace argosy::optimize

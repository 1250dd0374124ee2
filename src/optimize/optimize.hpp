// Searches the parameters of a strategy: a study whose trials are runs, and what having tried often says of the best.
//
//   OptimizeRequest request{.base = backtest_request, .space = space, .objectives = {sharpe}, .trials = 200};
//   ARGOSY_TRY(const OptimizeResult result, optimize(request, snapshot, stores, clock));
//   print(to_json(result));  write(html_report(result));
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backtest/backtest.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "optimize/cross_validation.hpp"
#include "optimize/evaluator.hpp"
#include "optimize/objective.hpp"
#include "optimize/walk_forward.hpp"
#include "search/overfitting.hpp"
#include "search/study.hpp"

namespace argosy::optimize {

struct OptimizeRequest {
  backtest::BacktestRequest base;
  search::Space space;
  std::vector<Objective> objectives;
  std::vector<Constraint> constraints;
  search::SamplerOptions sampler;
  search::PrunerOptions pruner;  // its largest resource is found from the data; a least one of 0: a sixth of that
  Budget budget = Budget::kYears;
  std::optional<std::uint64_t> trials;  // nothing: as many as the grid has, or 200
  std::optional<core::Duration> time_limit;
  std::size_t memory = 0;  // bytes; 0: 512 MiB
  int workers = 1;
  std::string study;  // its name; empty: made of what is searched, so that the same call goes on where it was
  std::optional<search::WalkForward> walk_forward;
  std::optional<CrossValidation> cross_validation;
  std::function<void(std::string_view what, double share)> on_progress;
};

// Opens where the trials of a study are kept.
using StoreFactory = std::function<core::Result<std::unique_ptr<search::StudyStore>>(const std::string& study)>;

// How sure one can be of the best of so many. Of the daily returns of all trials over all of the
// data, those that were given up included; of at most kMostTrials.
struct Overfitting {
  static constexpr std::size_t kMostTrials = 1000;
  std::size_t tries = 0;            // different settings
  std::size_t compared = 0;         // of those, by their returns
  double effective_trials = 0;      // as many independent ones would be
  double sharpe_spread = 0;         // standard deviation of the trials' annual Sharpe ratios
  double expected_best_sharpe = 0;  // of as many tries without any skill, annual
  double deflated_sharpe = 0;       // probability that the best one's true Sharpe ratio is above 0, after so many tries
  std::optional<double> pbo;        // probability of backtest overfitting, by CSCV
  std::optional<double> loss_probability;  // that the best of one half loses in the other
};

struct OptimizeResult {
  std::string study;  // its name
  std::string id;     // as it is stored; empty: it is not
  std::string strategy;
  std::vector<std::string> symbols;
  std::string timeframe;
  std::string from;
  std::string to;
  search::Space space;
  std::vector<Objective> objectives;
  std::vector<Constraint> constraints;
  std::string sampler;
  std::string pruner;
  std::string budget;
  std::int64_t max_resource = 1;
  std::uint64_t seed = 0;
  int workers = 1;
  std::string data_hash;
  std::string why_core;  // what keeps the strategy out of the kernel; empty: nothing
  search::StudyResult trials;
  std::optional<backtest::BacktestResult> best;  // of one objective or several: the first of the ranking, run whole
  backtest::BacktestResult defaults;             // the strategy as its file has it
  std::optional<Overfitting> overfitting;        // nothing: fewer than ten trials to compare
  std::optional<WalkForwardResult> walk_forward;
  std::optional<CrossValidationResult> cross_validation;
  std::optional<std::int64_t> most_chosen;  // the trial that the cross-validation chose most often
  std::string result_hash;                  // of all trials, and of the stitched run
  std::vector<std::string> warnings;
};

// Errors: an empty space, a parameter that the strategy does not have, no trials, a walk that is longer than the data,
// too little memory, a study of the same name that searched something else.
[[nodiscard]] core::Result<OptimizeResult> optimize(const OptimizeRequest& request, const lake::Snapshot& snapshot,
                                                    const StoreFactory& stores, const core::Clock& clock);
// The same over what is loaded already. Only formulas that look beyond the rows of the symbol traded read `snapshot`.
[[nodiscard]] core::Result<OptimizeResult> optimize(const OptimizeRequest& request,
                                                    const std::shared_ptr<const backtest::MarketData>& market,
                                                    const lake::Snapshot& snapshot, const StoreFactory& stores,
                                                    const core::Clock& clock);

[[nodiscard]] std::string to_json(const OptimizeResult& result);
// number, state, one column a parameter and an objective, engine; a row a trial.
[[nodiscard]] std::string trials_csv(const OptimizeResult& result);
// One HTML page without scripts.
[[nodiscard]] std::string html_report(const OptimizeResult& result);

}  // namespace argosy::optimize

// Combinatorial purged cross-validation of a study: the time is cut into groups; for each choice of some of them as a
// test, the best setting of the others is judged by its returns in the test. The tests join into several paths over all
// of the time, so that there is not one out-of-sample result but a distribution of them.
//
// Source: Lopez de Prado, Advances in Financial Machine Learning (2018), chapter 12.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "optimize/objective.hpp"
#include "search/overfitting.hpp"
#include "search/splits.hpp"

namespace argosy::optimize {

struct CrossValidation {
  std::size_t groups = 10;
  std::size_t test_groups = 2;
  std::size_t purge = 0;               // returns before a test that do not teach
  std::optional<std::size_t> embargo;  // returns after a test that do not teach; nothing: 1 % of all
};

struct CrossValidationResult {
  CrossValidation plan;
  std::size_t embargo = 0;
  std::size_t splits = 0;
  std::vector<double> path_sharpes;  // annual, of each path
  std::vector<double> path_returns;  // total
  double mean_sharpe = 0;
  double deviation = 0;         // of the paths' Sharpe ratios
  double losing = 0;            // share of paths with a total return below 0
  double train_sharpe = 0;      // mean of the best in sample
  std::size_t settings = 0;     // that were compared
  std::size_t most_chosen = 0;  // column of the setting chosen most often
  double most_chosen_share = 0;
};

// `returns`: one row a day, one column a setting. Errors: an objective that does not follow from returns, groups that
// do not fit.
[[nodiscard]] core::Result<CrossValidationResult> cross_validate(const CrossValidation& plan,
                                                                 const search::ReturnMatrix& returns,
                                                                 const Objective& objective, double per_year);

}  // namespace argosy::optimize

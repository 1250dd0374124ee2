#include "optimize/cross_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "backtest/statistics.hpp"

namespace argosy::optimize {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// One column's returns in some stretches of rows, one after the other.
void gather(const search::ReturnMatrix& matrix, std::size_t column, std::span<const search::Stretch> stretches,
            std::vector<double>& out) {
  out.clear();
  for (const search::Stretch& stretch : stretches) {
    for (std::size_t row = stretch.begin; row < stretch.end; ++row)
      out.push_back(matrix.values[row * matrix.columns + column]);
  }
}

double compound(std::span<const double> returns) {
  double product = 1;
  for (const double value : returns) product *= 1 + value;
  return product - 1;
}

// The objective of a run with these returns.
double judge(const Objective& objective, std::span<const double> returns, double per_year) {
  const backtest::ReturnRatios ratios = backtest::return_ratios(returns, per_year);
  sweep::SweepResult run;
  run.statistics.total_return = compound(returns);
  run.statistics.volatility = ratios.volatility;
  run.statistics.sharpe = ratios.sharpe;
  run.statistics.sortino = ratios.sortino;
  return objective.value(run);
}

double sharpe(std::span<const double> returns, double per_year) {
  const double value = backtest::return_ratios(returns, per_year).sharpe;
  return std::isnan(value) ? 0 : value;  // nothing was held
}

std::size_t find_best(const search::ReturnMatrix& matrix, std::span<const search::Stretch> train,
                      const Objective& objective, double per_year) {
  std::vector<double> returns;
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t column = 0; column < matrix.columns; ++column) {
    gather(matrix, column, train, returns);
    const double loss = search::loss(objective.named(), judge(objective, returns, per_year));
    if (!(loss < least)) continue;
    least = loss;
    best = column;
  }
  return best;
}

}  // namespace

Result<CrossValidationResult> cross_validate(const CrossValidation& plan, const search::ReturnMatrix& returns,
                                             const Objective& objective, double per_year) {
  if (!objective.statistic->of_returns) {
    return fail(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("cross-validation judges settings by their daily returns, from which {} does not follow",
                          objective.statistic->name))
            .with_hint("use sharpe, sortino, total_return or volatility"));
  }
  CrossValidationResult out{.plan = plan, .settings = returns.columns};
  out.embargo = plan.embargo.value_or(returns.rows / 100);
  std::vector<std::size_t> label_end(returns.rows);
  for (std::size_t row = 0; row < returns.rows; ++row) label_end[row] = std::min(row + plan.purge, returns.rows - 1);
  ARGOSY_TRY(const search::CombinatorialSplits splits,
             search::combinatorial_splits(
                 {.groups = plan.groups, .test_groups = plan.test_groups, .embargo = out.embargo}, label_end));
  out.splits = splits.splits.size();

  std::vector<std::size_t> chosen;
  std::vector<std::size_t> times(returns.columns);
  std::vector<double> some;
  for (const search::Split& split : splits.splits) {
    chosen.push_back(find_best(returns, split.train, objective, per_year));
    ++times[chosen.back()];
    gather(returns, chosen.back(), split.train, some);
    out.train_sharpe += sharpe(some, per_year) / static_cast<double>(out.splits);
  }
  out.most_chosen = static_cast<std::size_t>(std::ranges::max_element(times) - times.begin());
  out.most_chosen_share = static_cast<double>(times[out.most_chosen]) / static_cast<double>(out.splits);

  for (const std::vector<std::size_t>& path : splits.paths) {
    std::vector<double> joined;
    for (std::size_t group = 0; group < path.size(); ++group) {
      gather(returns, chosen[path[group]], std::span(&splits.groups[group], 1), some);
      joined.insert(joined.end(), some.begin(), some.end());
    }
    out.path_sharpes.push_back(sharpe(joined, per_year));
    out.path_returns.push_back(compound(joined));
  }
  const auto count = static_cast<double>(out.path_sharpes.size());
  out.mean_sharpe = std::accumulate(out.path_sharpes.begin(), out.path_sharpes.end(), 0.0) / count;
  for (const double value : out.path_sharpes) out.deviation += (value - out.mean_sharpe) * (value - out.mean_sharpe);
  out.deviation = count > 1 ? std::sqrt(out.deviation / (count - 1)) : 0;
  out.losing = static_cast<double>(std::ranges::count_if(out.path_returns, [](double r) { return r < 0; })) / count;
  return out;
}

}  // namespace argosy::optimize

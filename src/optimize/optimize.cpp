#include "optimize/optimize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "optimize/detail/part_search.hpp"
#include "optimize/strategy_space.hpp"

namespace argosy::optimize {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::uint64_t kDefaultTrials = 200;
constexpr std::size_t kHashDigits = 16;

Result<void> check_request(const OptimizeRequest& request) {
  if (request.space.size() == 0)
    return fail(Error(ErrorCode::kInvalidArgument, "the space is empty").with_hint("give a parameter a range"));
  if (request.trials == 0)
    return fail(Error(ErrorCode::kInvalidArgument, "a budget of zero trials").with_hint("give one trial or more"));
  if (request.workers < 1)
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} workers", request.workers)).with_hint("give 1 or more"));
  if (request.cross_validation && request.objectives.size() > 1) {
    return fail(Error(ErrorCode::kInvalidArgument, "cross-validation chooses by one objective")
                    .with_hint("name one --objective"));
  }
  if (request.walk_forward && request.objectives.size() > 1) {
    return fail(Error(ErrorCode::kInvalidArgument, "a walk-forward chooses by one objective")
                    .with_hint("name one --objective"));
  }
  return check_space(request.space, request.base.strategy);
}

// What decides the outcome of a trial besides its setting. A study goes on only where all of it is the same.
std::vector<search::Fact> describe(const OptimizeRequest& request, const backtest::BacktestResult& defaults) {
  const backtest::BacktestRequest& base = request.base;
  const backtest::Summary& s = defaults.summary;
  std::vector<std::string> values;
  for (const strategy::Parameter& p : base.strategy.parameters) {
    if (!request.space.find(p.name)) values.push_back(fmt::format("{}={}", p.name, core::format_double(p.value)));
  }
  std::vector<std::string> constraints;
  for (const Constraint& constraint : request.constraints) constraints.push_back(constraint.text);
  return {{"strategy",
           fmt::format("{} {}", base.strategy.name, core::sha256_hex(base.strategy.text).substr(0, kHashDigits))},
          {"fixed parameters", core::join(values, " ")},
          {"symbols", core::join(base.symbols, " ")},
          {"bars", fmt::format("{} {} {}", s.timeframe, s.prices, s.detail.value_or(""))},
          {"data", s.data_hash.substr(0, kHashDigits)},
          // Costs, sizes, fills and limits, in what they come to.
          {"a run with the defaults", s.result_hash.substr(0, kHashDigits)},
          {"cash", fmt::format("{} {}", base.cash.to_string(), s.currency)},
          {"account", s.account},
          {"fees", s.fee_schedule},
          {"fills", fmt::format("{} {} {} {}", s.slippage, s.volume_cap.value_or(""), s.latency, s.limit_fills)},
          {"limits", s.limits},
          {"constraints", core::join(constraints, "; ")},
          {"budget", std::string(to_string(request.budget))}};
}

// The same call gives the same name, and so goes on where an earlier one ended.
std::string name_study(const OptimizeRequest& request, std::span<const search::Fact> facts) {
  if (!request.study.empty()) return request.study;
  core::Hasher hasher;
  for (const search::Fact& fact : facts) hasher.update(fmt::format("{}={}\n", fact.name, fact.value));
  hasher.update(request.space.describe());
  for (const Objective& objective : request.objectives)
    hasher.update(fmt::format("{} {}\n", objective.statistic->name, static_cast<int>(objective.direction)));
  hasher.update(fmt::format("{} {} {} {} {} {}\n", to_string(request.sampler.kind), request.sampler.seed,
                            to_string(request.pruner.kind), request.pruner.eta, request.pruner.min_resource,
                            request.workers));
  hasher.update(fmt::format("{} {}\n", request.trials.value_or(0),
                            request.base.range.from.value_or(0) ^ request.base.range.to.value_or(0)));
  constexpr std::size_t kDigits = 8;
  return fmt::format("{}-{}", request.base.strategy.name, hasher.finish().substr(0, kDigits));
}

std::string hash_all(const OptimizeResult& result) {
  if (!result.walk_forward) return result.trials.result_hash;
  core::Hasher hasher;
  hasher.update(result.trials.result_hash);
  hasher.update(result.walk_forward->result_hash);
  return hasher.finish();
}

// The first trial of each setting, the best first: those that were given up were tries, too.
std::vector<const search::Trial*> distinct(const search::StudyResult& study) {
  std::vector<const search::Trial*> out;
  std::set<std::string> seen;
  for (const std::size_t index : study.ranking) {
    const search::Trial& trial = study.trials[index];
    const std::string setting(reinterpret_cast<const char*>(trial.setting.values.data()),
                              trial.setting.values.size() * sizeof(double));
    if (trial.state != search::TrialState::kFailed && seen.insert(setting).second) out.push_back(&trial);
  }
  return out;
}

// Evenly, the first one among them.
std::vector<const search::Trial*> thin(std::vector<const search::Trial*> trials) {
  if (trials.size() <= Overfitting::kMostTrials) return trials;
  std::vector<const search::Trial*> some;
  for (std::size_t k = 0; k < Overfitting::kMostTrials; ++k)
    some.push_back(trials[k * trials.size() / Overfitting::kMostTrials]);
  return some;
}

// Daily returns of some trials, one column each; the first is the best one's.
struct Returns {
  std::vector<double> values;
  search::ReturnMatrix matrix;
  double per_year = 0;
  std::vector<const search::Trial*> trials;
  std::size_t tries = 0;  // different settings in all
};

Result<Returns> find_returns(const SearchContext& context, const PartSearch& searched) {
  Returns out;
  const auto all = distinct(searched.trials);
  const auto trials = thin(all);
  out.tries = all.size();
  // In pieces: each setting's returns are as long as the data.
  constexpr std::size_t kPiece = 64;
  std::vector<std::vector<double>> columns;
  for (std::size_t first = 0; first < trials.size(); first += kPiece) {
    std::vector<sweep::SweepSetting> settings;
    for (std::size_t k = first; k < std::min(trials.size(), first + kPiece); ++k)
      settings.push_back(to_sweep(context.request.space, trials[k]->setting, context.request.base.strategy));
    ARGOSY_TRY(auto results, searched.evaluator.sweep().evaluate(settings, {}, {.statistics = true, .returns = true}));
    for (std::size_t k = 0; k < results.size(); ++k) {
      // Whoever is ruined has no returns to compare.
      const bool fits = !results[k].returns.empty() &&
                        std::ranges::all_of(results[k].returns, [](double value) { return std::isfinite(value); });
      if (!fits || (!columns.empty() && results[k].returns.size() != columns.front().size())) continue;
      columns.push_back(std::move(results[k].returns));
      out.trials.push_back(trials[first + k]);
    }
  }
  if (columns.empty()) return out;
  const std::size_t rows = columns.front().size();
  out.values.resize(rows * columns.size());
  for (std::size_t column = 0; column < columns.size(); ++column) {
    for (std::size_t row = 0; row < rows; ++row) out.values[row * columns.size() + column] = columns[column][row];
  }
  out.matrix = {.rows = rows, .columns = columns.size(), .values = out.values};
  out.per_year = backtest::periods_per_year(context.market->timeframe, context.market->trades_every_day());
  return out;
}

std::optional<Overfitting> judge_luck(const Returns& returns) {
  constexpr std::size_t kLeast = 10;  // a spread of fewer says nothing
  if (returns.matrix.columns < kLeast || returns.matrix.rows < 4) return std::nullopt;
  Overfitting out{.tries = returns.tries, .compared = returns.matrix.columns};
  const auto tries = static_cast<double>(returns.tries);
  std::vector<double> column(returns.matrix.rows);
  std::vector<double> sharpes;
  search::SharpeSample best;
  for (std::size_t c = 0; c < returns.matrix.columns; ++c) {
    for (std::size_t row = 0; row < column.size(); ++row)
      column[row] = returns.values[row * returns.matrix.columns + c];
    const search::SharpeSample sample = search::sharpe_sample(column);
    if (c == 0) best = sample;
    if (!std::isnan(sample.sharpe)) sharpes.push_back(sample.sharpe);
  }
  double mean = 0;
  for (const double value : sharpes) mean += value / static_cast<double>(sharpes.size());
  double squares = 0;
  for (const double value : sharpes) squares += (value - mean) * (value - mean);
  const double spread = sharpes.size() > 1 ? std::sqrt(squares / static_cast<double>(sharpes.size() - 1)) : 0;
  const double annual = std::sqrt(returns.per_year);
  const double correlation = search::mean_correlation(returns.matrix);
  out.effective_trials = search::effective_tries(tries, std::isnan(correlation) ? 0 : correlation);
  out.sharpe_spread = spread * annual;
  out.expected_best_sharpe = spread * search::expected_best(tries) * annual;
  out.deflated_sharpe = search::deflated_sharpe(best, tries, spread);
  constexpr std::size_t kMostBlocks = 16;
  std::size_t blocks = std::min(kMostBlocks, returns.matrix.rows / 2);
  blocks -= blocks % 2;
  if (const auto pbo = search::overfitting_probability(returns.matrix, blocks)) {
    out.pbo = pbo->probability;
    out.loss_probability = pbo->loss_probability;
  }
  return out;
}

// The best one as a whole backtest; what the sweep said of it must be what the core says.
Result<backtest::BacktestResult> run_best(const SearchContext& context, const PartSearch& searched,
                                          const search::Trial& best) {
  const auto values = to_sweep(context.request.space, best.setting, context.request.base.strategy);
  ARGOSY_TRY(const backtest::BacktestRequest request, searched.evaluator.sweep().request(values));
  ARGOSY_TRY(backtest::BacktestResult whole, backtest::run_backtest(request, context.market, context.snapshot));
  ARGOSY_TRY(const auto swept, searched.evaluator.sweep().evaluate(std::span(&values, 1)));
  ARGOSY_CHECK(swept.front().final_equity == whole.summary.final_equity, "the sweep ends with {}, the backtest with {}",
               swept.front().final_equity.to_string(), whole.summary.final_equity.to_string());
  return whole;
}

std::vector<std::string> find_warnings(const OptimizeRequest& request, const OptimizeResult& result) {
  std::vector<std::string> out;
  if (!result.best) out.emplace_back("No setting traded and met the conditions: there is no best one.");
  if (result.overfitting && result.overfitting->deflated_sharpe < 0.95) {
    out.push_back(
        fmt::format("After {} tries a Sharpe ratio such as the best one's is weak evidence: the deflated Sharpe ratio "
                    "is {:.2f}, ask "
                    "for 0.95.",
                    result.overfitting->tries, result.overfitting->deflated_sharpe));
  }
  if (result.overfitting && result.overfitting->pbo.value_or(0) > 0.5) {
    out.push_back(
        fmt::format("The best of one half of the time is below the middle in the other half in {:.0f} % of "
                    "cases: choosing among these settings chooses noise.",
                    *result.overfitting->pbo * 100));
  }
  const bool saw_all =
      request.sampler.kind == search::SamplerKind::kTpe || request.sampler.kind == search::SamplerKind::kCmaEs;
  if (request.cross_validation && saw_all) {
    out.push_back(
        fmt::format("The settings that were cross-validated were found by {}, which saw all of the time: use "
                    "grid, random or sobol for an answer that nothing leaks into.",
                    to_string(request.sampler.kind)));
  }
  if (result.trials.out_of_time) out.emplace_back("The time limit ended the study before its trials were done.");
  if (result.walk_forward && result.walk_forward->trades.trades < 30)
    out.push_back(fmt::format("{} trades out of sample are few: the statistics may be luck.",
                              result.walk_forward->trades.trades));
  return out;
}

// Of a request that leaves nothing to be found.
Result<OptimizeResult> search_all(const OptimizeRequest& request,
                                  const std::shared_ptr<const backtest::MarketData>& market,
                                  const lake::Snapshot& snapshot, const StoreFactory& stores,
                                  const core::Clock& clock) {
  ARGOSY_TRY(backtest::BacktestResult defaults, backtest::run_backtest(request.base, market, snapshot));
  const SearchContext context{.request = request,
                              .market = market,
                              .snapshot = snapshot,
                              .stores = stores,
                              .clock = clock,
                              .facts = describe(request, defaults)};
  const std::string study = name_study(request, context.facts);
  // A walk that does not fit is said before hours of searching.
  std::optional<WalkForwardResult> walk;
  if (request.walk_forward) {
    ARGOSY_TRY(walk, run_walk_forward(context, study, defaults.run.keys));
  }
  const auto progress = [&](double share) {
    if (request.on_progress) request.on_progress("searching", share);
  };
  ARGOSY_TRY(PartSearch searched, search_part(context, {}, study, progress));
  const backtest::Summary& s = defaults.summary;
  OptimizeResult result{.study = study,
                        .id = searched.id,
                        .strategy = s.strategy,
                        .symbols = s.symbols,
                        .timeframe = s.timeframe,
                        .from = s.from,
                        .to = s.to,
                        .space = request.space,
                        .objectives = request.objectives,
                        .constraints = request.constraints,
                        .sampler = std::string(to_string(request.sampler.kind)),
                        .pruner = std::string(to_string(request.pruner.kind)),
                        .budget = std::string(to_string(request.budget)),
                        .max_resource = searched.max_resource,
                        .seed = request.sampler.seed,
                        .workers = request.workers,
                        .data_hash = s.data_hash,
                        .why_core = std::string(searched.evaluator.sweep().why_core()),
                        .trials = searched.trials,
                        .defaults = std::move(defaults),
                        .walk_forward = std::move(walk)};
  if (const search::Trial* best = searched.best()) {
    ARGOSY_TRY(result.best, run_best(context, searched, *best));
  }
  ARGOSY_TRY(const Returns returns, find_returns(context, searched));
  result.overfitting = judge_luck(returns);
  if (request.cross_validation) {
    ARGOSY_TRY(result.cross_validation,
               cross_validate(*request.cross_validation, returns.matrix, request.objectives.front(), returns.per_year));
    if (!returns.trials.empty()) result.most_chosen = returns.trials[result.cross_validation->most_chosen]->number;
  }
  result.result_hash = hash_all(result);
  result.warnings = find_warnings(request, result);
  return result;
}

}  // namespace

Result<OptimizeResult> optimize(const OptimizeRequest& request, const lake::Snapshot& snapshot,
                                const StoreFactory& stores, const core::Clock& clock) {
  ARGOSY_TRY_VOID(check_request(request));
  ARGOSY_TRY(backtest::MarketData market, backtest::load_market(request.base, snapshot));
  return optimize(request, std::make_shared<const backtest::MarketData>(std::move(market)), snapshot, stores, clock);
}

Result<OptimizeResult> optimize(const OptimizeRequest& request,
                                const std::shared_ptr<const backtest::MarketData>& market,
                                const lake::Snapshot& snapshot, const StoreFactory& stores, const core::Clock& clock) {
  ARGOSY_TRY_VOID(check_request(request));
  OptimizeRequest complete = request;
  if (complete.objectives.empty()) {
    ARGOSY_TRY(const Objective sharpe, parse_objective("sharpe"));
    complete.objectives.push_back(sharpe);
  }
  if (!complete.trials && complete.sampler.kind != search::SamplerKind::kGrid) complete.trials = kDefaultTrials;
  return search_all(complete, market, snapshot, stores, clock);
}

}  // namespace argosy::optimize

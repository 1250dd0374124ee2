// argosy optimize: searches the parameters of a strategy, and says how much of the best is luck.
#include "optimize/optimize.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <set>

#include "cli/backtest_options.hpp"
#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/run_store.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "ledger/open.hpp"
#include "optimize/strategy_space.hpp"
#include "search/study_store.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

struct Options {
  BacktestOptions request;
  std::string space;
  std::vector<std::string> objectives;
  std::vector<std::string> constraints;
  std::string sampler = "tpe";
  std::string pruner = "none";
  std::int64_t eta = 3;
  std::string budget = "years";
  std::int64_t least = 0;
  std::optional<std::uint64_t> trials;
  bool grid = false;
  std::uint64_t seed = 1;
  int workers = 1;
  std::string memory;
  std::string time_limit;
  std::string study;
  bool no_store = false;
  std::string walk_forward;
  bool anchored = false;
  std::string cv;
  std::size_t cv_groups = 10;
  std::size_t cv_test = 2;
  std::string purge;
  std::string embargo;
  std::string trials_file;
  std::string report;
};

// "512M", "2G", "800000K"
Result<std::size_t> parse_memory(const std::string& text) {
  std::int64_t unit = 1;
  std::string number = text;
  if (!number.empty()) {
    const char last = core::to_upper(number.substr(number.size() - 1))[0];
    unit = last == 'K' ? 1 << 10 : last == 'M' ? 1 << 20 : last == 'G' ? 1 << 30 : 1;
    if (unit > 1) number.pop_back();
  }
  const auto count = core::parse_integer(number);
  constexpr std::int64_t kMost = 1LL << 40;
  if (!count || *count <= 0 || *count > kMost / unit) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("--memory \"{}\" is no amount of memory", text))
                    .with_hint("write --memory 512M or 2G"));
  }
  return static_cast<std::size_t>(*count * unit);
}

// "90s", "10m", "2h"
Result<core::Duration> parse_duration(const std::string& text) {
  const auto count = text.empty() ? std::nullopt : core::parse_integer(text.substr(0, text.size() - 1));
  if (count && *count > 0 && *count < 1'000'000) {
    if (text.back() == 's') return std::chrono::seconds(*count);
    if (text.back() == 'm') return std::chrono::minutes(*count);
    if (text.back() == 'h') return std::chrono::hours(*count);
  }
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("--time-limit \"{}\" is no length of time", text))
                  .with_hint("write --time-limit 90s, 10m or 2h"));
}

Result<std::optional<std::size_t>> parse_bars(std::string_view option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto count = core::parse_integer(text);
  constexpr std::int64_t kMost = 1'000'000'000;
  if (count && *count >= 0 && *count <= kMost) return static_cast<std::size_t>(*count);
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} \"{}\" is no number of bars", option, text))
                  .with_hint(fmt::format("write {} 10", option)));
}

Result<void> set_search(const Options& options, optimize::OptimizeRequest& request) {
  if (options.space.empty()) {
    ARGOSY_TRY(request.space, optimize::strategy_space(request.base.strategy));
  } else {
    ARGOSY_TRY(const std::string text, core::system_files().read(options.space));
    ARGOSY_TRY(request.space, search::parse_space(text, options.space));
  }
  for (const std::string& text : options.objectives) {
    ARGOSY_TRY(const optimize::Objective objective, optimize::parse_objective(text));
    request.objectives.push_back(objective);
  }
  for (const std::string& text : options.constraints) {
    ARGOSY_TRY(optimize::Constraint constraint, optimize::parse_constraint(text));
    request.constraints.push_back(std::move(constraint));
  }
  ARGOSY_TRY(request.sampler.kind, search::parse_sampler(options.grid ? "grid" : options.sampler));
  request.sampler.seed = options.seed;
  ARGOSY_TRY(request.pruner.kind, search::parse_pruner(options.pruner));
  request.pruner.eta = options.eta;
  request.pruner.min_resource = options.least;
  request.budget = options.budget == "symbols" ? optimize::Budget::kSymbols : optimize::Budget::kYears;
  request.trials = options.trials;
  request.workers = options.workers;
  request.study = options.study;
  if (!options.memory.empty()) {
    ARGOSY_TRY(request.memory, parse_memory(options.memory));
  }
  if (!options.time_limit.empty()) {
    ARGOSY_TRY(request.time_limit, parse_duration(options.time_limit));
  }
  return {};
}

Result<void> set_validation(const Options& options, optimize::OptimizeRequest& request) {
  if (options.walk_forward.empty() && options.cv.empty()) {
    if (options.anchored || !options.purge.empty() || !options.embargo.empty())
      return fail(Error(ErrorCode::kInvalidArgument, "--anchored, --purge and --embargo belong to a validation")
                      .with_hint("add --walk-forward 3y/1y or --cv cpcv"));
    return {};
  }
  ARGOSY_TRY(const std::optional<std::size_t> purge, parse_bars("--purge", options.purge));
  ARGOSY_TRY(const std::optional<std::size_t> embargo, parse_bars("--embargo", options.embargo));
  if (!options.walk_forward.empty()) {
    ARGOSY_TRY(request.walk_forward, search::parse_walk_forward(options.walk_forward));
    request.walk_forward->anchored = options.anchored;
    request.walk_forward->purge = purge.value_or(0);
    request.walk_forward->embargo = embargo.value_or(0);
  }
  if (!options.cv.empty()) {
    request.cross_validation = optimize::CrossValidation{
        .groups = options.cv_groups, .test_groups = options.cv_test, .purge = purge.value_or(0), .embargo = embargo};
  }
  return {};
}

Result<optimize::OptimizeRequest> make_request(const Options& options, const Globals& globals,
                                               const lake::Snapshot& snapshot) {
  optimize::OptimizeRequest request;
  ARGOSY_TRY(request.base, make_request(options.request, globals, snapshot));
  ARGOSY_TRY_VOID(set_search(options, request));
  ARGOSY_TRY_VOID(set_validation(options, request));
  return request;
}

// --- What is printed. ---

// "fast=20 slow=100"
std::string setting_text(const search::Space& space, const search::Setting& setting) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < space.size(); ++i)
    parts.push_back(fmt::format("{}={}", space.parameter(i).name, space.text(i, setting)));
  return core::join(parts, " ");
}

// The best ten; of several objectives those that none dominates.
std::string best_table(const optimize::OptimizeResult& result) {
  std::vector<std::string> header{"trial"};
  for (std::size_t i = 0; i < result.space.size(); ++i) header.push_back(result.space.parameter(i).name);
  for (const optimize::Objective& objective : result.objectives) header.emplace_back(objective.statistic->name);
  constexpr std::size_t kMostRows = 10;
  const std::vector<std::size_t>& order = result.objectives.size() > 1 ? result.trials.front : result.trials.ranking;
  std::vector<std::vector<std::string>> rows;
  std::set<std::string> seen;
  for (const std::size_t index : order) {
    const search::Trial& trial = result.trials.trials[index];
    if (trial.state != search::TrialState::kComplete || rows.size() == kMostRows) break;
    // A sampler may come back to a setting.
    if (!seen.insert(result.space.to_json(trial.setting)).second) continue;
    std::vector<std::string> row{fmt::format("{}", trial.number)};
    for (std::size_t i = 0; i < result.space.size(); ++i) row.push_back(result.space.text(i, trial.setting));
    for (const double value : trial.values) row.push_back(fmt::format("{:.4f}", value));
    rows.push_back(std::move(row));
  }
  return rows.empty() ? "" : format_table(header, rows);
}

std::string best_against_file(const optimize::OptimizeResult& result) {
  const backtest::Summary& best = result.best->summary;
  const backtest::Summary& file = result.defaults.summary;
  return "\n" + format_table({"", "best", "as in the file", "buy and hold"},
                             {{"total return", format_ratio(best.total_return), format_ratio(file.total_return),
                               format_ratio(file.buy_and_hold_return)},
                              {"Sharpe", format_statistic(best.sharpe), format_statistic(file.sharpe),
                               format_statistic(file.buy_and_hold_sharpe)},
                              {"max drawdown", format_ratio(-best.max_drawdown), format_ratio(-file.max_drawdown),
                               format_ratio(-file.buy_and_hold_max_drawdown)},
                              {"trades", fmt::format("{}", best.trades), fmt::format("{}", file.trades), ""}});
}

std::string walk_text(const optimize::OptimizeResult& result) {
  const optimize::WalkForwardResult& walk = *result.walk_forward;
  const market::Timeframe timeframe = *market::Timeframe::parse(result.timeframe);
  std::vector<std::vector<std::string>> rows;
  for (const optimize::Window& window : walk.windows) {
    rows.push_back({fmt::format("{} to {}", market::format_key(window.test_from, timeframe),
                                market::format_key(window.test_to, timeframe)),
                    setting_text(result.space, window.setting), format_statistic(window.train_value),
                    format_ratio(window.test_return), format_ratio(window.hold_return)});
  }
  std::string out =
      fmt::format("\nwalk-forward {}{}: out of sample {} to {}\n\n", walk.lengths, walk.anchored ? " anchored" : "",
                  market::format_key(walk.windows.front().test_from, timeframe),
                  market::format_key(walk.windows.back().test_to, timeframe));
  out += format_table({"window", "settings", "in training", "return", "buy and hold"}, rows) + "\n";
  out += format_table(
      {"", "out of sample", "buy and hold"},
      {{"total return", format_ratio(walk.statistics.total_return), format_ratio(walk.benchmark.total_return)},
       {"CAGR", format_ratio(walk.statistics.cagr), format_ratio(walk.benchmark.cagr)},
       {"Sharpe", format_statistic(walk.statistics.sharpe), format_statistic(walk.benchmark.sharpe)},
       {"max drawdown", format_ratio(-walk.statistics.max_drawdown), format_ratio(-walk.benchmark.max_drawdown)},
       {"trades", fmt::format("{}", walk.trades.trades), ""},
       {"efficiency", format_statistic(walk.efficiency), ""}});
  return out;
}

std::string luck_text(const optimize::OptimizeResult& result) {
  std::string out;
  if (const auto& luck = result.overfitting) {
    out += fmt::format("\ndeflated Sharpe {:.3f} after {} settings; luck alone would show {:.2f}",
                       luck->deflated_sharpe, luck->tries, luck->expected_best_sharpe);
    if (luck->pbo) out += fmt::format("; probability of overfitting {:.0f} %", *luck->pbo * 100);
    out += "\n";
  }
  if (const auto& cv = result.cross_validation) {
    out += fmt::format(
        "cross-validation: {} splits, {} paths, Sharpe {:.2f} +- {:.2f} ({:.2f} in sample), {:.0f} % lose\n",
        cv->splits, cv->path_sharpes.size(), cv->mean_sharpe, cv->deviation, cv->train_sharpe, cv->losing * 100);
  }
  return out;
}

std::string for_people(const optimize::OptimizeResult& result) {
  std::size_t kernel = 0;
  for (const search::Trial& trial : result.trials.trials) kernel += trial.engine == "kernel" ? 1U : 0U;
  std::string out =
      fmt::format("{}  {}  {}  {} to {}\nstudy {}{}: {} trials by {}", result.strategy, core::join(result.symbols, " "),
                  result.timeframe, result.from, result.to, result.study,
                  result.id.empty() ? "" : " (" + result.id + ")", result.trials.trials.size(), result.sampler);
  if (result.pruner != "none")
    out += fmt::format(" with {} over {} {}", result.pruner, result.max_resource, result.budget);
  if (result.trials.resumed > 0) out += fmt::format(", {} of them stored before", result.trials.resumed);
  out += fmt::format("; {} by the kernel, {} by the core\n\n", kernel, result.trials.trials.size() - kernel);
  out += best_table(result);
  if (result.best) out += best_against_file(result);
  out += luck_text(result);
  if (result.walk_forward) out += walk_text(result);
  out += fmt::format("\ndata {}  result {}\n", result.data_hash.substr(0, 12), result.result_hash.substr(0, 12));
  for (const std::string& warning : result.warnings) out += "note: " + warning + "\n";
  return out;
}

// --- The command. ---

Result<void> run(const Options& options, const Globals& globals) {
  const core::SystemClock clock;
  core::Files& files = core::system_files();
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(optimize::OptimizeRequest request, make_request(options, globals, snapshot));
  std::unique_ptr<ledger::Database> database;
  if (!options.no_store) {
    ARGOSY_TRY(database, open_runs(globals));
  }
  const optimize::StoreFactory stores = [&](const std::string& study) -> Result<std::unique_ptr<search::StudyStore>> {
    if (!database) return search::make_memory_store();
    return search::make_ledger_store(*database,
                                     {.name = study,
                                      .kind = "strategy",
                                      .strategy_text = request.base.strategy.text,
                                      .code_version = globals.version,
                                      .owner_id = job_owner()},
                                     clock);
  };
  ProgressBar bar("optimizing");
  request.on_progress = [&](std::string_view, double share) { bar.update(share); };
  ARGOSY_TRY(const optimize::OptimizeResult result, optimize::optimize(request, snapshot, stores, clock));
  if (!options.trials_file.empty())
    ARGOSY_TRY_VOID(files.write_atomic(options.trials_file, optimize::trials_csv(result)));
  if (!options.report.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.report, optimize::html_report(result)));
  if (globals.json) return print(optimize::to_json(result));
  std::string text = for_people(result);
  if (!options.report.empty()) text += "report: " + options.report + "\n";
  return print(text);
}

void add_search_options(CLI::App& command, Options& options) {
  command.add_option("--space", options.space, "what to search: a file (default: the ranges of the strategy's params)");
  command.add_option("--objective", options.objectives,
                     "sharpe, calmar, min:volatility, ... (default: sharpe; several: a Pareto front)");
  command.add_option("--constraint", options.constraints,
                     "what the best must meet: \"trades >= 30\" (may be repeated)");
  command.add_option("--sampler", options.sampler, "what chooses settings: grid, random, sobol, tpe or cma_es")
      ->capture_default_str();
  command
      .add_option("--pruner", options.pruner,
                  "what gives up early: none, median, successive_halving, asha or hyperband")
      ->capture_default_str();
  command.add_option("--eta", options.eta, "one in so many goes on at each rung of a pruner")->capture_default_str();
  command.add_option("--budget", options.budget, "what a pruner is sparing with: years (the latest first) or symbols")
      ->check(CLI::IsMember({"years", "symbols"}))
      ->capture_default_str();
  command.add_option("--least", options.least, "years or symbols that every trial gets (default: a sixth of all)")
      ->check(CLI::PositiveNumber);
  command.add_option("--trials", options.trials, "how many settings to try (default: 200, or the whole grid)");
  command.add_flag("--grid", options.grid, "try every setting: --sampler grid")->excludes("--sampler");
  command.add_option("--seed", options.seed, "of the random numbers")->capture_default_str();
  command.add_option("--workers", options.workers, "threads, and trials at a time")->capture_default_str();
  command.add_option("--memory", options.memory, "most memory for bars and what is computed: 512M, 2G (default: 512M)");
  command.add_option("--time-limit", options.time_limit, "stop after 90s, 10m or 2h");
}

void add_validation_options(CLI::App& command, Options& options) {
  command.add_option("--walk-forward", options.walk_forward,
                     "search in 3y, trade the best in the 1y after, and so on: 3y/1y");
  command.add_flag("--anchored", options.anchored, "every training of the walk begins with the first bar");
  command.add_option("--cv", options.cv, "cpcv: combinatorial purged cross-validation of the trials")
      ->check(CLI::IsMember({"cpcv"}));
  command.add_option("--cv-groups", options.cv_groups, "parts of the time")->capture_default_str();
  command.add_option("--cv-test", options.cv_test, "of those, tested at once")->capture_default_str();
  command.add_option("--purge", options.purge, "bars (of --cv: days) before a test that do not teach (default: 0)");
  command.add_option("--embargo", options.embargo, "further ones (of --cv: after a test; default there: 1 % of all)");
}

}  // namespace

void add_optimize(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("optimize", "Search the parameters of a strategy, and judge the luck in it");
  add_backtest_options(*command, options->request);
  add_search_options(*command, *options);
  add_validation_options(*command, *options);
  command->add_option("--study", options->study,
                      "name of the study (default: made of what is searched); the same one goes on where it was");
  command->add_flag("--no-store", options->no_store, "keep no trials");
  command->add_option("--trials-file", options->trials_file, "write the trials to this CSV file");
  command->add_option("--report", options->report, "write the report to this HTML file");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n"
      "  argosy optimize samples/strategies/golden_cross.yaml --symbol AAPL --trials 200 --pruner asha --seed 7\n"
      "  argosy optimize samples/strategies/golden_cross.yaml --symbol AAPL --grid --memory 512M --workers 2\n"
      "  argosy optimize samples/strategies/golden_cross.yaml --symbol AAPL --walk-forward 3y/1y --report wf.html\n"
      "  argosy optimize samples/strategies/golden_cross.yaml --symbol AAPL --grid --cv cpcv --constraint 'trades >= "
      "5'");
  command->callback([options, &globals] { run_command([&] { return run(*options, globals); }); });
}

}  // namespace argosy::cli

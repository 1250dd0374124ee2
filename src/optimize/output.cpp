// A result as JSON and CSV.
#include <fmt/format.h>

#include <algorithm>

#include "core/csv.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "optimize/optimize.hpp"

namespace argosy::optimize {
namespace {

using core::JsonWriter;

void write_setting(JsonWriter& json, const search::Space& space, const search::Setting& setting) {
  json.begin_object();
  for (std::size_t i = 0; i < space.size(); ++i) {
    json.key(space.parameter(i).name);
    if (setting.is_active(i)) {
      json.value(space.number(i, setting));
    } else {
      json.null();
    }
  }
  json.end_object();
}

// Of each objective, by its name.
void write_values(JsonWriter& json, const OptimizeResult& result, const search::Trial& trial) {
  json.key("values").begin_object();
  for (std::size_t k = 0; k < trial.values.size(); ++k)
    json.key(result.objectives[k].statistic->name).value(trial.values[k]);
  json.end_object();
}

void write_trial(JsonWriter& json, const OptimizeResult& result, const search::Trial& trial) {
  json.begin_object().key("number").value(trial.number).key("state").value(to_string(trial.state)).key("parameters");
  write_setting(json, result.space, trial.setting);
  write_values(json, result, trial);
  if (!trial.intermediates.empty()) {
    json.key(result.budget).begin_array();
    for (const search::Intermediate& step : trial.intermediates)
      json.begin_array().value(step.resource).value(step.value).end_array();
    json.end_array();
  }
  json.key("engine").value(trial.engine);
  if (!trial.error.empty()) json.key("error").value(trial.error);
  json.end_object();
}

void write_study(JsonWriter& json, const OptimizeResult& result) {
  const auto count = [&](search::TrialState state) {
    return std::ranges::count(result.trials.trials, state, &search::Trial::state);
  };
  const auto ran = [&](std::string_view engine) {
    return std::ranges::count(result.trials.trials, engine, &search::Trial::engine);
  };
  json.key("study").begin_object();
  json.key("name").value(result.study).key("id");
  if (result.id.empty()) {
    json.null();
  } else {
    json.value(result.id);
  }
  json.key("sampler").value(result.sampler).key("pruner").value(result.pruner);
  json.key("seed").value(std::to_string(result.seed)).key("workers").value(result.workers);
  json.key("budget").value(result.budget).key("most").value(result.max_resource);
  json.key("objectives").begin_array();
  for (const Objective& objective : result.objectives) {
    const bool most = objective.direction == search::Direction::kMaximise;
    json.begin_object().key("name").value(objective.statistic->name);
    json.key("direction").value(most ? "maximise" : "minimise").end_object();
  }
  json.end_array().key("constraints").begin_array();
  for (const Constraint& constraint : result.constraints) json.value(constraint.text);
  json.end_array();
  json.key("complete").value(count(search::TrialState::kComplete));
  json.key("infeasible").value(count(search::TrialState::kInfeasible));
  json.key("pruned").value(count(search::TrialState::kPruned));
  json.key("failed").value(count(search::TrialState::kFailed));
  json.key("stored_before").value(result.trials.resumed);
  json.key("kernel").value(ran("kernel")).key("core").value(ran("core")).key("why_core");
  if (result.why_core.empty()) {
    json.null();
  } else {
    json.value(result.why_core);
  }
  json.end_object();
}

void write_best(JsonWriter& json, const OptimizeResult& result) {
  json.key("best");
  if (!result.best) {
    json.null();
    return;
  }
  const search::Trial& best = result.trials.trials[result.trials.ranking.front()];
  json.begin_object().key("number").value(best.number).key("parameters");
  write_setting(json, result.space, best.setting);
  write_values(json, result, best);
  json.key("backtest");
  core::write_json(json, result.best->summary);
  json.end_object();
}

void write_luck(JsonWriter& json, const OptimizeResult& result) {
  json.key("overfitting");
  if (!result.overfitting) {
    json.null();
    return;
  }
  const Overfitting& luck = *result.overfitting;
  const auto optional = [&](std::string_view name, const std::optional<double>& value) {
    json.key(name).value(value.value_or(backtest::kUndefined));
  };
  json.begin_object()
      .key("tries")
      .value(luck.tries)
      .key("compared")
      .value(luck.compared)
      .key("effective_trials")
      .value(luck.effective_trials);
  json.key("sharpe_spread").value(luck.sharpe_spread).key("expected_best_sharpe").value(luck.expected_best_sharpe);
  json.key("deflated_sharpe").value(luck.deflated_sharpe);
  optional("pbo", luck.pbo);
  optional("loss_probability", luck.loss_probability);
  json.end_object();
}

void write_statistics(JsonWriter& json, const backtest::EquityStatistics& s) {
  json.key("total_return").value(s.total_return).key("cagr").value(s.cagr).key("volatility").value(s.volatility);
  json.key("sharpe").value(s.sharpe).key("sortino").value(s.sortino).key("calmar").value(s.calmar);
  json.key("max_drawdown").value(s.max_drawdown);
}

void write_walk(JsonWriter& json, const OptimizeResult& result) {
  const WalkForwardResult& walk = *result.walk_forward;
  const market::Timeframe timeframe = result.defaults.market->timeframe;
  const auto time = [&](std::string_view name, std::int64_t key) {
    json.key(name).value(market::format_key(key, timeframe));
  };
  json.key("walk_forward").begin_object().key("lengths").value(walk.lengths).key("anchored").value(walk.anchored);
  json.key("out_of_sample").begin_object();
  time("from", walk.windows.front().test_from);
  time("to", walk.windows.back().test_to);
  write_statistics(json, walk.statistics);
  json.key("trades").value(walk.trades.trades).key("win_rate").value(walk.trades.win_rate);
  json.key("profit_factor").value(walk.trades.profit_factor);
  json.key("initial_cash").value(walk.run.initial_cash).key("final_equity").value(walk.run.equity.back());
  json.key("fees").value(walk.run.fees).end_object();
  json.key("buy_and_hold").begin_object();
  write_statistics(json, walk.benchmark);
  json.end_object().key("efficiency").value(walk.efficiency).key("windows").begin_array();
  for (const Window& window : walk.windows) {
    json.begin_object();
    time("train_from", window.train_from);
    time("train_to", window.train_to);
    time("test_from", window.test_from);
    time("test_to", window.test_to);
    json.key("study").value(window.study).key("trials").value(window.trials).key("parameters");
    write_setting(json, result.space, window.setting);
    json.key("train_value").value(window.train_value).key("train_sharpe").value(window.train_sharpe);
    json.key("test_return").value(window.test_return).key("test_sharpe").value(window.test_sharpe);
    json.key("buy_and_hold_return").value(window.hold_return).end_object();
  }
  json.end_array().key("result_hash").value(walk.result_hash).end_object();
}

void write_numbers(JsonWriter& json, std::string_view name, std::span<const double> values) {
  json.key(name).begin_array();
  for (const double value : values) json.value(value);
  json.end_array();
}

void write_cross_validation(JsonWriter& json, const OptimizeResult& result) {
  const CrossValidationResult& cv = *result.cross_validation;
  json.key("cross_validation").begin_object().key("groups").value(cv.plan.groups);
  json.key("test_groups").value(cv.plan.test_groups).key("purge").value(cv.plan.purge);
  json.key("embargo").value(cv.embargo).key("splits").value(cv.splits).key("settings").value(cv.settings);
  json.key("mean_sharpe").value(cv.mean_sharpe).key("deviation").value(cv.deviation);
  json.key("train_sharpe").value(cv.train_sharpe).key("losing").value(cv.losing);
  write_numbers(json, "path_sharpes", cv.path_sharpes);
  write_numbers(json, "path_returns", cv.path_returns);
  if (result.most_chosen)
    json.key("most_chosen").value(*result.most_chosen).key("most_chosen_share").value(cv.most_chosen_share);
  json.end_object();
}

}  // namespace

std::string to_json(const OptimizeResult& result) {
  JsonWriter json(2);
  json.begin_object();
  write_study(json, result);
  json.key("strategy").value(result.strategy).key("symbols").begin_array();
  for (const std::string& symbol : result.symbols) json.value(symbol);
  json.end_array().key("timeframe").value(result.timeframe);
  json.key("from").value(result.from).key("to").value(result.to);
  write_best(json, result);
  if (result.objectives.size() > 1) {
    json.key("front").begin_array();
    for (const std::size_t index : result.trials.front) json.value(result.trials.trials[index].number);
    json.end_array();
  }
  json.key("defaults");
  core::write_json(json, result.defaults.summary);
  write_luck(json, result);
  if (result.walk_forward) write_walk(json, result);
  if (result.cross_validation) write_cross_validation(json, result);
  json.key("trials").begin_array();
  for (const search::Trial& trial : result.trials.trials) write_trial(json, result, trial);
  json.end_array().key("warnings").begin_array();
  for (const std::string& warning : result.warnings) json.value(warning);
  json.end_array().key("data_hash").value(result.data_hash).key("result_hash").value(result.result_hash);
  json.end_object();
  return std::move(json).take() + "\n";
}

std::string trials_csv(const OptimizeResult& result) {
  std::string out = "number,state";
  const auto cell = [&out](std::string_view text) {
    out += ',';
    core::append_csv_cell(out, text);
  };
  for (std::size_t i = 0; i < result.space.size(); ++i) cell(result.space.parameter(i).name);
  for (const Objective& objective : result.objectives) cell(objective.statistic->name);
  out += ",engine\n";
  for (const search::Trial& trial : result.trials.trials) {
    out += fmt::format("{},{}", trial.number, to_string(trial.state));
    for (std::size_t i = 0; i < result.space.size(); ++i)
      cell(trial.setting.is_active(i) ? result.space.text(i, trial.setting) : "");
    for (std::size_t k = 0; k < result.objectives.size(); ++k)
      cell(k < trial.values.size() ? fmt::format("{}", trial.values[k]) : "");
    cell(trial.engine);
    out += '\n';
  }
  return out;
}

}  // namespace argosy::optimize

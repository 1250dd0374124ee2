// The report of a search: a study's page, led by what was traded out of sample.
#include <fmt/format.h>

#include <cmath>

#include "chart/histogram.hpp"
#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/table.hpp"
#include "chart/time_chart.hpp"
#include "core/text.hpp"
#include "optimize/optimize.hpp"
#include "search/study_report.hpp"

namespace argosy::optimize {
namespace {

using chart::Markup;

std::string percent(double ratio) {
  return std::isnan(ratio) ? "-" : chart::format_percent(ratio, 1, chart::Sign::kAlways);
}
std::string number(double value) { return std::isnan(value) ? "-" : chart::format_number(value, 2); }

std::string setting_text(const search::Space& space, const search::Setting& setting) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < space.size(); ++i)
    parts.push_back(fmt::format("{} {}", space.parameter(i).name, space.text(i, setting)));
  return core::join(parts, ", ");
}

void open_section(Markup& html, std::string_view title, std::string_view hint) {
  html.open("section").element("h2", {}, title);
  html.open("p", {{"class", "hint"}}).prose(hint).close();
}

std::vector<double> to_doubles(std::span<const core::Money> amounts) {
  std::vector<double> out;
  out.reserve(amounts.size());
  for (const core::Money amount : amounts) out.push_back(amount.to_double());
  return out;
}

struct Curve {
  std::string name;
  std::vector<double> values;
  chart::SeriesKind kind = chart::SeriesKind::kLine;
  chart::Tone tone = chart::Tone::kAccent;
};

void write_curves(Markup& html, std::string label, std::span<const std::int64_t> keys, bool intraday,
                  std::span<const Curve> curves) {
  chart::TimeChart chart{.label = std::move(label),
                         .keys = keys,
                         .intraday = intraday,
                         .series = {},
                         .links = {},
                         .markers = {},
                         .scale = chart::ScaleKind::kLog,
                         .baseline = {},
                         .height = 300};
  for (const Curve& curve : curves) chart.series.push_back({curve.name, curve.values, curve.kind, curve.tone});
  html.raw(chart::render_legend(chart)).raw(chart::render_chart(chart));
}

void write_windows(Markup& html, const OptimizeResult& result) {
  const market::Timeframe timeframe = result.defaults.market->timeframe;
  const std::string objective(result.objectives.front().statistic->name);
  chart::Table table{.id = "windows",
                     .label = "The windows",
                     .columns = {{"Traded"},
                                 {"Settings"},
                                 {objective + " in training", true},
                                 {"Return", true, true},
                                 {"Sharpe", true},
                                 {"Buy and hold", true}},
                     .rows = {}};
  for (const Window& window : result.walk_forward->windows) {
    table.rows.push_back({{fmt::format("{} to {}", market::format_key(window.test_from, timeframe),
                                       market::format_key(window.test_to, timeframe)),
                           setting_text(result.space, window.setting), number(window.train_value),
                           percent(window.test_return), number(window.test_sharpe), percent(window.hold_return)},
                          chart::tone_of(window.test_return)});
  }
  html.raw(chart::render_table(table));
}

void write_walk(Markup& html, const OptimizeResult& result) {
  const WalkForwardResult& walk = *result.walk_forward;
  open_section(
      html, "Out of sample",
      fmt::format("The best settings of each training trade the time after it ({}{}). Joined, these windows are "
                  "one run of one account over bars that no search had seen; its settings change at the "
                  "borders while positions stay.",
                  walk.lengths, walk.anchored ? ", every training from the first bar on" : ""));
  const Curve curves[] = {
      {.name = "Out of sample", .values = to_doubles(walk.run.equity)},
      {.name = "Buy and hold",
       .values = to_doubles(walk.buy_and_hold.equity),
       .kind = chart::SeriesKind::kDashed,
       .tone = chart::Tone::kMuted},
  };
  write_curves(html, "Equity out of sample", walk.run.keys, result.defaults.market->timeframe.is_intraday(), curves);
  write_windows(html, result);
  html.close();
}

void write_best(Markup& html, const OptimizeResult& result) {
  open_section(html, "The best setting over all of the data",
               "Found by looking at these very bars: what it shows is what could have been had, not what will be.");
  const Curve curves[] = {
      {.name = "Best", .values = to_doubles(result.best->run.equity)},
      {.name = "As in the file", .values = to_doubles(result.defaults.run.equity), .tone = chart::Tone::kMuted},
      {.name = "Buy and hold",
       .values = to_doubles(result.defaults.buy_and_hold.equity),
       .kind = chart::SeriesKind::kDashed,
       .tone = chart::Tone::kMuted},
  };
  write_curves(html, "Equity of the best setting", result.best->run.keys,
               result.defaults.market->timeframe.is_intraday(), curves);
  const backtest::Summary& best = result.best->summary;
  const backtest::Summary& file = result.defaults.summary;
  const chart::Table table{
      .id = "best",
      .label = "The best setting",
      .columns = {{""}, {"Best", true}, {"As in the file", true}, {"Buy and hold", true}},
      .rows = {
          {{"Total return", percent(best.total_return), percent(file.total_return), percent(file.buy_and_hold_return)},
           {}},
          {{"CAGR", percent(best.cagr), percent(file.cagr), percent(file.buy_and_hold_cagr)}, {}},
          {{"Sharpe", number(best.sharpe), number(file.sharpe), number(file.buy_and_hold_sharpe)}, {}},
          {{"Max drawdown", percent(-best.max_drawdown), percent(-file.max_drawdown),
            percent(-file.buy_and_hold_max_drawdown)},
           {}},
          {{"Trades", std::to_string(best.trades), std::to_string(file.trades), "-"}, {}}}};
  html.raw(chart::render_table(table)).close();
}

void write_cross_validation(Markup& html, const OptimizeResult& result) {
  const CrossValidationResult& cv = *result.cross_validation;
  open_section(
      html, "Cross-validation",
      fmt::format(
          "The time in {} groups, {} of them tested at once: {} splits, whose tests join to {} paths over all of "
          "it. On each path only settings trade that were the best elsewhere. Their Sharpe ratios are {} on "
          "average, {} in training; {} of the paths lose.",
          cv.plan.groups, cv.plan.test_groups, cv.splits, cv.path_sharpes.size(), number(cv.mean_sharpe),
          number(cv.train_sharpe), chart::format_percent(cv.losing, 0)));
  html.raw(chart::render_histogram(
      {.label = "Sharpe ratios of the paths", .unit = "paths", .values = cv.path_sharpes, .target_bins = 12}));
  html.close();
}

void add_figures(const OptimizeResult& result, search::StudyReport& report) {
  if (const auto& walk = result.walk_forward) {
    report.headline = {
        {"Return out of sample", percent(walk->statistics.total_return),
         "buy and hold " + percent(walk->benchmark.total_return)},
        {"Sharpe out of sample", number(walk->statistics.sharpe), "buy and hold " + number(walk->benchmark.sharpe)},
        {"Drawdown out of sample", percent(-walk->statistics.max_drawdown),
         "buy and hold " + percent(-walk->benchmark.max_drawdown)},
        {"Efficiency", number(walk->efficiency), "Sharpe out of sample over in training"}};
    report.verdict =
        fmt::format("Out of sample {} returned {} with a Sharpe ratio of {}; buy and hold {} with {}.", result.strategy,
                    percent(walk->statistics.total_return), number(walk->statistics.sharpe),
                    percent(walk->benchmark.total_return), number(walk->benchmark.sharpe));
  }
  if (const auto& luck = result.overfitting) {
    report.figures.push_back({"Deflated Sharpe", number(luck->deflated_sharpe), "a probability; ask for 0.95"});
    report.figures.push_back(
        {"Best by luck", number(luck->expected_best_sharpe), "Sharpe of as many tries without skill"});
    if (luck->pbo)
      report.figures.push_back({"Overfitting", chart::format_percent(*luck->pbo, 0), "probability, by CSCV"});
  }
}

}  // namespace

std::string html_report(const OptimizeResult& result) {
  search::StudyReport report{.title = result.strategy,
                             .description = fmt::format("{} {} from {} to {}", core::join(result.symbols, ", "),
                                                        result.timeframe, result.from, result.to),
                             .space = &result.space,
                             .result = &result.trials,
                             .sampler = result.sampler,
                             .pruner = result.pruner,
                             .resource = result.budget,
                             .verdict = {},
                             .headline = {},
                             .figures = {},
                             .warnings = result.warnings,
                             .facts = {},
                             .extra = {}};
  add_figures(result, report);
  Markup sections;
  if (result.walk_forward) write_walk(sections, result);
  if (result.best) write_best(sections, result);
  if (result.cross_validation) write_cross_validation(sections, result);
  report.extra = std::move(sections).take();
  const backtest::Summary& s = result.defaults.summary;
  report.facts = {{"Study", result.id.empty() ? result.study : fmt::format("{} ({})", result.study, result.id)},
                  {"Seed", std::to_string(result.seed)},
                  {"Workers", std::to_string(result.workers)},
                  {"Computed by", result.why_core.empty() ? "the kernel" : "the core: " + result.why_core},
                  {"Fees", s.fee_schedule},
                  {"Slippage", s.slippage},
                  {"Limits", s.limits},
                  {"Data", result.data_hash},
                  {"Result", result.result_hash}};
  return search::render_study_report(report);
}

}  // namespace argosy::optimize

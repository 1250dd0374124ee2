#include "search/study_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/page.hpp"
#include "chart/parallel_coordinates.hpp"
#include "chart/quality_map.hpp"
#include "chart/scatter.hpp"
#include "chart/table.hpp"
#include "core/check.hpp"
#include "search/importance.hpp"

namespace argosy::search {
namespace {

using chart::Markup;
using chart::Tone;

constexpr std::size_t kListed = 50;    // trials in the table
constexpr std::size_t kPoints = 2000;  // of the scatter
constexpr std::size_t kThreads = 300;  // of parallel coordinates
constexpr std::size_t kStrong = 10;    // the best ones stand out
constexpr std::size_t kMapBuckets = 12;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::string_view kStyle = R"css(
header{border-bottom:1px solid var(--rule);padding-bottom:22px}
.eyebrow,.hint{color:var(--soft);font-size:13px}
h1{font-size:32px;line-height:1.2;font-weight:680;letter-spacing:-.01em;margin:4px 0 6px}
.about{color:var(--soft);max-width:72ch}
.verdict{font-size:19px;line-height:1.45;margin-top:14px;max-width:66ch}
h2{font-size:18px;font-weight:650;line-height:1.3;margin-bottom:2px}
section{margin-top:38px}
.hint{margin-bottom:8px;max-width:90ch}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin-top:24px;background:var(--rule);border:1px solid var(--rule);border-radius:8px;overflow:hidden}
.figures div{background:var(--page);padding:12px 14px;min-width:0}
.figures dt,.figures .than{color:var(--soft);font-size:12.5px}
.figures dd{margin:0}
.figures .big{font-size:22px;font-weight:620;line-height:1.35}
.warnings{border-left:4px solid var(--accent);background:var(--raised);padding:12px 16px;margin-top:24px}
.bars{display:grid;grid-template-columns:minmax(80px,max-content) 1fr max-content;gap:6px 14px;align-items:center;font-size:14px;margin-top:8px}
.bars dt{font-weight:600}.bars dd{margin:0}.bars .track{background:var(--raised);border-radius:3px;height:14px}
.bars .fill{background:var(--accent);border-radius:3px;height:14px}
.facts{display:grid;grid-template-columns:minmax(130px,220px) minmax(0,1fr);gap:5px 18px;font-size:14px;margin-top:6px}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
@media screen and (max-width:520px){h1{font-size:26px}.verdict{font-size:17px}.figures{grid-template-columns:repeat(2,1fr)}.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:8px}}
@media print{section{margin-top:20pt}h2,.hint{break-after:avoid}.figures,.bars,.sideways{break-inside:avoid}h1{font-size:24px}}
)css";

// What the sections read.
struct View {
  const StudyReport& report;
  const Space& space;
  const StudyResult& result;
  std::vector<double> importance;          // one a parameter
  std::vector<std::size_t> by_importance;  // of the parameters, the largest first
  std::vector<std::size_t> complete;       // of the trials, the best first
};

std::string shown(double value) {
  const double size = std::fabs(value);
  if (size >= 10'000) return chart::format_compact(value);
  return chart::format_number(value, size >= 100 ? 1 : size >= 0.1 || size == 0 ? 3 : 5);
}

std::string setting_text(const Space& space, const Setting& setting) {
  std::string text;
  for (std::size_t at = 0; at < space.size(); ++at) {
    if (!setting.is_active(at)) continue;
    const bool rounded = space.parameter(at).kind == ParameterKind::kFloat;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", space.parameter(at).name,
                        rounded ? shown(setting.values[at]) : space.text(at, setting));
  }
  return text;
}

std::string trial_title(const View& view, const Trial& trial) {
  std::string text = fmt::format("trial {}: ", trial.number);
  for (std::size_t i = 0; i < trial.values.size(); ++i) {
    text += fmt::format("{}{} {}", i > 0 ? ", " : "", view.result.objectives[i].name, shown(trial.values[i]));
  }
  return fmt::format("{}\n{}", text, setting_text(view.space, trial.setting));
}

void open_section(Markup& html, std::string_view title, std::string_view hint) {
  html.open("section").element("h2", {}, title);
  html.open("p", {{"class", "hint"}}).prose(hint).close();
}

std::size_t count_of(const StudyResult& result, TrialState state) {
  return static_cast<std::size_t>(std::ranges::count(result.trials, state, &Trial::state));
}

std::string verdict(const View& view) {
  if (view.complete.empty()) return "No trial was evaluated to its end within the constraints.";
  const Trial& best = view.result.trials[view.complete.front()];
  if (view.result.objectives.size() > 1) {
    return fmt::format("{} of {} trials are beaten by none in every objective.", view.result.front.size(),
                       view.result.trials.size());
  }
  return fmt::format("The best {} of {} trials is {}, with {}.", view.result.objectives[0].name,
                     view.result.trials.size(), shown(best.values[0]), setting_text(view.space, best.setting));
}

void write_header(Markup& html, const View& view) {
  const StudyReport& report = view.report;
  html.open("header");
  std::string eyebrow = "Study";
  for (const std::string& part : {report.sampler, report.pruner == "none" ? "" : report.pruner}) {
    if (!part.empty()) eyebrow += " \xC2\xB7 " + part;
  }
  html.element("p", {{"class", "eyebrow"}}, eyebrow).element("h1", {}, report.title);
  if (!report.description.empty()) html.open("p", {{"class", "about"}}).prose(report.description).close();
  html.open("p", {{"class", "verdict"}}).prose(report.verdict.empty() ? verdict(view) : report.verdict);
  html.close().close();
  std::vector<StudyFigure> figures = report.headline;
  if (!view.complete.empty() && view.result.objectives.size() == 1) {
    const Trial& best = view.result.trials[view.complete.front()];
    figures.push_back(
        {"Best " + view.result.objectives[0].name, shown(best.values[0]), fmt::format("trial {}", best.number)});
  }
  std::string ends = fmt::format("{} complete", count_of(view.result, TrialState::kComplete));
  for (const TrialState state : {TrialState::kPruned, TrialState::kInfeasible, TrialState::kFailed}) {
    if (const std::size_t count = count_of(view.result, state); count > 0)
      ends += fmt::format(", {} {}", count, to_string(state));
  }
  figures.push_back({"Trials", std::to_string(view.result.trials.size()), ends});
  figures.insert(figures.end(), report.figures.begin(), report.figures.end());
  html.open("dl", {{"class", "figures"}});
  for (const StudyFigure& figure : figures) {
    html.open("div").element("dt", {}, figure.label).element("dd", {{"class", "big"}}, figure.value);
    if (!figure.about.empty()) html.element("dd", {{"class", "than"}}, figure.about);
    html.close();
  }
  html.close();
  if (report.warnings.empty()) return;
  html.open("div", {{"class", "warnings"}}).element("h2", {}, "Before you believe it").open("ul");
  for (const std::string& warning : report.warnings) html.open("li").prose(warning).close();
  html.close().close();
}

// The best ones and an even choice of the others, by their rank.
std::vector<std::size_t> chosen(const std::vector<std::size_t>& ranked, std::size_t most) {
  if (ranked.size() <= most) return ranked;
  std::vector<std::size_t> kept(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(most / 2));
  const std::size_t rest = ranked.size() - most / 2;
  for (std::size_t i = 0; i < most - most / 2; ++i) kept.push_back(ranked[most / 2 + rest * i / (most - most / 2)]);
  return kept;
}

// A range that the lowest twentieth on the bad side may leave: a few ruinous trials must not flatten the others.
std::pair<double, double> robust_range(std::vector<double> values, Direction direction) {
  std::ranges::sort(values);
  const std::size_t cut = values.size() / 20;
  double low = direction == Direction::kMaximise ? values[cut] : values.front();
  double high = direction == Direction::kMaximise ? values.back() : values[values.size() - 1 - cut];
  const double room = (high - low) * 0.06;
  return {low - room, high + room};
}

std::vector<double> first_values(const View& view) {
  std::vector<double> values;
  for (const std::size_t i : view.complete) values.push_back(view.result.trials[i].values[0]);
  return values;
}

void write_progress(Markup& html, const View& view) {
  if (view.complete.empty()) return;
  const Objective& objective = view.result.objectives[0];
  chart::Scatter scatter{.label = objective.name + " of each trial, and the best so far",
                         .x_name = "trial",
                         .y_name = objective.name,
                         .points = {},
                         .steps = {},
                         .y_range = {}};
  scatter.y_range = robust_range(first_values(view), objective.direction);
  std::vector<std::size_t> order = chosen(view.complete, kPoints);
  std::ranges::reverse(order);  // the best on top
  for (const std::size_t i : order) {
    const Trial& trial = view.result.trials[i];
    const bool best = i == view.complete.front() && view.result.objectives.size() == 1;
    scatter.points.push_back({static_cast<double>(trial.number), trial.values[0], best ? Tone::kAccent : Tone::kMuted,
                              best, trial_title(view, trial)});
  }
  std::optional<double> so_far;
  for (const Trial& trial : view.result.trials) {
    if (trial.state != TrialState::kComplete) continue;
    if (so_far && loss(objective, trial.values[0]) >= loss(objective, *so_far)) continue;
    so_far = trial.values[0];
    scatter.steps.emplace_back(static_cast<double>(trial.number), *so_far);
  }
  scatter.steps.emplace_back(static_cast<double>(view.result.trials.back().number), *so_far);
  open_section(
      html, fmt::format("{} over the trials", objective.name),
      "Each point is a complete trial, the line the best one so far. A line that still rises at the end asks for more "
      "trials; points that do not rise say that the sampler found nothing to learn. The worst twentieth sits on the "
      "edge.");
  html.raw(chart::render_scatter(scatter)).close();
}

void write_front(Markup& html, const View& view) {
  if (view.result.objectives.size() != 2 || view.complete.empty()) return;
  const Objective& first = view.result.objectives[0];
  const Objective& second = view.result.objectives[1];
  chart::Scatter scatter{.label = fmt::format("{} against {}", second.name, first.name),
                         .x_name = first.name,
                         .y_name = second.name,
                         .points = {},
                         .steps = {},
                         .y_range = {}};
  std::vector<std::size_t> order = chosen(view.complete, kPoints);
  std::ranges::reverse(order);
  for (const std::size_t i : order) {
    const bool on_front = std::ranges::find(view.result.front, i) != view.result.front.end();
    const Trial& trial = view.result.trials[i];
    scatter.points.push_back({trial.values[0], trial.values[1], on_front ? Tone::kAccent : Tone::kMuted, on_front,
                              trial_title(view, trial)});
  }
  open_section(
      html, fmt::format("{} against {}", second.name, first.name),
      "The filled points are the Pareto front: no trial is at least as good in both and better in one. Which of "
      "them to take is a choice, not a result.");
  html.raw(chart::render_scatter(scatter)).close();
}

void write_importance(Markup& html, const View& view) {
  if (view.complete.size() < 2) return;
  open_section(
      html, "Importance of the parameters",
      "The share of the differences in rank that a parameter explains alone, in ten groups of its values (epsilon "
      "squared "
      "of Kruskal and Wallis). Effects that parameters have only together are not seen, and a sampler that looks "
      "mostly where it is good sees less of the bad.");
  html.open("dl", {{"class", "bars"}});
  for (const std::size_t at : view.by_importance) {
    const std::string width = "width:" + chart::width_percent(view.importance[at]);
    html.element("dt", {}, view.space.parameter(at).name);
    html.open("dd", {{"class", "track"}}).element("div", {{"class", "fill"}, {"style", width}}, "").close();
    html.element("dd", {}, chart::format_percent(view.importance[at], 0));
  }
  html.close().close();
}

// 1 for the best value, 0 for the median, -1 for the worst that counts.
double quality(const View& view, const std::vector<double>& sorted_losses, double value) {
  const double own = loss(view.result.objectives[0], value);
  const double middle = sorted_losses[sorted_losses.size() / 2];
  const double best = sorted_losses.front();
  const double worst = sorted_losses[(sorted_losses.size() - 1) * 9 / 10];
  if (own <= middle) return middle > best ? (middle - own) / (middle - best) : 0;
  return worst > middle ? std::max((middle - own) / (worst - middle), -1.0) : -1;
}

// Without the rows and columns at the ends where nothing was tried; holes between others stay.
void trim(chart::QualityMap& map) {
  const auto is_empty = [](const chart::QualityCell& cell) { return cell.text.empty(); };
  const auto row_is_empty = [&](const chart::QualityRow& row) { return std::ranges::all_of(row.cells, is_empty); };
  while (!map.rows.empty() && row_is_empty(map.rows.back())) map.rows.pop_back();
  while (!map.rows.empty() && row_is_empty(map.rows.front())) map.rows.erase(map.rows.begin());
  const auto column_is_empty = [&](std::size_t column) {
    return std::ranges::all_of(map.rows, [&](const chart::QualityRow& row) { return is_empty(row.cells[column]); });
  };
  const auto erase_column = [&](std::size_t column) {
    map.columns.erase(map.columns.begin() + static_cast<std::ptrdiff_t>(column));
    for (chart::QualityRow& row : map.rows) row.cells.erase(row.cells.begin() + static_cast<std::ptrdiff_t>(column));
  };
  while (!map.columns.empty() && column_is_empty(map.columns.size() - 1)) erase_column(map.columns.size() - 1);
  while (!map.columns.empty() && column_is_empty(0)) erase_column(0);
}

void write_map(Markup& html, const View& view) {
  if (view.space.size() < 2 || view.complete.size() < 4) return;
  const std::size_t row_parameter = view.by_importance[0];
  const std::size_t column_parameter = view.by_importance[1];
  std::vector<Trial> trials;
  std::vector<double> losses;
  for (const std::size_t i : view.complete) {
    trials.push_back(view.result.trials[i]);
    losses.push_back(loss(view.result.objectives[0], trials.back().values[0]));
  }
  std::ranges::sort(losses);
  const Buckets rows = bucket_trials(view.space, row_parameter, trials, kMapBuckets);
  const Buckets columns = bucket_trials(view.space, column_parameter, trials, kMapBuckets);
  chart::QualityMap map{.label = "The best value of each pair",
                        .row_name = view.space.parameter(row_parameter).name,
                        .column_name = view.space.parameter(column_parameter).name,
                        .columns = columns.labels,
                        .rows = {}};
  for (const std::string& label : rows.labels)
    map.rows.push_back({label, std::vector<chart::QualityCell>(columns.labels.size())});
  // The best first, so that the first one of a cell is its best; the others only count.
  std::vector<std::size_t> counts(rows.labels.size() * columns.labels.size(), 0);
  std::vector<const Trial*> bests(counts.size(), nullptr);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (rows.of_trial[i] == Buckets::kNone || columns.of_trial[i] == Buckets::kNone) continue;
    const std::size_t cell = rows.of_trial[i] * columns.labels.size() + columns.of_trial[i];
    if (counts[cell]++ == 0) bests[cell] = &trials[i];
  }
  for (std::size_t cell = 0; cell < bests.size(); ++cell) {
    if (bests[cell] == nullptr) continue;
    const double value = bests[cell]->values[0];
    map.rows[cell / columns.labels.size()].cells[cell % columns.labels.size()] = {
        chart::format_number(value, std::fabs(value) >= 100 ? 0 : 2), quality(view, losses, value),
        fmt::format("{}\nthe best of {}", trial_title(view, *bests[cell]), counts[cell])};
  }
  trim(map);
  open_section(html, fmt::format("{} by {} and {}", view.result.objectives[0].name, map.row_name, map.column_name),
               "The two most important parameters; each cell shows the best trial there, coloured against the median "
               "of all. A good "
               "setting among good neighbours is worth more than a lonely peak.");
  html.raw(chart::render_quality_map(map)).close();
}

// Where a value lies on its axis, 0 to 1: on the logarithm where the space says so, choices evenly.
double axis_position(const Space& space, std::size_t at, double value) {
  if (std::isnan(value)) return kNone;
  if (space.parameter(at).kind == ParameterKind::kCategorical) {
    return (value + 0.5) / static_cast<double>(space.parameter(at).choices.size());
  }
  const double low = space.to_internal(at, space.parameter(at).from);
  const double high = space.to_internal(at, space.parameter(at).to);
  return high > low ? (space.to_internal(at, value) - low) / (high - low) : 0.5;
}

chart::ParallelAxis axis_of(const Space& space, std::size_t at) {
  const Parameter& parameter = space.parameter(at);
  chart::ParallelAxis axis{.name = parameter.name, .ticks = {}};
  for (std::size_t k = 0; k < parameter.choices.size(); ++k) {
    axis.ticks.emplace_back(axis_position(space, at, static_cast<double>(k)), parameter.choices[k].text);
  }
  if (parameter.choices.empty()) {
    axis.ticks = {{0, chart::format_compact(parameter.from)}, {1, chart::format_compact(parameter.to)}};
  }
  return axis;
}

void write_parallel(Markup& html, const View& view) {
  if (view.complete.empty()) return;
  chart::ParallelCoordinates chart{.label = "Parameters and objectives of the trials", .axes = {}, .lines = {}};
  for (std::size_t at = 0; at < view.space.size(); ++at) chart.axes.push_back(axis_of(view.space, at));
  std::vector<std::pair<double, double>> ranges;
  for (std::size_t k = 0; k < view.result.objectives.size(); ++k) {
    std::vector<double> values;
    for (const std::size_t i : view.complete) values.push_back(view.result.trials[i].values[k]);
    ranges.push_back(robust_range(values, view.result.objectives[k].direction));
    chart.axes.push_back({view.result.objectives[k].name, {{0, shown(ranges[k].first)}, {1, shown(ranges[k].second)}}});
  }
  const std::vector<std::size_t> order = chosen(view.complete, kThreads);
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const Trial& trial = view.result.trials[order[rank - 1]];
    const bool strong = rank <= std::min(kStrong, (order.size() + 9) / 10);
    chart::ParallelLine line{.positions = {},
                             .tone = strong ? Tone::kAccent : Tone::kMuted,
                             .strong = strong,
                             .title = trial_title(view, trial)};
    for (std::size_t at = 0; at < view.space.size(); ++at) {
      line.positions.push_back(axis_position(view.space, at, trial.setting.values[at]));
    }
    for (std::size_t k = 0; k < ranges.size(); ++k) {
      const double width = ranges[k].second - ranges[k].first;
      line.positions.push_back(width > 0 ? std::clamp((trial.values[k] - ranges[k].first) / width, 0.0, 1.0) : 0.5);
    }
    chart.lines.push_back(std::move(line));
  }
  open_section(html, "Parallel coordinates",
               "A thread for each trial, from parameter to parameter to what it gave; the best ones stand out. A "
               "parameter that does "
               "not count leaves a gap. Where the best threads run together, the parameter is settled.");
  html.raw(chart::render_parallel_coordinates(chart)).close();
}

// Trials over the rungs: those that were given up end early.
void write_rungs(Markup& html, const View& view) {
  std::vector<std::int64_t> rungs;
  std::vector<double> values;
  for (const Trial& trial : view.result.trials) {
    for (const Intermediate& seen : trial.intermediates) {
      if (std::ranges::find(rungs, seen.resource) == rungs.end()) rungs.push_back(seen.resource);
      values.push_back(seen.value);
    }
    if (trial.state == TrialState::kComplete) values.push_back(trial.values[0]);
  }
  if (rungs.empty() || values.empty()) return;
  std::ranges::sort(rungs);
  const auto [low, high] = robust_range(values, view.result.objectives[0].direction);
  chart::ParallelCoordinates chart{.label = "Values by resource", .axes = {}, .lines = {}};
  for (const std::int64_t rung : rungs) {
    chart.axes.push_back({fmt::format("{}{}{}", view.report.resource, view.report.resource.empty() ? "" : " ", rung),
                          {{0, shown(low)}, {1, shown(high)}}});
  }
  chart.axes.push_back({"all", {{0, shown(low)}, {1, shown(high)}}});
  std::vector<std::size_t> order = chosen(view.result.ranking, kThreads);
  std::ranges::reverse(order);
  for (const std::size_t i : order) {
    const Trial& trial = view.result.trials[i];
    if (trial.intermediates.empty()) continue;
    const bool complete = trial.state == TrialState::kComplete;
    chart::ParallelLine line{.positions = std::vector<double>(rungs.size() + 1, kNone),
                             .tone = complete ? Tone::kAccent : Tone::kMuted,
                             .strong = complete,
                             .title = trial_title(view, trial)};
    const auto position = [&](double value) {
      return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5;
    };
    for (const Intermediate& seen : trial.intermediates) {
      line.positions[static_cast<std::size_t>(std::ranges::find(rungs, seen.resource) - rungs.begin())] =
          position(seen.value);
    }
    if (complete) line.positions.back() = position(trial.values[0]);
    chart.lines.push_back(std::move(line));
  }
  open_section(html, "Given up early",
               "What each trial had reached with how much of the resource. Muted threads were given up; a thread that "
               "crosses many "
               "others late says that the first rungs judge too early.");
  html.raw(chart::render_parallel_coordinates(chart)).close();
}

void write_table(Markup& html, const View& view) {
  chart::Table table{
      .id = "trials", .label = "The best trials", .columns = {{"Rank", true}, {"Trial", true}}, .rows = {}};
  for (const Objective& objective : view.result.objectives) table.columns.push_back({objective.name, true});
  for (std::size_t at = 0; at < view.space.size(); ++at) {
    table.columns.push_back(
        {view.space.parameter(at).name, view.space.parameter(at).kind != ParameterKind::kCategorical});
  }
  table.columns.push_back({"State"});
  const bool engines =
      std::ranges::any_of(view.result.trials, [](const Trial& trial) { return !trial.engine.empty(); });
  if (engines) table.columns.push_back({"Engine"});
  const std::size_t count = std::min(kListed, view.result.ranking.size());
  for (std::size_t rank = 0; rank < count; ++rank) {
    const Trial& trial = view.result.trials[view.result.ranking[rank]];
    chart::TableRow row{.cells = {std::to_string(rank + 1), std::to_string(trial.number)}, .tone = {}};
    for (std::size_t k = 0; k < view.result.objectives.size(); ++k) {
      row.cells.push_back(k < trial.values.size() ? shown(trial.values[k]) : "\xE2\x80\x94");
    }
    for (std::size_t at = 0; at < view.space.size(); ++at) {
      const bool number = view.space.parameter(at).kind == ParameterKind::kFloat && trial.setting.is_active(at);
      row.cells.push_back(number ? shown(trial.setting.values[at]) : view.space.text(at, trial.setting));
    }
    row.cells.emplace_back(trial.error.empty() ? to_string(trial.state) : std::string_view(trial.error));
    if (engines) row.cells.push_back(trial.engine);
    table.rows.push_back(std::move(row));
  }
  open_section(html, "The best trials",
               count < view.result.ranking.size()
                   ? fmt::format("The first {} of {}.", count, view.result.ranking.size())
                   : "All of them.");
  html.raw(chart::render_table(table)).close();
}

void write_facts(Markup& html, const View& view) {
  if (view.report.facts.empty()) return;
  open_section(html, "How it was done", "The same facts and the same seed give the same trials.");
  html.open("dl", {{"class", "facts"}});
  for (const auto& [label, value] : view.report.facts) html.element("dt", {}, label).element("dd", {}, value);
  html.close().close();
}

}  // namespace

std::string render_study_report(const StudyReport& report) {
  ARGOSY_CHECK(report.space != nullptr && report.result != nullptr);
  View view{report, *report.space, *report.result, {}, {}, {}};
  view.importance = parameter_importance(view.space, view.result.trials, view.result.objectives);
  view.by_importance.resize(view.space.size());
  std::iota(view.by_importance.begin(), view.by_importance.end(), std::size_t{0});
  std::ranges::stable_sort(view.by_importance,
                           [&](std::size_t a, std::size_t b) { return view.importance[a] > view.importance[b]; });
  for (const std::size_t i : view.result.ranking) {
    if (view.result.trials[i].state == TrialState::kComplete) view.complete.push_back(i);
  }
  Markup html;
  html.open("main");
  write_header(html, view);
  html.raw(report.extra);
  write_front(html, view);
  write_progress(html, view);
  write_map(html, view);
  write_importance(html, view);
  write_parallel(html, view);
  write_rungs(html, view);
  write_table(html, view);
  write_facts(html, view);
  html.close();
  return chart::render_page({.title = report.title, .body = std::move(html).take(), .style = std::string(kStyle)});
}

}  // namespace argosy::search

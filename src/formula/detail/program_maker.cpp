#include "formula/detail/program_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "formula/operators/barrier.hpp"

namespace argosy::formula {
namespace {

Plan plan_of(const Graph& graph, const std::vector<PlanOutput>& outputs) {
  return Plan(std::make_shared<const PlanImpl>(make_plan(graph, outputs)));
}

}  // namespace

std::string barrier_field(std::size_t index) { return fmt::format("@{}", index); }

Program make_program(const Graph& graph, const std::vector<PlanOutput>& outputs) {
  Program program;
  program.contexts = graph.contexts();
  program.barriers.resize(graph.barriers().size());
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> groups;  // by level and context
  for (std::size_t k = 0; k < graph.barriers().size(); ++k)
    groups[{graph.barriers()[k].level, graph.barriers()[k].input_context}].push_back(k);
  // One step for each: the inputs of its barriers.
  for (const auto& [place, group] : groups) {
    std::vector<PlanOutput> inputs;
    std::map<Value, std::size_t> known;
    for (const std::size_t k : group) {
      const GraphBarrier& barrier = graph.barriers()[k];
      const auto [output, added] = known.try_emplace(barrier.input, inputs.size());
      if (added) inputs.push_back({fmt::format("for {}", barrier_field(k)), barrier.input});
      program.barriers[k] = {.op = barrier.op,
                             .arguments = barrier.arguments,
                             .by_sector = barrier.by_sector,
                             .step = program.steps.size(),
                             .output = output->second,
                             .context = barrier.context};
    }
    program.steps.push_back({plan_of(graph, inputs), place.second});
  }
  program.steps.push_back({plan_of(graph, outputs), 0});
  return program;
}

std::optional<std::size_t> barrier_index(std::string_view field) {
  if (!field.starts_with('@')) return std::nullopt;
  return static_cast<std::size_t>(core::parse_integer(field.substr(1)).value_or(0));
}

std::vector<std::string> Program::fields(std::uint32_t context) const {
  std::set<std::string> names;
  for (const ProgramStep& step : steps) {
    if (step.context != context) continue;
    for (const std::string& field : step.plan.fields()) {
      if (!barrier_index(field)) names.insert(field);
    }
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> Program::fields() const {
  std::set<std::string> names;
  for (std::uint32_t context = 0; context < contexts.size(); ++context) {
    for (std::string& field : fields(context)) names.insert(std::move(field));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string_view> Program::operators() const {
  std::set<std::string_view> names;
  for (const ProgramStep& step : steps) names.insert(step.plan.operators().begin(), step.plan.operators().end());
  for (const Barrier& barrier : barriers) names.insert(barrier.op->name);
  return {names.begin(), names.end()};
}

bool Program::looks_across() const {
  return std::ranges::any_of(barriers, [](const Barrier& b) { return b.op->kind == BarrierKind::kCrossSection; });
}

std::string Program::describe() const {
  std::string out;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const RowContext& rows = contexts[steps[s].context];
    if (steps.size() > 1) {
      out += fmt::format("step {}{}{}\n", s + 1, rows.symbol.empty() ? "" : " on the rows of " + rows.symbol,
                         rows.timeframe.empty() ? "" : " in bars of " + rows.timeframe);
    }
    out += steps[s].plan.describe();
    for (std::size_t k = 0; k < barriers.size(); ++k) {
      if (barriers[k].step != s) continue;
      const Barrier& barrier = barriers[k];
      out +=
          fmt::format("{} = {}({})", barrier_field(k), barrier.op->name, steps[s].plan.outputs()[barrier.output].name);
      if (barrier.by_sector) out += " by sector";
      out += "\n";
    }
  }
  return out;
}

}  // namespace argosy::formula

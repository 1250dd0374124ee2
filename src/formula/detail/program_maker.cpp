#include "formula/detail/program_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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
  std::uint32_t levels = 0;
  for (const GraphBarrier& barrier : graph.barriers()) levels = std::max(levels, barrier.level + 1);
  // One step for each level and context: the inputs of its barriers.
  for (std::uint32_t level = 0; level < levels; ++level) {
    for (std::uint32_t context = 0; context < graph.contexts().size(); ++context) {
      std::vector<PlanOutput> inputs;
      for (std::size_t k = 0; k < graph.barriers().size(); ++k) {
        const GraphBarrier& barrier = graph.barriers()[k];
        if (barrier.level != level || barrier.input_context != context) continue;
        auto found = std::ranges::find(inputs, barrier.input, &PlanOutput::value);
        if (found == inputs.end())
          found = inputs.insert(inputs.end(), {fmt::format("for {}", barrier_field(k)), barrier.input});
        program.barriers[k] = {.op = barrier.op,
                               .arguments = barrier.arguments,
                               .by_sector = barrier.by_sector,
                               .step = program.steps.size(),
                               .output = static_cast<std::size_t>(found - inputs.begin()),
                               .context = barrier.context};
      }
      if (!inputs.empty()) program.steps.push_back({plan_of(graph, inputs), context});
    }
  }
  program.steps.push_back({plan_of(graph, outputs), 0});
  return program;
}

std::vector<std::string> Program::fields() const {
  std::set<std::string> names;
  for (const ProgramStep& step : steps) {
    for (const std::string& field : step.plan.fields()) {
      if (!field.starts_with('@')) names.insert(field);
    }
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

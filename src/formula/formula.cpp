#include "formula/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.hpp"
#include "formula/detail/graph.hpp"
#include "formula/detail/lowering.hpp"
#include "formula/detail/parser.hpp"
#include "formula/detail/plan_impl.hpp"
#include "formula/detail/position_cut.hpp"
#include "formula/detail/program_maker.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

core::Result<void> check_name(const CompileOptions& options, const std::string& name, std::string_view what,
                              const Scope& scope) {
  const auto refuse = [&](std::string_view why) {
    core::Error error(core::ErrorCode::kInvalidArgument, fmt::format("the {} name \"{}\" {}", what, name, why));
    return core::fail(
        std::move(error).with_hint("names are letters, digits and _, and start with a letter").at(options.file));
  };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (name.empty() || !is_letter(name[0]) || !std::ranges::all_of(name, fits)) return refuse("is not a name");
  if (is_keyword(name) || name == "raw") return refuse("is a word of the language");
  const auto fields = field_names();
  if (std::ranges::find(fields, name) != fields.end()) return refuse("is the name of a field");
  if (find_operator(name) != nullptr || find_barrier(name) != nullptr) return refuse("is the name of an operator");
  if (scope.contains(name)) return refuse("is used twice");
  return {};
}

core::Result<Meaning> read(const CompileOptions& options, const std::string& name, std::string_view text, Scope& scope,
                           Graph& graph, bool position = false) {
  const Source source{options.file, name, text};
  ARGOSY_TRY(const Tree tree, parse(source));
  return lower(source, tree, scope, graph, {.labels = options.labels, .position = position});
}

core::Result<Scope> make_scope(const CompileOptions& options, Graph& graph, bool position = false) {
  Scope scope;
  for (const auto& [name, value] : options.parameters) {
    ARGOSY_TRY_VOID(check_name(options, name, "parameter", scope));
    if (!std::isfinite(value)) {
      return core::fail(
          core::Error(core::ErrorCode::kInvalidArgument, fmt::format("parameter {} is not a finite number", name))
              .at(options.file));
    }
    scope[name] = {.meaning = {graph.constant(clean(value), ValueType::kNumber)}};
  }
  for (const auto& [name, text] : options.lets) {
    ARGOSY_TRY_VOID(check_name(options, name, "let", scope));
    ARGOSY_TRY(const Meaning meaning, read(options, name, text, scope, graph, position));
    scope[name] = {.meaning = meaning, .file = options.file, .text = text};
  }
  return scope;
}

}  // namespace

std::span<const std::string> Plan::fields() const { return impl_->fields; }
std::span<const OutputColumn> Plan::outputs() const { return impl_->outputs; }
std::span<const std::string_view> Plan::operators() const { return impl_->operators; }
std::size_t Plan::warm_up() const { return impl_->warm_up; }
std::string Plan::describe() const { return impl_->description; }
const std::string& Plan::fingerprint() const { return impl_->fingerprint; }

namespace {

// Adds the values of the outputs.
core::Result<void> lower_outputs(std::span<const Output> outputs, const CompileOptions& options, Scope& scope,
                                 Graph& graph, std::vector<PlanOutput>& values, bool position = false) {
  for (const Output& output : outputs) {
    ARGOSY_TRY(const Meaning meaning, read(options, output.name, output.text, scope, graph, position));
    if (!output.all_outputs || meaning.several == nullptr) {
      values.push_back({output.name, meaning.value});
      continue;
    }
    const auto& names = meaning.several->outputs;
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::string prefix = output.name.empty() ? "" : output.name + ".";
      values.push_back({prefix + std::string(names[k]), meaning.outputs[k]});
    }
  }
  return {};
}

core::Result<std::vector<PlanOutput>> lower_all(std::span<const Output> outputs, const CompileOptions& options,
                                                Graph& graph) {
  ARGOSY_TRY(Scope scope, make_scope(options, graph));
  std::vector<PlanOutput> values;
  ARGOSY_TRY_VOID(lower_outputs(outputs, options, scope, graph, values));
  return values;
}

}  // namespace

core::Result<Plan> compile(std::span<const Output> outputs, const CompileOptions& options) {
  return compile_groups(std::array{OutputGroup{{outputs.begin(), outputs.end()}, options}});
}

core::Result<Plan> compile_groups(std::span<const OutputGroup> groups) {
  Graph graph;
  std::vector<PlanOutput> values;
  for (const OutputGroup& group : groups) {
    ARGOSY_TRY(const auto more, lower_all(group.outputs, group.options, graph));
    values.insert(values.end(), more.begin(), more.end());
    if (!graph.barriers().empty()) {
      return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                    fmt::format("{} looks beyond the symbol's own rows, which cannot be done here",
                                                graph.barriers()[0].op->name))
                            .at(group.options.file)
                            .with_hint("argosy formula eval --universe computes such formulas"));
    }
  }
  return Plan(std::make_shared<const PlanImpl>(make_plan(graph, values)));
}

core::Result<Program> compile_program(std::span<const Output> outputs, const CompileOptions& options) {
  Graph graph;
  ARGOSY_TRY(const auto values, lower_all(outputs, options, graph));
  return make_program(graph, values);
}

core::Result<ExitProgram> compile_exits(std::span<const Output> outputs, std::span<const Output> exits,
                                        const CompileOptions& options) {
  Graph graph;
  ARGOSY_TRY(Scope scope, make_scope(options, graph, true));
  std::vector<PlanOutput> values;
  ARGOSY_TRY_VOID(lower_outputs(outputs, options, scope, graph, values));
  ARGOSY_TRY_VOID(lower_outputs(exits, options, scope, graph, values, true));
  const PositionCut cut = cut_at_position(graph, values);
  ExitProgram program{.data = make_program(graph, cut.data), .position = {}};
  if (!cut.exits.empty()) program.position = Plan(std::make_shared<const PlanImpl>(make_plan(cut.position, cut.exits)));
  return program;
}

core::Result<double> constant(std::string_view text, const CompileOptions& options) {
  Graph graph;
  ARGOSY_TRY(Scope scope, make_scope(options, graph));
  ARGOSY_TRY(const Meaning meaning, read(options, "", text, scope, graph));
  const Node& node = graph.at(meaning.value);
  const Source source{options.file, "", text};
  const Span all{0, text.size()};
  if (node.kind != NodeKind::kConstant)
    return core::fail(error_at(source, all, "a constant is expected: this reads data"));
  if (node.type != ValueType::kNumber)
    return core::fail(error_at(source, all, "a number is expected, not a truth value"));
  return node.constant;
}

}  // namespace argosy::formula

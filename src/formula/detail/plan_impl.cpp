#include "formula/detail/plan_impl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace argosy::formula {
namespace {

class PlanMaker {
 public:
  PlanMaker(const Graph& graph, const std::vector<PlanOutput>& outputs)
      : graph_(graph), outputs_(outputs), needed_(graph.nodes().size()), last_use_(graph.nodes().size()) {}

  PlanImpl run() {
    mark();
    collect();
    for (NodeId id = 0; id < needed_.size(); ++id) {
      if (needed_[id] && node(id).kind == NodeKind::kOperator && step_of(id) == id) add_step(id);
    }
    resolve();
    describe();
    return std::move(plan_);
  }

 private:
  // While columns are given out the number of scratch columns is not known yet: scratch and output columns are counted
  // apart and put together by resolve().
  static constexpr std::uint32_t kScratch = 1U << 30U;
  static constexpr std::uint32_t kOutput = 1U << 31U;

  [[nodiscard]] const Node& node(NodeId id) const { return graph_.nodes()[id]; }
  [[nodiscard]] bool is_input(NodeId id) const {
    return node(id).kind == NodeKind::kField || node(id).kind == NodeKind::kBarrier;
  }

  // Finds the values that outputs depend on, which of them are computed in one step, and the last step that reads each.
  void mark() {
    for (const PlanOutput& output : outputs_) need(output.value);
    for (NodeId id = static_cast<NodeId>(needed_.size()); id-- > 0;) {
      if (!needed_[id]) continue;
      for (const Value input : node(id).inputs) need(input);
    }
    for (NodeId id = 0; id < needed_.size(); ++id) {
      if (!needed_[id]) continue;
      if (const Operator* op = node(id).op; op != nullptr && op->share != nullptr) {
        const auto first = shared_.try_emplace({op->share, node(id).inputs, node(id).arguments[0]}, id).first->second;
        members_[first].push_back(id);
        first_[id] = first;
      }
      for (const Value input : node(id).inputs) last_use_[input.node] = std::max(last_use_[input.node], step_of(id));
    }
    for (const PlanOutput& output : outputs_) last_use_[output.value.node] = static_cast<NodeId>(needed_.size());
  }
  void need(Value value) {
    needed_[value.node] = true;
    read_.insert(value);
  }
  // The node at which this one is computed: the first of those that share a kernel.
  [[nodiscard]] NodeId step_of(NodeId id) const {
    const auto found = first_.find(id);
    return found == first_.end() ? id : found->second;
  }

  // Inputs, constants and the values that go straight to an output.
  void collect() {
    std::set<std::string_view> operators;
    for (NodeId id = 0; id < needed_.size(); ++id) {
      if (!needed_[id]) continue;
      if (is_input(id)) {
        columns_[{id, 0}] = static_cast<std::uint32_t>(plan_.fields.size());
        plan_.fields.push_back(node(id).field);
      }
      if (node(id).kind == NodeKind::kOperator) operators.insert(node(id).op->name);
    }
    for (NodeId id = 0; id < needed_.size(); ++id) {
      if (!needed_[id] || node(id).kind != NodeKind::kConstant) continue;
      columns_[{id, 0}] = static_cast<std::uint32_t>(plan_.fields.size() + plan_.constants.size());
      plan_.constants.push_back(node(id).constant);
    }
    for (std::uint32_t i = 0; i < outputs_.size(); ++i) {
      const Value value = outputs_[i].value;
      plan_.outputs.push_back({outputs_[i].name, graph_.at(value).type});
      plan_.warm_up = std::max(plan_.warm_up, graph_.at(value).warm_up);
      if (graph_.at(value).kind == NodeKind::kOperator) columns_.try_emplace(value, kOutput + i);
    }
    plan_.operators.assign(operators.begin(), operators.end());
  }

  void add_step(NodeId id) {
    const Node& now = node(id);
    Step step{.op = now.op, .arguments = now.arguments, .parts = {}, .inputs = {}, .outputs = {}};
    for (const Value input : now.inputs) step.inputs.push_back(columns_.at(input));
    for (const Value value : values_at(id)) {
      const auto [place, added] = columns_.try_emplace(value, 0);
      if (added) place->second = take_scratch();
      step.outputs.push_back(place->second);
      const Node& of = node(value.node);
      if (now.op->share != nullptr) step.parts.push_back({of.op->first_part + value.output, of.arguments});
    }
    // Columns are given back only after the outputs have theirs, so outputs never overlap inputs.
    std::set<NodeId> done;
    for (const Value input : now.inputs) {
      if (last_use_[input.node] == id && done.insert(input.node).second) release(input.node);
    }
    plan_.steps.push_back(std::move(step));
    const auto members = members_.find(id);
    if (members == members_.end()) {
      step_nodes_.push_back(id);
    } else {
      step_nodes_.insert(step_nodes_.end(), members->second.begin(), members->second.end());
    }
  }
  // What the step at this node computes: all outputs, or of those that share a kernel the ones that are read.
  [[nodiscard]] std::vector<Value> values_at(NodeId id) const {
    std::vector<Value> values;
    if (const auto members = members_.find(id); members != members_.end()) {
      for (const NodeId member : members->second) {
        for (auto at = read_.lower_bound({member, 0}); at != read_.end() && at->node == member; ++at)
          values.push_back(*at);
      }
      return values;
    }
    for (std::uint32_t k = 0; k < node(id).op->output_count(); ++k) values.push_back({id, k});
    return values;
  }

  std::uint32_t take_scratch() {
    if (free_.empty()) return kScratch + static_cast<std::uint32_t>(plan_.scratch_columns++);
    const std::uint32_t column = *free_.begin();
    free_.erase(free_.begin());
    return column;
  }
  void release(NodeId id) {
    if (node(id).kind != NodeKind::kOperator) return;
    for (auto at = columns_.lower_bound({id, 0}); at != columns_.end() && at->first.node == id; ++at) {
      if (at->second < kOutput) free_.insert(at->second);
    }
  }

  [[nodiscard]] std::uint32_t resolved(std::uint32_t column) const {
    if (column >= kOutput) return column - kOutput + static_cast<std::uint32_t>(plan_.first_output());
    if (column >= kScratch) return column - kScratch + static_cast<std::uint32_t>(plan_.first_scratch());
    return column;
  }
  void resolve() {
    for (Step& step : plan_.steps) {
      for (auto& column : step.inputs) column = resolved(column);
      for (auto& column : step.outputs) column = resolved(column);
    }
    for (const PlanOutput& output : outputs_) plan_.output_columns.push_back(resolved(columns_.at(output.value)));
  }

  // "%3.upper" or, for fields and constants, themselves.
  [[nodiscard]] std::string value_text(Value value) const {
    const Node& now = graph_.at(value);
    if (now.kind == NodeKind::kField || now.kind == NodeKind::kBarrier) return now.field;
    if (now.kind == NodeKind::kConstant) {
      return now.type == ValueType::kTruth ? (now.constant != 0 ? "true" : "false") : core::format_double(now.constant);
    }
    std::string text = fmt::format("%{}", numbers_.at(value.node));
    if (!now.op->outputs.empty()) text += fmt::format(".{}", now.op->outputs[value.output]);
    return text;
  }
  [[nodiscard]] std::string step_text(const Node& now) const {
    const auto input = [&](std::size_t i) { return value_text(now.inputs[i]); };
    const std::string_view name = now.op->name;
    if (name == "?:") return fmt::format("{} ? {} : {}", input(0), input(1), input(2));
    if (name == "[]") return fmt::format("{}[{}]", input(0), core::format_double(now.arguments[0]));
    if (name == "negate") return fmt::format("-{}", input(0));
    if (name == "not") return fmt::format("not {}", input(0));
    const bool symbol = name == "and" || name == "or" || std::string_view("+-*/<>=!").contains(name[0]);
    if (symbol) return fmt::format("{} {} {}", input(0), name, input(1));
    std::vector<std::string> parts;
    parts.reserve(now.inputs.size() + now.arguments.size());
    for (const Value value : now.inputs) parts.push_back(value_text(value));
    for (const double argument : now.arguments) parts.push_back(core::format_double(argument));
    return fmt::format("{}({})", name, core::join(parts, ", "));
  }
  void describe() {
    for (std::size_t i = 0; i < step_nodes_.size(); ++i) numbers_[step_nodes_[i]] = i + 1;
    std::string& out = plan_.description;
    for (const NodeId id : step_nodes_) {
      out += fmt::format("%{} = {}", numbers_.at(id), step_text(node(id)));
      if (step_of(id) != id) out += fmt::format(", with %{}", numbers_.at(step_of(id)));
      out += '\n';
    }
    for (const PlanOutput& output : outputs_) {
      const char* type = graph_.at(output.value).type == ValueType::kTruth ? "truth" : "number";
      out += fmt::format("{}: {} = {}\n", output.name.empty() ? "value" : output.name, type, value_text(output.value));
    }
    out += fmt::format("{} steps, {} scratch columns, warm-up {} rows\n", plan_.steps.size(), plan_.scratch_columns,
                       plan_.warm_up);
    plan_.fingerprint = core::sha256_hex(core::join(plan_.fields, " ") + "\n" + out);
  }

  const Graph& graph_;
  const std::vector<PlanOutput>& outputs_;
  std::vector<bool> needed_;
  std::vector<NodeId> last_use_;  // past the last node for outputs
  std::set<Value> read_;          // values that outputs depend on
  std::map<std::tuple<decltype(Operator::share), std::vector<Value>, double>, NodeId> shared_;
  std::map<NodeId, std::vector<NodeId>> members_;  // of a step of operators with a shared kernel, by its first node
  std::map<NodeId, NodeId> first_;
  std::map<Value, std::uint32_t> columns_;
  std::set<std::uint32_t> free_;
  std::vector<NodeId> step_nodes_;
  std::map<NodeId, std::size_t> numbers_;
  PlanImpl plan_;
};

}  // namespace

PlanImpl make_plan(const Graph& graph, const std::vector<PlanOutput>& outputs) {
  return PlanMaker(graph, outputs).run();
}

}  // namespace argosy::formula

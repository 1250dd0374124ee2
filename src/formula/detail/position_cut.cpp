#include "formula/detail/position_cut.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace argosy::formula {
namespace {

class Cutter {
 public:
  Cutter(const Graph& graph, const std::vector<PlanOutput>& outputs) : graph_(graph), outputs_(outputs) {}

  PositionCut run() {
    std::vector<bool> needed(graph_.nodes().size());
    for (const PlanOutput& output : outputs_) {
      const bool of_position = graph_.at(output.value).of_position;
      if (of_position) needed[output.value.node] = true;
      if (!of_position) cut_.data.push_back(output);
    }
    first_column_ = cut_.data.size();
    for (NodeId id = static_cast<NodeId>(needed.size()); id-- > 0;) {
      if (!needed[id]) continue;
      for (const Value input : graph_.nodes()[id].inputs) needed[input.node] = graph_.at(input).of_position;
    }
    for (NodeId id = 0; id < needed.size(); ++id) {
      if (needed[id]) copy(id);
    }
    for (const PlanOutput& output : outputs_) {
      if (graph_.at(output.value).of_position) cut_.exits.push_back({output.name, moved(output.value)});
    }
    return std::move(cut_);
  }

 private:
  void copy(NodeId id) {
    const Node& node = graph_.nodes()[id];
    if (node.kind == NodeKind::kField) {
      copies_[id] = cut_.position.position_field(node.field);
      return;
    }
    std::vector<Value> inputs;
    inputs.reserve(node.inputs.size());
    for (const Value input : node.inputs) inputs.push_back(moved(input));
    copies_[id] = cut_.position.apply(*node.op, std::move(inputs), node.arguments);
  }

  // The value in the other part: a copy, or a column that the data part gives.
  Value moved(Value value) {
    const Node& node = graph_.at(value);
    if (node.of_position) return {copies_.at(value.node).node, value.output};
    if (node.kind == NodeKind::kConstant) return cut_.position.constant(node.constant, node.type);
    const auto columns = cut_.data.begin() + static_cast<std::ptrdiff_t>(first_column_);
    const auto found = std::ranges::find(columns, cut_.data.end(), value, &PlanOutput::value);
    const std::string name = fmt::format("#{}", found - columns);
    if (found == cut_.data.end()) cut_.data.push_back({name, value});
    return cut_.position.field(name, 0, node.type);
  }

  const Graph& graph_;
  const std::vector<PlanOutput>& outputs_;
  std::size_t first_column_ = 0;
  std::map<NodeId, Value> copies_;
  PositionCut cut_;
};

}  // namespace

PositionCut cut_at_position(const Graph& graph, const std::vector<PlanOutput>& outputs) {
  return Cutter(graph, outputs).run();
}

}  // namespace argosy::formula

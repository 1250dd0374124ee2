#include "formula/detail/graph.hpp"

#include <algorithm>
#include <bit>

#include "core/check.hpp"

namespace argosy::formula {
namespace {

// The value of an operator without memory on constants.
double fold(const Operator& op, const std::vector<double>& inputs, const std::vector<double>& arguments) {
  std::vector<const double*> in;
  in.reserve(inputs.size());
  for (const double& input : inputs) in.push_back(&input);
  double result = kNaN;
  double* out = &result;
  op.kernel(arguments)->run({in.data(), &out, 1});
  return result;
}

ValueType result_type(const Operator& op, const std::vector<Value>& inputs, const std::vector<Node>& nodes) {
  if (op.result == ResultType::kNumber) return ValueType::kNumber;
  if (op.result == ResultType::kTruth) return ValueType::kTruth;
  for (std::size_t i = 0; i < op.parameters.size(); ++i) {
    if (op.parameters[i].kind == ParameterKind::kAnySeries) return nodes[inputs[i].node].type;
  }
  return ValueType::kNumber;
}

}  // namespace

Value Graph::insert(Node node) {
  const std::string_view text = node.kind == NodeKind::kOperator ? node.op->name : std::string_view(node.field);
  const std::string_view name = *names_.emplace(text).first;
  std::vector<std::uint64_t> arguments;
  arguments.reserve(node.arguments.size());
  for (const double argument : node.arguments) arguments.push_back(std::bit_cast<std::uint64_t>(argument));
  Key key(node.kind, node.type, node.context, name, std::bit_cast<std::uint64_t>(node.constant), node.inputs,
          std::move(arguments));
  const auto [place, added] = known_.try_emplace(std::move(key), static_cast<NodeId>(nodes_.size()));
  if (added) {
    if (node.op != nullptr) history_rows_ += node.op->lookback_rows(node.arguments);
    nodes_.push_back(std::move(node));
  }
  return {place->second, 0};
}

Value Graph::field(std::string_view name, std::uint32_t context, ValueType type) {
  return insert({.kind = NodeKind::kField, .type = type, .context = context, .field = std::string(name)});
}

Value Graph::position_field(std::string_view name) {
  return insert({.kind = NodeKind::kField, .field = std::string(name), .of_position = true});
}

std::uint32_t Graph::context(const RowContext& rows) {
  const auto found = std::ranges::find(contexts_, rows);
  if (found == contexts_.end()) {
    contexts_.push_back(rows);
    return static_cast<std::uint32_t>(contexts_.size() - 1);
  }
  return static_cast<std::uint32_t>(found - contexts_.begin());
}

Value Graph::barrier(GraphBarrier barrier) {
  const auto equal = [&](const GraphBarrier& known) {
    return known.op == barrier.op && known.arguments == barrier.arguments && known.by_sector == barrier.by_sector &&
           known.input == barrier.input && known.input_context == barrier.input_context &&
           known.context == barrier.context;
  };
  auto found = std::ranges::find_if(barriers_, equal);
  if (found == barriers_.end()) {
    barrier.level = at(barrier.input).level;
    barriers_.push_back(std::move(barrier));
    found = barriers_.end() - 1;
  }
  return insert({.kind = NodeKind::kBarrier,
                 .type = at(found->input).type,
                 .context = found->context,
                 .field = barrier_field(static_cast<std::size_t>(found - barriers_.begin())),
                 .level = found->level + 1,
                 .warm_up = at(found->input).warm_up});
}

Value Graph::constant(double value, ValueType type) {
  return insert({.kind = NodeKind::kConstant, .type = type, .constant = value});
}

Value Graph::apply(const Operator& op, std::vector<Value> inputs, std::vector<double> arguments) {
  ARGOSY_CHECK(op.is_computed(), "operator {} cannot be made", op.name);
  const auto is_constant = [this](Value value) { return at(value).kind == NodeKind::kConstant; };
  const ValueType type = result_type(op, inputs, nodes_);

  // A choice whose condition is known is its branch; a shift by nothing is the column itself.
  if (op.name == "?:" && is_constant(inputs[0])) return at(inputs[0]).constant != 0 ? inputs[1] : inputs[2];
  if (op.name == "[]" && arguments[0] == 0) return inputs[0];
  if (op.memory == Memory::kNone && op.output_count() == 1 && std::ranges::all_of(inputs, is_constant)) {
    std::vector<double> values;
    values.reserve(inputs.size());
    for (const Value input : inputs) values.push_back(at(input).constant);
    return constant(fold(op, values, arguments), type);
  }

  // Either order of a + b is one node; the result has the same bits.
  if (op.commutative) std::ranges::sort(inputs);
  std::size_t warm_up = 0;
  std::uint32_t level = 0;
  std::uint32_t context = 0;
  bool of_position = false;
  for (const Value input : inputs) {
    of_position = of_position || at(input).of_position;
    warm_up = std::max(warm_up, at(input).warm_up);
    level = std::max(level, at(input).level);
    context = std::max(context, at(input).context);  // constants have none: all others are of one context
  }
  warm_up += op.lookback_rows(arguments);
  return insert({.kind = NodeKind::kOperator,
                 .type = type,
                 .context = context,
                 .op = &op,
                 .inputs = std::move(inputs),
                 .arguments = std::move(arguments),
                 .level = level,
                 .of_position = of_position,
                 .warm_up = warm_up});
}

}  // namespace argosy::formula

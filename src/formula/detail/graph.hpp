// The formulas of a plan as one graph of values: what is written twice is one node, what is constant is computed here.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "formula/formula.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/operators/operator.hpp"
#include "formula/program.hpp"

namespace argosy::formula {

using NodeId = std::uint32_t;

// One output of a node.
struct Value {
  NodeId node = 0;
  std::uint32_t output = 0;
  friend auto operator<=>(const Value&, const Value&) = default;
};

enum class NodeKind : std::uint8_t { kField, kConstant, kOperator, kBarrier };

struct Node {
  NodeKind kind = NodeKind::kConstant;
  ValueType type = ValueType::kNumber;
  std::uint32_t context = 0;  // whose rows these are: an index of Graph::contexts()
  std::string field;          // of a barrier: barrier_field()
  double constant = 0;
  const Operator* op = nullptr;
  std::vector<Value> inputs;
  std::vector<double> arguments;
  std::uint32_t level = 0;   // barriers one behind the other on the way to it
  bool of_position = false;  // depends on the position held, not on data alone
  std::size_t warm_up = 0;   // rows before the first value that is not NaN, counted from the first row of the data
};

// A value computed from other rows than those before it in its own column: across symbols, on another symbol, in a
// longer timeframe, ahead in time. What a plan runs over lies between barriers; to a plan a barrier is a field.
struct GraphBarrier {
  const BarrierOperator* op = nullptr;
  std::vector<double> arguments;
  bool by_sector = false;
  Value input;
  std::uint32_t input_context = 0;
  std::uint32_t context = 0;
  std::uint32_t level = 0;  // barriers that stand one behind the other on the way to the input
};

class Graph {
 public:
  [[nodiscard]] Value field(std::string_view name, std::uint32_t context = 0, ValueType type = ValueType::kNumber);
  // What is known of the position held, such as entry_price.
  [[nodiscard]] Value position_field(std::string_view name);
  // The context of these rows: a new one, or the equal one there is. The first is {"", ""}.
  [[nodiscard]] std::uint32_t context(const RowContext& rows);
  [[nodiscard]] const std::vector<RowContext>& contexts() const { return contexts_; }
  [[nodiscard]] Value barrier(GraphBarrier barrier);
  [[nodiscard]] const std::vector<GraphBarrier>& barriers() const { return barriers_; }
  [[nodiscard]] Value constant(double value, ValueType type);
  // The operator on these inputs: an existing node when there is an equal one, a constant when all inputs are and it
  // has no memory. Inputs and arguments must be in the operator's order and within its limits.
  [[nodiscard]] Value apply(const Operator& op, std::vector<Value> inputs, std::vector<double> arguments);

  // Nodes stand behind the nodes they read.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Node& at(Value value) const { return nodes_[value.node]; }
  // Rows of history all operators keep together.
  [[nodiscard]] std::size_t history_rows() const { return history_rows_; }

 private:
  using Key = std::tuple<NodeKind, ValueType, std::uint32_t, std::string_view, std::uint64_t, std::vector<Value>,
                         std::vector<std::uint64_t>>;

  Value insert(Node node);

  std::vector<Node> nodes_;
  std::map<Key, NodeId> known_;
  std::set<std::string, std::less<>> names_;  // owns the names in the keys
  std::size_t history_rows_ = 0;
  std::vector<RowContext> contexts_{RowContext{}};
  std::vector<GraphBarrier> barriers_;
};

}  // namespace argosy::formula

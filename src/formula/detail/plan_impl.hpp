// A plan as the evaluator runs it: steps over numbered columns.
//
// Columns are numbered in this order: inputs (the caller's fields, or cleaned copies of them), constants, scratch
// columns that steps share one after another, and the caller's output columns, into which steps write directly where
// they can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formula/detail/graph.hpp"
#include "formula/formula.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {

struct Step {
  const Operator* op = nullptr;
  std::vector<double> arguments;
  std::vector<Part> parts;             // what a shared kernel computes; empty: all outputs of op
  std::vector<std::uint32_t> inputs;   // columns
  std::vector<std::uint32_t> outputs;  // columns; none of them among the inputs

  [[nodiscard]] std::unique_ptr<Kernel> make() const {
    return parts.empty() ? op->kernel(arguments) : op->share(parts);
  }
};

class PlanImpl {
 public:
  std::vector<std::string> fields;
  std::vector<double> constants;
  std::size_t scratch_columns = 0;
  std::vector<Step> steps;
  std::vector<OutputColumn> outputs;
  std::vector<std::uint32_t> output_columns;  // the column that holds each output: its own, or one to copy from
  std::size_t warm_up = 0;
  std::vector<std::string_view> operators;  // used, sorted
  std::string description;
  std::string fingerprint;

  [[nodiscard]] std::size_t first_constant() const { return fields.size(); }
  [[nodiscard]] std::size_t first_scratch() const { return first_constant() + constants.size(); }
  [[nodiscard]] std::size_t first_output() const { return first_scratch() + scratch_columns; }
  [[nodiscard]] std::size_t column_count() const { return first_output() + outputs.size(); }
};

struct PlanOutput {
  std::string name;
  Value value;
};

// Keeps what the outputs need, orders it, and gives out columns so that few are in use at a time.
[[nodiscard]] PlanImpl make_plan(const Graph& graph, const std::vector<PlanOutput>& outputs);

}  // namespace argosy::formula

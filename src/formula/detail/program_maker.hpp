// A graph with barriers to the steps of a program.
#pragma once

#include <vector>

#include "formula/detail/graph.hpp"
#include "formula/detail/plan_impl.hpp"
#include "formula/program.hpp"

namespace argosy::formula {

[[nodiscard]] Program make_program(const Graph& graph, const std::vector<PlanOutput>& outputs);

}  // namespace argosy::formula

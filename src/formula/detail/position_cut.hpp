// A graph cut in two: what data alone decides, and what depends on the position held.
#pragma once

#include <vector>

#include "formula/detail/graph.hpp"
#include "formula/detail/plan_impl.hpp"

namespace argosy::formula {

struct PositionCut {
  std::vector<PlanOutput> data;  // of the graph: outputs of data alone, then what the other part reads, "#0", "#1", ...
  Graph position;                // the other part; it reads the latter as fields
  std::vector<PlanOutput> exits;  // of `position`
};

[[nodiscard]] PositionCut cut_at_position(const Graph& graph, const std::vector<PlanOutput>& outputs);

}  // namespace argosy::formula

// Order statistics of a window: median, quantile, rank.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> rank_operators() { return {}; }

}  // namespace argosy::formula

// Least squares over a window, and what two columns have to do with each other.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> regression_operators() { return {}; }

}  // namespace argosy::formula

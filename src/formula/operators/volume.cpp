// What volume says of a move.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> volume_operators() { return {}; }

}  // namespace argosy::formula

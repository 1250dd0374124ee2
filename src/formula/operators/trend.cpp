// Direction of a move and its strength: directional movement, aroon, parabolic stops.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> trend_operators() { return {}; }

}  // namespace argosy::formula

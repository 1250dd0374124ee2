// Oscillators over the bars: stochastics, CCI, money flow, Williams %R, ultimate oscillator.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> oscillator_operators() { return {}; }

}  // namespace argosy::formula

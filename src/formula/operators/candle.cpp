// Candlestick patterns and the bull flag.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> candle_operators() { return {}; }

}  // namespace argosy::formula

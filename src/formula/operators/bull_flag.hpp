// The bull flag: a steep rise, the pole, and the calm rows after it, the flag.
#pragma once

#include "formula/operators/operator.hpp"

namespace argosy::formula {

[[nodiscard]] Operator bull_flag_operator();

}  // namespace argosy::formula

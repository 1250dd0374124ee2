#include "optimize/optimize.hpp"

namespace argosy::optimize {

std::string html_report(const OptimizeResult& result) { return result.study; }

}  // namespace argosy::optimize

#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace argosy::core {

void check_failed(const char* condition, const char* file, int line, std::string_view message) {
  std::fflush(stdout);
  fmt::print(stderr, "broken invariant at {}:{}: {}{}{}\n", file, line, condition, message.empty() ? "" : ": ",
             message);
  std::fflush(stderr);
  std::abort();
}

}  // namespace argosy::core

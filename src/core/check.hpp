// ARGOSY_CHECK: an invariant that must hold, checked in every build. A broken one prints where and why and aborts:
// trading on with a wrong book is worse than stopping.
//
//   ARGOSY_CHECK(filled <= quantity, "order {} filled {} of {}", id, filled, quantity);
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace argosy::core {
[[noreturn]] void check_failed(const char* condition, const char* file, int line, std::string_view message);
}  // namespace argosy::core

#define ARGOSY_CHECK(condition, ...)                                                             \
  do {                                                                                           \
    if (!(condition)) [[unlikely]]                                                               \
      ::argosy::core::check_failed(#condition, __FILE__, __LINE__, fmt::format("" __VA_ARGS__)); \
  } while (false)

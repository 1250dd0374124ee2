// How a hint of an error is shown.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "core/result.hpp"
#include "core/text.hpp"

namespace argosy::cli {

// On stderr, each line behind two spaces; nothing where there is none.
inline void print_hint(const core::Error& error) {
  if (error.hint.empty()) return;
  for (const std::string_view line : core::split(error.hint, '\n')) fmt::print(stderr, "  {}\n", line);
}

}  // namespace argosy::cli

// A number for a name, for generators of its own.
#pragma once

#include <cstdint>
#include <string_view>

namespace argosy::feeds::detail {

// The same on every machine (FNV-1a).
[[nodiscard]] constexpr std::uint64_t name_number(std::string_view name) {
  std::uint64_t number = 0xCBF29CE484222325U;
  for (const char letter : name) number = (number ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return number;
}

}  // namespace argosy::feeds::detail

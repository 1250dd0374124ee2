// HMAC-SHA-1 (RFC 2104): for one-time codes of authenticators, which know nothing newer. New uses take SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace argosy::core {

[[nodiscard]] std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, std::string_view text);

}  // namespace argosy::core

// Texts that nobody can guess, and their hashes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace argosy::auth {

// 256 random bits from the system, as 43 characters of base64url.
[[nodiscard]] std::string random_token();
// 128 random bits as 32 hexadecimal digits, for names that may be seen.
[[nodiscard]] std::string random_id();
// As many random bytes.
[[nodiscard]] std::string random_bytes(std::size_t count);
// RFC 4648, section 5, without padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);
// Takes as long wherever the two differ.
[[nodiscard]] bool is_same(std::string_view a, std::string_view b);

}  // namespace argosy::auth

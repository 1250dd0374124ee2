// Codes of authenticators: RFC 6238 with SHA-1, 30 seconds and 6 digits, which all of them know.
//
//   find_step(secret, "492039", now)   // of which step the code is; nothing: of none that is near
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "core/time.hpp"

namespace argosy::auth {

inline constexpr std::int64_t kTotpStepSeconds = 30;
inline constexpr std::int64_t kTotpWindow = 1;  // steps before and after the present one that are taken, too

// `secret`: bytes. The code of a step since 1970.
[[nodiscard]] std::string totp_code(const core::Secret& secret, std::int64_t step);
[[nodiscard]] std::int64_t totp_step(core::Timestamp time);
[[nodiscard]] std::optional<std::int64_t> find_step(const core::Secret& secret, std::string_view code,
                                                    core::Timestamp now);
// RFC 4648, section 6, without padding: how secrets are typed.
[[nodiscard]] std::string to_base32(std::string_view bytes);
// What an authenticator reads from a picture.
[[nodiscard]] std::string otpauth_uri(std::string_view base32, std::string_view username);

}  // namespace argosy::auth

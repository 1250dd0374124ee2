#include "auth/totp.hpp"

#include <fmt/format.h>

#include <array>

#include "auth/random.hpp"
#include "core/hmac.hpp"

namespace argosy::auth {

std::string totp_code(const core::Secret& secret, std::int64_t step) {
  std::string counter(8, '\0');
  for (int i = 7; i >= 0; --i, step >>= 8) counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xFF);
  const auto mac = core::hmac_sha1(secret.expose(), counter);
  // RFC 4226, section 5.3: the last four bits say where to take four bytes.
  const std::size_t at = mac.back() & 0x0FU;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[at] & 0x7FU) << 24U) |
                               (static_cast<std::uint32_t>(mac[at + 1]) << 16U) |
                               (static_cast<std::uint32_t>(mac[at + 2]) << 8U) | mac[at + 3];
  return fmt::format("{:06}", number % 1'000'000);
}

std::int64_t totp_step(core::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count() / kTotpStepSeconds;
}

std::optional<std::int64_t> find_step(const core::Secret& secret, std::string_view code, core::Timestamp now) {
  const std::int64_t present = totp_step(now);
  std::optional<std::int64_t> found;
  for (std::int64_t step = present - kTotpWindow; step <= present + kTotpWindow; ++step) {
    if (is_same(totp_code(secret, step), code)) found = step;
  }
  return found;
}

std::string to_base32(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char each : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(each);
    for (bits += 8; bits >= 5; bits -= 5) text += kLetters[(held >> (bits - 5)) & 31U];
  }
  if (bits > 0) text += kLetters[(held << (5 - bits)) & 31U];
  return text;
}

std::string otpauth_uri(std::string_view base32, std::string_view username) {
  return fmt::format("otpauth://totp/Argosy:{}?secret={}&issuer=Argosy&algorithm=SHA1&digits=6&period={}", username,
                     base32, kTotpStepSeconds);
}

}  // namespace argosy::auth

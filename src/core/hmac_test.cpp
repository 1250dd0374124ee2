#include "core/hmac.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace argosy::core {
namespace {

std::string hex(std::string_view key, std::string_view text) {
  std::string out;
  for (const std::uint8_t each : hmac_sha1(key, text)) out += fmt::format("{:02x}", each);
  return out;
}

// RFC 2202, section 3: cases 1, 2 and 6.
TEST(HmacSha1, IsWhatTheRfcSays) {
  EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

}  // namespace
}  // namespace argosy::core

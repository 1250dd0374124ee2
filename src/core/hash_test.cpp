#include "core/hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <vector>

namespace argosy::core {
namespace {

// FIPS 180-4 examples.
TEST(Hash, Sha256) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(HashProperty, PartsHashLikeTheWhole, ()) {
  const auto text = *rc::gen::arbitrary<std::string>();
  const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  Hasher hasher;
  hasher.update(std::string_view(text).substr(0, cut));
  hasher.update(std::string_view(text).substr(cut));
  Hasher moved = std::move(hasher);
  RC_ASSERT(moved.finish() == sha256_hex(text));
}

TEST(Hash, ValuesAreTheirBytes) {
  const std::vector<std::int64_t> values{0x0807060504030201, -1};
  Hasher hasher;
  hasher.update_values(std::span<const std::int64_t>(values));
  EXPECT_EQ(hasher.finish(), sha256_hex("\x01\x02\x03\x04\x05\x06\x07\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
}

TEST(HashDeathTest, ASpentHasherStopsTheProgram) {
  Hasher hasher;
  (void)hasher.finish();
  EXPECT_DEATH(hasher.update("a"), "spent");
}

// RFC 3720, appendix B.4.
TEST(Hash, Crc32c) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string ascending;
  for (char value = 0; value < 32; ++value) ascending += value;
  EXPECT_EQ(crc32c(ascending), 0x46DD794EU);
}

// Bit by bit, by the definition.
RC_GTEST_PROP(HashProperty, Crc32cIsItsDefinition, ()) {
  const auto text = *rc::gen::arbitrary<std::string>();
  std::uint32_t crc = ~0U;
  for (const char letter : text) {
    crc ^= static_cast<unsigned char>(letter);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
  }
  RC_ASSERT(crc32c(text) == ~crc);
}

}  // namespace
}  // namespace argosy::core

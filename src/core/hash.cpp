#include "core/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cstring>

#include "core/check.hpp"

namespace argosy::core {

struct Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  State() { ARGOSY_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view bytes) {
  ARGOSY_CHECK(state_ != nullptr, "the hasher is spent");
  ARGOSY_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Hasher::finish() {
  ARGOSY_CHECK(state_ != nullptr, "the hasher is spent");
  std::array<unsigned char, 32> digest{};
  ARGOSY_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  state_.reset();
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

namespace {

static_assert(std::endian::native == std::endian::little, "the eight bytes below are taken as a little-endian word");

// kTables[k][b]: the CRC of byte b followed by k zero bytes (reflected polynomial 0x82F63B78, RFC 3720 appendix B.4).
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8U) ^ tables[0][before & 255U];
    }
  }
  return tables;
}

constexpr CrcTables kTables = make_crc_tables();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  // Eight bytes a step, each through its own table.
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 255U];
    bytes.remove_prefix(8);
  }
  for (const char letter : bytes) crc = (crc >> 8U) ^ kTables[0][(crc ^ static_cast<unsigned char>(letter)) & 255U];
  return ~crc;
}

}  // namespace argosy::core

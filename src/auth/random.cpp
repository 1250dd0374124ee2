#include "auth/random.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <span>

#include "core/check.hpp"

namespace argosy::auth {
namespace {

void fill(std::span<unsigned char> bytes) {
  static const int started = sodium_init();
  ARGOSY_CHECK(started >= 0, "libsodium cannot start");
  randombytes_buf(bytes.data(), bytes.size());
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  fill(bytes);
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  fill(bytes);
  std::string text;
  for (const unsigned char each : bytes) text += fmt::format("{:02x}", each);
  return text;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return bytes;
}

std::string to_base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    kVariant);
  text.pop_back();  // the NUL
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int done = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                     text.size(), nullptr, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (done != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace argosy::auth

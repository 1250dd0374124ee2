#include "core/hmac.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/check.hpp"

namespace argosy::core {

std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, std::string_view text) {
  std::array<std::uint8_t, 20> bytes{};
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), bytes.data(), &size);
  ARGOSY_CHECK(done != nullptr && size == bytes.size(), "the HMAC cannot be computed");
  return bytes;
}

}  // namespace argosy::core

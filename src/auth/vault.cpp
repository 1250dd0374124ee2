#include "auth/vault.hpp"

#include <sodium.h>

#include <array>
#include <optional>

#include "auth/key_file.hpp"
#include "auth/random.hpp"

namespace argosy::auth {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

Vault::Vault(const core::Secret& key) {
  std::string derived(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
  static_assert(crypto_hash_sha256_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  crypto_hash_sha256(bytes_of(derived), bytes_of(key.expose()), key.expose().size());
  key_ = core::Secret(std::move(derived));
}

Result<Vault> Vault::open(const std::string& path, core::Files& files) {
  ARGOSY_TRY(const core::Secret key,
             open_key({.path = path,
                       .use = "of what the ledger keeps sealed",
                       .lost = "who has a second factor needs it reset: argosy user reset-totp"},
                      files));
  return Vault(key);
}

std::string Vault::seal(const core::Secret& text, std::string_view of) const {
  const std::string_view plain = text.expose();
  std::string sealed = random_bytes(kNonceBytes);
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + kNonceBytes, nullptr, bytes_of(plain), plain.size(),
                                             bytes_of(of), of.size(), nullptr, bytes_of(std::string_view(sealed)),
                                             bytes_of(key_.expose()));
  return to_base64url(sealed);
}

Result<core::Secret> Vault::unseal(std::string_view sealed, std::string_view of) const {
  const auto refuse = [] {
    return fail(Error(ErrorCode::kCorrupt, "a sealed text does not open with this key")
                    .with_hint("bring back the key that it was sealed with, or argosy user reset-totp"));
  };
  const auto bytes = from_base64url(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return refuse();
  std::string plain(bytes->size() - kNonceBytes - kTagBytes, '\0');
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes_of(plain), nullptr, nullptr, bytes_of(std::string_view(*bytes)) + kNonceBytes, bytes->size() - kNonceBytes,
      bytes_of(of), of.size(), bytes_of(std::string_view(*bytes)), bytes_of(key_.expose()));
  if (opened != 0) return refuse();
  return core::Secret(std::move(plain));
}

}  // namespace argosy::auth

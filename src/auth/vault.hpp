// What must be read again, and so cannot be kept as a hash: sealed with a key that lies outside of the database
// (XChaCha20-Poly1305, a random nonce each time). What a sealed text is of is sealed with it, so that one that is put
// into another's row does not open.
//
//   ARGOSY_TRY(const Vault vault, Vault::open(home + "/secrets.key", files));
//   const std::string kept = vault.seal(secret, "totp:7");
//   ARGOSY_TRY(const core::Secret secret, vault.unseal(kept, "totp:7"));
#pragma once

#include <string>
#include <string_view>

#include "core/files.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace argosy::auth {

class Vault {
 public:
  // `key`: 32 bytes or more, that nobody else knows.
  explicit Vault(const core::Secret& key);
  // The key of the file: key_file.hpp.
  [[nodiscard]] static core::Result<Vault> open(const std::string& path, core::Files& files);

  [[nodiscard]] std::string seal(const core::Secret& text, std::string_view of) const;
  // kCorrupt: it was sealed with another key, is another's, or has been changed.
  [[nodiscard]] core::Result<core::Secret> unseal(std::string_view sealed, std::string_view of) const;

 private:
  core::Secret key_;  // 32 bytes
};

}  // namespace argosy::auth

// Access tokens: short-lived JWTs (RFC 7519, RFC 9068) of one algorithm, HS256. Every claim is required: iss, aud, sub,
// sid, iat, nbf, exp. A token's header must be ours to the last byte, so that there is no algorithm, kid or typ to
// choose, and nothing of a token is read before its signature has been found to be right (docs/adr/0055-tokens.md).
//
//   ARGOSY_TRY(const Tokens tokens, Tokens::open(home + "/api.key", files));
//   const std::string token = tokens.sign({.user_id = 1, .session_id = id, .issued_at = now, .expires_at = now +
//   15min}); ARGOSY_TRY(const Claims claims, tokens.verify(token, now));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/files.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

namespace argosy::auth {

struct Claims {
  std::int64_t user_id = 0;
  std::string session_id;
  core::Timestamp issued_at;   // whole seconds
  core::Timestamp expires_at;  // whole seconds
};

class Tokens {
 public:
  // `key`: 32 bytes or more, that nobody else knows.
  explicit Tokens(core::Secret key);
  // The key of the file: key_file.hpp.
  [[nodiscard]] static core::Result<Tokens> open(const std::string& path, core::Files& files);

  [[nodiscard]] std::string sign(const Claims& claims) const;
  // kUnauthorized, in the same words whatever is wrong. Clocks may differ by 30 s.
  [[nodiscard]] core::Result<Claims> verify(std::string_view token, core::Timestamp now) const;

  // What a browser's request in that session shows besides its cookie. No token can be taken for one: it has no dots.
  [[nodiscard]] std::string csrf_token(std::string_view session_id) const;

 private:
  core::Secret key_;
  std::string header_;  // encoded, with the dot behind it
};

}  // namespace argosy::auth

// Passwords: what is taken as one, and how it is kept (Argon2id, RFC 9106; the policy is OWASP ASVS 5.0, V6.2).
//
//   const Passwords passwords;
//   ARGOSY_TRY_VOID(check_password(given, "jean"));
//   ARGOSY_TRY(row.password_hash, passwords.hash(given));
//   passwords.matches(row.password_hash, tried)
#pragma once

#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace argosy::auth {

// What a hash costs; the least that OWASP names for Argon2id with one lane.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;
};

inline constexpr std::size_t kShortestPassword = 8;   // characters
inline constexpr std::size_t kLongestPassword = 128;  // characters; not more than 512 bytes

// kInvalidArgument: too short or long, no UTF-8, with control characters, among those tried first, or the user's name.
[[nodiscard]] core::Result<void> check_password(const core::Secret& password, std::string_view username);

// From any thread. However many ask, two hashes at most are computed at once: each takes a processor and memory.
class Passwords {
 public:
  explicit Passwords(PasswordCost cost = {});

  // Errors: kLimit, no memory for it.
  [[nodiscard]] core::Result<std::string> hash(const core::Secret& password) const;
  // False for an empty hash, too, after as long a time: nobody learns whether there is such a user.
  [[nodiscard]] bool matches(const std::string& hash, const core::Secret& password) const;

 private:
  [[nodiscard]] core::Result<std::string> compute(const core::Secret& password) const;

  PasswordCost cost_;
  mutable std::counting_semaphore<2> free_{2};
  std::string nobody_;  // the hash of a password that nobody has
};

}  // namespace argosy::auth

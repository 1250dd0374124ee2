#include "auth/password.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "auth/random.hpp"
#include "core/text.hpp"

namespace argosy::auth {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// Of eight characters and more, those that lists of leaked passwords begin with.
constexpr std::array<std::string_view, 48> kTriedFirst{
    "12345678", "123456789", "1234567890", "password",  "password1", "password12",    "password123", "passw0rd",
    "p@ssw0rd", "qwertyui",  "qwertyuiop", "qwerty123", "1q2w3e4r",  "1q2w3e4r5t",    "1qaz2wsx",    "zaq12wsx",
    "iloveyou", "sunshine",  "princess",   "football",  "baseball",  "superman",      "batman123",   "trustno1",
    "letmein1", "welcome1",  "welcome123", "admin123",  "admin1234", "administrator", "abcd1234",    "abc12345",
    "abcdefgh", "asdfghjk",  "asdfghjkl",  "11111111",  "00000000",  "88888888",      "87654321",    "987654321",
    "changeme", "changeme1", "computer",   "michelle",  "jennifer",  "starwars",      "whatever",    "dragon123"};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char each) { return (static_cast<unsigned char>(each) & 0xC0U) != 0x80U; }));
}

}  // namespace

Result<void> check_password(const core::Secret& password, std::string_view username) {
  const std::string_view text = password.expose();
  const auto refuse = [](std::string why) -> Result<void> {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(why))
                    .with_hint(fmt::format("{} to {} characters, of any kind", kShortestPassword, kLongestPassword))
                    .in_field("password"));
  };
  if (text.size() > 4 * kLongestPassword) return refuse("the password is too long");
  if (core::find_invalid_utf8(text)) return refuse("the password is not UTF-8");
  if (std::ranges::any_of(text, [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7F; }))
    return refuse("the password has control characters");
  const std::size_t length = characters(text);
  if (length < kShortestPassword) return refuse("the password is too short");
  if (length > kLongestPassword) return refuse("the password is too long");
  const std::string lower = core::to_lower(text);
  if (std::ranges::find(kTriedFirst, lower) != kTriedFirst.end())
    return refuse("the password is among those that are tried first");
  if (std::ranges::all_of(text, [&](char each) { return each == text.front(); }))
    return refuse("the password is one character");
  if (!username.empty() && lower == core::to_lower(username)) return refuse("the password is the user's name");
  return {};
}

Passwords::Passwords(PasswordCost cost) : cost_(cost) { nobody_ = compute(core::Secret(random_token())).value_or(""); }

Result<std::string> Passwords::compute(const core::Secret& password) const {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  const std::string_view plain = password.expose();
  if (crypto_pwhash_str(text.data(), plain.data(), plain.size(), cost_.passes, cost_.memory_bytes) != 0)
    return fail(ErrorCode::kLimit, "there is no memory for the hash of a password");
  return std::string(text.data());
}

Result<std::string> Passwords::hash(const core::Secret& password) const {
  free_.acquire();
  auto made = compute(password);
  free_.release();
  return made;
}

bool Passwords::matches(const std::string& hash, const core::Secret& password) const {
  const std::string_view plain = password.expose();
  if (plain.size() > 4 * kLongestPassword) return false;
  const std::string& compared = hash.empty() ? nobody_ : hash;
  free_.acquire();
  const bool same = crypto_pwhash_str_verify(compared.c_str(), plain.data(), plain.size()) == 0;
  free_.release();
  return same && !hash.empty();
}

}  // namespace argosy::auth

#include "auth/tokens.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <optional>

#include "auth/key_file.hpp"
#include "auth/random.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::auth {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;

namespace {

constexpr std::string_view kIssuer = "argosy";
constexpr std::string_view kAudience = "argosy-api";
constexpr core::Duration kLeeway = std::chrono::seconds(30);
constexpr std::size_t kLongestToken = 2048;

std::int64_t seconds(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}
Timestamp from_seconds(std::int64_t count) { return Timestamp(std::chrono::seconds(count)); }

std::string mac(const core::Secret& key, std::string_view text) {
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> bytes{};
  crypto_auth_hmacsha256_state state;
  const std::string_view plain = key.expose();
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(plain.data()), plain.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  crypto_auth_hmacsha256_final(&state, bytes.data());
  sodium_memzero(&state, sizeof(state));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::int64_t> integer_of(const core::JsonValue& json, std::string_view name) {
  const core::JsonValue* found = json.find(name);
  if (found == nullptr || found->number() == nullptr) return std::nullopt;
  return core::parse_integer(found->number()->text);
}

bool is_text(const core::JsonValue& json, std::string_view name, std::string_view wanted) {
  const core::JsonValue* found = json.find(name);
  return found != nullptr && found->string() != nullptr && *found->string() == wanted;
}

std::optional<Claims> read_claims(std::string_view payload) {
  const auto json = core::parse_json(payload);
  if (!json || !is_text(*json, "iss", kIssuer) || !is_text(*json, "aud", kAudience)) return std::nullopt;
  const core::JsonValue* subject = json->find("sub");
  const core::JsonValue* session = json->find("sid");
  if (subject == nullptr || subject->string() == nullptr || session == nullptr || session->string() == nullptr)
    return std::nullopt;
  const auto user = core::parse_integer(*subject->string());
  const auto issued = integer_of(*json, "iat");
  const auto not_before = integer_of(*json, "nbf");
  const auto expires = integer_of(*json, "exp");
  if (!user || !issued || !not_before || !expires || *not_before != *issued) return std::nullopt;
  return Claims{.user_id = *user,
                .session_id = *session->string(),
                .issued_at = from_seconds(*issued),
                .expires_at = from_seconds(*expires)};
}

}  // namespace

Tokens::Tokens(core::Secret key) : key_(std::move(key)) {
  const std::string id = core::sha256_hex(key_.expose()).substr(0, 8);
  header_ = to_base64url(fmt::format(R"({{"alg":"HS256","kid":"{}","typ":"at+jwt"}})", id)) + ".";
}

Result<Tokens> Tokens::open(const std::string& path, core::Files& files) {
  ARGOSY_TRY(core::Secret key,
             open_key({.path = path, .use = "that signs tokens", .lost = "who has logged in logs in again"}, files));
  return Tokens(std::move(key));
}

std::string Tokens::csrf_token(std::string_view session_id) const {
  return to_base64url(mac(key_, fmt::format("csrf {}", session_id)));
}

std::string Tokens::sign(const Claims& claims) const {
  const std::string payload =
      fmt::format(R"({{"iss":"{}","aud":"{}","sub":"{}","sid":"{}","iat":{},"nbf":{},"exp":{}}})", kIssuer, kAudience,
                  claims.user_id, claims.session_id, seconds(claims.issued_at), seconds(claims.issued_at),
                  seconds(claims.expires_at));
  const std::string text = header_ + to_base64url(payload);
  return text + "." + to_base64url(mac(key_, text));
}

Result<Claims> Tokens::verify(std::string_view token, Timestamp now) const {
  const auto refuse = [] { return fail(ErrorCode::kUnauthorized, "the token is not valid, or no longer"); };
  const std::size_t end = token.rfind('.');
  if (token.size() > kLongestToken || !token.starts_with(header_) || end < header_.size()) return refuse();
  if (!is_same(token.substr(end + 1), to_base64url(mac(key_, token.substr(0, end))))) return refuse();
  const auto payload = from_base64url(token.substr(header_.size(), end - header_.size()));
  if (!payload) return refuse();
  const auto claims = read_claims(*payload);
  if (!claims || now + kLeeway < claims->issued_at || now - kLeeway >= claims->expires_at) return refuse();
  return *claims;
}

}  // namespace argosy::auth

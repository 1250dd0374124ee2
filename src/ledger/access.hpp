// Rows of who has logged in and by what, in the database `ledger`. What a client holds is never stored, only its hash.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

// From a login to its end. All tokens of a login belong to it, and end with it.
struct SessionRow {
  std::string session_id;
  std::int64_t user_id = 0;
  core::Timestamp created_at;
  core::Timestamp used_at;     // when it was last refreshed
  core::Timestamp expires_at;  // unless it is refreshed before
  std::optional<core::Timestamp> ended_at;
  std::string ended_by;  // "logout", "password", "role", "disabled", "reuse"
  std::string peer;      // the address from which it was begun
};

// May be used once: the use gives the next one. A second use is a thief's, or shows one.
struct RefreshTokenRow {
  std::string token_hash;
  std::string session_id;
  core::Timestamp created_at;
  std::optional<core::Timestamp> used_at;
};

// What a program may do with a key, at most; never more than its user.
enum class KeyScope : std::uint8_t { kRead, kTrade, kAdmin };
inline constexpr std::array<std::string_view, 3> kKeyScopes{"read", "trade", "admin"};

struct ApiKeyRow {
  std::int64_t key_id = 0;
  std::int64_t user_id = 0;
  std::string name;
  std::string hint;  // its last characters
  std::string key_hash;
  KeyScope scope = KeyScope::kRead;
  core::Timestamp created_at;
  std::optional<core::Timestamp> expires_at;
  std::optional<core::Timestamp> revoked_at;
  bool is_feed = false;  // for the feed of charts alone
};

// What was answered to a request that its sender may send again.
struct IdempotencyKeyRow {
  std::int64_t user_id = 0;
  std::string idempotency_key;
  std::string request_hash;  // of method, path and body
  core::Timestamp created_at;
  std::int64_t status = 0;  // 0: it is being done
  std::string body;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::SessionRow> {
  using Row = argosy::ledger::SessionRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, session_id, .text = "random"),
      ARGOSY_FIELD(Row, user_id, .text = "who logged in"),
      ARGOSY_FIELD(Row, created_at, .text = "when"),
      ARGOSY_FIELD(Row, used_at, .text = "when it was last refreshed"),
      ARGOSY_FIELD(Row, expires_at, .text = "unless it is refreshed before"),
      ARGOSY_FIELD(Row, ended_at, .text = "when it was ended"),
      ARGOSY_FIELD(Row, ended_by, .text = "why: logout, password, role, disabled or reuse"),
      ARGOSY_FIELD(Row, peer, .text = "the address from which it was begun"),
  };
  static constexpr RecordType kType{"sessions", "Logins", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::RefreshTokenRow> {
  using Row = argosy::ledger::RefreshTokenRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, token_hash, .text = "SHA-256 of the token"),
      ARGOSY_FIELD(Row, session_id, .text = "whose"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was given"),
      ARGOSY_FIELD(Row, used_at, .text = "when it was used: it may be once"),
  };
  static constexpr RecordType kType{"refresh_tokens", "Tokens that go on with a session", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::ApiKeyRow> {
  using Row = argosy::ledger::ApiKeyRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, key_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, user_id, .text = "who it acts for", .filterable = true),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is for", .filterable = true),
      ARGOSY_FIELD(Row, hint, .text = "its last characters"),
      ARGOSY_FIELD(Row, key_hash, .text = "SHA-256 of the key"),
      ARGOSY_FIELD(Row, scope, .limits = {.one_of = argosy::ledger::kKeyScopes}, .text = "what it may do at most",
                   .filterable = true),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made", .filterable = true),
      ARGOSY_FIELD(Row, expires_at, .text = "from then on it is refused"),
      ARGOSY_FIELD(Row, revoked_at, .text = "when it was taken back"),
      ARGOSY_FIELD(Row, is_feed, .text = "for the feed of charts alone"),
  };
  static constexpr RecordType kType{"api_keys", "Keys of programs", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::IdempotencyKeyRow> {
  using Row = argosy::ledger::IdempotencyKeyRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "who sent it"),
      ARGOSY_FIELD(Row, idempotency_key, .limits = {.maximum_length = 255}, .text = "as it was sent"),
      ARGOSY_FIELD(Row, request_hash, .text = "SHA-256 of method, path and body"),
      ARGOSY_FIELD(Row, created_at, .text = "when it came first"),
      ARGOSY_FIELD(Row, status, .text = "of the answer; 0: it is being done"),
      ARGOSY_FIELD(Row, body, .text = "the answer"),
  };
  static constexpr RecordType kType{"idempotency_keys", "Requests that may be sent again", kFields};
};

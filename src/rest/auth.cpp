// Logins, sessions, and keys of programs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "auth/password.hpp"
#include "auth/users.hpp"
#include "core/secret.hpp"
#include "rest/resources.hpp"
#include "server/browser.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct LoginIn {
  std::string username;
  core::Secret password;
  core::Secret code;
  bool cookies = false;
};
struct LoginOut {
  std::optional<std::string> access_token;
  std::optional<std::string> refresh_token;
  std::optional<std::string> csrf_token;
  std::string token_type = "Bearer";
  std::int64_t expires_in = 0;
  bool password_is_once = false;
};
struct RefreshIn {
  core::Secret refresh_token;
};
struct PasswordIn {
  core::Secret old_password;
  core::Secret new_password;
};
struct MeOut {
  std::int64_t user_id = 0;
  std::string username;
  ledger::Role role = ledger::Role::kViewer;
};
struct KeyIn {
  std::string name;
  ledger::KeyScope scope = ledger::KeyScope::kRead;
  std::optional<core::Timestamp> expires_at;
  bool is_feed = false;
};
struct KeyOut {
  std::int64_t key_id = 0;
  std::int64_t user_id = 0;
  std::string name;
  std::string hint;
  ledger::KeyScope scope = ledger::KeyScope::kRead;
  core::Timestamp created_at;
  std::optional<core::Timestamp> expires_at;
  std::optional<core::Timestamp> revoked_at;
  bool is_feed = false;
};
struct NewKeyOut {
  KeyOut row;
  std::string key;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::LoginIn> {
  using Row = argosy::rest::LoginIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, username, .limits = {.maximum_length = 120}, .text = "name or address", .required = true),
      ARGOSY_FIELD(Row, password, .limits = {.maximum_length = 512}, .required = true),
      ARGOSY_FIELD(Row, code, .limits = {.maximum_length = 64},
                   .text = "of the authenticator, or a recovery code; where the second factor is on"),
      ARGOSY_FIELD(Row, cookies, .text = "for a browser: the tokens go into cookies that no script can read"),
  };
  static constexpr RecordType kType{"login", "Who logs in", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::LoginOut> {
  using Row = argosy::rest::LoginOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, access_token, .text = "for the header Authorization: Bearer; null: it is in a cookie"),
      ARGOSY_FIELD(Row, refresh_token, .text = "gives the next tokens, once; null: it is in a cookie"),
      ARGOSY_FIELD(Row, csrf_token,
                   .text = "with cookies: for the header X-CSRF-Token of what changes something; argosy_csrf, too"),
      ARGOSY_FIELD(Row, token_type, .text = "Bearer"),
      ARGOSY_FIELD(Row, expires_in, .unit = "s", .text = "of the access token"),
      ARGOSY_FIELD(Row, password_is_once, .text = "the password is another one after the next start: change it"),
  };
  static constexpr RecordType kType{"tokens", "What a login gives", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::RefreshIn> {
  using Row = argosy::rest::RefreshIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, refresh_token, .limits = {.maximum_length = 200}, .text = "left out: it is in the cookie")};
  static constexpr RecordType kType{"refresh", "A token that has not been used", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::PasswordIn> {
  using Row = argosy::rest::PasswordIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, old_password, .limits = {.maximum_length = 512}, .required = true),
      ARGOSY_FIELD(Row, new_password, .limits = {.maximum_length = 512}, .required = true),
  };
  static constexpr RecordType kType{"password_change", "A new password", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::MeOut> {
  using Row = argosy::rest::MeOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "number"),
      ARGOSY_FIELD(Row, username, .text = "name"),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "of a key: no more than its scope"),
  };
  static constexpr RecordType kType{"me", "Who calls", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::KeyIn> {
  using Row = argosy::rest::KeyIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is for", .required = true),
      ARGOSY_FIELD(Row, scope, .limits = {.one_of = argosy::ledger::kKeyScopes}, .text = "what it may do at most"),
      ARGOSY_FIELD(Row, expires_at, .text = "from then on it is refused"),
      ARGOSY_FIELD(Row, is_feed, .text = "it reads the feed of charts (/udf) and nothing else"),
  };
  static constexpr RecordType kType{"new_api_key", "A key for a program", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::KeyOut> {
  using Row = argosy::rest::KeyOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, key_id, .text = "number"),
      ARGOSY_FIELD(Row, user_id, .text = "who it acts for"),
      ARGOSY_FIELD(Row, name, .text = "what it is for"),
      ARGOSY_FIELD(Row, hint, .text = "its last characters"),
      ARGOSY_FIELD(Row, scope, .limits = {.one_of = argosy::ledger::kKeyScopes}, .text = "what it may do at most"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made"),
      ARGOSY_FIELD(Row, expires_at, .text = "from then on it is refused"),
      ARGOSY_FIELD(Row, revoked_at, .text = "when it was taken back"),
      ARGOSY_FIELD(Row, is_feed, .text = "it reads the feed of charts (/udf) and nothing else"),
  };
  static constexpr RecordType kType{"api_key", "A key of a program", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::NewKeyOut> {
  using Row = argosy::rest::NewKeyOut;
  static constexpr auto kFields = extended_fields(RecordOf<argosy::rest::KeyOut>::kFields,
                                                  ARGOSY_FIELD(Row, key, .text = "shown this once; its hash is kept"));
  static constexpr RecordType kType{"made_api_key", "A key that was made", kFields};
};

namespace argosy::rest {
namespace {

// To a browser the tokens go as cookies alone.
LoginOut to_out(const Resources& resources, const net::HttpRequest& request, server::Reply& reply, auth::Login login,
                bool as_cookies) {
  LoginOut out{.expires_in = login.expires_in, .password_is_once = login.password_is_once};
  reply.headers.add("Cache-Control", "no-store");
  if (as_cookies) {
    server::set_session_cookies(request, login, resources.access.session_time(), reply.headers);
    out.csrf_token = std::move(login.csrf_token);
  } else {
    out.access_token = std::move(login.access_token);
    out.refresh_token = std::move(login.refresh_token);
  }
  return out;
}

KeyOut to_out(const ledger::ApiKeyRow& row) {
  return {.key_id = row.key_id,
          .user_id = row.user_id,
          .name = row.name,
          .hint = row.hint,
          .scope = row.scope,
          .created_at = row.created_at,
          .expires_at = row.expires_at,
          .revoked_at = row.revoked_at,
          .is_feed = row.is_feed};
}

// What a client can tell apart without reading words: that a code is wanted, or was wrong.
void explain_code(const Error& error, bool is_missing, server::Reply& reply) {
  reply.code = is_missing ? "totp_required" : "totp_wrong";
  if (error.code != ErrorCode::kLimit) return;
  reply.status = 429;
  reply.headers.add("Retry-After", error.value);
}

Result<LoginOut> login(const Resources& resources, const server::Call<None, None, LoginIn>& call) {
  const core::Duration wait = resources.access.login_wait(call.body.username, call.http.peer);
  if (wait > core::Duration{}) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    call.reply.status = 429;
    call.reply.headers.add("Retry-After", fmt::to_string(seconds));
    return fail(Error(ErrorCode::kLimit, fmt::format("too many tries; the next one in {} s", seconds)));
  }
  auto made = resources.access.login(call.body.username, call.body.password, call.http.peer, call.body.code.expose());
  if (!made && made.error().field == "code") explain_code(made.error(), call.body.code.empty(), call.reply);
  if (!made) return fail(std::move(made).error());
  return to_out(resources, call.http, call.reply, *std::move(made), call.body.cookies);
}

Result<LoginOut> refresh(const Resources& resources, const server::Call<None, None, RefreshIn>& call) {
  if (!call.body.refresh_token.empty()) {
    ARGOSY_TRY(auth::Login next, resources.access.refresh(std::string(call.body.refresh_token.expose())));
    return to_out(resources, call.http, call.reply, std::move(next), false);
  }
  const auto held = server::refresh_cookie(call.http);
  if (!held) {
    return fail(
        Error(ErrorCode::kUnauthorized, "there is no refresh_token, and no cookie that holds one").with_hint("log in"));
  }
  ARGOSY_TRY(auth::Login next,
             resources.access.refresh(std::string(*held), call.http.headers.find(server::kCsrfHeader).value_or("")));
  return to_out(resources, call.http, call.reply, std::move(next), true);
}

void add_keys(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<ledger::ApiKeyRow>, None, server::Page<KeyOut>>(
      {.path = "/auth/keys",
       .name = "list_api_keys",
       .tag = "auth",
       .summary = "Keys of programs",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<KeyOut>> {
        ARGOSY_TRY(auto page, resources.store.list(*call.caller, call.query));
        return shown_page(std::move(page), [](const ledger::ApiKeyRow& row) { return to_out(row); });
      }));
  api.add(endpoint<None, None, KeyIn, NewKeyOut>(
      {.method = Method::kPost,
       .path = "/auth/keys",
       .name = "make_api_key",
       .tag = "auth",
       .summary = "A key for a program, shown once",
       .access = Access::kViewer,
       .status = 201},
      [&](const auto& call) -> Result<NewKeyOut> {
        // Otherwise a key that was taken could make others that outlive it.
        if (call.caller->session_id.empty()) return fail(ErrorCode::kForbidden, "a key makes no keys: log in");
        const KeyIn& body = call.body;
        if (body.is_feed && body.scope != ledger::KeyScope::kRead)
          return fail(Error(ErrorCode::kInvalidArgument, "a key of the feed of charts reads: its scope is read")
                          .in_field("scope"));
        ARGOSY_TRY(auth::NewKey made,
                   resources.access.make_key(*call.caller, body.name, body.scope, body.expires_at, body.is_feed));
        call.reply.headers.add("Cache-Control", "no-store");
        return NewKeyOut{.row = to_out(made.row), .key = std::move(made.key)};
      }));
  api.add(endpoint<IdPath, None, None, None>({.method = Method::kDelete,
                                              .path = "/auth/keys/{id}",
                                              .name = "revoke_api_key",
                                              .tag = "auth",
                                              .summary = "Takes a key back",
                                              .access = Access::kViewer},
                                             [&](const auto& call) -> Result<None> {
                                               ARGOSY_TRY_VOID(resources.access.revoke_key(*call.caller, call.path.id));
                                               return None{};
                                             }));
}

}  // namespace

void add_auth(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, LoginIn, LoginOut>({.method = Method::kPost,
                                                   .path = "/auth/login",
                                                   .name = "login",
                                                   .tag = "auth",
                                                   .summary = "Logs in by name or address, password and code",
                                                   .access = Access::kPublic},
                                                  [&](const auto& call) { return login(resources, call); }));
  api.add(endpoint<None, None, RefreshIn, LoginOut>(
      {.method = Method::kPost,
       .path = "/auth/refresh",
       .name = "refresh",
       .tag = "auth",
       .summary = "The next tokens; a token that comes twice ends the session",
       .access = Access::kPublic},
      [&](const auto& call) { return refresh(resources, call); }));
  api.add(endpoint<None, None, None, None>({.method = Method::kPost,
                                            .path = "/auth/logout",
                                            .name = "logout",
                                            .tag = "auth",
                                            .summary = "Ends the session with all its tokens",
                                            .access = Access::kViewer},
                                           [&](const auto& call) -> Result<None> {
                                             ARGOSY_TRY_VOID(resources.access.logout(*call.caller));
                                             if (!call.caller->csrf_token.empty())
                                               server::clear_session_cookies(call.http, call.reply.headers);
                                             return None{};
                                           }));
  api.add(endpoint<None, None, None, MeOut>(
      {.path = "/auth/me", .name = "me", .tag = "auth", .summary = "Who calls", .access = Access::kViewer},
      [](const auto& call) -> Result<MeOut> {
        return MeOut{.user_id = call.caller->user_id, .username = call.caller->username, .role = call.caller->role};
      }));
  api.add(endpoint<None, None, PasswordIn, None>(
      {.method = Method::kPost,
       .path = "/auth/password",
       .name = "change_password",
       .tag = "auth",
       .summary = "Another password; the other sessions end",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<None> {
        if (call.caller->session_id.empty()) return fail(ErrorCode::kForbidden, "a key changes no password: log in");
        ARGOSY_TRY_VOID(resources.access.change_password(*call.caller, call.body.old_password, call.body.new_password));
        return None{};
      }));
  add_keys(api, resources);
}

}  // namespace argosy::rest

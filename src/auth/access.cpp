#include "auth/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "auth/random.hpp"
#include "auth/users.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "ledger/acting.hpp"
#include "ledger/records.hpp"

namespace argosy::auth {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;
using ledger::RefreshTokenRow;
using ledger::SessionRow;
using ledger::Transaction;
using ledger::UserRow;

namespace {

constexpr std::size_t kMostBelieved = 20'000;
constexpr std::size_t kLongestName = 120;

std::unexpected<core::Error> refuse_login() {
  return fail(ErrorCode::kUnauthorized, "there is no user of that name with that password");
}
std::unexpected<core::Error> refuse_token() {
  return fail(ErrorCode::kUnauthorized, "the token is not valid, or no longer");
}

std::int64_t stored(Timestamp time) { return time.time_since_epoch().count(); }

// A key gives no more than its user has.
ledger::Role lower(ledger::Role role, ledger::KeyScope scope) {
  using ledger::KeyScope;
  using ledger::Role;
  if (scope == KeyScope::kRead) return Role::kViewer;
  if (scope == KeyScope::kTrade && role == Role::kAdmin) return Role::kTrader;
  return role;
}

// Those of `all` that `which` names, by a query that ends before its list of tokens.
Result<void> read_roles(Transaction& work, std::string_view query, std::span<const Identity* const> all,
                        std::span<const std::size_t> which, Timestamp now,
                        std::vector<std::optional<ledger::Role>>& roles) {
  using ledger::ColumnType;
  constexpr std::array kTypes = {ColumnType::kText, ColumnType::kInteger, ColumnType::kText, ColumnType::kText};
  constexpr std::size_t kAtOnce = 500;
  for (std::size_t from = 0; from < which.size(); from += kAtOnce) {
    const auto part = which.subspan(from, std::min(kAtOnce, which.size() - from));
    std::map<std::string_view, std::size_t> places;
    std::vector<ledger::Value> values{stored(now)};
    std::string sql(query);
    for (const std::size_t i : part) {
      const Identity& who = *all[i];
      const std::string& token = who.session_id.empty() ? who.key_hash : who.session_id;
      sql += fmt::format("{}:t{}", places.empty() ? "(" : ", ", values.size());
      places.emplace(token, i);
      values.emplace_back(token);
    }
    ARGOSY_TRY_VOID(work.query(sql + ")", kTypes, values, [&](const ledger::Row& row) -> Result<void> {
      const auto place = places.find(row.text(0));
      if (place == places.end() || all[place->second]->user_id != row.integer(1)) return {};
      const auto role = std::ranges::find(ledger::kRoles, row.text(2)) - ledger::kRoles.begin();
      const auto scope = std::ranges::find(ledger::kKeyScopes, row.text(3)) - ledger::kKeyScopes.begin();
      roles[place->second] = static_cast<ledger::Role>(role);
      if (scope < std::ssize(ledger::kKeyScopes))
        roles[place->second] = lower(static_cast<ledger::Role>(role), static_cast<ledger::KeyScope>(scope));
      return {};
    }));
  }
  return {};
}

Result<std::string> add_refresh_token(Transaction& work, const std::string& session_id, Timestamp now) {
  std::string token = random_token();
  const RefreshTokenRow row{.token_hash = core::sha256_hex(token), .session_id = session_id, .created_at = now};
  ARGOSY_TRY_VOID(ledger::insert<RefreshTokenRow>(work, {&row, 1}));
  return token;
}

}  // namespace

Access::Access(ledger::Pool& ledger, Tokens tokens, const core::Clock& clock, AccessSettings settings)
    : ledger_(ledger),
      tokens_(std::move(tokens)),
      clock_(clock),
      settings_(std::move(settings)),
      passwords_(settings_.cost),
      second_factor_(ledger, settings_.vault, clock) {}

// --- Logins. ---

core::Duration Access::login_wait(const std::string& name, const std::string& peer) const {
  return delay_.wait(core::to_lower(name.substr(0, kLongestName)), peer, clock_.monotonic());
}

Result<Login> Access::login(const std::string& name, const core::Secret& password, const std::string& peer,
                            std::string_view code) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  const std::string account = core::to_lower(name.substr(0, kLongestName));
  if (delay_.wait(account, peer, clock_.monotonic()) > core::Duration{}) return refuse_login();
  ARGOSY_TRY(const std::optional<UserRow> user,
             ledger_.read([&](Transaction& work) { return find_user(work, std::string_view(account)); }));
  const bool matches = passwords_.matches(user && user->is_active ? user->password_hash : std::string(), password);
  if (!matches) {
    delay_.failed(account, peer, clock_.monotonic());
    return refuse_login();
  }
  // Nobody without the password hears of a second factor; and the password alone is no success, which would let a
  // thief of it try codes for ever.
  ARGOSY_TRY(const SecondFactorState factor, second_factor_.state(user->user_id));
  if (factor.is_on && code.empty())
    return fail(core::Error(ErrorCode::kUnauthorized, "a code is needed besides the password").in_field("code"));
  if (factor.is_on) ARGOSY_TRY_VOID(second_factor_.check(user->user_id, user->username, code));
  delay_.succeeded(account, peer);
  return begin(*user, peer);
}

Result<Login> Access::begin(const UserRow& user, const std::string& peer) {
  const Timestamp now = clock_.now();
  const SessionRow session{.session_id = random_id(),
                           .user_id = user.user_id,
                           .created_at = now,
                           .used_at = now,
                           .expires_at = now + settings_.session_time,
                           .peer = peer};
  ARGOSY_TRY(std::string refresh_token, ledger_.write([&](Transaction& work) -> Result<std::string> {
    ARGOSY_TRY_VOID(ledger::insert<SessionRow>(work, {&session, 1}));
    // What ended long ago tells nobody anything any more.
    const std::int64_t old = stored(now - settings_.session_time);
    ARGOSY_TRY_VOID(
        work.execute("DELETE FROM refresh_tokens WHERE session_id IN (SELECT session_id FROM sessions WHERE "
                     "user_id = :user_id AND expires_at < :old)",
                     {user.user_id, old}));
    ARGOSY_TRY_VOID(
        work.execute("DELETE FROM sessions WHERE user_id = :user_id AND expires_at < :old", {user.user_id, old}));
    ARGOSY_TRY_VOID(
        work.execute("UPDATE users SET last_login = :now WHERE user_id = :user_id", {stored(now), user.user_id}));
    return add_refresh_token(work, session.session_id, now);
  }));
  Login login = tokens_of(session.session_id, user.user_id, std::move(refresh_token));
  login.password_is_once = user.password_is_once;
  return login;
}

Login Access::tokens_of(const std::string& session_id, std::int64_t user_id, std::string refresh_token) const {
  const Timestamp now = clock_.now();
  return {
      .access_token = tokens_.sign(
          {.user_id = user_id, .session_id = session_id, .issued_at = now, .expires_at = now + settings_.token_time}),
      .refresh_token = std::move(refresh_token),
      .csrf_token = tokens_.csrf_token(session_id),
      .expires_in = std::chrono::duration_cast<std::chrono::seconds>(settings_.token_time).count()};
}

Result<Login> Access::refresh(const std::string& refresh_token, std::optional<std::string_view> csrf_token) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  const Timestamp now = clock_.now();
  std::optional<SessionRow> session;
  bool is_once = false;
  ARGOSY_TRY(std::string next, ledger_.write([&](Transaction& work) -> Result<std::string> {
    session.reset();
    ARGOSY_TRY(const auto token, ledger::select_first<RefreshTokenRow>(work, "WHERE token_hash = :hash",
                                                                       {core::sha256_hex(refresh_token)}));
    if (!token) return std::string();
    if (csrf_token && !is_same(*csrf_token, tokens_.csrf_token(token->session_id)))
      return fail(ErrorCode::kForbidden, "the X-CSRF-Token is missing, or not this session's");
    if (token->used_at) {
      ARGOSY_TRY_VOID(end_session(work, token->session_id, "reuse", now));
      return std::string();
    }
    ARGOSY_TRY(session, ledger::select_first<SessionRow>(work, "WHERE session_id = :session_id", {token->session_id}));
    ARGOSY_TRY(const auto user, find_user(work, session->user_id));
    if (session->ended_at || session->expires_at <= now || !user || !user->is_active) return std::string();
    is_once = user->password_is_once;
    ARGOSY_TRY_VOID(work.execute("UPDATE refresh_tokens SET used_at = :now WHERE token_hash = :hash",
                                 {stored(now), token->token_hash}));
    ARGOSY_TRY_VOID(work.execute("UPDATE sessions SET used_at = :now, expires_at = :until WHERE session_id = :id",
                                 {stored(now), stored(now + settings_.session_time), session->session_id}));
    return add_refresh_token(work, session->session_id, now);
  }));
  if (next.empty()) {
    forget();
    return refuse_token();
  }
  Login login = tokens_of(session->session_id, session->user_id, std::move(next));
  login.password_is_once = is_once;
  return login;
}

Result<void> Access::logout(const Identity& who) {
  ARGOSY_TRY_VOID(
      ledger_.write([&](Transaction& work) { return end_session(work, who.session_id, "logout", clock_.now()); }));
  forget();
  return {};
}

Result<void> Access::check_password_of(const Identity& who, const core::Secret& password, std::string_view field) {
  ARGOSY_TRY(const auto user, ledger_.read([&](Transaction& work) { return find_user(work, who.user_id); }));
  const std::string account = core::to_lower(who.username);
  const bool waits = delay_.wait(account, who.session_id, clock_.monotonic()) > core::Duration{};
  if (!user || waits || !passwords_.matches(user->password_hash, password)) {
    if (!waits) delay_.failed(account, who.session_id, clock_.monotonic());
    return fail(core::Error(ErrorCode::kInvalidArgument, "the password is not right").in_field(std::string(field)));
  }
  return {};
}

Result<void> Access::change_password(const Identity& who, const core::Secret& old, const core::Secret& password) {
  ARGOSY_TRY_VOID(check_password_of(who, old, "old_password"));
  ARGOSY_TRY_VOID(check_password(password, who.username));
  ARGOSY_TRY(const std::string hash, passwords_.hash(password));
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) {
    return change_user(work, who.user_id, {.password_hash = hash}, {.actor = who.username, .time = clock_.now()},
                       who.session_id);
  }));
  forget();
  return {};
}

// --- Who calls. ---

void Access::forget() {
  const std::lock_guard guard(mutex_);
  believed_.clear();
}

template <class LookUp>
Result<Identity> Access::believe(const std::string& name, LookUp look_up) {
  const core::Duration now = clock_.monotonic();
  {
    const std::lock_guard guard(mutex_);
    if (const auto found = believed_.find(name); found != believed_.end() && now < found->second.until)
      return found->second.identity;
  }
  Result<Identity> identity = look_up();
  // What the ledger could not say is asked again.
  if (!identity && identity.error().code != ErrorCode::kUnauthorized) return identity;
  const std::lock_guard guard(mutex_);
  if (believed_.size() >= kMostBelieved) believed_.clear();
  believed_.insert_or_assign(name, Believed{identity, now + settings_.believed_time});
  return identity;
}

Result<Identity> Access::identify(std::string_view token) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  if (token.starts_with(kKeyPrefix)) {
    const std::string hash = core::sha256_hex(token);
    return believe(hash, [&] { return look_up_key(hash); });
  }
  ARGOSY_TRY(const Claims claims, tokens_.verify(token, clock_.now()));
  return believe(claims.session_id, [&] { return look_up_session(claims); });
}

Result<Identity> Access::recall(const Identity& who) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  if (who.session_id.empty()) return believe(who.key_hash, [&] { return look_up_key(who.key_hash); });
  return believe(who.session_id, [&] {
    return look_up_session({.user_id = who.user_id, .session_id = who.session_id, .issued_at = {}, .expires_at = {}});
  });
}

Result<std::vector<std::optional<ledger::Role>>> Access::roles_now(std::span<const Identity* const> all) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  constexpr std::string_view kOfSessions =
      "SELECT s.session_id, s.user_id, u.role, 'all' FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE "
      "s.ended_at IS NULL AND s.expires_at > :now AND u.is_active = 1 AND s.session_id IN ";
  constexpr std::string_view kOfKeys =
      "SELECT k.key_hash, k.user_id, u.role, k.scope FROM api_keys k JOIN users u ON u.user_id = k.user_id WHERE "
      "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now) AND u.is_active = 1 AND k.key_hash IN ";
  std::vector<std::size_t> sessions;
  std::vector<std::size_t> keys;
  for (std::size_t i = 0; i < all.size(); ++i) (all[i]->session_id.empty() ? keys : sessions).push_back(i);
  std::vector<std::optional<ledger::Role>> roles(all.size());
  ARGOSY_TRY_VOID(ledger_.read([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(read_roles(work, kOfSessions, all, sessions, clock_.now(), roles));
    return read_roles(work, kOfKeys, all, keys, clock_.now(), roles);
  }));
  return roles;
}

Result<Identity> Access::look_up_session(const Claims& claims) {
  return ledger_.read([&](Transaction& work) -> Result<Identity> {
    ARGOSY_TRY(const auto session,
               ledger::select_first<SessionRow>(work, "WHERE session_id = :session_id", {claims.session_id}));
    if (!session || session->ended_at || session->user_id != claims.user_id || session->expires_at <= clock_.now())
      return refuse_token();
    ARGOSY_TRY(const auto user, find_user(work, session->user_id));
    if (!user || !user->is_active) return refuse_token();
    return Identity{
        .user_id = user->user_id, .username = user->username, .role = user->role, .session_id = session->session_id};
  });
}

Result<Identity> Access::look_up_key(const std::string& hash) {
  const Timestamp now = clock_.now();
  return ledger_.read([&](Transaction& work) -> Result<Identity> {
    ARGOSY_TRY(const auto key, ledger::select_first<ledger::ApiKeyRow>(work, "WHERE key_hash = :hash", {hash}));
    if (!key || key->revoked_at || (key->expires_at && *key->expires_at <= now)) return refuse_token();
    ARGOSY_TRY(const auto user, find_user(work, key->user_id));
    if (!user || !user->is_active) return refuse_token();
    return Identity{.user_id = user->user_id,
                    .username = user->username,
                    .role = lower(user->role, key->scope),
                    .session_id = {},
                    .key_hash = hash,
                    .is_feed = key->is_feed};
  });
}

// --- Keys of programs. ---

Result<NewKey> Access::make_key(const Identity& who, const std::string& name, ledger::KeyScope scope,
                                std::optional<Timestamp> expires_at, bool is_feed) {
  NewKey made{.row = {.user_id = who.user_id,
                      .name = name,
                      .scope = scope,
                      .created_at = clock_.now(),
                      .expires_at = expires_at,
                      .is_feed = is_feed},
              .key = std::string(kKeyPrefix) + random_token()};
  made.row.key_hash = core::sha256_hex(made.key);
  made.row.hint = made.key.substr(made.key.size() - 4);
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(made.row.key_id, ledger::next_number(work, "api_keys", "key_id"));
    ARGOSY_TRY_VOID(ledger::insert<ledger::ApiKeyRow>(work, {&made.row, 1}));
    const ledger::AuditEntry entry{
        .time = made.row.created_at,
        .actor = who.username,
        .action = "api_key.create",
        .subject = fmt::to_string(made.row.key_id),
        .after = fmt::format(R"({{"scope":"{}"}})", ledger::kKeyScopes[static_cast<std::size_t>(scope)])};
    return ledger::append_audit(work, {&entry, 1});
  }));
  return made;
}

Result<void> Access::revoke_key(const Identity& who, std::int64_t key_id) {
  const Timestamp now = clock_.now();
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(const auto key, ledger::select_first<ledger::ApiKeyRow>(work, "WHERE key_id = :key_id", {key_id}));
    if (!key || (key->user_id != who.user_id && who.role != ledger::Role::kAdmin))
      return fail(ErrorCode::kNotFound, fmt::format("there is no key {}", key_id));
    if (key->revoked_at) return {};
    ARGOSY_TRY_VOID(
        work.execute("UPDATE api_keys SET revoked_at = :now WHERE key_id = :key_id", {stored(now), key_id}));
    const ledger::AuditEntry entry{
        .time = now, .actor = who.username, .action = "api_key.revoke", .subject = fmt::to_string(key_id)};
    return ledger::append_audit(work, {&entry, 1});
  }));
  forget();
  return {};
}

}  // namespace argosy::auth

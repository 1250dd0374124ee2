// Who calls: logins, the tokens that they give, keys of programs. What is behind a token is looked up in the ledger and
// believed for half a second, so that a logout, a new password or another role act within a second, also when another
// process did it.
//
//   Access access(pool, tokens, clock);
//   ARGOSY_TRY(const Login login, access.login("admin", password, peer));
//   ARGOSY_TRY(const Identity who, access.identify(login.access_token));
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.hpp"
#include "auth/login_delay.hpp"
#include "auth/password.hpp"
#include "auth/second_factor.hpp"
#include "auth/tokens.hpp"
#include "auth/vault.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "ledger/access.hpp"
#include "ledger/pool.hpp"
#include "ledger/users.hpp"

namespace argosy::auth {

struct AccessSettings {
  core::Duration token_time = std::chrono::minutes(15);
  core::Duration session_time = std::chrono::hours(24 * 14);  // without a refresh
  core::Duration believed_time = std::chrono::milliseconds(500);
  PasswordCost cost = {};
  std::optional<Vault> vault = {};  // nothing: there are no second factors
};

struct Login {
  std::string access_token;
  std::string refresh_token;
  std::string csrf_token;
  std::int64_t expires_in = 0;  // seconds, of the access token
  bool password_is_once = false;
};

struct NewKey {
  ledger::ApiKeyRow row;
  std::string key;  // shown once
};

// From any thread.
class Access {
 public:
  // All outlive it.
  Access(ledger::Pool& ledger, Tokens tokens, const core::Clock& clock, AccessSettings settings = {});

  // By username or address. kUnauthorized, in the same words and after the same time whatever is wrong. To whom the
  // password is known, one of the field "code": a second factor is on, and its code is missing or wrong; or kLimit.
  [[nodiscard]] core::Result<Login> login(const std::string& name, const core::Secret& password,
                                          const std::string& peer, std::string_view code = {});
  // How long until login() would look at the password; zero: now.
  [[nodiscard]] core::Duration login_wait(const std::string& name, const std::string& peer) const;
  // The next tokens. A token that comes a second time ends its session.
  // `csrf_token`: what came with it, where it came in a cookie. kForbidden: it is not the session's.
  [[nodiscard]] core::Result<Login> refresh(const std::string& refresh_token,
                                            std::optional<std::string_view> csrf_token = {});
  [[nodiscard]] core::Result<void> logout(const Identity& who);
  // The other sessions end. kInvalidArgument: `old` is not the password, or was not too often; or the new one is none.
  [[nodiscard]] core::Result<void> change_password(const Identity& who, const core::Secret& old,
                                                   const core::Secret& password);
  // Whoever has only a token does not get to try passwords: after a few there is a wait. kInvalidArgument in `field`.
  [[nodiscard]] core::Result<void> check_password_of(const Identity& who, const core::Secret& password,
                                                     std::string_view field);
  // Of an access token or a key. kUnauthorized.
  [[nodiscard]] core::Result<Identity> identify(std::string_view token);
  // Who was identified before, as it is now: also when the token has expired, as long as its session has not.
  // kUnauthorized.
  [[nodiscard]] core::Result<Identity> recall(const Identity& who);
  // The role that each of many, named once each, has now, in their order; nothing: its login has ended. Asked of the
  // ledger at each call, by one query for some hundreds.
  [[nodiscard]] core::Result<std::vector<std::optional<ledger::Role>>> roles_now(std::span<const Identity* const> all);

  [[nodiscard]] core::Result<NewKey> make_key(const Identity& who, const std::string& name, ledger::KeyScope scope,
                                              std::optional<core::Timestamp> expires_at, bool is_feed = false);
  [[nodiscard]] core::Result<void> revoke_key(const Identity& who, std::int64_t key_id);

  [[nodiscard]] const Passwords& passwords() const { return passwords_; }
  [[nodiscard]] SecondFactor& second_factor() { return second_factor_; }
  [[nodiscard]] std::string csrf_token(std::string_view session_id) const { return tokens_.csrf_token(session_id); }
  [[nodiscard]] core::Duration session_time() const { return settings_.session_time; }
  // What was believed is asked for again.
  void forget();

 private:
  struct Believed {
    core::Result<Identity> identity;
    core::Duration until;
  };

  [[nodiscard]] Login tokens_of(const std::string& session_id, std::int64_t user_id, std::string refresh_token) const;
  [[nodiscard]] core::Result<Login> begin(const ledger::UserRow& user, const std::string& peer);
  [[nodiscard]] core::Result<Identity> look_up_session(const Claims& claims);
  [[nodiscard]] core::Result<Identity> look_up_key(const std::string& hash);
  template <class LookUp>
  core::Result<Identity> believe(const std::string& name, LookUp look_up);

  ledger::Pool& ledger_;
  Tokens tokens_;
  const core::Clock& clock_;
  AccessSettings settings_;
  Passwords passwords_;
  SecondFactor second_factor_;
  LoginDelay delay_;
  std::mutex mutex_;
  std::map<std::string, Believed, std::less<>> believed_;
};

// What keys begin with.
inline constexpr std::string_view kKeyPrefix = "argosy_";

}  // namespace argosy::auth

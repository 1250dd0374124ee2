// A second factor: codes of an authenticator, each taken once, and recovery codes for when it is lost. The secret lies
// in the ledger, sealed (vault.hpp); of recovery codes there are hashes alone.
//
//   ARGOSY_TRY(const Enrolment shown, factor.enrol(who));              // not asked for yet
//   ARGOSY_TRY(const auto recovery_codes, factor.confirm(who, code));  // from then on a login needs a code
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.hpp"
#include "auth/login_delay.hpp"
#include "auth/vault.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "ledger/audit.hpp"
#include "ledger/pool.hpp"

namespace argosy::auth {

// Shown this once.
struct Enrolment {
  std::string secret;  // base32
  std::string uri;     // otpauth://
};

struct SecondFactorState {
  bool is_on = false;
  std::int64_t recovery_codes_left = 0;
};

// From any thread.
class SecondFactor {
 public:
  // All outlive it. Without a vault nobody can enrol, and who has done so cannot log in.
  SecondFactor(ledger::Pool& ledger, std::optional<Vault> vault, const core::Clock& clock);

  // Another enrolment that was not confirmed is forgotten. kConflict: it is on; kUnsupported: there is no vault.
  [[nodiscard]] core::Result<Enrolment> enrol(const Identity& who);
  // The recovery codes. kUnauthorized: the code is not right; kNotFound: nothing was enrolled; kConflict: it is on.
  [[nodiscard]] core::Result<std::vector<std::string>> confirm(const Identity& who, std::string_view code);
  [[nodiscard]] core::Result<void> turn_off(const Identity& who, std::string_view code);
  [[nodiscard]] core::Result<SecondFactorState> state(std::int64_t user_id);
  // A code of the authenticator, or a recovery code; spent by this. kUnauthorized: it is not right, or was used;
  // kLimit: too many were wrong; its value says how many seconds to wait.
  [[nodiscard]] core::Result<void> check(std::int64_t user_id, std::string_view username, std::string_view code);

 private:
  ledger::Pool& ledger_;
  std::optional<Vault> vault_;
  const core::Clock& clock_;
  LoginDelay delay_;
};

// An admin's way, for who has lost it all. False: there was none.
[[nodiscard]] core::Result<bool> reset_second_factor(ledger::Transaction& work, std::int64_t user_id,
                                                     const ledger::ChangedBy& by);

}  // namespace argosy::auth

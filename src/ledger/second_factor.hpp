// Rows of second factors of logins, in the database `ledger`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/record.hpp"

namespace argosy::ledger {

struct SecondFactorRow {
  std::int64_t user_id = 0;
  std::string secret;  // sealed: auth/vault.hpp
  core::Timestamp created_at;
  std::optional<core::Timestamp> confirmed_at;  // from then on a login needs a code
  std::int64_t last_step = 0;                   // of the newest code that was taken
};

struct RecoveryCodeRow {
  std::int64_t user_id = 0;
  std::string code_hash;
  std::optional<core::Timestamp> used_at;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::SecondFactorRow> {
  using Row = argosy::ledger::SecondFactorRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "whose"),
      ARGOSY_FIELD(Row, secret, .text = "of the authenticator, sealed with a key outside of the ledger"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was enrolled"),
      ARGOSY_FIELD(Row, confirmed_at, .text = "from then on a login needs a code"),
      ARGOSY_FIELD(Row, last_step, .unit = "30 s since 1970", .text = "of the newest code that was taken"),
  };
  static constexpr RecordType kType{"second_factors", "Authenticators of users", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::RecoveryCodeRow> {
  using Row = argosy::ledger::RecoveryCodeRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "whose"),
      ARGOSY_FIELD(Row, code_hash, .text = "SHA-256 of the code"),
      ARGOSY_FIELD(Row, used_at, .text = "when it was used: it may be once"),
  };
  static constexpr RecordType kType{"recovery_codes", "In place of an authenticator that is lost", kFields};
};

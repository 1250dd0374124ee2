// Users: made, changed, switched off. Each change stands in the audit log, and ends the sessions that it concerns, in
// the same unit of work.
//
//   ARGOSY_TRY(const UserRow made, database.write([&](Transaction& work) {
//     return create_user(work, {.username = "jean", .email = "jean@example.org", .password_hash = hash}, by);
//   }));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/access.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "ledger/users.hpp"

namespace argosy::auth {

struct NewUser {
  std::string username;
  std::string email;
  ledger::Role role = ledger::Role::kViewer;
  std::string password_hash = {};  // empty: cannot log in yet
};

struct UserChange {
  std::optional<std::string> email = {};
  std::optional<ledger::Role> role = {};
  std::optional<bool> is_active = {};
  std::optional<std::string> password_hash = {};
};

// kInvalidArgument: a name that is none (letters, digits, ". _ -"), or no address; kAlreadyExists.
[[nodiscard]] core::Result<ledger::UserRow> create_user(ledger::Transaction& work, const NewUser& asked,
                                                        const ledger::ChangedBy& by);
// kNotFound; kConflict: it would leave no admin who may log in. A new password, another role and being switched off end
// the user's sessions, but `kept`; being switched off takes back the keys, too.
[[nodiscard]] core::Result<ledger::UserRow> change_user(ledger::Transaction& work, std::int64_t user_id,
                                                        const UserChange& change, const ledger::ChangedBy& by,
                                                        std::string_view kept = {});
// By name or address; nothing where there is none. Letters of ASCII are the same in both cases.
[[nodiscard]] core::Result<std::optional<ledger::UserRow>> find_user(ledger::Transaction& work, std::string_view name);
[[nodiscard]] core::Result<std::optional<ledger::UserRow>> find_user(ledger::Transaction& work, std::int64_t user_id);

// Ends sessions that have not ended; of a user all but `kept`.
[[nodiscard]] core::Result<void> end_session(ledger::Transaction& work, std::string_view session_id,
                                             std::string_view why, core::Timestamp now);
[[nodiscard]] core::Result<void> end_sessions(ledger::Transaction& work, std::int64_t user_id, std::string_view why,
                                              core::Timestamp now, std::string_view kept = {});

}  // namespace argosy::auth

// Users: an admin's; everybody sees and changes the own.
#include "auth/users.hpp"

#include <algorithm>

#include "auth/password.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct UserOut {
  std::int64_t user_id = 0;
  std::string username;
  std::string email;
  ledger::Role role = ledger::Role::kViewer;
  bool is_admin = false;
  bool is_active = true;
  std::optional<core::Timestamp> last_login;
  core::Timestamp created_at;
};
struct UserIn {
  std::string username;
  std::string email;
  core::Secret password;
  ledger::Role role = ledger::Role::kViewer;
};
struct UserPatch {
  std::optional<std::string> email;
  std::optional<std::string> role;
  std::optional<bool> is_active;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::UserOut> {
  using Row = argosy::rest::UserOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "number"),
      ARGOSY_FIELD(Row, username, .text = "name"),
      ARGOSY_FIELD(Row, email, .text = "address"),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "what the user may do"),
      ARGOSY_FIELD(Row, is_admin, .text = "the role is admin"),
      ARGOSY_FIELD(Row, is_active, .text = "may log in"),
      ARGOSY_FIELD(Row, last_login, .text = "when"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made"),
  };
  static constexpr RecordType kType{"user", "Who may use the program", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::UserIn> {
  using Row = argosy::rest::UserIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, username, .limits = {.maximum_length = 50}, .text = "letters, digits, . _ -", .required = true),
      ARGOSY_FIELD(Row, email, .limits = {.maximum_length = 120}, .text = "unique", .required = true),
      ARGOSY_FIELD(Row, password, .limits = {.maximum_length = 512}, .text = "8 characters or more", .required = true),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "what the user may do"),
  };
  static constexpr RecordType kType{"new_user", "A user to be made", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::UserPatch> {
  using Row = argosy::rest::UserPatch;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, email, .limits = {.maximum_length = 120}, .text = "unique"),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "an admin's to change"),
      ARGOSY_FIELD(Row, is_active, .text = "an admin's to change"),
  };
  static constexpr RecordType kType{"user_change", "What is to be otherwise; what is left out stays", kFields};
};

namespace argosy::rest {
namespace {

UserOut to_out(const ledger::UserRow& row) {
  return {.user_id = row.user_id,
          .username = row.username,
          .email = row.email,
          .role = row.role,
          .is_admin = row.role == ledger::Role::kAdmin,
          .is_active = row.is_active,
          .last_login = row.last_login,
          .created_at = row.created_at};
}

Result<UserOut> create(const Resources& resources, const server::Call<None, None, UserIn>& call) {
  ARGOSY_TRY_VOID(auth::check_password(call.body.password, call.body.username));
  ARGOSY_TRY(const std::string hash, resources.access.passwords().hash(call.body.password));
  ARGOSY_TRY(const ledger::UserRow made, resources.store.ledger().write([&](ledger::Transaction& work) {
    return auth::create_user(
        work, {.username = call.body.username, .email = call.body.email, .role = call.body.role, .password_hash = hash},
        {.actor = call.caller->username, .time = resources.clock.now()});
  }));
  return to_out(made);
}

Result<UserOut> change(const Resources& resources, const server::Call<IdPath, None, UserPatch>& call) {
  if (call.caller->session_id.empty()) return fail(ErrorCode::kForbidden, "a key changes no users: log in");
  ARGOSY_TRY_VOID(resources.store.get<ledger::UserRow>(*call.caller, call.path.id));
  const bool is_admins = call.body.role || call.body.is_active;
  if (is_admins && call.caller->role != ledger::Role::kAdmin)
    return fail(ErrorCode::kForbidden, "role and is_active are an admin's to change");
  auth::UserChange change{.email = call.body.email, .is_active = call.body.is_active};
  if (call.body.role) {
    const auto* found = std::ranges::find(ledger::kRoles, *call.body.role);
    change.role = static_cast<ledger::Role>(found - ledger::kRoles.begin());
  }
  ARGOSY_TRY(const ledger::UserRow row, resources.store.ledger().write([&](ledger::Transaction& work) {
    return auth::change_user(work, call.path.id, change,
                             {.actor = call.caller->username, .time = resources.clock.now()});
  }));
  resources.access.forget();
  return to_out(row);
}

}  // namespace

void add_users(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<ledger::UserRow>, None, server::Page<UserOut>>(
      {.path = "/users", .name = "list_users", .tag = "users", .summary = "Users", .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<UserOut>> {
        ARGOSY_TRY(auto page, resources.store.list(*call.caller, call.query));
        return shown_page(std::move(page), to_out);
      }));
  api.add(endpoint<IdPath, None, None, UserOut>(
      {.path = "/users/{id}", .name = "get_user", .tag = "users", .summary = "One user", .access = Access::kViewer},
      [&](const auto& call) -> Result<UserOut> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::UserRow>(*call.caller, call.path.id));
        return to_out(row);
      }));
  api.add(endpoint<None, None, UserIn, UserOut>({.method = Method::kPost,
                                                 .path = "/users",
                                                 .name = "create_user",
                                                 .tag = "users",
                                                 .summary = "A new user",
                                                 .access = Access::kAdmin,
                                                 .status = 201,
                                                 .takes_key = true},
                                                [&](const auto& call) { return create(resources, call); }));
  api.add(endpoint<IdPath, None, UserPatch, UserOut>(
      {.method = Method::kPatch,
       .path = "/users/{id}",
       .name = "change_user",
       .tag = "users",
       .summary = "Changes a user; another role or being switched off ends the sessions",
       .access = Access::kViewer},
      [&](const auto& call) { return change(resources, call); }));
}

}  // namespace argosy::rest

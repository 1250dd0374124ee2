#include "auth/users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "core/text.hpp"
#include "ledger/acting.hpp"
#include "ledger/records.hpp"

namespace argosy::auth {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::Transaction;
using ledger::UserRow;

namespace {

constexpr std::array kInteger = {ledger::ColumnType::kInteger};
constexpr std::size_t kLongestName = 50;
constexpr std::size_t kLongestAddress = 120;

Result<void> check_name(std::string_view name) {
  const bool is_name = !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char each) {
    return std::isalnum(static_cast<unsigned char>(each)) != 0 || each == '.' || each == '_' || each == '-';
  });
  if (is_name) return {};
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no name of a user", name))
                  .with_hint("1 to 50 letters, digits, dots, hyphens and underscores")
                  .in_field("username", std::string(name)));
}

// That it could be one; whether mail arrives, only mail tells.
Result<void> check_address(std::string_view address) {
  const std::size_t at = address.find('@');
  const bool is_address = at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                          address.find('@', at + 1) == std::string_view::npos && address.size() <= kLongestAddress &&
                          std::ranges::all_of(address, [](char each) { return each > ' ' && each < 0x7F; });
  if (is_address) return {};
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no address of mail", address))
                  .in_field("email", std::string(address)));
}

// What the audit log keeps of a user: never the hash.
std::string shown(const UserRow& row) {
  UserRow copy = row;
  copy.password_hash = row.password_hash.empty() ? "" : "***";
  return ledger::audit_text(copy);
}

Result<void> audit(Transaction& work, const ledger::ChangedBy& by, std::string action, const UserRow* before,
                   const UserRow& after) {
  const ledger::AuditEntry entry{.time = by.time,
                                 .actor = by.actor,
                                 .action = std::move(action),
                                 .subject = fmt::to_string(after.user_id),
                                 .before = before == nullptr ? "" : shown(*before),
                                 .after = shown(after)};
  return ledger::append_audit(work, {&entry, 1});
}

Result<void> check_admin_is_left(Transaction& work, std::int64_t without) {
  std::int64_t others = 0;
  ARGOSY_TRY_VOID(
      work.query("SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1 AND user_id <> :user_id", kInteger,
                 {without}, [&](const ledger::Row& row) -> Result<void> {
                   others = row.integer(0);
                   return {};
                 }));
  if (others > 0) return {};
  return fail(
      Error(ErrorCode::kConflict, "no other admin would be left").with_hint("make another user an admin first"));
}

}  // namespace

Result<std::optional<UserRow>> find_user(Transaction& work, std::int64_t user_id) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  return ledger::select_first<UserRow>(work, "WHERE user_id = :user_id", {user_id});
}

Result<std::optional<UserRow>> find_user(Transaction& work, std::string_view name) {
  const ledger::ActingFor everybody(ledger::ActingFor::kEverybody);
  const std::string lower = core::to_lower(name);
  return ledger::select_first<UserRow>(
      work, "WHERE lower(username) = :name OR lower(email) = :email ORDER BY user_id LIMIT 1", {lower, lower});
}

Result<UserRow> create_user(Transaction& work, const NewUser& asked, const ledger::ChangedBy& by) {
  ARGOSY_TRY_VOID(check_name(asked.username));
  ARGOSY_TRY_VOID(check_address(asked.email));
  for (const auto& [field, text] : {std::pair("username", asked.username), std::pair("email", asked.email)}) {
    ARGOSY_TRY(const auto there, find_user(work, text));
    if (there) {
      return fail(
          Error(ErrorCode::kAlreadyExists, fmt::format("there is a user \"{}\" already", text)).in_field(field, text));
    }
  }
  UserRow row{.username = asked.username,
              .email = asked.email,
              .password_hash = asked.password_hash,
              .role = asked.role,
              .created_at = by.time};
  ARGOSY_TRY(row.user_id, ledger::next_number(work, "users", "user_id"));
  ARGOSY_TRY_VOID(ledger::insert<UserRow>(work, {&row, 1}));
  ARGOSY_TRY_VOID(audit(work, by, "user.create", nullptr, row));
  return row;
}

Result<UserRow> change_user(Transaction& work, std::int64_t user_id, const UserChange& change,
                            const ledger::ChangedBy& by, std::string_view kept) {
  ARGOSY_TRY(const auto found, find_user(work, user_id));
  if (!found) return fail(ErrorCode::kNotFound, fmt::format("there is no user {}", user_id));
  UserRow row = *found;
  if (change.email && *change.email != row.email) {
    ARGOSY_TRY_VOID(check_address(*change.email));
    ARGOSY_TRY(const auto other, find_user(work, *change.email));
    if (other && other->user_id != user_id) {
      return fail(Error(ErrorCode::kAlreadyExists, fmt::format("\"{}\" is another user's", *change.email))
                      .in_field("email", *change.email));
    }
    row.email = *change.email;
  }
  row.role = change.role.value_or(row.role);
  row.is_active = change.is_active.value_or(row.is_active);
  if (change.password_hash) {
    row.password_hash = *change.password_hash;
    row.password_is_once = false;
  }
  const bool was_admin = found->role == ledger::Role::kAdmin && found->is_active;
  if (was_admin && (row.role != ledger::Role::kAdmin || !row.is_active))
    ARGOSY_TRY_VOID(check_admin_is_left(work, user_id));
  ARGOSY_TRY_VOID(ledger::upsert<UserRow>(work, {&row, 1}, {"user_id"}));
  ARGOSY_TRY_VOID(audit(work, by, "user.change", &*found, row));
  if (!row.is_active && found->is_active) {
    ARGOSY_TRY_VOID(end_sessions(work, user_id, "disabled", by.time));
    ARGOSY_TRY_VOID(
        work.execute("UPDATE api_keys SET revoked_at = :now WHERE user_id = :user_id AND revoked_at IS NULL",
                     {std::int64_t{by.time.time_since_epoch().count()}, user_id}));
  }
  if (row.role != found->role) ARGOSY_TRY_VOID(end_sessions(work, user_id, "role", by.time, kept));
  if (change.password_hash) ARGOSY_TRY_VOID(end_sessions(work, user_id, "password", by.time, kept));
  return row;
}

Result<void> end_session(Transaction& work, std::string_view session_id, std::string_view why, core::Timestamp now) {
  ARGOSY_TRY_VOID(work.execute(
      "UPDATE sessions SET ended_at = :now, ended_by = :why WHERE session_id = :session_id AND ended_at IS NULL",
      {std::int64_t{now.time_since_epoch().count()}, std::string(why), std::string(session_id)}));
  return {};
}

Result<void> end_sessions(Transaction& work, std::int64_t user_id, std::string_view why, core::Timestamp now,
                          std::string_view kept) {
  ARGOSY_TRY_VOID(
      work.execute("UPDATE sessions SET ended_at = :now, ended_by = :why WHERE user_id = :user_id AND "
                   "ended_at IS NULL AND session_id <> :kept",
                   {std::int64_t{now.time_since_epoch().count()}, std::string(why), user_id, std::string(kept)}));
  return {};
}

}  // namespace argosy::auth

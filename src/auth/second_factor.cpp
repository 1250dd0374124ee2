#include "auth/second_factor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "auth/random.hpp"
#include "auth/totp.hpp"
#include "core/hash.hpp"
#include "ledger/records.hpp"
#include "ledger/second_factor.hpp"

namespace argosy::auth {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::RecoveryCodeRow;
using ledger::SecondFactorRow;
using ledger::Transaction;

namespace {

constexpr std::size_t kSecretBytes = 20;    // as RFC 4226 recommends
constexpr std::size_t kRecoveryBytes = 10;  // 16 letters
constexpr int kRecoveryCodes = 10;

std::string sealed_of(std::int64_t user_id) { return fmt::format("totp:{}", user_id); }

Result<std::optional<SecondFactorRow>> find(Transaction& work, std::int64_t user_id) {
  return ledger::select_first<SecondFactorRow>(work, "WHERE user_id = :user_id", {user_id});
}

std::unexpected<Error> refuse_code() {
  return fail(Error(ErrorCode::kUnauthorized, "the code is not right, or was used already").in_field("code"));
}

Result<void> audit(Transaction& work, const ledger::ChangedBy& by, std::string action, std::int64_t user_id) {
  const ledger::AuditEntry entry{
      .time = by.time, .actor = by.actor, .action = std::move(action), .subject = fmt::to_string(user_id)};
  return ledger::append_audit(work, {&entry, 1});
}

// As people type it: without blanks and hyphens, in capitals.
std::string plain(std::string_view code) {
  std::string out;
  for (const char each : code.substr(0, 64)) {
    if (each == ' ' || each == '-') continue;
    out += each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
  }
  return out;
}

bool is_totp(std::string_view code) {
  return code.size() == 6 && std::ranges::all_of(code, [](char each) { return each >= '0' && each <= '9'; });
}

// "ABCD-EFGH-IJKL-MNOP".
std::string make_recovery_code() {
  std::string letters = to_base32(random_bytes(kRecoveryBytes));
  for (const std::size_t at : {12U, 8U, 4U}) letters.insert(at, "-");
  return letters;
}

Result<bool> remove(Transaction& work, std::int64_t user_id) {
  ARGOSY_TRY_VOID(work.execute("DELETE FROM recovery_codes WHERE user_id = :user_id", {user_id}));
  ARGOSY_TRY(const std::int64_t removed,
             work.execute("DELETE FROM second_factors WHERE user_id = :user_id", {user_id}));
  return removed > 0;
}

}  // namespace

SecondFactor::SecondFactor(ledger::Pool& ledger, std::optional<Vault> vault, const core::Clock& clock)
    : ledger_(ledger), vault_(std::move(vault)), clock_(clock) {}

Result<Enrolment> SecondFactor::enrol(const Identity& who) {
  if (!vault_) return fail(ErrorCode::kUnsupported, "there is no key to seal a secret with");
  const core::Secret secret(random_bytes(kSecretBytes));
  const SecondFactorRow row{
      .user_id = who.user_id, .secret = vault_->seal(secret, sealed_of(who.user_id)), .created_at = clock_.now()};
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(const auto there, find(work, who.user_id));
    if (there && there->confirmed_at) return fail(ErrorCode::kConflict, "a second factor is on already");
    return ledger::upsert<SecondFactorRow>(work, {&row, 1}, {"user_id"});
  }));
  std::string shown = to_base32(secret.expose());
  std::string uri = otpauth_uri(shown, who.username);
  return Enrolment{.secret = std::move(shown), .uri = std::move(uri)};
}

Result<std::vector<std::string>> SecondFactor::confirm(const Identity& who, std::string_view code) {
  ARGOSY_TRY(const auto enrolled, ledger_.read([&](Transaction& work) { return find(work, who.user_id); }));
  if (!enrolled || !vault_) return fail(ErrorCode::kNotFound, "no second factor was enrolled");
  if (enrolled->confirmed_at) return fail(ErrorCode::kConflict, "a second factor is on already");
  ARGOSY_TRY(const core::Secret secret, vault_->unseal(enrolled->secret, sealed_of(who.user_id)));
  const auto step = find_step(secret, plain(code), clock_.now());
  if (!step) return refuse_code();
  std::vector<std::string> codes;
  std::vector<RecoveryCodeRow> rows;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    codes.push_back(make_recovery_code());
    rows.push_back({.user_id = who.user_id, .code_hash = core::sha256_hex(plain(codes.back()))});
  }
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(
        const std::int64_t changed,
        work.execute("UPDATE second_factors SET confirmed_at = :now, last_step = :step WHERE user_id = :user_id "
                     "AND confirmed_at IS NULL AND secret = :secret",
                     {std::int64_t{clock_.now().time_since_epoch().count()}, *step, who.user_id, enrolled->secret}));
    if (changed == 0) return fail(ErrorCode::kConflict, "another second factor was enrolled meanwhile");
    ARGOSY_TRY_VOID(work.execute("DELETE FROM recovery_codes WHERE user_id = :user_id", {who.user_id}));
    ARGOSY_TRY_VOID(ledger::insert<RecoveryCodeRow>(work, rows));
    return audit(work, {.actor = who.username, .time = clock_.now()}, "totp.on", who.user_id);
  }));
  return codes;
}

Result<SecondFactorState> SecondFactor::state(std::int64_t user_id) {
  return ledger_.read([&](Transaction& work) -> Result<SecondFactorState> {
    ARGOSY_TRY(const auto row, find(work, user_id));
    if (!row || !row->confirmed_at) return SecondFactorState{};
    ARGOSY_TRY(const auto left,
               ledger::select<RecoveryCodeRow>(work, "WHERE user_id = :user_id AND used_at IS NULL", {user_id}));
    return SecondFactorState{.is_on = true, .recovery_codes_left = static_cast<std::int64_t>(left.size())};
  });
}

Result<void> SecondFactor::check(std::int64_t user_id, std::string_view username, std::string_view code) {
  // By user, wherever the tries come from: who gets as far as this knows the password.
  const std::string account = fmt::to_string(user_id);
  if (const core::Duration wait = delay_.wait(account, {}, clock_.monotonic()); wait > core::Duration{}) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return fail(Error(ErrorCode::kLimit, fmt::format("too many wrong codes; the next one in {} s", seconds))
                    .in_field("code", fmt::to_string(seconds)));
  }
  const std::string typed = plain(code);
  const core::Timestamp now = clock_.now();
  const std::int64_t stored_now = now.time_since_epoch().count();
  ARGOSY_TRY(const bool taken, ledger_.write([&](Transaction& work) -> Result<bool> {
    ARGOSY_TRY(const auto row, find(work, user_id));
    if (!row || !row->confirmed_at || !vault_) return false;
    if (!is_totp(typed)) {
      ARGOSY_TRY(const std::int64_t used,
                 work.execute("UPDATE recovery_codes SET used_at = :now WHERE user_id = :user_id AND "
                              "code_hash = :code_hash AND used_at IS NULL",
                              {stored_now, user_id, core::sha256_hex(typed)}));
      if (used == 0) return false;
      ARGOSY_TRY_VOID(audit(work, {.actor = std::string(username), .time = now}, "totp.recovery_code", user_id));
      return true;
    }
    ARGOSY_TRY(const core::Secret secret, vault_->unseal(row->secret, sealed_of(user_id)));
    const auto step = find_step(secret, typed, now);
    // Each code once, and none that is older than one that was taken.
    if (!step || *step <= row->last_step) return false;
    ARGOSY_TRY_VOID(
        work.execute("UPDATE second_factors SET last_step = :step WHERE user_id = :user_id", {*step, user_id}));
    return true;
  }));
  if (!taken) {
    delay_.failed(account, {}, clock_.monotonic());
    return refuse_code();
  }
  delay_.succeeded(account, {});
  return {};
}

Result<void> SecondFactor::turn_off(const Identity& who, std::string_view code) {
  ARGOSY_TRY_VOID(check(who.user_id, who.username, code));
  ARGOSY_TRY_VOID(ledger_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(const bool removed, remove(work, who.user_id));
    if (!removed) return {};
    return audit(work, {.actor = who.username, .time = clock_.now()}, "totp.off", who.user_id);
  }));
  return {};
}

Result<bool> reset_second_factor(Transaction& work, std::int64_t user_id, const ledger::ChangedBy& by) {
  ARGOSY_TRY(const bool removed, remove(work, user_id));
  if (removed) ARGOSY_TRY_VOID(audit(work, by, "totp.reset", user_id));
  return removed;
}

}  // namespace argosy::auth

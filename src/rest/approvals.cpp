// What takes a protection away needs two admins, where there are two: a limit that becomes looser, a kill switch that
// is lifted, a circuit breaker that is closed. What one asks for waits a day for another one.
#include "ledger/approvals.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "ledger/audit.hpp"
#include "ledger/records.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::ApprovalRow;
using ledger::ApprovalState;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct LimitPath {
  std::string name;
};
struct LimitIn {
  std::string value;
};
struct RefusalIn {
  std::string note;
};
// Done, or waiting for another admin.
struct ProtectionOut {
  bool done = false;
  std::optional<std::int64_t> approval_id;
  std::string what;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::LimitPath> {
  using Row = argosy::rest::LimitPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 60}, .text = "of a limit")};
  static constexpr RecordType kType{"limit_name", "Which limit", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::LimitIn> {
  using Row = argosy::rest::LimitIn;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, value, .limits = {.maximum_length = 1000},
                                                   .text = "as a file of limits has it; none: the hard limit alone",
                                                   .required = true)};
  static constexpr RecordType kType{"limit_value", "A soft limit", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::RefusalIn> {
  using Row = argosy::rest::RefusalIn;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, note, .limits = {.maximum_length = 500}, .text = "why")};
  static constexpr RecordType kType{"refusal", "Why something is not approved", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ProtectionOut> {
  using Row = argosy::rest::ProtectionOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, done, .text = "false: another admin must approve it"),
      ARGOSY_FIELD(Row, approval_id, .text = "what the other admin approves"),
      ARGOSY_FIELD(Row, what, .text = "in words"),
  };
  static constexpr RecordType kType{"protection_change", "A change of what protects the accounts", kFields};
};

namespace argosy::rest {
namespace {

constexpr auto kLasts = std::chrono::hours(24);

Result<std::int64_t> count_admins(ledger::Transaction& work) {
  std::int64_t count = 0;
  constexpr std::array kInteger = {ledger::ColumnType::kInteger};
  ARGOSY_TRY_VOID(work.query("SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1", kInteger, {},
                             [&](const ledger::Row& row) -> Result<void> {
                               count = row.integer(0);
                               return {};
                             }));
  return count;
}

Result<void> audit(ledger::Transaction& work, const core::Timestamp time, const std::string& actor, const char* action,
                   const ApprovalRow& row) {
  const ledger::AuditEntry entry{.time = time,
                                 .actor = actor,
                                 .action = action,
                                 .subject = fmt::to_string(row.approval_id),
                                 .before = {},
                                 .after = ledger::audit_text(row)};
  return ledger::append_audit(work, {&entry, 1});
}

Result<ProtectionOut> store(const Resources& resources, const server::Caller& caller, std::string_view kind,
                            std::string payload, std::string what, server::Reply& reply) {
  ApprovalRow row{.kind = std::string(kind),
                  .payload = std::move(payload),
                  .what = std::move(what),
                  .requested_by = caller.user_id,
                  .requester = caller.username,
                  .requested_at = resources.clock.now(),
                  .expires_at = resources.clock.now() + kLasts};
  ARGOSY_TRY_VOID(resources.store.ledger().write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(row.approval_id, ledger::next_number(work, "approvals", "approval_id"));
    ARGOSY_TRY_VOID(ledger::insert<ApprovalRow>(work, {&row, 1}));
    return audit(work, row.requested_at, caller.username, "approval.ask", row);
  }));
  reply.status = 202;
  reply.headers.add("Location", fmt::format("/api/v1/risk/approvals/{}", row.approval_id));
  return ProtectionOut{.done = false, .approval_id = row.approval_id, .what = row.what};
}

template <class Asked>
std::string payload_of(const Asked& asked) {
  core::JsonWriter json;
  core::write_json(json, asked);
  return std::move(json).take();
}

// At once where the caller is the only admin.
template <class Asked>
Result<ProtectionOut> loosen(const Resources& resources, const server::Caller& caller, std::string_view kind,
                             const Asked& asked, std::string what, std::string_view key, server::Reply& reply) {
  ARGOSY_TRY(const std::int64_t admins, resources.store.ledger().read(count_admins));
  if (admins > 1) return store(resources, caller, kind, payload_of(asked), std::move(what), reply);
  ARGOSY_TRY_VOID(resources.requests.ask(caller, kind, asked, key));
  return ProtectionOut{.done = true, .approval_id = {}, .what = std::move(what)};
}

// What is tighter acts at once; whether it is, the process that trades says.
Result<ProtectionOut> set_limit(const Resources& resources, const server::Call<LimitPath, None, LimitIn>& call) {
  live::SetLimit asked{.name = call.path.name, .value = call.body.value, .tighter_only = true};
  const std::string what = fmt::format("{} is to be {}", asked.name, asked.value);
  const auto done = resources.requests.ask(*call.caller, "risk_set", asked, {});
  if (done) return ProtectionOut{.done = true, .approval_id = {}, .what = what};
  if (done.error().code != ErrorCode::kForbidden) return fail(done.error());
  asked.tighter_only = false;
  return loosen(resources, *call.caller, "risk_set", asked, what, {}, call.reply);
}

Result<ProtectionOut> release(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::KillSwitchRow>(*call.caller, call.path.id));
  if (row.released_at) return fail(ErrorCode::kConflict, fmt::format("switch {} is lifted already", row.switch_id));
  return loosen(resources, *call.caller, "risk_release", live::ReleaseSwitch{.switch_id = row.switch_id},
                fmt::format("kill switch {} ({}{}{}) is to be lifted", row.switch_id, row.scope,
                            row.subject.empty() ? "" : " ", row.subject),
                key_of(call.http), call.reply);
}

// The row as it is decided; an error where it cannot be.
Result<ApprovalRow> decide(const Resources& resources, const server::Caller& caller, std::int64_t id,
                           ApprovalState wanted, const std::string& note) {
  const core::Timestamp now = resources.clock.now();
  ARGOSY_TRY_VOID(resources.store.get<ApprovalRow>(caller, id));
  ARGOSY_TRY(ApprovalRow row, resources.store.ledger().write([&](ledger::Transaction& work) -> Result<ApprovalRow> {
    ARGOSY_TRY(auto rows, ledger::select<ApprovalRow>(work, "WHERE approval_id = :approval_id", {id}));
    ApprovalRow found = std::move(rows.front());
    if (found.state != ApprovalState::kWaiting) return found;
    if (wanted == ApprovalState::kApproved && found.requested_by == caller.user_id && now < found.expires_at)
      return fail(Error(ErrorCode::kForbidden, "who asked for it cannot approve it").with_hint("another admin can"));
    found.state = now < found.expires_at ? wanted : ApprovalState::kExpired;
    if (found.state != ApprovalState::kExpired) {
      found.decided_by = caller.user_id;
      found.decider = caller.username;
    }
    found.decided_at = now;
    found.note = note;
    ARGOSY_TRY_VOID(ledger::upsert<ApprovalRow>(work, {&found, 1}, {"approval_id"}));
    constexpr const char* kActions[] = {"", "approval.approve", "approval.refuse", "approval.expire"};
    ARGOSY_TRY_VOID(audit(work, now, caller.username, kActions[static_cast<std::size_t>(found.state)], found));
    return found;
  }));
  // Decided just now, or by the same admin before: what follows from it is asked for once.
  if (row.state == wanted && row.decided_by == caller.user_id) return row;
  return fail(ErrorCode::kConflict,
              fmt::format("approval {} is {}", id, ledger::kApprovalStates[static_cast<std::size_t>(row.state)]));
}

Result<ApprovalRow> approve(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(ApprovalRow row, decide(resources, *call.caller, call.path.id, ApprovalState::kApproved, {}));
  // Once, however often it is tried: its number is the key.
  ARGOSY_TRY_VOID(
      resources.requests.ask_text(*call.caller, row.kind, row.payload, fmt::format("approval-{}", row.approval_id)));
  return row;
}

}  // namespace

void add_approvals(server::Api& api, const Resources& resources) {
  constexpr std::string_view kText =
      "Where there are two admins, another one has to approve it: 202 names the approval.";
  api.add(endpoint<LimitPath, None, LimitIn, ProtectionOut>(
      {.method = Method::kPut,
       .path = "/risk/limits/{name}",
       .name = "set_limit",
       .tag = "risk",
       .summary = "A soft limit: tighter acts at once, looser needs a second admin",
       .access = Access::kAdmin,
       .other_status = 202,
       .text = kText},
      [&](const auto& call) { return set_limit(resources, call); }));
  api.add(endpoint<IdPath, None, None, ProtectionOut>({.method = Method::kPost,
                                                       .path = "/risk/switches/{id}/release",
                                                       .name = "release_switch",
                                                       .tag = "risk",
                                                       .summary = "Lifts a kill switch",
                                                       .access = Access::kAdmin,
                                                       .other_status = 202,
                                                       .takes_key = true,
                                                       .text = kText},
                                                      [&](const auto& call) { return release(resources, call); }));
  api.add(endpoint<None, None, None, ProtectionOut>(
      {.method = Method::kPost,
       .path = "/risk/breaker/reset",
       .name = "reset_breaker",
       .tag = "risk",
       .summary = "Closes the circuit breaker of all accounts by hand",
       .access = Access::kAdmin,
       .other_status = 202,
       .takes_key = true,
       .text = kText},
      [&](const auto& call) {
        return loosen(resources, *call.caller, "breaker_reset", live::OneSubject{},
                      "the circuit breaker is to be closed", key_of(call.http), call.reply);
      }));
  add_list<ApprovalRow>(api, resources,
                        {.path = "/risk/approvals",
                         .name = "list_approvals",
                         .tag = "risk",
                         .summary = "What needs a second admin, and what became of it",
                         .access = Access::kAdmin});
  add_get<ApprovalRow>(api, resources,
                       {.path = "/risk/approvals/{id}",
                        .name = "get_approval",
                        .tag = "risk",
                        .summary = "One of them",
                        .access = Access::kAdmin});
  api.add(endpoint<IdPath, None, None, ApprovalRow>({.method = Method::kPost,
                                                     .path = "/risk/approvals/{id}/approve",
                                                     .name = "approve",
                                                     .tag = "risk",
                                                     .summary = "Does what another admin asked for",
                                                     .access = Access::kAdmin,
                                                     .takes_key = true},
                                                    [&](const auto& call) { return approve(resources, call); }));
  api.add(endpoint<IdPath, None, RefusalIn, ApprovalRow>(
      {.method = Method::kPost,
       .path = "/risk/approvals/{id}/refuse",
       .name = "refuse",
       .tag = "risk",
       .summary = "It is not done; who asked for it may take it back so, too",
       .access = Access::kAdmin,
       .takes_key = true},
      [&](const auto& call) {
        return decide(resources, *call.caller, call.path.id, ApprovalState::kRefused, call.body.note);
      }));
}

}  // namespace argosy::rest

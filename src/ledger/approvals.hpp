// What one admin wants and another one has to approve, in the database `ledger`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

enum class ApprovalState : std::uint8_t { kWaiting, kApproved, kRefused, kExpired };
inline constexpr std::array<std::string_view, 4> kApprovalStates{"WAITING", "APPROVED", "REFUSED", "EXPIRED"};

struct ApprovalRow {
  std::int64_t approval_id = 0;
  std::string kind;     // of the request that it lets through (live/request.hpp)
  std::string payload;  // JSON
  std::string what;     // in words
  std::int64_t requested_by = 0;
  std::string requester;  // the user's name
  core::Timestamp requested_at;
  core::Timestamp expires_at;
  ApprovalState state = ApprovalState::kWaiting;
  std::optional<std::int64_t> decided_by;
  std::string decider;
  std::optional<core::Timestamp> decided_at;
  std::string note;  // why it was refused
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::ApprovalRow> {
  using Row = argosy::ledger::ApprovalRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, approval_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, kind, .text = "what is to be done: risk_set, risk_release, breaker_reset", .filterable = true),
      ARGOSY_FIELD(Row, payload, .text = "JSON: of what"),
      ARGOSY_FIELD(Row, what, .text = "in words"),
      ARGOSY_FIELD(Row, requested_by, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, requester, .text = "the user's name", .filterable = true),
      ARGOSY_FIELD(Row, requested_at, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, expires_at, .text = "after that nobody can approve it", .filterable = true),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::ledger::kApprovalStates}, .text = "WAITING can be decided",
                   .filterable = true),
      ARGOSY_FIELD(Row, decided_by, .text = "another user", .filterable = true),
      ARGOSY_FIELD(Row, decider, .text = "the other user's name"),
      ARGOSY_FIELD(Row, decided_at, .text = "when"),
      ARGOSY_FIELD(Row, note, .text = "why"),
  };
  static constexpr RecordType kType{"approvals", "What needs a second admin", kFields};
};

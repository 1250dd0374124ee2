// The audit log: who changed what. Each row carries the hash of the row before it, so that a row that is changed, taken
// away or put in between is found.
//
//   ARGOSY_TRY_VOID(append_audit(work, {{{.time = now, .actor = "admin", .action = "service.create", .subject =
//   "7"}}})); ARGOSY_TRY(const std::vector<std::string> findings, verify_audit(work));
//
// The last rows can be cut off without a trace in the table itself: whoever needs to prove that none is missing keeps
// the last hash elsewhere (a backup has it).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/record.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

struct AuditEntry {
  core::Timestamp time;
  std::string actor;    // a user's name, or the process
  std::string action;   // "service.create", "risk.kill", ...
  std::string subject;  // of what
  std::string before;   // JSON; empty: there was nothing
  std::string after;
};

struct AuditRow {
  std::int64_t seq = 0;  // from 1, without gaps
  core::Timestamp time;
  std::string actor;
  std::string action;
  std::string subject;
  std::string before;
  std::string after;
  std::string previous_hash;  // of row seq - 1; of the first: empty
  std::string hash;           // SHA-256 of all other columns
};

// Who changes something, and when: for what writes rows and their audit in one unit of work.
struct ChangedBy {
  std::string actor;
  core::Timestamp time;
};

// A record as `before` and `after` keep it.
template <class Row>
[[nodiscard]] std::string audit_text(const Row& row) {
  core::JsonWriter json;
  core::write_json(json, row);
  return std::move(json).take();
}

// Puts the entries after the last row.
[[nodiscard]] core::Result<void> append_audit(Transaction& work, std::span<const AuditEntry> entries);
// What does not fit, in words that name the row; empty: the chain is whole.
[[nodiscard]] core::Result<std::vector<std::string>> verify_audit(Transaction& work);

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::AuditRow> {
  using Row = argosy::ledger::AuditRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, seq, .text = "from 1, without gaps", .filterable = true),
      ARGOSY_FIELD(Row, time, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, actor, .text = "who", .filterable = true),
      ARGOSY_FIELD(Row, action, .text = "did what", .filterable = true),
      ARGOSY_FIELD(Row, subject, .text = "to what", .filterable = true),
      ARGOSY_FIELD(Row, before, .text = "JSON"),
      ARGOSY_FIELD(Row, after, .text = "JSON"),
      ARGOSY_FIELD(Row, previous_hash, .text = "of the row before"),
      ARGOSY_FIELD(Row, hash, .text = "SHA-256 of this row with previous_hash"),
  };
  static constexpr RecordType kType{"audit_log", "Who changed what", kFields};
};

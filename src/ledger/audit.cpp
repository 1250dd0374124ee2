#include "ledger/audit.hpp"

#include <fmt/format.h>

#include <array>

#include "core/hash.hpp"
#include "core/planted.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Result;

namespace {

// Lengths stand before the texts, so that no text can flow into the next.
std::string hash_of(const AuditRow& row) {
  core::Hasher hasher;
  hasher.update(fmt::format("{} {}\n", row.seq, row.time.time_since_epoch().count()));
  for (const std::string* part : {&row.previous_hash, &row.actor, &row.action, &row.subject, &row.before, &row.after}) {
    hasher.update(fmt::format("{}:", part->size()));
    hasher.update(*part);
  }
  return hasher.finish();
}

// The last row's number and hash; before the first 0 and nothing.
Result<std::pair<std::int64_t, std::string>> last_row(Transaction& work) {
  constexpr std::array kTypes = {ColumnType::kInteger, ColumnType::kText};
  std::pair<std::int64_t, std::string> last{0, ""};
  ARGOSY_TRY_VOID(work.query("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1", kTypes, {},
                             [&](const Row& row) -> Result<void> {
                               last = {row.integer(0), row.text(1)};
                               return {};
                             }));
  return last;
}

}  // namespace

Result<void> append_audit(Transaction& work, std::span<const AuditEntry> entries) {
  if (entries.empty()) return {};
  ARGOSY_TRY(auto last, last_row(work));
  std::vector<AuditRow> rows;
  for (const AuditEntry& entry : entries) {
    AuditRow& row = rows.emplace_back(AuditRow{.seq = ++last.first,
                                               .time = entry.time,
                                               .actor = entry.actor,
                                               .action = entry.action,
                                               .subject = entry.subject,
                                               .before = entry.before,
                                               .after = entry.after,
                                               .previous_hash = last.second,
                                               .hash = ""});
    if (ARGOSY_PLANTED(kBreaksAuditChain)) row.previous_hash.clear();
    row.hash = last.second = hash_of(row);
  }
  return insert<AuditRow>(work, rows);
}

Result<std::vector<std::string>> verify_audit(Transaction& work) {
  ARGOSY_TRY(const std::vector<AuditRow> rows, select<AuditRow>(work, "ORDER BY seq"));
  std::vector<std::string> findings;
  std::int64_t expected = 1;
  std::string previous;
  for (const AuditRow& row : rows) {
    if (row.seq > expected) {
      findings.push_back(row.seq == expected + 1
                             ? fmt::format("audit_log: row {} is missing", expected)
                             : fmt::format("audit_log: rows {} to {} are missing", expected, row.seq - 1));
    } else if (row.seq < expected) {
      findings.push_back(fmt::format("audit_log: row {} was put in before the first", row.seq));
    } else if (row.previous_hash != previous) {
      findings.push_back(fmt::format("audit_log: row {} does not follow the row before it", row.seq));
    }
    if (row.hash != hash_of(row)) findings.push_back(fmt::format("audit_log: row {} was changed", row.seq));
    expected = row.seq + 1;
    previous = row.hash;
  }
  return findings;
}

}  // namespace argosy::ledger

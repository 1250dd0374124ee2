// The circuit breaker of a broker account as people read it, from what the ledger remembers of it.
//
//   ARGOSY_TRY(const BreakerReport report, report_breaker(guard_row));
//   report.state            // "open"
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/journal.hpp"

namespace argosy::live {

struct BreakerReport {
  std::int64_t broker_account_id = 0;
  std::string state;
  std::int64_t trips = 0;
  // The last trip; empty and null: there was none.
  std::string rule;
  std::string why;
  std::optional<core::Timestamp> tripped_at;
  std::optional<core::Timestamp> until;
  core::Timestamp updated_at;
};

// kCorrupt: the row's memory is none.
[[nodiscard]] core::Result<BreakerReport> report_breaker(const ledger::GuardRow& row);

}  // namespace argosy::live

template <>
struct argosy::core::RecordOf<argosy::live::BreakerReport> {
  using Row = argosy::live::BreakerReport;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "whose breaker it is"),
      ARGOSY_FIELD(Row, state, .text = "closed, open or half-open"),
      ARGOSY_FIELD(Row, trips, .text = "how often in a row it was opened"),
      ARGOSY_FIELD(Row, rule, .text = "that opened it last; empty: none has"),
      ARGOSY_FIELD(Row, why, .text = "in words, with the numbers that were compared"),
      ARGOSY_FIELD(Row, tripped_at, .text = "when it was opened last"),
      ARGOSY_FIELD(Row, until, .text = "when it lets trials through again; null while open: when it is reset by hand"),
      ARGOSY_FIELD(Row, updated_at, .text = "when this was last kept"),
  };
  static constexpr RecordType kType{"breaker", "A circuit breaker", kFields};
};

// What people write about a transaction, in the database `ledger`. Notes are added and stay.
#pragma once

#include <cstdint>
#include <string>

#include "core/record.hpp"

namespace argosy::ledger {

struct NoteRow {
  std::int64_t note_id = 0;
  std::int64_t transaction_id = 0;
  std::string author;  // a user's name
  std::string text;
  core::Timestamp created_at;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::NoteRow> {
  using Row = argosy::ledger::NoteRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, note_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, transaction_id, .text = "about which transaction", .filterable = true),
      ARGOSY_FIELD(Row, author, .text = "who wrote it", .filterable = true),
      ARGOSY_FIELD(Row, text, .limits = {.maximum_length = 2000}, .text = "in words"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was written", .filterable = true),
  };
  static constexpr RecordType kType{"transaction_notes", "Notes of people about transactions", kFields};
};

// Rows from one database to another, whatever each of them is.
#pragma once

#include "ledger/database.hpp"

namespace argosy::ledger::detail {

struct Side {
  Transaction& work;
  Dialect dialect;
};

// Replaces the rows of all tables of `to` by those of `from`, the list of migrations included. Both have the same
// tables: kCorrupt where they differ, kConflict where rows belong to others that are not there.
[[nodiscard]] core::Result<void> copy_rows(const Side& from, const Side& to);

}  // namespace argosy::ledger::detail

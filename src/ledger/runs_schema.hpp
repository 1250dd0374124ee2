// The database of runs and studies, `<home>/runs.db`: a file of its own, so that a search never holds the lock of the
// database that trading writes.
#pragma once

#include "ledger/schema.hpp"

namespace argosy::ledger {

[[nodiscard]] const Schema& runs_schema();

}  // namespace argosy::ledger

// The ledger as it is replaced by a backup: who holds it, and how a backup of it is brought back.
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "ledger/holder.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"

namespace argosy::cli {

// The lock that whoever writes to the ledger has; kUnavailable, naming the process, where one has it.
[[nodiscard]] core::Result<std::unique_ptr<ledger::HolderLock>> lock_ledger(const ledger::Location& location);

// Takes the lock, brings the backup back and gives the ledger a new instance: what was sent since the backup was made
// is known to the broker, and its client order ids must not be used again.
[[nodiscard]] core::Result<ledger::RestoreReport> restore_ledger(const std::string& from,
                                                                 const ledger::Location& location);
// The same for whoever has the lock.
[[nodiscard]] core::Result<ledger::RestoreReport> restore_locked_ledger(const std::string& from,
                                                                        const ledger::Location& location);

}  // namespace argosy::cli

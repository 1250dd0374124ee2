// The lock of whoever may write to a database on a PostgreSQL server: an advisory lock of a connection of its own, for
// the lock must outlive units of work. It ends with the process, as a lock of a file does.
#pragma once

#include <memory>
#include <string>

#include "core/secret.hpp"
#include "core/time.hpp"
#include "ledger/holder.hpp"

namespace argosy::ledger::detail {

// kUnavailable, retryable, where another process has it longer than `wait`; other errors as open_postgres.
[[nodiscard]] core::Result<std::unique_ptr<HolderLock>> take_postgres_lock(const std::string& url,
                                                                           const std::string& schema,
                                                                           const core::Secret& password,
                                                                           core::Duration wait);

}  // namespace argosy::ledger::detail

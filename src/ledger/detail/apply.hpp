// The steps by which a database comes to its schema, within a unit of work, and opening one whatever its schema is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/time.hpp"
#include "ledger/database.hpp"
#include "ledger/open.hpp"
#include "ledger/schema.hpp"

namespace argosy::ledger::detail {

// How many migrations there have been; 0 without tables. kCorrupt: not ours, or of another name. `name` is for
// messages.
[[nodiscard]] core::Result<std::int64_t> version_of(Transaction& work, const Schema& schema, Dialect dialect,
                                                    const std::string& name);
[[nodiscard]] core::Result<void> refuse_newer(std::int64_t version, const Schema& schema, const std::string& name);

// Number 1 makes the table of migrations, too.
[[nodiscard]] core::Result<void> apply_migration(Transaction& work, const Schema& schema, std::int64_t number,
                                                 core::Timestamp now);
// Those that are there are replaced, and so is what PostgreSQL keeps apart. They fit only the newest tables.
[[nodiscard]] core::Result<void> make_views(Transaction& work, const Schema& schema, Dialect dialect);

// Without a look at what it holds. A file is made when it is not there; on a server nothing is.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_as_is(const Location& location, const Schema& schema,
                                                                 core::Duration wait);

}  // namespace argosy::ledger::detail

// PostgreSQL through SOCI and its own client library; the heavy headers stay in postgres.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger::detail {

// Connects to the server of `url` (postgres_address.hpp). Tables are those of the server's schema `schema`, which need
// not be there yet: see make_schema. One unit of work writes there at a time. `wait` is how long a unit of work tries
// while others write, and while the server is away; the first connection is tried once.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const std::string& schema,
                                                                    const core::Secret& password, core::Duration wait);

// Within a unit of work of such a database; where the schema is there already, nothing happens.
[[nodiscard]] core::Result<void> make_schema(Transaction& work, const std::string& schema);

// The second half of the key of a schema's advisory locks.
[[nodiscard]] std::int32_t lock_key(std::string_view schema);
// Why no connection came, from what the client library says: kUnavailable (retryable) where a server cannot be reached;
// kReadOnly where it does not let us in, kNotFound where it knows neither user nor database.
[[nodiscard]] core::Error connection_error(std::string_view text, const std::string& name);

}  // namespace argosy::ledger::detail

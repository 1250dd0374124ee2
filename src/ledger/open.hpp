// Opening a database: made when it is not there, checked, and brought to the schema of this program. It is a file of
// SQLite's, or a schema, called as ours is, on a PostgreSQL server: all databases of a home may share one there.
//
//   ARGOSY_TRY(const std::unique_ptr<Database> database,
//              open_database({.path = home + "/runs.db"}, runs_schema(), core::system_files(), clock));
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"
#include "ledger/schema.hpp"

namespace argosy::ledger {

// Where a database is: the path of a file, or "postgresql://user@host:port/database?..." (docs/guides/database.md). A
// password is never part of it; none: PostgreSQL's client library takes it from the environment variable PGPASSWORD.
struct Location {
  std::string path;
  core::Secret password;

  Location(std::string where) : path(std::move(where)) {}  // NOLINT(google-explicit-constructor): a path is one
  Location(const char* where) : path(where) {}             // NOLINT(google-explicit-constructor)
  Location(std::string where, core::Secret secret) : path(std::move(where)), password(std::move(secret)) {}
  [[nodiscard]] bool is_server() const;
  // For messages: the path; of an address only what it may show.
  [[nodiscard]] std::string text() const;
};

enum class Missing : std::uint8_t { kMake, kFail };
enum class Outdated : std::uint8_t { kMigrate, kFail };

struct OpenOptions {
  std::string path;                                // see Location
  core::Secret password;                           // of a server
  core::Duration wait = std::chrono::seconds(10);  // how long a unit of work tries while others write
  Missing missing = Missing::kMake;
  Outdated outdated = Outdated::kMigrate;
  std::string missing_hint = "it is made when something is stored";  // what to do where Missing::kFail fails
  // Files up to this size are checked whole when they are opened; `argosy db verify` checks any.
  std::uint64_t checked_bytes = 16ULL * 1024 * 1024;
};

// Errors: an empty file, one that is no database or another one (kCorrupt), a newer schema (kUnsupported), no database
// (kNotFound), an older schema with Outdated::kFail (kConflict), an address that is none (kInvalidArgument), a server
// that cannot be reached (kUnavailable), that does not let us in (kReadOnly) or is too old (kUnsupported); each says
// what to do.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_database(const OpenOptions& options, const Schema& schema,
                                                                    core::Files& files, const core::Clock& clock);

// kInvalidArgument where a server's address is none, or holds a password; nothing is connected.
[[nodiscard]] core::Result<void> check_location(const Location& location);
// Whether there is a database to open: the file, or the schema on the server.
[[nodiscard]] core::Result<bool> database_exists(const Location& location, const Schema& schema, core::Files& files);
// How many migrations the database has had; 0 for one without tables. kCorrupt where it is not of this schema's name.
[[nodiscard]] core::Result<std::int64_t> schema_version(Database& database, const Schema& schema);
// The same of a database as it is, which need not be of this program's version.
[[nodiscard]] core::Result<std::int64_t> stored_version(const Location& location, const Schema& schema);
// Applies those that are missing, each in a unit of work of its own, and makes the views anew. Returns how many.
[[nodiscard]] core::Result<std::int64_t> migrate(Database& database, const Schema& schema, const core::Clock& clock);
// SQLite's own look at pages, order and indexes; `whole` also compares each index with its table. A PostgreSQL server
// looks after its pages itself.
[[nodiscard]] core::Result<void> check_integrity(Database& database, bool whole);

}  // namespace argosy::ledger

// Opening a database file: made when it is not there, checked, and brought to the schema of this program.
//
//   ARGOSY_TRY(const std::unique_ptr<Database> database,
//              open_database({.path = home + "/runs.db"}, runs_schema(), core::system_files(), clock));
#pragma once

#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"
#include "ledger/schema.hpp"

namespace argosy::ledger {

enum class Missing : std::uint8_t { kMake, kFail };
enum class Outdated : std::uint8_t { kMigrate, kFail };

struct OpenOptions {
  std::string path;
  core::Duration wait = std::chrono::seconds(10);  // how long a unit of work tries while others write
  Missing missing = Missing::kMake;
  Outdated outdated = Outdated::kMigrate;
  // Files up to this size are checked whole when they are opened; `argosy db verify` checks any.
  std::uint64_t checked_bytes = 16ULL * 1024 * 1024;
};

// Errors: an empty file, one that is no database or another one (kCorrupt), a newer schema (kUnsupported), no file
// (kNotFound), an older schema with Outdated::kFail (kConflict); each says what to do.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_database(const OpenOptions& options, const Schema& schema,
                                                                    core::Files& files, const core::Clock& clock);

// How many migrations the database has had; 0 for one without tables. kCorrupt where it is not of this schema's name.
[[nodiscard]] core::Result<std::int64_t> schema_version(Database& database, const Schema& schema);
// The same of a file as it is, which need not be of this program's version.
[[nodiscard]] core::Result<std::int64_t> stored_version(const std::string& path, const Schema& schema);
// Applies those that are missing, each in a unit of work of its own, and makes the views anew. Returns how many.
[[nodiscard]] core::Result<std::int64_t> migrate(Database& database, const Schema& schema, const core::Clock& clock);
// SQLite's own look at pages, order and indexes; `whole` also compares each index with its table.
[[nodiscard]] core::Result<void> check_integrity(Database& database, bool whole);

}  // namespace argosy::ledger

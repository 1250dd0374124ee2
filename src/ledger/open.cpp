#include "ledger/open.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hpp"
#include "ledger/detail/apply.hpp"
#include "ledger/detail/catalog.hpp"
#include "ledger/detail/postgres.hpp"
#include "ledger/detail/postgres_address.hpp"
#include "ledger/detail/sqlite.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kText = {ColumnType::kText};
constexpr core::Duration kShortWait = std::chrono::seconds(1);
constexpr const char* kRestoreHint = "bring a backup back: argosy db restore FILE";

// Makes the file aside and names it when it is whole, so that an empty file is never taken for a new database.
Result<void> make_file(const OpenOptions& options, const Schema& schema, core::Files& files, const core::Clock& clock) {
  ARGOSY_TRY(const auto lock, files.lock(options.path + ".lock", options.wait));
  if (files.exists(options.path)) return {};
  const std::string aside = options.path + ".new";
  ARGOSY_TRY_VOID(detail::remove_sqlite(aside, files));
  {
    ARGOSY_TRY(const auto database, detail::open_sqlite(aside, options.wait));
    ARGOSY_TRY_VOID(migrate(*database, schema, clock));
  }
  // Closing copies the log into the file, and tells nobody when it cannot; without its log the file is none.
  ARGOSY_TRY_VOID(detail::make_single_file(aside));
  ARGOSY_TRY_VOID(detail::remove_sqlite(options.path, files));
  return files.sync_and_rename(aside, options.path);
}

Result<void> check_file(const OpenOptions& options, core::Files& files) {
  ARGOSY_TRY(const core::FileInfo info, files.info(options.path));
  if (info.size > 0) return {};
  return fail(Error(ErrorCode::kCorrupt, "the database file is empty")
                  .with_hint("remove it to begin anew, or " + std::string(kRestoreHint))
                  .at(options.path));
}

Error no_database(const OpenOptions& options, const Schema& schema, const std::string& where) {
  return Error(ErrorCode::kNotFound, fmt::format("there is no database \"{}\" yet", schema.name))
      .with_hint(options.missing_hint)
      .at(where);
}

Result<std::unique_ptr<Database>> open_file(const OpenOptions& options, const Schema& schema, core::Files& files,
                                            const core::Clock& clock) {
  if (!files.exists(options.path)) {
    if (options.missing == Missing::kFail) return fail(no_database(options, schema, options.path));
    ARGOSY_TRY_VOID(make_file(options, schema, files, clock));
  }
  ARGOSY_TRY_VOID(check_file(options, files));
  ARGOSY_TRY(std::unique_ptr<Database> database, detail::open_sqlite(options.path, options.wait));
  ARGOSY_TRY(const core::FileInfo info, files.info(options.path));
  if (info.size <= options.checked_bytes) ARGOSY_TRY_VOID(check_integrity(*database, false));
  return database;
}

Result<std::unique_ptr<Database>> open_server(const OpenOptions& options, const Location& location,
                                              const Schema& schema) {
  ARGOSY_TRY(std::unique_ptr<Database> database, detail::open_as_is(location, schema, options.wait));
  if (options.missing == Missing::kMake) return database;
  ARGOSY_TRY(const std::int64_t version, schema_version(*database, schema));
  if (version == 0) return fail(no_database(options, schema, database->name()));
  return database;
}

}  // namespace

bool Location::is_server() const { return path.starts_with("postgresql:") || path.starts_with("postgres:"); }

std::string Location::text() const {
  if (!is_server()) return path;
  const auto address = detail::parse_postgres_address(path);
  return address ? address->text() : "the ledger's address";
}

Result<void> check_location(const Location& location) {
  if (!location.is_server()) return {};
  ARGOSY_TRY_VOID(detail::parse_postgres_address(location.path));
  return {};
}

Result<std::int64_t> schema_version(Database& database, const Schema& schema) {
  return database.read([&](Transaction& work) -> Result<std::int64_t> {
    return detail::version_of(work, schema, database.dialect(), database.name());
  });
}

Result<std::int64_t> stored_version(const Location& location, const Schema& schema) {
  ARGOSY_TRY(const auto database, detail::open_as_is(location, schema, kShortWait));
  return schema_version(*database, schema);
}

Result<bool> database_exists(const Location& location, const Schema& schema, core::Files& files) {
  if (!location.is_server()) return files.exists(location.path);
  ARGOSY_TRY(const auto database, detail::open_as_is(location, schema, kShortWait));
  return database->read([&](Transaction& work) -> Result<bool> {
    ARGOSY_TRY(const auto tables, detail::table_names(work, database->dialect()));
    return !tables.empty();
  });
}

Result<std::int64_t> migrate(Database& database, const Schema& schema, const core::Clock& clock) {
  std::int64_t applied = 0;
  for (bool done = false; !done;) {
    ARGOSY_TRY_VOID(database.write([&](Transaction& work) -> Result<void> {
      ARGOSY_TRY(const std::int64_t version, detail::version_of(work, schema, database.dialect(), database.name()));
      ARGOSY_TRY_VOID(detail::refuse_newer(version, schema, database.name()));
      done = version == static_cast<std::int64_t>(schema.migrations.size());
      if (done) return {};
      if (database.dialect() == Dialect::kPostgres)
        ARGOSY_TRY_VOID(detail::make_schema(work, std::string(schema.name)));
      ARGOSY_TRY_VOID(detail::apply_migration(work, schema, version + 1, clock.now()));
      // The views are of the tables as they are now, so that they fit only after the last step.
      if (version + 1 == static_cast<std::int64_t>(schema.migrations.size()))
        ARGOSY_TRY_VOID(detail::make_views(work, schema, database.dialect()));
      return {};
    }));
    if (!done) ++applied;
  }
  return applied;
}

Result<void> check_integrity(Database& database, bool whole) {
  if (database.dialect() == Dialect::kPostgres) return {};
  return database.read([&](Transaction& work) -> Result<void> {
    std::vector<std::string> found;
    ARGOSY_TRY_VOID(work.query(whole ? "PRAGMA integrity_check" : "PRAGMA quick_check", kText, {},
                               [&](const Row& row) -> Result<void> {
                                 found.push_back(row.text(0));
                                 return {};
                               }));
    if (found.size() == 1 && found.front() == "ok") return {};
    return fail(Error(ErrorCode::kCorrupt, fmt::format("the database is damaged: {}",
                                                       found.empty() ? "no answer to its check" : found.front()))
                    .with_hint(kRestoreHint)
                    .at(database.name()));
  });
}

Result<std::unique_ptr<Database>> open_database(const OpenOptions& options, const Schema& schema, core::Files& files,
                                                const core::Clock& clock) {
  const Location location(options.path, options.password);
  ARGOSY_TRY(std::unique_ptr<Database> database,
             location.is_server() ? open_server(options, location, schema) : open_file(options, schema, files, clock));
  ARGOSY_TRY(const std::int64_t version, schema_version(*database, schema));
  ARGOSY_TRY_VOID(detail::refuse_newer(version, schema, database->name()));
  if (version == static_cast<std::int64_t>(schema.migrations.size())) return database;
  if (options.outdated == Outdated::kFail && version > 0) {
    return fail(Error(ErrorCode::kConflict, fmt::format("the database has schema version {}, this program needs {}",
                                                        version, schema.migrations.size()))
                    .with_hint("bring it up to date: argosy db migrate")
                    .at(database->name()));
  }
  ARGOSY_TRY_VOID(migrate(*database, schema, clock));
  return database;
}

}  // namespace argosy::ledger

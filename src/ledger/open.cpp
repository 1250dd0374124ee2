#include "ledger/open.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/check.hpp"
#include "ledger/detail/sqlite.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kText = {ColumnType::kText};
constexpr std::array kInteger = {ColumnType::kInteger};
constexpr const char* kRestoreHint = "bring a backup back: argosy db restore FILE";

Result<std::int64_t> query_integer(Transaction& work, const std::string& sql, const std::vector<Value>& values = {}) {
  std::int64_t answer = 0;
  ARGOSY_TRY_VOID(work.query(sql, kInteger, values, [&](const Row& row) -> Result<void> {
    answer = row.integer(0);
    return {};
  }));
  return answer;
}

// The version within a unit of work; see schema_version.
Result<std::int64_t> version_of(Transaction& work, const Schema& schema, const std::string& path) {
  ARGOSY_TRY(const std::int64_t tables, query_integer(work, "SELECT count(*) FROM sqlite_master WHERE type = 'table'"));
  if (tables == 0) return 0;
  ARGOSY_TRY(const std::int64_t ours,
             query_integer(work, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'"));
  if (ours == 0) {
    return fail(Error(ErrorCode::kCorrupt, "this database was not made by Argosy")
                    .with_hint("move the file away, or " + std::string(kRestoreHint))
                    .at(path));
  }
  std::string name;
  ARGOSY_TRY_VOID(
      work.query("SELECT DISTINCT database_name FROM migrations", kText, {}, [&](const Row& row) -> Result<void> {
        name = row.text(0);
        return {};
      }));
  if (name != schema.name) {
    return fail(Error(ErrorCode::kCorrupt, fmt::format("this is the database \"{}\", not \"{}\"", name, schema.name))
                    .with_hint(kRestoreHint)
                    .at(path));
  }
  return query_integer(work, "SELECT max(number) FROM migrations");
}

Result<void> refuse_newer(std::int64_t version, const Schema& schema, const std::string& path) {
  const auto known = static_cast<std::int64_t>(schema.migrations.size());
  if (version <= known) return {};
  return fail(Error(ErrorCode::kUnsupported, fmt::format("the database has schema version {}, this program knows "
                                                         "versions up to {}",
                                                         version, known))
                  .with_hint("use the newer program that wrote it, or bring back a backup of version " +
                             fmt::to_string(known) + ": argosy db restore FILE")
                  .at(path));
}

Result<void> apply(Transaction& work, const Schema& schema, std::int64_t number, core::Timestamp now) {
  if (number == 1) {
    ARGOSY_TRY_VOID(
        work.execute("CREATE TABLE migrations (database_name TEXT NOT NULL, number INTEGER NOT NULL PRIMARY KEY, "
                     "name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"));
  }
  const Migration& migration = schema.migrations[static_cast<std::size_t>(number - 1)];
  for (const char* statement : migration.statements) ARGOSY_TRY_VOID(work.execute(statement));
  ARGOSY_TRY_VOID(work.execute(
      "INSERT INTO migrations VALUES (:database_name, :number, :name, :applied_at)",
      {std::string(schema.name), number, std::string(migration.name), std::int64_t{now.time_since_epoch().count()}}));
  return {};
}

Result<void> make_views(Transaction& work, const Schema& schema) {
  for (auto view = schema.views.rbegin(); view != schema.views.rend(); ++view)
    ARGOSY_TRY_VOID(work.execute(fmt::format("DROP VIEW IF EXISTS {}", view->name)));
  for (const core::RecordType* table : schema.tables) {
    ARGOSY_TRY_VOID(work.execute(fmt::format("DROP VIEW IF EXISTS v_{}", table->name)));
    ARGOSY_TRY_VOID(work.execute(view_statement(*table)));
  }
  for (const View& view : schema.views)
    ARGOSY_TRY_VOID(work.execute(fmt::format("CREATE VIEW {} AS {}", view.name, view.select)));
  return {};
}

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

}  // namespace

Result<std::int64_t> schema_version(Database& database, const Schema& schema) {
  return database.read(
      [&](Transaction& work) -> Result<std::int64_t> { return version_of(work, schema, database.name()); });
}

Result<std::int64_t> stored_version(const std::string& path, const Schema& schema) {
  ARGOSY_TRY(const auto database, detail::open_sqlite(path, std::chrono::seconds(1)));
  return schema_version(*database, schema);
}

Result<std::int64_t> migrate(Database& database, const Schema& schema, const core::Clock& clock) {
  std::int64_t applied = 0;
  for (bool done = false; !done;) {
    ARGOSY_TRY_VOID(database.write([&](Transaction& work) -> Result<void> {
      ARGOSY_TRY(const std::int64_t version, version_of(work, schema, database.name()));
      ARGOSY_TRY_VOID(refuse_newer(version, schema, database.name()));
      done = version == static_cast<std::int64_t>(schema.migrations.size());
      if (done) return {};
      ARGOSY_TRY_VOID(apply(work, schema, version + 1, clock.now()));
      // The views are of the tables as they are now, so that they fit only after the last step.
      if (version + 1 == static_cast<std::int64_t>(schema.migrations.size())) ARGOSY_TRY_VOID(make_views(work, schema));
      return {};
    }));
    if (!done) ++applied;
  }
  return applied;
}

Result<void> check_integrity(Database& database, bool whole) {
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
  if (!files.exists(options.path)) {
    if (options.missing == Missing::kFail) {
      return fail(Error(ErrorCode::kNotFound, fmt::format("there is no database \"{}\" yet", schema.name))
                      .with_hint("it is made when something is stored")
                      .at(options.path));
    }
    ARGOSY_TRY_VOID(make_file(options, schema, files, clock));
  }
  ARGOSY_TRY_VOID(check_file(options, files));
  ARGOSY_TRY(std::unique_ptr<Database> database, detail::open_sqlite(options.path, options.wait));
  ARGOSY_TRY(const core::FileInfo info, files.info(options.path));
  if (info.size <= options.checked_bytes) ARGOSY_TRY_VOID(check_integrity(*database, false));
  ARGOSY_TRY(const std::int64_t version, schema_version(*database, schema));
  ARGOSY_TRY_VOID(refuse_newer(version, schema, options.path));
  if (version == static_cast<std::int64_t>(schema.migrations.size())) return database;
  if (options.outdated == Outdated::kFail) {
    return fail(Error(ErrorCode::kConflict, fmt::format("the database has schema version {}, this program needs {}",
                                                        version, schema.migrations.size()))
                    .with_hint("bring it up to date: argosy db migrate")
                    .at(options.path));
  }
  ARGOSY_TRY_VOID(migrate(*database, schema, clock));
  return database;
}

}  // namespace argosy::ledger

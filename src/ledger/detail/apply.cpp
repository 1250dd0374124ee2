#include "ledger/detail/apply.hpp"

#include <fmt/format.h>

#include "ledger/detail/catalog.hpp"
#include "ledger/detail/postgres.hpp"
#include "ledger/detail/sqlite.hpp"
#include "ledger/records.hpp"
#include "ledger/row_policies.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr const char* kRestoreHint = "bring a backup back: argosy db restore FILE";

}  // namespace

Result<std::int64_t> version_of(Transaction& work, const Schema& schema, Dialect dialect, const std::string& name) {
  ARGOSY_TRY(const auto tables, table_names(work, dialect));
  if (tables.empty()) return 0;
  ARGOSY_TRY(const auto columns, table_columns(work, dialect, "migrations"));
  if (columns.empty() || columns.front().name != "database_name") {
    return fail(Error(ErrorCode::kCorrupt, "this database was not made by Argosy")
                    .with_hint("move it away, or " + std::string(kRestoreHint))
                    .at(name));
  }
  ARGOSY_TRY(const auto names, query_texts(work, "SELECT DISTINCT database_name FROM migrations"));
  const std::string stored = names.empty() ? "" : names.front();
  if (stored != schema.name) {
    return fail(Error(ErrorCode::kCorrupt, fmt::format("this is the database \"{}\", not \"{}\"", stored, schema.name))
                    .with_hint(kRestoreHint)
                    .at(name));
  }
  return query_integer(work, "SELECT max(number) FROM migrations");
}

Result<void> refuse_newer(std::int64_t version, const Schema& schema, const std::string& name) {
  const auto known = static_cast<std::int64_t>(schema.migrations.size());
  if (version <= known) return {};
  return fail(Error(ErrorCode::kUnsupported, fmt::format("the database has schema version {}, this program knows "
                                                         "versions up to {}",
                                                         version, known))
                  .with_hint("use the newer program that wrote it, or bring back a backup of version " +
                             fmt::to_string(known) + ": argosy db restore FILE")
                  .at(name));
}

Result<void> apply_migration(Transaction& work, const Schema& schema, std::int64_t number, core::Timestamp now) {
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

Result<void> make_views(Transaction& work, const Schema& schema, Dialect dialect) {
  for (auto view = schema.views.rbegin(); view != schema.views.rend(); ++view)
    ARGOSY_TRY_VOID(work.execute(fmt::format("DROP VIEW IF EXISTS {}", view->name)));
  for (const core::RecordType* table : schema.tables) {
    ARGOSY_TRY_VOID(work.execute(fmt::format("DROP VIEW IF EXISTS v_{}", table->name)));
    ARGOSY_TRY_VOID(work.execute(view_statement(*table, dialect)));
  }
  for (const View& view : schema.views)
    ARGOSY_TRY_VOID(work.execute(fmt::format("CREATE VIEW {} AS {}", view.name, view.select)));
  if (dialect == Dialect::kPostgres) ARGOSY_TRY_VOID(make_row_policies(work, schema.tables));
  return {};
}

Result<std::unique_ptr<Database>> open_as_is(const Location& location, const Schema& schema, core::Duration wait) {
  if (location.is_server()) return open_postgres(location.path, std::string(schema.name), location.password, wait);
  return open_sqlite(location.path, wait);
}

}  // namespace argosy::ledger::detail

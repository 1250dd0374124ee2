#include "ledger/maintenance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "core/text.hpp"
#include "ledger/detail/apply.hpp"
#include "ledger/detail/catalog.hpp"
#include "ledger/detail/copy_rows.hpp"
#include "ledger/detail/postgres.hpp"
#include "ledger/detail/sqlite.hpp"
#include "ledger/detail/stamp.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using detail::free_name;
using detail::time_stamp;

namespace {

constexpr core::Duration kWait = std::chrono::seconds(10);

// Checks the copy `part`, which is then the one file `to`.
Result<std::int64_t> finish_copy(const std::string& part, const std::string& to, const Schema& schema,
                                 core::Files& files) {
  std::int64_t version = 0;
  {
    ARGOSY_TRY(const auto copy, detail::open_sqlite(part, kWait));
    ARGOSY_TRY_VOID(check_integrity(*copy, true));
    ARGOSY_TRY(version, schema_version(*copy, schema));
  }
  ARGOSY_TRY_VOID(detail::make_single_file(part));
  ARGOSY_TRY_VOID(files.sync_and_rename(part, to));
  return version;
}

// A checked copy of the file `from` in the one file `to`.
Result<std::int64_t> copy_file(const std::string& from, const std::string& to, const Schema& schema,
                               core::Files& files) {
  const std::string part = to + ".part";
  ARGOSY_TRY_VOID(detail::remove_sqlite(part, files));
  ARGOSY_TRY_VOID(detail::copy_sqlite(from, part, kWait));
  return finish_copy(part, to, schema, files);
}

// The same of what the unit of work `from` sees, row by row.
Result<std::int64_t> copy_seen(const detail::Side& from, const std::string& name, const std::string& to,
                               const Schema& schema, core::Files& files, const core::Clock& clock) {
  ARGOSY_TRY(const std::int64_t version, detail::version_of(from.work, schema, from.dialect, name));
  ARGOSY_TRY_VOID(detail::refuse_newer(version, schema, name));
  const std::string part = to + ".part";
  ARGOSY_TRY_VOID(detail::remove_sqlite(part, files));
  {
    ARGOSY_TRY(const auto copy, detail::open_sqlite(part, kWait));
    ARGOSY_TRY_VOID(copy->write([&](Transaction& work) -> Result<void> {
      for (std::int64_t number = 1; number <= version; ++number)
        ARGOSY_TRY_VOID(detail::apply_migration(work, schema, number, clock.now()));
      ARGOSY_TRY_VOID(detail::copy_rows(from, {work, copy->dialect()}));
      if (version != std::ssize(schema.migrations)) return {};
      return detail::make_views(work, schema, copy->dialect());
    }));
  }
  return finish_copy(part, to, schema, files);
}

std::string_view sql_name(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "INTEGER";
    case ColumnType::kReal:
      return "REAL";
    case ColumnType::kText:
      return "TEXT";
  }
  return "";
}

// Values of another type than their column's, and NULL where there must be something. A server keeps to the types of
// its columns, so there these are looked at.
Result<void> find_wrong_types(Transaction& work, Dialect dialect, const core::RecordType& table,
                              std::vector<std::string>& findings) {
  const std::string name(table.name);
  ARGOSY_TRY(const auto columns, detail::table_columns(work, dialect, name));
  for (const core::Field& field : table.fields) {
    const std::string_view wanted = sql_name(column_type(field.type));
    const auto column = std::ranges::find(columns, field.name, &detail::Column::name);
    if (column == columns.end() || column->type != wanted) {
      findings.push_back(fmt::format("{}.{} is {}, not a column of type {}", name, field.name,
                                     column == columns.end() ? "missing" : "of type " + column->type, wanted));
      continue;
    }
    if (dialect == Dialect::kPostgres) {
      if (!column->not_null && !may_be_null(field))
        findings.push_back(fmt::format("{}.{} may hold nothing, and must not", name, field.name));
      continue;
    }
    ARGOSY_TRY(const auto types,
               detail::query_texts(work, fmt::format("SELECT DISTINCT typeof({}) FROM {}", field.name, name)));
    for (const std::string& type : types) {
      if (core::to_upper(type) == wanted || (type == "null" && may_be_null(field))) continue;
      findings.push_back(
          fmt::format("{}.{} holds a value of type {}, not {}", name, field.name, type, core::to_lower(wanted)));
    }
  }
  return {};
}

Result<void> look_at(Transaction& work, Dialect dialect, const Schema& schema, VerifyReport& report) {
  ARGOSY_TRY(const auto orphans, detail::find_orphans(work, dialect));
  for (const std::string& table : orphans)
    report.findings.push_back(fmt::format("a row of {} belongs to one that is not there", table));
  for (const core::RecordType* table : schema.tables) {
    ARGOSY_TRY(const std::int64_t rows,
               detail::query_integer(work, fmt::format("SELECT count(*) FROM {}", table->name)));
    report.tables.push_back({.name = std::string(table->name), .rows = rows});
    ARGOSY_TRY_VOID(find_wrong_types(work, dialect, *table, report.findings));
  }
  if (schema.verify == nullptr) return {};
  ARGOSY_TRY(const auto more, schema.verify(work));
  report.findings.insert(report.findings.end(), more.begin(), more.end());
  return {};
}

// A copy of the backup beside the database, checked and migrated, ready to take its place.
Result<std::int64_t> prepare_copy(const std::string& from, const std::string& copy, const Schema& schema,
                                  core::Files& files, const core::Clock& clock) {
  ARGOSY_TRY(const core::FileInfo info, files.info(from));
  if (info.is_folder) {
    return fail(Error(ErrorCode::kInvalidArgument, "this is a folder, not a backup")
                    .with_hint("name one of the files in it")
                    .at(from));
  }
  if (files.exists(from + "-wal")) {
    return fail(Error(ErrorCode::kInvalidArgument, "this database is in use, or was not closed: it is no backup")
                    .with_hint("make a backup of it: argosy db backup")
                    .at(from));
  }
  ARGOSY_TRY_VOID(detail::remove_sqlite(copy, files));
  ARGOSY_TRY_VOID(files.copy(from, copy));
  ARGOSY_TRY(const auto database,
             open_database(
                 {.path = copy, .missing = Missing::kFail, .checked_bytes = std::numeric_limits<std::uint64_t>::max()},
                 schema, files, clock));
  ARGOSY_TRY(const VerifyReport report, verify(*database, schema));
  if (report.findings.empty()) return report.version;
  return fail(Error(ErrorCode::kCorrupt, fmt::format("the backup is damaged: {}", report.findings.front()))
                  .with_hint("take another backup")
                  .at(from));
}

// Whether what is at `path` can still be read as a database.
Result<bool> is_readable(const std::string& path, core::Files& files) {
  ARGOSY_TRY(const core::FileInfo info, files.info(path));
  if (info.size == 0) return false;
  const Result<void> checked = [&]() -> Result<void> {
    ARGOSY_TRY(const auto database, detail::open_sqlite(path, kWait));
    return check_integrity(*database, false);
  }();
  if (checked) return true;
  if (checked.error().code == ErrorCode::kCorrupt) return false;
  return fail(checked.error());
}

// Replaces what `database`, on a server, holds by the rows of the checked file `copy`. Within the unit of work it is
// checked again, as it then is on the server.
Result<RestoreReport> restore_rows(const std::string& copy, Database& database, const std::string& aside,
                                   const Schema& schema, core::Files& files, const core::Clock& clock) {
  ARGOSY_TRY(const auto source, detail::open_sqlite(copy, kWait));
  const std::string name(schema.name);
  const auto newest = std::ssize(schema.migrations);
  return database.write([&](Transaction& work) -> Result<RestoreReport> {
    RestoreReport report{.version = newest};
    const detail::Side target{work, database.dialect()};
    ARGOSY_TRY(const auto tables, detail::table_names(work, target.dialect));
    const auto before = detail::version_of(work, schema, target.dialect, database.name());
    if (before && *before == newest) {
      report.set_aside = free_name(aside, ".db", files);
      ARGOSY_TRY_VOID(copy_seen(target, database.name(), report.set_aside, schema, files, clock));
    } else {
      if (!tables.empty()) {
        const std::string other = core::to_lower(fmt::format("{}_before_{}", name, time_stamp(clock)));
        ARGOSY_TRY_VOID(work.execute(fmt::format("ALTER SCHEMA \"{}\" RENAME TO \"{}\"", name, other)));
        report.set_aside = "schema " + other;
        report.was_damaged = !before && before.error().code == ErrorCode::kCorrupt;
      }
      ARGOSY_TRY_VOID(detail::make_schema(work, name));
      for (std::int64_t number = 1; number <= newest; ++number)
        ARGOSY_TRY_VOID(detail::apply_migration(work, schema, number, clock.now()));
    }
    ARGOSY_TRY_VOID(
        source->read([&](Transaction& from) { return detail::copy_rows({from, source->dialect()}, target); }));
    ARGOSY_TRY_VOID(detail::make_views(work, schema, target.dialect));
    VerifyReport seen;
    ARGOSY_TRY_VOID(look_at(work, target.dialect, schema, seen));
    if (seen.findings.empty()) return report;
    return fail(Error(ErrorCode::kCorrupt, fmt::format("the restored rows are damaged: {}", seen.findings.front()))
                    .with_hint("take another backup")
                    .at(database.name()));
  });
}

Result<RestoreReport> restore_server(const std::string& copy, const std::string& from, const Location& to,
                                     const Schema& schema, core::Files& files, const core::Clock& clock) {
  const std::string folder = std::filesystem::path(from).parent_path();
  const std::string aside =
      fmt::format("{}{}-before-{}", folder.empty() ? "" : folder + "/", schema.name, time_stamp(clock));
  auto done = [&]() -> Result<RestoreReport> {
    ARGOSY_TRY(const auto database, detail::open_as_is(to, schema, kWait));
    return restore_rows(copy, *database, aside, schema, files, clock);
  }();
  ARGOSY_TRY_VOID(detail::remove_sqlite(copy, files));
  return done;
}

// A copy, checked and migrated, that stays nowhere when something is wrong with it.
Result<std::int64_t> prepare_or_remove(const std::string& from, const std::string& copy, const Schema& schema,
                                       core::Files& files, const core::Clock& clock) {
  auto version = prepare_copy(from, copy, schema, files, clock);
  if (!version) {
    ARGOSY_TRY_VOID(detail::remove_sqlite(copy, files));
    // What is wrong is the backup, not its copy.
    return fail(std::move(version).error().at(from));
  }
  ARGOSY_TRY_VOID(detail::make_single_file(copy));
  return version;
}

}  // namespace

Result<BackupReport> back_up(const Location& from, const std::string& to, const Schema& schema, core::Files& files,
                             const core::Clock& clock) {
  ARGOSY_TRY(const bool exists, database_exists(from, schema, files));
  if (!exists) {
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no database \"{}\" yet", schema.name))
                    .with_hint("it is made when something is stored")
                    .at(from.text()));
  }
  std::string file = to;
  const auto info = files.info(to);
  if (to.ends_with('/') || (info && info->is_folder)) {
    ARGOSY_TRY_VOID(files.make_folders(to));
    file = free_name(fmt::format("{}{}{}-{}", to, to.ends_with('/') ? "" : "/", schema.name, time_stamp(clock)), ".db",
                     files);
  } else if (info) {
    return fail(Error(ErrorCode::kAlreadyExists, "a file of this name is there already")
                    .with_hint("backups replace nothing: give another name, or a folder")
                    .at(to));
  }
  std::int64_t version = 0;
  if (from.is_server()) {
    ARGOSY_TRY(const auto database, detail::open_as_is(from, schema, kWait));
    ARGOSY_TRY(version, database->read([&](Transaction& work) {
      return copy_seen({work, database->dialect()}, database->name(), file, schema, files, clock);
    }));
  } else {
    ARGOSY_TRY(version, copy_file(from.path, file, schema, files));
  }
  ARGOSY_TRY(const core::FileInfo made, files.info(file));
  return BackupReport{.file = file, .bytes = made.size, .version = version};
}

Result<RestoreReport> restore(const std::string& from, const Location& to, const Schema& schema, core::Files& files,
                              const core::Clock& clock) {
  const std::string& path = to.path;
  const std::string copy = (to.is_server() ? from : path) + ".restored";
  ARGOSY_TRY(const std::int64_t version, prepare_or_remove(from, copy, schema, files, clock));
  if (to.is_server()) return restore_server(copy, from, to, schema, files, clock);
  RestoreReport report{.version = version};
  if (!files.exists(path)) {
    ARGOSY_TRY_VOID(detail::remove_sqlite(path, files));
    ARGOSY_TRY_VOID(files.sync_and_rename(copy, path));
    return report;
  }
  report.set_aside = free_name(path + ".before-" + time_stamp(clock), "", files);
  ARGOSY_TRY(const bool readable, is_readable(path, files));
  if (readable) {
    ARGOSY_TRY_VOID(copy_file(path, report.set_aside, schema, files));
    ARGOSY_TRY_VOID(detail::copy_sqlite(copy, path, kWait));
    ARGOSY_TRY_VOID(detail::remove_sqlite(copy, files));
    return report;
  }
  report.was_damaged = true;
  for (const char* rest : {"-wal", "-shm", ""}) {
    if (files.exists(path + rest)) ARGOSY_TRY_VOID(files.sync_and_rename(path + rest, report.set_aside + rest));
  }
  ARGOSY_TRY_VOID(files.sync_and_rename(copy, path));
  return report;
}

Result<VerifyReport> verify(Database& database, const Schema& schema) {
  VerifyReport report;
  ARGOSY_TRY(report.version, schema_version(database, schema));
  if (const auto whole = check_integrity(database, true); !whole) {
    if (whole.error().code != ErrorCode::kCorrupt) return fail(whole.error());
    report.findings.push_back(whole.error().message);
    return report;
  }
  ARGOSY_TRY_VOID(database.read([&](Transaction& work) { return look_at(work, database.dialect(), schema, report); }));
  return report;
}

}  // namespace argosy::ledger

#include "ledger/maintenance.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <limits>
#include <utility>

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

constexpr std::array kText = {ColumnType::kText};
constexpr std::array kInteger = {ColumnType::kInteger};
constexpr core::Duration kWait = std::chrono::seconds(10);

// A checked copy of the database `from` in the one file `to`.
Result<std::int64_t> copy_whole(const std::string& from, const std::string& to, const Schema& schema,
                                core::Files& files) {
  const std::string part = to + ".part";
  ARGOSY_TRY_VOID(detail::remove_sqlite(part, files));
  ARGOSY_TRY_VOID(detail::copy_sqlite(from, part, kWait));
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

Result<std::vector<std::string>> query_texts(Transaction& work, const std::string& sql) {
  std::vector<std::string> texts;
  ARGOSY_TRY_VOID(work.query(sql, kText, {}, [&](const Row& row) -> Result<void> {
    texts.push_back(row.text(0));
    return {};
  }));
  return texts;
}

std::string_view sql_name(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kReal:
      return "real";
    case ColumnType::kText:
      return "text";
  }
  return "";
}

// Values of another type than their column's, and NULL where there must be something.
Result<void> find_wrong_types(Transaction& work, const core::RecordType& table, std::vector<std::string>& findings) {
  for (const core::Field& field : table.fields) {
    const std::string_view wanted = sql_name(column_type(field.type));
    ARGOSY_TRY(const auto types,
               query_texts(work, fmt::format("SELECT DISTINCT typeof({}) FROM {}", field.name, table.name)));
    for (const std::string& type : types) {
      if (type == wanted || (type == "null" && may_be_null(field))) continue;
      findings.push_back(fmt::format("{}.{} holds a value of type {}, not {}", table.name, field.name, type, wanted));
    }
  }
  return {};
}

Result<void> look_at(Transaction& work, const Schema& schema, VerifyReport& report) {
  ARGOSY_TRY(const auto orphans, query_texts(work, "SELECT \"table\" FROM pragma_foreign_key_check"));
  for (const std::string& table : orphans)
    report.findings.push_back(fmt::format("a row of {} belongs to one that is not there", table));
  for (const core::RecordType* table : schema.tables) {
    VerifyReport::Table& counted = report.tables.emplace_back(VerifyReport::Table{.name = std::string(table->name)});
    ARGOSY_TRY_VOID(work.query(fmt::format("SELECT count(*) FROM {}", table->name), kInteger, {},
                               [&](const Row& row) -> Result<void> {
                                 counted.rows = row.integer(0);
                                 return {};
                               }));
    ARGOSY_TRY_VOID(find_wrong_types(work, *table, report.findings));
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
  std::error_code error;
  std::filesystem::copy_file(from, copy, error);
  if (error) return fail(Error(ErrorCode::kIo, fmt::format("cannot copy to {}: {}", copy, error.message())).at(from));
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

}  // namespace

Result<BackupReport> back_up(const std::string& path, const std::string& to, const Schema& schema, core::Files& files,
                             const core::Clock& clock) {
  if (!files.exists(path)) {
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no database \"{}\" yet", schema.name))
                    .with_hint("it is made when something is stored")
                    .at(path));
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
  ARGOSY_TRY(const std::int64_t version, copy_whole(path, file, schema, files));
  ARGOSY_TRY(const core::FileInfo made, files.info(file));
  return BackupReport{.file = file, .bytes = made.size, .version = version};
}

Result<RestoreReport> restore(const std::string& from, const std::string& path, const Schema& schema,
                              core::Files& files, const core::Clock& clock) {
  const std::string copy = path + ".restored";
  auto version = prepare_copy(from, copy, schema, files, clock);
  if (!version) {
    ARGOSY_TRY_VOID(detail::remove_sqlite(copy, files));
    // What is wrong is the backup, not its copy.
    return fail(std::move(version).error().at(from));
  }
  ARGOSY_TRY_VOID(detail::make_single_file(copy));
  RestoreReport report{.version = *version};
  if (!files.exists(path)) {
    ARGOSY_TRY_VOID(detail::remove_sqlite(path, files));
    ARGOSY_TRY_VOID(files.sync_and_rename(copy, path));
    return report;
  }
  report.set_aside = free_name(path + ".before-" + time_stamp(clock), "", files);
  ARGOSY_TRY(const bool readable, is_readable(path, files));
  if (readable) {
    ARGOSY_TRY_VOID(copy_whole(path, report.set_aside, schema, files));
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
  ARGOSY_TRY_VOID(database.read([&](Transaction& work) { return look_at(work, schema, report); }));
  return report;
}

}  // namespace argosy::ledger

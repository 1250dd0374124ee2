#include "ledger/backups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "ledger/detail/sqlite.hpp"
#include "ledger/detail/stamp.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::string_view kDamaged = ".damaged-";
constexpr std::size_t kStampLength = std::string_view("20261122T000630Z").size();

// "20261122T000630Z" of "ledger-20261122T000630Z.db" or "ledger-20261122T000630Z-2.db", and the number, 1 without one;
// nothing of another name.
std::optional<std::pair<std::string, int>> stamp_of(std::string_view name, std::string_view schema) {
  if (!name.starts_with(fmt::format("{}-", schema)) || !name.ends_with(".db")) return std::nullopt;
  name.remove_prefix(schema.size() + 1);
  name.remove_suffix(3);
  if (name.size() < kStampLength || name[8] != 'T' || name[kStampLength - 1] != 'Z') return std::nullopt;
  const std::string_view rest = name.substr(kStampLength);
  int number = 1;
  if (!rest.empty()) {
    const auto digits = rest.substr(1);
    if (rest[0] != '-' || digits.empty() || digits.size() > 6) return std::nullopt;
    number = 0;
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') return std::nullopt;
      number = 10 * number + (digit - '0');
    }
  }
  return std::pair(std::string(name.substr(0, kStampLength)), number);
}

// The day of a backup's name.
std::string day_of(const std::string& file, const Schema& schema) {
  return stamp_of(std::filesystem::path(file).filename().string(), schema.name)->first.substr(0, 8);
}

// The files beside `path` that were set aside, oldest first.
Result<std::vector<std::string>> damaged_files(const std::string& path, core::Files& files) {
  const std::filesystem::path file(path);
  std::vector<std::string> found;
  if (!files.exists(file.parent_path().string())) return found;
  ARGOSY_TRY(const auto entries, files.list(file.parent_path().string()));
  const std::string beginning = file.filename().string() + std::string(kDamaged);
  for (const core::FileInfo& entry : entries) {
    if (entry.name.starts_with(beginning) && !entry.name.ends_with("-wal") && !entry.name.ends_with("-shm"))
      found.push_back((file.parent_path() / entry.name).string());
  }
  return found;
}

// The error that offers the newest good backup in place of what lies at `aside`.
Result<Error> offer_backup(Error error, const std::string& aside, const OpenOptions& options, const Schema& schema,
                           const std::string& backups, core::Files& files, const core::Clock& clock) {
  ARGOSY_TRY(const auto good, newest_good_backup(backups, options.path + ".checked", schema, files, clock));
  std::string hint =
      good ? fmt::format("the newest good backup: argosy db restore {} --database {}", *good, schema.name)
           : fmt::format("no good backup lies in {}; argosy db restore brings one back from elsewhere", backups);
  hint += fmt::format("; the damaged file lies at {}, and nothing is made in its place while it does", aside);
  return std::move(error).with_hint(hint);
}

}  // namespace

Result<std::vector<std::string>> list_backups(const std::string& folder, const Schema& schema, core::Files& files) {
  std::vector<std::pair<std::pair<std::string, int>, std::string>> found;
  if (!files.exists(folder)) return std::vector<std::string>();
  ARGOSY_TRY(const auto entries, files.list(folder));
  for (const core::FileInfo& entry : entries) {
    if (auto stamp = stamp_of(entry.name, schema.name); stamp && !entry.is_folder)
      found.emplace_back(*std::move(stamp), entry.name);
  }
  std::ranges::sort(found, std::greater());
  std::vector<std::string> names;
  for (const auto& [stamp, name] : found) names.push_back((std::filesystem::path(folder) / name).string());
  return names;
}

Result<BackupsReport> back_up_and_prune(const Location& from, const std::string& folder, const BackupPolicy& policy,
                                        const Schema& schema, core::Files& files, const core::Clock& clock) {
  BackupsReport report;
  ARGOSY_TRY(report.made, back_up(from, folder + "/", schema, files, clock));
  ARGOSY_TRY(const auto backups, list_backups(folder, schema, files));
  std::set<std::string> days;
  std::int64_t number = 0;
  for (const std::string& file : backups) {
    const bool newest_of_day = days.insert(day_of(file, schema)).second;
    const bool keep = number++ < policy.last || (newest_of_day && std::ssize(days) <= policy.daily) ||
                      std::filesystem::path(file).filename() == std::filesystem::path(report.made.file).filename();
    if (keep) continue;
    ARGOSY_TRY_VOID(files.remove(file));
    report.removed.push_back(file);
  }
  return report;
}

Result<std::optional<std::string>> newest_good_backup(const std::string& folder, const std::string& scratch,
                                                      const Schema& schema, core::Files& files,
                                                      const core::Clock& clock) {
  ARGOSY_TRY(const auto backups, list_backups(folder, schema, files));
  std::optional<std::string> good;
  for (const std::string& file : backups) {
    ARGOSY_TRY_VOID(detail::remove_sqlite(scratch, files));
    ARGOSY_TRY_VOID(files.copy(file, scratch));
    const Result<void> looked = [&]() -> Result<void> {
      ARGOSY_TRY(const auto database,
                 open_database({.path = scratch, .missing = Missing::kFail}, schema, files, clock));
      ARGOSY_TRY(const VerifyReport report, verify(*database, schema));
      if (report.findings.empty()) return {};
      return fail(ErrorCode::kCorrupt, report.findings.front());
    }();
    if (!looked) continue;
    good = file;
    break;
  }
  ARGOSY_TRY_VOID(detail::remove_sqlite(scratch, files));
  return good;
}

Result<std::unique_ptr<Database>> open_or_set_aside(const OpenOptions& options, const Schema& schema,
                                                    const std::string& backups, core::Files& files,
                                                    const core::Clock& clock) {
  if (Location(options.path).is_server()) return open_database(options, schema, files, clock);
  if (!files.exists(options.path)) {
    ARGOSY_TRY(const auto damaged, damaged_files(options.path, files));
    if (!damaged.empty()) {
      Error error(ErrorCode::kCorrupt, fmt::format("the database \"{}\" was damaged and set aside", schema.name));
      ARGOSY_TRY(Error offered, offer_backup(std::move(error).at(options.path), damaged.back(), options, schema,
                                             backups, files, clock));
      return fail(std::move(offered));
    }
  }
  auto opened = open_database(options, schema, files, clock);
  if (opened || opened.error().code != ErrorCode::kCorrupt) return opened;
  const std::string aside =
      detail::free_name(options.path + std::string(kDamaged) + detail::time_stamp(clock), "", files);
  // The database itself last: a crash between leaves it, and the next one who opens it goes on from there.
  for (const char* rest : {"-wal", "-shm", ""}) {
    if (files.exists(options.path + rest)) ARGOSY_TRY_VOID(files.sync_and_rename(options.path + rest, aside + rest));
  }
  ARGOSY_TRY(Error offered, offer_backup(std::move(opened).error(), aside, options, schema, backups, files, clock));
  return fail(std::move(offered));
}

}  // namespace argosy::ledger

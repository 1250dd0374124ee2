// Backups of a database, their return, and a look at everything that it holds.
//
//   ARGOSY_TRY(const BackupReport made, back_up(path, "/backups/", runs_schema(), files, clock));
//   ARGOSY_TRY(const RestoreReport done, restore(made.file, path, runs_schema(), files, clock));
//
// A backup is an SQLite file whatever the database is, so that it can be restored into either.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "ledger/database.hpp"
#include "ledger/open.hpp"
#include "ledger/schema.hpp"

namespace argosy::ledger {

struct BackupReport {
  std::string file;
  std::uint64_t bytes = 0;
  std::int64_t version = 0;
};

// Copies one moment of the database, safe while others write, and checks the copy. `to` is a file that is not there
// yet, or a folder, in which the file is called after the database and the time. The copy is one file.
[[nodiscard]] core::Result<BackupReport> back_up(const Location& from, const std::string& to, const Schema& schema,
                                                 core::Files& files, const core::Clock& clock);

struct RestoreReport {
  // What was there before: a file, or a schema of the server ("schema runs_before_20261122t000630z"); empty: nothing.
  std::string set_aside;
  bool was_damaged = false;
  std::int64_t version = 0;  // after its migration
};

// Checks a copy of the backup and brings it to this program's schema; only then the database is touched. One that can
// be read is backed up and replaced in one unit of work, so that a crash leaves the old rows or the new ones; one that
// is damaged, or of another version on a server, is renamed first. A file is set aside beside itself, what a server has
// beside the backup.
[[nodiscard]] core::Result<RestoreReport> restore(const std::string& from, const Location& to, const Schema& schema,
                                                  core::Files& files, const core::Clock& clock);

struct VerifyReport {
  std::int64_t version = 0;
  struct Table {
    std::string name;
    std::int64_t rows = 0;
  };
  std::vector<Table> tables;
  std::vector<std::string> findings;  // what is wrong; empty: all is well
};

// Pages and indexes (of a file), foreign keys, the type of every value, and what can be computed again from other rows.
[[nodiscard]] core::Result<VerifyReport> verify(Database& database, const Schema& schema);

}  // namespace argosy::ledger

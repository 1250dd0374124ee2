// Backups from time to time, of which some are kept, and what becomes of a database file that is damaged: it is set
// aside under another name, and the newest good backup is named, never put in its place.
//
//   ARGOSY_TRY(const BackupsReport done, back_up_and_prune(path, home + "/backups", {.last = 24, .daily = 14},
//                                                          ledger_schema(), files, clock));
//   ARGOSY_TRY(auto database, open_or_set_aside({.path = path}, ledger_schema(), home + "/backups", files, clock));
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"

namespace argosy::ledger {

// What is kept: the newest `last` backups, and the newest one of each of the newest `daily` days that have any.
struct BackupPolicy {
  std::int64_t last = 24;
  std::int64_t daily = 14;
};

// Backups in the folder, newest first: files named as back_up names them. Others are nobody's business here.
[[nodiscard]] core::Result<std::vector<std::string>> list_backups(const std::string& folder, const Schema& schema,
                                                                  core::Files& files);

struct BackupsReport {
  BackupReport made;
  std::vector<std::string> removed;
};

// Copies one moment of the database into the folder, safe while others write, then removes what the policy does not
// keep: never the one that was just made, and none before it is.
[[nodiscard]] core::Result<BackupsReport> back_up_and_prune(const Location& from, const std::string& folder,
                                                            const BackupPolicy& policy, const Schema& schema,
                                                            core::Files& files, const core::Clock& clock);

// The newest backup that is whole, opens and verifies without a finding. Each is looked at in a copy, `scratch`.
[[nodiscard]] core::Result<std::optional<std::string>> newest_good_backup(const std::string& folder,
                                                                          const std::string& scratch,
                                                                          const Schema& schema, core::Files& files,
                                                                          const core::Clock& clock);

// open_database; a file that is damaged (kCorrupt) is renamed to `<path>.damaged-<time>`, with its log, and the error's
// hint names it and the newest good backup. While such a file lies there and no database does, none is made: kCorrupt
// again, with the same hint, until a backup is restored or the damaged file is moved away. Whoever calls this holds the
// database's lock, where it has one (holder.hpp). A server looks after its files itself: it is opened, no more.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_or_set_aside(const OpenOptions& options,
                                                                        const Schema& schema,
                                                                        const std::string& backups, core::Files& files,
                                                                        const core::Clock& clock);

}  // namespace argosy::ledger

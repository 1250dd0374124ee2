// SQLite through SOCI; the heavy headers stay in sqlite.cpp.
#pragma once

#include <memory>
#include <string>

#include "core/files.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger::detail {

// Opens the file, or makes an empty one: write-ahead log, every commit synced, foreign keys enforced. `wait` is how
// long a unit of work tries while others write.
[[nodiscard]] core::Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, core::Duration wait);

// Replaces all of the database `to` (made when missing) with what `from` holds, in one unit of work of `to`. Both may
// be in use: readers of `to` see the old rows until it is done, and writers of `from` are seen or not, never half.
[[nodiscard]] core::Result<void> copy_sqlite(const std::string& from, const std::string& to, core::Duration wait);

// Ends the use of the write-ahead log: all is in the one file afterwards. For files that nobody else has open.
[[nodiscard]] core::Result<void> make_single_file(const std::string& path);

// Removes the file, where there is one, and what SQLite keeps beside it: a log that is left alone would be taken for
// that of the next file of its name.
[[nodiscard]] core::Result<void> remove_sqlite(const std::string& path, core::Files& files);

}  // namespace argosy::ledger::detail

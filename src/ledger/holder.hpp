// Who may write to the ledger: one process at a time. A lock, of the operating system or of the database's server,
// keeps a second one out; a number that grows with each holder, and that every unit of work checks (changes.hpp), keeps
// out one that held the lock, slept and woke up.
//
//   ARGOSY_TRY(const HeldLedger held, lock_ledger(*database, core::system_files(), location,
//                                                 {.process = process_name("argosy serve"), .now = now, .seed =
//                                                 seed}));
//   ... write_changes(work, changes, held.holder.fencing, clock.now()) ...
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/files.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"
#include "ledger/journal.hpp"
#include "ledger/open.hpp"

namespace argosy::ledger {

struct HolderWanted {
  std::string process;  // who asks: process_name()
  core::Timestamp now;
  std::uint64_t seed = 0;  // random; from it the ledger's instance is made, once
};

// "argosy serve (host atlas, process 4711)".
[[nodiscard]] std::string process_name(const std::string& command);

// Who holds the ledger, or held it last; nothing before the first.
[[nodiscard]] core::Result<std::optional<HolderRow>> current_holder(Transaction& work);
// The next fencing number: from here on whatever writes with an older one is refused. In one unit of work. Without the
// lock this pushes out a process that is at work: see lock_ledger.
[[nodiscard]] core::Result<HolderRow> take_ledger(Database& database, const HolderWanted& wanted);

// After a backup was brought back: what happened since is forgotten here, not at the broker. A new instance keeps
// client order ids from being given twice, and a number above `fencing`, that of the ledger which was replaced, keeps
// out who held that one.
[[nodiscard]] core::Result<HolderRow> renew_ledger(Database& database, const HolderWanted& wanted,
                                                   std::int64_t fencing);

// Held until it is destroyed, or the process ends.
class HolderLock {
 public:
  virtual ~HolderLock() = default;
  // The lock on a server goes with its connection: whoever holds it for long calls this now and then, and it is taken
  // again. kConflict: another process was faster; kUnavailable: the server is away.
  [[nodiscard]] virtual core::Result<void> keep() { return {}; }
};

// `ledger.lock` beside a file `ledger.db`; an advisory lock of the server's schema. kUnavailable, retryable, where
// another process has it longer than `wait`.
[[nodiscard]] core::Result<std::unique_ptr<HolderLock>> take_holder_lock(const Location& location, const Schema& schema,
                                                                         core::Files& files, core::Duration wait = {});

// The ledger while it is held.
struct HeldLedger {
  std::unique_ptr<HolderLock> lock;
  HolderRow holder;
};

// Lock, then number. kUnavailable, naming the holder, where another process has the lock.
[[nodiscard]] core::Result<HeldLedger> lock_ledger(Database& database, core::Files& files, const Location& location,
                                                   const HolderWanted& wanted, core::Duration wait = {});

}  // namespace argosy::ledger

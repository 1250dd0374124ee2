// Who may write to the ledger: one process at a time. An operating system's lock keeps a second one out; a number that
// grows with each holder, and that every unit of work checks (changes.hpp), keeps out one that held the lock, slept and
// woke up.
//
//   ARGOSY_TRY(const HeldLedger held, lock_ledger(*database, core::system_files(), home,
//                                                 {.process = process_name("argosy serve"), .now = now, .seed =
//                                                 seed}));
//   ... write_changes(work, changes, held.holder.fencing) ...
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/files.hpp"
#include "core/time.hpp"
#include "ledger/database.hpp"
#include "ledger/journal.hpp"

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

// The ledger while it is held: until the lock is destroyed.
struct HeldLedger {
  std::unique_ptr<core::FileLock> lock;
  HolderRow holder;
};

// Takes the lock within its own patience; kUnavailable where another process has it.
using TakeLock = std::function<core::Result<std::unique_ptr<core::FileLock>>()>;

// Lock, then number. kUnavailable, naming the holder, where another process has the lock. How a lock is taken is the
// database's matter: a server has one of its own.
[[nodiscard]] core::Result<HeldLedger> hold_ledger(Database& database, const TakeLock& take_lock,
                                                   const HolderWanted& wanted);
// With the file `<home>/ledger.lock` as the lock.
[[nodiscard]] core::Result<HeldLedger> lock_ledger(Database& database, core::Files& files, const std::string& home,
                                                   const HolderWanted& wanted, core::Duration wait = {});

}  // namespace argosy::ledger

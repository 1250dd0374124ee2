// A disk of which a power cut takes what was not synced. SQLite works on it (it stands in SQLite's place of a file
// system for every path under `folder()`), and whatever uses core::Files. All in memory and on one thread; everything
// that is drawn comes from the seed.
//
//   SimulatedDisk disk(7, clock);
//   auto database = ledger::open_database({.path = disk.folder() + "/ledger.db"}, schema, disk.files(), clock);
//   disk.freeze();                                   // the process is dead: whatever it still does changes nothing
//   database.reset();
//   disk.cut_power();                                // what was not synced is lost, in part, or torn
//   database = ...                                   // and the next process finds what is left
//
// What is durable: bytes of a file when it was synced; names (made, renamed, removed) when their folder was synced, or
// with the sync of a file that they lead to. Without a sync a power cut keeps the first so many changes of names, and
// of the writes of each file any set, each whole or its first so many sectors. A sync that fails has lost what it was
// to make durable: it can be read until the power goes, and no later sync brings it back.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/rng.hpp"

namespace argosy::simulation {

enum class DiskOperation : std::uint8_t { kRead, kWrite, kSync, kTruncate, kName };  // kName: made, renamed, removed
enum class DiskFault : std::uint8_t { kIo, kFull, kReadOnly };

// Operations that fail.
struct DiskRule {
  DiskOperation operation = DiskOperation::kWrite;
  DiskFault fault = DiskFault::kIo;
  std::string part = {};   // of the path; empty: any
  std::int64_t after = 0;  // so many of them pass first
  bool once = true;        // otherwise all that follow, until clear_rules()
};

// What has happened so far: a test that means to meet a fault can show that it did.
struct DiskCounts {
  std::array<std::int64_t, 5> operations{};  // by DiskOperation, those that failed included
  std::int64_t failed = 0;                   // by rules or for want of room
  std::int64_t lost_writes = 0;              // by power cuts and failed syncs
  std::int64_t torn_writes = 0;
  std::int64_t lost_names = 0;
  std::int64_t power_cuts = 0;
  std::int64_t flipped_bits = 0;

  [[nodiscard]] std::int64_t all() const;
};

class SimulatedDisk {
 public:
  // The clock outlives it. What is open on it is closed before it is destroyed.
  SimulatedDisk(std::uint64_t seed, const core::Clock& clock);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] core::Files& files();

  // --- The end of a process, and what comes after it. ---

  // From now on nothing changes, and everything fails.
  void freeze() { frozen_ = true; }
  // The same by itself, in place of the operation that makes `count` of all but reads since the beginning; `dead` is
  // told, within that operation.
  void freeze_at(std::int64_t count, std::function<void()> dead);
  [[nodiscard]] bool is_frozen() const { return frozen_; }
  // Within the operation that makes `count` of all but reads, or a later one, `work` is called before anything is
  // changed, once; with each that follows until it says true.
  void call_at(std::int64_t count, std::function<bool()> work) {
    call_at_ = count;
    work_ = std::move(work);
  }
  // Another process may use it. Locks and shared memory went with the last one; all it wrote is there.
  void restart();
  // The same, after the loss of power.
  void cut_power();

  // --- Faults. ---

  void add_rule(DiskRule rule) { rules_.push_back(std::move(rule)); }
  void clear_rules() {
    rules_.clear();
    fails_in_ = -1;
  }
  // The operation of any kind that follows `passing` others fails, `once` or with all that follow, until clear_rules().
  void fail_after(std::int64_t passing, bool once) {
    fails_in_ = passing;
    fails_once_ = once;
  }
  // Writes beyond so many bytes in all find no room.
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  [[nodiscard]] std::uint64_t used() const;
  // Flips bits of a file, in what is there and in what is durable. False: there is no such file, or it is empty.
  bool flip_bits(const std::string& path, int count);

  [[nodiscard]] const DiskCounts& counts() const { return counts_; }
  // All but reads.
  [[nodiscard]] std::int64_t changes() const;

  // --- For those who stand on it (detail/). ---

  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset`
    bool lost = false;       // no sync makes it durable any more
  };
  struct File {
    std::string bytes;            // as it is read now
    std::string durable;          // as it is after a power cut
    std::vector<Write> unsynced;  // in their order
    // Of SQLite's: who holds which lock, and the memory that its connections share. Gone with the process.
    int shared = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
    std::vector<std::unique_ptr<char[]>> memory;
    struct MemoryLock {
      int shared = 0;
      const void* exclusive = nullptr;
    };
    std::array<MemoryLock, 8> memory_locks{};
  };
  using FilePtr = std::shared_ptr<File>;

  // Counts an operation; nothing: it may be done. kIo also while the disk is frozen.
  [[nodiscard]] std::optional<DiskFault> begin(DiskOperation operation, const std::string& path,
                                               std::uint64_t more_bytes = 0);
  [[nodiscard]] FilePtr find(const std::string& path) const;
  [[nodiscard]] FilePtr make(const std::string& path);
  void write(File& file, std::uint64_t offset, std::string_view bytes);
  void truncate(File& file, std::uint64_t size);
  // After a failure what was to be made durable never will be.
  void sync(const FilePtr& file, bool fails = false);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& path);
  void sync_names();
  [[nodiscard]] const std::map<std::string, FilePtr>& names() const { return names_; }
  [[nodiscard]] const core::Clock& clock() const { return clock_; }
  [[nodiscard]] core::Rng& rng() { return rng_; }
  // The disk of this thread on which a path lies; null: none.
  [[nodiscard]] static SimulatedDisk* of(std::string_view path);
  [[nodiscard]] static bool any_on_this_thread();

  std::map<std::string, bool> locks;  // of core::Files, by path
  std::int64_t open_files = 0;        // those that SQLite has open, and those that are appended to

 private:
  class DiskFiles;
  struct Naming {
    std::string path;
    FilePtr file;  // null: the name is gone
  };
  static void apply(std::string& bytes, const Write& write);
  void name(const std::string& path, FilePtr file);

  core::Rng rng_;
  const core::Clock& clock_;
  std::string folder_;
  std::map<std::string, FilePtr> names_;
  std::map<std::string, FilePtr> durable_names_;
  std::vector<Naming> unsynced_names_;  // in their order
  std::vector<DiskRule> rules_;
  std::int64_t fails_in_ = -1;  // so many operations on; -1: none
  bool fails_once_ = true;
  std::uint64_t capacity_ = UINT64_MAX;
  bool frozen_ = false;
  std::int64_t freeze_at_ = -1;
  std::function<void()> dead_;
  std::int64_t call_at_ = 0;
  std::function<bool()> work_;
  DiskCounts counts_;
  std::unique_ptr<DiskFiles> files_;
};

}  // namespace argosy::simulation

#include "syncs.hpp"

#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace argosy::syncs {

std::atomic<bool> off = false;

namespace {

// The methods of files as SQLite has them, and those that are used instead.
using Wrapped = std::pair<const sqlite3_io_methods*, sqlite3_io_methods>;

std::mutex guard;
std::vector<std::unique_ptr<Wrapped>> wrapped;
std::vector<double> times;

const sqlite3_io_methods* original(const sqlite3_io_methods* methods) {
  const std::scoped_lock lock(guard);
  for (const auto& known : wrapped) {
    if (&known->second == methods) return known->first;
  }
  return nullptr;
}

int sync_file(sqlite3_file* file, int flags) {
  if (off) return SQLITE_OK;
  const auto start = std::chrono::steady_clock::now();
  const int done = original(file->pMethods)->xSync(file, flags);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  const std::scoped_lock held(guard);
  times.push_back(took.count());
  return done;
}

const sqlite3_io_methods* wrap(const sqlite3_io_methods* methods) {
  const std::scoped_lock lock(guard);
  for (const auto& known : wrapped) {
    if (&known->second == methods) return methods;
    if (known->first == methods) return &known->second;
  }
  auto& made = *wrapped.emplace_back(std::make_unique<Wrapped>(methods, *methods));
  made.second.xSync = sync_file;
  return &made.second;
}

}  // namespace

void install() {
  static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
  static sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  vfs.zName = "argosy-bench";
  vfs.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    const int done = real->xOpen(real, name, file, flags, out);
    if (done == SQLITE_OK && file->pMethods != nullptr) file->pMethods = wrap(file->pMethods);
    return done;
  };
  sqlite3_vfs_register(&vfs, 1);
}

std::vector<double> take() {
  const std::scoped_lock lock(guard);
  return std::exchange(times, {});
}

}  // namespace argosy::syncs

// The file port: everything that must survive a crash is written through it, so that a simulation can stand in its
// place.
//
//   ARGOSY_TRY_VOID(files.write_atomic("lake/manifest.json", text));   // tmp, fsync, rename, fsync of the folder
//   ARGOSY_TRY(auto lock, files.lock("lake/writer.lock", wait));       // flock; released by its destructor
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::core {

// An open file that only grows. Bytes are durable after sync().
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  [[nodiscard]] virtual Result<void> append(std::string_view bytes) = 0;
  [[nodiscard]] virtual Result<void> sync() = 0;
};

// Held until it is destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct FileInfo {
  std::string name;  // within its folder
  std::uint64_t size = 0;
  Timestamp modified;
  bool is_folder = false;
};

// Errors are told apart: kNotFound, kOutOfSpace (ENOSPC, EDQUOT, EFBIG), kReadOnly (EROFS, EACCES, EPERM), kIo; each
// has the path and a hint.
class Files {
 public:
  virtual ~Files() = default;
  [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  [[nodiscard]] virtual Result<FileInfo> info(const std::string& path) = 0;
  [[nodiscard]] virtual Result<std::vector<FileInfo>> list(const std::string& folder) = 0;  // sorted by name
  // Replaces the file as one step: a reader or a crash sees the old bytes or the new ones.
  [[nodiscard]] virtual Result<void> write_atomic(const std::string& path, std::string_view bytes) = 0;
  // Makes a file written by somebody else (DuckDB) durable and gives it its final name.
  [[nodiscard]] virtual Result<void> sync_and_rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> truncate(const std::string& path, std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  // Another file with the same bytes; kAlreadyExists where there is one. Not synced.
  [[nodiscard]] virtual Result<void> copy(const std::string& from, const std::string& to);
  [[nodiscard]] virtual Result<void> make_folders(const std::string& path) = 0;
  // An exclusive advisory lock (flock) on a file made when missing; kUnavailable (retryable) after `wait`.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path, Duration wait) = 0;
};

// The real file system of this process.
[[nodiscard]] Files& system_files();

}  // namespace argosy::core

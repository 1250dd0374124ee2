#include "core/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "core/detail/descriptor.hpp"

namespace argosy::core {

using detail::Descriptor;

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The error of a failed system call; `doing` is a verb with its object left out: "write", "make the folder".
Error system_error(int number, std::string_view doing, const std::string& path) {
  ErrorCode code = ErrorCode::kIo;
  std::string hint = "check the disk and its mount";
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      hint = "check the path";
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      code = ErrorCode::kOutOfSpace;
      hint =
          fmt::format("free some space under {}, or raise the quota or file size limit (ulimit -f)", folder_of(path));
      break;
    case EROFS:
    case EACCES:
    case EPERM:
      code = ErrorCode::kReadOnly;
      hint = fmt::format("check the permissions of {}, and that its file system is not mounted read-only",
                         folder_of(path));
      break;
    case EISDIR:
      hint = "this is a folder, not a file";
      break;
    case EMFILE:
    case ENFILE:
      hint = "too many files are open: raise the limit (ulimit -n)";
      break;
    default:
      break;
  }
  Error error(code, fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(number)));
  error.hint = std::move(hint);
  error.file = path;
  return error;
}

std::unexpected<Error> fail_with_errno(std::string_view doing, const std::string& path) {
  return fail(system_error(errno, doing, path));
}

// Repeats a system call that a signal broke off.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Descriptor open_file(const std::string& path, int flags) {
  return Descriptor(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); }));
}

// False with errno set when not all could be written.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retried([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A new name in a folder is durable once the folder is synced.
Result<void> sync_folder(const std::string& folder) {
  const Descriptor descriptor = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) return fail_with_errno("open the folder", folder);
  if (retried([&] { return ::fsync(descriptor.number()); }) < 0) return fail_with_errno("sync the folder", folder);
  return {};
}

FileInfo make_info(std::string name, const struct stat& status) {
  FileInfo info;
  info.name = std::move(name);
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.modified =
      Timestamp(std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::nanoseconds{status.st_mtim.tv_nsec});
  info.is_folder = S_ISDIR(status.st_mode);
  return info;
}

class SystemAppendFile final : public AppendFile {
 public:
  SystemAppendFile(std::string path, Descriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  Result<void> append(std::string_view bytes) override {
    const off_t before = ::lseek(descriptor_.number(), 0, SEEK_END);
    if (before < 0) return fail_with_errno("append to", path_);
    if (write_all(descriptor_.number(), bytes)) return {};
    const int number = errno;
    // What did get written would stand torn in the middle of the file once the next append succeeds.
    if (retried([&] { return ::ftruncate(descriptor_.number(), before); }) < 0) {
      return fail_with_errno("cut a torn write off", path_);
    }
    return fail(system_error(number, "append to", path_));
  }

  Result<void> sync() override {
    if (retried([&] { return ::fsync(descriptor_.number()); }) < 0) return fail_with_errno("sync", path_);
    // The file may be new: its name must last too.
    if (!std::exchange(folder_synced_, true)) return sync_folder(folder_of(path_));
    return {};
  }

 private:
  std::string path_;
  Descriptor descriptor_;
  bool folder_synced_ = false;
};

// flock is released when the descriptor closes, also when the process is killed.
class SystemFileLock final : public FileLock {
 public:
  explicit SystemFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

Result<void> copy_on_system(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy_file(from, to, error);
  if (!error) return {};
  const bool is_there = error == std::errc::file_exists;
  return fail(Error(is_there ? ErrorCode::kAlreadyExists : ErrorCode::kIo,
                    fmt::format("cannot copy to {}: {}", to, error.message()))
                  .at(from));
}

class SystemFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<FileInfo> info(const std::string& path) override;
  Result<std::vector<FileInfo>> list(const std::string& folder) override;
  Result<void> write_atomic(const std::string& path, std::string_view bytes) override;
  Result<void> sync_and_rename(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override;
  Result<void> truncate(const std::string& path, std::uint64_t size) override;
  Result<void> remove(const std::string& path) override;
  Result<void> copy(const std::string& from, const std::string& to) override { return copy_on_system(from, to); }
  Result<void> make_folders(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, Duration wait) override;

 private:
  std::atomic<std::uint64_t> temporary_count_ = 0;
};

Result<std::string> SystemFiles::read(const std::string& path) {
  const Descriptor descriptor = open_file(path, O_RDONLY);
  if (!descriptor.is_open()) return fail_with_errno("read", path);
  struct stat status{};
  if (::fstat(descriptor.number(), &status) < 0) return fail_with_errno("read", path);
  std::string bytes;
  // One byte more than the file has, so that the end is met without growing. Files of /proc say that they have none.
  std::size_t used = 0;
  bytes.resize(static_cast<std::size_t>(std::max<off_t>(status.st_size, 4095)) + 1);
  while (true) {
    const ssize_t got = retried([&] { return ::read(descriptor.number(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) return fail_with_errno("read", path);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used == bytes.size()) bytes.resize(2 * used);
  }
  bytes.resize(used);
  return bytes;
}

bool SystemFiles::exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

Result<FileInfo> SystemFiles::info(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) < 0) return fail_with_errno("look at", path);
  return make_info(path.substr(path.rfind('/') + 1), status);
}

Result<std::vector<FileInfo>> SystemFiles::list(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(folder.c_str()), ::closedir);
  if (handle == nullptr) return fail_with_errno("list", folder);
  std::vector<FileInfo> out;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(handle.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat status{};
    if (::fstatat(::dirfd(handle.get()), entry->d_name, &status, 0) < 0) {
      if (errno == ENOENT) continue;  // removed meanwhile, or a link to nowhere
      return fail_with_errno("look at", folder + "/" + std::string(name));
    }
    out.push_back(make_info(std::string(name), status));
  }
  if (errno != 0) return fail_with_errno("list", folder);
  std::ranges::sort(out, {}, &FileInfo::name);
  return out;
}

Result<void> SystemFiles::write_atomic(const std::string& path, std::string_view bytes) {
  std::string temporary;
  Descriptor descriptor;
  do {
    // The process id keeps processes apart, the number threads; what a killed process of this id left is stepped over.
    temporary = fmt::format("{}.{}-{}.tmp", path, ::getpid(), temporary_count_.fetch_add(1));
    descriptor = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL);
  } while (!descriptor.is_open() && errno == EEXIST);
  if (!descriptor.is_open()) return fail_with_errno("write", path);
  const bool renamed = write_all(descriptor.number(), bytes) &&
                       retried([&] { return ::fsync(descriptor.number()); }) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!renamed) {
    const int number = errno;
    ::unlink(temporary.c_str());
    return fail(system_error(number, "write", path));
  }
  return sync_folder(folder_of(path));
}

Result<void> SystemFiles::sync_and_rename(const std::string& from, const std::string& to) {
  {
    const Descriptor descriptor = open_file(from, O_RDONLY);
    if (!descriptor.is_open()) return fail_with_errno("open", from);
    if (retried([&] { return ::fsync(descriptor.number()); }) < 0) return fail_with_errno("sync", from);
  }
  if (::rename(from.c_str(), to.c_str()) < 0) return fail_with_errno("rename to", to);
  return sync_folder(folder_of(to));
}

Result<std::unique_ptr<AppendFile>> SystemFiles::open_append(const std::string& path) {
  Descriptor descriptor = open_file(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!descriptor.is_open()) return fail_with_errno("open", path);
  return std::make_unique<SystemAppendFile>(path, std::move(descriptor));
}

Result<void> SystemFiles::truncate(const std::string& path, std::uint64_t size) {
  const Descriptor descriptor = open_file(path, O_WRONLY);
  if (!descriptor.is_open()) return fail_with_errno("open", path);
  if (retried([&] { return ::ftruncate(descriptor.number(), static_cast<off_t>(size)); }) < 0 ||
      retried([&] { return ::fsync(descriptor.number()); }) < 0) {
    return fail_with_errno("truncate", path);
  }
  return {};
}

Result<void> SystemFiles::remove(const std::string& path) {
  if (std::remove(path.c_str()) != 0) return fail_with_errno("remove", path);
  return {};
}

Result<void> SystemFiles::make_folders(const std::string& path) {
  std::size_t end = 0;
  while (end < path.size()) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string folder = path.substr(0, end);
    if (::mkdir(folder.c_str(), 0777) == 0) {
      ARGOSY_TRY_VOID(sync_folder(folder_of(folder)));
      continue;
    }
    // On a read-only file system a folder that is there answers EROFS, so look instead of trusting EEXIST alone.
    const int number = errno;
    struct stat status{};
    if (::stat(folder.c_str(), &status) == 0) {
      if (S_ISDIR(status.st_mode)) continue;
      return fail(system_error(ENOTDIR, "make the folder", folder));
    }
    return fail(system_error(number, "make the folder", folder));
  }
  return {};
}

Result<std::unique_ptr<FileLock>> SystemFiles::lock(const std::string& path, Duration wait) {
  constexpr std::chrono::milliseconds kPause{5};
  // Reading is enough for flock, so that a reader of a read-only lake can take a lock file that is there.
  Descriptor descriptor = open_file(path, O_RDONLY | O_CREAT);
  if (!descriptor.is_open()) return fail_with_errno("lock", path);
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (retried([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) < 0) {
    if (errno != EWOULDBLOCK) return fail_with_errno("lock", path);
    if (std::chrono::steady_clock::now() >= deadline) {
      Error error(ErrorCode::kUnavailable,
                  fmt::format("{} is locked by another process, after waiting {} ms", path,
                              std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()));
      error.hint = "wait until the other command has finished, or stop it";
      error.file = path;
      error.retryable = true;
      return fail(std::move(error));
    }
    std::this_thread::sleep_for(kPause);
  }
  return std::make_unique<SystemFileLock>(std::move(descriptor));
}

}  // namespace

Result<void> Files::copy(const std::string& from, const std::string& to) {
  if (exists(to)) return fail(Error(ErrorCode::kAlreadyExists, "there is such a file").at(to));
  ARGOSY_TRY(const std::string bytes, read(from));
  return write_atomic(to, bytes);
}

Files& system_files() {
  static SystemFiles files;
  return files;
}

}  // namespace argosy::core

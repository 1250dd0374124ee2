#include "simulation/disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/check.hpp"
#include "simulation/detail/vfs.hpp"

namespace argosy::simulation {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// What a disk writes whole or not at all.
constexpr std::uint64_t kSector = 512;

// A disk belongs to one thread, and so do those who use it. What lies on it never depends on other threads' disks.
std::map<std::string, SimulatedDisk*, std::less<>>& disks() {
  thread_local std::map<std::string, SimulatedDisk*, std::less<>> by_folder;
  return by_folder;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

Error error_of(DiskFault fault, const std::string& path) {
  switch (fault) {
    case DiskFault::kFull:
      return Error(ErrorCode::kOutOfSpace, "no space is left on the disk").at(path);
    case DiskFault::kReadOnly:
      return Error(ErrorCode::kReadOnly, "the disk may only be read").at(path);
    case DiskFault::kIo:
      break;
  }
  return Error(ErrorCode::kIo, "the disk does not answer").at(path);
}

}  // namespace

std::int64_t DiskCounts::all() const { return std::accumulate(operations.begin(), operations.end(), std::int64_t{0}); }

// --- core::Files. ---

class SimulatedDisk::DiskFiles final : public core::Files {
 public:
  explicit DiskFiles(SimulatedDisk& disk) : disk_(disk) {}

  Result<std::string> read(const std::string& path) override {
    ARGOSY_TRY(const FilePtr file, open(path));
    ARGOSY_TRY_VOID(begin(DiskOperation::kRead, path));
    return file->bytes;
  }
  bool exists(const std::string& path) override { return disk_.find(path) != nullptr || is_folder(path); }
  Result<core::FileInfo> info(const std::string& path) override {
    if (is_folder(path)) return core::FileInfo{.name = name_of(path), .is_folder = true};
    ARGOSY_TRY(const FilePtr file, open(path));
    return core::FileInfo{.name = name_of(path), .size = file->bytes.size(), .modified = disk_.clock().now()};
  }
  Result<std::vector<core::FileInfo>> list(const std::string& folder) override {
    std::map<std::string, core::FileInfo> out;
    for (const auto& [path, file] : disk_.names()) {
      if (!path.starts_with(folder + "/")) continue;
      const std::string rest = path.substr(folder.size() + 1);
      const std::size_t slash = rest.find('/');
      const std::string name = rest.substr(0, slash);
      out[name] = {.name = name,
                   .size = slash == std::string::npos ? file->bytes.size() : 0,
                   .modified = disk_.clock().now(),
                   .is_folder = slash != std::string::npos};
    }
    std::vector<core::FileInfo> list;
    for (auto& [name, info] : out) list.push_back(std::move(info));
    return list;
  }
  // Its five steps are counted one by one.
  Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    const std::string aside = path + ".tmp";
    ARGOSY_TRY_VOID(begin(DiskOperation::kName, aside));
    disk_.remove(aside);
    const FilePtr file = disk_.make(aside);
    ARGOSY_TRY_VOID(begin(DiskOperation::kWrite, aside, bytes.size()));
    disk_.write(*file, 0, bytes);
    return sync_and_rename(aside, path);
  }
  Result<void> sync_and_rename(const std::string& from, const std::string& to) override {
    ARGOSY_TRY(const FilePtr file, open(from));
    ARGOSY_TRY_VOID(sync(file, from));
    ARGOSY_TRY_VOID(begin(DiskOperation::kName, to));
    disk_.rename(from, to);
    ARGOSY_TRY_VOID(begin(DiskOperation::kSync, std::string(folder_of(to))));
    disk_.sync_names();
    return {};
  }
  Result<std::unique_ptr<core::AppendFile>> open_append(const std::string& path) override {
    if (disk_.find(path) == nullptr) ARGOSY_TRY_VOID(begin(DiskOperation::kName, path));
    return std::unique_ptr<core::AppendFile>(new Append(*this, path, disk_.make(path)));
  }
  Result<void> truncate(const std::string& path, std::uint64_t size) override {
    ARGOSY_TRY(const FilePtr file, open(path));
    ARGOSY_TRY_VOID(begin(DiskOperation::kTruncate, path));
    disk_.truncate(*file, size);
    return sync(file, path);
  }
  Result<void> remove(const std::string& path) override {
    ARGOSY_TRY_VOID(open(path));
    ARGOSY_TRY_VOID(begin(DiskOperation::kName, path));
    disk_.remove(path);
    return {};
  }
  Result<void> copy(const std::string& from, const std::string& to) override {
    ARGOSY_TRY(const std::string bytes, read(from));
    if (disk_.find(to) != nullptr) return fail(Error(ErrorCode::kAlreadyExists, "there is such a file").at(to));
    ARGOSY_TRY_VOID(begin(DiskOperation::kName, to));
    const FilePtr file = disk_.make(to);
    ARGOSY_TRY_VOID(begin(DiskOperation::kWrite, to, bytes.size()));
    disk_.write(*file, 0, bytes);
    return {};
  }
  // Folders are there when something is in them.
  Result<void> make_folders(const std::string&) override { return {}; }
  Result<std::unique_ptr<core::FileLock>> lock(const std::string& path, core::Duration) override {
    if (disk_.locks[path]) {
      Error error = Error(ErrorCode::kUnavailable, "another process holds the lock").at(path);
      error.retryable = true;
      return fail(std::move(error));
    }
    disk_.locks[path] = true;
    return std::unique_ptr<core::FileLock>(new Lock(disk_, path));
  }

 private:
  class Append final : public core::AppendFile {
   public:
    Append(DiskFiles& files, std::string path, FilePtr file)
        : files_(files), path_(std::move(path)), file_(std::move(file)) {
      ++files_.disk_.open_files;
    }
    Append(const Append&) = delete;
    Append& operator=(const Append&) = delete;
    ~Append() override { --files_.disk_.open_files; }
    Result<void> append(std::string_view bytes) override {
      ARGOSY_TRY_VOID(files_.begin(DiskOperation::kWrite, path_, bytes.size()));
      files_.disk_.write(*file_, file_->bytes.size(), bytes);
      return {};
    }
    Result<void> sync() override { return files_.sync(file_, path_); }

   private:
    DiskFiles& files_;
    std::string path_;
    FilePtr file_;
  };
  class Lock final : public core::FileLock {
   public:
    Lock(SimulatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() override { disk_.locks.erase(path_); }

   private:
    SimulatedDisk& disk_;
    std::string path_;
  };

  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  [[nodiscard]] bool is_folder(const std::string& path) const {
    const auto next = disk_.names().lower_bound(path + "/");
    return path == disk_.folder() || (next != disk_.names().end() && next->first.starts_with(path + "/"));
  }
  Result<FilePtr> open(const std::string& path) {
    if (FilePtr file = disk_.find(path)) return file;
    return fail(Error(ErrorCode::kNotFound, "there is no such file").at(path));
  }
  Result<void> begin(DiskOperation operation, const std::string& path, std::uint64_t bytes = 0) {
    if (const auto fault = disk_.begin(operation, path, bytes)) return fail(error_of(*fault, path));
    return {};
  }
  Result<void> sync(const FilePtr& file, const std::string& path) {
    const Result<void> may = begin(DiskOperation::kSync, path);
    if (!disk_.is_frozen()) disk_.sync(file, !may);
    return may;
  }

  SimulatedDisk& disk_;
};

// --- The disk. ---

SimulatedDisk::SimulatedDisk(std::uint64_t seed, const core::Clock& clock)
    : rng_(seed), clock_(clock), files_(std::make_unique<DiskFiles>(*this)) {
  detail::register_vfs();
  int number = 1;
  while (disks().contains(folder_ = fmt::format("/simulated-disk-{}", number))) ++number;
  disks()[folder_] = this;
}

SimulatedDisk::~SimulatedDisk() { disks().erase(folder_); }

SimulatedDisk* SimulatedDisk::of(std::string_view path) {
  const auto found = disks().find(path.substr(0, path.find('/', 1)));
  return found == disks().end() ? nullptr : found->second;
}

bool SimulatedDisk::any_on_this_thread() { return !disks().empty(); }

core::Files& SimulatedDisk::files() { return *files_; }

std::uint64_t SimulatedDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : names_) bytes += file->bytes.size();
  return bytes;
}

std::int64_t SimulatedDisk::changes() const {
  return counts_.all() - counts_.operations[static_cast<std::size_t>(DiskOperation::kRead)];
}

void SimulatedDisk::freeze_at(std::int64_t count, std::function<void()> dead) {
  freeze_at_ = count;
  dead_ = std::move(dead);
}

std::optional<DiskFault> SimulatedDisk::begin(DiskOperation operation, const std::string& path,
                                              std::uint64_t more_bytes) {
  if (frozen_) return DiskFault::kIo;
  ++counts_.operations[static_cast<std::size_t>(operation)];
  if (operation != DiskOperation::kRead && changes() == freeze_at_) {
    frozen_ = true;
    if (dead_) dead_();
    return DiskFault::kIo;
  }
  if (work_ && operation != DiskOperation::kRead && changes() >= call_at_) {
    // What is called may ask for another one.
    auto work = std::exchange(work_, nullptr);
    if (!work() && !work_) work_ = std::move(work);
    if (frozen_) return DiskFault::kIo;
  }
  if (fails_in_ > 0) {
    --fails_in_;
  } else if (fails_in_ == 0) {
    if (fails_once_) fails_in_ = -1;
    ++counts_.failed;
    return DiskFault::kIo;
  }
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (rule->operation != operation || path.find(rule->part) == std::string::npos) continue;
    if (rule->after-- > 0) continue;
    const DiskFault fault = rule->fault;
    if (rule->once) rules_.erase(rule);
    ++counts_.failed;
    return fault;
  }
  if (capacity_ != UINT64_MAX && more_bytes > 0 && used() + more_bytes > capacity_) {
    ++counts_.failed;
    return DiskFault::kFull;
  }
  return std::nullopt;
}

SimulatedDisk::FilePtr SimulatedDisk::find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

void SimulatedDisk::name(const std::string& path, FilePtr file) {
  if (file == nullptr) {
    names_.erase(path);
  } else {
    names_[path] = file;
  }
  unsynced_names_.push_back({.path = path, .file = std::move(file)});
}

SimulatedDisk::FilePtr SimulatedDisk::make(const std::string& path) {
  if (FilePtr file = find(path)) return file;
  name(path, std::make_shared<File>());
  return find(path);
}

void SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const FilePtr file = find(from);
  name(to, file);
  name(from, nullptr);
}

void SimulatedDisk::remove(const std::string& path) {
  if (find(path) != nullptr) name(path, nullptr);
}

void SimulatedDisk::apply(std::string& bytes, const Write& write) {
  if (write.truncates) return bytes.resize(write.offset);
  bytes.resize(std::max<std::size_t>(bytes.size(), write.offset + write.bytes.size()));
  // Not one byte after the other, which takes a tenth of the time where nothing is optimised.
  bytes.replace(write.offset, write.bytes.size(), write.bytes);
}

void SimulatedDisk::write(File& file, std::uint64_t offset, std::string_view bytes) {
  file.unsynced.push_back({.offset = offset, .bytes = std::string(bytes)});
  apply(file.bytes, file.unsynced.back());
}

void SimulatedDisk::truncate(File& file, std::uint64_t size) {
  file.unsynced.push_back({.offset = size, .bytes = {}, .truncates = true});
  apply(file.bytes, file.unsynced.back());
}

void SimulatedDisk::sync(const FilePtr& file, bool fails) {
  if (fails) {
    for (Write& write : file->unsynced) {
      counts_.lost_writes += write.lost ? 0 : 1;
      write.lost = true;
    }
    return;
  }
  for (const Write& write : file->unsynced) {
    if (!write.lost) apply(file->durable, write);
  }
  std::erase_if(file->unsynced, [](const Write& write) { return !write.lost; });
  // The names that lead to it, and what happened to names before.
  const auto end = std::ranges::find(unsynced_names_.rbegin(), unsynced_names_.rend(), file, &Naming::file).base();
  for (auto each = unsynced_names_.begin(); each != end; ++each) {
    if (each->file == nullptr) {
      durable_names_.erase(each->path);
    } else {
      durable_names_[each->path] = each->file;
    }
  }
  unsynced_names_.erase(unsynced_names_.begin(), end);
}

void SimulatedDisk::sync_names() {
  durable_names_ = names_;
  unsynced_names_.clear();
}

void SimulatedDisk::restart() {
  frozen_ = false;
  freeze_at_ = -1;
  dead_ = nullptr;
  locks.clear();
  for (const auto& [path, file] : names_) {
    file->shared = 0;
    file->reserved = file->pending = file->exclusive = nullptr;
    file->memory.clear();
    file->memory_locks = {};
  }
}

void SimulatedDisk::cut_power() {
  ++counts_.power_cuts;
  const std::size_t kept = rng_.below(unsynced_names_.size() + 1);
  counts_.lost_names += static_cast<std::int64_t>(unsynced_names_.size() - kept);
  for (std::size_t i = 0; i < kept; ++i) {
    const Naming& each = unsynced_names_[i];
    if (each.file == nullptr) {
      durable_names_.erase(each.path);
    } else {
      durable_names_[each.path] = each.file;
    }
  }
  unsynced_names_.clear();
  names_ = durable_names_;
  for (const auto& [path, file] : names_) {
    // All, nothing, or some of the writes: each is likely at every moment.
    const std::uint64_t mood = rng_.below(4);
    for (Write& write : file->unsynced) {
      const bool keeps = !write.lost && (mood == 0 || (mood > 1 && rng_.below(2) == 0));
      if (!keeps) {
        ++counts_.lost_writes;
        continue;
      }
      if (mood == 3 && write.bytes.size() > kSector && rng_.below(2) == 0) {
        write.bytes.resize(rng_.below(write.bytes.size() / kSector) * kSector);
        ++counts_.torn_writes;
      }
      apply(file->durable, write);
    }
    file->unsynced.clear();
    file->bytes = file->durable;
  }
  restart();
}

bool SimulatedDisk::flip_bits(const std::string& path, int count) {
  const FilePtr file = find(path);
  if (file == nullptr || file->bytes.empty()) return false;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t at = rng_.below(file->bytes.size());
    const auto bit = static_cast<char>(1U << rng_.below(8));
    file->bytes[at] = static_cast<char>(file->bytes[at] ^ bit);
    if (at < file->durable.size()) file->durable[at] = static_cast<char>(file->durable[at] ^ bit);
    ++counts_.flipped_bits;
  }
  return true;
}

}  // namespace argosy::simulation

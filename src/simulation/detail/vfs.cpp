#include "simulation/detail/vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "simulation/disk.hpp"
#include "simulation/memory.hpp"

// https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html
namespace argosy::simulation::detail {
namespace {

constexpr int kSectorSize = 4096;

// What SQLite knows of a file that is open: its methods first.
struct OpenFile {
  const sqlite3_io_methods* methods;
  SimulatedDisk* disk;
  SimulatedDisk::FilePtr* file;
  std::string* path;
  int level;  // of its lock, SQLITE_LOCK_...
  bool deletes_on_close;
  std::uint8_t shared_memory;     // locks of the shared memory that it holds, a bit each
  std::uint8_t exclusive_memory;  // the same
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

// SQLite's code for an operation that failed.
int code_of(DiskFault fault, int io_error) {
  return fault == DiskFault::kFull ? SQLITE_FULL : fault == DiskFault::kReadOnly ? SQLITE_READONLY : io_error;
}

int close(sqlite3_file* handle) {
  OpenFile& open = of(handle);
  SimulatedDisk::File& file = **open.file;
  handle->pMethods->xUnlock(handle, SQLITE_LOCK_NONE);
  for (std::size_t i = 0; i < file.memory_locks.size(); ++i) {
    if ((open.shared_memory >> i & 1U) != 0U) --file.memory_locks[i].shared;
    if ((open.exclusive_memory >> i & 1U) != 0U) file.memory_locks[i].exclusive = nullptr;
  }
  if (open.deletes_on_close && !open.disk->is_frozen()) open.disk->remove(*open.path);
  --open.disk->open_files;
  delete open.file;
  delete open.path;
  return SQLITE_OK;
}

int read(sqlite3_file* handle, void* out, int amount, sqlite3_int64 offset) {
  const OpenFile& open = of(handle);
  if (const auto fault = open.disk->begin(DiskOperation::kRead, *open.path)) return code_of(*fault, SQLITE_IOERR_READ);
  const std::string& bytes = (*open.file)->bytes;
  const auto from = std::min(static_cast<std::size_t>(offset), bytes.size());
  const auto there = std::min(static_cast<std::size_t>(amount), bytes.size() - from);
  std::memcpy(out, bytes.data() + from, there);
  if (there == static_cast<std::size_t>(amount)) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, static_cast<std::size_t>(amount) - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* handle, const void* bytes, int amount, sqlite3_int64 offset) {
  const OpenFile& open = of(handle);
  const auto size = static_cast<std::size_t>(amount);
  const auto at = static_cast<std::uint64_t>(offset);
  const std::uint64_t end = at + size;
  const std::uint64_t more = end > (*open.file)->bytes.size() ? end - (*open.file)->bytes.size() : 0;
  if (const auto fault = open.disk->begin(DiskOperation::kWrite, *open.path, more))
    return code_of(*fault, SQLITE_IOERR_WRITE);
  open.disk->write(**open.file, at, {static_cast<const char*>(bytes), size});
  return SQLITE_OK;
}

int truncate(sqlite3_file* handle, sqlite3_int64 size) {
  const OpenFile& open = of(handle);
  if (const auto fault = open.disk->begin(DiskOperation::kTruncate, *open.path))
    return code_of(*fault, SQLITE_IOERR_TRUNCATE);
  open.disk->truncate(**open.file, static_cast<std::uint64_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* handle, int) {
  const OpenFile& open = of(handle);
  const auto fault = open.disk->begin(DiskOperation::kSync, *open.path);
  if (!open.disk->is_frozen()) open.disk->sync(*open.file, fault.has_value());
  return fault ? code_of(*fault, SQLITE_IOERR_FSYNC) : SQLITE_OK;
}

int file_size(sqlite3_file* handle, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>((*of(handle).file)->bytes.size());
  return SQLITE_OK;
}

// --- Locks of the file: https://sqlite.org/lockingv3.html ---

int lock(sqlite3_file* handle, int level) {
  OpenFile& open = of(handle);
  SimulatedDisk::File& file = **open.file;
  if (open.level >= level) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != handle; };
  if (level == SQLITE_LOCK_SHARED) {
    if (others(file.pending) || others(file.exclusive)) return SQLITE_BUSY;
    ++file.shared;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (others(file.reserved) || others(file.pending) || others(file.exclusive)) return SQLITE_BUSY;
    file.reserved = handle;
  } else {
    if (others(file.reserved) || others(file.pending) || others(file.exclusive)) return SQLITE_BUSY;
    file.pending = handle;
    if (file.shared > (open.level >= SQLITE_LOCK_SHARED ? 1 : 0)) {
      open.level = std::max(open.level, SQLITE_LOCK_PENDING);
      return SQLITE_BUSY;
    }
    file.exclusive = handle;
  }
  open.level = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* handle, int level) {
  OpenFile& open = of(handle);
  SimulatedDisk::File& file = **open.file;
  if (open.level <= level) return SQLITE_OK;
  for (const void** holder : {&file.reserved, &file.pending, &file.exclusive}) {
    if (*holder == handle) *holder = nullptr;
  }
  if (level == SQLITE_LOCK_NONE && open.level >= SQLITE_LOCK_SHARED && file.shared > 0) --file.shared;
  open.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* handle, int* out) {
  const SimulatedDisk::File& file = **of(handle).file;
  *out = file.reserved != nullptr || file.pending != nullptr || file.exclusive != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSectorSize; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// --- The memory that connections share: the index of the write-ahead log. ---

int map_memory(sqlite3_file* handle, int region, int size, int extends, void volatile** out) {
  std::vector<std::unique_ptr<char[]>>& memory = (*of(handle).file)->memory;
  *out = nullptr;
  const auto at = static_cast<std::size_t>(region);
  if (memory.size() <= at) {
    if (extends == 0) return SQLITE_OK;
    while (memory.size() <= at) memory.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = memory[at].get();
  return SQLITE_OK;
}

int lock_memory(sqlite3_file* handle, int first, int count, int flags) {
  OpenFile& open = of(handle);
  SimulatedDisk::File& file = **open.file;
  const auto begin = static_cast<std::size_t>(first);
  const auto end = begin + static_cast<std::size_t>(count);
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto& known = file.memory_locks[i];
      const int others = known.shared - static_cast<int>(open.shared_memory >> i & 1U);
      if (known.exclusive != nullptr && known.exclusive != handle) return SQLITE_BUSY;
      if (!shared && others > 0) return SQLITE_BUSY;
    }
  }
  for (std::size_t i = begin; i < end; ++i) {
    auto& known = file.memory_locks[i];
    const auto bit = static_cast<std::uint8_t>(1U << i);
    const bool has_shared = (open.shared_memory & bit) != 0;
    if ((flags & SQLITE_SHM_LOCK) == 0) {
      if (shared && has_shared) --known.shared;
      if (!shared && known.exclusive == handle) known.exclusive = nullptr;
      std::uint8_t& held = shared ? open.shared_memory : open.exclusive_memory;
      held = static_cast<std::uint8_t>(held & ~bit);
    } else if (shared && !has_shared) {
      ++known.shared;
      open.shared_memory |= bit;
    } else if (!shared) {
      known.exclusive = handle;
      open.exclusive_memory |= bit;
    }
  }
  return SQLITE_OK;
}

void memory_barrier(sqlite3_file*) {}
int unmap_memory(sqlite3_file* handle, int deletes) {
  if (deletes != 0) (*of(handle).file)->memory.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = memory_barrier,
    .xShmUnmap = unmap_memory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

// --- The file system. ---

sqlite3_vfs* system_vfs = nullptr;

SimulatedDisk* disk_of(const char* path) { return path == nullptr ? nullptr : SimulatedDisk::of(path); }

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* handle, int flags, int* out_flags) {
  handle->pMethods = nullptr;
  SimulatedDisk* disk = disk_of(path);
  if (disk == nullptr) return system_vfs->xOpen(system_vfs, path, handle, flags, out_flags);
  SimulatedDisk::FilePtr file = disk->find(path);
  if (disk->is_frozen() || (file == nullptr && (flags & SQLITE_OPEN_CREATE) == 0)) return SQLITE_CANTOPEN;
  if (file == nullptr) {
    if (const auto fault = disk->begin(DiskOperation::kName, path)) return code_of(*fault, SQLITE_CANTOPEN);
    file = disk->make(path);
  }
  OpenFile& open = of(handle);
  open = {.methods = &kMethods,
          .disk = disk,
          .file = new SimulatedDisk::FilePtr(std::move(file)),
          .path = new std::string(path),
          .level = SQLITE_LOCK_NONE,
          .deletes_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0,
          .shared_memory = 0,
          .exclusive_memory = 0};
  ++disk->open_files;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char* path, int syncs) {
  SimulatedDisk* disk = disk_of(path);
  if (disk == nullptr) return system_vfs->xDelete(system_vfs, path, syncs);
  if (disk->find(path) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  if (const auto fault = disk->begin(DiskOperation::kName, path)) return code_of(*fault, SQLITE_IOERR_DELETE);
  disk->remove(path);
  if (syncs == 0) return SQLITE_OK;
  if (const auto fault = disk->begin(DiskOperation::kSync, path)) return code_of(*fault, SQLITE_IOERR_DIR_FSYNC);
  disk->sync_names();
  return SQLITE_OK;
}

int access(sqlite3_vfs*, const char* path, int flags, int* out) {
  SimulatedDisk* disk = disk_of(path);
  if (disk == nullptr) return system_vfs->xAccess(system_vfs, path, flags, out);
  const auto file = disk->find(path);
  // An empty log counts as none, as in SQLite's own file systems.
  *out = file != nullptr && (flags != SQLITE_ACCESS_EXISTS || !file->bytes.empty()) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  if (disk_of(path) == nullptr) return system_vfs->xFullPathname(system_vfs, path, size, out);
  const std::size_t length = std::strlen(path);
  if (length + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, length + 1);
  return SQLITE_OK;
}

// --- Memory: https://sqlite.org/c3ref/mem_methods.html ---

// Before each block stands how long it is: what SQLite asks for next depends on it, and what the system's malloc would
// say of a block depends on what other threads took.
constexpr int kSizeBytes = 8;
static_assert(sizeof(std::int64_t) == kSizeBytes);

// NOLINTBEGIN(cppcoreguidelines-no-malloc): what SQLite's memory is made of
void* with_size(void* block, int size) {
  if (block == nullptr) return nullptr;
  *static_cast<std::int64_t*>(block) = size;
  return static_cast<char*>(block) + kSizeBytes;
}
void* start_of(void* memory) { return static_cast<char*>(memory) - kSizeBytes; }

constexpr sqlite3_mem_methods kMemory{
    .xMalloc = [](int size) -> void* {
      if (!SimulatedMemory::allows_one()) return nullptr;
      return with_size(std::malloc(static_cast<std::size_t>(size) + kSizeBytes), size);
    },
    .xFree = [](void* memory) { std::free(start_of(memory)); },
    .xRealloc = [](void* memory, int size) -> void* {
      if (!SimulatedMemory::allows_one()) return nullptr;
      return with_size(std::realloc(start_of(memory), static_cast<std::size_t>(size) + kSizeBytes), size);
    },
    .xSize = [](void* memory) { return static_cast<int>(*static_cast<const std::int64_t*>(start_of(memory))); },
    .xRoundup = [](int size) { return (size + 7) / 8 * 8; },
    .xInit = [](void*) { return SQLITE_OK; },
    .xShutdown = [](void*) {},
    .pAppData = nullptr,
};
// NOLINTEND(cppcoreguidelines-no-malloc)

// Who waits for a lock in a simulated world waits for something that happens on the same thread.
int wait_a_while(sqlite3_vfs*, int microseconds) {
  return SimulatedDisk::any_on_this_thread() ? microseconds : system_vfs->xSleep(system_vfs, microseconds);
}

}  // namespace

void register_vfs() {
  static std::once_flag once;
  std::call_once(once, [] {
    // A world's connections are used on its thread alone; one count of memory for all worlds would make the threads of
    // a swarm wait for one another. Where SQLite is in use already nothing changes.
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_MALLOC, &kMemory);
    static sqlite3_vfs vfs;
    system_vfs = sqlite3_vfs_find(nullptr);
    vfs = *system_vfs;
    vfs.zName = "argosy-simulated";
    vfs.szOsFile = std::max(system_vfs->szOsFile, static_cast<int>(sizeof(OpenFile)));
    vfs.xOpen = open_file;
    vfs.xDelete = remove_file;
    vfs.xAccess = access;
    vfs.xFullPathname = full_path;
    vfs.xSleep = wait_a_while;
    sqlite3_vfs_register(&vfs, 1);
  });
}

}  // namespace argosy::simulation::detail

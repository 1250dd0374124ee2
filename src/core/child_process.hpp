// Child processes as a port: programs that run beside this one, held by limits, and that do not outlive it.
//
//   ARGOSY_TRY(const auto child, real_processes().start({.command = {"/proc/self/exe", "backup", folder}}));
//   while (!child->poll()) { child->read(ChildStream::kOutput, text, 64 * 1024); ... }
//
// A child leads a process group of its own, which tell_to_end() and kill() reach whole. It gets none of this process's
// files but three: its output, its errors and, as number kProgressDescriptor, a pipe to tell how far it is. It gets
// SIGKILL when the thread that started it ends, however that comes about: start children on a thread that stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace argosy::core {

// The descriptor on which a child tells its progress.
inline constexpr int kProgressDescriptor = 3;
// Where a child of this program looks for that number: it is not there where nobody listens.
inline constexpr const char* kProgressVariable = "ARGOSY_PROGRESS";

struct ChildCommand {
  std::vector<std::string> command = {};      // the program's file, and its arguments; no shell, no search by PATH
  std::vector<std::string> environment = {};  // "NAME=value", all that it gets
  std::uint64_t most_memory_bytes = 0;        // of its address space; 0: no limit
  int niceness = 0;                           // added to this process's, 0 to 19
};

enum class ChildStream : std::uint8_t { kOutput, kErrors, kProgress };

struct ChildEnd {
  int exit_code = 0;  // of one that ended by itself
  int signal = 0;     // that ended it; 0: none did
};

class ChildProcess {
 public:
  // Kills it, with its group, where it has not ended.
  virtual ~ChildProcess() = default;
  // Appends to `into` what it has written, at most `most` bytes, and never waits. Returns how many.
  virtual std::size_t read(ChildStream stream, std::string& into, std::size_t most) = 0;
  // How it ended; nothing while it runs. Never waits. What it left behind in its group is killed; what it wrote can
  // still be read.
  [[nodiscard]] virtual std::optional<ChildEnd> poll() = 0;
  virtual void tell_to_end() = 0;  // SIGTERM
  virtual void kill() = 0;         // SIGKILL
  [[nodiscard]] virtual std::int64_t process_id() const = 0;
};

class Processes {
 public:
  virtual ~Processes() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<ChildProcess>> start(const ChildCommand& command) = 0;
};

// Of the operating system.
[[nodiscard]] Processes& real_processes();

}  // namespace argosy::core

#include "core/system.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/files.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

class RealSystem final : public System {
 public:
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs status{};
    if (::statvfs(path.c_str(), &status) != 0) {
      return fail(ErrorCode::kIo, fmt::format("how much is free at {} cannot be told: {}", path,
                                              std::generic_category().message(errno)));
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<std::uint64_t> resident_bytes() override {
    // Pages: of the whole, resident, shared, ...
    ARGOSY_TRY(const std::string text, system_files().read("/proc/self/statm"));
    const auto parts = split(text, ' ');
    const auto pages = parts.size() > 1 ? parse_integer(parts[1]) : std::nullopt;
    if (!pages) return fail(ErrorCode::kIo, "/proc/self/statm is not as expected: " + text);
    return static_cast<std::uint64_t>(*pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  }
};

}  // namespace

System& real_system() {
  static RealSystem system;
  return system;
}

}  // namespace argosy::core

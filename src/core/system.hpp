// Facts of the machine that health looks at, as a port, so that a simulation can say what they are.
//
//   ARGOSY_TRY(const std::uint64_t free, system.free_bytes(home));
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace argosy::core {

class System {
 public:
  virtual ~System() = default;
  // What this process may still write on the file system that holds `path`, which must be there.
  [[nodiscard]] virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
  // Memory of this process that lies in the machine's.
  [[nodiscard]] virtual Result<std::uint64_t> resident_bytes() = 0;
};

// This machine.
[[nodiscard]] System& real_system();

}  // namespace argosy::core

// Measures what health wants to know of the machine. What cannot be measured stays empty: that is no reason to stop.
//
//   HealthFacts facts = ...;
//   probe_machine(core::real_system(), home, facts);
#pragma once

#include <string>

#include "core/system.hpp"
#include "live/health.hpp"

namespace argosy::live {

// Free bytes where `folder` lies, and the memory of this process.
inline void probe_machine(core::System& system, const std::string& folder, HealthFacts& facts) {
  if (const auto free = system.free_bytes(folder)) facts.disk_free_bytes = *free;
  if (const auto resident = system.resident_bytes()) facts.resident_bytes = *resident;
}

}  // namespace argosy::live

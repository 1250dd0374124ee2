// For tests alone: how much of what there is to try is tried. A sanitizer makes everything about ten times as slow; the
// programs of tests/exhaustive define ARGOSY_LONG.
#pragma once

#include <cstdint>

namespace argosy::simulation {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#endif

#ifdef ARGOSY_LONG
inline constexpr bool kLong = true;
#else
inline constexpr bool kLong = false;
#endif

// So many worlds are played where each has a seed of its own.
inline constexpr std::uint64_t kWorlds = kSanitized ? 2 : 4;

}  // namespace argosy::simulation

// Looks for a planted bug: simulated days by seeds, until one shows what must not be, and does not without the bug.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/planted.hpp"

namespace argosy::simulation {

// Days that are looked at before a bug counts as not found.
inline constexpr int kMostDays = 500;

struct Found {
  int days = 0;      // that were needed
  std::string what;  // the first finding of the last
};

// Nothing: so many days showed nothing. With Bug::kNone that is as it should be.
[[nodiscard]] std::optional<Found> find(core::planted::Bug bug, int most_days);

}  // namespace argosy::simulation

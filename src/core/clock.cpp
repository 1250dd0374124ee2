#include "core/clock.hpp"

#include "core/check.hpp"

namespace argosy::core {

Timestamp SystemClock::now() const { return std::chrono::system_clock::now(); }

Duration SystemClock::monotonic() const { return std::chrono::steady_clock::now().time_since_epoch(); }

void SimulatedClock::advance_to(Timestamp time) {
  ARGOSY_CHECK(time >= now_, "the clock cannot go back from {} to {}", format_rfc3339(now_), format_rfc3339(time));
  now_ = time;
}

}  // namespace argosy::core

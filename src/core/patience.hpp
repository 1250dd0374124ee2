// How long something is tried that others hold up: a lock, a server that is starting. Not for a schedule of our own:
// that is a timer of the executor port.
//
//   for (Patience patience(std::chrono::seconds(10)); !connect();) {
//     if (!patience.wait()) return fail(ErrorCode::kUnavailable, "no answer for 10 seconds");
//   }
#pragma once

#include "core/time.hpp"

namespace argosy::core {

class Patience {
 public:
  explicit Patience(Duration limit);
  // Sleeps a moment, each time a longer one, never beyond the limit. False, at once, when the limit is reached.
  [[nodiscard]] bool wait();
  // What is left; never negative.
  [[nodiscard]] Duration left() const;

 private:
  Duration end_;  // of the monotonic clock
  Duration step_;
};

}  // namespace argosy::core

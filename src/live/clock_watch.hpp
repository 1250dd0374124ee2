// Whether the wall clock keeps the time: it is compared with a clock that nobody sets.
//
//   ClockWatch watch;
//   facts.clock_set = watch.look(clock.now(), clock.monotonic());  // each second
#pragma once

#include <chrono>
#include <deque>

#include "core/time.hpp"

namespace argosy::live {

class ClockWatch {
 public:
  // What was set an hour ago is no news, and a clock that is steered slowly may do that.
  static constexpr core::Duration kWindow = std::chrono::hours(1);
  static constexpr core::Duration kSampleEvery = std::chrono::minutes(1);

  // How far the wall clock went from where the time that passed puts it, at the most within the last hour: above 0 it
  // was set forward, or the machine slept.
  core::Duration look(core::Timestamp wall, core::Duration monotonic) {
    const core::Duration offset = wall.time_since_epoch() - monotonic;
    while (!samples_.empty() && monotonic - samples_.front().monotonic > kWindow) samples_.pop_front();
    core::Duration most{};
    for (const Sample& each : samples_) {
      const core::Duration moved = offset - each.offset;
      if (std::chrono::abs(moved) > std::chrono::abs(most)) most = moved;
    }
    if (samples_.empty() || monotonic - samples_.back().monotonic >= kSampleEvery)
      samples_.push_back({monotonic, offset});
    return most;
  }

 private:
  struct Sample {
    core::Duration monotonic;
    core::Duration offset;
  };
  std::deque<Sample> samples_;  // oldest first, an hour of them
};

}  // namespace argosy::live

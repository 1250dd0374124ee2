// A clock for playing a market at any speed: it runs through stretches in which something happens, some times as fast
// as real time, and jumps over what lies between them.
//
//   const SystemClock real;
//   PacedClock clock(real, opening, {.speed = 120}, [&](Timestamp time) {
//     const market::Session session = nyse.session_from(time);
//     return PacedClock::Stretch{session.open, session.close};
//   });
//   const auto executor = make_real_executor(clock);     // its timers are in the time that this clock shows
//
// After each stretch it runs on for `after_close` of its own time, so that what is to be done at the end of a day has
// its hour, and then shows the beginning of the next one. May be used by any number of threads at once.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "core/clock.hpp"

namespace argosy::core {

struct PacedClockOptions {
  double speed = 1;                                // above 0: so many of its seconds in one real second
  Duration after_close = std::chrono::minutes{1};  // its own time between the end of a stretch and the jump
};

class PacedClock final : public Clock {
 public:
  // From its first instant to just before its second.
  struct Stretch {
    Timestamp from;
    Timestamp to;
  };
  // The stretch that holds an instant or, when none does, the next one after it; nothing when there is none, and then
  // the clock runs on without a jump. Called under the clock's own lock, by whatever thread asks for the time: it must
  // not ask the clock, and give the same for the same instant.
  using NextOpen = std::function<std::optional<Stretch>(Timestamp)>;

  // Shows `start` now, or the beginning of the first stretch when `start` lies in none. `real` must live longer than
  // the clock.
  PacedClock(const Clock& real, Timestamp start, PacedClockOptions options, NextOpen next_open);

  [[nodiscard]] Timestamp now() const override;
  // Real time.
  [[nodiscard]] Duration monotonic() const override { return real_.monotonic(); }
  [[nodiscard]] Duration real_wait(Timestamp until) const override;

 private:
  // A run without a jump: it shows `from` at `real_from`, and is over when it would show `to`.
  struct Run {
    Duration real_from{0};
    Timestamp from;
    Timestamp to;
  };
  [[nodiscard]] Duration real_time_of(Duration shown) const;  // rounded up
  [[nodiscard]] Run first_run(Timestamp start) const;
  [[nodiscard]] Run run_after(const Run& run) const;
  void catch_up(Duration real_now) const;

  const Clock& real_;
  PacedClockOptions options_;
  NextOpen next_open_;
  mutable std::mutex mutex_;  // guards what follows
  mutable Run run_;
};

}  // namespace argosy::core

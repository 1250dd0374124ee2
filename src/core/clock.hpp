// Where the time comes from. Code that needs the time is handed a Clock; only core/, net/ and cli/ make a real one.
#pragma once

#include "core/time.hpp"

namespace argosy::core {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
  // A clock that never goes back, for measuring durations; its zero is arbitrary.
  [[nodiscard]] virtual Duration monotonic() const = 0;
  // How long in real time until the clock shows `until`; zero or below when it already does. A clock that does not run
  // at the pace of real time has its own answer, which may be too short when it is above a minute: who waits looks
  // again.
  [[nodiscard]] virtual Duration real_wait(Timestamp until) const { return until - now(); }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Duration monotonic() const override;
};

// A clock that stands still until it is told to go on.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Timestamp start) : now_(start), start_(start) {}
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] Duration monotonic() const override { return now_ - start_; }
  // Stops the program when `time` lies before now().
  void advance_to(Timestamp time);

 private:
  Timestamp now_;
  Timestamp start_;
};

}  // namespace argosy::core

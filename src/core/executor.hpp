// The executor port: work and timers run one after another on whatever drives it. RealExecutor runs them on the thread
// that calls run(); SimulatedExecutor advances a SimulatedClock from timer to timer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "core/time.hpp"

namespace argosy::core {

using TimerId = Id<struct TimerIdTag>;

class Executor {
 public:
  virtual ~Executor() = default;
  [[nodiscard]] virtual const Clock& clock() const = 0;
  // Runs `work` soon, after what was posted before. May be called from any thread (RealExecutor).
  virtual void post(std::function<void()> work) = 0;
  // Runs `work` once at `time` or soon after; equal times in the order of these calls.
  virtual TimerId call_at(Timestamp time, std::function<void()> work) = 0;
  // True when the timer had not run yet and now never will.
  virtual bool cancel(TimerId timer) = 0;
  // Runs until stop() or, simulated, until nothing is left to do.
  virtual void run() = 0;
  virtual void stop() = 0;
};

[[nodiscard]] std::unique_ptr<Executor> make_real_executor(const Clock& clock);
// Advances `clock`; deterministic.
[[nodiscard]] std::unique_ptr<Executor> make_simulated_executor(SimulatedClock& clock);

}  // namespace argosy::core

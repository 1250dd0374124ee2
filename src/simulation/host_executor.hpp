// The executor of one host of a simulated world: its work may stand still, and its clock may be wrong, while the world
// goes on. Timers run after as long as they were to wait, whatever its clock is set to meanwhile.
//
//   HostExecutor host(world);
//   host.pause();                                 // nothing of it runs ...
//   host.resume();                                // ... and all that waited, in its order
//   host.set_skew(std::chrono::seconds(-30));     // its clock is behind
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

#include "core/executor.hpp"
#include "simulation/memory.hpp"

namespace argosy::simulation {

class HostExecutor final : public core::Executor {
 public:
  // The world and the memory, which what it runs uses, outlive it; it outlives what it runs.
  explicit HostExecutor(core::Executor& world, SimulatedMemory* memory = nullptr)
      : world_(world), memory_(memory), clock_(world.clock()) {}

  void pause() { paused_ = true; }
  void resume();
  [[nodiscard]] bool is_paused() const { return paused_; }
  void set_skew(core::Duration skew) { clock_.skew = skew; }
  [[nodiscard]] core::Duration skew() const { return clock_.skew; }
  // Timers that have not run, and work that stands still.
  [[nodiscard]] std::size_t waiting() const { return timers_.size() + held_.size(); }
  // What waits is never run: the process it belonged to is dead.
  void forget();

  [[nodiscard]] const core::Clock& clock() const override { return clock_; }
  void post(std::function<void()> work) override;
  core::TimerId call_at(core::Timestamp time, std::function<void()> work) override;
  bool cancel(core::TimerId timer) override;
  void run() override { world_.run(); }
  void stop() override { world_.stop(); }

 private:
  struct SkewedClock final : core::Clock {
    explicit SkewedClock(const core::Clock& world) : right(world) {}
    [[nodiscard]] core::Timestamp now() const override { return right.now() + skew; }
    [[nodiscard]] core::Duration monotonic() const override { return right.monotonic(); }
    const core::Clock& right;
    core::Duration skew{};
  };
  struct Held {
    core::TimerId timer;  // none for posted work
    std::function<void()> work;
  };
  void run_or_hold(core::TimerId timer, std::function<void()> work);

  core::Executor& world_;
  SimulatedMemory* memory_;
  SkewedClock clock_;
  bool paused_ = false;
  std::int64_t last_timer_ = 0;
  std::int64_t life_ = 0;                                    // counts forget()
  std::unordered_map<core::TimerId, core::TimerId> timers_;  // the world's
  std::deque<Held> held_;
};

}  // namespace argosy::simulation

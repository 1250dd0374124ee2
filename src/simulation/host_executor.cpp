#include "simulation/host_executor.hpp"

#include <algorithm>
#include <utility>

namespace argosy::simulation {

using core::TimerId;

void HostExecutor::run_or_hold(TimerId timer, std::function<void()> work) {
  if (paused_) {
    held_.push_back({timer, std::move(work)});
  } else {
    const SimulatedMemory::Use use(memory_);
    work();
  }
}

void HostExecutor::resume() {
  paused_ = false;
  // One may take back a timer that waits behind it.
  world_.post([this, life = life_] {
    while (life == life_ && !paused_ && !held_.empty()) {
      const Held next = std::move(held_.front());
      held_.pop_front();
      const SimulatedMemory::Use use(memory_);
      next.work();
    }
  });
}

void HostExecutor::forget() {
  ++life_;
  held_.clear();
  for (const auto& [own, worlds] : timers_) world_.cancel(worlds);
  timers_.clear();
}

void HostExecutor::post(std::function<void()> work) {
  world_.post([this, life = life_, work = std::move(work)]() mutable {
    if (life == life_) run_or_hold(TimerId(), std::move(work));
  });
}

TimerId HostExecutor::call_at(core::Timestamp time, std::function<void()> work) {
  const TimerId timer(++last_timer_);
  const core::Duration wait = time - clock_.now();
  timers_[timer] = world_.call_at(world_.clock().now() + wait, [this, timer, work = std::move(work)]() mutable {
    timers_.erase(timer);
    run_or_hold(timer, std::move(work));
  });
  return timer;
}

bool HostExecutor::cancel(TimerId timer) {
  if (const auto found = timers_.find(timer); found != timers_.end()) {
    const bool cancelled = world_.cancel(found->second);
    timers_.erase(found);
    return cancelled;
  }
  const auto held = std::ranges::find(held_, timer, &Held::timer);
  if (timer.is_none() || held == held_.end()) return false;
  held_.erase(held);
  return true;
}

}  // namespace argosy::simulation

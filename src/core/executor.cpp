#include "core/executor.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace argosy::core {
namespace {

using Work = std::function<void()>;

// What waits to be run, in order. Not safe for threads by itself.
class Schedule {
 public:
  void post(Work work) { ready_.push_back({TimerId(), std::move(work)}); }

  TimerId add(Timestamp time, Work work) {
    const TimerId id(++last_id_);
    timers_.emplace(std::pair(time, id), std::move(work));
    times_.emplace(id, time);
    return id;
  }

  bool cancel(TimerId id) {
    if (const auto found = times_.find(id); found != times_.end()) {
      timers_.erase({found->second, id});
      times_.erase(found);
      return true;
    }
    // A timer that is due but waits for what stands before it has not run yet either.
    const auto due = std::ranges::find(ready_, id, &Item::timer);
    if (id.is_none() || due == ready_.end()) return false;
    ready_.erase(due);
    return true;
  }

  // The next work that may run at `now`. Timers queue up behind what was ready before they were due, so neither posts
  // nor timers starve the other.
  std::optional<Work> take(Timestamp now) {
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
      auto timer = timers_.extract(timers_.begin());
      times_.erase(timer.key().second);
      ready_.push_back({timer.key().second, std::move(timer.mapped())});
    }
    if (ready_.empty()) return std::nullopt;
    Work work = std::move(ready_.front().work);
    ready_.pop_front();
    return work;
  }

  [[nodiscard]] std::optional<Timestamp> next_timer() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
  }

 private:
  struct Item {
    TimerId timer;  // none for posted work
    Work work;
  };
  std::deque<Item> ready_;
  std::map<std::pair<Timestamp, TimerId>, Work> timers_;  // ids rise, so equal times keep the order of their calls
  std::map<TimerId, Timestamp> times_;
  std::int64_t last_id_ = 0;
};

class RealExecutor final : public Executor {
 public:
  explicit RealExecutor(const Clock& clock) : clock_(clock) {}

  const Clock& clock() const override { return clock_; }

  void post(Work work) override {
    {
      const std::scoped_lock lock(mutex_);
      schedule_.post(std::move(work));
    }
    changed_.notify_one();
  }

  TimerId call_at(Timestamp time, Work work) override {
    TimerId id;
    {
      const std::scoped_lock lock(mutex_);
      id = schedule_.add(time, std::move(work));
    }
    changed_.notify_one();
    return id;
  }

  bool cancel(TimerId timer) override {
    const std::scoped_lock lock(mutex_);
    return schedule_.cancel(timer);
  }

  void run() override {
    std::unique_lock lock(mutex_);
    while (!std::exchange(stopping_, false)) {
      if (auto work = schedule_.take(clock_.now())) {
        lock.unlock();
        (*work)();
        work.reset();  // what it holds may take locks of its own when it goes
        lock.lock();
        continue;
      }
      changed_.wait_for(lock, longest_wait());
    }
  }

  void stop() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
  }

 private:
  // Waits are measured on another clock than timers and the wall clock may be set meanwhile, so look again now and
  // then.
  [[nodiscard]] Duration longest_wait() const {
    constexpr Duration kLongest = std::chrono::milliseconds{500};
    const auto next = schedule_.next_timer();
    return next ? std::clamp<Duration>(clock_.real_wait(*next), Duration::zero(), kLongest) : kLongest;
  }

  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Schedule schedule_;
  bool stopping_ = false;
};

class SimulatedExecutor final : public Executor {
 public:
  explicit SimulatedExecutor(SimulatedClock& clock) : clock_(clock) {}

  const Clock& clock() const override { return clock_; }
  void post(Work work) override { schedule_.post(std::move(work)); }
  TimerId call_at(Timestamp time, Work work) override { return schedule_.add(time, std::move(work)); }
  bool cancel(TimerId timer) override { return schedule_.cancel(timer); }

  void run() override {
    while (!std::exchange(stopping_, false)) {
      if (const auto work = schedule_.take(clock_.now())) {
        (*work)();
      } else if (const auto next = schedule_.next_timer()) {
        clock_.advance_to(*next);
      } else {
        return;
      }
    }
  }

  void stop() override { stopping_ = true; }

 private:
  SimulatedClock& clock_;
  Schedule schedule_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Executor> make_real_executor(const Clock& clock) { return std::make_unique<RealExecutor>(clock); }

std::unique_ptr<Executor> make_simulated_executor(SimulatedClock& clock) {
  return std::make_unique<SimulatedExecutor>(clock);
}

}  // namespace argosy::core

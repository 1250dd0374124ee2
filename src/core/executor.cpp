#include "core/executor.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace argosy::core {
namespace {

using Work = std::function<void()>;

// So far a clock that is steered may be from where the time that passed puts it. One that is farther was set.
constexpr Duration kSet = std::chrono::milliseconds{100};

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

  // One that waits for a while rather than for a time of day: `due` is of a clock that nobody sets.
  TimerId add_short(Timestamp time, Duration due, Work work) {
    const TimerId id(++last_id_);
    short_.emplace(std::pair(time, id), Short{due, std::move(work)});
    by_due_.emplace(due, id);
    times_.emplace(id, time);
    return id;
  }

  bool cancel(TimerId id) {
    if (const auto found = times_.find(id); found != times_.end()) {
      if (const auto waits = short_.find({found->second, id}); waits != short_.end()) {
        static_cast<void>(take_short(waits));
        return true;
      }
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

  // Makes ready what is due of that which waits for a while: by the clock that it was told by, as long as that agrees
  // with the other one.
  void wake(Timestamp now, Duration monotonic) {
    for (auto it = short_.begin(); it != short_.end() && it->first.first <= now;) {
      const auto each = it++;
      if (each->second.due <= monotonic + kSet) make_ready(each);  // otherwise the clock was set forward
    }
    // It was set back.
    while (!by_due_.empty() && by_due_.begin()->first + kSet <= monotonic)
      make_ready(short_.find({times_.at(by_due_.begin()->second), by_due_.begin()->second}));
  }

  // How long until there is something to wake; `wait` says it by the clock that it was told by.
  [[nodiscard]] std::optional<Duration> short_wait(Duration monotonic,
                                                   const std::function<Duration(Timestamp)>& wait) const {
    if (by_due_.empty()) return std::nullopt;
    const auto& [due, id] = *by_due_.begin();
    return std::clamp(wait(times_.at(id)), due - kSet - monotonic, due + kSet - monotonic);
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
  struct Short {
    Duration due;
    Work work;
  };
  using Shorts = std::map<std::pair<Timestamp, TimerId>, Short>;

  Work take_short(Shorts::iterator at) {
    const TimerId id = at->first.second;
    Work work = std::move(at->second.work);
    by_due_.erase({at->second.due, id});
    times_.erase(id);
    short_.erase(at);
    return work;
  }
  void make_ready(Shorts::iterator at) {
    const TimerId id = at->first.second;
    ready_.push_back({id, take_short(at)});
  }

  std::deque<Item> ready_;
  Shorts short_;
  std::set<std::pair<Duration, TimerId>> by_due_;         // the same
  std::map<std::pair<Timestamp, TimerId>, Work> timers_;  // ids rise, so equal times keep the order of their calls
  std::map<TimerId, Timestamp> times_;                    // of both
  std::int64_t last_id_ = 0;
};

// What is to wait for less than a minute waits as long by a clock that nobody sets; a clock that is set back would stop
// it otherwise. The rest may mean a time of day, and follows the clock.
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
      const Duration begin = clock_.monotonic();
      const Duration wait = clock_.real_wait(time);
      id = wait < kShort ? schedule_.add_short(time, begin + wait, std::move(work))
                         : schedule_.add(time, std::move(work));
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
      const Timestamp now = clock_.now();
      schedule_.wake(now, clock_.monotonic());
      if (auto work = schedule_.take(now)) {
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
  static constexpr Duration kShort = std::chrono::minutes{1};

  // Waits are measured on another clock than timers and the wall clock may be set meanwhile, so look again now and
  // then.
  [[nodiscard]] Duration longest_wait() const {
    constexpr Duration kLongest = std::chrono::milliseconds{500};
    const auto wait = [&](Timestamp time) { return clock_.real_wait(time); };
    const auto next = schedule_.next_timer();
    const Duration longest = next ? std::min(wait(*next), kLongest) : kLongest;
    const Duration until_short = schedule_.short_wait(clock_.monotonic(), wait).value_or(kLongest);
    return std::max(std::min(longest, until_short), Duration::zero());
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

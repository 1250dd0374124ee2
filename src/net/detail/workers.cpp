#include "net/detail/workers.hpp"

#include <utility>

namespace argosy::net::detail {

Workers::Workers(std::size_t running, std::size_t most_threads) : places_(running), most_threads_(most_threads) {}

void Workers::post(Task task) {
  const std::scoped_lock lock(mutex_);
  if (stops_) return;
  tasks_.push_back(std::move(task));
  give_places();
}

void Workers::stop() {
  std::vector<std::thread> threads;
  {
    const std::scoped_lock lock(mutex_);
    stops_ = true;
    threads.swap(threads_);
    for (Sleeper* each : idle_) each->woken.notify_one();
    for (Sleeper* each : returning_) each->woken.notify_one();
  }
  for (std::thread& each : threads) each.join();
}

// With the mutex: whoever may work now is woken. Places are counted here, before their threads run.
void Workers::give_places() {
  while (taken_ < places_) {
    const bool is_for_task = returning_.empty();
    if (is_for_task && tasks_.size() <= coming_) return;
    std::deque<Sleeper*>& sleepers = is_for_task ? idle_ : returning_;
    if (!sleepers.empty()) {
      Sleeper* const next = sleepers.front();
      sleepers.pop_front();
      next->has_place = true;
      next->woken.notify_one();
    } else if (threads_.size() < most_threads_ && !stops_) {
      threads_.emplace_back([this] { work(); });
    } else {
      return;
    }
    ++taken_;
    if (is_for_task) ++coming_;
  }
}

// Until there is a place; false: it ends.
bool Workers::sleep(std::unique_lock<std::mutex>& lock, std::deque<Sleeper*>& queue, bool in_front) {
  Sleeper self;
  if (in_front) {
    queue.push_front(&self);
  } else {
    queue.push_back(&self);
  }
  self.woken.wait(lock, [&] { return self.has_place || stops_; });
  if (!self.has_place) std::erase(queue, &self);
  return self.has_place;
}

void Workers::work() {
  core::Waits::set_listener(this);
  std::unique_lock lock(mutex_);
  --coming_;
  while (!stops_) {
    // Who comes back from a wait goes first.
    if (tasks_.empty() || !returning_.empty()) {
      --taken_;
      give_places();
      if (!sleep(lock, idle_, true)) return;
      --coming_;
      continue;
    }
    {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    lock.lock();
  }
}

void Workers::wait_begins() {
  const std::scoped_lock lock(mutex_);
  --taken_;
  give_places();
}

void Workers::wait_ended() {
  std::unique_lock lock(mutex_);
  const bool is_free = taken_ < places_ && returning_.empty();
  if (!is_free && sleep(lock, returning_, false)) return;
  ++taken_;  // where it ends, too: what runs is let run
}

}  // namespace argosy::net::detail

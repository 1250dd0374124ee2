// Threads on which handlers run. So many run at once; one that waits for another thread (core/waits.hpp) gives its
// place to the next, and takes one again before those that have not begun. Threads are made when they are needed, and
// kept.
//
//   Workers workers(4, 132);
//   workers.post([] { ... });   // from any thread
//   workers.stop();             // those that run end; what has not begun never does, and goes with the workers
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/waits.hpp"

namespace argosy::net::detail {

class Workers final : private core::WaitsListener {
 public:
  using Task = std::move_only_function<void()>;

  // `most_threads`: those that run and those that wait.
  Workers(std::size_t running, std::size_t most_threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { stop(); }

  // What it throws ends the program.
  void post(Task task);
  void stop();

 private:
  // A thread without a place.
  struct Sleeper {
    std::condition_variable woken;
    bool has_place = false;
  };

  void wait_begins() override;
  void wait_ended() override;
  void work();
  void give_places();
  bool sleep(std::unique_lock<std::mutex>& lock, std::deque<Sleeper*>& queue, bool in_front);

  const std::size_t places_;
  const std::size_t most_threads_;
  std::mutex mutex_;
  std::size_t taken_ = 0;   // places
  std::size_t coming_ = 0;  // threads that have a place and are on their way to a task
  std::deque<Task> tasks_;
  std::deque<Sleeper*> idle_;       // the one that slept last is the next: its caches are warm
  std::deque<Sleeper*> returning_;  // from a wait, in the order in which they came
  bool stops_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace argosy::net::detail

// An executor with a thread of its own, which ends with it.
//
//   ExecutorThread ledger(clock, "ledger");
//   ledger.executor().post([] { ... });
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "core/executor.hpp"

namespace argosy::core {

class ExecutorThread {
 public:
  // The clock must live longer. The name is shown by tools that list threads; at most 15 characters of it.
  ExecutorThread(const Clock& clock, const std::string& name);
  // Stops: what is posted and has not begun is dropped.
  ~ExecutorThread();
  ExecutorThread(const ExecutorThread&) = delete;
  ExecutorThread& operator=(const ExecutorThread&) = delete;

  [[nodiscard]] Executor& executor() { return *executor_; }
  // Ends the thread; the executor stays, and runs nothing any more. For those that are used from others: stop all of
  // them before what they use goes.
  void stop();
  // Waits until what was posted before has run. Not from the thread itself.
  void drain();

 private:
  std::unique_ptr<Executor> executor_;
  std::thread thread_;
};

}  // namespace argosy::core

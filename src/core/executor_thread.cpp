#include "core/executor_thread.hpp"

#include <pthread.h>

#include <future>

namespace argosy::core {

ExecutorThread::ExecutorThread(const Clock& clock, const std::string& name)
    : executor_(make_real_executor(clock)), thread_([this] { executor_->run(); }) {
  ::pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

ExecutorThread::~ExecutorThread() { stop(); }

void ExecutorThread::stop() {
  if (!thread_.joinable()) return;
  executor_->stop();
  thread_.join();
}

void ExecutorThread::drain() {
  std::promise<void> done;
  executor_->post([&done] { done.set_value(); });
  done.get_future().wait();
}

}  // namespace argosy::core

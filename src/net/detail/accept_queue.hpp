// Streams that others opened, on their way to who listens: from any thread to the owner's executor.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "core/executor.hpp"
#include "net/stream.hpp"

namespace argosy::net::detail {

class AcceptQueue final : public std::enable_shared_from_this<AcceptQueue> {
 public:
  AcceptQueue(core::Executor& executor, Network::OnStream on_stream)
      : executor_(executor), on_stream_(std::move(on_stream)) {}

  [[nodiscard]] core::Executor& executor() const { return executor_; }
  // From any thread. False when limits::kStreamsNotAccepted wait or nobody listens any more; the stream is then gone.
  [[nodiscard]] bool push(std::unique_ptr<Stream> stream);
  // From the owner's thread: closes what waits, and calls nothing any more.
  void stop();

 private:
  void hand_over();

  core::Executor& executor_;
  const Network::OnStream on_stream_;
  std::mutex mutex_;  // guards what follows; taken before the executor's own
  std::deque<std::unique_ptr<Stream>> streams_;
  bool stopped_ = false;
};

}  // namespace argosy::net::detail

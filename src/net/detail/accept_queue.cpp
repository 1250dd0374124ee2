#include "net/detail/accept_queue.hpp"

#include <utility>

#include "core/limits.hpp"

namespace argosy::net::detail {

bool AcceptQueue::push(std::unique_ptr<Stream> stream) {
  const std::scoped_lock lock(mutex_);
  if (stopped_ || streams_.size() >= core::limits::kStreamsNotAccepted) return false;
  streams_.push_back(std::move(stream));
  executor_.post([self = shared_from_this()] { self->hand_over(); });
  return true;
}

void AcceptQueue::stop() {
  std::deque<std::unique_ptr<Stream>> streams;  // closed without the lock
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  streams.swap(streams_);
}

void AcceptQueue::hand_over() {
  std::unique_ptr<Stream> stream;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || streams_.empty()) return;
    stream = std::move(streams_.front());
    streams_.pop_front();
  }
  on_stream_(std::move(stream));
}

}  // namespace argosy::net::detail

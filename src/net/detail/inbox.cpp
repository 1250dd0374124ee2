#include "net/detail/inbox.hpp"

#include <utility>

#include "net/detail/errors.hpp"

namespace argosy::net::detail {

void Inbox::connected() {
  const std::scoped_lock lock(mutex_);
  connected_ = true;
  schedule();
}

void Inbox::writable() {
  const std::scoped_lock lock(mutex_);
  writable_ = true;
  schedule();
}

bool Inbox::offer(std::string& bytes) {
  const std::scoped_lock lock(mutex_);
  if (!open_) return true;
  if (!fits(bytes.size(), waiting_)) {
    refused_ = true;
    return false;
  }
  waiting_ += bytes.size();
  chunks_.push_back(std::move(bytes));
  schedule();
  return true;
}

void Inbox::end(core::Error why) {
  const std::scoped_lock lock(mutex_);
  if (!end_) end_ = std::move(why);
  schedule();
}

void Inbox::set_listener(StreamListener& listener) {
  const std::scoped_lock lock(mutex_);
  if (!open_) return;
  listener_ = &listener;
  schedule();
}

void Inbox::stop() {
  std::deque<std::string> chunks;  // freed without the lock
  const std::scoped_lock lock(mutex_);
  open_ = false;
  listener_ = nullptr;
  chunks.swap(chunks_);
  waiting_ = 0;
}

bool Inbox::is_open() const {
  const std::scoped_lock lock(mutex_);
  return open_;
}

std::size_t Inbox::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_;
}

bool Inbox::has_event() const { return connected_ || writable_ || !chunks_.empty() || end_; }

void Inbox::schedule() {
  if (scheduled_ || !open_ || listener_ == nullptr || !has_event()) return;
  scheduled_ = true;
  executor_.post([self = shared_from_this()] { self->hand_over(); });
}

// One event, so that a busy stream does not keep the others waiting. The listener may destroy the stream meanwhile.
void Inbox::hand_over() {
  std::unique_lock lock(mutex_);
  scheduled_ = false;
  if (!open_ || listener_ == nullptr) return;
  StreamListener& listener = *listener_;
  if (std::exchange(connected_, false)) {
    lock.unlock();
    listener.on_connected();
  } else if (std::exchange(writable_, false)) {
    lock.unlock();
    listener.on_writable();
  } else if (!chunks_.empty()) {
    hand_over_bytes(std::move(lock));
  } else if (end_) {
    open_ = false;
    listener_ = nullptr;
    lock.unlock();
    listener.on_closed(*end_);
    return;
  }
  const std::scoped_lock again(mutex_);
  schedule();
}

void Inbox::hand_over_bytes(std::unique_lock<std::mutex> lock) {
  const std::string bytes = std::move(chunks_.front());
  chunks_.pop_front();
  waiting_ -= bytes.size();
  const bool room = refused_ && has_room_again(waiting_);
  if (room) refused_ = false;
  StreamListener& listener = *listener_;
  lock.unlock();
  listener.on_bytes(bytes);
  if (room && on_room_) on_room_();
}

}  // namespace argosy::net::detail

// The half of a stream that calls its listener: events come in from any thread, and are handed over one by one on the
// owner's executor.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/executor.hpp"
#include "core/result.hpp"
#include "net/stream.hpp"

namespace argosy::net::detail {

class Inbox final : public std::enable_shared_from_this<Inbox> {
 public:
  explicit Inbox(core::Executor& executor) : executor_(executor) {}

  // Called on the owner's thread when bytes were refused and there is room again. Set before the first event.
  void when_room(std::function<void()> on_room) { on_room_ = std::move(on_room); }

  // From any thread, until stop().
  void connected();
  void writable();
  // Takes the bytes or leaves them: false when too many wait, and on_room follows. A stopped inbox takes and drops all.
  [[nodiscard]] bool offer(std::string& bytes);
  void end(core::Error why);  // after what was offered before

  // From the owner's thread.
  void set_listener(StreamListener& listener);
  void stop();  // nothing is called any more
  [[nodiscard]] bool is_open() const;

  [[nodiscard]] std::size_t waiting() const;  // bytes not handed over yet; from any thread

 private:
  [[nodiscard]] bool has_event() const;
  void schedule();  // with the mutex held: has the next event handed over
  void hand_over();
  void hand_over_bytes(std::unique_lock<std::mutex> lock);

  core::Executor& executor_;
  std::function<void()> on_room_;
  mutable std::mutex mutex_;  // guards what follows; taken before the executor's own
  StreamListener* listener_ = nullptr;
  std::deque<std::string> chunks_;
  std::size_t waiting_ = 0;
  std::optional<core::Error> end_;
  bool connected_ = false;  // each of these two: an event not handed over yet
  bool writable_ = false;
  bool refused_ = false;  // on_room is owed
  bool scheduled_ = false;
  bool open_ = true;
};

}  // namespace argosy::net::detail

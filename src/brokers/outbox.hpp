// Bytes on their way into a stream that may be slower than who writes: what the stream does not take waits here.
//
//   outbox.push(line);
//   if (!outbox.send(*stream)) close();        // and again in on_writable()
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/limits.hpp"
#include "net/stream.hpp"

namespace argosy::brokers {

class Outbox {
 public:
  void push(std::string_view bytes) { waiting_ += bytes; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  void clear() { waiting_.clear(); }

  // False: the stream takes nothing any more.
  [[nodiscard]] bool send(net::Stream& stream) {
    while (!waiting_.empty()) {
      constexpr std::size_t kAtOnce = core::limits::kFrameBytes;
      const bool whole = waiting_.size() <= kAtOnce;
      const auto done = stream.write(whole ? waiting_ : waiting_.substr(0, kAtOnce));
      if (!done) return done.error().retryable;
      if (whole) {
        waiting_.clear();
      } else {
        waiting_.erase(0, kAtOnce);
      }
    }
    return true;
  }

 private:
  std::string waiting_;
};

}  // namespace argosy::brokers

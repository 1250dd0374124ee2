// Messages on a stream: lines of text that end in '\n'. No I/O: bytes go in as they come, frames come out whole.
//
//   reader.feed(bytes);
//   while (true) {
//     ARGOSY_TRY(const auto frame, reader.next());
//     if (!frame) break;
//     handle(*frame);
//   }
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/limits.hpp"
#include "core/result.hpp"

namespace argosy::net {

class FrameReader {
 public:
  // `limit`: bytes of the longest frame, without its end.
  explicit FrameReader(std::size_t limit = core::limits::kFrameBytes) : limit_(limit) {}

  // Keeps the bytes until next() has taken them. Take all frames between two calls: what waits is not limited.
  void feed(std::string_view bytes);
  // The next whole frame without its end, valid until feed() is called again; none when more bytes are needed. kCorrupt
  // when a frame is longer than the limit: from there on the stream makes no sense, and every further call says so.
  core::Result<std::optional<std::string_view>> next();
  // Whether bytes of a frame wait that has not ended: a stream that closes now was torn within it.
  [[nodiscard]] bool is_within_frame() const { return taken_ < buffer_.size(); }

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t taken_ = 0;     // bytes before this were handed out
  std::size_t searched_ = 0;  // no end lies between taken_ and this
  bool broken_ = false;
};

// `text` with its end. Errors: kInvalidArgument when it holds one itself, kLimit when it is longer than `limit`.
core::Result<std::string> to_frame(std::string text, std::size_t limit = core::limits::kFrameBytes);

}  // namespace argosy::net

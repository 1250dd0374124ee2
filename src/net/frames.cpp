#include "net/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace argosy::net {
namespace {

constexpr char kEnd = '\n';

}  // namespace

void FrameReader::feed(std::string_view bytes) {
  if (broken_) return;
  buffer_.erase(0, taken_);
  searched_ -= taken_;
  taken_ = 0;
  buffer_.append(bytes);
}

core::Result<std::optional<std::string_view>> FrameReader::next() {
  const std::size_t end = std::min(buffer_.find(kEnd, searched_), buffer_.size());
  if (end - taken_ > limit_) broken_ = true;
  if (broken_) {
    return core::fail(core::Error(core::ErrorCode::kCorrupt, fmt::format("a message is longer than {} bytes", limit_))
                          .with_hint("close the connection: the other side does not speak this protocol"));
  }
  if (end == buffer_.size()) {
    searched_ = end;
    return std::nullopt;
  }
  const std::string_view frame = std::string_view(buffer_).substr(taken_, end - taken_);
  taken_ = searched_ = end + 1;
  return frame;
}

core::Result<std::string> to_frame(std::string text, std::size_t limit) {
  if (text.size() > limit) {
    return core::fail(
        core::Error(core::ErrorCode::kLimit, fmt::format("a message of {} bytes, {} at most", text.size(), limit))
            .with_hint("send it in parts"));
  }
  if (text.contains(kEnd)) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "a message with a line break in it")
                          .with_hint("write the line break as \\n, as JSON does"));
  }
  text.push_back(kEnd);
  return text;
}

}  // namespace argosy::net

#include "net/detail/errors.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/limits.hpp"

namespace argosy::net::detail {
namespace {

using core::Error;
using core::ErrorCode;

// Connecting again may help.
Error unavailable(std::string message, std::string hint) {
  Error error = Error(ErrorCode::kUnavailable, std::move(message)).with_hint(std::move(hint));
  error.retryable = true;
  return error;
}

}  // namespace

Error refused(std::string_view peer, std::string_view reason) {
  return unavailable(fmt::format("cannot connect to {}: {}", peer, reason),
                     "check that the program at this address runs, and try again");
}

Error closed_by_peer(std::string_view peer) {
  return unavailable(fmt::format("{} closed the connection", peer), "connect again");
}

Error broken(std::string_view peer, std::string_view reason) {
  return unavailable(fmt::format("the connection to {} broke: {}", peer, reason),
                     "connect again, and ask what became of what was not answered");
}

Error address_taken(const Address& address) {
  return Error(ErrorCode::kAlreadyExists, fmt::format("another program listens at {}", address.to_string()))
      .with_hint("stop it, or choose another port");
}

Error write_after_close() {
  return Error(ErrorCode::kUnavailable, "the stream is closed").with_hint("connect again and write to the new stream");
}

Error too_much(std::size_t size, std::size_t waiting) {
  constexpr std::size_t kMost = core::limits::kStreamUnsentBytes;
  if (size > kMost) {
    return Error(ErrorCode::kLimit,
                 fmt::format("{} bytes are more than the {} that a stream takes at once", size, kMost))
        .with_hint("write them in parts, each when on_writable() says so");
  }
  Error error = Error(ErrorCode::kLimit, fmt::format("{} bytes of the stream wait to be sent; {} more would be over {}",
                                                     waiting, size, kMost))
                    .with_hint("write again when on_writable() is called; the other side reads too slowly");
  error.retryable = true;
  return error;
}

bool fits(std::size_t size, std::size_t waiting) {
  return size <= core::limits::kStreamUnsentBytes && waiting <= core::limits::kStreamUnsentBytes - size;
}

bool has_room_again(std::size_t waiting) { return waiting <= core::limits::kStreamUnsentBytes / 2; }

}  // namespace argosy::net::detail

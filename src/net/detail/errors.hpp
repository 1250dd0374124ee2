// The errors of streams, worded alike in every make.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/stream.hpp"

namespace argosy::net::detail {

// `peer`: whom the stream leads to, as people should read it.
[[nodiscard]] core::Error refused(std::string_view peer, std::string_view reason);
[[nodiscard]] core::Error closed_by_peer(std::string_view peer);
[[nodiscard]] core::Error broken(std::string_view peer, std::string_view reason);
[[nodiscard]] core::Error address_taken(const Address& address);

// Errors of write(): on a stream that is closed; of `size` bytes where `waiting` are not sent yet.
[[nodiscard]] core::Error write_after_close();
[[nodiscard]] core::Error too_much(std::size_t size, std::size_t waiting);

// Whether a write of `size` bytes fits behind those that wait, and whether so few wait that a refused writer is told.
[[nodiscard]] bool fits(std::size_t size, std::size_t waiting);
[[nodiscard]] bool has_room_again(std::size_t waiting);

}  // namespace argosy::net::detail

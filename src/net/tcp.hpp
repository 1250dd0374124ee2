// Streams over TCP, without delay of small writes. A network has one thread of its own, which moves bytes between the
// sockets and bounded queues: a slow reader's socket is not read on, a slow peer's writer is refused.
//
//   const auto network = net::make_tcp_network(executor);
//   const auto acceptor = network->listen({"127.0.0.1", 0}, [](std::unique_ptr<net::Stream> stream) { ... });
//   const auto stream = network->connect((*acceptor)->address());
//
// A peer that vanishes is noticed by the system, minutes later, and only if something is being sent: protocols need
// heartbeats of their own.
#pragma once

#include <memory>

#include "core/executor.hpp"
#include "net/stream.hpp"

namespace argosy::net {

// listen() takes addresses in numbers and "localhost"; connect() any name. When the network is destroyed, streams that
// were closed get 2 s without progress to send what they hold, all others break.
[[nodiscard]] std::unique_ptr<Network> make_tcp_network(core::Executor& executor);

}  // namespace argosy::net

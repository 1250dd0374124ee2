// Streams within one program, also between threads: each end belongs to an executor of its own.
//
//   auto [ours, theirs] = net::make_pipe(trading, venue_thread);
//
//   net::MemoryNetwork memory;
//   const auto venue = memory.host(venue_thread);
//   const auto acceptor = venue->listen({"paper", 1}, [](std::unique_ptr<net::Stream> stream) { ... });
//   const auto stream = memory.host(trading)->connect({"paper", 1});
//
// What was written and not handed over yet counts against the limit of the stream; one write is one on_bytes().
#pragma once

#include <memory>
#include <utility>

#include "core/executor.hpp"
#include "net/stream.hpp"

namespace argosy::net {

namespace detail {
class Board;
}

// The two ends of a stream, connected.
[[nodiscard]] std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_pipe(core::Executor& first,
                                                                                    core::Executor& second);

// Names of hosts are free: an address is what somebody listens at. Hosts and streams may outlive it. May be used from
// any thread.
class MemoryNetwork {
 public:
  MemoryNetwork();
  ~MemoryNetwork();
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  // The network as the owner of this executor sees it.
  [[nodiscard]] std::unique_ptr<Network> host(core::Executor& executor);

 private:
  class Host;
  std::shared_ptr<detail::Board> board_;
};

}  // namespace argosy::net

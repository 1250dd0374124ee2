// Who listens where, among the hosts of a network that lies within this program.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "core/executor.hpp"
#include "core/result.hpp"
#include "net/detail/accept_queue.hpp"
#include "net/stream.hpp"

namespace argosy::net::detail {

// May be used from any thread.
class Board final : public std::enable_shared_from_this<Board> {
 public:
  // Port 0 is the first free one from 49152 on.
  core::Result<std::unique_ptr<Acceptor>> listen(Address address, core::Executor& executor,
                                                 Network::OnStream on_stream);
  // Null when nobody listens there.
  [[nodiscard]] std::shared_ptr<AcceptQueue> find(const Address& address) const;

 private:
  class Listening;
  mutable std::mutex mutex_;
  std::map<Address, std::shared_ptr<AcceptQueue>> queues_;
};

}  // namespace argosy::net::detail

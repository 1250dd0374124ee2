#include "net/detail/board.hpp"

#include <utility>

#include "net/detail/errors.hpp"

namespace argosy::net::detail {

class Board::Listening final : public Acceptor {
 public:
  Listening(std::shared_ptr<Board> board, Address address, std::shared_ptr<AcceptQueue> queue)
      : board_(std::move(board)), address_(std::move(address)), queue_(std::move(queue)) {}
  ~Listening() override {
    {
      const std::scoped_lock lock(board_->mutex_);
      board_->queues_.erase(address_);
    }
    queue_->stop();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  [[nodiscard]] const Address& address() const override { return address_; }

 private:
  std::shared_ptr<Board> board_;
  Address address_;
  std::shared_ptr<AcceptQueue> queue_;
};

core::Result<std::unique_ptr<Acceptor>> Board::listen(Address address, core::Executor& executor,
                                                      Network::OnStream on_stream) {
  const auto queue = std::make_shared<AcceptQueue>(executor, std::move(on_stream));
  const std::scoped_lock lock(mutex_);
  if (address.port == 0) {
    constexpr std::uint16_t kFirstFreePort = 49'152;
    address.port = kFirstFreePort;
    while (queues_.contains(address) && address.port != 0) ++address.port;
  }
  if (!queues_.emplace(address, queue).second) return core::fail(address_taken(address));
  return std::make_unique<Listening>(shared_from_this(), std::move(address), queue);
}

std::shared_ptr<AcceptQueue> Board::find(const Address& address) const {
  const std::scoped_lock lock(mutex_);
  const auto found = queues_.find(address);
  return found == queues_.end() ? nullptr : found->second;
}

}  // namespace argosy::net::detail

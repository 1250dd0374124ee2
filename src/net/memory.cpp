#include "net/memory.hpp"

#include <string>

#include "net/detail/accept_queue.hpp"
#include "net/detail/board.hpp"
#include "net/detail/errors.hpp"
#include "net/detail/inbox.hpp"

namespace argosy::net {
namespace {

using core::Executor;
using core::Result;
using detail::Inbox;

class PipeEnd final : public Stream {
 public:
  PipeEnd(std::shared_ptr<Inbox> ours, std::shared_ptr<Inbox> theirs, std::string our_name)
      : ours_(std::move(ours)), theirs_(std::move(theirs)), our_name_(std::move(our_name)) {}
  ~PipeEnd() override { close(); }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  void set_listener(StreamListener& listener) override { ours_->set_listener(listener); }

  Result<void> write(std::string bytes) override {
    if (!is_open()) return core::fail(detail::write_after_close());
    if (bytes.empty()) return {};
    if (!theirs_->offer(bytes)) return core::fail(detail::too_much(bytes.size(), theirs_->waiting()));
    return {};
  }

  void close() override {
    if (!is_open()) return;
    ours_->stop();
    theirs_->end(detail::closed_by_peer(our_name_));
  }

  [[nodiscard]] bool is_open() const override { return ours_->is_open(); }

 private:
  std::shared_ptr<Inbox> ours_;
  std::shared_ptr<Inbox> theirs_;
  std::string our_name_;
};

struct Pipe {
  std::unique_ptr<Stream> first;
  std::unique_ptr<Stream> second;
};

Pipe join(Executor& first, const std::string& first_name, Executor& second, const std::string& second_name) {
  const auto one = std::make_shared<Inbox>(first);
  const auto two = std::make_shared<Inbox>(second);
  // Room in an inbox is room for the other side's writes.
  one->when_room([other = std::weak_ptr(two)] {
    if (const auto inbox = other.lock()) inbox->writable();
  });
  two->when_room([other = std::weak_ptr(one)] {
    if (const auto inbox = other.lock()) inbox->writable();
  });
  one->connected();
  two->connected();
  return {.first = std::make_unique<PipeEnd>(one, two, first_name),
          .second = std::make_unique<PipeEnd>(two, one, second_name)};
}

// A stream that never came to stand.
class Refused final : public Stream {
 public:
  Refused(Executor& executor, core::Error why) : inbox_(std::make_shared<Inbox>(executor)) {
    inbox_->end(std::move(why));
  }
  ~Refused() override { inbox_->stop(); }
  Refused(const Refused&) = delete;
  Refused& operator=(const Refused&) = delete;

  void set_listener(StreamListener& listener) override { inbox_->set_listener(listener); }
  Result<void> write(std::string bytes) override {
    if (!is_open()) return core::fail(detail::write_after_close());
    if (!detail::fits(bytes.size(), 0)) return core::fail(detail::too_much(bytes.size(), 0));
    return {};
  }
  void close() override { inbox_->stop(); }
  [[nodiscard]] bool is_open() const override { return inbox_->is_open(); }

 private:
  std::shared_ptr<Inbox> inbox_;
};

}  // namespace

class MemoryNetwork::Host final : public Network {
 public:
  Host(std::shared_ptr<detail::Board> board, Executor& executor) : board_(std::move(board)), executor_(executor) {}

  Result<std::unique_ptr<Acceptor>> listen(const Address& address, OnStream on_stream) override {
    return board_->listen(address, executor_, std::move(on_stream));
  }

  std::unique_ptr<Stream> connect(const Address& address) override {
    const auto queue = board_->find(address);
    if (!queue) return refuse(address, "nobody listens there");
    Pipe pipe = join(executor_, "the other end", queue->executor(), address.to_string());
    if (!queue->push(std::move(pipe.second))) return refuse(address, "too many wait to be accepted");
    return std::move(pipe.first);
  }

 private:
  std::unique_ptr<Stream> refuse(const Address& address, std::string_view reason) {
    return std::make_unique<Refused>(executor_, detail::refused(address.to_string(), reason));
  }

  std::shared_ptr<detail::Board> board_;
  Executor& executor_;
};

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_pipe(Executor& first, Executor& second) {
  Pipe pipe = join(first, "the other end", second, "the other end");
  return {std::move(pipe.first), std::move(pipe.second)};
}

MemoryNetwork::MemoryNetwork() : board_(std::make_shared<detail::Board>()) {}
MemoryNetwork::~MemoryNetwork() = default;

std::unique_ptr<Network> MemoryNetwork::host(Executor& executor) { return std::make_unique<Host>(board_, executor); }

}  // namespace argosy::net

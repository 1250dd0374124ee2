// What a process says passes here, and is counted; and the streams that it holds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "net/stream.hpp"

namespace argosy::simulation::detail {

struct StreamCount {
  std::int64_t held = 0;  // streams that nobody has let go
  std::int64_t sends = 0;
  std::function<bool()> may_leave = {};  // asked before each, where it is there
  std::function<void()> has_left = {};   // told after each
};

class CountedStream final : public net::Stream {
 public:
  CountedStream(std::shared_ptr<StreamCount> count, std::unique_ptr<net::Stream> stream)
      : count_(std::move(count)), stream_(std::move(stream)) {
    ++count_->held;
  }
  CountedStream(const CountedStream&) = delete;
  CountedStream& operator=(const CountedStream&) = delete;
  ~CountedStream() override { --count_->held; }
  void set_listener(net::StreamListener& listener) override { stream_->set_listener(listener); }
  core::Result<void> write(std::string bytes) override {
    ++count_->sends;
    if (count_->may_leave && !count_->may_leave()) return {};
    ARGOSY_TRY_VOID(stream_->write(std::move(bytes)));
    if (count_->has_left) count_->has_left();
    return {};
  }
  void close() override { stream_->close(); }
  [[nodiscard]] bool is_open() const override { return stream_->is_open(); }

 private:
  std::shared_ptr<StreamCount> count_;
  std::unique_ptr<net::Stream> stream_;
};

class CountedNetwork final : public net::Network {
 public:
  CountedNetwork(std::shared_ptr<StreamCount> count, std::unique_ptr<net::Network> network)
      : count_(std::move(count)), network_(std::move(network)) {}
  core::Result<std::unique_ptr<net::Acceptor>> listen(const net::Address& address, OnStream on_stream) override {
    return network_->listen(address, std::move(on_stream));
  }
  [[nodiscard]] std::unique_ptr<net::Stream> connect(const net::Address& address) override {
    return std::make_unique<CountedStream>(count_, network_->connect(address));
  }

 private:
  std::shared_ptr<StreamCount> count_;
  std::unique_ptr<net::Network> network_;
};

}  // namespace argosy::simulation::detail

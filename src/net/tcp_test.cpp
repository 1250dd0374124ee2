#include "net/tcp.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>

#include "core/limits.hpp"
#include "net/memory.hpp"
#include "net/test_network.hpp"

namespace argosy::net {
namespace {

using core::ErrorCode;

// A peer that is no Argosy: a plain blocking socket.
class PlainSocket {
 public:
  explicit PlainSocket(std::uint16_t port) : handle_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr plain{};
    static_assert(sizeof plain == sizeof address);
    std::memcpy(&plain, &address, sizeof address);
    connected_ = ::connect(handle_, &plain, sizeof plain) == 0;
  }
  ~PlainSocket() { ::close(handle_); }
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool send(const std::string& bytes) const {
    return ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void finish() const { ::shutdown(handle_, SHUT_WR); }
  // Closing then sends a reset instead of an end.
  void reset_at_close() const {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  int handle_;
  bool connected_ = false;
};

struct Tcp : testing::Test {
  RealTime time;
  std::unique_ptr<Network> network = make_tcp_network(*time.executor);
  Side server;
  Side client;
  std::unique_ptr<Acceptor> acceptor;

  void SetUp() override {
    auto listening = network->listen({.host = "localhost", .port = 0},
                                     [this](std::unique_ptr<Stream> stream) { server.take(std::move(stream)); });
    ASSERT_TRUE(listening) << listening.error().describe();
    acceptor = *std::move(listening);
    EXPECT_EQ(acceptor->address().host, "localhost");
  }

  bool until(const std::function<bool()>& done) { return run_until(*time.executor, done); }
};

TEST_F(Tcp, NamesAreLookedUp) {
  client.take(network->connect({.host = "localhost", .port = acceptor->address().port}));
  ASSERT_TRUE(client.stream->write("by name"));
  EXPECT_TRUE(until([&] { return server.notes.bytes == "by name"; }));
}

TEST_F(Tcp, NamesThatNobodyHas) {
  client.take(network->connect({.host = "no such name", .port = 1}));
  ASSERT_TRUE(until([&] { return !client.notes.closed.empty(); }));
  EXPECT_EQ(client.notes.closed[0].code, ErrorCode::kNotFound) << client.notes.closed[0].message;
  EXPECT_FALSE(client.notes.closed[0].hint.empty());
}

TEST_F(Tcp, ResetIsNoOrderlyEnd) {
  {
    const PlainSocket peer(acceptor->address().port);
    ASSERT_TRUE(peer.connected());
    ASSERT_TRUE(peer.send("half a mess"));
    ASSERT_TRUE(until([&] { return server.notes.bytes == "half a mess"; }));
    peer.reset_at_close();
  }
  ASSERT_TRUE(until([&] { return !server.notes.closed.empty(); }));
  const core::Error& why = server.notes.closed[0];
  EXPECT_EQ(why.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(why.retryable);
  EXPECT_TRUE(why.message.ends_with("broke: Connection reset by peer")) << why.message;
  EXPECT_FALSE(why.hint.empty());
}

TEST_F(Tcp, APeerThatEndsItsHalfClosedTheStream) {
  const PlainSocket peer(acceptor->address().port);
  ASSERT_TRUE(peer.send("that is all"));
  peer.finish();
  ASSERT_TRUE(until([&] { return !server.notes.closed.empty(); }));
  EXPECT_EQ(server.notes.bytes, "that is all");
  EXPECT_TRUE(server.notes.closed[0].message.ends_with("closed the connection"));
}

TEST_F(Tcp, AddressesToListenAt) {
  const auto nobody = [](const std::unique_ptr<Stream>&) { FAIL(); };
  for (const char* host : {"not a number", "192.0.2.1", ""}) {
    const auto listening = network->listen({.host = host, .port = 0}, nobody);
    ASSERT_FALSE(listening) << host;
    EXPECT_EQ(listening.error().code, ErrorCode::kInvalidArgument) << host;
    EXPECT_FALSE(listening.error().hint.empty());
  }
}

TEST_F(Tcp, WhatWasWrittenLeavesBeforeTheNetworkGoes) {
  auto other = make_tcp_network(*time.executor);
  const std::string large(core::limits::kStreamUnsentBytes, 'x');
  auto stream = other->connect({.host = "127.0.0.1", .port = acceptor->address().port});
  Notes notes;
  stream->set_listener(notes);
  ASSERT_TRUE(until([&] { return notes.connected == 1; }));
  ASSERT_TRUE(stream->write(large));
  stream.reset();
  other.reset();  // the server's thread reads meanwhile
  ASSERT_TRUE(until([&] { return !server.notes.closed.empty(); }));
  EXPECT_EQ(server.notes.bytes.size(), large.size());
  EXPECT_TRUE(server.notes.closed[0].message.ends_with("closed the connection")) << server.notes.closed[0].message;
}

TEST_F(Tcp, StreamsMayOutliveTheNetwork) {
  client.take(network->connect(acceptor->address()));
  ASSERT_TRUE(until([&] { return server.notes.connected == 1 && client.notes.connected == 1; }));
  auto late = network->connect(acceptor->address());
  network.reset();
  ASSERT_TRUE(until([&] { return !client.notes.closed.empty(); }));
  EXPECT_TRUE(client.notes.closed[0].message.ends_with("this program closed its network"));
  EXPECT_FALSE(client.stream->write("late"));
  EXPECT_TRUE(late->write("nowhere"));
  late->close();
  acceptor.reset();
}

TEST_F(Tcp, AClosedStreamDoesNotWaitForAPeerForever) {
  const PlainSocket peer(acceptor->address().port);
  ASSERT_TRUE(until([&] { return server.notes.connected == 1; }));
  // The peer never reads: the system's buffers are full, and so is the queue.
  while (server.stream->write(std::string(1'000'000, 'x'))) {
    (void)run_until(*time.executor, [] { return false; }, std::chrono::milliseconds{5});
  }
  server.stream.reset();
  const core::Duration before = time.clock.monotonic();
  network.reset();
  EXPECT_LT(time.clock.monotonic() - before, std::chrono::seconds{10});
}

// What a message costs there and back, beside memory in one thread. Printed, for a machine that is busy proves nothing.
TEST_F(Tcp, RoundTrips) {
  constexpr int kRounds = 2'000;
  const auto measure = [&](Side& from, Side& to) {
    int rounds = 0;
    to.notes.then = [&] {
      if (!std::exchange(to.notes.bytes, "").empty()) (void)to.stream->write("pong");
    };
    from.notes.then = [&] {
      if (++rounds < kRounds) {
        (void)from.stream->write("ping");
      } else {
        time.executor->stop();
      }
    };
    (void)from.stream->write("ping");
    const core::Duration before = time.clock.monotonic();
    time.executor->run();
    EXPECT_EQ(rounds, kRounds);
    return std::chrono::duration<double, std::micro>(time.clock.monotonic() - before).count() / kRounds;
  };
  client.take(network->connect(acceptor->address()));
  ASSERT_TRUE(until([&] { return server.notes.connected == 1 && client.notes.connected == 1; }));
  const double tcp = measure(client, server);
  auto pipe = make_pipe(*time.executor, *time.executor);
  Side one;
  Side two;
  one.take(std::move(pipe.first));
  two.take(std::move(pipe.second));
  ASSERT_TRUE(until([&] { return one.notes.connected == 1 && two.notes.connected == 1; }));
  const double memory = measure(one, two);
  std::cout << "us there and back: tcp " << tcp << ", memory " << memory << "\n";
}

}  // namespace
}  // namespace argosy::net

// What every make of streams promises, as cases that each of them passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "net/memory.hpp"
#include "net/simulated.hpp"
#include "net/stream.hpp"
#include "net/tcp.hpp"
#include "net/test_network.hpp"

namespace argosy::net {
namespace {

using core::ErrorCode;
constexpr std::size_t kMost = core::limits::kStreamUnsentBytes;

template <class Time>
class MemoryWorld final : public TestWorld {
 public:
  core::Executor& executor() override { return *time_.executor; }
  Network& client() override { return *client_; }
  Network& server() override { return *server_; }
  [[nodiscard]] Address address() const override { return {.host = "venue", .port = 0}; }

 private:
  Time time_;
  MemoryNetwork network_;
  std::unique_ptr<Network> client_ = network_.host(*time_.executor);
  std::unique_ptr<Network> server_ = network_.host(*time_.executor);
};

class TcpWorld final : public TestWorld {
 public:
  core::Executor& executor() override { return *time_.executor; }
  Network& client() override { return *client_; }
  Network& server() override { return *server_; }
  [[nodiscard]] Address address() const override { return {.host = "127.0.0.1", .port = 0}; }

 private:
  RealTime time_;
  std::unique_ptr<Network> client_ = make_tcp_network(*time_.executor);
  std::unique_ptr<Network> server_ = make_tcp_network(*time_.executor);
};

// With what bends no promise: pieces and jitter.
template <bool kUneven>
class SimulatedNetworkWorld final : public TestWorld {
 public:
  core::Executor& executor() override { return *time_.executor; }
  Network& client() override { return *client_; }
  Network& server() override { return *server_; }
  [[nodiscard]] Address address() const override { return {.host = "venue", .port = 0}; }

 private:
  SimulatedTime time_;
  SimulatedNetwork network_{*time_.executor, 7,
                            kUneven ? LinkSettings{.latency = std::chrono::microseconds{100},
                                                   .jitter = std::chrono::milliseconds{1},
                                                   .split = 0.5,
                                                   .clog = 0.01,
                                                   .clog_time = std::chrono::milliseconds{3}}
                                    : LinkSettings{}};
  std::unique_ptr<Network> client_ = network_.host("trader");
  std::unique_ptr<Network> server_ = network_.host("venue");
};

struct Make {
  const char* name;
  std::unique_ptr<TestWorld> (*make)();
};

template <class World>
std::unique_ptr<TestWorld> make_world() {
  return std::make_unique<World>();
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * i + i / 7) % 26);
  return text;
}

class Contract : public testing::TestWithParam<Make> {
 protected:
  void SetUp() override {
    auto listening = world->server().listen(world->address(), [this](std::unique_ptr<Stream> stream) {
      ++accepted;
      server.take(std::move(stream));
    });
    ASSERT_TRUE(listening) << listening.error().describe();
    acceptor = *std::move(listening);
  }

  void connect() {
    client.take(world->client().connect(acceptor->address()));
    ASSERT_TRUE(run_until([this] { return client.notes.connected == 1 && server.notes.connected == 1; }));
  }

  bool run_until(const std::function<bool()>& done) { return net::run_until(world->executor(), done); }
  // Long enough for what should not happen to happen.
  void settle() {
    (void)net::run_until(world->executor(), [] { return false; }, std::chrono::milliseconds{30});
  }

  // Writes until a write is refused and no room comes; what was taken, and the last answer.
  std::pair<std::string, core::Result<void>> fill(Side& side) {
    constexpr std::size_t kEnough = 50 * kMost;
    const std::string part = pattern(kMost / 4);
    std::pair<std::string, core::Result<void>> filled;
    for (int told = -1; told != side.notes.writable && filled.first.size() < kEnough;) {
      told = side.notes.writable;
      while (filled.first.size() < kEnough && (filled.second = side.stream->write(part))) filled.first += part;
      settle();
    }
    return filled;
  }

  std::unique_ptr<TestWorld> world = GetParam().make();
  Side client;
  Side server;
  int accepted = 0;
  std::unique_ptr<Acceptor> acceptor;
};

TEST_P(Contract, BytesArriveInOrderBothWays) {
  connect();
  std::string there;
  std::string back;
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(i) + ";";
    ASSERT_TRUE(client.stream->write(number));
    ASSERT_TRUE(server.stream->write("-" + number));
    there += number;
    back += "-" + number;
  }
  EXPECT_TRUE(run_until([&] { return server.notes.bytes.size() >= there.size(); }));
  EXPECT_TRUE(run_until([&] { return client.notes.bytes.size() >= back.size(); }));
  settle();
  EXPECT_EQ(server.notes.bytes, there);
  EXPECT_EQ(client.notes.bytes, back);
  EXPECT_EQ(client.notes.connected, 1);
  EXPECT_EQ(server.notes.connected, 1);
  EXPECT_EQ(accepted, 1);
  EXPECT_TRUE(client.notes.closed.empty());
  EXPECT_TRUE(server.notes.closed.empty());
}

TEST_P(Contract, NothingIsCalledFromWithinACall) {
  bool inside = true;
  const auto check = [&] { EXPECT_FALSE(inside); };
  client.notes.then = server.notes.then = check;
  client.take(world->client().connect(acceptor->address()));
  ASSERT_TRUE(client.stream->write("early"));
  inside = false;
  ASSERT_TRUE(run_until([this] { return server.notes.bytes == "early"; }));
  inside = true;
  ASSERT_TRUE(server.stream->write("answer"));
  server.stream->set_listener(server.notes);
  server.stream->close();
  inside = false;
  EXPECT_TRUE(run_until([this] { return !client.notes.closed.empty(); }));
  EXPECT_EQ(client.notes.bytes, "answer");
}

TEST_P(Contract, WritesBeforeTheConnectionStandsWait) {
  client.take(world->client().connect(acceptor->address()));
  EXPECT_TRUE(client.stream->is_open());
  ASSERT_TRUE(client.stream->write("one "));
  ASSERT_TRUE(client.stream->write(""));
  ASSERT_TRUE(client.stream->write("two"));
  EXPECT_TRUE(run_until([this] { return server.notes.bytes == "one two"; })) << server.notes.bytes;
}

TEST_P(Contract, BytesWaitForAListener) {
  auto stream = world->client().connect(acceptor->address());
  ASSERT_TRUE(run_until([this] { return server.stream != nullptr; }));
  ASSERT_TRUE(server.stream->write("before"));
  server.stream->close();
  settle();
  EXPECT_TRUE(stream->is_open());
  client.take(std::move(stream));
  EXPECT_TRUE(run_until([this] { return !client.notes.closed.empty(); }));
  EXPECT_EQ(client.notes.connected, 1);
  EXPECT_EQ(client.notes.bytes, "before");
}

TEST_P(Contract, ALargeWriteArrivesWhole) {
  connect();
  const std::string large = pattern(kMost);
  ASSERT_TRUE(client.stream->write(large));
  ASSERT_TRUE(run_until([&] { return server.notes.bytes.size() >= large.size(); }));
  EXPECT_TRUE(server.notes.bytes == large);
}

TEST_P(Contract, CloseTellsTheOtherSideAfterTheBytes) {
  connect();
  const std::string large = pattern(kMost / 2);
  ASSERT_TRUE(client.stream->write(large));
  ASSERT_TRUE(client.stream->write("end"));
  client.stream->close();
  client.stream->close();
  EXPECT_FALSE(client.stream->is_open());
  std::size_t size_at_close = 0;
  server.notes.then = [&] {
    if (!server.notes.closed.empty()) size_at_close = server.notes.bytes.size();
  };
  ASSERT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));
  settle();
  EXPECT_EQ(size_at_close, large.size() + 3);
  EXPECT_TRUE(server.notes.bytes == large + "end");
  ASSERT_EQ(server.notes.closed.size(), 1U);
  EXPECT_EQ(server.notes.closed[0].code, ErrorCode::kUnavailable);
  EXPECT_TRUE(server.notes.closed[0].message.ends_with("closed the connection")) << server.notes.closed[0].message;
  EXPECT_FALSE(server.notes.closed[0].hint.empty());
  EXPECT_FALSE(server.stream->is_open());
  EXPECT_TRUE(client.notes.closed.empty());  // who closes is not told
}

TEST_P(Contract, CloseTakesNothingFromThePeerThoughItsBytesWereNotRead) {
  auto stream = world->client().connect(acceptor->address());
  ASSERT_TRUE(run_until([this] { return server.notes.connected == 1; }));
  ASSERT_FALSE(fill(server).second);
  const std::string large = pattern(kMost / 2);
  ASSERT_TRUE(stream->write(large));
  stream->close();
  ASSERT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));
  EXPECT_TRUE(server.notes.bytes == large) << server.notes.bytes.size();
  EXPECT_TRUE(server.notes.closed[0].message.ends_with("closed the connection")) << server.notes.closed[0].message;
}

TEST_P(Contract, DestroyingCloses) {
  connect();
  ASSERT_TRUE(client.stream->write("last"));
  client.stream.reset();
  EXPECT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));
  EXPECT_EQ(server.notes.bytes, "last");
}

TEST_P(Contract, ANewConnectionIsClosedAtOnce) {
  client.take(world->client().connect(acceptor->address()));
  ASSERT_TRUE(client.stream->write("short"));
  client.stream.reset();
  EXPECT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));
  EXPECT_EQ(server.notes.bytes, "short");
  EXPECT_EQ(client.notes.connected, 0);
}

TEST_P(Contract, WritesAfterCloseAreErrors) {
  connect();
  client.stream->close();
  const auto written = client.stream->write("late");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(written.error().hint.empty());
  // The other side may go on until it is told.
  EXPECT_TRUE(server.stream->write("into the void"));
  ASSERT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));
  EXPECT_EQ(server.stream->write("late").error().code, ErrorCode::kUnavailable);
  settle();
  EXPECT_EQ(client.notes.bytes, "");
  EXPECT_EQ(server.notes.bytes, "");
}

TEST_P(Contract, WhatArrivesAfterCloseIsNotHandedOver) {
  connect();
  ASSERT_TRUE(server.stream->write("never seen"));
  client.stream->close();
  EXPECT_TRUE(run_until([this] { return server.notes.closed.size() == 1; }));
  settle();
  EXPECT_EQ(client.notes.bytes, "");
}

TEST_P(Contract, TheQueueIsBoundedAndSaysWhenThereIsRoom) {
  auto stream = world->client().connect(acceptor->address());
  ASSERT_TRUE(run_until([this] { return server.notes.connected == 1; }));
  // The client does not listen yet, so what the server writes waits, here or on its way.
  const auto [all, written] = fill(server);
  ASSERT_FALSE(written) << "a queue without a limit";
  EXPECT_EQ(written.error().code, ErrorCode::kLimit);
  EXPECT_TRUE(written.error().retryable);
  EXPECT_FALSE(written.error().hint.empty());
  EXPECT_GE(all.size(), kMost);
  EXPECT_TRUE(server.stream->is_open());
  const int told = server.notes.writable;
  server.notes.then = [this, told] {
    if (server.notes.writable != told + 1) return;
    EXPECT_TRUE(server.stream->write("more"));
    server.notes.then = [] {};
  };
  client.take(std::move(stream));
  ASSERT_TRUE(run_until([&] { return client.notes.bytes.size() >= all.size() + 4; }));
  EXPECT_TRUE(client.notes.bytes == all + "more");
  EXPECT_EQ(server.notes.writable, told + 1);

  const auto never = server.stream->write(std::string(kMost + 1, 'x'));
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, ErrorCode::kLimit);
  EXPECT_FALSE(never.error().retryable);
}

TEST_P(Contract, AListenerMayWrite) {
  connect();
  server.notes.then = [this] {
    if (server.notes.bytes.size() < 100) EXPECT_TRUE(server.stream->write("a"));
  };
  client.notes.then = [this] {
    if (client.notes.bytes.size() < 100) EXPECT_TRUE(client.stream->write("b"));
  };
  ASSERT_TRUE(client.stream->write("b"));
  EXPECT_TRUE(run_until([this] { return client.notes.bytes.size() >= 99; }));
  EXPECT_EQ(client.notes.bytes, std::string(client.notes.bytes.size(), 'a'));
}

TEST_P(Contract, AListenerMayCloseInBytes) {
  connect();
  server.notes.then = [this] { server.stream->close(); };
  ASSERT_TRUE(client.stream->write("first"));
  ASSERT_TRUE(run_until([this] { return !client.notes.closed.empty(); }));
  EXPECT_EQ(server.notes.chunks, 1);
  EXPECT_TRUE(server.notes.closed.empty());
}

TEST_P(Contract, AListenerMayDestroyTheStream) {
  // In each of its callbacks.
  client.notes.then = [this] { client.stream.reset(); };
  client.take(world->client().connect(acceptor->address()));
  ASSERT_TRUE(run_until([this] { return client.stream == nullptr; }));
  EXPECT_EQ(client.notes.connected, 1);
  ASSERT_TRUE(run_until([this] { return !server.notes.closed.empty(); }));

  client.notes.then = [] {};
  client.notes.connected = server.notes.connected = 0;
  server.notes.closed.clear();
  connect();
  server.notes.then = [this] { server.stream.reset(); };
  client.notes.then = [this] { client.stream.reset(); };
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.stream->write("x"));
  ASSERT_TRUE(run_until([this] { return client.stream == nullptr; }));
  settle();
  EXPECT_EQ(server.notes.chunks, 1);
  EXPECT_EQ(client.notes.closed.size(), 1U);  // destroyed within on_closed
  EXPECT_TRUE(server.notes.closed.empty());
}

TEST_P(Contract, AListenerMayBeReplaced) {
  connect();
  Notes other;
  server.notes.then = [&] { server.stream->set_listener(other); };
  ASSERT_TRUE(client.stream->write("one"));
  ASSERT_TRUE(run_until([this] { return server.notes.bytes == "one"; }));
  ASSERT_TRUE(client.stream->write("two"));
  ASSERT_TRUE(run_until([&] { return other.bytes == "two"; }));
  EXPECT_EQ(server.notes.bytes, "one");
  EXPECT_EQ(other.connected, 0);
  server.stream.reset();
}

TEST_P(Contract, NobodyListens) {
  const Address address = acceptor->address();
  acceptor.reset();
  client.take(world->client().connect(address));
  EXPECT_TRUE(client.stream->write("to nobody"));
  ASSERT_TRUE(run_until([this] { return !client.notes.closed.empty(); }));
  EXPECT_EQ(client.notes.closed[0].code, ErrorCode::kUnavailable);
  EXPECT_TRUE(client.notes.closed[0].retryable);
  EXPECT_TRUE(client.notes.closed[0].message.starts_with("cannot connect to " + address.to_string()))
      << client.notes.closed[0].message;
  EXPECT_FALSE(client.notes.closed[0].hint.empty());
  EXPECT_EQ(client.notes.connected, 0);
  EXPECT_FALSE(client.stream->is_open());
}

TEST_P(Contract, AnAddressHasOneListener) {
  const Address address = acceptor->address();
  EXPECT_NE(address.port, 0);
  const auto second = world->server().listen(address, [](const std::unique_ptr<Stream>&) { FAIL(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_FALSE(second.error().hint.empty());
  // Free again at once, and streams that stand outlive their acceptor.
  connect();
  acceptor.reset();
  auto again = world->server().listen(address, [](const std::unique_ptr<Stream>&) {});
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ((*again)->address(), address);
  ASSERT_TRUE(client.stream->write("still there"));
  EXPECT_TRUE(run_until([this] { return server.notes.bytes == "still there"; }));
}

TEST_P(Contract, AnAcceptorMayGoWithStreamsThatWait) {
  client.take(world->client().connect(acceptor->address()));
  acceptor.reset();
  ASSERT_TRUE(run_until([this] { return !client.notes.closed.empty(); }));
  settle();
  EXPECT_EQ(accepted, 0);
}

TEST_P(Contract, AnAcceptorMayGoInItsOwnCallback) {
  acceptor.reset();
  int streams = 0;
  auto listening = world->server().listen(world->address(), [&](std::unique_ptr<Stream> stream) {
    ++streams;
    server.take(std::move(stream));
    acceptor.reset();
  });
  ASSERT_TRUE(listening);
  acceptor = *std::move(listening);
  const Address address = acceptor->address();
  Side second;
  client.take(world->client().connect(address));
  second.take(world->client().connect(address));
  EXPECT_TRUE(run_until([&] { return client.notes.connected + second.notes.connected >= 1; }));
  // A system that closes its socket within a handshake may tell nobody: who connected learns it as soon as it speaks.
  for (Side* side : {&client, &second}) static_cast<void>(side->stream->write("hello"));
  EXPECT_TRUE(run_until([&] { return client.notes.closed.size() + second.notes.closed.size() >= 1; }));
  EXPECT_EQ(streams, 1);
}

TEST_P(Contract, ManyStreamsDoNotMix) {
  constexpr std::size_t kStreams = 40;
  acceptor.reset();
  std::vector<std::unique_ptr<Side>> servers;
  auto listening = world->server().listen(world->address(), [&](std::unique_ptr<Stream> stream) {
    Side& side = *servers.emplace_back(std::make_unique<Side>());
    side.notes.then = [&side] {
      if (side.notes.bytes.ends_with(".")) EXPECT_TRUE(side.stream->write(std::exchange(side.notes.bytes, "")));
    };
    side.take(std::move(stream));
  });
  ASSERT_TRUE(listening);
  std::vector<std::unique_ptr<Side>> clients;
  for (std::size_t i = 0; i < kStreams; ++i) {
    clients.push_back(std::make_unique<Side>());
    clients.back()->take(world->client().connect((*listening)->address()));
    ASSERT_TRUE(clients.back()->stream->write("stream " + std::to_string(i) + "."));
  }
  for (std::size_t i = 0; i < kStreams; ++i) {
    EXPECT_TRUE(run_until([&] { return clients[i]->notes.bytes == "stream " + std::to_string(i) + "."; })) << i;
  }
  EXPECT_EQ(servers.size(), kStreams);
}

INSTANTIATE_TEST_SUITE_P(Makes, Contract,
                         testing::Values(Make{"Memory", make_world<MemoryWorld<SimulatedTime>>},
                                         Make{"MemoryInRealTime", make_world<MemoryWorld<RealTime>>},
                                         Make{"Tcp", make_world<TcpWorld>},
                                         Make{"Simulated", make_world<SimulatedNetworkWorld<false>>},
                                         Make{"SimulatedUneven", make_world<SimulatedNetworkWorld<true>>}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace argosy::net

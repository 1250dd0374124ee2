#include "net/simulated.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "core/rng.hpp"
#include "net/test_network.hpp"

namespace argosy::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A trader that connects to a venue.
struct World {
  explicit World(std::uint64_t seed = 1, const LinkSettings& settings = {.latency = milliseconds{10}})
      : network(*time.executor, seed, settings) {
    auto listening = venue->listen({.host = "venue", .port = 7},
                                   [this](std::unique_ptr<Stream> stream) { server.take(std::move(stream)); });
    acceptor = *std::move(listening);
    client.notes.then = [this] { note(client.notes, client_seen, 'c'); };
    server.notes.then = [this] { note(server.notes, server_seen, 's'); };
    client.take(trader->connect(acceptor->address()));
  }

  // Everything that both sides were told, with the time: "c+@20" is the client's connection after 20 ms.
  void note(const Notes& notes, std::size_t& seen, char who) {
    trace += who;
    if (!notes.closed.empty()) {
      trace += '!';
    } else if (notes.bytes.size() > seen) {
      trace += notes.bytes.substr(seen);
    } else {
      trace += '+';
    }
    seen = notes.bytes.size();
    trace += "@" + std::to_string(elapsed() / milliseconds{1}) + " ";
  }

  [[nodiscard]] core::Duration elapsed() const { return time.clock.now() - start; }
  void run() { time.executor->run(); }
  void run_for(core::Duration duration) {
    time.executor->call_at(time.clock.now() + duration, [this] { time.executor->stop(); });
    time.executor->run();
  }

  SimulatedTime time;
  core::Timestamp start = time.clock.now();
  SimulatedNetwork network;
  std::unique_ptr<Network> trader = network.host("trader");
  std::unique_ptr<Network> venue = network.host("venue");
  Side server;
  Side client;
  std::size_t server_seen = 0;
  std::size_t client_seen = 0;
  std::string trace;
  std::unique_ptr<Acceptor> acceptor;
};

TEST(Simulated, EverythingTakesItsLatency) {
  World world;
  world.run();
  ASSERT_TRUE(world.client.stream->write("ask"));
  world.run();
  world.network.set_link("venue", "trader", {.latency = milliseconds{500}});
  ASSERT_TRUE(world.server.stream->write("answer"));
  world.run();
  world.client.stream->close();
  world.run();
  EXPECT_EQ(world.trace, "s+@10 c+@20 sask@30 canswer@530 s!@540 ");
  EXPECT_EQ(world.network.counts(), (NetworkCounts{.connections = 1}));
}

TEST(Simulated, NobodyThereTakesAWayAndBack) {
  World world;
  world.acceptor.reset();
  world.run();
  EXPECT_EQ(world.trace, "c!@20 ");
  EXPECT_EQ(world.client.notes.closed[0].message, "cannot connect to venue:7: nobody listens there");
  EXPECT_EQ(world.network.counts(), (NetworkCounts{.refused = 1}));
}

TEST(Simulated, HostsListenAtTheirOwnName) {
  World world;
  const auto listening = world.trader->listen({.host = "venue", .port = 8}, [](const std::unique_ptr<Stream>&) {});
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, core::ErrorCode::kInvalidArgument);
}

TEST(Simulated, JitterKeepsTheOrder) {
  World world(3, {.latency = milliseconds{1}, .jitter = milliseconds{100}});
  world.run();
  std::string sent;
  for (int i = 0; i < 100; ++i) {
    const std::string part = std::to_string(i) + ",";
    ASSERT_TRUE(world.client.stream->write(part));
    sent += part;
    world.run_for(milliseconds{1});
  }
  world.run();
  EXPECT_EQ(world.server.notes.bytes, sent);
  EXPECT_EQ(world.server.notes.chunks, 100);
}

TEST(Simulated, PiecesAreCutAndJoinedAnywhere) {
  World world(3, {.latency = milliseconds{10}, .split = 1});
  std::set<std::string> chunks;
  std::size_t seen = 0;
  world.server.notes.then = [&] {
    chunks.insert(world.server.notes.bytes.substr(seen));
    seen = world.server.notes.bytes.size();
  };
  std::string sent;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(world.client.stream->write("abc\ndef\n"));
    sent += "abc\ndef\n";
  }
  world.run();
  EXPECT_EQ(world.server.notes.bytes, sent);
  EXPECT_EQ(world.network.counts().splits, 200);
  // Each byte has been the first of a chunk, and some chunk went over the border of two writes.
  std::set<char> first;
  for (const std::string& chunk : chunks) {
    if (!chunk.empty()) first.insert(chunk.front());
  }
  EXPECT_EQ(first.size(), 7U);
  EXPECT_TRUE(std::ranges::any_of(chunks, [](const std::string& chunk) { return chunk.contains("f\nab"); }));
}

TEST(Simulated, APartitionHoldsAndAHealedOneDelivers) {
  World world;
  world.run();
  ASSERT_TRUE(world.client.stream->write("on its way;"));
  world.network.partition("venue", "trader");
  ASSERT_TRUE(world.client.stream->write("during;"));
  ASSERT_TRUE(world.server.stream->write("back"));
  Side late;
  Side late_server;
  const auto second = world.venue->listen({.host = "venue", .port = 8},
                                          [&](std::unique_ptr<Stream> stream) { late_server.take(std::move(stream)); });
  late.take(world.trader->connect({.host = "venue", .port = 8}));
  world.run_for(seconds{100});
  EXPECT_EQ(world.server.notes.bytes, "");
  EXPECT_EQ(late.notes.connected, 0);
  world.network.heal("trader", "venue");
  world.run();
  EXPECT_EQ(world.server.notes.bytes, "on its way;during;");
  EXPECT_EQ(world.client.notes.bytes, "back");
  EXPECT_EQ(late.notes.connected, 1);
  EXPECT_TRUE(world.client.notes.closed.empty());
  EXPECT_EQ(world.elapsed(), seconds{100} + milliseconds{40});
}

TEST(Simulated, APartitionIsBetweenTwoHosts) {
  World world;
  world.run();
  world.network.partition("trader", "somebody else");
  ASSERT_TRUE(world.client.stream->write("passes"));
  world.run();
  EXPECT_EQ(world.server.notes.bytes, "passes");
}

TEST(Simulated, SilenceIsNotNoticedAndGoesOneWay) {
  World world;
  world.run();
  ASSERT_TRUE(world.server.stream->write("arrives;"));
  world.network.silence("venue", "trader");
  ASSERT_TRUE(world.server.stream->write("lost"));
  ASSERT_TRUE(world.client.stream->write("order"));
  world.run_for(seconds{1'000});
  EXPECT_EQ(world.client.notes.bytes, "arrives;");
  EXPECT_EQ(world.server.notes.bytes, "order");
  EXPECT_TRUE(world.client.stream->is_open());
  EXPECT_TRUE(world.server.stream->is_open());
  // Nobody says that the bytes arrived, so they count until the queue is full.
  ASSERT_TRUE(world.server.stream->write(std::string(core::limits::kStreamUnsentBytes - 4, 'x')));
  EXPECT_TRUE(world.server.stream->write("y").error().retryable);
  // Not even an end arrives.
  world.server.stream->close();
  world.run();
  EXPECT_TRUE(world.client.notes.closed.empty());
  EXPECT_EQ(world.network.counts(),
            (NetworkCounts{.connections = 1, .silences = 1, .lost_bytes = core::limits::kStreamUnsentBytes}));
}

TEST(Simulated, ACutLosesWhatIsOnItsWayFromAnyByteOn) {
  const std::string order = "0123456789";
  std::set<std::size_t> arrived;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    world.run();
    ASSERT_TRUE(world.client.stream->write("known;"));
    world.run();
    ASSERT_TRUE(world.client.stream->write(order));
    world.network.cut("venue", "trader");
    world.network.cut("venue", "trader");  // once is enough
    EXPECT_TRUE(world.client.stream->write("not told yet"));
    world.run();
    const std::string& bytes = world.server.notes.bytes;
    ASSERT_TRUE(("known;" + order).starts_with(bytes)) << bytes;
    arrived.insert(bytes.size() - 6);
    EXPECT_EQ(world.client.notes.closed.size(), 1U);
    ASSERT_EQ(world.server.notes.closed.size(), 1U);
    EXPECT_EQ(world.server.notes.closed[0].message, "the connection to trader broke: Connection reset by peer");
    EXPECT_TRUE(world.server.notes.closed[0].retryable);
    EXPECT_EQ(world.network.counts().cuts, 1);
    EXPECT_EQ(world.network.counts().lost_bytes, static_cast<std::int64_t>(order.size() + 6 - bytes.size()));
  }
  EXPECT_EQ(arrived.size(), order.size() + 1);  // from nothing to all of it
}

TEST(Simulated, ACloggedLinkIsLate) {
  World world;
  world.run();
  ASSERT_TRUE(world.client.stream->write("one"));
  world.network.clog("trader", "venue", seconds{5});
  ASSERT_TRUE(world.client.stream->write("two"));
  ASSERT_TRUE(world.server.stream->write("free"));
  world.run();
  EXPECT_EQ(world.trace, "s+@10 c+@20 cfree@30 sone@5020 stwo@5020 ");
  world.network.clog("venue", "trader", seconds{1});  // with nothing on its way
  ASSERT_TRUE(world.server.stream->write("late"));
  world.run();
  EXPECT_TRUE(world.trace.ends_with("stwo@5020 clate@6020 ")) << world.trace;
  world.network.set_link("venue", "trader", {.clog = 1, .clog_time = seconds{2}});
  ASSERT_TRUE(world.server.stream->write("later"));
  world.run();
  EXPECT_TRUE(world.trace.ends_with(" clater@8020 ")) << world.trace;
}

TEST(Simulated, FaultsAreDrawnForEachWrite) {
  World world(5, {.split = 0.1, .silence = 0.002, .clog = 0.05, .clog_time = milliseconds{7}});
  world.network.set_link("venue", "trader", {.cut = 0.002});
  world.run();
  for (int i = 0; i < 5'000; ++i) {
    if (!world.client.stream->is_open()) {
      world.client.notes.connected = 0;
      world.client.take(world.trader->connect({.host = "venue", .port = 7}));
      world.run();
    }
    (void)world.client.stream->write("to the venue");
    (void)world.server.stream->write("to the trader");
    world.run_for(milliseconds{2});
  }
  const NetworkCounts& counts = world.network.counts();
  EXPECT_NEAR(static_cast<double>(counts.cuts), 10, 9);
  EXPECT_GE(counts.silences, 1);
  EXPECT_GE(counts.connections, counts.cuts);
  EXPECT_GT(counts.clogs, 20);
  EXPECT_GT(counts.splits, 50);
}

TEST(Simulated, EverythingMayOutliveTheNetwork) {
  SimulatedTime time;
  auto network = std::make_unique<SimulatedNetwork>(*time.executor, 1);
  const auto venue = network->host("venue");
  Side server;
  auto listening = venue->listen({.host = "venue", .port = 0},
                                 [&](std::unique_ptr<Stream> stream) { server.take(std::move(stream)); });
  Side client;
  client.take(venue->connect((*listening)->address()));
  network.reset();
  ASSERT_TRUE(client.stream->write("still"));
  time.executor->run();
  EXPECT_EQ(server.notes.bytes, "still");
}

// Two sides that talk at random over a bad network, and what became of it.
struct Talk {
  std::string trace;
  NetworkCounts counts;
  bool in_order = true;
  bool whole = true;
};

Talk talk(std::uint64_t seed, const LinkSettings& settings) {
  World world(seed, settings);
  core::Rng rng(seed);
  world.run();
  std::string sent[2];
  for (int i = 0; i < 60; ++i) {
    const bool up = rng.below(2) == 0;
    Side& side = up ? world.client : world.server;
    const std::string text(1 + rng.below(40), static_cast<char>('a' + i % 26));
    if (side.stream && side.stream->write(text)) sent[up ? 0 : 1] += text;
    if (rng.below(20) == 0) world.network.partition("trader", "venue");
    if (rng.below(5) == 0) world.network.heal("trader", "venue");
    world.run_for(milliseconds{rng.below(15)});
  }
  world.network.heal("trader", "venue");
  world.run();
  return {.trace = world.trace,
          .counts = world.network.counts(),
          .in_order = sent[0].starts_with(world.server.notes.bytes) && sent[1].starts_with(world.client.notes.bytes),
          .whole = sent[0] == world.server.notes.bytes && sent[1] == world.client.notes.bytes};
}

RC_GTEST_PROP(SimulatedProperty, WhatArrivesIsABeginningOfWhatWasSent, (std::uint64_t seed)) {
  const auto chance = [](double most) { return static_cast<double>(*rc::gen::inRange(0, 100)) / 100 * most; };
  LinkSettings settings{.latency = milliseconds{*rc::gen::inRange(0, 30)},
                        .jitter = milliseconds{*rc::gen::inRange(0, 30)},
                        .split = chance(1),
                        .clog = chance(0.2),
                        .clog_time = milliseconds{*rc::gen::inRange(0, 50)}};
  const Talk kind = talk(seed, settings);
  RC_ASSERT(kind.whole);
  RC_ASSERT(kind.counts.lost_bytes == 0);
  settings.cut = chance(0.05);
  settings.silence = chance(0.05);
  const Talk bad = talk(seed, settings);
  RC_ASSERT(bad.in_order);
  RC_ASSERT(bad.whole || bad.counts.cuts + bad.counts.silences > 0);
  const Talk again = talk(seed, settings);
  RC_ASSERT(again.trace == bad.trace);
  RC_ASSERT(again.counts == bad.counts);
}

TEST(Simulated, SeedsDiffer) {
  const LinkSettings settings{.latency = milliseconds{1}, .jitter = milliseconds{20}, .split = 0.5, .cut = 0.01};
  std::set<std::string> traces;
  for (std::uint64_t seed = 0; seed < 20; ++seed) traces.insert(talk(seed, settings).trace);
  EXPECT_EQ(traces.size(), 20U);
}

}  // namespace
}  // namespace argosy::net

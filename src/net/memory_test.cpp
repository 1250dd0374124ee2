#include "net/memory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "core/limits.hpp"
#include "net/frames.hpp"
#include "net/test_network.hpp"

namespace argosy::net {
namespace {

// Answers each line with the same line.
class Echo final : public StreamListener {
 public:
  void take(std::unique_ptr<Stream> stream) {
    stream_ = std::move(stream);
    stream_->set_listener(*this);
  }
  void on_bytes(std::string_view bytes) override {
    waiting_ += bytes;
    on_writable();
  }
  void on_writable() override {
    if (stream_->write(waiting_)) waiting_.clear();
  }
  void on_closed(const core::Error& /*why*/) override { stream_.reset(); }

 private:
  std::unique_ptr<Stream> stream_;
  std::string waiting_;
};

TEST(MemoryThreads, ALineGoesRoundBetweenTwoThreads) {
  constexpr int kLines = 20'000;
  constexpr int kAhead = 50;
  RealTime here;
  RealTime there;
  MemoryNetwork network;
  const auto server = network.host(*there.executor);
  Echo echo;
  auto acceptor = server->listen({.host = "venue", .port = 1},
                                 [&](std::unique_ptr<Stream> stream) { echo.take(std::move(stream)); });
  ASSERT_TRUE(acceptor);
  std::jthread thread([&] { there.executor->run(); });

  Side client;
  FrameReader reader;
  int sent = 0;
  int received = 0;
  std::size_t read = 0;
  const auto send = [&] { ASSERT_TRUE(client.stream->write(to_frame(std::to_string(sent++)).value())); };
  client.notes.then = [&] {
    reader.feed(std::string_view(client.notes.bytes).substr(read));
    read = client.notes.bytes.size();
    for (auto frame = reader.next().value(); frame; frame = reader.next().value()) {
      ASSERT_EQ(*frame, std::to_string(received++));
      if (sent < kLines) send();
    }
  };
  client.take(network.host(*here.executor)->connect({.host = "venue", .port = 1}));
  for (int i = 0; i < kAhead; ++i) send();
  EXPECT_TRUE(run_until(*here.executor, [&] { return received == kLines; }));
  client.stream.reset();
  there.executor->post([&] { there.executor->stop(); });
}

TEST(MemoryThreads, EndsMayGoAtTheSameTime) {
  RealTime here;
  RealTime there;
  std::jthread thread([&] { there.executor->run(); });
  for (int round = 0; round < 300; ++round) {
    auto ends = make_pipe(*here.executor, *there.executor);
    Side ours;
    ours.take(std::move(ends.first));
    const auto theirs = std::make_shared<Side>();
    std::atomic<bool> gone = false;
    there.executor->post([theirs, &gone, stream = std::make_shared<std::unique_ptr<Stream>>(std::move(ends.second))] {
      theirs->take(std::move(*stream));
      (void)theirs->stream->write("something");
      theirs->stream.reset();
      gone = true;
    });
    for (int i = 0; i < round % 7; ++i) (void)ours.stream->write("anything");
    if (round % 2 == 0) ours.stream.reset();
    if (round % 2 == 1) {
      ASSERT_TRUE(run_until(*here.executor, [&] { return !ours.notes.closed.empty(); }));
      EXPECT_EQ(ours.notes.bytes, "something");
    }
    while (!gone) std::this_thread::yield();
  }
  there.executor->stop();
}

TEST(MemoryThreads, AFastWriterWaitsForASlowReader) {
  RealTime here;
  RealTime there;
  auto ends = make_pipe(*here.executor, *there.executor);
  std::size_t read = 0;
  Side reader;
  reader.notes.then = [&] { read += std::exchange(reader.notes.bytes, "").size(); };
  reader.take(std::move(ends.second));

  constexpr std::size_t kBytes = 40 * core::limits::kStreamUnsentBytes;
  Side writer;
  std::size_t written = 0;
  bool whole = false;
  const auto write = [&] {
    while (written < kBytes) {
      if (!writer.stream->write(std::string(100'000, 'x'))) return;
      written += 100'000;
    }
    whole = true;
  };
  writer.notes.then = write;
  writer.take(std::move(ends.first));
  write();  // until it is refused, since nobody reads yet
  EXPECT_EQ(written, core::limits::kStreamUnsentBytes / 100'000 * 100'000);
  std::jthread thread([&] { there.executor->run(); });
  EXPECT_TRUE(run_until(*here.executor, [&] { return whole; }));
  EXPECT_GT(writer.notes.writable, 0);
  writer.stream.reset();
  std::atomic<bool> closed = false;
  std::function<void()> look = [&] {
    closed = !reader.notes.closed.empty();
    if (!closed) there.executor->call_at(there.clock.now() + std::chrono::milliseconds{1}, look);
  };
  there.executor->post(look);
  while (!closed) std::this_thread::yield();
  there.executor->stop();
  thread.join();
  EXPECT_EQ(read, written);
}

}  // namespace
}  // namespace argosy::net

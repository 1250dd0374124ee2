// For tests: a client's and a server's network of some make, listeners that note what they are told, and a way to run
// the executor until something is so.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/executor.hpp"
#include "net/stream.hpp"

namespace argosy::net {

// Notes everything; `then` runs last in each callback, and may do what it likes with the stream.
struct Notes final : StreamListener {
  std::string bytes;
  int chunks = 0;
  int connected = 0;
  int writable = 0;
  std::vector<core::Error> closed;
  std::function<void()> then = [] {};

  void on_connected() override {
    ++connected;
    call();
  }
  void on_bytes(std::string_view some) override {
    bytes += some;
    ++chunks;
    call();
  }
  void on_writable() override {
    ++writable;
    call();
  }
  void on_closed(const core::Error& why) override {
    closed.push_back(why);
    call();
  }

 private:
  void call() {
    const auto copy = then;  // it may change itself
    copy();
  }
};

// One side of a stream.
struct Side {
  Notes notes;
  std::unique_ptr<Stream> stream;

  void take(std::unique_ptr<Stream> taken) {
    stream = std::move(taken);
    stream->set_listener(notes);
  }
};

// Runs the executor, looking at `done` now and then; false when it did not come true within `patience` of its clock.
inline bool run_until(core::Executor& executor, const std::function<bool()>& done,
                      core::Duration patience = std::chrono::seconds{20}) {
  constexpr core::Duration kBetween = std::chrono::microseconds{200};
  const core::Timestamp end = executor.clock().now() + patience;
  std::function<void()> look = [&] {
    if (done() || executor.clock().now() >= end) {
      executor.stop();
    } else {
      executor.call_at(executor.clock().now() + kBetween, look);
    }
  };
  executor.post(look);
  executor.run();
  return done();
}

// A make of streams in a world of one executor.
class TestWorld {
 public:
  virtual ~TestWorld() = default;
  virtual core::Executor& executor() = 0;
  virtual Network& client() = 0;
  virtual Network& server() = 0;
  [[nodiscard]] virtual Address address() const = 0;  // where the server may listen
};

// The executor of a world, real or simulated.
struct RealTime {
  core::SystemClock clock;
  std::unique_ptr<core::Executor> executor = core::make_real_executor(clock);
};
struct SimulatedTime {
  core::SimulatedClock clock{core::Timestamp{std::chrono::seconds{1'700'000'000}}};
  std::unique_ptr<core::Executor> executor = core::make_simulated_executor(clock);
};

}  // namespace argosy::net

// Plays the demo market on an executor: each quote at its time by the executor's clock.
//
//   DemoFeed feed(executor, DemoStream(market, *calendar, {.start = clock.now()}),
//                 [](const std::string& symbol, const market::Quote& quote) { ... });
//   feed.add("AAPL");                                     // from any thread
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/executor.hpp"
#include "feeds/demo_stream.hpp"

namespace argosy::feeds {

class DemoFeed {
 public:
  using Use = std::function<void(const std::string& symbol, const market::Quote& quote)>;

  // `use` is called on the executor, which outlives the feed.
  DemoFeed(core::Executor& executor, DemoStream stream, Use use);
  ~DemoFeed();
  DemoFeed(const DemoFeed&) = delete;
  DemoFeed& operator=(const DemoFeed&) = delete;

  // Its quotes begin within an interval. Twice is once.
  void add(const std::string& symbol);

 private:
  struct State;
  static void pump(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;  // what is posted finds it gone when the feed is
};

}  // namespace argosy::feeds

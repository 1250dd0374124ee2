// Plays a feed's events at their times: as fast as they happened, or faster, on whatever clock the executor has.
//
//   SimulatedStream stream(market);
//   Player player(executor, [&] { return stream.next(); }, {.speed = 60}, [](const FeedEvent& event) { use(event); });
//   player.start();
//   executor.run();
//
// Who wants them step by step calls the feed's next() instead.
#pragma once

#include <functional>
#include <optional>

#include "core/executor.hpp"
#include "feeds/event.hpp"

namespace argosy::feeds {

struct PlayerOptions {
  double speed = 1;  // above 0: so many seconds of the feed in one of the clock
  // Longer waits between two events, in the feed's time, are cut to this: nights, weekends. Nothing: they are not.
  std::optional<core::Duration> longest_wait = {};
};

// Lives until it is done or destroyed; both on the executor's thread.
class Player {
 public:
  using Use = std::function<void(const FeedEvent&)>;
  using Done = std::function<void()>;

  Player(core::Executor& executor, NextEvent next, PlayerOptions options, Use use, Done done = {});
  ~Player();
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // The first event comes at once, each other as long after it as it did in the feed, over the speed.
  void start();

 private:
  void deliver();
  void plan();

  core::Executor& executor_;
  NextEvent next_;
  PlayerOptions options_;
  Use use_;
  Done done_;
  std::optional<FeedEvent> waiting_;
  core::Timestamp started_;   // by the executor's clock
  core::Duration played_{0};  // time of the feed until the waiting event, without what was cut
  core::TimerId timer_;
};

}  // namespace argosy::feeds

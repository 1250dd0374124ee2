// Lets the faults of a mix loose on a world: each for some stretches of every session, at times and strengths that come
// from the seed and the fault's own number, so that a fault's luck does not depend on which others are in the mix.
//
//   Storm storm(world, faults, seed);
//   storm.plan(opening, closing);          // stretches of one session
//   storm.run();                           // the world goes on until the last of them is over
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/rng.hpp"
#include "simulation/fault.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {

// How often services ask for a decision, seconds; F39 makes it one.
inline constexpr int kInterval = 120;

class Storm {
 public:
  // The world outlives it.
  Storm(World& world, const FaultSet& faults, std::uint64_t seed);
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;
  ~Storm() = default;

  // Within these times; the process is killed once at least.
  void plan(core::Timestamp from, core::Timestamp to);
  void run();

 private:
  using Work = std::function<void()>;
  // What begins, and what ends it; nothing: it is over at once.
  struct Bout {
    Work begin;
    Work end;
  };
  void add(core::Timestamp time, Work work) { due_.emplace(time, std::move(work)); }
  void ask(core::Timestamp time, std::string kind, std::string payload);
  void plan_life(core::Timestamp from, core::Timestamp to);
  void plan_own_orders(core::Timestamp from, core::Timestamp to);
  void plan_portfolios(core::Timestamp from, core::Timestamp to);
  void plan_death(core::Timestamp time, core::Rng& rng);
  [[nodiscard]] Bout make_bout(Fault fault, core::Rng& rng);
  [[nodiscard]] Bout of_broker(BrokerFault fault, double share);
  [[nodiscard]] Bout of_feed(FeedFault fault, double share);
  [[nodiscard]] Bout of_disk(Fault fault, core::Rng& rng);
  [[nodiscard]] Bout of_memory(core::Rng& rng);
  [[nodiscard]] Bout of_pause(core::Rng& rng);
  [[nodiscard]] Bout of_lock(core::Rng& rng);
  [[nodiscard]] Bout of_network(core::Rng& rng);

  World& world_;
  FaultSet faults_;
  core::Rng rng_;
  std::int64_t planned_days_ = 0;
  bool has_own_orders_ = false;
  std::int64_t failed_before_ = 0;  // operations of the disk
  std::multimap<core::Timestamp, Work> due_;
};

}  // namespace argosy::simulation

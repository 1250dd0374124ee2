// Many scenarios, on several threads: those of a seed until so many days are played, or new ones until the time is up.
// What is found does not depend on the number of threads.
//
//   const SwarmResult result = run_swarm({.seed = 7, .days = 100}, clock, [&](const SwarmResult& so_far) { ... });
//   result.failed                 // the first scenario, by its number, with something wrong; nothing: all is well
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "simulation/scenario.hpp"

namespace argosy::simulation {

struct SwarmSettings {
  std::uint64_t seed = 1;
  int days = 100;            // in all
  core::Duration time = {};  // by the clock; above zero: new scenarios until then, whatever `days` says
  FaultSet pool = FaultSet::all();
  int threads = 1;
};

struct SwarmResult {
  std::int64_t scenarios = 0;
  std::int64_t days = 0;
  std::int64_t deaths = 0;
  std::int64_t orders = 0;
  std::int64_t fills = 0;
  std::int64_t bars = 0;
  FaultCounts fired{};
  std::string hash;  // of the hashes of all scenarios, in their order
  core::Duration wall{};
  core::Duration work{};  // of all threads
  struct Failed {
    Scenario scenario;
    Outcome outcome;
  };
  std::optional<Failed> failed;  // nothing after it counts
};

// `clock`: real time. `progress` is called from any of the threads, one at a time.
[[nodiscard]] SwarmResult run_swarm(const SwarmSettings& settings, const core::Clock& clock,
                                    const std::function<void(const SwarmResult& so_far)>& progress = {});

}  // namespace argosy::simulation

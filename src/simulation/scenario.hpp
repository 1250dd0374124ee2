// A run of some simulated days that is known by its seed, its days and its faults: the same three give the same bytes.
//
//   const Scenario scenario = draw_scenario(7, 0, FaultSet::all(), 100);     // the first of the run with seed 7
//   const Outcome outcome = run_scenario(scenario);
//   if (!outcome.violations.empty()) say(to_string(shrink(scenario).scenario));
//
// A day is a session of the exchange with five services on three instruments: some hours with faults in which the
// process dies once at least, then a quiet time. When the exchange has closed everything must be resolved, and is
// checked. Some nights the process ends, in others it goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "simulation/fault.hpp"

namespace argosy::simulation {

struct Scenario {
  std::uint64_t seed = 1;
  int days = 1;
  FaultSet faults;
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

// "7:3:F2,F13", and back.
[[nodiscard]] std::string to_string(const Scenario& scenario);
[[nodiscard]] core::Result<Scenario> parse_scenario(std::string_view text);

// The scenario number `number`, from 0, of a run: one to five days, at most `most_days`, with three to eight faults of
// the pool, or all where it has fewer.
[[nodiscard]] Scenario draw_scenario(std::uint64_t seed, std::uint64_t number, const FaultSet& pool, int most_days);

struct Outcome {
  int days = 0;  // that were played: up to the first that something was wrong with
  std::int64_t deaths = 0;
  std::int64_t orders = 0;  // at the broker
  std::int64_t fills = 0;
  std::int64_t bars = 0;  // appended to the lake
  FaultCounts fired{};
  std::vector<std::string> violations;  // empty: all is well
  std::string hash;                     // of all rows of the ledger and of the broker's books, and of the lake's files
  std::vector<std::string> events;      // the last ones, in words, where they were wanted
};

struct RunOptions {
  std::size_t events = 0;  // how many of the last ones are kept; the outcome is the same with any number
  std::string keep = {};   // a folder that is there, for the ledger and the broker's books as they are at the end
};
[[nodiscard]] Outcome run_scenario(const Scenario& scenario, const RunOptions& options = {});

struct Shrunk {
  Scenario scenario;  // still fails
  Outcome outcome;    // with its last events
  int runs = 0;
};
// Leaves out days and faults as long as something is still wrong; `progress` is told before each run.
[[nodiscard]] Shrunk shrink(const Scenario& failing, std::size_t events,
                            const std::function<void(const Scenario& tried)>& progress = {});

}  // namespace argosy::simulation

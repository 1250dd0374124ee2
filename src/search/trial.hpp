// One evaluation of a setting, and how trials are ranked.
//
//   const std::vector<std::size_t> order = rank(trials, objectives);   // the best first
//   const std::vector<std::size_t> front = pareto_front(trials, objectives);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "search/space.hpp"

namespace argosy::search {

enum class Direction : std::uint8_t { kMinimise, kMaximise };

struct Objective {
  std::string name;
  Direction direction = Direction::kMaximise;
};

enum class TrialState : std::uint8_t {
  kRunning,     // asked for, or waiting for the others of its rung
  kComplete,    // evaluated with the whole resource
  kInfeasible,  // the same, but it breaks a constraint
  kPruned,      // given up before
  kFailed,      // an error, or a value that is no number
};
[[nodiscard]] std::string_view to_string(TrialState state);

// What the trial had reached when it was looked at: the value of the first objective.
struct Intermediate {
  std::int64_t resource = 0;
  double value = 0;

  friend bool operator==(const Intermediate&, const Intermediate&) = default;
};

struct Trial {
  std::int64_t number = 0;
  Setting setting;
  TrialState state = TrialState::kRunning;
  std::vector<double> values;       // one an objective, of the largest resource; empty when it failed
  std::vector<double> constraints;  // at or below 0 is fine
  std::vector<Intermediate> intermediates;
  std::string engine;             // what computed it, in words
  std::string result_hash;        // of what the evaluator computed; "" when it makes none
  std::string statistics = "{}";  // JSON of what else was measured; no part of any hash
  std::string error;              // why it failed
  std::vector<double> returns;    // of each bar or day, when the evaluator gives them; not stored
  core::Duration duration{0};     // of its evaluations; no part of any hash

  [[nodiscard]] bool is_finished() const { return state != TrialState::kRunning; }
  // The sum of what lies above 0 of its constraints.
  [[nodiscard]] double violation() const;
};

// A value as a loss: the smaller the better.
[[nodiscard]] double loss(const Objective& objective, double value);
// Whether a is at least as good in every objective and better in one. Losses, one an objective.
[[nodiscard]] bool dominates(std::span<const double> a, std::span<const double> b);
// The front of each row of losses: 0 for those that none dominates, 1 for those that only front 0 dominates, and so on.
[[nodiscard]] std::vector<std::size_t> non_dominated_ranks(std::span<const std::vector<double>> losses);
// The volume that the points dominate below the reference point, which no point lies above. Any number of objectives;
// meant for small fronts.
[[nodiscard]] double hypervolume(std::vector<std::vector<double>> points, std::span<const double> reference);

// What becomes of trials that are running and have an intermediate value.
enum class Unfinished : std::uint8_t { kLeftOut, kAsPruned };

// Indexes of the finished trials, the best first: complete ones by their value (several objectives: by front, then by
// crowding distance, then by number), pruned ones by how far they came and their value there, infeasible ones by how
// much they break, failed ones. Equal ones in order of their number.
[[nodiscard]] std::vector<std::size_t> rank(std::span<const Trial> trials, std::span<const Objective> objectives,
                                            Unfinished unfinished = Unfinished::kLeftOut);
// Indexes of the complete trials that no other complete trial dominates, in order of their first objective, the best
// first; of several with the same values the first one. With one objective: the best trial.
[[nodiscard]] std::vector<std::size_t> pareto_front(std::span<const Trial> trials,
                                                    std::span<const Objective> objectives);

}  // namespace argosy::search

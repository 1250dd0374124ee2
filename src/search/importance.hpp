// Which parameters matter, and what their values gave: summaries of the trials of a study for people.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "search/space.hpp"
#include "search/trial.hpp"

namespace argosy::search {

// The values of one parameter in groups for a table: each value of its own where it has at most `most` of them, and
// each choice; else that many stretches of about as many values each, of a continuous one of the same width (on the
// logarithm where that is asked for).
struct Buckets {
  std::vector<std::string> labels;
  std::vector<std::size_t> of_trial;  // one a trial: its bucket; kNone for a parameter that does not count there
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};
[[nodiscard]] Buckets bucket_trials(const Space& space, std::size_t parameter, std::span<const Trial> trials,
                                    std::size_t most);

// Of each parameter alone the share, 0 to 1, of the variance of the complete trials' ranks in the first objective that
// its buckets explain (epsilon squared of the Kruskal-Wallis test: the share that buckets by chance would explain is
// taken off). Ranks, so that one trial that lost everything does not decide. Interactions are not seen. Zeros when
// there are too few trials.
[[nodiscard]] std::vector<double> parameter_importance(const Space& space, std::span<const Trial> trials,
                                                       std::span<const Objective> objectives);

}  // namespace argosy::search

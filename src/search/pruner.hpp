// Pruners give up trials early: a trial is evaluated with a little of the resource first (years, symbols, epochs), and
// gets more while it is among the good ones. A pruner is a pure function of the trials.
//
// none                every trial gets the whole resource at once
// median              given up when its best value so far is worse than the median of the complete trials there
// successive_halving  groups of eta^k trials; at each rung the best 1 / eta of a group go on (Jamieson and Talwalkar
// 2016) asha                the same without waiting for a group: a trial goes on when it is among the best 1 / eta of
// those
//                     that reached the rung before it (Li et al. 2020)
// hyperband           groups of several sizes, from many trials with little to few with all (Li et al. 2017)
//
//   hyperband_brackets(81, 1, 3)   // start with 81, 34, 15, 8 and 5 trials
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "search/trial.hpp"

namespace argosy::search {

enum class PrunerKind : std::uint8_t { kNone, kMedian, kSuccessiveHalving, kAsha, kHyperband };
[[nodiscard]] std::string_view to_string(PrunerKind kind);
[[nodiscard]] core::Result<PrunerKind> parse_pruner(std::string_view text);

struct PrunerOptions {
  PrunerKind kind = PrunerKind::kNone;
  std::int64_t max_resource = 1;
  std::int64_t min_resource = 1;
  std::int64_t eta = 3;
  // Of median.
  std::size_t startup_trials = 5;  // complete trials before any is given up
  std::int64_t interval = 0;       // of the resource between looks; 0: an eighth of the maximum, at least 1
};

struct Rung {
  std::size_t trials = 0;     // that reach it
  std::int64_t resource = 0;  // of each

  friend bool operator==(const Rung&, const Rung&) = default;
};
using Bracket = std::vector<Rung>;

// The brackets of Hyperband, the most eager first: bracket s of s_max = floor(log_eta(max / min)) starts with
// ceil((s_max + 1) / (s + 1) eta^s) trials at max / eta^s, of which floor(n / eta^i) reach rung i.
[[nodiscard]] std::vector<Bracket> hyperband_brackets(std::int64_t max_resource, std::int64_t min_resource,
                                                      std::int64_t eta);

enum class Verdict : std::uint8_t { kGoOn, kWait, kPrune };

struct Decision {
  Verdict verdict = Verdict::kGoOn;
  std::int64_t resource = 0;  // to go on to
};

class Pruner {
 public:
  virtual ~Pruner() = default;
  // With how much of the resource a trial begins.
  [[nodiscard]] virtual std::int64_t first_resource(std::size_t number) const = 0;
  // What becomes of a running trial after its last intermediate value. `trials`: all so far, by number. `no_more`:
  // none will be added, so that a group that is not full is closed.
  [[nodiscard]] virtual Decision decide(const Trial& trial, std::span<const Trial> trials, bool no_more) const = 0;
  // The trials of one round of all its groups, after which it begins anew; 0 when it has no groups.
  [[nodiscard]] virtual std::size_t group_trials() const { return 0; }
  [[nodiscard]] virtual std::string describe() const = 0;
};

// An error for settings that make no sense, and for several objectives, between which no rung can decide.
[[nodiscard]] core::Result<std::unique_ptr<Pruner>> make_pruner(const PrunerOptions& options,
                                                                std::span<const Objective> objectives);

}  // namespace argosy::search

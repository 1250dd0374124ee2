// A study: trials of one space for one purpose, asked for in batches, told their outcomes, kept as they end.
//
//   StudySetup setup{.name = "golden cross", .space = space, .objectives = {{"sharpe"}}, .sampler = {.seed = 7}};
//   setup.trials = 200;
//   ARGOSY_TRY(const StudyResult result, run_study(setup, evaluator, store, clock));
//   result.trials[result.ranking.front()]      // the best one
//
// Trials go in rounds: a round has at most `workers` requests, or `batch` of them when neither sampler nor pruner look
// at what came out. The same seed, workers and budget give the same trials, whatever the evaluator's threads did.
//
// A study that was stopped goes on by playing its rounds again: what is stored is not evaluated a second time, and what
// was lost is evaluated as it was before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "search/evaluator.hpp"
#include "search/pruner.hpp"
#include "search/sampler.hpp"
#include "search/space.hpp"
#include "search/study_store.hpp"
#include "search/trial.hpp"

namespace argosy::search {

struct StudyProgress {
  std::size_t finished = 0;
  std::optional<std::uint64_t> total;  // nothing when only time limits it
  const Trial* best = nullptr;         // the first of the ranking, with one objective; null before there is one
};

struct StudySetup {
  std::string name;
  Space space;
  std::vector<Objective> objectives;
  SamplerOptions sampler;
  PrunerOptions pruner;
  std::optional<std::uint64_t> trials;  // nothing: as many as the sampler has, or as the time allows
  std::optional<core::Duration> time_limit;
  std::size_t workers = 1;
  std::size_t batch = 1000;
  // What else must be the same for the study to go on: the strategy, the data, the splits.
  std::vector<Fact> facts;
  std::function<void(const StudyProgress&)> on_progress;  // after each round
};

struct StudyResult {
  std::vector<Objective> objectives;
  std::vector<Trial> trials;         // finished ones, by number
  std::vector<std::size_t> ranking;  // indexes of trials, the best first
  std::vector<std::size_t> front;    // of several objectives: those that none dominates; of one: the best
  std::string result_hash;           // of numbers, settings, states and values, without times
  bool out_of_time = false;          // the time limit ended it
  std::size_t resumed = 0;           // trials that were stored before
};

class Study {
 public:
  // Checks the setup, and opens or creates the study in the store. An error that names what differs when the store
  // holds another study of this name. The store and the clock must outlive it.
  [[nodiscard]] static core::Result<Study> open(StudySetup setup, StudyStore& store, const core::Clock& clock);

  // What to evaluate next; empty when the study has come to its end.
  [[nodiscard]] core::Result<std::span<const Request>> ask();
  // One outcome for each request of the last ask, in their order.
  [[nodiscard]] core::Result<void> tell(std::vector<Outcome> outcomes);
  // Stores what is not stored yet; tell does so twice a second, and after every round that takes longer than a tenth of
  // one.
  [[nodiscard]] core::Result<void> flush();
  // The same, and ends the study.
  [[nodiscard]] core::Result<StudyResult> finish() &&;

  [[nodiscard]] std::span<const Trial> trials() const { return trials_; }

 private:
  Study(StudySetup setup, StudyStore& store, const core::Clock& clock);

  [[nodiscard]] std::vector<Request> next_round();
  void continue_running(bool no_more, std::vector<Request>& round);
  void start_trials(std::vector<Request>& round);
  void start_trial(std::vector<Request>& round);
  void apply(const Request& request, Outcome outcome);
  void end(Trial& trial, TrialState state);
  [[nodiscard]] std::optional<Outcome> stored_outcome(const Request& request) const;
  [[nodiscard]] core::Result<void> load();
  [[nodiscard]] core::Result<void> check_failures() const;
  void report_progress() const;

  StudySetup setup_;
  StudyStore* store_;
  const core::Clock* clock_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Pruner> pruner_;
  std::optional<std::uint64_t> limit_;
  std::vector<Trial> trials_;             // by number
  std::vector<std::size_t> running_;      // of trials_, in their order
  std::vector<Request> round_;            // answered from the store or to be evaluated
  std::vector<Request> asked_;            // the part of it that the caller evaluates
  std::vector<std::size_t> to_store_;     // finished trials that the store has not
  std::map<std::int64_t, Trial> stored_;  // by number
  std::size_t finished_ = 0;
  std::optional<std::size_t> best_;
  core::Duration started_{0};
  core::Duration last_asked_{0};
  core::Duration last_flush_{0};
  bool out_of_time_ = false;
};

// Asks, evaluates and tells until the end.
[[nodiscard]] core::Result<StudyResult> run_study(StudySetup setup, Evaluator& evaluator, StudyStore& store,
                                                  const core::Clock& clock);

// What the trials are, without times: the same for the same study, interrupted or not.
[[nodiscard]] std::string hash_trials(std::span<const Trial> trials, const Space& space);

}  // namespace argosy::search

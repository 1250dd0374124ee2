#include "search/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "core/hash.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

constexpr std::size_t kFailuresAtFirst = 10;  // if all of so many fail, something is wrong with all
constexpr core::Duration kFlushEvery = std::chrono::milliseconds(500);
constexpr core::Duration kSlowRound = std::chrono::milliseconds(100);  // beside it, storing costs little

core::Error invalid(std::string message, std::string hint) {
  return core::Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint));
}

std::string objectives_text(std::span<const Objective> objectives) {
  std::string text;
  for (const Objective& objective : objectives) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        objective.direction == Direction::kMaximise ? "maximise" : "minimise", objective.name);
  }
  return text;
}

// A value in an error: a long text would hide the sentence.
std::string shown(const std::string& value) {
  constexpr std::size_t kMost = 60;
  if (value.empty()) return "none";
  return value.size() <= kMost ? value : value.substr(0, kMost) + "...";
}

Result<void> compare(std::string_view study, std::span<const Fact> stored, std::span<const Fact> wanted) {
  std::string differences;
  const auto note = [&](std::string_view name, const std::string& was, const std::string& is) {
    differences += fmt::format("{}{} (was {}, is {})", differences.empty() ? "" : "; ", name, shown(was), shown(is));
  };
  for (const Fact& fact : wanted) {
    const auto found = std::ranges::find(stored, fact.name, &Fact::name);
    const std::string was = found == stored.end() ? "" : found->value;
    if (was != fact.value) note(fact.name, was, fact.value);
  }
  for (const Fact& fact : stored) {
    if (std::ranges::find(wanted, fact.name, &Fact::name) == wanted.end()) note(fact.name, fact.value, "");
  }
  if (differences.empty()) return {};
  return core::fail(core::Error(ErrorCode::kConflict,
                                fmt::format("the study \"{}\" is another one; what differs: {}", study, differences))
                        .with_hint("give this study another name, or ask for it as it was"));
}

bool is_valid(const Outcome& outcome, std::size_t objectives) {
  return outcome.values.size() == objectives &&
         std::ranges::all_of(outcome.values, [](double value) { return std::isfinite(value); }) &&
         std::ranges::none_of(outcome.constraints, [](double value) { return std::isnan(value); });
}

void hash_number(core::Hasher& hasher, double value) { hasher.update_values(std::span<const double>(&value, 1)); }
void hash_number(core::Hasher& hasher, std::int64_t value) {
  hasher.update_values(std::span<const std::int64_t>(&value, 1));
}

}  // namespace

Study::Study(StudySetup setup, StudyStore& store, const core::Clock& clock)
    : setup_(std::move(setup)), store_(&store), clock_(&clock), started_(clock.monotonic()), last_flush_(started_) {}

Result<Study> Study::open(StudySetup setup, StudyStore& store, const core::Clock& clock) {
  if (setup.objectives.empty()) return core::fail(invalid("the study has no objective", "name one, such as sharpe"));
  if (setup.workers == 0 || setup.batch == 0) return core::fail(invalid("a study without workers", "give 1 or more"));
  if (setup.trials == 0) return core::fail(invalid("a budget of zero trials", "give one trial or more"));
  if (setup.time_limit && *setup.time_limit <= core::Duration{0}) {
    return core::fail(invalid("a time limit of zero", "give a second or more, or leave it out"));
  }
  Study study(std::move(setup), store, clock);
  const StudySetup& given = study.setup_;
  ARGOSY_TRY(study.sampler_, make_sampler(given.sampler, given.space, given.objectives));
  ARGOSY_TRY(study.pruner_, make_pruner(given.pruner, given.objectives));
  if (given.sampler.kind == SamplerKind::kCmaEs && study.pruner_->group_trials() > 0) {
    return core::fail(invalid(
        fmt::format("a generation of cma_es and a group of {} would wait for each other", to_string(given.pruner.kind)),
        "use the pruner asha or median, or the sampler tpe"));
  }
  study.limit_ = given.trials;
  if (const auto most = study.sampler_->limit(); most && (!study.limit_ || *study.limit_ > *most)) study.limit_ = most;
  if (!given.trials && given.sampler.kind != SamplerKind::kGrid) {
    if (study.pruner_->group_trials() > 0 && !given.time_limit) {
      study.limit_ = study.pruner_->group_trials();
    } else if (!given.time_limit) {
      return core::fail(invalid("a study without an end", "give a number of trials or a time limit"));
    }
  }
  ARGOSY_TRY_VOID(study.load());
  return study;
}

Result<void> Study::load() {
  std::vector<Fact> facts = setup_.facts;
  facts.push_back({"space", setup_.space.describe()});
  facts.push_back({"objectives", objectives_text(setup_.objectives)});
  facts.push_back({"sampler", sampler_->describe()});
  facts.push_back({"pruner", pruner_->describe()});
  facts.push_back({"seed", std::to_string(setup_.sampler.seed)});
  // Without these two the batches do not matter.
  const bool rounds_matter = sampler_->is_adaptive() || setup_.pruner.kind != PrunerKind::kNone;
  if (rounds_matter) facts.push_back({"workers", std::to_string(setup_.workers)});
  // The last group is closed when the budget is spent; more trials could not open it again.
  if (pruner_->group_trials() > 0) facts.push_back({"trials", limit_ ? std::to_string(*limit_) : "no limit"});
  ARGOSY_TRY(auto stored, store_->load(setup_.space));
  if (!stored) return store_->create(facts, setup_.space);
  ARGOSY_TRY_VOID(compare(setup_.name, stored->facts, facts));
  for (Trial& trial : stored->trials) {
    if (trial.is_finished()) stored_.emplace(trial.number, std::move(trial));
  }
  return {};
}

// Rounds that the store can answer whole are played at once.
Result<std::span<const Request>> Study::ask() {
  ARGOSY_CHECK(asked_.empty(), "tell the outcomes of {} requests before asking again", asked_.size());
  while (true) {
    if (setup_.time_limit && clock_->monotonic() - started_ >= *setup_.time_limit) {
      out_of_time_ = true;
      return std::span<const Request>{};
    }
    round_ = next_round();
    if (round_.empty()) return std::span<const Request>{};
    for (const Request& request : round_) {
      if (!stored_outcome(request)) asked_.push_back(request);
    }
    if (!asked_.empty()) break;
    ARGOSY_TRY_VOID(tell({}));
  }
  last_asked_ = clock_->monotonic();
  return std::span<const Request>(asked_);
}

std::vector<Request> Study::next_round() {
  std::vector<Request> round;
  while (true) {
    const std::size_t before = running_.size();
    continue_running(false, round);
    start_trials(round);
    if (!round.empty() || running_.empty()) return round;
    if (running_.size() < before) continue;  // some ended, for which others may have waited
    // All that run wait for others, and none will come.
    continue_running(true, round);
    if (!round.empty()) return round;
    ARGOSY_CHECK(running_.size() < before, "trial {} waits for nothing", running_.front());
  }
}

// What runs was evaluated by the last round: each one goes on, ends or waits, in order of their numbers.
void Study::continue_running(bool no_more, std::vector<Request>& round) {
  const std::vector<std::size_t> running = std::exchange(running_, {});
  for (const std::size_t at : running) {
    Trial& trial = trials_[at];
    if (round.size() >= setup_.workers && pruner_->group_trials() > 0) {
      running_.push_back(at);
      continue;
    }
    const Decision decision = pruner_->decide(trial, trials_, no_more);
    if (decision.verdict == Verdict::kPrune) {
      trial.values = {trial.intermediates.back().value};
      end(trial, TrialState::kPruned);
      continue;
    }
    running_.push_back(at);
    if (decision.verdict == Verdict::kGoOn) round.push_back({trial.number, trial.setting, decision.resource});
  }
}

void Study::start_trials(std::vector<Request>& round) {
  const bool rounds_matter = sampler_->is_adaptive() || setup_.pruner.kind != PrunerKind::kNone;
  const std::size_t most = rounds_matter ? setup_.workers : std::max(setup_.workers, setup_.batch);
  while (round.size() < most && (!limit_ || trials_.size() < *limit_) && sampler_->is_ready(trials_.size(), trials_)) {
    start_trial(round);
  }
}

void Study::start_trial(std::vector<Request>& round) {
  const std::size_t number = trials_.size();
  Trial trial;
  trial.number = static_cast<std::int64_t>(number);
  // What is stored need not be sampled again: it would be the same.
  const auto stored = stored_.find(trial.number);
  trial.setting = stored != stored_.end() ? stored->second.setting : sampler_->sample(number, trials_);
  round.push_back({trial.number, trial.setting, pruner_->first_resource(number)});
  trials_.push_back(std::move(trial));
  running_.push_back(number);
}

// What a stored trial gave at this resource; nothing when it must be evaluated.
std::optional<Outcome> Study::stored_outcome(const Request& request) const {
  const auto found = stored_.find(request.trial);
  if (found == stored_.end()) return std::nullopt;
  const Trial& trial = found->second;
  Outcome outcome;
  outcome.engine = trial.engine;
  outcome.result_hash = trial.result_hash;
  outcome.statistics = trial.statistics;
  const auto seen = std::ranges::find(trial.intermediates, request.resource, &Intermediate::resource);
  if (seen != trial.intermediates.end()) {
    outcome.values = {seen->value};
    return outcome;
  }
  switch (trial.state) {
    case TrialState::kComplete:
    case TrialState::kInfeasible:
      outcome.values = trial.values;
      outcome.constraints = trial.constraints;
      outcome.resource = setup_.pruner.max_resource;
      return outcome;
    case TrialState::kFailed:
      outcome.error = trial.error.empty() ? "failed" : trial.error;
      return outcome;
    default:
      return std::nullopt;
  }
}

Result<void> Study::tell(std::vector<Outcome> outcomes) {
  if (outcomes.size() != asked_.size()) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument,
                                  fmt::format("{} outcomes for {} requests", outcomes.size(), asked_.size()))
                          .with_hint("the evaluator gives one outcome a request, in their order"));
  }
  if (!outcomes.empty()) {
    const core::Duration share = (clock_->monotonic() - last_asked_) / static_cast<std::int64_t>(outcomes.size());
    for (Outcome& outcome : outcomes) {
      if (outcome.duration_ns == 0) outcome.duration_ns = share.count();
    }
  }
  auto next = outcomes.begin();
  for (const Request& request : std::exchange(round_, {})) {
    if (auto stored = stored_outcome(request)) {
      apply(request, *std::move(stored));
    } else {
      apply(request, std::move(*next++));
    }
  }
  asked_.clear();
  std::erase_if(running_, [&](std::size_t at) { return trials_[at].is_finished(); });
  if (auto failures = check_failures(); !failures) {
    ARGOSY_TRY_VOID(flush());
    return failures;
  }
  const core::Duration now = clock_->monotonic();
  const bool slow = !outcomes.empty() && now - last_asked_ >= kSlowRound;
  if (slow || now - last_flush_ >= kFlushEvery) ARGOSY_TRY_VOID(flush());
  report_progress();
  return {};
}

void Study::apply(const Request& request, Outcome outcome) {
  Trial& trial = trials_.at(static_cast<std::size_t>(request.trial));
  trial.duration += core::Duration(outcome.duration_ns);
  trial.engine = std::move(outcome.engine);
  trial.statistics = std::move(outcome.statistics);
  trial.result_hash = std::move(outcome.result_hash);
  if (outcome.error.empty() && !is_valid(outcome, setup_.objectives.size())) {
    outcome.error = "its objective is no number";
  }
  if (!outcome.error.empty()) {
    trial.error = std::move(outcome.error);
    end(trial, TrialState::kFailed);
    return;
  }
  if (std::max(request.resource, outcome.resource) < setup_.pruner.max_resource) {
    trial.intermediates.push_back({request.resource, outcome.values.front()});
    return;
  }
  trial.values = std::move(outcome.values);
  trial.constraints = std::move(outcome.constraints);
  trial.returns = std::move(outcome.returns);
  end(trial, trial.violation() > 0 ? TrialState::kInfeasible : TrialState::kComplete);
}

void Study::end(Trial& trial, TrialState state) {
  trial.state = state;
  ++finished_;
  const auto at = static_cast<std::size_t>(trial.number);
  const auto stored = stored_.find(trial.number);
  if (stored == stored_.end()) {
    to_store_.push_back(at);
  } else {
    trial.duration = stored->second.duration;
  }
  if (state != TrialState::kComplete || setup_.objectives.size() > 1) return;
  const auto loss_of = [&](std::size_t index) { return loss(setup_.objectives[0], trials_[index].values[0]); };
  if (!best_ || loss_of(at) < loss_of(*best_) || (loss_of(at) == loss_of(*best_) && at < *best_)) best_ = at;
}

Result<void> Study::check_failures() const {
  const std::size_t enough = std::min<std::uint64_t>(kFailuresAtFirst, limit_.value_or(kFailuresAtFirst));
  if (finished_ < enough) return {};
  for (const Trial& trial : trials_) {
    if (trial.is_finished() && trial.state != TrialState::kFailed) return {};
  }
  const auto first = std::ranges::find(trials_, TrialState::kFailed, &Trial::state);
  return core::fail(core::Error(ErrorCode::kUnavailable, fmt::format("all of the first {} trials failed; trial {}: {}",
                                                                     finished_, first->number, first->error))
                        .with_hint("try one setting on its own first: " + setup_.space.to_json(first->setting)));
}

Result<void> Study::flush() {
  last_flush_ = clock_->monotonic();
  if (to_store_.empty()) return {};
  std::ranges::sort(to_store_);
  std::vector<Trial> trials;
  for (const std::size_t at : to_store_) trials.push_back(trials_[at]);
  ARGOSY_TRY_VOID(store_->append(trials, setup_.space));
  to_store_.clear();
  return {};
}

void Study::report_progress() const {
  if (setup_.on_progress) setup_.on_progress({finished_, limit_, best_ ? &trials_[*best_] : nullptr});
}

Result<StudyResult> Study::finish() && {
  ARGOSY_TRY_VOID(flush());
  StudyResult result;
  result.objectives = setup_.objectives;
  result.resumed = stored_.size();
  result.out_of_time = out_of_time_;
  for (Trial& trial : trials_) {
    if (trial.is_finished()) result.trials.push_back(std::move(trial));
  }
  result.ranking = rank(result.trials, result.objectives);
  result.front = pareto_front(result.trials, result.objectives);
  if (result.objectives.size() == 1 && result.front.size() > 1) result.front.resize(1);
  result.result_hash = hash_trials(result.trials, setup_.space);
  ARGOSY_TRY_VOID(store_->finish(result.result_hash));
  return result;
}

Result<StudyResult> run_study(StudySetup setup, Evaluator& evaluator, StudyStore& store, const core::Clock& clock) {
  ARGOSY_TRY(Study study, Study::open(std::move(setup), store, clock));
  while (true) {
    ARGOSY_TRY(const std::span<const Request> requests, study.ask());
    if (requests.empty()) return std::move(study).finish();
    auto outcomes = evaluator.evaluate(requests);
    if (!outcomes) {
      ARGOSY_TRY_VOID(study.flush());
      return core::fail(std::move(outcomes).error());
    }
    ARGOSY_TRY_VOID(study.tell(*std::move(outcomes)));
  }
}

std::string hash_trials(std::span<const Trial> trials, const Space& space) {
  core::Hasher hasher;
  const auto hash_all = [&](std::span<const double> values) {
    hash_number(hasher, static_cast<std::int64_t>(values.size()));
    hasher.update_values(values);
  };
  for (const Trial& trial : trials) {
    hash_number(hasher, trial.number);
    hasher.update(space.to_json(trial.setting));
    hasher.update(to_string(trial.state));
    hash_all(trial.values);
    hash_all(trial.constraints);
    hash_number(hasher, static_cast<std::int64_t>(trial.intermediates.size()));
    for (const Intermediate& seen : trial.intermediates) {
      hash_number(hasher, seen.resource);
      hash_number(hasher, seen.value);
    }
    hasher.update(trial.result_hash);
  }
  return hasher.finish();
}

}  // namespace argosy::search

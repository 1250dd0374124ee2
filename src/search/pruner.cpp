#include "search/pruner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "core/check.hpp"
#include "core/text.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

constexpr std::array<std::string_view, 5> kNames{"none", "median", "successive_halving", "asha", "hyperband"};

// min, min eta, min eta^2, ... and the maximum.
std::vector<std::int64_t> rungs_of(const PrunerOptions& options) {
  std::vector<std::int64_t> rungs;
  for (std::int64_t resource = options.min_resource; resource < options.max_resource;) {
    rungs.push_back(resource);
    if (resource > options.max_resource / options.eta) break;
    resource *= options.eta;
  }
  rungs.push_back(options.max_resource);
  return rungs;
}

std::int64_t after(std::span<const std::int64_t> rungs, std::int64_t resource) {
  const auto next = std::ranges::upper_bound(rungs, resource);
  ARGOSY_CHECK(next != rungs.end(), "no rung after {}", resource);
  return *next;
}

// The value at this resource, as a loss.
std::optional<double> loss_at(const Trial& trial, const Objective& objective, std::int64_t resource) {
  const auto found = std::ranges::find(trial.intermediates, resource, &Intermediate::resource);
  if (found == trial.intermediates.end()) return std::nullopt;
  return loss(objective, found->value);
}

class NoPruner final : public Pruner {
 public:
  explicit NoPruner(std::int64_t max_resource) : max_resource_(max_resource) {}
  std::int64_t first_resource(std::size_t /*number*/) const override { return max_resource_; }
  Decision decide(const Trial& /*trial*/, std::span<const Trial> /*trials*/, bool /*no_more*/) const override {
    return {Verdict::kGoOn, max_resource_};
  }
  std::string describe() const override { return fmt::format("none({})", max_resource_); }

 private:
  std::int64_t max_resource_;
};

class MedianPruner final : public Pruner {
 public:
  MedianPruner(PrunerOptions options, Objective objective) : options_(options), objective_(std::move(objective)) {
    interval_ = options.interval > 0 ? options.interval : std::max<std::int64_t>(1, options.max_resource / 8);
  }

  std::int64_t first_resource(std::size_t /*number*/) const override {
    return std::min(std::max(interval_, options_.min_resource), options_.max_resource);
  }

  Decision decide(const Trial& trial, std::span<const Trial> trials, bool /*no_more*/) const override {
    const std::int64_t reached = trial.intermediates.back().resource;
    const Decision go_on{Verdict::kGoOn, std::min(reached + interval_, options_.max_resource)};
    std::vector<double> others;
    for (const Trial& other : trials) {
      if (other.state != TrialState::kComplete) continue;
      if (const auto value = loss_at(other, objective_, reached)) others.push_back(*value);
    }
    if (others.size() < std::max<std::size_t>(options_.startup_trials, 1)) return go_on;
    std::ranges::sort(others);
    const std::size_t half = others.size() / 2;
    const double median = others.size() % 2 == 1 ? others[half] : 0.5 * (others[half - 1] + others[half]);
    double best = loss(objective_, trial.intermediates.front().value);
    for (const Intermediate& seen : trial.intermediates) best = std::min(best, loss(objective_, seen.value));
    return best > median ? Decision{Verdict::kPrune, 0} : go_on;
  }

  std::string describe() const override {
    return fmt::format("median({} to {}, every {}, startup {})", options_.min_resource, options_.max_resource,
                       interval_, options_.startup_trials);
  }

 private:
  PrunerOptions options_;
  Objective objective_;
  std::int64_t interval_;
};

class AshaPruner final : public Pruner {
 public:
  AshaPruner(const PrunerOptions& options, Objective objective)
      : options_(options), objective_(std::move(objective)), rungs_(rungs_of(options)) {}

  std::int64_t first_resource(std::size_t /*number*/) const override { return rungs_.front(); }

  Decision decide(const Trial& trial, std::span<const Trial> trials, bool /*no_more*/) const override {
    const std::int64_t reached = trial.intermediates.back().resource;
    const double own = loss(objective_, trial.intermediates.back().value);
    std::size_t here = 0;
    std::size_t better = 0;  // of equal ones the earlier trial
    for (const Trial& other : trials) {
      const auto value = loss_at(other, objective_, reached);
      if (!value) continue;
      ++here;
      if (*value < own || (*value == own && other.number < trial.number)) ++better;
    }
    const std::size_t kept = std::max<std::size_t>(here / static_cast<std::size_t>(options_.eta), 1);
    if (better >= kept) return {Verdict::kPrune, 0};
    return {Verdict::kGoOn, after(rungs_, reached)};
  }

  std::string describe() const override {
    return fmt::format("asha({} to {}, eta {})", options_.min_resource, options_.max_resource, options_.eta);
  }

 private:
  PrunerOptions options_;
  Objective objective_;
  std::vector<std::int64_t> rungs_;
};

// Successive halving and Hyperband: the trials are dealt to brackets in their order, round after round.
class BracketPruner final : public Pruner {
 public:
  BracketPruner(const PrunerOptions& options, Objective objective, std::vector<Bracket> brackets)
      : options_(options), objective_(std::move(objective)), brackets_(std::move(brackets)) {
    for (const Bracket& bracket : brackets_) group_trials_ += bracket.front().trials;
  }

  std::size_t group_trials() const override { return group_trials_; }
  std::int64_t first_resource(std::size_t number) const override { return place(number).bracket->front().resource; }

  Decision decide(const Trial& trial, std::span<const Trial> trials, bool no_more) const override {
    const Place at = place(static_cast<std::size_t>(trial.number));
    const std::int64_t reached = trial.intermediates.back().resource;
    const auto rung =
        static_cast<std::size_t>(std::ranges::find(*at.bracket, reached, &Rung::resource) - at.bracket->begin());
    ARGOSY_CHECK(rung + 1 < at.bracket->size(), "trial {} has no rung after {}", trial.number, reached);
    const std::size_t full = at.bracket->front().trials;
    if (trials.size() < at.begin + full && !no_more) return {Verdict::kWait, 0};
    const auto members = trials.subspan(at.begin, std::min(full, trials.size() - at.begin));
    const double own = loss(objective_, trial.intermediates.back().value);
    std::size_t better = 0;
    for (const Trial& member : members) {
      const auto value = loss_at(member, objective_, reached);
      if (!value) {
        if (member.is_finished()) continue;  // it failed, or left at a rung before
        return {Verdict::kWait, 0};
      }
      if (*value < own || (*value == own && member.number < trial.number)) ++better;
    }
    // A bracket that is not full keeps its shape: the same share goes on.
    std::size_t kept = at.bracket->at(rung + 1).trials;
    if (members.size() < full) kept = std::max<std::size_t>(kept * members.size() / full, 1);
    if (better >= kept) return {Verdict::kPrune, 0};
    return {Verdict::kGoOn, at.bracket->at(rung + 1).resource};
  }

  std::string describe() const override {
    return fmt::format("{}({} to {}, eta {})", to_string(options_.kind), options_.min_resource, options_.max_resource,
                       options_.eta);
  }

 private:
  struct Place {
    const Bracket* bracket = nullptr;
    std::size_t begin = 0;  // the number of its first trial
  };
  [[nodiscard]] Place place(std::size_t number) const {
    std::size_t begin = number / group_trials_ * group_trials_;
    for (const Bracket& bracket : brackets_) {
      if (number < begin + bracket.front().trials) return {&bracket, begin};
      begin += bracket.front().trials;
    }
    return {&brackets_.back(), begin};
  }

  PrunerOptions options_;
  Objective objective_;
  std::vector<Bracket> brackets_;
  std::size_t group_trials_ = 0;
};

}  // namespace

std::string_view to_string(PrunerKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

Result<PrunerKind> parse_pruner(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<PrunerKind>(i);
  }
  return core::fail(
      core::Error(ErrorCode::kInvalidArgument, fmt::format("unknown pruner \"{}\"", text))
          .with_hint("use none, median, successive_halving, asha or hyperband." + core::did_you_mean(text, kNames)));
}

std::vector<Bracket> hyperband_brackets(std::int64_t max_resource, std::int64_t min_resource, std::int64_t eta) {
  ARGOSY_CHECK(min_resource >= 1 && max_resource >= min_resource && eta >= 2);
  std::int64_t s_max = 0;
  for (std::int64_t rest = max_resource / min_resource; rest >= eta; rest /= eta) ++s_max;
  std::vector<Bracket> brackets;
  for (std::int64_t s = s_max; s >= 0; --s) {
    std::int64_t power = 1;  // eta^s
    for (std::int64_t i = 0; i < s; ++i) power *= eta;
    auto trials = static_cast<std::size_t>(((s_max + 1) * power + s) / (s + 1));
    Bracket bracket;
    for (; power >= 1; power /= eta) {
      bracket.push_back({trials, max_resource / power});
      trials /= static_cast<std::size_t>(eta);
      if (power == 1) break;
    }
    brackets.push_back(std::move(bracket));
  }
  return brackets;
}

Result<std::unique_ptr<Pruner>> make_pruner(const PrunerOptions& options, std::span<const Objective> objectives) {
  const auto refuse = [](std::string message, std::string hint) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint)));
  };
  constexpr std::int64_t kMostResource = 1'000'000'000;
  if (options.max_resource < 1 || options.max_resource > kMostResource) {
    return refuse(fmt::format("the largest resource is {}", options.max_resource), "give 1 to 1000000000");
  }
  if (options.kind == PrunerKind::kNone) return std::make_unique<NoPruner>(options.max_resource);
  if (objectives.size() != 1) {
    return refuse(
        fmt::format("the pruner {} cannot choose between {} objectives", to_string(options.kind), objectives.size()),
        "give one objective, or no pruner");
  }
  if (options.min_resource < 1 || options.min_resource > options.max_resource) {
    return refuse(fmt::format("the resource goes from {} to {}", options.min_resource, options.max_resource),
                  "begin at 1 or more, and not above the largest");
  }
  if (options.eta < 2) return refuse(fmt::format("eta is {}", options.eta), "give 2 or more; 3 is usual");
  if (options.interval < 0) return refuse("the interval is below zero", "give 1 or more, or leave it out");
  std::vector<Bracket> brackets = hyperband_brackets(options.max_resource, options.min_resource, options.eta);
  constexpr std::size_t kMostTrials = 1'000'000;
  if (brackets.front().front().trials > kMostTrials) {
    return refuse(fmt::format("the first group would have {} trials", brackets.front().front().trials),
                  "raise the smallest resource");
  }
  switch (options.kind) {
    case PrunerKind::kMedian:
      return std::make_unique<MedianPruner>(options, objectives[0]);
    case PrunerKind::kAsha:
      return std::make_unique<AshaPruner>(options, objectives[0]);
    case PrunerKind::kSuccessiveHalving:
      brackets.resize(1);
      return std::make_unique<BracketPruner>(options, objectives[0], std::move(brackets));
    default:
      return std::make_unique<BracketPruner>(options, objectives[0], std::move(brackets));
  }
}

}  // namespace argosy::search

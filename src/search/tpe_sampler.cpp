// The tree-structured Parzen estimator (Bergstra et al. 2011), multivariate (Falkner et al. 2018): the good trials and
// the others each make a density, and of some draws from the good one that with the largest ratio of both is tried.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "search/detail/parzen.hpp"
#include "search/detail/samplers.hpp"

namespace argosy::search::detail {
namespace {

using core::ErrorCode;

constexpr std::size_t kMostGood = 25;
constexpr std::size_t kFullWeight = 25;  // that many of the latest trials count in full
constexpr std::size_t kRedraws = 100;    // for a setting that was not tried

// The best tenth, at most 25.
std::size_t good_count(std::size_t trials) { return std::min((trials + 9) / 10, kMostGood); }

// Old trials count less: from 1 / n rising to 1 (Bergstra et al. 2013).
std::vector<double> weights_of(std::size_t count) {
  std::vector<double> weights(count, 1);
  if (count < kFullWeight) return weights;
  const std::size_t ramp = count - kFullWeight;
  const double first = 1 / static_cast<double>(count);
  for (std::size_t i = 0; i < ramp; ++i) {
    weights[i] = ramp == 1 ? first : first + (1 - first) * static_cast<double>(i) / static_cast<double>(ramp - 1);
  }
  return weights;
}

// Parameters that count under the same conditions, each group after those it depends on.
std::vector<std::vector<std::size_t>> groups_of(const Space& space) {
  const auto same = [](const Condition& a, const Condition& b) {
    return a.parameter == b.parameter && a.values == b.values;
  };
  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t at : space.order()) {
    const auto& when = space.parameter(at).when;
    const auto found = std::ranges::find_if(groups, [&](const std::vector<std::size_t>& group) {
      return std::ranges::equal(space.parameter(group.front()).when, when, same);
    });
    if (found == groups.end()) {
      groups.push_back({at});
    } else {
      found->push_back(at);
    }
  }
  return groups;
}

class TpeSampler final : public Sampler {
 public:
  TpeSampler(const SamplerOptions& options, Space space, std::span<const Objective> objectives)
      : options_(options),
        space_(std::move(space)),
        objectives_(objectives.begin(), objectives.end()),
        groups_(groups_of(space_)),
        points_(space_.grid_points()) {}

  Setting sample(std::size_t number, std::span<const Trial> earlier) const override;
  bool is_adaptive() const override { return true; }
  std::string describe() const override {
    return fmt::format("tpe(startup {}, candidates {})", options_.startup_trials, options_.candidates);
  }

 private:
  struct Candidate {
    Setting setting;
    double score = 0;
  };
  // Trials in the order of their rank, those that are running last: taken as bad, so that others are tried meanwhile.
  [[nodiscard]] std::vector<std::size_t> ranked(std::span<const Trial> earlier) const;
  [[nodiscard]] std::vector<Candidate> draw(const std::vector<std::size_t>& group, const Setting& start,
                                            std::span<const std::size_t> order, std::span<const Trial> earlier,
                                            core::Rng& rng) const;
  [[nodiscard]] Setting untried(std::vector<Candidate> candidates, std::span<const Trial> earlier,
                                core::Rng& rng) const;

  SamplerOptions options_;
  Space space_;
  std::vector<Objective> objectives_;
  std::vector<std::vector<std::size_t>> groups_;
  std::optional<std::uint64_t> points_;
};

std::vector<std::size_t> TpeSampler::ranked(std::span<const Trial> earlier) const {
  std::vector<std::size_t> order = rank(earlier, objectives_, Unfinished::kAsPruned);
  std::vector<bool> listed(earlier.size());
  for (const std::size_t i : order) listed[i] = true;
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (!listed[i]) order.push_back(i);
  }
  return order;
}

std::vector<TpeSampler::Candidate> TpeSampler::draw(const std::vector<std::size_t>& group, const Setting& start,
                                                    std::span<const std::size_t> order, std::span<const Trial> earlier,
                                                    core::Rng& rng) const {
  std::vector<std::size_t> active;
  for (const std::size_t i : order) {
    if (earlier[i].setting.is_active(group.front())) active.push_back(i);
  }
  const std::size_t finished = static_cast<std::size_t>(std::ranges::count_if(
      active, [&](std::size_t i) { return earlier[i].is_finished() || !earlier[i].intermediates.empty(); }));
  const auto middle = active.begin() + static_cast<std::ptrdiff_t>(good_count(finished));
  // By age, for the weights.
  std::sort(active.begin(), middle);
  std::sort(middle, active.end());
  const auto density = [&](auto begin, auto end) {
    std::vector<const Setting*> seen;
    for (auto i = begin; i != end; ++i) seen.push_back(&earlier[*i].setting);
    return ParzenMixture(space_, group, seen, weights_of(seen.size()));
  };
  const ParzenMixture good = density(active.begin(), middle);
  const ParzenMixture bad = density(middle, active.end());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < options_.candidates; ++i) {
    Candidate candidate{start, 0};
    good.draw(rng, candidate.setting);
    candidate.score = good.density(candidate.setting) / bad.density(candidate.setting);
    candidates.push_back(std::move(candidate));
  }
  std::ranges::stable_sort(candidates, std::greater{}, &Candidate::score);
  return candidates;
}

// The best candidate that no trial has; else some draw that none has; else the best candidate.
Setting TpeSampler::untried(std::vector<Candidate> candidates, std::span<const Trial> earlier, core::Rng& rng) const {
  const auto is_new = [&](const Setting& setting) {
    return std::ranges::none_of(earlier, [&](const Trial& trial) { return trial.setting == setting; });
  };
  for (Candidate& candidate : candidates) {
    if (is_new(candidate.setting)) return std::move(candidate.setting);
  }
  for (std::size_t i = 0; i < kRedraws && earlier.size() < *points_; ++i) {
    Setting setting = random_setting(space_, rng.fork(i));
    if (is_new(setting)) return setting;
  }
  return std::move(candidates.front().setting);
}

Setting TpeSampler::sample(std::size_t number, std::span<const Trial> earlier) const {
  core::Rng rng = core::Rng(options_.seed).fork(number);
  const auto known = std::ranges::count_if(
      earlier, [](const Trial& trial) { return trial.is_finished() || !trial.intermediates.empty(); });
  if (static_cast<std::size_t>(known) < options_.startup_trials) return random_setting(space_, rng);
  const std::vector<std::size_t> order = ranked(earlier);
  Setting setting{std::vector<double>(space_.size(), std::numeric_limits<double>::quiet_NaN())};
  std::vector<Candidate> candidates;
  for (const std::vector<std::size_t>& group : groups_) {
    if (!space_.may_be_active(group.front(), setting)) continue;
    candidates = draw(group, setting, order, earlier, rng);
    setting = candidates.front().setting;
  }
  // Only what the last group gives is chosen anew: the candidates share all before it.
  return points_ ? untried(std::move(candidates), earlier, rng) : setting;
}

}  // namespace

core::Result<std::unique_ptr<Sampler>> make_tpe(const SamplerOptions& options, const Space& space,
                                                std::span<const Objective> objectives) {
  if (options.startup_trials == 0 || options.candidates == 0) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "tpe needs startup trials and candidates")
                          .with_hint("leave the defaults: 10 trials and 24 candidates"));
  }
  return std::make_unique<TpeSampler>(options, space, objectives);
}

}  // namespace argosy::search::detail

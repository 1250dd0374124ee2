#include "search/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/check.hpp"

namespace argosy::search {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> losses_of(const Trial& trial, std::span<const Objective> objectives) {
  ARGOSY_CHECK(trial.values.size() == objectives.size(), "trial {} has {} values", trial.number, trial.values.size());
  std::vector<double> losses;
  for (std::size_t i = 0; i < objectives.size(); ++i) losses.push_back(loss(objectives[i], trial.values[i]));
  return losses;
}

// How alone each point of a front is: the sum over the objectives of the distance between its neighbours, as a share
// of the front's range; infinite at the ends (Deb et al. 2002).
std::vector<double> crowding_distances(std::span<const std::vector<double>> losses,
                                       std::span<const std::size_t> members) {
  std::vector<double> distances(losses.size(), 0);
  std::vector<std::size_t> order(members.begin(), members.end());
  for (std::size_t objective = 0; objective < losses.front().size(); ++objective) {
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      return losses[a][objective] != losses[b][objective] ? losses[a][objective] < losses[b][objective] : a < b;
    });
    const double range = losses[order.back()][objective] - losses[order.front()][objective];
    distances[order.front()] = kInfinity;
    distances[order.back()] = kInfinity;
    if (!(range > 0)) continue;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      distances[order[i]] += (losses[order[i + 1]][objective] - losses[order[i - 1]][objective]) / range;
    }
  }
  return distances;
}

// What a trial is ranked by: the first number that differs decides, the smaller the better.
struct RankKey {
  int group = 0;      // complete, pruned, infeasible, failed
  double first = 0;   // loss or front; minus the resource; violation
  double second = 0;  // minus the crowding distance; loss
  std::int64_t number = 0;
};

RankKey key_of(const Trial& trial, std::span<const Objective> objectives) {
  switch (trial.state) {
    case TrialState::kComplete:
      return {0, objectives.size() == 1 ? loss(objectives[0], trial.values[0]) : 0, 0, trial.number};
    case TrialState::kPruned:
    case TrialState::kRunning: {
      if (trial.intermediates.empty()) break;
      const Intermediate& last = trial.intermediates.back();
      return {1, -static_cast<double>(last.resource), loss(objectives[0], last.value), trial.number};
    }
    case TrialState::kInfeasible:
      return {2, trial.violation(), 0, trial.number};
    case TrialState::kFailed:
      break;
  }
  return {3, 0, 0, trial.number};
}

bool is_better(const RankKey& a, const RankKey& b) {
  if (a.group != b.group) return a.group < b.group;
  if (a.first != b.first) return a.first < b.first;
  if (a.second != b.second) return a.second < b.second;
  return a.number < b.number;
}

}  // namespace

std::string_view to_string(TrialState state) {
  constexpr std::array<std::string_view, 5> kNames{"running", "complete", "infeasible", "pruned", "failed"};
  return kNames.at(static_cast<std::size_t>(state));
}

double Trial::violation() const {
  double sum = 0;
  for (const double constraint : constraints) sum += std::max(constraint, 0.0);
  return sum;
}

double loss(const Objective& objective, double value) {
  return objective.direction == Direction::kMaximise ? -value : value;
}

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<std::size_t> non_dominated_ranks(std::span<const std::vector<double>> losses) {
  std::vector<std::size_t> dominated_by(losses.size(), 0);
  std::vector<std::vector<std::size_t>> worse(losses.size());
  for (std::size_t a = 0; a < losses.size(); ++a) {
    for (std::size_t b = 0; b < losses.size(); ++b) {
      if (!dominates(losses[a], losses[b])) continue;
      worse[a].push_back(b);
      ++dominated_by[b];
    }
  }
  std::vector<std::size_t> ranks(losses.size(), 0);
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (dominated_by[i] == 0) front.push_back(i);
  }
  for (std::size_t level = 0; !front.empty(); ++level) {
    std::vector<std::size_t> next;
    for (const std::size_t a : front) {
      ranks[a] = level;
      for (const std::size_t b : worse[a]) {
        if (--dominated_by[b] == 0) next.push_back(b);
      }
    }
    front = std::move(next);
  }
  return ranks;
}

// Sweeps the first objective: between two points' values, the volume of the points before it in the other objectives.
double hypervolume(std::vector<std::vector<double>> points, std::span<const double> reference) {
  if (points.empty()) return 0;
  std::ranges::sort(points);
  if (reference.size() == 1) return std::max(reference[0] - points.front()[0], 0.0);
  double volume = 0;
  std::vector<std::vector<double>> slice;
  for (std::size_t i = 0; i < points.size(); ++i) {
    slice.emplace_back(points[i].begin() + 1, points[i].end());
    const double end = i + 1 < points.size() ? std::min(points[i + 1][0], reference[0]) : reference[0];
    const double width = end - points[i][0];
    if (width > 0) volume += width * hypervolume(slice, reference.subspan(1));
  }
  return volume;
}

std::vector<std::size_t> rank(std::span<const Trial> trials, std::span<const Objective> objectives,
                              Unfinished unfinished) {
  std::vector<RankKey> keys;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    keys.push_back(key_of(trials[i], objectives));
    const bool counts = unfinished == Unfinished::kAsPruned && !trials[i].intermediates.empty();
    if (trials[i].is_finished() || counts) order.push_back(i);
  }
  if (objectives.size() > 1) {
    std::vector<std::size_t> complete;
    std::vector<std::vector<double>> losses;
    for (const std::size_t i : order) {
      if (trials[i].state != TrialState::kComplete) continue;
      complete.push_back(i);
      losses.push_back(losses_of(trials[i], objectives));
    }
    const std::vector<std::size_t> ranks = non_dominated_ranks(losses);
    std::vector<std::vector<std::size_t>> fronts(complete.size());
    for (std::size_t i = 0; i < complete.size(); ++i) fronts[ranks[i]].push_back(i);
    for (const std::vector<std::size_t>& members : fronts) {
      if (members.empty()) continue;
      const std::vector<double> distances = crowding_distances(losses, members);
      for (const std::size_t i : members) {
        keys[complete[i]].first = static_cast<double>(ranks[i]);
        keys[complete[i]].second = -distances[i];
      }
    }
  }
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return is_better(keys[a], keys[b]); });
  return order;
}

std::vector<std::size_t> pareto_front(std::span<const Trial> trials, std::span<const Objective> objectives) {
  std::vector<std::pair<std::vector<double>, std::size_t>> points;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].state == TrialState::kComplete) points.emplace_back(losses_of(trials[i], objectives), i);
  }
  // In this order no point is dominated by a later one, and equal ones follow each other.
  std::ranges::sort(points);
  std::vector<std::pair<std::vector<double>, std::size_t>> front;
  for (auto& point : points) {
    const bool beaten = std::ranges::any_of(
        front, [&](const auto& kept) { return kept.first == point.first || dominates(kept.first, point.first); });
    if (!beaten) front.push_back(std::move(point));
  }
  std::vector<std::size_t> indexes;
  for (const auto& [losses, index] : front) indexes.push_back(index);
  return indexes;
}

}  // namespace argosy::search

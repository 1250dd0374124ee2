#include "search/importance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <utility>

#include "core/text.hpp"
#include "search/detail/portable_math.hpp"

namespace argosy::search {
namespace {

constexpr std::size_t kImportanceBuckets = 10;

// Three significant digits: a label in a table.
std::string short_number(double value) {
  if (value == 0) return "0";
  const double size = std::floor(detail::portable_log(std::fabs(value)) / detail::portable_log(10) + 1e-12);
  if (size >= 15 || size <= -6) return fmt::format("{:.2e}", value);
  const int decimals = std::max(0, 2 - static_cast<int>(size));
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

// Ranks from 1; equal values share the mean of theirs.
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = 0.5 * static_cast<double>(begin + end + 1);
    begin = end;
  }
  return ranks;
}

double explained(std::span<const double> ranks, std::span<const std::size_t> buckets) {
  const auto count = static_cast<double>(ranks.size());
  const double mean = (count + 1) / 2;
  std::map<std::size_t, std::pair<double, double>> groups;  // count and sum of deviations
  double total = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    auto& [members, sum] = groups[buckets[i]];
    members += 1;
    sum += ranks[i] - mean;
    total += (ranks[i] - mean) * (ranks[i] - mean);
  }
  const auto kinds = static_cast<double>(groups.size());
  if (!(total > 0) || count <= kinds) return 0;
  double between = 0;
  for (const auto& [bucket, group] : groups) between += group.second * group.second / group.first;
  const double within = (total - between) / (count - kinds);
  return std::clamp((between - (kinds - 1) * within) / total, 0.0, 1.0);
}

}  // namespace

Buckets bucket_trials(const Space& space, std::size_t parameter, std::span<const Trial> trials, std::size_t most) {
  Buckets buckets;
  const Parameter& about = space.parameter(parameter);
  const auto points = space.points(parameter);
  const bool each = points && (*points <= most || about.kind == ParameterKind::kCategorical);
  const std::size_t count = each ? *points : most;
  const double low = space.low(parameter);
  const double width = space.high(parameter) - low;
  // Of discrete numbers in groups: the first value of a bucket.
  const auto first_point = [&](std::size_t bucket) { return *points * bucket / count; };
  const auto edge = [&](std::size_t bucket) {
    return space.from_internal(parameter, low + width * static_cast<double>(bucket) / static_cast<double>(count));
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (about.kind == ParameterKind::kCategorical) {
      buckets.labels.push_back(about.choices[i].text);
    } else if (each) {
      buckets.labels.push_back(short_number(space.value(parameter, i)));
    } else if (points) {
      const std::string from = short_number(space.value(parameter, first_point(i)));
      const std::string to = short_number(space.value(parameter, first_point(i + 1) - 1));
      buckets.labels.push_back(from == to ? from : fmt::format("{} to {}", from, to));
    } else {
      buckets.labels.push_back(fmt::format("{} to {}", short_number(edge(i)), short_number(edge(i + 1))));
    }
  }
  for (const Trial& trial : trials) {
    if (!trial.setting.is_active(parameter)) {
      buckets.of_trial.push_back(Buckets::kNone);
      continue;
    }
    const double value = trial.setting.values[parameter];
    std::size_t bucket = 0;
    if (about.kind == ParameterKind::kCategorical) {
      bucket = static_cast<std::size_t>(value);
    } else if (points) {
      const auto point = static_cast<std::uint64_t>(std::nearbyint((value - about.from) / about.step));
      bucket = ((point + 1) * count - 1) / *points;  // the last one whose first value is at or before it
    } else if (width > 0) {
      const double share = (space.to_internal(parameter, value) - low) / width;
      bucket = std::min(static_cast<std::size_t>(std::max(share, 0.0) * static_cast<double>(count)), count - 1);
    }
    buckets.of_trial.push_back(bucket);
  }
  return buckets;
}

std::vector<double> parameter_importance(const Space& space, std::span<const Trial> trials,
                                         std::span<const Objective> objectives) {
  std::vector<Trial> complete;
  std::vector<double> losses;
  for (const Trial& trial : trials) {
    if (trial.state != TrialState::kComplete) continue;
    complete.push_back(trial);
    losses.push_back(loss(objectives[0], trial.values[0]));
  }
  const std::vector<double> ranks = ranks_of(losses);
  std::vector<double> importance;
  for (std::size_t at = 0; at < space.size(); ++at) {
    importance.push_back(
        complete.size() < 2 ? 0 : explained(ranks, bucket_trials(space, at, complete, kImportanceBuckets).of_trial));
  }
  return importance;
}

}  // namespace argosy::search

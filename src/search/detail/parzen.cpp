#include "search/detail/parzen.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "core/check.hpp"
#include "search/detail/portable_math.hpp"
#include "search/normal.hpp"

namespace argosy::search::detail {
namespace {

constexpr double kPriorWeight = 1;
constexpr double kInverseRootTwoPi = 0.39894228040143267794;
constexpr double kMostKernels = 100;  // the narrowest kernel is the range over this

}  // namespace

ParzenMixture::ParzenMixture(const Space& space, std::span<const std::size_t> group,
                             std::span<const Setting* const> seen, std::span<const double> weights)
    : space_(&space) {
  ARGOSY_CHECK(seen.size() == weights.size());
  for (const std::size_t parameter : group) {
    Dimension dimension{.parameter = parameter, .kernels = {}};
    dimension.categorical = space.parameter(parameter).kind == ParameterKind::kCategorical;
    dimension.discrete = space.points(parameter).has_value();
    dimension.choices = static_cast<double>(space.points(parameter).value_or(0));
    dimension.range = std::max(space.high(parameter) - space.low(parameter), 1e-300);
    set_kernels(dimension, seen, group.size());
    dimensions_.push_back(std::move(dimension));
  }
  double sum = 0;
  for (const double weight : weights) cumulative_.push_back(sum += weight);
  cumulative_.push_back(sum += kPriorWeight);
  for (double& weight : cumulative_) weight /= sum;
}

void ParzenMixture::set_kernels(Dimension& dimension, std::span<const Setting* const> seen,
                                std::size_t dimensions) const {
  std::map<double, std::size_t> known;  // kernels of discrete values
  for (const Setting* setting : seen) {
    const double value = setting->values[dimension.parameter];
    const auto [found, is_new] = known.try_emplace(value, dimension.kernels.size());
    dimension.of_component.push_back(is_new || !dimension.discrete ? dimension.kernels.size() : found->second);
    if (!is_new && dimension.discrete) continue;
    Kernel kernel;
    if (dimension.categorical) {
      kernel.choice = static_cast<std::size_t>(value);
    } else {
      kernel.mean = space_->to_internal(dimension.parameter, value);
    }
    dimension.kernels.push_back(kernel);
  }
  dimension.of_component.push_back(dimension.kernels.size());
  dimension.kernels.push_back({.choice = kEven});
  if (dimension.categorical) return;
  const double low = space_->low(dimension.parameter);
  const double high = space_->high(dimension.parameter);
  // Scott's rule with a fifth of the range; narrower the more is known, but never so narrow that it sees nothing else.
  const auto count = static_cast<double>(seen.size());
  const double power = -1 / (static_cast<double>(dimensions) + 4);
  const double rule = 0.2 * portable_exp(portable_log(std::max(count, 1.0)) * power);
  const double sigma = dimension.range * std::max(rule, 1 / std::min(kMostKernels, 2 + count));
  for (Kernel& kernel : dimension.kernels) kernel.sigma = sigma;
  dimension.kernels.back().mean = 0.5 * (low + high);
  dimension.kernels.back().sigma = dimension.range;
  for (Kernel& kernel : dimension.kernels) {
    kernel.below = normal_cdf((low - kernel.mean) / kernel.sigma);
    kernel.inside = normal_cdf((high - kernel.mean) / kernel.sigma) - kernel.below;
    kernel.height = kInverseRootTwoPi * dimension.range / (kernel.sigma * kernel.inside);
  }
}

// The observed choice has the weight of one observation on top of an even share of the prior.
double ParzenMixture::choice_weight(const Dimension& dimension, const Kernel& kernel, std::size_t choice) const {
  if (kernel.choice == kEven) return 1 / dimension.choices;
  const double prior = kPriorWeight / static_cast<double>(dimension.of_component.size());
  return (prior + (kernel.choice == choice ? 1 : 0)) / (prior * dimension.choices + 1);
}

void ParzenMixture::draw(core::Rng& rng, Setting& setting) const {
  const auto found = std::ranges::upper_bound(cumulative_, rng.uniform());
  const auto component = std::min(static_cast<std::size_t>(found - cumulative_.begin()), cumulative_.size() - 1);
  for (const Dimension& dimension : dimensions_) {
    const Kernel& kernel = dimension.kernels[dimension.of_component[component]];
    double& value = setting.values[dimension.parameter];
    double share = rng.uniform();
    if (dimension.categorical) {
      std::size_t choice = 0;
      for (; choice + 1 < static_cast<std::size_t>(dimension.choices); ++choice) {
        share -= choice_weight(dimension, kernel, choice);
        if (share < 0) break;
      }
      value = static_cast<double>(choice);
      continue;
    }
    const double z = normal_quantile(std::clamp(kernel.below + share * kernel.inside, 0x1p-1000, 1 - 0x1p-53));
    const double internal =
        std::clamp(kernel.mean + kernel.sigma * z, space_->low(dimension.parameter), space_->high(dimension.parameter));
    value = space_->from_internal(dimension.parameter, internal);
  }
}

ParzenMixture::Place ParzenMixture::place(const Dimension& dimension, double value) const {
  if (dimension.categorical) return {.choice = static_cast<std::size_t>(value)};
  const Parameter& parameter = space_->parameter(dimension.parameter);
  if (!dimension.discrete) {
    const double internal = space_->to_internal(dimension.parameter, value);
    return {internal, internal, 0};
  }
  const double half = parameter.step / 2;
  const double low = space_->low(dimension.parameter);
  const double high = space_->high(dimension.parameter);
  // The first and the last value reach to the ends of the range.
  const double from = value - half > 0 || !parameter.log ? space_->to_internal(dimension.parameter, value - half) : low;
  return {std::max(from, low), std::min(space_->to_internal(dimension.parameter, value + half), high), 0};
}

double ParzenMixture::share(const Dimension& dimension, const Kernel& kernel, const Place& at) const {
  if (dimension.categorical) return choice_weight(dimension, kernel, at.choice) * dimension.choices;
  const double mass =
      normal_cdf((at.high - kernel.mean) / kernel.sigma) - normal_cdf((at.low - kernel.mean) / kernel.sigma);
  return mass / kernel.inside * (dimension.range / std::max(at.high - at.low, 1e-300));
}

double ParzenMixture::density(const Setting& setting) const {
  const std::size_t components = cumulative_.size();
  std::vector<double> products(components);
  std::vector<double> exponents(components, 0);
  for (std::size_t i = 0; i < components; ++i) products[i] = cumulative_[i] - (i > 0 ? cumulative_[i - 1] : 0);
  bool continuous = false;
  for (const Dimension& dimension : dimensions_) {
    const Place at = place(dimension, setting.values[dimension.parameter]);
    if (dimension.discrete) {
      std::vector<double> shares;
      for (const Kernel& kernel : dimension.kernels) shares.push_back(share(dimension, kernel, at));
      for (std::size_t i = 0; i < components; ++i) products[i] *= shares[dimension.of_component[i]];
      continue;
    }
    continuous = true;
    for (std::size_t i = 0; i < components; ++i) {
      const Kernel& kernel = dimension.kernels[dimension.of_component[i]];
      const double z = (at.low - kernel.mean) / kernel.sigma;
      exponents[i] -= 0.5 * z * z;
      products[i] *= kernel.height;
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < components; ++i)
    sum += continuous ? products[i] * portable_exp(exponents[i]) : products[i];
  return sum;
}

}  // namespace argosy::search::detail

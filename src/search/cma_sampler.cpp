// CMA-ES: a normal distribution whose mean, width and shape follow the better half of each generation (Hansen, The CMA
// Evolution Strategy: A Tutorial, 2016), begun anew with twice the population where it has converged (Auger and Hansen
// 2005). The range of each parameter is 0 to 1; points outside are drawn again.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "search/detail/portable_math.hpp"
#include "search/detail/samplers.hpp"
#include "search/detail/symmetric_eigen.hpp"

namespace argosy::search::detail {
namespace {

using core::ErrorCode;
using Vector = std::vector<double>;

constexpr double kFirstSigma = 0.3;
constexpr double kConverged = 1e-9;  // of the range: narrower and it begins anew
constexpr double kSkewed = 1e14;     // the ratio of the widest axis to the narrowest, squared
constexpr int kRedraws = 100;
constexpr std::uint64_t kRestartStream = std::uint64_t{1} << 62U;  // beyond the numbers of trials

// The numbers that a population and a dimension give; names as in the tutorial.
struct Rates {
  Vector weights;  // of the better half, the best first; their sum is 1
  double mu_eff = 0;
  double c_c = 0;
  double c_sigma = 0;
  double c_1 = 0;
  double c_mu = 0;
  double d_sigma = 0;
  double chi = 0;  // the expected length of a standard normal vector
};

Rates rates_of(std::size_t population, std::size_t dimension) {
  Rates rates;
  const auto n = static_cast<double>(dimension);
  const std::size_t half = population / 2;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < half; ++i) {
    rates.weights.push_back(portable_log((static_cast<double>(population) + 1) / 2) -
                            portable_log(static_cast<double>(i + 1)));
    sum += rates.weights.back();
  }
  for (double& weight : rates.weights) {
    weight /= sum;
    squares += weight * weight;
  }
  const double mu = 1 / squares;
  rates.mu_eff = mu;
  rates.c_c = (4 + mu / n) / (n + 4 + 2 * mu / n);
  rates.c_sigma = (mu + 2) / (n + mu + 5);
  rates.c_1 = 2 / ((n + 1.3) * (n + 1.3) + mu);
  rates.c_mu = std::min(1 - rates.c_1, 2 * (mu - 2 + 1 / mu) / ((n + 2) * (n + 2) + mu));
  rates.d_sigma = 1 + 2 * std::max(0.0, std::sqrt((mu - 1) / (n + 1)) - 1) + rates.c_sigma;
  rates.chi = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  return rates;
}

// The search after some generations.
struct State {
  std::size_t begin = 0;  // the number of the first trial of the coming generation
  std::size_t population = 0;
  std::size_t generation = 0;  // since the last restart
  Rates rates;
  Vector mean;
  double sigma = kFirstSigma;
  Vector covariance;  // row by row
  SymmetricEigen axes;
  Vector path_c;
  Vector path_sigma;
};

class CmaSampler final : public Sampler {
 public:
  CmaSampler(const SamplerOptions& options, Space space, std::span<const Objective> objectives)
      : options_(options), space_(std::move(space)), objectives_(objectives.begin(), objectives.end()) {
    const auto grown = std::floor(3 * portable_log(static_cast<double>(space_.size())));
    first_population_ = options.population > 0 ? options.population : 4 + static_cast<std::size_t>(grown);
  }

  Setting sample(std::size_t number, std::span<const Trial> earlier) const override;
  bool is_ready(std::size_t number, std::span<const Trial> earlier) const override {
    return number < advance(number, earlier).begin + state_.population;
  }
  bool is_adaptive() const override { return true; }
  std::string describe() const override { return fmt::format("cma_es(population {})", first_population_); }

 private:
  // The state before the generation of trial `number`, or before the first generation that is not finished.
  const State& advance(std::size_t number, std::span<const Trial> earlier) const;
  void start(State& state, std::size_t begin, std::size_t population, Vector mean) const;
  void learn(State& state, std::span<const Trial> generation) const;
  [[nodiscard]] bool has_converged(const State& state) const;
  [[nodiscard]] Vector unit_of(const Setting& setting) const;

  SamplerOptions options_;
  Space space_;
  std::vector<Objective> objectives_;
  std::size_t first_population_ = 0;
  // What was worked out last, and from which trials: learning from all of them again for each trial would be slow.
  mutable State state_;
  mutable std::vector<std::pair<Setting, Vector>> learned_;
};

Vector CmaSampler::unit_of(const Setting& setting) const {
  Vector unit;
  for (std::size_t at = 0; at < space_.size(); ++at) {
    const double range = space_.high(at) - space_.low(at);
    const double internal = space_.to_internal(at, setting.values[at]);
    unit.push_back(range > 0 ? (internal - space_.low(at)) / range : 0.5);
  }
  return unit;
}

void CmaSampler::start(State& state, std::size_t begin, std::size_t population, Vector mean) const {
  const std::size_t n = space_.size();
  state = {.begin = begin,
           .population = population,
           .rates = rates_of(population, n),
           .mean = std::move(mean),
           .covariance = Vector(n * n, 0),
           .axes = {},
           .path_c = Vector(n, 0),
           .path_sigma = Vector(n, 0)};
  for (std::size_t i = 0; i < n; ++i) state.covariance[i * n + i] = 1;
  state.axes = symmetric_eigen(state.covariance, n);
}

// Equations 24 to 31 of the tutorial, without negative weights.
void CmaSampler::learn(State& state, std::span<const Trial> generation) const {
  const std::size_t n = space_.size();
  const Rates& rates = state.rates;
  const std::vector<std::size_t> order = rank(generation, objectives_);
  std::vector<Vector> steps;  // of the better half, in units of sigma
  Vector step(n, 0);          // their weighted mean
  for (std::size_t i = 0; i < rates.weights.size(); ++i) {
    Vector y = unit_of(generation[order[i]].setting);
    for (std::size_t j = 0; j < n; ++j) {
      y[j] = (y[j] - state.mean[j]) / state.sigma;
      step[j] += rates.weights[i] * y[j];
    }
    steps.push_back(std::move(y));
  }
  const Vector whitened = state.axes.inverse_root_times(step);
  const double pull = std::sqrt(rates.c_sigma * (2 - rates.c_sigma) * rates.mu_eff);
  double length = 0;
  double remembered = 1;  // (1 - c_sigma)^(2 (g + 1))
  ++state.generation;
  for (std::size_t g = 0; g < 2 * state.generation && remembered > 1e-18; ++g) remembered *= 1 - rates.c_sigma;
  for (std::size_t j = 0; j < n; ++j) {
    state.mean[j] += state.sigma * step[j];
    state.path_sigma[j] = (1 - rates.c_sigma) * state.path_sigma[j] + pull * whitened[j];
    length += state.path_sigma[j] * state.path_sigma[j];
  }
  length = std::sqrt(length);
  const bool moves = length / std::sqrt(1 - remembered) < (1.4 + 2 / (static_cast<double>(n) + 1)) * rates.chi;
  const double pull_c = moves ? std::sqrt(rates.c_c * (2 - rates.c_c) * rates.mu_eff) : 0;
  for (std::size_t j = 0; j < n; ++j) state.path_c[j] = (1 - rates.c_c) * state.path_c[j] + pull_c * step[j];
  const double kept = 1 - rates.c_1 - rates.c_mu + (moves ? 0 : rates.c_1 * rates.c_c * (2 - rates.c_c));
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < n; ++k) {
      double spread = 0;
      for (std::size_t i = 0; i < steps.size(); ++i) spread += rates.weights[i] * steps[i][j] * steps[i][k];
      double& c = state.covariance[j * n + k];
      c = kept * c + rates.c_1 * state.path_c[j] * state.path_c[k] + rates.c_mu * spread;
    }
  }
  state.sigma *= portable_exp(std::min(1.0, rates.c_sigma / rates.d_sigma * (length / rates.chi - 1)));
  state.axes = symmetric_eigen(state.covariance, n);
  state.begin += state.population;
}

bool CmaSampler::has_converged(const State& state) const {
  const auto [narrowest, widest] = std::ranges::minmax(state.axes.values);
  return !(narrowest > 0) || widest > kSkewed * narrowest || state.sigma * std::sqrt(widest) < kConverged;
}

const State& CmaSampler::advance(std::size_t number, std::span<const Trial> earlier) const {
  const std::size_t checked = std::min(learned_.size(), earlier.size());
  bool same = learned_.size() <= std::min(earlier.size(), number);
  for (std::size_t i = 0; same && i < checked; ++i) {
    same = earlier[i].setting == learned_[i].first && earlier[i].values == learned_[i].second;
  }
  if (!same || state_.population == 0) {
    learned_.clear();
    start(state_, 0, first_population_, Vector(space_.size(), 0.5));
  }
  while (number >= state_.begin + state_.population) {
    const std::span<const Trial> generation = earlier.subspan(state_.begin, state_.population);
    if (!std::ranges::all_of(generation, &Trial::is_finished)) break;
    for (const Trial& trial : generation) learned_.emplace_back(trial.setting, trial.values);
    learn(state_, generation);
    if (!has_converged(state_)) continue;
    core::Rng rng = core::Rng(options_.seed).fork(kRestartStream + state_.begin);
    Vector mean;
    for (std::size_t i = 0; i < space_.size(); ++i) mean.push_back(rng.uniform());
    start(state_, state_.begin, 2 * state_.population, std::move(mean));
  }
  return state_;
}

Setting CmaSampler::sample(std::size_t number, std::span<const Trial> earlier) const {
  const State& state = advance(number, earlier);
  core::Rng rng = core::Rng(options_.seed).fork(number);
  Vector unit(space_.size(), 0);
  for (int attempt = 0; attempt < kRedraws; ++attempt) {
    Vector normal;
    for (std::size_t i = 0; i < space_.size(); ++i) normal.push_back(rng.normal());
    const Vector y = state.axes.root_times(normal);
    for (std::size_t i = 0; i < y.size(); ++i) unit[i] = state.mean[i] + state.sigma * y[i];
    if (std::ranges::all_of(unit, [](double value) { return value >= 0 && value <= 1; })) break;
  }
  Setting setting;
  for (std::size_t at = 0; at < space_.size(); ++at) {
    const double internal = space_.low(at) + std::clamp(unit[at], 0.0, 1.0) * (space_.high(at) - space_.low(at));
    setting.values.push_back(space_.from_internal(at, internal));
  }
  return setting;
}

}  // namespace

core::Result<std::unique_ptr<Sampler>> make_cma_es(const SamplerOptions& options, const Space& space,
                                                   std::span<const Objective> objectives) {
  const auto refuse = [](std::string message, std::string hint) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint)));
  };
  for (std::size_t at = 0; at < space.size(); ++at) {
    const Parameter& parameter = space.parameter(at);
    if (!space.points(at) && parameter.when.empty()) continue;
    const std::string_view why = parameter.kind == ParameterKind::kCategorical ? "has choices"
                                 : parameter.kind == ParameterKind::kInteger   ? "is an integer"
                                 : parameter.when.empty()                      ? "has a step"
                                                                               : "counts only under a condition";
    return refuse(fmt::format("cma_es searches continuous parameters only, and {} {}", parameter.name, why),
                  "use the sampler tpe, which takes any space");
  }
  if (objectives.size() != 1) return refuse("cma_es has one objective", "use the sampler tpe for several");
  if (options.population == 1 || options.population == 2 || options.population == 3) {
    return refuse("a generation of cma_es has at least 4 trials", "leave the population to the sampler");
  }
  return std::make_unique<CmaSampler>(options, space, objectives);
}

}  // namespace argosy::search::detail

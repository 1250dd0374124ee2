// Functions with known minima, and a study over them, for tests.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "search/study.hpp"

namespace argosy::search {

inline Parameter continuous(std::string name, double from, double to) {
  return {.name = std::move(name), .from = from, .to = to, .choices = {}, .when = {}};
}

// Minimum 0.397887 at (-pi, 12.275), (pi, 2.275), (9.42478, 2.475) (Dixon and Szego 1978).
inline Space branin_space() { return *Space::make({continuous("x", -5, 10), continuous("y", 0, 15)}); }
inline double branin(const Space& /*space*/, const Setting& setting) {
  constexpr double kPi = std::numbers::pi;
  const double x = setting.values[0];
  const double y = setting.values[1];
  const double bend = y - 5.1 / (4 * kPi * kPi) * x * x + 5 / kPi * x - 6;
  return bend * bend + 10 * (1 - 1 / (8 * kPi)) * std::cos(x) + 10;
}

// Minimum -3.32237 in six dimensions from 0 to 1 (Dixon and Szego 1978).
inline Space hartmann_space() {
  std::vector<Parameter> parameters;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) parameters.push_back(continuous(name, 0, 1));
  return *Space::make(std::move(parameters));
}
inline double hartmann(const Space& /*space*/, const Setting& setting) {
  constexpr std::array<double, 4> kAlpha{1.0, 1.2, 3.0, 3.2};
  constexpr std::array<std::array<double, 6>, 4> kA{
      {{10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}}};
  constexpr std::array<std::array<double, 6>, 4> kP{{{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                                                     {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                                                     {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                                                     {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}}};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double exponent = 0;
    for (std::size_t j = 0; j < 6; ++j) {
      const double distance = setting.values[j] - kP.at(i).at(j);
      exponent += kA.at(i).at(j) * distance * distance;
    }
    sum -= kAlpha.at(i) * std::exp(-exponent);
  }
  return sum;
}

// A choice of two functions, each with parameters of its own, one of them an integer and one on a logarithm. Minimum 0
// with kind "fine", width 0.01 and count 7.
inline Space conditional_space() {
  return *parse_space(R"(
kind: {choices: [rough, fine]}
level: {range: [0.0, 10.0], when: {kind: rough}}
width: {range: [0.0001, 1.0], log: true, when: {kind: fine}}
count: {range: [1, 40], when: {kind: fine}}
)",
                      "conditional.yaml");
}
inline double conditional(const Space& /*space*/, const Setting& setting) {
  if (setting.values[0] == 0) return 1 + std::fabs(setting.values[1] - 3);
  return std::fabs(std::log10(setting.values[2]) + 2) + std::fabs(setting.values[3] - 7) / 10;
}

// Counts what it is asked, so that tests see what was evaluated twice.
class FunctionEvaluator final : public Evaluator {
 public:
  using Function = std::function<double(const Space&, const Setting&)>;
  FunctionEvaluator(Space space, Function function) : space_(std::move(space)), function_(std::move(function)) {}

  core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) override {
    std::vector<Outcome> outcomes;
    for (const Request& request : requests) {
      Outcome outcome;
      // With little of the resource the value is off by a little, in a way that the setting decides.
      const double value = function_(space_, request.setting);
      outcome.values = {value + (value - std::floor(value) - 0.5) / static_cast<double>(request.resource)};
      outcomes.push_back(std::move(outcome));
      evaluated.emplace_back(request.trial, request.resource);
    }
    return outcomes;
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> evaluated;  // trial, resource

 private:
  Space space_;
  Function function_;
};

inline StudySetup minimise(Space space, SamplerKind kind, std::uint64_t seed, std::uint64_t trials) {
  StudySetup setup;
  setup.name = "test";
  setup.space = std::move(space);
  setup.objectives = {{.name = "loss", .direction = Direction::kMinimise}};
  setup.sampler.kind = kind;
  setup.sampler.seed = seed;
  setup.trials = trials;
  return setup;
}

inline core::Result<StudyResult> run(StudySetup setup, Evaluator& evaluator, StudyStore& store) {
  const core::SimulatedClock clock(core::Timestamp{});
  return run_study(std::move(setup), evaluator, store, clock);
}

}  // namespace argosy::search

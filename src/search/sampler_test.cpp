#include "search/sampler.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "search/detail/sobol.hpp"
#include "search/test_functions.hpp"

namespace argosy::search {
namespace {

constexpr std::uint64_t kSeeds = 20;

// The middle of the best values that the seeds found.
double median_best(const Space& space, const FunctionEvaluator::Function& function, SamplerKind kind,
                   std::uint64_t trials) {
  std::vector<double> bests;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    double best = 1e300;
    FunctionEvaluator evaluator(space, [&](const Space& s, const Setting& setting) {
      const double value = function(s, setting);
      best = std::min(best, value);
      return value;
    });
    const auto store = make_memory_store();
    EXPECT_TRUE(run(minimise(space, kind, seed, trials), evaluator, *store));
    bests.push_back(best);
  }
  std::ranges::sort(bests);
  return 0.5 * (bests[9] + bests[10]);
}

// By how much a sampler is closer to the minimum than random draws are, in the middle of twenty seeds.
TEST(Samplers, LearnOnBranin) {
  const Space space = branin_space();
  const double minimum = 0.397887;
  const double random = median_best(space, branin, SamplerKind::kRandom, 100) - minimum;
  EXPECT_LT(median_best(space, branin, SamplerKind::kTpe, 100) - minimum, 0.5 * random);
  EXPECT_LT(median_best(space, branin, SamplerKind::kCmaEs, 100) - minimum, 0.5 * random);
  EXPECT_LT(median_best(space, branin, SamplerKind::kSobol, 100) - minimum, random);
}

TEST(Samplers, LearnOnHartmann) {
  const Space space = hartmann_space();
  const double minimum = -3.32237;
  const double random = median_best(space, hartmann, SamplerKind::kRandom, 200) - minimum;
  EXPECT_LT(median_best(space, hartmann, SamplerKind::kTpe, 200) - minimum, 0.5 * random);
  EXPECT_LT(median_best(space, hartmann, SamplerKind::kCmaEs, 200) - minimum, 0.5 * random);
}

TEST(Samplers, TpeLearnsOnAConditionalFunction) {
  const Space space = conditional_space();
  const double random = median_best(space, conditional, SamplerKind::kRandom, 100);
  EXPECT_LT(median_best(space, conditional, SamplerKind::kTpe, 100), 0.3 * random);
}

// A population that has converged begins anew elsewhere: with many trials the minimum is found by every seed.
TEST(Samplers, CmaEsBeginsAnew) {
  const Space space = branin_space();
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    FunctionEvaluator evaluator(space, branin);
    const auto store = make_memory_store();
    const auto result = run(minimise(space, SamplerKind::kCmaEs, seed, 1500), evaluator, *store);
    ASSERT_TRUE(result) << result.error().describe();
    // It goes wide again after it was narrow.
    bool narrow = false;
    bool wide_again = false;
    for (std::size_t i = 20; i < result->trials.size(); ++i) {
      double spread = 0;
      for (std::size_t k = i - 10; k < i; ++k) {
        spread = std::max(spread, std::fabs(result->trials[i].setting.values[0] - result->trials[k].setting.values[0]));
      }
      wide_again = wide_again || (narrow && spread > 3);
      narrow = narrow || spread < 1e-6;
    }
    EXPECT_TRUE(wide_again);
    EXPECT_LT(result->trials[result->ranking.front()].values[0], 0.29577472);
  }
}

TEST(Samplers, RefuseSpacesTheyCannotSearch) {
  const auto refused = [](SamplerKind kind, const std::string& text) -> std::string {
    const auto space = parse_space(text, "s.yaml");
    EXPECT_TRUE(space);
    const std::vector<Objective> one{{.name = "x"}};
    const auto sampler = make_sampler({.kind = kind}, *space, one);
    return sampler ? "accepted" : sampler.error().message;
  };
  EXPECT_EQ(refused(SamplerKind::kGrid, "a: {range: [0.0, 1.0]}"), "a grid cannot cover a, which is continuous");
  EXPECT_EQ(refused(SamplerKind::kCmaEs, "a: {range: [0.0, 1.0]}\nb: {range: [1, 5]}"),
            "cma_es searches continuous parameters only, and b is an integer");
  EXPECT_EQ(refused(SamplerKind::kCmaEs, "a: {range: [0.0, 1.0], step: 0.1}"),
            "cma_es searches continuous parameters only, and a has a step");
  EXPECT_EQ(refused(SamplerKind::kCmaEs, "a: {choices: [x, y]}"),
            "cma_es searches continuous parameters only, and a has choices");
  std::string many;
  for (int i = 0; i < 33; ++i) many += fmt::format("p{}: {{range: [0.0, 1.0]}}\n", i);
  EXPECT_EQ(refused(SamplerKind::kSobol, many), "sobol searches at most 32 parameters, and the space has 33");
  EXPECT_EQ(refused(SamplerKind::kTpe, many), "accepted");
  EXPECT_FALSE(parse_sampler("tep"));
  EXPECT_EQ(*parse_sampler("cma_es"), SamplerKind::kCmaEs);
}

// A sampler has no memory that shows: asked in any order, for any trial, it gives what it gave.
TEST(Samplers, ArePureFunctions) {
  for (const SamplerKind kind : {SamplerKind::kRandom, SamplerKind::kSobol, SamplerKind::kTpe, SamplerKind::kCmaEs}) {
    const Space space = hartmann_space();
    FunctionEvaluator evaluator(space, hartmann);
    const auto store = make_memory_store();
    const StudySetup setup = minimise(space, kind, 11, 60);
    const auto result = run(setup, evaluator, *store);
    ASSERT_TRUE(result);
    const auto sampler = make_sampler(setup.sampler, space, setup.objectives);
    for (const std::size_t number : {59U, 13U, 30U, 0U, 58U}) {
      const std::span<const Trial> earlier = std::span(result->trials).first(number);
      ASSERT_TRUE((*sampler)->is_ready(number, earlier));
      EXPECT_EQ((*sampler)->sample(number, earlier), result->trials[number].setting) << to_string(kind) << number;
    }
  }
}

// While others run, TPE tries something else, and in a space of few settings it tries each before any twice.
TEST(Samplers, TpeDoesNotRepeatItself) {
  const auto space = parse_space("a: {range: [1, 6]}\nb: {range: [1, 6]}", "s.yaml");
  FunctionEvaluator evaluator(*space, [](const Space& s, const Setting& x) {
    return std::pow(s.number(0, x) - 2, 2) + std::pow(s.number(1, x) - 5, 2);
  });
  const auto store = make_memory_store();
  StudySetup setup = minimise(*space, SamplerKind::kTpe, 1, 40);
  setup.sampler.startup_trials = 5;
  setup.workers = 4;
  const auto result = run(setup, evaluator, *store);
  ASSERT_TRUE(result);
  std::set<std::string> seen;
  for (const Trial& trial : result->trials) seen.insert(space->to_json(trial.setting));
  EXPECT_GE(seen.size(), 33U);
  EXPECT_EQ(result->trials[result->ranking.front()].values[0], -0.5);  // of 0, with little of the resource
}

// The first points as published with the direction numbers, in the order of the Gray code.
TEST(Sobol, FirstPoints) {
  const std::array<std::array<double, 5>, 8> expected{{{0, 0, 0, 0, 0},
                                                       {0.5, 0.5, 0.5, 0.5, 0.5},
                                                       {0.75, 0.25, 0.25, 0.25, 0.75},
                                                       {0.25, 0.75, 0.75, 0.75, 0.25},
                                                       {0.375, 0.375, 0.625, 0.875, 0.375},
                                                       {0.875, 0.875, 0.125, 0.375, 0.875},
                                                       {0.625, 0.125, 0.875, 0.625, 0.625},
                                                       {0.125, 0.625, 0.375, 0.125, 0.125}}};
  for (std::uint32_t i = 0; i < 8; ++i) {
    for (std::size_t d = 0; d < 5; ++d) {
      EXPECT_EQ(detail::sobol_bits(i, d) * 0x1p-32, expected.at(i).at(d)) << i << " " << d;
    }
  }
}

// Of 2^k points each of the 2^k equal parts of an axis has one: in every dimension, scrambled or not.
TEST(Sobol, HasOnePointInEachPart) {
  constexpr unsigned kPower = 10;
  for (std::size_t d = 0; d < detail::kSobolDimensions; ++d) {
    std::set<std::uint32_t> plain;
    std::set<std::uint32_t> scrambled;
    for (std::uint32_t i = 0; i < 1U << kPower; ++i) {
      plain.insert(detail::sobol_bits(i, d) >> (32 - kPower));
      scrambled.insert(detail::scramble_bits(detail::sobol_bits(i, d), 99 + d) >> (32 - kPower));
    }
    EXPECT_EQ(plain.size(), 1U << kPower) << d;
    EXPECT_EQ(scrambled.size(), 1U << kPower) << d;
  }
}

// Neighbouring pairs of dimensions fill the square more evenly than chance does: of 1,024 points and 1,024 cells.
TEST(Sobol, PairsLeaveFewCellsEmpty) {
  for (std::size_t d = 0; d + 1 < 21; ++d) {
    std::set<std::uint32_t> cells;
    for (std::uint32_t i = 0; i < 1024; ++i) {
      cells.insert((detail::sobol_bits(i, d) >> 27U) * 32 + (detail::sobol_bits(i, d + 1) >> 27U));
    }
    EXPECT_GE(cells.size(), 500U) << d;  // chance fills about 647, a bad pair 32 or 64
  }
}

}  // namespace
}  // namespace argosy::search

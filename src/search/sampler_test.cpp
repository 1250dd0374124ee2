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

TEST(Samplers, LearnOnBranin) {
  const Space space = branin_space();
  const double random = median_best(space, branin, SamplerKind::kRandom, 100);
  const double tpe = median_best(space, branin, SamplerKind::kTpe, 100);
  const double cma = median_best(space, branin, SamplerKind::kCmaEs, 100);
  const double sobol = median_best(space, branin, SamplerKind::kSobol, 100);
  RecordProperty("branin", fmt::format("random {} sobol {} tpe {} cma {}", random, sobol, tpe, cma));
  fmt::print("branin random {} sobol {} tpe {} cma {}\n", random, sobol, tpe, cma);
  EXPECT_LT(tpe - 0.397887, 0.5 * (random - 0.397887));
  EXPECT_LT(cma - 0.397887, 0.5 * (random - 0.397887));
}

TEST(Samplers, LearnOnHartmann) {
  const Space space = hartmann_space();
  const double random = median_best(space, hartmann, SamplerKind::kRandom, 200);
  const double tpe = median_best(space, hartmann, SamplerKind::kTpe, 200);
  const double cma = median_best(space, hartmann, SamplerKind::kCmaEs, 200);
  fmt::print("hartmann random {} tpe {} cma {}\n", random, tpe, cma);
  EXPECT_LT(tpe + 3.32237, 0.5 * (random + 3.32237));
  EXPECT_LT(cma + 3.32237, 0.5 * (random + 3.32237));
}

TEST(Samplers, LearnOnAConditionalFunction) {
  const Space space = conditional_space();
  const double random = median_best(space, conditional, SamplerKind::kRandom, 100);
  const double tpe = median_best(space, conditional, SamplerKind::kTpe, 100);
  fmt::print("conditional random {} tpe {}\n", random, tpe);
  EXPECT_LT(tpe, 0.5 * random);
}

}  // namespace
}  // namespace argosy::search

#include "search/pruner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "search/test_functions.hpp"

namespace argosy::search {
namespace {

const std::vector<Objective> kLoss{{.name = "loss", .direction = Direction::kMinimise}};

// Li et al. (2017), table 1, with the sizes of ceil((s_max + 1) / (s + 1) eta^s).
TEST(Hyperband, SchedulesEightyOneByThree) {
  const std::vector<Bracket> expected{{{81, 1}, {27, 3}, {9, 9}, {3, 27}, {1, 81}},
                                      {{34, 3}, {11, 9}, {3, 27}, {1, 81}},
                                      {{15, 9}, {5, 27}, {1, 81}},
                                      {{8, 27}, {2, 81}},
                                      {{5, 81}}};
  EXPECT_EQ(hyperband_brackets(81, 1, 3), expected);
  EXPECT_EQ(hyperband_brackets(10, 1, 3),
            (std::vector<Bracket>{{{9, 1}, {3, 3}, {1, 10}}, {{5, 3}, {1, 10}}, {{3, 10}}}));
  EXPECT_EQ(hyperband_brackets(81, 27, 3), (std::vector<Bracket>{{{3, 27}, {1, 81}}, {{2, 81}}}));
  EXPECT_EQ(hyperband_brackets(1, 1, 3), (std::vector<Bracket>{{{1, 1}}}));
}

// The value of trial n is n at every resource, so that the first of each bracket are the best.
class NumberEvaluator final : public Evaluator {
 public:
  core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) override {
    std::vector<Outcome> outcomes;
    for (const Request& request : requests) {
      Outcome outcome;
      outcome.values = {static_cast<double>(request.trial)};
      outcomes.push_back(std::move(outcome));
      ++evaluated[request.resource];
      total += request.resource;
    }
    return outcomes;
  }
  std::map<std::int64_t, std::size_t> evaluated;  // by resource
  std::int64_t total = 0;
};

StudySetup pruned(PrunerKind kind, std::int64_t max_resource) {
  StudySetup setup = minimise(branin_space(), SamplerKind::kRandom, 5, 1);
  setup.trials.reset();
  setup.pruner = {.kind = kind, .max_resource = max_resource};
  return setup;
}

// 143 trials: the sum over all brackets at each resource.
TEST(Hyperband, SpendsItsSchedule) {
  for (const std::size_t workers : {1U, 7U, 200U}) {
    StudySetup setup = pruned(PrunerKind::kHyperband, 81);
    setup.workers = workers;
    NumberEvaluator evaluator;
    const auto store = make_memory_store();
    const auto result = run(setup, evaluator, *store);
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(result->trials.size(), 143U);
    EXPECT_EQ(evaluator.evaluated,
              (std::map<std::int64_t, std::size_t>{
                  {1, 81}, {3, 27 + 34}, {9, 9 + 11 + 15}, {27, 3 + 3 + 5 + 8}, {81, 1 + 1 + 1 + 2 + 5}}));
    std::vector<std::int64_t> complete;
    for (const Trial& trial : result->trials) {
      if (trial.state == TrialState::kComplete) complete.push_back(trial.number);
    }
    EXPECT_EQ(complete, (std::vector<std::int64_t>{0, 81, 115, 130, 131, 138, 139, 140, 141, 142}));
  }
}

TEST(Hyperband, ClosesABracketThatIsNotFull) {
  StudySetup setup = pruned(PrunerKind::kHyperband, 81);
  setup.trials = 40;
  NumberEvaluator evaluator;
  const auto store = make_memory_store();
  const auto result = run(setup, evaluator, *store);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(evaluator.evaluated, (std::map<std::int64_t, std::size_t>{{1, 40}, {3, 13}, {9, 4}, {27, 1}, {81, 1}}));
}

TEST(SuccessiveHalving, RepeatsItsGroup) {
  StudySetup setup = pruned(PrunerKind::kSuccessiveHalving, 9);
  setup.trials = 18;
  NumberEvaluator evaluator;
  const auto store = make_memory_store();
  ASSERT_TRUE(run(setup, evaluator, *store));
  EXPECT_EQ(evaluator.evaluated, (std::map<std::int64_t, std::size_t>{{1, 18}, {3, 6}, {9, 2}}));
}

// The values rise, so that only the first trial is ever among the best third of those before it; and where they fall
// every trial is.
TEST(Asha, DecidesByThoseBefore) {
  StudySetup setup = pruned(PrunerKind::kAsha, 27);
  setup.trials = 12;
  NumberEvaluator rising;
  ASSERT_TRUE(run(setup, rising, *make_memory_store()));
  EXPECT_EQ(rising.evaluated, (std::map<std::int64_t, std::size_t>{{1, 12}, {3, 1}, {9, 1}, {27, 1}}));
  setup.objectives[0].direction = Direction::kMaximise;
  NumberEvaluator falling;
  ASSERT_TRUE(run(setup, falling, *make_memory_store()));
  EXPECT_EQ(falling.evaluated, (std::map<std::int64_t, std::size_t>{{1, 12}, {3, 12}, {9, 12}, {27, 12}}));
}

TEST(Median, ComparesWithCompleteTrialsThere) {
  const auto pruner = make_pruner({.kind = PrunerKind::kMedian, .max_resource = 4, .startup_trials = 3}, kLoss);
  ASSERT_TRUE(pruner);
  EXPECT_EQ((*pruner)->first_resource(0), 1);
  std::vector<Trial> trials(4);
  for (std::size_t i = 0; i < 3; ++i) {
    trials[i].number = static_cast<std::int64_t>(i);
    trials[i].state = TrialState::kComplete;
    trials[i].intermediates = {{1, 10.0 * static_cast<double>(i)}, {2, 5}};
  }
  trials[3].number = 3;
  trials[3].intermediates = {{1, 10}};
  EXPECT_EQ((*pruner)->decide(trials[3], trials, false).verdict, Verdict::kGoOn);
  EXPECT_EQ((*pruner)->decide(trials[3], trials, false).resource, 2);
  trials[3].intermediates = {{1, 11}};
  EXPECT_EQ((*pruner)->decide(trials[3], trials, false).verdict, Verdict::kPrune);
  trials[3].intermediates = {{1, 4}, {2, 9}};  // its best so far counts
  EXPECT_EQ((*pruner)->decide(trials[3], trials, false).verdict, Verdict::kGoOn);
  trials[2].state = TrialState::kPruned;  // two complete ones are too few
  trials[3].intermediates = {{1, 99}};
  EXPECT_EQ((*pruner)->decide(trials[3], trials, false).verdict, Verdict::kGoOn);
}

// Less than half of the resource for about the same best value.
TEST(Pruners, SaveResource) {
  const auto spent = [](PrunerKind kind) {
    StudySetup setup = minimise(branin_space(), SamplerKind::kTpe, 3, 81);
    setup.pruner = {.kind = kind, .max_resource = 27};
    FunctionEvaluator evaluator(setup.space, branin);
    const auto result = run(setup, evaluator, *make_memory_store());
    EXPECT_TRUE(result);
    EXPECT_LT(result->trials[result->ranking.front()].values[0], 1.5) << to_string(kind);
    std::int64_t sum = 0;
    for (const auto& [trial, resource] : evaluator.evaluated) sum += resource;
    return sum;
  };
  const std::int64_t all = spent(PrunerKind::kNone);
  EXPECT_EQ(all, 81 * 27);
  for (const PrunerKind kind : {PrunerKind::kAsha, PrunerKind::kSuccessiveHalving, PrunerKind::kHyperband}) {
    EXPECT_LT(spent(kind), all / 2) << to_string(kind);
  }
}

TEST(Pruners, RefuseWhatMakesNoSense) {
  const auto refused = [](const PrunerOptions& options, std::size_t objectives = 1) {
    const auto pruner = make_pruner(options, std::vector<Objective>(objectives, kLoss[0]));
    return pruner ? "accepted" : pruner.error().message;
  };
  EXPECT_EQ(refused({.kind = PrunerKind::kAsha, .max_resource = 9}, 2),
            "the pruner asha cannot choose between 2 objectives");
  EXPECT_EQ(refused({.kind = PrunerKind::kNone}, 2), "accepted");
  EXPECT_EQ(refused({.kind = PrunerKind::kAsha, .max_resource = 0}), "the largest resource is 0");
  EXPECT_EQ(refused({.kind = PrunerKind::kAsha, .max_resource = 9, .min_resource = 10}),
            "the resource goes from 10 to 9");
  EXPECT_EQ(refused({.kind = PrunerKind::kHyperband, .max_resource = 9, .eta = 1}), "eta is 1");
  EXPECT_FALSE(parse_pruner("ahsa"));
  EXPECT_EQ(*parse_pruner("successive_halving"), PrunerKind::kSuccessiveHalving);
}

}  // namespace
}  // namespace argosy::search

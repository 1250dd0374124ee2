#include "search/trial.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace argosy::search {
namespace {

const std::vector<Objective> kOne{{.name = "gain", .direction = Direction::kMaximise}};
const std::vector<Objective> kTwo{{.name = "gain", .direction = Direction::kMaximise},
                                  {.name = "risk", .direction = Direction::kMinimise}};

Trial trial(std::int64_t number, TrialState state, std::vector<double> values, std::vector<Intermediate> seen = {},
            std::vector<double> constraints = {}) {
  Trial made;
  made.number = number;
  made.state = state;
  made.values = std::move(values);
  made.intermediates = std::move(seen);
  made.constraints = std::move(constraints);
  return made;
}

TEST(Trials, AreRankedByStateThenValue) {
  const std::vector<Trial> trials{trial(0, TrialState::kFailed, {}),
                                  trial(1, TrialState::kComplete, {1}),
                                  trial(2, TrialState::kPruned, {9}, {{1, 9}}),
                                  trial(3, TrialState::kComplete, {3}),
                                  trial(4, TrialState::kInfeasible, {9}, {}, {0.5, -3, 1}),
                                  trial(5, TrialState::kPruned, {2}, {{1, 9}, {4, 2}}),
                                  trial(6, TrialState::kInfeasible, {9}, {}, {0.2}),
                                  trial(7, TrialState::kRunning, {}, {{1, 20}}),
                                  trial(8, TrialState::kComplete, {3})};
  EXPECT_EQ(rank(trials, kOne), (std::vector<std::size_t>{3, 8, 1, 5, 2, 6, 4, 0}));
  EXPECT_EQ(rank(trials, kOne, Unfinished::kAsPruned), (std::vector<std::size_t>{3, 8, 1, 5, 7, 2, 6, 4, 0}));
  EXPECT_DOUBLE_EQ(trials[4].violation(), 1.5);
}

TEST(Trials, OfSeveralObjectivesAreRankedByFrontAndSolitude) {
  // Front 0: 0, 1, 2, 4 (1 and 2 close to each other); behind it 3.
  const std::vector<Trial> trials{trial(0, TrialState::kComplete, {10, 10}), trial(1, TrialState::kComplete, {6, 5}),
                                  trial(2, TrialState::kComplete, {5.5, 4}), trial(3, TrialState::kComplete, {5, 6}),
                                  trial(4, TrialState::kComplete, {1, 1})};
  EXPECT_EQ(rank(trials, kTwo), (std::vector<std::size_t>{0, 4, 1, 2, 3}));
  EXPECT_EQ(pareto_front(trials, kTwo), (std::vector<std::size_t>{0, 1, 2, 4}));
}

TEST(Hypervolume, ByHand) {
  const std::vector<double> reference{4, 4};
  EXPECT_DOUBLE_EQ(hypervolume({{1, 3}, {2, 2}, {3, 1}}, reference), 6);
  EXPECT_DOUBLE_EQ(hypervolume({{1, 1}, {2, 2}}, reference), 9);
  EXPECT_DOUBLE_EQ(hypervolume({}, reference), 0);
  const std::vector<double> cube{2, 2, 2};
  EXPECT_DOUBLE_EQ(hypervolume({{0, 0, 1}, {1, 1, 0}}, cube), 4 + 1);
}

// Small whole numbers, so that ties are common.
std::vector<std::vector<double>> some_losses() {
  const auto count = *rc::gen::inRange<std::size_t>(0, 30);
  const auto objectives = *rc::gen::inRange<std::size_t>(1, 4);
  std::vector<std::vector<double>> losses;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> row;
    for (std::size_t k = 0; k < objectives; ++k) row.push_back(*rc::gen::inRange(0, 6));
    losses.push_back(std::move(row));
  }
  return losses;
}

// By the definition: front 0 is what none dominates; take it away, and so on.
RC_GTEST_PROP(Pareto, RanksAreThoseOfBruteForce, ()) {
  const std::vector<std::vector<double>> losses = some_losses();
  const std::vector<std::size_t> ranks = non_dominated_ranks(losses);
  std::set<std::size_t> left;
  for (std::size_t i = 0; i < losses.size(); ++i) left.insert(i);
  for (std::size_t level = 0; !left.empty(); ++level) {
    std::vector<std::size_t> front;
    for (const std::size_t i : left) {
      bool beaten = false;
      for (const std::size_t j : left) {
        bool as_good = true;
        bool better = false;
        for (std::size_t k = 0; k < losses[i].size(); ++k) {
          as_good = as_good && losses[j][k] <= losses[i][k];
          better = better || losses[j][k] < losses[i][k];
        }
        beaten = beaten || (as_good && better);
      }
      if (!beaten) front.push_back(i);
    }
    for (const std::size_t i : front) {
      RC_ASSERT(ranks[i] == level);
      left.erase(i);
    }
  }
}

RC_GTEST_PROP(Pareto, FrontIsRankZeroWithoutRepeats, ()) {
  const std::vector<std::vector<double>> losses = some_losses();
  std::vector<Objective> objectives(losses.empty() ? 1 : losses.front().size(),
                                    {.name = "x", .direction = Direction::kMinimise});
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    trials.push_back(trial(static_cast<std::int64_t>(i), TrialState::kComplete, losses[i]));
  }
  std::set<std::vector<double>> expected;
  const std::vector<std::size_t> ranks = non_dominated_ranks(losses);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (ranks[i] == 0) expected.insert(losses[i]);
  }
  std::set<std::vector<double>> found;
  for (const std::size_t i : pareto_front(trials, objectives)) RC_ASSERT(found.insert(losses[i]).second);
  RC_ASSERT(found == expected);
}

// The volume is the number of unit cells that some point dominates.
RC_GTEST_PROP(Hypervolume, IsThatOfBruteForce, ()) {
  const std::vector<std::vector<double>> losses = some_losses();
  if (losses.empty()) return;
  const std::size_t objectives = losses.front().size();
  const std::vector<double> reference(objectives, 6);
  std::size_t cells = 0;
  std::size_t all = 1;
  for (std::size_t k = 0; k < objectives; ++k) all *= 6;
  for (std::size_t cell = 0; cell < all; ++cell) {
    cells += std::ranges::any_of(losses,
                                 [&](const std::vector<double>& point) {
                                   std::size_t rest = cell;
                                   for (std::size_t k = 0; k < objectives; ++k, rest /= 6) {
                                     if (point[k] > static_cast<double>(rest % 6)) return false;
                                   }
                                   return true;
                                 })
                 ? 1
                 : 0;
  }
  RC_ASSERT(hypervolume(losses, reference) == static_cast<double>(cells));
}

}  // namespace
}  // namespace argosy::search

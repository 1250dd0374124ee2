// The bugs that the simulation finds soonest, some that the kill points find, and that there is nothing to find without
// them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "bugs.hpp"
#include "core/log.hpp"
#include "finder.hpp"
#include "simulation/kill_points.hpp"
#include "simulation/test_kill_tree.hpp"

namespace argosy::simulation {
namespace {

using core::planted::Bug;

class Soonest : public testing::TestWithParam<Bug> {};

TEST_P(Soonest, IsFound) {
  const auto found = find(GetParam(), kMostDays);
  ASSERT_TRUE(found) << core::planted::text_of(GetParam()).wrong;
  fmt::print("{}: {} days, {}\n", core::planted::text_of(GetParam()).name, found->days, found->what);
}

INSTANTIATE_TEST_SUITE_P(Planted, Soonest,
                         testing::Values(Bug::kJournalMissesLast, Bug::kForgetsPositions, Bug::kFundsAgain,
                                         Bug::kRoundsFees, Bug::kPaysForSales),
                         [](const testing::TestParamInfo<Bug>& bug) { return fmt::format("Bug{}", bug.index); });

TEST(Planted, WithoutThemNothingIsFound) {
  constexpr int kDays = 20;
  const auto found = find(Bug::kNone, kDays);
  EXPECT_FALSE(found) << "day " << found->days << ": " << found->what;
}

// What only a death in a certain moment brings to light: each point that is tried dies at another one.
class KillPointsBite : public testing::TestWithParam<Bug> {};

TEST_P(KillPointsBite, OneIsFound) {
  constexpr std::int64_t kStep = 7;
  const KillPoints points({.seed = 5});
  core::planted::switch_on(GetParam());
  const KillOutcome undisturbed = points.run({.number = 10 * points.counted().changes});
  EXPECT_EQ(undisturbed.deaths, 0);
  EXPECT_THAT(undisturbed.findings, testing::IsEmpty());
  std::int64_t number = 1;
  std::string found;
  for (; number <= points.counted().changes && found.empty(); number += kStep) {
    const KillOutcome outcome = points.run({.number = number, .death = Death::kPower});
    if (!outcome.findings.empty()) found = outcome.findings.front();
  }
  EXPECT_FALSE(found.empty());
  // A copy of this process finds it, too.
  const auto there = [&](const KillPoint& here) -> std::vector<Death> {
    if (here.place != KillPlace::kChange || here.number != number - kStep) return {};
    return {Death::kPower};
  };
  const auto told = KillTree(points, {.first = there, .again = [](const KillPoint&) { return false; }}).play();
  EXPECT_THAT(told.wrong, testing::Contains(testing::HasSubstr(found)));
  core::planted::switch_on(Bug::kNone);
  fmt::print("{}: after {} of {} points, {}\n", core::planted::text_of(GetParam()).name, (number - 1) / kStep,
             points.counted().changes / kStep, found);
  static_cast<void>(core::take_warning_count());  // connections break
}

INSTANTIATE_TEST_SUITE_P(Planted, KillPointsBite, testing::Values(Bug::kCommitsHalfway, Bug::kReusesOrderNumbers),
                         [](const testing::TestParamInfo<Bug>& bug) { return fmt::format("Bug{}", bug.index); });

TEST(Planted, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const auto& each : core::planted::all_bugs()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_EQ(core::planted::find_bug(each.name), each.bug);
  }
  EXPECT_FALSE(core::planted::find_bug("no-such-bug"));
}

}  // namespace
}  // namespace argosy::simulation

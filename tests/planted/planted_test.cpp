// The bugs that the simulation finds soonest, and that there is nothing to find without them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "bugs.hpp"
#include "finder.hpp"

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

#include "simulation/kill_points.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>

#include "core/log.hpp"
#include "core/rng.hpp"
#include "simulation/test_build.hpp"
#include "simulation/test_kill_tree.hpp"

namespace argosy::simulation {
namespace {

using testing::IsEmpty;

// Each point is a kill or a power cut in turn, where the broker knows orders by our ids; without, every so many-th. The
// long program has all points, of both deaths, and after each of them every so many-th point of its recovery, where to
// begin is drawn for each; without ids of every so many-th. The sanitizers' builds look at some.
constexpr std::int64_t kSample = 9;
constexpr std::int64_t kSanitizedSample = 97;
constexpr std::int64_t kShare = 6;

// ARGOSY_SHARE: another one; 1 is all pairs of deaths.
std::int64_t share() {
  const char* wanted = std::getenv("ARGOSY_SHARE");  // NOLINT(concurrency-mt-unsafe)
  return wanted == nullptr ? kShare : std::max(1, std::atoi(wanted));
}

Death death_of(std::int64_t number) { return number % 2 == 0 ? Death::kKill : Death::kPower; }

// Not all of a sanitizer's build, for it copies ten times as much.
std::size_t cores() { return kSanitized ? 1 : std::max(1U, std::thread::hardware_concurrency()); }

class KillPointsOf : public testing::TestWithParam<bool> {
 protected:
  void TearDown() override { static_cast<void>(core::take_warning_count()); }  // connections break
  [[nodiscard]] static std::int64_t step() { return kSanitized ? kSanitizedSample : kLong || GetParam() ? 1 : kSample; }

  const KillPoints points{WorldSettings{.seed = 5, .client_ids = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Ids, KillPointsOf, testing::Values(true, false),
                         [](const auto& info) { return info.param ? "ClientIds" : "NoClientIds"; });

// Each change of the disk, and each message before and after it left.
TEST_P(KillPointsOf, EveryPoint) {
  EXPECT_GT(points.counted().fills, 4);
  std::int64_t wanted = 0;
  const auto first = [&](const KillPoint& here) -> std::vector<Death> {
    if (here.number % step() != 1 % step()) return {};
    wanted += kLong ? 2 : 1;
    if (kLong) return {Death::kKill, Death::kPower};
    return {death_of(here.number)};
  };
  const auto told =
      KillTree(points, {.first = first, .again = [](const KillPoint&) { return false; }, .at_once = cores()}).play();
  EXPECT_THAT(told.wrong, IsEmpty());
  EXPECT_EQ(told.once, wanted);
  EXPECT_GE(wanted, (points.counted().changes + 2 * points.counted().sends) / step());
  fmt::print("{} changes, {} messages, {} deaths, {} orders, {} fills\n", points.counted().changes,
             points.counted().sends, told.once, points.counted().orders, points.counted().fills);
}

// The process that was started again dies in its recovery: of two points at each point of it; in the long program of
// all points at a share of those.
TEST_P(KillPointsOf, AgainInRecovery) {
  core::Rng rng(3);
  std::vector<std::int64_t> some;
  for (int i = 0; i < (kSanitized ? 1 : 2); ++i)
    some.push_back(1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(points.counted().changes))));
  constexpr bool kEach = kLong && !kSanitized;
  const auto first = [&](const KillPoint& here) -> std::vector<Death> {
    const bool one = here.place == KillPlace::kChange && std::ranges::find(some, here.number) != some.end();
    if (kEach ? here.number % (GetParam() ? 1 : kSample) != 0 : !one) return {};
    return {death_of(here.number)};
  };
  const auto again = [every = kEach        ? share()
                              : kSanitized ? 7
                                           : 1](const KillPoint& here) {
    const auto offset = core::Rng(static_cast<std::uint64_t>(here.number)).below(static_cast<std::uint64_t>(every));
    return here.again % every == static_cast<std::int64_t>(offset);
  };
  const auto told = KillTree(points, {.first = first, .again = again, .at_once = cores()}).play();
  EXPECT_THAT(told.wrong, IsEmpty());
  EXPECT_GT(told.twice, told.once);
  fmt::print("{} points, {} deaths in recoveries of up to {} changes\n", told.once, told.twice, told.most);
}

// Whatever ends a copy is told of: with it went what it had to say.
TEST(KillTree, TellsOfACopyThatEnds) {
  const KillPoints points{WorldSettings{.seed = 5}};
  const auto first = [](const KillPoint& here) -> std::vector<Death> {
    if (here.number != 13 || here.place != KillPlace::kAfterSend) return {};
    return {Death::kKill, Death::kPower};
  };
  const auto told = KillTree(points, {.first = first, .again = [](const KillPoint&) -> bool { ::_exit(3); }}).play();
  EXPECT_EQ(told.once, 0);
  EXPECT_THAT(told.wrong, testing::ElementsAre(testing::StartsWith("after send 13, kill: the process ended"),
                                               testing::StartsWith("after send 13, power: the process ended")));
  static_cast<void>(core::take_warning_count());
}

// What is found in a copy is played again without one.
TEST_P(KillPointsOf, APointByItself) {
  for (const KillPoint& point : {KillPoint{.number = 300, .death = Death::kPower},
                                 KillPoint{.place = KillPlace::kAfterSend, .number = 5, .again = 40},
                                 KillPoint{.number = 500, .again = 1, .again_place = KillPlace::kBeforeSend}}) {
    const KillOutcome outcome = points.run(point);
    EXPECT_EQ(outcome.deaths, point.again == 0 ? 1 : 2) << words(point);
    EXPECT_THAT(outcome.findings, IsEmpty()) << words(point);
  }
}

}  // namespace
}  // namespace argosy::simulation

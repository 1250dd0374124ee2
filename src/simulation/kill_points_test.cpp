#include "simulation/kill_points.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "core/log.hpp"
#include "core/rng.hpp"
#include "simulation/test_build.hpp"

namespace argosy::simulation {
namespace {

using testing::IsEmpty;

constexpr Death kDeaths[] = {Death::kKill, Death::kPower};

// Each point is a kill or a power cut in turn, where the broker knows orders by our ids; without, every so many-th. The
// long program has all points, of both deaths, and of a second one in each recovery. The sanitizers' builds look at
// some.
constexpr std::int64_t kSample = 9;
constexpr std::int64_t kSanitizedSample = 97;

std::string words(const KillPoint& point) {
  constexpr std::string_view kPlaces[] = {"change", "before send", "after send"};
  return fmt::format("{} {}, {}, again at {}", kPlaces[static_cast<std::size_t>(point.place)], point.number,
                     point.death == Death::kPower ? "power" : "kill", point.again);
}

class KillPointsOf : public testing::TestWithParam<bool> {
 protected:
  void TearDown() override { static_cast<void>(core::take_warning_count()); }  // connections break
  void survives(const KillPoint& point) {
    const KillOutcome outcome = points.run(point);
    EXPECT_EQ(outcome.deaths, 1) << words(point);
    EXPECT_THAT(outcome.findings, IsEmpty()) << words(point);
    ++played;
  }
  [[nodiscard]] static std::int64_t step() { return kSanitized ? kSanitizedSample : kLong || GetParam() ? 1 : kSample; }
  void survives_each(KillPlace place, std::int64_t count) {
    for (std::int64_t number = 1; number <= count; number += step()) {
      for (const Death death : kDeaths) {
        if (kLong || (number % 2 == 0) == (death == Death::kKill))
          survives({.place = place, .number = number, .death = death});
      }
    }
  }

  const KillPoints points{WorldSettings{.seed = 5, .client_ids = GetParam()}};
  std::int64_t played = 0;
};
INSTANTIATE_TEST_SUITE_P(Ids, KillPointsOf, testing::Values(true, false),
                         [](const auto& info) { return info.param ? "ClientIds" : "NoClientIds"; });

TEST_P(KillPointsOf, EveryChangeOfTheDisk) {
  EXPECT_GT(points.counted().fills, 4);
  survives_each(KillPlace::kChange, points.counted().changes);
  fmt::print("{} changes, {} deaths, {} orders, {} fills\n", points.counted().changes, played, points.counted().orders,
             points.counted().fills);
}

TEST_P(KillPointsOf, EveryMessageBeforeAndAfterItLeft) {
  survives_each(KillPlace::kBeforeSend, points.counted().sends);
  survives_each(KillPlace::kAfterSend, points.counted().sends);
  fmt::print("{} messages, {} deaths\n", points.counted().sends, played);
}

// The process that was started again dies in its recovery, at each change of it.
TEST_P(KillPointsOf, AgainInRecovery) {
  core::Rng rng(3);
  std::vector<std::int64_t> firsts;
  const auto changes = static_cast<std::uint64_t>(points.counted().changes);
  if (kLong && !kSanitized) {
    for (std::uint64_t i = 1; i <= changes; i += GetParam() ? 1 : kSample)
      firsts.push_back(static_cast<std::int64_t>(i));
  } else {
    for (int i = 0; i < (kSanitized ? 1 : 2); ++i) firsts.push_back(1 + static_cast<std::int64_t>(rng.below(changes)));
  }
  std::int64_t most = 0;
  for (const std::int64_t first : firsts) {
    for (std::int64_t again = 1;; again += kSanitized ? 7 : 1) {
      const KillPoint point{.number = first, .death = kDeaths[first % 2], .again = again};
      const KillOutcome outcome = points.run(point);
      ++played;
      EXPECT_THAT(outcome.findings, IsEmpty()) << words(point);
      EXPECT_EQ(outcome.deaths, 2) << words(point);
      most = std::max(most, again);
      if (outcome.recovered || outcome.deaths != 2) break;
    }
  }
  fmt::print("{} points, {} deaths in recoveries of up to {} changes\n", firsts.size(), played, most);
}

}  // namespace
}  // namespace argosy::simulation

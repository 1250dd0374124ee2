#include "simulation/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "simulation/swarm.hpp"
#include "simulation/test_build.hpp"

namespace argosy::simulation {
namespace {

using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;

Scenario scenario_of(const char* text) { return *parse_scenario(text); }

TEST(Faults, AreWrittenAndReadByTheirNumbers) {
  EXPECT_EQ(to_string(*parse_faults("F13-F16,2")), "F2,F13,F14,F15,F16");
  EXPECT_EQ(*parse_faults("all"), FaultSet::all());
  EXPECT_EQ(*parse_faults(to_string(FaultSet::all())), FaultSet::all());
  EXPECT_EQ(to_string(*parse_faults("none")), "none");
  EXPECT_EQ(parse_faults("F7").error().message, "the simulation has no fault F7");
  EXPECT_EQ(parse_faults("Fx").error().message, "'x' is no number of a fault");
  for (const FaultInfo& each : faults()) EXPECT_EQ(info(each.fault).number, each.number);
}

TEST(Scenario, IsWrittenAndRead) {
  EXPECT_EQ(to_string(scenario_of("7:3:F2,F13")), "7:3:F2,F13");
  for (const char* wrong : {"", "7", "7:3", "7:0:F2", "x:1:F2", "7:1:F99"})
    EXPECT_FALSE(parse_scenario(wrong)) << wrong;
  const Scenario drawn = draw_scenario(7, 3, FaultSet::all(), 5);
  EXPECT_EQ(drawn, draw_scenario(7, 3, FaultSet::all(), 5));
  EXPECT_NE(drawn, draw_scenario(7, 4, FaultSet::all(), 5));
  EXPECT_GE(drawn.faults.size(), 3U);
  EXPECT_LE(drawn.faults.size(), 8U);
}

TEST(Scenario, IsTheSameEachTimeWhateverIsKeptOfIt) {
  if (kSanitized) GTEST_SKIP() << "a day takes long there, and the swarms' test has two";
  const Scenario scenario = scenario_of("11:1:F2,F13,F29,F45");
  const Outcome once = run_scenario(scenario);
  const Outcome again = run_scenario(scenario, {.events = 50});
  EXPECT_THAT(once.violations, IsEmpty());
  EXPECT_EQ(once.hash, again.hash);
  EXPECT_EQ(once.fired, again.fired);
  EXPECT_THAT(once.events, IsEmpty());
  EXPECT_THAT(again.events, SizeIs(50));
  EXPECT_NE(once.hash, run_scenario(scenario_of("12:1:F2,F13,F29,F45")).hash);
  EXPECT_GE(once.deaths, 1);
  static_cast<void>(core::take_warning_count());
}

// After a split the oracle knew a price of before it, and found limits on losses and exposure broken that were not.
TEST(Scenario, PricesOfBeforeASplitJudgeNothing) {
  if (kSanitized) GTEST_SKIP() << "three days take long there";
  for (const char* text : {"5945115162993279270:3:F26,F35", "1578643075128889940:3:F11,F12,F15,F34,F35,F40"})
    EXPECT_THAT(run_scenario(scenario_of(text)).violations, IsEmpty()) << text;
  static_cast<void>(core::take_warning_count());
}

// Each fault alone, so that every counter is seen to move.
TEST(Scenario, EveryFaultFires) {
  for (const FaultInfo& each : faults()) {
    if (kSanitized && each.number % 21 != 0) continue;
    std::int64_t fired = 0;
    for (std::uint64_t seed = 5; seed < 10 && fired == 0; ++seed) {
      Scenario scenario{.seed = seed, .days = 1};
      if (each.fault == Fault::kCorporateAction || each.fault == Fault::kClockChange) scenario.days = 2;
      scenario.faults.add(each.fault);
      const Outcome outcome = run_scenario(scenario);
      EXPECT_THAT(outcome.violations, IsEmpty()) << to_string(scenario);
      fired += outcome.fired[static_cast<std::size_t>(each.fault)];
    }
    EXPECT_THAT(fired, Gt(0)) << "F" << each.number;
  }
  static_cast<void>(core::take_warning_count());
}

TEST(Swarm, FindsTheSameWithAnyNumberOfThreads) {
  const core::SystemClock clock;
  const SwarmSettings settings{.seed = 3, .days = kSanitized ? 1 : 4};
  const SwarmResult one = run_swarm(settings, clock);
  SwarmSettings with_more = settings;
  with_more.threads = 3;
  const SwarmResult three = run_swarm(with_more, clock);
  EXPECT_EQ(one.days, settings.days);
  EXPECT_EQ(one.hash, three.hash);
  EXPECT_EQ(one.fired, three.fired);
  EXPECT_FALSE(one.failed.has_value());
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation

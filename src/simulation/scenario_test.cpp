#include "simulation/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/log.hpp"

namespace argosy::simulation {
namespace {

TEST(Scenario, Runs) {
  const char* wanted = std::getenv("ARGOSY_SCENARIOS");
  const std::uint64_t count = wanted == nullptr ? 4 : std::strtoull(wanted, nullptr, 10);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Scenario scenario = draw_scenario(7, i, FaultSet::all(), 5);
    const Outcome outcome = run_scenario(scenario);
    EXPECT_THAT(outcome.violations, testing::IsEmpty()) << to_string(scenario);
    std::printf("%s: %d days, %ld deaths, %ld orders, %ld fills\n", to_string(scenario).c_str(), outcome.days,
                outcome.deaths, outcome.orders, outcome.fills);
    std::fflush(stdout);
  }
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation

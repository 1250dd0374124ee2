#include "chart/scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace argosy::chart {
namespace {

using testing::ElementsAre;

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> texts;
  for (const Tick& tick : ticks) texts.push_back(tick.label);
  return texts;
}

TEST(NiceValues, AreRoundAndExact) {
  EXPECT_THAT(nice_values(0, 97, 5), ElementsAre(0, 20, 40, 60, 80));
  EXPECT_THAT(nice_values(0, 0.5, 5), ElementsAre(0, 0.1, 0.2, 0.3, 0.4, 0.5));
  EXPECT_THAT(nice_values(-0.33, 0, 4), ElementsAre(-0.3, -0.2, -0.1, 0));
  EXPECT_THAT(nice_values(1e6, 3e6, 3), ElementsAre(1e6, 2e6, 3e6));
}

RC_GTEST_PROP(NiceValues, LieInTheRangeInOrder, (std::int32_t units, std::uint32_t width)) {
  const double low = units * 0.37;
  const double high = low + 1e-3 + width;
  const std::vector<double> values = nice_values(low, high, 5);
  RC_ASSERT(!values.empty());
  RC_ASSERT(values.size() <= 12U);
  const double slack = nice_step(low, high, 5) * 1e-6;
  for (std::size_t at = 0; at < values.size(); ++at) {
    RC_ASSERT(values[at] >= low - slack && values[at] <= high + slack);
    if (at > 0) RC_ASSERT(values[at] > values[at - 1]);
  }
}

TEST(Scale, MapsTheEndsToTheEdges) {
  const Scale scale = Scale::linear(10, 20, 100);
  EXPECT_DOUBLE_EQ(scale.y(20), 0);
  EXPECT_DOUBLE_EQ(scale.y(10), 100);
  EXPECT_DOUBLE_EQ(scale.y(12.5), 75);
  EXPECT_DOUBLE_EQ(scale.y(1000), 0);
}

TEST(Scale, LogGivesEqualRatiosEqualSteps) {
  const Scale scale = Scale::log(1, 10'000, 400);
  EXPECT_NEAR(scale.y(10), 300, 1e-9);
  EXPECT_NEAR(scale.y(100), 200, 1e-9);
  EXPECT_NEAR(scale.y(0), 400, 1e-9);
  EXPECT_THAT(labels(scale.ticks(5)), ElementsAre("1", "10", "100", "1k", "10k"));
  EXPECT_THAT(labels(Scale::log(8, 120, 300).ticks(5)), ElementsAre("10", "20", "50", "100"));
  // Under a decade round steps read better than 1, 2, 5.
  EXPECT_THAT(labels(Scale::log(100, 300, 300).ticks(4)), ElementsAre("100", "150", "200", "250", "300"));
}

TEST(Scale, ConstantValuesGetARangeAroundThem) {
  for (const double value : {0.0, 5.0, -3.0, 1e-95, 1e99}) {
    const Scale scale = Scale::linear(value, value, 100);
    EXPECT_LT(scale.low(), value);
    EXPECT_GT(scale.high(), value);
    EXPECT_NEAR(scale.y(value), 50, 1e-6);
    EXPECT_FALSE(scale.ticks(5).empty());
  }
}

TEST(Scale, LabelsKeepApartAndShowWhatTheStepNeeds) {
  EXPECT_THAT(labels(Scale::linear(0, 0.6, 100).ticks(3, ValueFormat::kPercent)),
              ElementsAre("0%", "20%", "40%", "60%"));
  EXPECT_THAT(labels(Scale::linear(0, 0.01, 100).ticks(2, ValueFormat::kPercent)), ElementsAre("0.0%", "0.5%", "1.0%"));
  EXPECT_THAT(labels(Scale::linear(99.5, 101, 100).ticks(3)), ElementsAre("99.5", "100.0", "100.5", "101.0"));
  EXPECT_THAT(labels(Scale::linear(99'400, 101'200, 200).ticks(4)),
              ElementsAre("99,500", "100,000", "100,500", "101,000"));
  EXPECT_THAT(labels(Scale::linear(90'000, 121'000, 200).ticks(3)), ElementsAre("100k", "120k"));
  const Scale low = Scale::linear(0, 10, 40);
  const std::vector<Tick> ticks = low.ticks(10);
  for (std::size_t at = 1; at < ticks.size(); ++at) {
    EXPECT_GE(std::fabs(low.y(ticks[at].value) - low.y(ticks[at - 1].value)), 15);
  }
}

TEST(ScaleDeathTest, RefusesRangesThatAreNone) {
  EXPECT_DEATH((void)Scale::log(0, 1, 100), "range 0 to 1");
  EXPECT_DEATH((void)Scale::linear(std::nan(""), 1, 100), "range");
}

}  // namespace
}  // namespace argosy::chart

#include "formula/operators/family_test.hpp"

namespace argosy::formula {
namespace {

using testing::Bars;
using testing::Column;
using testing::expect_column;
using testing::kGap;

TEST(Channel, ChandelierHangsFromTheExtremes) {
  const Bars bars{.high = {10, 12, 11, 13}, .low = {8, 10, 9, 12}, .close = {9, 11, 10, 13}, .volume = {}};
  // True ranges from the second bar: 3, 2, 3; atr(2) 2.5, then (2.5 + 3) / 2.
  expect_column("chandelier(2, 2)", bars, {kGap, kGap, 12 - 5, 13 - 5.5}, 0);
  expect_column("chandelier(2, 2)", bars, {kGap, kGap, 9 + 5, 9 + 5.5}, 1);
  expect_column("chandelier(2, 2).short", bars, {kGap, kGap, 14, 14.5});
}

TEST(Channel, TheCloudIsDrawnAhead) {
  const Bars bars{.high = {2, 4, 6, 8, 10}, .low = {0, 2, 4, 6, 8}, .close = {}, .volume = {}};
  expect_column("ichimoku(1, 2, 3, 1).tenkan", bars, {1, 3, 5, 7, 9});
  expect_column("ichimoku(1, 2, 3, 1).kijun", bars, {kGap, 2, 4, 6, 8});
  expect_column("ichimoku(1, 2, 3, 1).senkou_a", bars, {kGap, kGap, 2.5, 4.5, 6.5});
  expect_column("ichimoku(1, 2, 3, 1).senkou_b", bars, {kGap, kGap, kGap, 3, 5});
  EXPECT_EQ(
      testing::run("ichimoku()", Bars{.high = Column(90, 2), .low = Column(90, 1), .close = {}, .volume = {}}).size(),
      4U);
}

TEST(Channel, IsComputedOnceWithWhatItIsMadeOf) {
  const auto plan = compile({{{"a", "chandelier(22, 3)"}, {"b", "max(high, 22) - 3 * atr(22)"}}});
  ASSERT_TRUE(plan.has_value());
  const std::string text = plan->describe();
  EXPECT_EQ(text.find("atr"), text.rfind("atr")) << text;
}

}  // namespace
}  // namespace argosy::formula

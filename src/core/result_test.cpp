#include "core/result.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/check.hpp"
#include "core/id.hpp"
#include "core/panel.hpp"

namespace argosy::core {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kInvalidArgument, "odd");
  return number / 2;
}

Result<void> check_even(int number) {
  ARGOSY_TRY_VOID(half(number));
  return {};
}

Result<int> quarter(int number) {
  ARGOSY_TRY(const int once, half(number));
  ARGOSY_TRY(const int twice, half(once));
  ARGOSY_TRY_VOID(check_even(number));
  return twice;
}

TEST(Result, TryBindsOrReturns) {
  EXPECT_EQ(quarter(12), 3);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_FALSE(check_even(3).has_value());
}

TEST(Result, ErrorsDescribeTheirPlace) {
  EXPECT_EQ(Error(ErrorCode::kIo, "m").describe(), "m");
  EXPECT_EQ(Error(ErrorCode::kIo, "m").at("f.yaml").describe(), "f.yaml: m");
  EXPECT_EQ(Error(ErrorCode::kIo, "m").at("f.yaml", 3).describe(), "f.yaml:3: m");
  EXPECT_EQ(Error(ErrorCode::kIo, "m").at("f.yaml", 3, 7).in_field("x", "1").with_hint("h").describe(),
            "f.yaml:3:7: m (field x = \"1\")");
  EXPECT_EQ(Error(ErrorCode::kIo, "m").in_field("x").describe(), "m (field x)");
  EXPECT_STREQ(ErrorException(Error(ErrorCode::kIo, "m").at("f")).what(), "f: m");
}

TEST(Result, EveryCodeHasItsName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kLimit); ++code)
    names.insert(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::kLimit) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(CheckDeathTest, ABrokenInvariantSaysWhere) {
  const int filled = 3;
  EXPECT_DEATH(ARGOSY_CHECK(filled <= 2, "filled {} of {}", filled, 2),
               "result_test.cpp:[0-9]+: filled <= 2: filled 3 of 2");
  EXPECT_DEATH(ARGOSY_CHECK(filled == 2), "filled == 2");
  ARGOSY_CHECK(filled == 3);
}

TEST(Id, KindsDoNotMix) {
  using OrderId = Id<struct OrderTag>;
  using TradeId = Id<struct TradeTag>;
  static_assert(!std::is_convertible_v<OrderId, TradeId> && !std::is_convertible_v<std::int64_t, OrderId>);
  EXPECT_TRUE(OrderId().is_none());
  EXPECT_LT(OrderId(1), OrderId(2));
}

TEST(Panel, HoldsColumnsByEntity) {
  Panel panel({"open", "close"});
  panel.add_entity("A", {1, 2}, {{1.0, 2.0}, {3.0, 4.0}});
  panel.add_entity("B", {}, {{}, {}});
  ASSERT_EQ(panel.entity_count(), 2U);
  const PanelSlice slice = panel.entity(0);
  EXPECT_EQ(slice.entity, "A");
  EXPECT_EQ(slice.fields[1][0], 3.0);
  EXPECT_TRUE(panel.entity(1).keys.empty());
  EXPECT_DEATH(panel.add_entity("C", {1}, {{1.0}}), "C: 1 columns for 2 fields");
  EXPECT_DEATH(panel.add_entity("C", {1}, {{1.0}, {}}), "C: column close has 0 of 1 rows");
  EXPECT_DEATH(panel.add_entity("C", {1, 1}, {{1.0, 1.0}, {1.0, 1.0}}), "keys do not ascend");
}

}  // namespace
}  // namespace argosy::core

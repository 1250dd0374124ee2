#include "trading/soft_limits.hpp"

#include <gtest/gtest.h>

#include "trading/limit_file.hpp"

namespace argosy::trading {
namespace {

LimitProfile hard_profile() {
  return *parse_limit_file(
      "name: hard\n"
      "limits:\n"
      "  max_order_value: 2500\n"
      "  max_order_quantity: unlimited\n"
      "  price_collar: 5%\n"
      "  messages: {per_second: 2, burst: 10, reserve: 4}\n"
      "  equal_orders: {most: 3, within: 1m}\n"
      "  restricted: [GME]\n"
      "  allowed: [AAPL, MSFT]\n"
      "  max_daily_loss: 2%\n",
      "hard.yaml");
}

core::ErrorCode refused(const char* name, const char* value) {
  const auto done = check_soft_limit(hard_profile(), {name, value});
  EXPECT_FALSE(done.has_value()) << name << ": " << value;
  return done ? core::ErrorCode::kIo : done.error().code;
}
bool is_taken(const char* name, const char* value) {
  const auto done = check_soft_limit(hard_profile(), {name, value});
  EXPECT_TRUE(done.has_value()) << name << ": " << value << ": " << (done ? "" : done.error().message);
  return done.has_value();
}

TEST(SoftLimits, MayBeTighterThanHardOnes) {
  EXPECT_TRUE(is_taken("max_order_value", "2500"));
  EXPECT_TRUE(is_taken("max_order_value", "100.50"));
  EXPECT_TRUE(is_taken("max_order_value", "none"));
  EXPECT_TRUE(is_taken("max_order_quantity", "7"));
  EXPECT_TRUE(is_taken("price_collar", "4.9%"));
  EXPECT_TRUE(is_taken("messages", "{per_second: 1, burst: 10, reserve: 5}"));
  EXPECT_TRUE(is_taken("equal_orders", "{most: 3, within: 2m}"));
  EXPECT_TRUE(is_taken("restricted", "[GME, TSLA]"));
  EXPECT_TRUE(is_taken("allowed", "[AAPL]"));
  EXPECT_TRUE(is_taken("max_daily_loss", "1%"));
  // Not set: nothing may be ordered, whatever a user says.
  EXPECT_TRUE(is_taken("max_drawdown", "10%"));
}

TEST(SoftLimits, MayNotBeLooser) {
  EXPECT_EQ(refused("max_order_value", "2500.000001"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("max_order_value", "unlimited"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("price_collar", "5.1%"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("messages", "{per_second: 1, burst: 10, reserve: 3}"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("equal_orders", "{most: 3, within: 30s}"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("restricted", "[TSLA]"), core::ErrorCode::kLimit);
  EXPECT_EQ(refused("allowed", "[AAPL, TSLA]"), core::ErrorCode::kLimit);
  // A share cannot be compared with an amount.
  EXPECT_EQ(refused("max_daily_loss", "1"), core::ErrorCode::kLimit);
}

TEST(SoftLimits, RefuseWhatCannotBeRead) {
  EXPECT_EQ(refused("max_order_valeu", "1"), core::ErrorCode::kNotFound);
  for (const char* value : {"", "  ", "-5", "many", "[1]", "5\n  self_match: refuse", "5 # so"})
    EXPECT_EQ(refused("max_order_value", value), core::ErrorCode::kInvalidArgument);
}

TEST(SoftLimits, HoldBesideHardOnes) {
  const LimitProfile hard = hard_profile();
  const SoftLimit soft[] = {{"max_order_value", "100"}, {"max_order_quantity", "7"}, {"price_collar", "50%"},
                            {"max_drawdown", "10%"},    {"messages", "none"},        {"unheard_of", "1"}};
  const LimitProfile both = tighten(hard, soft);
  EXPECT_EQ(both.limits.max_order_value.value(), Money::from_integer(100));
  EXPECT_EQ(both.limits.max_order_quantity.value(), Quantity::from_integer(7));
  EXPECT_EQ(both.limits.price_collar, hard.limits.price_collar);
  EXPECT_EQ(both.limits.messages, hard.limits.messages);
  EXPECT_FALSE(both.limits.max_drawdown.is_set());
}

}  // namespace
}  // namespace argosy::trading

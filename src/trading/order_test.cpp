#include "trading/order.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace argosy::trading {
namespace {

using enum OrderState;

// What may follow what, written down independently of the table in order.cpp.
const std::set<std::pair<OrderState, OrderState>> kLegal = {
    {kCreated, kDenied},
    {kCreated, kSubmitted},
    {kSubmitted, kAccepted},
    {kSubmitted, kRejected},
    {kAccepted, kPartiallyFilled},
    {kAccepted, kFilled},
    {kAccepted, kRejected},
    {kAccepted, kCancelled},
    {kPartiallyFilled, kFilled},
    {kPartiallyFilled, kCancelled},
    {kPartiallyFilled, kPartiallyFilled},
};

TEST(OrderState, EverySequenceToLengthSixFollowsTheLegalPairs) {
  std::size_t reached = 0;
  std::vector<std::pair<OrderState, int>> frontier{{kCreated, 0}};
  while (!frontier.empty()) {
    const auto [state, depth] = frontier.back();
    frontier.pop_back();
    ++reached;
    if (depth == 6) continue;
    for (std::size_t event = 0; event < kOrderEventCount; ++event) {
      const auto next = next_state(state, static_cast<OrderEvent>(event));
      if (!next) continue;
      EXPECT_TRUE(kLegal.contains({state, *next})) << to_string(state) << " -> " << to_string(*next);
      EXPECT_FALSE(is_final(state)) << to_string(state);
      frontier.emplace_back(*next, depth + 1);
    }
  }
  EXPECT_GT(reached, 10U);
}

TEST(OrderState, EveryLegalPairIsReachedByAnEvent) {
  std::set<std::pair<OrderState, OrderState>> found;
  for (std::size_t state = 0; state < kOrderStateCount; ++state) {
    for (std::size_t event = 0; event < kOrderEventCount; ++event) {
      if (const auto next = next_state(static_cast<OrderState>(state), static_cast<OrderEvent>(event))) {
        found.emplace(static_cast<OrderState>(state), *next);
      }
    }
  }
  EXPECT_EQ(found, kLegal);
}

TEST(OrderState, FinalStates) {
  for (const OrderState state : {kDenied, kFilled, kCancelled, kRejected})
    EXPECT_TRUE(is_final(state)) << to_string(state);
  for (const OrderState state : {kCreated, kSubmitted, kAccepted, kPartiallyFilled})
    EXPECT_FALSE(is_final(state)) << to_string(state);
}

TEST(OrderDeathTest, AnIllegalEventStopsTheProgram) {
  Order order{.state = kFilled};
  EXPECT_DEATH(order.apply(OrderEvent::kCancel), "is filled and cannot cancel");
}

}  // namespace
}  // namespace argosy::trading

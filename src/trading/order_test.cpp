#include "trading/order.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace argosy::trading {
namespace {

using enum OrderState;
using enum OrderEvent;

// What may become of an order, written down independently of the table in order.cpp: by state, the states that follow.
const std::map<OrderState, std::set<OrderState>> kFollows = {
    {kCreated, {kDenied, kPendingSubmit}},
    {kDenied, {}},
    {kPendingSubmit, {kSubmitted, kDenied, kUnknown}},
    {kSubmitted,
     {kAccepted, kRejected, kTriggered, kPartiallyFilled, kFilled, kPendingCancel, kCancelled, kExpired, kUnknown}},
    {kAccepted,
     {kRejected, kTriggered, kPartiallyFilled, kFilled, kPendingCancel, kCancelled, kPendingReplace, kExpired}},
    {kTriggered, {kRejected, kPartiallyFilled, kFilled, kPendingCancel, kCancelled, kPendingReplace, kExpired}},
    {kPartiallyFilled, {kPartiallyFilled, kFilled, kPendingCancel, kCancelled, kPendingReplace, kExpired}},
    {kPendingCancel,
     {kPendingCancel, kRejected, kFilled, kCancelled, kExpired, kUnknown, kAccepted, kTriggered, kPartiallyFilled}},
    {kPendingReplace,
     {kPendingReplace, kRejected, kFilled, kPendingCancel, kCancelled, kExpired, kUnknown, kAccepted, kTriggered,
      kPartiallyFilled}},
    {kUnknown, {kAccepted, kTriggered, kRejected, kPartiallyFilled, kFilled, kCancelled, kExpired}},
    {kFilled, {}},
    {kCancelled, {kCancelled, kFilled}},
    {kRejected, {kRejected, kFilled}},
    {kExpired, {kExpired, kFilled}},
};

// An order with the history that matters, as a person would keep it.
struct History {
  Order order{.quantity = Quantity::from_integer(100)};
  bool sent = false;
  bool ended = false;  // cancelled, rejected or expired
  std::string text{};

  [[nodiscard]] OrderState resting() const {
    return order.filled.is_positive() ? kPartiallyFilled : order.triggered ? kTriggered : kAccepted;
  }
  void take(OrderEvent event) {
    text += std::string(" ") + std::string(to_string(event));
    order.apply(event);
    if (event == kPartialFill) order.filled += Quantity::from_integer(1);
    if (event == kFill) order.filled = order.quantity;
    sent = sent || event == kSend || event == kLose;  // it may have been
    ended = ended || event == kCancel || event == kReject || event == kExpire;
  }
};

void check(const History& before, OrderEvent event, const History& after) {
  const OrderState from = before.order.state;
  const OrderState to = after.order.state;
  EXPECT_TRUE(kFollows.at(from).contains(to)) << after.text;
  // A fill is never lost and never happens to an order that was not sent.
  const bool fill = event == kPartialFill || event == kFill;
  EXPECT_TRUE(!fill || before.sent) << after.text;
  EXPECT_EQ(after.order.late_fill, before.order.late_fill || (fill && before.ended)) << after.text;
  if (event == kFill) EXPECT_EQ(to, kFilled) << after.text;
  // Nothing moves an order that has ended but a late fill; what is not known is never decided without the venue.
  if (is_final(from)) EXPECT_TRUE(fill && (from == kCancelled || from == kRejected || from == kExpired)) << after.text;
  if (from == kUnknown) EXPECT_NE(event, kDeny) << after.text;
  // Refused requests lead back to where the order was.
  if (event == kRefuseCancel || event == kRefuseReplace || event == kReplace)
    EXPECT_EQ(to, before.resting()) << after.text;
  // An order that has been filled in part never looks untouched again.
  if (before.order.filled.is_positive()) EXPECT_TRUE(to != kAccepted && to != kTriggered) << after.text;
}

std::size_t walk(const History& history, int depth, std::set<std::pair<OrderState, OrderState>>& found) {
  std::size_t count = 1;
  if (depth == 6) return count;
  for (std::size_t index = 0; index < kOrderEventCount; ++index) {
    const auto event = static_cast<OrderEvent>(index);
    if (!next_state(history.order.state, event, history.resting())) continue;
    History next = history;
    next.take(event);
    check(history, event, next);
    found.emplace(history.order.state, next.order.state);
    count += walk(next, depth + 1, found);
  }
  return count;
}

TEST(OrderState, EverySequenceToLengthSix) {
  std::set<std::pair<OrderState, OrderState>> found;
  const std::size_t sequences = walk({}, 0, found);
  EXPECT_GT(sequences, 1'000U);
  for (const auto& [from, next] : kFollows) {
    for (const OrderState to : next)
      EXPECT_TRUE(found.contains({from, to})) << to_string(from) << " never becomes " << to_string(to);
  }
}

TEST(OrderState, FinalStatesAreThoseNoWorkIsLeftIn) {
  for (const auto& [state, next] : kFollows) {
    const bool nothing_but_late_fills = next.empty() || (next.contains(state) && next.size() == 2 &&
                                                         next.contains(kFilled) && state != kPartiallyFilled);
    EXPECT_EQ(is_final(state), nothing_but_late_fills) << to_string(state);
  }
}

TEST(OrderState, EveryStateAndEventHasItsName) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kOrderStateCount; ++i) names.insert(to_string(static_cast<OrderState>(i)));
  EXPECT_EQ(names.size(), kOrderStateCount);
  names.clear();
  for (std::size_t i = 0; i < kOrderEventCount; ++i) names.insert(to_string(static_cast<OrderEvent>(i)));
  EXPECT_EQ(names.size(), kOrderEventCount);
  EXPECT_FALSE(names.contains(""));
}

TEST(OrderDeathTest, AnIllegalEventStopsTheProgram) {
  Order order{.state = kFilled};
  EXPECT_DEATH(order.apply(kCancel), "is filled and cannot cancel");
}

}  // namespace
}  // namespace argosy::trading

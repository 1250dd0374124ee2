#include "trading/order.hpp"

#include <algorithm>
#include <array>

#include "core/check.hpp"

namespace argosy::trading {
namespace {

using enum OrderState;
using enum OrderEvent;

struct Transition {
  OrderState from;
  OrderEvent event;
  OrderState to;
};

// Every legal transition. What is not here does not happen.
constexpr Transition kTransitions[] = {
    {kCreated, kDeny, kDenied},
    {kCreated, kSubmit, kSubmitted},
    {kSubmitted, kAccept, kAccepted},
    {kSubmitted, kReject, kRejected},
    {kAccepted, kPartialFill, kPartiallyFilled},
    {kAccepted, kFill, kFilled},
    {kAccepted, kReject, kRejected},
    {kAccepted, kCancel, kCancelled},
    {kPartiallyFilled, kPartialFill, kPartiallyFilled},
    {kPartiallyFilled, kFill, kFilled},
    {kPartiallyFilled, kCancel, kCancelled},
};

using NextStates = std::array<std::array<std::optional<OrderState>, kOrderEventCount>, kOrderStateCount>;

constexpr NextStates kNextStates = [] {
  NextStates table{};
  for (const Transition& transition : kTransitions) {
    table[static_cast<std::size_t>(transition.from)][static_cast<std::size_t>(transition.event)] = transition.to;
  }
  return table;
}();

}  // namespace

std::optional<OrderState> next_state(OrderState state, OrderEvent event) {
  return kNextStates[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

bool is_final(OrderState state) {
  const auto& row = kNextStates[static_cast<std::size_t>(state)];
  return std::none_of(row.begin(), row.end(), [](const auto& next) { return next.has_value(); });
}

void Order::apply(OrderEvent event) {
  const auto next = next_state(state, event);
  ARGOSY_CHECK(next.has_value(), "order {} is {} and cannot {}", id.value(), to_string(state), to_string(event));
  state = *next;
}

std::string_view to_string(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

std::string_view to_string(OrderKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"market", "stop", "limit"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(OrderState state) {
  constexpr std::array<std::string_view, kOrderStateCount> kNames{
      "created", "denied", "submitted", "accepted", "partially_filled", "filled", "cancelled", "rejected"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(OrderEvent event) {
  constexpr std::array<std::string_view, kOrderEventCount> kNames{"deny",         "submit", "accept", "reject",
                                                                  "partial_fill", "fill",   "cancel"};
  return kNames[static_cast<std::size_t>(event)];
}

std::string_view to_string(OrderReason reason) {
  constexpr std::array<std::string_view, 5> kNames{"buy_signal", "sell_signal", "stop_loss", "take_profit",
                                                   "corporate_action"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view to_string(FillRule rule) {
  constexpr std::array<std::string_view, 6> kNames{"none",     "next_open",    "stop_level",
                                                   "stop_gap", "target_level", "target_gap"};
  return kNames[static_cast<std::size_t>(rule)];
}

}  // namespace argosy::trading

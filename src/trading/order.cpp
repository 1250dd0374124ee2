#include "trading/order.hpp"

#include <array>

#include "core/check.hpp"

namespace argosy::trading {
namespace {

using enum OrderState;
using enum OrderEvent;

// A target that stands for the state before a request.
constexpr auto kResting = static_cast<OrderState>(kOrderStateCount);

struct Transition {
  OrderState from;
  OrderEvent event;
  OrderState to;
};

// Every legal transition. What is not here does not happen.
constexpr Transition kTransitions[] = {
    {kCreated, kDeny, kDenied},
    {kCreated, kSubmit, kPendingSubmit},

    {kPendingSubmit, kSend, kSubmitted},
    {kPendingSubmit, kDeny, kDenied},   // withdrawn before it was sent
    {kPendingSubmit, kLose, kUnknown},  // stopped between storing and sending

    {kSubmitted, kAccept, kAccepted},
    {kSubmitted, kReject, kRejected},
    {kSubmitted, kTrigger, kTriggered},  // some venues do not acknowledge first
    {kSubmitted, kPartialFill, kPartiallyFilled},
    {kSubmitted, kFill, kFilled},
    {kSubmitted, kRequestCancel, kPendingCancel},
    {kSubmitted, kCancel, kCancelled},
    {kSubmitted, kExpire, kExpired},
    {kSubmitted, kLose, kUnknown},

    {kAccepted, kReject, kRejected},
    {kAccepted, kTrigger, kTriggered},
    {kAccepted, kPartialFill, kPartiallyFilled},
    {kAccepted, kFill, kFilled},
    {kAccepted, kRequestCancel, kPendingCancel},
    {kAccepted, kCancel, kCancelled},
    {kAccepted, kRequestReplace, kPendingReplace},
    {kAccepted, kExpire, kExpired},

    {kTriggered, kReject, kRejected},
    {kTriggered, kPartialFill, kPartiallyFilled},
    {kTriggered, kFill, kFilled},
    {kTriggered, kRequestCancel, kPendingCancel},
    {kTriggered, kCancel, kCancelled},
    {kTriggered, kRequestReplace, kPendingReplace},
    {kTriggered, kExpire, kExpired},

    {kPartiallyFilled, kPartialFill, kPartiallyFilled},
    {kPartiallyFilled, kFill, kFilled},
    {kPartiallyFilled, kRequestCancel, kPendingCancel},
    {kPartiallyFilled, kCancel, kCancelled},
    {kPartiallyFilled, kRequestReplace, kPendingReplace},
    {kPartiallyFilled, kExpire, kExpired},

    // While a request is on its way the order goes on working.
    {kPendingCancel, kAccept, kPendingCancel},  // of an order that was cancelled before it was acknowledged
    {kPendingCancel, kReject, kRejected},
    {kPendingCancel, kTrigger, kPendingCancel},
    {kPendingCancel, kPartialFill, kPendingCancel},
    {kPendingCancel, kFill, kFilled},
    {kPendingCancel, kCancel, kCancelled},
    {kPendingCancel, kRefuseCancel, kResting},
    {kPendingCancel, kExpire, kExpired},
    {kPendingCancel, kLose, kUnknown},

    {kPendingReplace, kReject, kRejected},
    {kPendingReplace, kTrigger, kPendingReplace},
    {kPendingReplace, kPartialFill, kPendingReplace},
    {kPendingReplace, kFill, kFilled},
    {kPendingReplace, kRequestCancel, kPendingCancel},
    {kPendingReplace, kCancel, kCancelled},
    {kPendingReplace, kReplace, kResting},
    {kPendingReplace, kRefuseReplace, kResting},
    {kPendingReplace, kExpire, kExpired},
    {kPendingReplace, kLose, kUnknown},

    // Only the venue's word leads out of not knowing.
    {kUnknown, kAccept, kResting},
    {kUnknown, kReject, kRejected},
    {kUnknown, kTrigger, kResting},
    {kUnknown, kPartialFill, kPartiallyFilled},
    {kUnknown, kFill, kFilled},
    {kUnknown, kCancel, kCancelled},
    {kUnknown, kExpire, kExpired},

    // Late fills.
    {kCancelled, kPartialFill, kCancelled},
    {kCancelled, kFill, kFilled},
    {kExpired, kPartialFill, kExpired},
    {kExpired, kFill, kFilled},
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

std::optional<OrderState> next_state(OrderState state, OrderEvent event, OrderState resting) {
  const auto next = kNextStates[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
  return next == kResting ? resting : next;
}

bool is_final(OrderState state) {
  return state == kDenied || state == kFilled || state == kCancelled || state == kRejected || state == kExpired;
}

bool is_late_fill(OrderState state, OrderEvent event) {
  return is_final(state) && (event == kPartialFill || event == kFill);
}

void Order::apply(OrderEvent event) {
  triggered = triggered || event == kTrigger;
  const OrderState resting = filled.is_positive() ? kPartiallyFilled : triggered ? kTriggered : kAccepted;
  const auto next = next_state(state, event, resting);
  ARGOSY_CHECK(next.has_value(), "order {} is {} and cannot {}", id.value(), to_string(state), to_string(event));
  late_fill = late_fill || is_late_fill(state, event);
  state = *next;
}

std::string_view to_string(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

std::string_view to_string(OrderKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"market", "stop", "limit"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(OrderState state) {
  constexpr std::array<std::string_view, kOrderStateCount> kNames{
      "created",        "denied",          "pending_submit", "submitted", "accepted",  "triggered", "partially_filled",
      "pending_cancel", "pending_replace", "unknown",        "filled",    "cancelled", "rejected",  "expired"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(OrderEvent event) {
  constexpr std::array<std::string_view, kOrderEventCount> kNames{
      "deny",         "submit",         "send",           "accept", "reject",        "trigger",
      "partial_fill", "fill",           "request_cancel", "cancel", "refuse_cancel", "request_replace",
      "replace",      "refuse_replace", "expire",         "lose"};
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

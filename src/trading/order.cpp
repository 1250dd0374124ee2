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
    {kRejected, kPartialFill, kRejected},  // given up by us, or the venue did not stand by its word
    {kRejected, kFill, kFilled},
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

bool is_late_fill(OrderState state, OrderEvent event) { return is_final(state) && is_fill(event); }

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
  constexpr std::array<std::string_view, 5> kNames{"market", "limit", "stop", "stop_limit", "trailing_stop"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(TimeInForce time_in_force) {
  constexpr std::array<std::string_view, 6> kNames{"gtc", "day", "ioc", "fok", "at_open", "at_close"};
  return kNames[static_cast<std::size_t>(time_in_force)];
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
  constexpr std::array<std::string_view, 14> kNames{
      "buy_signal", "sell_signal", "short_signal",     "cover_signal", "stop_loss",   "take_profit", "trailing_stop",
      "max_bars",   "rebalance",   "corporate_action", "delisting",    "margin_call", "forced_flat", "manual"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view to_string(FillRule rule) {
  constexpr std::array<std::string_view, 8> kNames{"none",      "next_open",  "at_close", "limit_level",
                                                   "limit_gap", "stop_level", "stop_gap", "cash_out"};
  return kNames[static_cast<std::size_t>(rule)];
}

Price to_tick(Price price, Price tick, core::Rounding rounding) {
  if (!tick.is_positive()) return price;
  std::int64_t rest = price.units() % tick.units();
  if (rest < 0) rest += tick.units();
  const Price down = Price::from_units(price.units() - rest);
  return rest == 0 || rounding == core::Rounding::kFloor ? down : down + tick;
}

namespace {

bool has_limit(OrderKind kind) { return kind == OrderKind::kLimit || kind == OrderKind::kStopLimit; }
bool has_stop(OrderKind kind) { return kind == OrderKind::kStop || kind == OrderKind::kStopLimit; }

std::optional<std::string_view> find_wrong_price(Price price, const market::Instrument& instrument) {
  if (!price.is_positive() && !instrument.may_be_negative) return "a price that is not above 0";
  if (to_tick(price, instrument.tick, core::Rounding::kFloor) != price) return "off tick";
  return std::nullopt;
}

std::optional<std::string_view> find_wrong_time(const Order& order) {
  const bool stops = has_stop(order.kind) || order.kind == OrderKind::kTrailingStop;
  if (stops && order.time_in_force != TimeInForce::kGoodTillCancelled && order.time_in_force != TimeInForce::kDay)
    return "a stop waits: its time in force is gtc or day";
  return std::nullopt;
}

std::optional<std::string_view> find_wrong_trail(const Order& order) {
  if (order.kind != OrderKind::kTrailingStop) return std::nullopt;
  if (order.trail_amount.is_negative() || order.trail_ratio.is_negative()) return "a distance that is negative";
  if (order.trail_amount.is_positive() == order.trail_ratio.is_positive())
    return "a trailing stop needs one distance: an amount or a ratio";
  if (order.trail_ratio >= Rate::from_integer(1)) return "a distance of the whole price or more";
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_contradiction(const Order& order, const market::Instrument& instrument) {
  if (!order.quantity.is_positive()) return "a quantity that is not above 0";
  if (market::round_to_lot(instrument, order.quantity) != order.quantity) return "off lot";
  if (has_limit(order.kind)) {
    if (const auto wrong = find_wrong_price(order.limit, instrument)) return wrong;
  }
  if (has_stop(order.kind)) {
    if (const auto wrong = find_wrong_price(order.stop, instrument)) return wrong;
  }
  if (order.kind == OrderKind::kStopLimit) {
    if (order.side == Side::kSell && order.limit > order.stop) return "a sell whose limit is above its stop";
    if (order.side == Side::kBuy && order.limit < order.stop) return "a buy whose limit is below its stop";
  }
  if (const auto wrong = find_wrong_trail(order)) return wrong;
  return find_wrong_time(order);
}

}  // namespace argosy::trading

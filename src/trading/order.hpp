// An order, its states, and the one table of legal transitions. Whoever holds an order changes its state only through
// apply(); an event that the table does not allow is a broken invariant.
//
//   created -submit-> pending_submit -send-> submitted -accept-> accepted -trigger-> triggered -fill-> filled
//      \-deny-> denied                            \-reject-> rejected   \-partial_fill-> partially_filled -> ...
//
//   accepted -request_cancel-> pending_cancel -cancel-> cancelled, -refuse_cancel-> back, -fill-> filled
//   submitted, pending_cancel, pending_replace -lose-> unknown, until the venue says what became of it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/decimal.hpp"
#include "core/id.hpp"
#include "market/instrument.hpp"

namespace argosy::trading {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

using OrderId = core::Id<struct OrderIdTag>;
using DecisionId = core::Id<struct DecisionIdTag>;
// The index of an instrument in its account's list.
using InstrumentIndex = std::uint32_t;

enum class Side : std::uint8_t { kBuy, kSell };
[[nodiscard]] constexpr Side opposite(Side side) { return side == Side::kBuy ? Side::kSell : Side::kBuy; }

enum class OrderKind : std::uint8_t {
  kMarket,
  kLimit,         // at `limit` or better
  kStop,          // a market order once the price has reached `stop`: a buy from below, a sell from above
  kStopLimit,     // a limit order once the price has reached `stop`
  kTrailingStop,  // a stop that follows the price at a distance, in the order's favour only
};

enum class TimeInForce : std::uint8_t {
  kGoodTillCancelled,
  kDay,                // until its first session ends
  kImmediateOrCancel,  // what is not filled at once is cancelled
  kFillOrKill,         // filled at once and whole, or cancelled
  kAtOpen,             // in the opening of its first session, or not at all
  kAtClose,            // in the closing of its first session, or not at all
};

// What an order is for. A closing order only ever makes a position smaller.
enum class Effect : std::uint8_t { kOpen, kClose };

enum class OrderState : std::uint8_t {
  kCreated,
  kDenied,         // refused by the risk gate, or withdrawn before it was sent
  kPendingSubmit,  // approved and stored, not yet sent
  kSubmitted,      // sent, not yet answered
  kAccepted,       // works at the venue
  kTriggered,      // a stop whose level was reached, working as what it turned into
  kPartiallyFilled,
  kPendingCancel,   // asked to be cancelled
  kPendingReplace,  // asked to be changed
  kUnknown,         // an answer is missing: it may work, be filled, or never have arrived
  kFilled,
  kCancelled,
  kRejected,  // refused by the venue
  kExpired,   // its time in force is over
};
inline constexpr std::size_t kOrderStateCount = 14;

enum class OrderEvent : std::uint8_t {
  kDeny,
  kSubmit,  // approved: to be sent
  kSend,
  kAccept,
  kReject,
  kTrigger,
  kPartialFill,
  kFill,
  kRequestCancel,
  kCancel,
  kRefuseCancel,  // the venue says it cannot be cancelled
  kRequestReplace,
  kReplace,
  kRefuseReplace,
  kExpire,
  kLose,  // no answer came in time, or the connection broke before one
};
inline constexpr std::size_t kOrderEventCount = 16;

// The state that follows, or nothing when the event is not legal in this state. `resting` is what an order goes back to
// when a request to cancel or change it has been answered: accepted, triggered or partially filled.
[[nodiscard]] std::optional<OrderState> next_state(OrderState state, OrderEvent event,
                                                   OrderState resting = OrderState::kAccepted);
// Nothing but a late fill leads out of the state.
[[nodiscard]] bool is_final(OrderState state);
// The whole of it or a part.
[[nodiscard]] constexpr bool is_fill(OrderEvent event) {
  return event == OrderEvent::kPartialFill || event == OrderEvent::kFill;
}
// A fill that comes after the order was cancelled, rejected or expired: the venue was faster than its own word, or got
// an order that had been given up. It is booked, for it happened, and the order is flagged.
[[nodiscard]] bool is_late_fill(OrderState state, OrderEvent event);

// Why an order was made, or a position ended.
enum class OrderReason : std::uint8_t {
  kBuySignal,
  kSellSignal,
  kShortSignal,
  kCoverSignal,
  kStopLoss,
  kTakeProfit,
  kTrailingStop,
  kMaxBars,    // held for as long as the strategy allows
  kRebalance,  // in or out of the best of a universe, or back to its weight
  kCorporateAction,
  kDelisting,
  kMarginCall,
  kForcedFlat,  // a circuit breaker or a rule of the account closes everything
  kManual,
};

// The rule of docs/concepts/fills.md that decided a fill's price.
enum class FillRule : std::uint8_t {
  kNone,        // not filled
  kNextOpen,    // a market order at the open
  kAtClose,     // an order for the closing, at the close
  kLimitLevel,  // the price came to the limit within the bar: at the limit
  kLimitGap,    // the bar opened at a better price than the limit: at the open
  kStopLevel,   // the price came to the stop within the bar: at the stop
  kStopGap,     // the bar opened beyond the stop: at the open
  kCashOut,     // the instrument is gone, and its holders were paid
};

[[nodiscard]] std::string_view to_string(Side side);
[[nodiscard]] std::string_view to_string(OrderKind kind);
[[nodiscard]] std::string_view to_string(TimeInForce time_in_force);
[[nodiscard]] std::string_view to_string(OrderState state);
[[nodiscard]] std::string_view to_string(OrderEvent event);
[[nodiscard]] std::string_view to_string(OrderReason reason);
[[nodiscard]] std::string_view to_string(FillRule rule);

struct Order {
  OrderId id;
  DecisionId decision;
  InstrumentIndex instrument = 0;
  Side side = Side::kBuy;
  OrderKind kind = OrderKind::kMarket;
  TimeInForce time_in_force = TimeInForce::kGoodTillCancelled;
  Effect effect = Effect::kOpen;
  OrderReason reason = OrderReason::kBuySignal;
  OrderState state = OrderState::kCreated;
  bool triggered = false;   // its stop was reached
  bool late_fill = false;   // was filled after it had ended
  bool overfilled = false;  // was filled for more than its quantity
  // Sized by money: the venue fills what the cash pays and cancels the rest.
  bool shrink_to_cash = false;
  OrderId group;       // opening orders of which the first fill cancels the others: the first one's id; none: alone
  Quantity quantity;   // all of it, with what is filled; restated by splits while it works
  Price limit;         // of limit and stop-limit orders; restated by splits
  Price stop;          // of stop and stop-limit orders; of a trailing stop: the price it follows from
  Price trail_amount;  // of trailing stops: the distance; or
  Rate trail_ratio;    // the same as a share of the price
  std::int64_t created_key = 0;  // of the bar at whose close it was decided
  Quantity filled;
  Price fill_price;  // average
  std::int64_t filled_key = 0;
  Money fee;
  FillRule rule = FillRule::kNone;
  std::string_view note = {};  // why it was denied, rejected or cancelled; static text

  [[nodiscard]] Quantity remaining() const { return quantity > filled ? quantity - filled : Quantity(); }
  // Moves to the next state; an illegal event stops the program.
  void apply(OrderEvent event);
};

// What an order that works shall become: its quantity (with what is filled) and its prices.
struct OrderChange {
  OrderId order;
  Quantity quantity;
  Price limit;
  Price stop;
};

// Why an order cannot be meant as it is, or nothing: a quantity that is not positive, a price that is missing, not
// positive where it must be, or off the tick, a limit on the wrong side of its stop, a time in force that does not go
// with its kind. Static text.
[[nodiscard]] std::optional<std::string_view> find_contradiction(const Order& order,
                                                                 const market::Instrument& instrument);

// The nearest price on the tick, not above (kFloor) or not below (kCeiling) the given one.
[[nodiscard]] Price to_tick(Price price, Price tick, core::Rounding rounding);

}  // namespace argosy::trading

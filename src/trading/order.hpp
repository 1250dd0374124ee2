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

enum class OrderKind : std::uint8_t {
  kMarket,  // at the next open
  kStop,    // a sell that becomes a market order when the price falls to `level`
  kLimit,   // a sell at `level` or better
};

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
// A fill that comes after the order was cancelled or expired: the venue was faster than its own word. It is booked, for
// it happened, and the order is flagged.
[[nodiscard]] bool is_late_fill(OrderState state, OrderEvent event);

// Why an order was made, or a position ended.
enum class OrderReason : std::uint8_t { kBuySignal, kSellSignal, kStopLoss, kTakeProfit, kCorporateAction };

// The rule of docs/concepts/fills.md that decided a fill's price.
enum class FillRule : std::uint8_t {
  kNone,         // not filled
  kNextOpen,     // market order at the open
  kStopLevel,    // the price fell to the stop within the bar: at the stop
  kStopGap,      // the bar opened below the stop: at the open
  kTargetLevel,  // the price rose to the target within the bar: at the target
  kTargetGap,    // the bar opened above the target: at the open
};

[[nodiscard]] std::string_view to_string(Side side);
[[nodiscard]] std::string_view to_string(OrderKind kind);
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
  OrderReason reason = OrderReason::kBuySignal;
  OrderState state = OrderState::kCreated;
  bool triggered = false;        // its level was reached
  bool late_fill = false;        // was filled after it was cancelled or expired
  Quantity quantity;             // restated by splits while it works
  Price level;                   // of a stop or limit; restated by splits
  bool shrink_to_cash = false;   // a buy sized by money: the venue fills what the cash pays and cancels the rest
  std::int64_t created_key = 0;  // of the bar at whose close it was decided
  Quantity filled;
  Price fill_price;
  std::int64_t filled_key = 0;
  Money fee;
  FillRule rule = FillRule::kNone;
  std::string_view note = {};  // why it was denied, rejected or cancelled; static text

  // Moves to the next state; an illegal event stops the program.
  void apply(OrderEvent event);
};

}  // namespace argosy::trading

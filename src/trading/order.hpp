// An order, its states, and the one table of legal transitions. Whoever holds an order changes its state only through
// apply(); an event that the table does not allow is a broken invariant.
//
//   created -submit-> submitted -accept-> accepted -fill-> filled
//      \-deny-> denied     \-reject-> rejected   \-partial_fill-> partially_filled -cancel-> cancelled
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
  kDenied,  // refused by the risk gate; never sent
  kSubmitted,
  kAccepted,
  kPartiallyFilled,
  kFilled,
  kCancelled,
  kRejected,  // refused by the venue
};
inline constexpr std::size_t kOrderStateCount = 8;

enum class OrderEvent : std::uint8_t { kDeny, kSubmit, kAccept, kReject, kPartialFill, kFill, kCancel };
inline constexpr std::size_t kOrderEventCount = 7;

// The state that follows, or nothing when the event is not legal in this state.
[[nodiscard]] std::optional<OrderState> next_state(OrderState state, OrderEvent event);
// No event leads out of the state.
[[nodiscard]] bool is_final(OrderState state);

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

// What the risk gate decided on an order, and by which numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/time.hpp"
#include "trading/compared.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

// In the order in which the controls are asked. Those marked * hold for every order, the others only for orders that
// add to a position or to what works: a position can always be made smaller.
enum class Outcome : std::uint8_t {
  kApproved,
  // The order itself.
  kZeroQuantity,      // * the size does not reach one lot
  kNoNumber,          // a formula of the strategy gives no number for its size or prices
  kOffLot,            // *
  kOffTick,           // *
  kContradiction,     // * find_contradiction() says why
  kNothingToClose,    // * a closing order of more than is held, or of the wrong side
  kOppositePosition,  // an opening order against a position that is held
  kShortNotAllowed,   // a cash account cannot sell what it does not hold
  kTooLarge,          // * more than amounts can hold
  // What was switched off.
  kLimitNotSet,       // * the note names the limit
  kHalted,            // * the kill switch, of all instruments
  kInstrumentHalted,  // * of this one
  kInstrumentFills,   // too many fills within a time: off until resume()
  kBreaker,           // the circuit breaker; the note says why
  kPropRule,          // the rules of the prop firm; the note is the verdict
  kRestricted,
  kNotAllowed,
  kTradingHours,
  // Messages.
  kMessages,       // * too many
  kEqualOrders,    // *
  kWorkingOrders,  // too many
  // The price.
  kNoPrice,         // * nothing was ever traded, so nothing can be estimated
  kNoRate,          // the instrument's currency has no rate to the one it is paid in
  kStaleReference,  // * the price is too old, or its time is not known
  kPriceCollar,     // * the limit lies too far beyond the price
  kSelfMatch,       // * could trade with an own working order
  // The order's size.
  kOrderQuantity,  // *
  kOrderValue,     // *
  // What the account would hold, working orders included.
  kUnknown,  // a number that a limit needs is missing: the equity, or a rate
  kPositionQuantity,
  kPositionValue,
  kOpenPositions,
  kGrossExposure,
  kNetExposure,
  kLeverage,
  kPropContracts,
  kCorrelatedExposure,
  // What was lost.
  kDailyLoss,
  kDrawdown,
  // The account.
  kPatternDayTrader,  // a fourth day trade within five sessions would be possible
  kInsufficientCash,  // the estimated cost with fees is above what is available
};
inline constexpr std::size_t kOutcomeCount = static_cast<std::size_t>(Outcome::kInsufficientCash) + 1;
[[nodiscard]] std::string_view to_string(Outcome outcome);

struct Decision {
  DecisionId id;
  Outcome outcome = Outcome::kApproved;
  InstrumentIndex instrument = 0;
  Side side = Side::kBuy;
  Effect effect = Effect::kOpen;
  OrderKind kind = OrderKind::kMarket;
  bool is_change = false;      // of an order that works
  Quantity quantity;           // asked for
  Price limit;                 // of the order
  Price stop;                  // of the order
  core::Timestamp time;        // set_time()
  Compared numbers;            // of the control that refused: what it found, and the limit
  Money required;              // estimated cost of an opening order, fees included, in the currency it is paid in
  Money available;             // of that currency
  std::string_view note = {};  // static text
  DecisionId previous_equal;   // the last approved new order of the same instrument
};

}  // namespace argosy::trading

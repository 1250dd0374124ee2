// An order as it works at the exchange, and a request to cancel or change one that is still on its way.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "core/time.hpp"
#include "trading/order.hpp"
#include "venue/fill_model.hpp"

namespace argosy::venue {

using core::Quantity;
using trading::OrderId;
using trading::OrderKind;
using trading::TimeInForce;

// How far the bar that is being matched has come.
enum class Moment : std::uint8_t {
  kOpening,    // nothing was traded before
  kAfterOpen,  // the open is known
  kWithin,     // somewhere between the open and the close
  kClosing,    // the close is known
};

// The part of the way that is left for an order or a request.
struct Travel {
  std::int64_t bars = 0;
  core::Timestamp arrives{core::Duration(std::numeric_limits<std::int64_t>::min())};
};

struct WorkingOrder {
  OrderId id;
  Side side = Side::kBuy;
  OrderKind kind = OrderKind::kMarket;
  TimeInForce time_in_force = TimeInForce::kGoodTillCancelled;
  bool closes = false;  // may only make the holding smaller
  bool shrink_to_cash = false;
  Quantity remaining;
  Quantity filled;
  Price limit;
  Price stop;   // of a trailing stop: the price it follows
  Trail trail;  // of a trailing stop
  bool triggered = false;
  bool done = false;

  Travel travel;
  std::int64_t match = 0;  // the last match it takes part in; it has come into it at `since`
  Moment since = Moment::kOpening;
  Price start;                        // the price traded at that moment, where it is neither open nor close
  bool tried = false;                 // within this match's bar
  std::optional<core::Date> session;  // its first

  [[nodiscard]] bool is_stop() const {
    return kind == OrderKind::kStop || kind == OrderKind::kStopLimit || kind == OrderKind::kTrailingStop;
  }
  [[nodiscard]] bool waits_for_stop() const { return is_stop() && !triggered; }
  // With its stop behind it, it asks for a limit or takes any price.
  [[nodiscard]] bool has_limit() const { return kind == OrderKind::kLimit || kind == OrderKind::kStopLimit; }
  // It may be filled at any moment, not only in the opening or the closing or at once.
  [[nodiscard]] bool rests() const {
    return time_in_force == TimeInForce::kGoodTillCancelled || time_in_force == TimeInForce::kDay;
  }
};

struct Request {
  trading::OrderChange change;
  trading::InstrumentIndex instrument = 0;
  bool cancels = false;  // rather than changes
  Travel travel;
};

}  // namespace argosy::venue

// The rules that say at which price a bar fills an order, before slippage. A bar tells four prices and not their order:
// the open came first, the close last, and between them the worse is assumed.
//
//   limit_at(Side::kBuy, limit, bar.open, LimitTouch::kTouch)             // a price is known: the open, a fill before
//   limit_within(Side::kBuy, limit, bar.best(Side::kBuy), LimitTouch::kTouch)
//   stop_at(Side::kSell, stop, bar.open)
//   stop_within(Side::kSell, stop, bar.worst(Side::kSell))
//
// next open      holds for liquid instruments; it lies where the opening auction is thin or the open is one odd trade.
// limit, touch   holds where the order is small and early in the queue; it lies where many wait at the same price.
// limit, through holds for an order at the end of the queue; it misses fills of orders that stood before others.
// stop           holds where prices move tick by tick; it lies where they jump over the level within the bar: the
//                fill is then worse, which is what slippage is for.
#pragma once

#include <cstdint>
#include <optional>

#include "trading/order.hpp"

namespace argosy::venue {

using core::Price;
using core::Rate;
using trading::FillRule;
using trading::Side;

// When a resting limit is filled: once its price is traded, or only once a better one is.
enum class LimitTouch : std::uint8_t { kTouch, kThrough };

struct Fill {
  Price price;
  FillRule rule = FillRule::kNone;

  friend bool operator==(const Fill&, const Fill&) = default;
};

// Cheaper for a buy, dearer for a sell.
[[nodiscard]] inline bool is_better(Side side, Price a, Price b) { return side == Side::kBuy ? a < b : a > b; }

// A limit while one price is traded: that price when it is better than the limit.
[[nodiscard]] std::optional<Fill> limit_at(Side side, Price limit, Price traded, LimitTouch touch);
// A limit while the best price of a stretch is known: at the limit.
[[nodiscard]] std::optional<Fill> limit_within(Side side, Price limit, Price best, LimitTouch touch);
// A stop while one price is traded: that price, which is as bad as the stop or worse.
[[nodiscard]] std::optional<Fill> stop_at(Side side, Price stop, Price traded);
// A stop while the worst price of a stretch is known: at the stop.
[[nodiscard]] std::optional<Fill> stop_within(Side side, Price stop, Price worst);

// The level of a trailing stop at a distance from the price it follows, rounded away from it to the tick.
struct Trail {
  Price amount;
  Rate ratio;  // not zero: of the price, instead of the amount
};
[[nodiscard]] Price trailing_level(Side side, Price followed, const Trail& trail, Price tick);

}  // namespace argosy::venue

// What the exchange sees of one bar, and of one quote.
#pragma once

#include <cstdint>
#include <optional>

#include "core/decimal.hpp"
#include "trading/order.hpp"

namespace argosy::venue {

struct BarView {
  std::int64_t key = 0;
  core::Price open;
  core::Price high;
  core::Price low;
  core::Price close;
  double volume = 0;  // not above zero: nothing trades

  // The best and the worst price for an order of a side.
  [[nodiscard]] core::Price best(trading::Side side) const { return side == trading::Side::kBuy ? low : high; }
  [[nodiscard]] core::Price worst(trading::Side side) const { return side == trading::Side::kBuy ? high : low; }
};

// Sells trade at the bid, buys at the ask.
struct QuoteView {
  std::int64_t key = 0;  // its instant
  core::Price bid;
  core::Price ask;
  std::optional<core::Quantity> room = {};  // what all orders of a side get at most; nothing: any quantity trades
};

}  // namespace argosy::venue

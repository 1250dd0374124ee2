// What the exchange sees of one bar.
#pragma once

#include <cstdint>

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

}  // namespace argosy::venue

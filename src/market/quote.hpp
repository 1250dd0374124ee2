// A quote: what a share can be sold and bought for at one instant, the last trade, and how much was traded.
#pragma once

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "market/bar.hpp"

namespace argosy::market {

struct Quote {
  core::Timestamp time;
  core::Price bid;
  core::Price ask;
  core::Price last;
  PriceSource source = PriceSource::kRealTime;
  double volume = 0;  // shares traded since the quote before, where it is known

  friend bool operator==(const Quote&, const Quote&) = default;
};

}  // namespace argosy::market

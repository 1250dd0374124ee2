// A quote: what a share can be sold and bought for at one instant, and the last trade.
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

  friend bool operator==(const Quote&, const Quote&) = default;
};

}  // namespace argosy::market

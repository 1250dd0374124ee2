// The true range of a bar, max(high, last close) - min(low, last close): what Wilder's measures of volatility and trend
// are made of.
#pragma once

namespace argosy::formula {

// `last_close` is a number. NaN when another is not: a close that is NaN spoils its own bar, not only the next.
[[nodiscard]] inline double true_range(double high, double low, double close, double last_close) {
  const double range = (last_close > high ? last_close : high) - (last_close < low ? last_close : low);
  return range + (close - close);
}

}  // namespace argosy::formula

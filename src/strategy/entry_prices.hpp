// The prices of an entry, as a backtest and live trading compute them alike: from the close at which it is decided and
// the strategy's offsets or formulas.
//
//   const EntryPrices prices = entry_prices({.order = file.order, .buys = true, .close = close, .factor = factor,
//                                            .limit = limit_formula, .stop = {}});
//   if (prices.limit) order.limit = trading::to_tick(*prices.limit, tick, prices.limit_rounding);
#pragma once

#include <optional>

#include "core/decimal.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {

// An adjusted price, or distance, as it is quoted: without `factor`, which adjusted it. Nothing when there is none
// above 0.
[[nodiscard]] std::optional<core::Price> quoted_price(double adjusted, double factor);

struct EntryTerms {
  EntryOrder order;
  bool buys = true;
  core::Price close;            // raw
  double factor = 1;            // of the bar at which it is decided
  std::optional<double> limit;  // what the formula gave, where there is one: it is taken for the offset
  std::optional<double> stop;
};

// Before they are rounded to ticks. Nothing where the order has no such price, or where its formula gave none.
struct EntryPrices {
  std::optional<core::Price> limit;
  std::optional<core::Price> stop;
  // To ticks: away from the close.
  core::Rounding limit_rounding = core::Rounding::kFloor;
  core::Rounding stop_rounding = core::Rounding::kCeiling;
};

[[nodiscard]] constexpr bool has_limit(trading::OrderKind kind) {
  return kind == trading::OrderKind::kLimit || kind == trading::OrderKind::kStopLimit;
}
[[nodiscard]] constexpr bool has_stop(trading::OrderKind kind) {
  return kind == trading::OrderKind::kStop || kind == trading::OrderKind::kStopLimit;
}
// A limit lies on the better side of the close, a stop on the worse one; the limit of a stop is beyond it.
[[nodiscard]] EntryPrices entry_prices(const EntryTerms& terms);

}  // namespace argosy::strategy

#include "trading/sizing.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

using core::Money;
using core::Quantity;
using core::Rounding;

Quantity affordable(const market::Instrument& instrument, core::Price price, core::Rate fee_rate, Money cash) {
  if (!cash.is_positive() || !price.is_positive()) return {};
  // cash / (1 + rate), rounded down, is the traded amount that leaves room for its fee.
  const Money amount =
      core::scale(cash, core::Rate::kUnitsPerOne, core::Rate::kUnitsPerOne + fee_rate.units(), Rounding::kFloor);
  // A quantity has room for 9.2e9 shares; a large account in a tiny price reaches that before its cash is spent.
  constexpr std::int64_t kMostShares = 9'000'000'000;
  const bool fits = amount.to_double() / price.to_double() < static_cast<double>(kMostShares);
  const Quantity most = fits ? core::divide(amount, price, Rounding::kFloor) : Quantity::from_integer(kMostShares);
  Quantity quantity = market::round_to_lot(instrument, most);
  const Quantity step = instrument.fractional ? Quantity::from_units(1) : instrument.lot;
  const PercentFee fees{fee_rate};
  const auto cost = [&](Quantity q) {
    const Money traded = core::notional(price, q, Rounding::kHalfEven);
    return traded + fees.fee(traded);
  };
  // Rounding of the two products may be one unit off in either direction.
  while (quantity.is_positive() && cost(quantity) > cash) quantity -= step;
  return quantity;
}

Quantity size_order(const Sizing& sizing, const market::Instrument& instrument, core::Price price, core::Rate fee_rate,
                    Money equity, Money available) {
  switch (sizing.kind) {
    case SizeKind::kShares:
      return market::round_to_lot(instrument, sizing.shares);
    case SizeKind::kCash:
      return affordable(instrument, price, fee_rate, std::min(sizing.cash, available));
    case SizeKind::kPercent:
      return affordable(instrument, price, fee_rate,
                        std::min(core::multiply(equity, sizing.fraction, Rounding::kFloor), available));
  }
  return {};
}

}  // namespace argosy::trading

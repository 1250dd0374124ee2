#include "trading/sizing.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

using core::Money;
using core::Quantity;
using core::Rounding;

Money BuyTerms::cost(Quantity quantity) const {
  return core::notional(price, quantity, Rounding::kHalfEven) +
         fees.fee({.side = Side::kBuy, .quantity = quantity, .price = price, .date = date, .instrument = &instrument});
}

Quantity affordable(const BuyTerms& terms, Money cash) {
  if (!cash.is_positive() || !terms.price.is_positive()) return {};
  // A quantity has room for 9.2e9 shares; a large account in a tiny price reaches that before its cash is spent.
  constexpr std::int64_t kMostShares = 9'000'000'000;
  const auto without_fees = [&](Money amount) {
    const bool fits = amount.to_double() / terms.price.to_double() < static_cast<double>(kMostShares);
    const Quantity most =
        fits ? core::divide(amount, terms.price, Rounding::kFloor) : Quantity::from_integer(kMostShares);
    return market::round_to_lot(terms.instrument, most);
  };
  // More shares never cost less: what is affordable lies between what the cash pays when the fees of the most are set
  // aside, and the most.
  const Quantity most = without_fees(cash);
  if (terms.cost(most) <= cash) return most;
  const Money rest = cash - (terms.cost(most) - core::notional(terms.price, most, Rounding::kHalfEven));
  const std::int64_t step = terms.instrument.fractional ? 1 : terms.instrument.lot.units();
  std::int64_t fits = rest.is_positive() ? without_fees(rest).units() / step : 0;
  std::int64_t fails = most.units() / step;
  while (fits > 0 && terms.cost(Quantity::from_units(fits * step)) > cash) --fits;  // by the rounding of the amounts
  while (fails - fits > 1) {
    const std::int64_t middle = fits + (fails - fits) / 2;
    (terms.cost(Quantity::from_units(middle * step)) <= cash ? fits : fails) = middle;
  }
  return Quantity::from_units(fits * step);
}

Quantity size_order(const Sizing& sizing, const BuyTerms& terms, Money equity, Money available) {
  switch (sizing.kind) {
    case SizeKind::kShares:
      return market::round_to_lot(terms.instrument, sizing.shares);
    case SizeKind::kCash:
      return affordable(terms, std::min(sizing.cash, available));
    case SizeKind::kPercent:
      return affordable(terms, std::min(core::multiply(equity, sizing.fraction, Rounding::kFloor), available));
  }
  return {};
}

}  // namespace argosy::trading

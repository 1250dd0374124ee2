#include "strategy/entry_prices.hpp"

namespace argosy::strategy {

using core::Price;
using core::Rate;
using core::Rounding;

std::optional<Price> quoted_price(double adjusted, double factor) {
  const auto price = Price::from_double(adjusted / factor);
  if (!price || !price->is_positive()) return std::nullopt;
  return *price;
}

EntryPrices entry_prices(const EntryTerms& terms) {
  const auto price = [&](const std::optional<double>& given, Rate offset, bool up) {
    if (given) return quoted_price(*given, terms.factor);
    const Rate one = Rate::from_integer(1);
    return std::optional(core::multiply(terms.close, up ? one + offset : one - offset, Rounding::kHalfEven));
  };
  const trading::OrderKind kind = terms.order.kind;
  const bool limit_up = kind == trading::OrderKind::kStopLimit ? terms.buys : !terms.buys;
  EntryPrices out{.limit_rounding = limit_up ? Rounding::kCeiling : Rounding::kFloor,
                  .stop_rounding = terms.buys ? Rounding::kCeiling : Rounding::kFloor};
  if (has_limit(kind)) out.limit = price(terms.limit, terms.order.limit_offset, limit_up);
  if (has_stop(kind)) out.stop = price(terms.stop, terms.order.stop_offset, terms.buys);
  return out;
}

}  // namespace argosy::strategy

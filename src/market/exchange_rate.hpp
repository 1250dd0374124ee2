// What one currency is worth in another, as it is quoted.
//
//   const ExchangeRate rate{.quote = *Price::parse("1385.25"), .inverse = true};   // USDKRW, to convert KRW to USD
//   rate.convert(krw, Rounding::kHalfEven)
#pragma once

#include "core/decimal.hpp"

namespace argosy::market {

struct ExchangeRate {
  core::Price quote = core::Price::from_units(core::Price::kUnitsPerOne);
  bool inverse = false;  // amounts are divided by the quote

  [[nodiscard]] bool is_known() const { return quote.is_positive(); }
  [[nodiscard]] bool is_one() const { return quote.units() == core::Price::kUnitsPerOne; }
  // To the other currency; rounded once. The quote must be known.
  [[nodiscard]] core::Money convert(core::Money amount, core::Rounding rounding) const {
    if (is_one()) return amount;
    return inverse ? core::scale(amount, core::Price::kUnitsPerOne, quote.units(), rounding)
                   : core::scale(amount, quote.units(), core::Price::kUnitsPerOne, rounding);
  }
  // The other way round.
  [[nodiscard]] ExchangeRate inverted() const { return {.quote = quote, .inverse = !inverse}; }

  friend bool operator==(const ExchangeRate&, const ExchangeRate&) = default;
};

}  // namespace argosy::market

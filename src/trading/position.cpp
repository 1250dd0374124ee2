#include "trading/position.hpp"

#include "core/check.hpp"

namespace argosy::trading {

using core::Rounding;

void Position::buy(std::int64_t key, Price price, Quantity quantity, Money fee) {
  ARGOSY_CHECK(quantity.is_positive() && price.is_positive(), "buy {} at {}", quantity.to_string(), price.to_string());
  const bool opens = !is_open();
  if (opens) {
    *this = Position();
    entry_key_ = key;
  }
  cost_ += core::notional(price, quantity, Rounding::kHalfEven);
  quantity_ += quantity;
  entry_price_ = opens ? price : core::divide(cost_, quantity_, Rounding::kHalfEven);
  fees_ += fee;
}

void Position::sell(Price price, Quantity quantity, Money fee) {
  ARGOSY_CHECK(quantity.is_positive() && quantity <= quantity_, "sell {} of {}", quantity.to_string(),
               quantity_.to_string());
  const Money amount = core::notional(price, quantity, Rounding::kHalfEven);
  const Money share =
      quantity == quantity_ ? cost_ : core::scale(cost_, quantity.units(), quantity_.units(), Rounding::kHalfEven);
  cost_ -= share;
  quantity_ -= quantity;
  proceeds_ += amount;
  realised_ += amount - share;
  fees_ += fee;
}

Money Position::split(std::int64_t numerator, std::int64_t denominator, Quantity lot, Price last_close) {
  Quantity exact = core::scale(quantity_, numerator, denominator, Rounding::kTowardZero);
  Quantity kept = exact;
  if (lot.is_positive()) kept = Quantity::from_units(exact.units() - exact.units() % lot.units());
  entry_price_ = core::scale(entry_price_, denominator, numerator, Rounding::kHalfEven);
  Money paid;
  if (const Quantity fraction = exact - kept; fraction.is_positive()) {
    quantity_ = exact;
    const Price price = core::scale(last_close, denominator, numerator, Rounding::kHalfEven);
    paid = core::notional(price, fraction, Rounding::kHalfEven);
    sell(price, fraction, Money());
  }
  quantity_ = kept;
  return paid;
}

Money Position::dividend(Price amount) {
  const Money cash = core::notional(amount, quantity_, Rounding::kHalfEven);
  dividends_ += cash;
  return cash;
}

}  // namespace argosy::trading

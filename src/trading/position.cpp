#include "trading/position.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace argosy::trading {

using core::Rounding;

void Position::fill(std::int64_t key, Side side, Price price, Quantity quantity, Money fee) {
  ARGOSY_CHECK(quantity.is_positive(), "a fill of {}", quantity.to_string());
  if (is_open() && side == closing_side()) {
    ARGOSY_CHECK(quantity <= size(), "a fill of {} closes {}", quantity.to_string(), size().to_string());
    close(price, quantity);
  } else {
    open(key, side, price, quantity);
  }
  fees_ += fee;
}

void Position::restore(std::int64_t key, Quantity quantity, Money cost) {
  quantity_ = quantity;
  cost_ = cost;
  entry_key_ = key;
  entry_price_ = core::divide(is_short() ? -cost : cost, size(), Rounding::kHalfEven);
  lots_.assign(1, {.key = key, .price = entry_price_, .quantity = size(), .cost = is_short() ? -cost : cost});
  first_lot_ = 0;
}

void Position::open(std::int64_t key, Side side, Price price, Quantity quantity) {
  const bool opens = !is_open();
  if (opens) {
    quantity_ = Quantity();
    cost_ = fees_ = dividends_ = realised_ = realised_by_lots_ = Money();
    lots_.clear();
    first_lot_ = 0;
    entry_key_ = key;
  }
  const Money amount = core::notional(price, quantity, Rounding::kHalfEven);
  lots_.push_back({.key = key, .price = price, .quantity = quantity, .cost = amount});
  quantity_ += side == Side::kBuy ? quantity : -quantity;
  cost_ += side == Side::kBuy ? amount : -amount;
  entry_price_ = opens ? price : core::divide(is_short() ? -cost_ : cost_, size(), Rounding::kHalfEven);
}

void Position::close(Price price, Quantity quantity) {
  const Money amount = core::notional(price, quantity, Rounding::kHalfEven);
  const Money share =
      quantity == size() ? cost_ : core::scale(cost_, quantity.units(), size().units(), Rounding::kHalfEven);
  close_lots(amount, quantity);
  realised_ += is_short() ? -share - amount : amount - share;
  cost_ -= share;
  quantity_ -= is_short() ? -quantity : quantity;
}

void Position::close_lots(Money amount, Quantity quantity) {
  Money cost;
  while (quantity.is_positive()) {
    Lot& lot = lots_[first_lot_];
    const Quantity part = std::min(quantity, lot.quantity);
    const Money share = part == lot.quantity
                            ? lot.cost
                            : core::scale(lot.cost, part.units(), lot.quantity.units(), Rounding::kHalfEven);
    cost += share;
    lot.cost -= share;
    lot.quantity -= part;
    quantity -= part;
    if (lot.quantity.is_zero()) ++first_lot_;
  }
  realised_by_lots_ += is_short() ? cost - amount : amount - cost;
}

Money Position::split(std::int64_t numerator, std::int64_t denominator, Quantity lot, Price last_close) {
  const Quantity exact = core::scale(quantity_, numerator, denominator, Rounding::kTowardZero);
  const Quantity kept = lot.is_positive() ? Quantity::from_units(exact.units() - exact.units() % lot.units()) : exact;
  entry_price_ = core::scale(entry_price_, denominator, numerator, Rounding::kHalfEven);
  quantity_ = exact;
  split_lots(numerator, denominator, size());
  if (exact.is_zero()) write_off();
  if (exact == kept) return {};
  const Price price = core::scale(last_close, denominator, numerator, Rounding::kHalfEven);
  const Money paid = core::notional(price, exact - kept, Rounding::kHalfEven);
  close(price, is_short() ? kept - exact : exact - kept);
  return paid;
}

// Less than the smallest quantity is left.
void Position::write_off() {
  realised_ -= cost_;
  for (std::size_t k = first_lot_; k < lots_.size(); ++k) realised_by_lots_ -= lots_[k].cost;
  first_lot_ = lots_.size();
  cost_ = Money();
}

// The lots' quantities add up to the position's: what rounding leaves over goes to the newest.
void Position::split_lots(std::int64_t numerator, std::int64_t denominator, Quantity exact) {
  Quantity rest = exact;
  for (std::size_t k = first_lot_; k < lots_.size(); ++k) {
    Lot& lot = lots_[k];
    lot.price = core::scale(lot.price, denominator, numerator, Rounding::kHalfEven);
    lot.quantity =
        k + 1 == lots_.size() ? rest : core::scale(lot.quantity, numerator, denominator, Rounding::kTowardZero);
    rest -= lot.quantity;
  }
}

Money Position::dividend(Price amount) {
  const Money cash = core::notional(amount, quantity_, Rounding::kHalfEven);
  dividends_ += cash;
  return cash;
}

}  // namespace argosy::trading

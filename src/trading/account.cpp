#include "trading/account.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace argosy::trading {

using core::Rounding;

Account::Account(Money initial_cash, std::vector<market::Instrument> instruments)
    : initial_cash_(initial_cash),
      cash_(initial_cash),
      instruments_(std::move(instruments)),
      positions_(instruments_.size()),
      marks_(instruments_.size()) {}

Order& Account::find(OrderId id) {
  const auto index = static_cast<std::size_t>(id.value() - 1);
  ARGOSY_CHECK(id.value() > 0 && index < orders_.size(), "unknown order {}", id.value());
  return orders_[index];
}

const Order& Account::order(OrderId id) const { return const_cast<Account*>(this)->find(id); }

OrderId Account::record(Order order, Money reserve) {
  order.id = OrderId(static_cast<std::int64_t>(orders_.size()) + 1);
  orders_.push_back(order);
  reserves_.push_back(reserve);
  reserved_ += reserve;
  working_.push_back(order.id);
  return order.id;
}

void Account::release(OrderId id) {
  Money& reserve = reserves_[static_cast<std::size_t>(id.value() - 1)];
  reserved_ -= reserve;
  reserve = Money();
  std::erase(working_, id);
}

void Account::apply(OrderId id, OrderEvent event, std::string_view note) {
  Order& order = find(id);
  order.apply(event);
  order.note = note;
  if (is_final(order.state)) release(id);
}

void Account::apply(const BrokerEvent& event) {
  Order& order = find(event.order);
  order.apply(event.event);
  if (event.event == OrderEvent::kFill || event.event == OrderEvent::kPartialFill) {
    book_fill(order, event);
    const Money before = core::notional(order.fill_price, order.filled, Rounding::kHalfEven);
    const Money total = before + core::notional(event.price, event.quantity, Rounding::kHalfEven);
    order.fill_price =
        order.filled.is_zero() ? event.price : core::divide(total, order.filled + event.quantity, Rounding::kHalfEven);
    order.filled += event.quantity;
    order.filled_key = event.key;
    order.fee += event.fee;
    order.rule = event.rule;
  }
  if (!event.note.empty()) order.note = event.note;
  if (is_final(order.state)) release(event.order);
}

void Account::book_fill(const Order& order, const BrokerEvent& event) {
  const InstrumentIndex i = order.instrument;
  Position& position = positions_[i];
  const bool was_open = position.is_open();
  const Money amount = core::notional(event.price, event.quantity, Rounding::kHalfEven);
  if (order.side == Side::kBuy) {
    position.buy(event.key, event.price, event.quantity, event.fee);
    cash_ -= amount + event.fee;
  } else {
    position.sell(event.price, event.quantity, event.fee);
    cash_ += amount - event.fee;
  }
  traded_ += amount;
  fees_ += event.fee;
  if (!was_open && position.is_open()) {
    open_.insert(std::lower_bound(open_.begin(), open_.end(), i), i);
  } else if (was_open && !position.is_open()) {
    std::erase(open_, i);
  }
}

void Account::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  const Quantity lot = instruments_[i].fractional ? Quantity() : instruments_[i].lot;
  if (positions_[i].is_open()) {
    cash_ += positions_[i].split(numerator, denominator, lot, marks_[i]);
    if (!positions_[i].is_open()) std::erase(open_, i);
  }
  marks_[i] = core::scale(marks_[i], denominator, numerator, Rounding::kHalfEven);
  for (const OrderId id : working_) {
    Order& order = find(id);
    if (order.instrument != i) continue;
    order.quantity = market::round_to_lot(instruments_[i],
                                          core::scale(order.quantity, numerator, denominator, Rounding::kTowardZero));
    order.level = core::scale(order.level, denominator, numerator, Rounding::kHalfEven);
  }
}

void Account::dividend(InstrumentIndex i, Price amount) {
  if (!positions_[i].is_open()) return;
  const Money cash = positions_[i].dividend(amount);
  cash_ += cash;
  dividends_ += cash;
}

}  // namespace argosy::trading

#include <algorithm>

#include "market/bar.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::venue {

using core::Rounding;
using trading::OrderEvent;

Money SimulatedExchange::fee_of(const Noted& noted, Side side, Quantity quantity, Price price) const {
  const InstrumentIndex i = noted.instrument;
  return settings_.fees.fee({.side = side,
                             .quantity = quantity,
                             .price = price,
                             .date = market::key_date(noted.bar.key),
                             .instrument = &instruments_[i],
                             .converted = books_.is_converted(i)});
}

// As it will be booked, to the last unit.
Money SimulatedExchange::cost_of(const Noted& noted, Side side, Quantity quantity, Price price) const {
  const InstrumentIndex i = noted.instrument;
  return books_.paid(i, core::notional(price, quantity, Rounding::kHalfEven)) +
         books_.paid(i, fee_of(noted, side, quantity, price));
}

Money SimulatedExchange::power(InstrumentIndex i) const {
  const std::size_t purse = books_.purse_of(i);
  const Money now = books_.power(purse);
  return spendable_.empty() ? now : std::min(now, spendable_[purse]);
}

// A resting limit gets its price. One that takes what an open or a close offers pays as others do, up to its limit.
Price SimulatedExchange::slipped(const Noted& noted, const WorkingOrder& order, const Fill& fill,
                                 Quantity quantity) const {
  if (fill.rule == FillRule::kLimitLevel) return fill.price;
  const Price price =
      settings_.slippage.apply(order.side, fill.price, quantity, noted.bar, instruments_[noted.instrument]);
  return order.has_limit() && is_better(order.side, order.limit, price) ? order.limit : price;
}

SimulatedExchange::Fitting SimulatedExchange::fit(const Noted& noted, const WorkingOrder& order, const Fill& fill,
                                                  Quantity quantity) const {
  const InstrumentIndex i = noted.instrument;
  const Price price = slipped(noted, order, fill, quantity);
  const Quantity closes = std::min(quantity, books_.closable(i, order.side));
  if (closes == quantity) return {.quantity = quantity, .price = price};
  if (order.side == Side::kSell && !books_.is_margin()) return {.refused = "a cash account cannot sell short"};
  const Money cost = cost_of(noted, order.side, quantity - closes, price);
  const Money most = power(i);
  if (cost <= most) return {.quantity = quantity, .price = price, .cost = cost};
  const std::string_view refused =
      books_.is_margin() ? "the margin does not carry it at this price" : "the cash does not pay for it at this price";
  if (!order.shrink_to_cash) return {.refused = refused};
  // More shares never cost less.
  const std::int64_t step = instruments_[i].fractional ? 1 : instruments_[i].lot.units();
  std::int64_t fits = 0;
  std::int64_t fails = (quantity - closes).units() / step;
  while (fails - fits > 1) {
    const std::int64_t middle = fits + (fails - fits) / 2;
    (cost_of(noted, order.side, Quantity::from_units(middle * step), price) <= most ? fits : fails) = middle;
  }
  const Quantity opens = Quantity::from_units(fits * step);
  if ((opens + closes).is_zero()) return {.refused = refused};
  const Price paid = slipped(noted, order, fill, opens + closes);
  return {.quantity = opens + closes,
          .price = paid,
          .cost = cost_of(noted, order.side, opens, paid),
          .refused = books_.is_margin() ? "shrunk to what the margin carried" : "shrunk to what the cash paid"};
}

void SimulatedExchange::execute(Noted& noted, std::size_t at, const Fill& fill) {
  WorkingOrder& order = order_at(noted, at);
  const std::int64_t key = noted.bar.key;
  Quantity quantity = order.remaining;
  if (order.closes) {
    quantity = std::min(quantity, books_.closable(noted.instrument, order.side));
    if (quantity.is_zero()) return end(order, OrderEvent::kCancel, "nothing is held to close", key);
  }
  quantity = std::min(quantity, noted.room);
  const bool whole = order.time_in_force == TimeInForce::kFillOrKill;
  if (whole && quantity < order.remaining) return end(order, OrderEvent::kCancel, "cannot be filled whole", key);
  if (quantity.is_zero()) return;  // the bar's volume is used up
  const Fitting fitting = fit(noted, order, fill, quantity);
  if (fitting.quantity.is_zero() || (whole && fitting.quantity < quantity)) {
    const auto event = order.filled.is_zero() ? OrderEvent::kReject : OrderEvent::kCancel;
    return end(order, event, fitting.refused, key);
  }
  book_and_tell(noted, at, fill, fitting);
  WorkingOrder& rest = order_at(noted, at);
  if (rest.done) return;
  if (!fitting.refused.empty()) return end(rest, OrderEvent::kCancel, fitting.refused, key);
  if (rest.closes && books_.closable(noted.instrument, rest.side).is_zero())
    end(rest, OrderEvent::kCancel, "nothing is left to close", key);
}

void SimulatedExchange::book_and_tell(Noted& noted, std::size_t at, const Fill& fill, const Fitting& fitting) {
  WorkingOrder& order = order_at(noted, at);
  const InstrumentIndex i = noted.instrument;
  const Money fee = fee_of(noted, order.side, fitting.quantity, fitting.price);
  books_.trade(i, order.side, fitting.price, fitting.quantity, fee);
  if (!spendable_.empty()) spendable_[books_.purse_of(i)] -= fitting.cost;
  noted.room -= fitting.quantity;
  order.remaining -= fitting.quantity;
  order.filled += fitting.quantity;
  order.done = order.remaining.is_zero();
  if (order.done) with_done_.push_back(i);
  filling_ = i;
  filled_at_ = fill.price;
  send({.order = order.id,
        .event = order.done ? OrderEvent::kFill : OrderEvent::kPartialFill,
        .price = fitting.price,
        .quantity = fitting.quantity,
        .fee = fee,
        .key = noted.bar.key,
        .rule = fill.rule,
        .rate = books_.rate(i)});
  filling_.reset();
}

}  // namespace argosy::venue

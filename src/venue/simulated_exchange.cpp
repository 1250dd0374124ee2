#include "venue/simulated_exchange.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "market/bar.hpp"
#include "trading/sizing.hpp"

namespace argosy::venue {

using core::Rounding;
using trading::FillRule;
using trading::OrderEvent;
using trading::OrderKind;
using trading::Side;

SimulatedExchange::SimulatedExchange(const ExchangeSettings& settings, std::vector<market::Instrument> instruments)
    : fees_(settings.fees),
      cash_(settings.cash),
      instruments_(std::move(instruments)),
      holdings_(instruments_.size()),
      working_(instruments_.size()) {}

void SimulatedExchange::submit(trading::Approved<trading::Order>&& approved) {
  const trading::Order& order = approved.value();
  ARGOSY_CHECK(listener_ != nullptr && order.instrument < instruments_.size(), "order {}", order.id.value());
  working_[order.instrument].push_back({.id = order.id,
                                        .side = order.side,
                                        .kind = order.kind,
                                        .quantity = order.quantity,
                                        .limit = order.limit,
                                        .stop = order.stop,
                                        .shrink_to_cash = order.shrink_to_cash});
  send({.order = order.id, .event = OrderEvent::kAccept});
}

void SimulatedExchange::cancel(OrderId order) {
  for (auto& list : working_) {
    for (Working& working : list) {
      if (working.id != order || working.done) continue;
      working.done = true;
      send({.order = order, .event = OrderEvent::kCancel});
      return;
    }
  }
}

void SimulatedExchange::replace(trading::Approved<trading::OrderChange>&& approved) {
  const trading::OrderChange& change = approved.value();
  for (auto& list : working_) {
    for (Working& working : list) {
      if (working.id != change.order || working.done) continue;
      working.quantity = change.quantity;
      working.limit = change.limit;
      working.stop = change.stop;
      send({.order = change.order, .event = OrderEvent::kReplace});
      return;
    }
  }
}

// The rules in the order in which a bar is known to happen: first its open, then the low before the high, because the
// worse outcome is assumed where a bar does not tell. Lists are walked by index: the listener may add orders.
void SimulatedExchange::fill_from(InstrumentIndex i, const BarView& bar) {
  auto& list = working_[i];
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (!list[at].done && list[at].kind == OrderKind::kMarket) fill_market(i, at, bar);
  }
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (!list[at].done && list[at].kind == OrderKind::kLimit && bar.open > list[at].limit)
      fill(i, at, bar.key, bar.open, FillRule::kLimitGap);
  }
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at].done || list[at].kind != OrderKind::kStop || bar.low > list[at].stop) continue;
    const bool gap = bar.open < list[at].stop;
    fill(i, at, bar.key, gap ? bar.open : list[at].stop, gap ? FillRule::kStopGap : FillRule::kStopLevel);
  }
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (!list[at].done && list[at].kind == OrderKind::kLimit && bar.high >= list[at].limit)
      fill(i, at, bar.key, list[at].limit, FillRule::kLimitLevel);
  }
  remove_done(i);
}

void SimulatedExchange::fill_market(InstrumentIndex i, std::size_t at, const BarView& bar) {
  const Working order = working_[i][at];
  if (order.side == Side::kSell) return fill(i, at, bar.key, bar.open, FillRule::kNextOpen);
  const trading::BuyTerms terms{
      .instrument = instruments_[i], .price = bar.open, .date = market::key_date(bar.key), .fees = fees_};
  if (terms.cost(order.quantity) <= cash_) return fill(i, at, bar.key, bar.open, FillRule::kNextOpen);
  const Quantity most = std::min(trading::affordable(terms, cash_), order.quantity);
  working_[i][at].done = true;
  if (!order.shrink_to_cash || !most.is_positive()) {
    send({.order = order.id,
          .event = OrderEvent::kReject,
          .key = bar.key,
          .note = "the cash does not pay for it at the open"});
    return;
  }
  const Money amount = core::notional(bar.open, most, Rounding::kHalfEven);
  const Money fee = fee_of(i, Side::kBuy, most, bar.open, bar.key);
  book(i, Side::kBuy, most, amount, fee);
  send({.order = order.id,
        .event = OrderEvent::kPartialFill,
        .price = bar.open,
        .quantity = most,
        .fee = fee,
        .key = bar.key,
        .rule = FillRule::kNextOpen});
  send({.order = order.id,
        .event = OrderEvent::kCancel,
        .key = bar.key,
        .note = "shrunk to what the cash paid at the open"});
}

void SimulatedExchange::fill(InstrumentIndex i, std::size_t at, std::int64_t key, Price price, FillRule rule) {
  Working& working = working_[i][at];
  working.done = true;
  const Working order = working;
  if (order.side == Side::kSell && order.quantity > holdings_[i]) {
    send({.order = order.id, .event = OrderEvent::kReject, .key = key, .note = "more than is held"});
    return;
  }
  const Money amount = core::notional(price, order.quantity, Rounding::kHalfEven);
  const Money fee = fee_of(i, order.side, order.quantity, price, key);
  book(i, order.side, order.quantity, amount, fee);
  send({.order = order.id,
        .event = OrderEvent::kFill,
        .price = price,
        .quantity = order.quantity,
        .fee = fee,
        .key = key,
        .rule = rule});
}

Money SimulatedExchange::fee_of(InstrumentIndex i, Side side, Quantity quantity, Price price, std::int64_t key) const {
  return fees_.fee({.side = side,
                    .quantity = quantity,
                    .price = price,
                    .date = market::key_date(key),
                    .instrument = &instruments_[i]});
}

void SimulatedExchange::book(InstrumentIndex i, Side side, Quantity quantity, Money amount, Money fee) {
  if (side == Side::kBuy) {
    holdings_[i] += quantity;
    cash_ -= amount + fee;
  } else {
    holdings_[i] -= quantity;
    cash_ += amount - fee;
  }
}

void SimulatedExchange::remove_done(InstrumentIndex i) {
  std::erase_if(working_[i], [](const Working& working) { return working.done; });
}

void SimulatedExchange::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close) {
  const market::Instrument& instrument = instruments_[i];
  const Quantity exact = core::scale(holdings_[i], numerator, denominator, Rounding::kTowardZero);
  const Quantity kept = market::round_to_lot(instrument, exact);
  if (exact > kept) {
    cash_ += core::notional(core::scale(last_close, denominator, numerator, Rounding::kHalfEven), exact - kept,
                            Rounding::kHalfEven);
  }
  holdings_[i] = kept;
  for (Working& working : working_[i]) {
    if (working.done) continue;
    working.quantity =
        market::round_to_lot(instrument, core::scale(working.quantity, numerator, denominator, Rounding::kTowardZero));
    working.limit = core::scale(working.limit, denominator, numerator, Rounding::kHalfEven);
    working.stop = core::scale(working.stop, denominator, numerator, Rounding::kHalfEven);
    if (working.quantity.is_positive()) continue;
    working.done = true;
    send({.order = working.id, .event = OrderEvent::kCancel, .note = "the split left less than one lot"});
  }
  remove_done(i);
}

void SimulatedExchange::dividend(InstrumentIndex i, Price amount) {
  cash_ += core::notional(amount, holdings_[i], Rounding::kHalfEven);
}

std::size_t SimulatedExchange::working_count() const {
  std::size_t count = 0;
  for (const auto& list : working_) {
    count += static_cast<std::size_t>(
        std::count_if(list.begin(), list.end(), [](const Working& working) { return !working.done; }));
  }
  return count;
}

void SimulatedExchange::verify(const trading::Account& account) const {
  ARGOSY_CHECK(cash_ == account.cash(), "cash: exchange {}, account {}", cash_.to_string(), account.cash().to_string());
  for (InstrumentIndex i = 0; i < holdings_.size(); ++i) {
    ARGOSY_CHECK(holdings_[i] == account.position(i).quantity(), "{}: exchange {}, account {}", instruments_[i].symbol,
                 holdings_[i].to_string(), account.position(i).quantity().to_string());
  }
}

}  // namespace argosy::venue

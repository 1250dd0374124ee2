// Orders, fills, and what they move: money, shares, transactions.
#include <fmt/format.h>

#include <utility>

#include "core/planted.hpp"
#include "live/book.hpp"
#include "live/detail/held.hpp"
#include "live/order_text.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::live {

using core::Result;
using core::Rounding;
using detail::change_held;
using ledger::CashHolder;
using ledger::TradingMode;
using ledger::TransactionState;

// --- Orders. ---

Result<void> Book::on(const OrderMade& made, const Event& event) {
  if (made.order.order_id != last_.order + 1) return corrupt(event, "the order has another number");
  if (const auto known = check_order_texts(made.order); !known) return corrupt(event, known.error().message);
  if (made.order.replaces) {
    const auto replaced = orders_.find(*made.order.replaces);
    if (replaced == orders_.end() || !replaced->second.wanted_quantity)
      return corrupt(event, fmt::format("nobody asked to replace order {}", *made.order.replaces));
    set_wanted(replaced->second, {}, event);
  }
  last_.order = made.order.order_id;
  changed_orders_.push_back(made.order.order_id);
  ledger::OrderRow& row = orders_[made.order.order_id] = made.order;
  row.created_at = event.time;
  row.updated_at = event.time;
  return {};
}

Result<void> Book::step(ledger::OrderRow& order, trading::OrderEvent what, const Event& event) {
  const trading::OrderState state = parse_order_state(order.state);
  if (what == trading::OrderEvent::kTrigger) order.resting = to_string(trading::OrderState::kTriggered);
  const auto next = trading::next_state(state, what, parse_order_state(order.resting));
  if (!next)
    return corrupt(event, fmt::format("order {} is {} and cannot {}", order.order_id, order.state, to_string(what)));
  if (trading::is_late_fill(state, what)) order.late_fill = true;
  order.state = to_string(*next);
  order.updated_at = event.time;
  changed_orders_.push_back(order.order_id);
  return {};
}

Result<void> Book::on(const OrderMoved& moved, const Event& event) {
  const auto found = orders_.find(moved.order_id);
  if (found == orders_.end()) return corrupt(event, fmt::format("there is no order {}", moved.order_id));
  ARGOSY_TRY(const trading::OrderEvent what, parse_order_event(moved.event));
  ARGOSY_TRY_VOID(step(found->second, what, event));
  if (!moved.broker_order_id.empty()) found->second.broker_order_id = moved.broker_order_id;
  if (!moved.note.empty()) found->second.note = moved.note;
  return {};
}

void Book::set_wanted(ledger::OrderRow& order, const OrderChangeAsked& asked, const Event& event) {
  const bool stays = asked.quantity.is_zero();
  order.wanted_quantity = stays ? std::nullopt : std::optional(asked.quantity);
  order.wanted_limit = asked.limit_price;
  order.wanted_stop = asked.stop_price;
  order.updated_at = event.time;
  changed_orders_.push_back(order.order_id);
}

Result<void> Book::on(const OrderChangeAsked& asked, const Event& event) {
  const auto found = orders_.find(asked.order_id);
  if (found == orders_.end()) return corrupt(event, fmt::format("there is no order {}", asked.order_id));
  set_wanted(found->second, asked, event);
  return {};
}

Result<void> Book::on(const OrderFound& found, const Event& event) {
  const auto order = orders_.find(found.order_id);
  if (order == orders_.end()) return corrupt(event, fmt::format("there is no order {}", found.order_id));
  ledger::OrderRow& row = order->second;
  if (!trading::is_final(parse_order_state(row.state)))
    return corrupt(event, fmt::format("order {} is {} and was not given up", row.order_id, row.state));
  row.broker_order_id = found.broker_order_id;
  row.note = found.note;
  row.updated_at = event.time;
  changed_orders_.push_back(row.order_id);
  return {};
}

Result<void> Book::on(const FillBooked& fill, const Event& event) {
  const auto found = orders_.find(fill.order_id);
  if (found == orders_.end()) return corrupt(event, fmt::format("there is no order {}", fill.order_id));
  ledger::OrderRow& order = found->second;
  if (this->fill(order.broker_account_id, fill.broker_fill_id) != nullptr)
    return corrupt(event, fmt::format("fill {} is booked already", fill.broker_fill_id));
  ARGOSY_TRY_VOID(step(order, fill.is_last ? trading::OrderEvent::kFill : trading::OrderEvent::kPartialFill, event));
  booked_[order.broker_account_id][fill.broker_fill_id] = {.price = fill.price, .quantity = fill.quantity};
  fill_ids_[order.order_id].push_back(fill.broker_fill_id);
  order.resting = to_string(trading::OrderState::kPartiallyFilled);

  const market::ExchangeRate rate{.quote = fill.rate, .inverse = fill.rate_inverse};
  const Money amount = core::notional(fill.price, fill.quantity, Rounding::kHalfEven);
  const Part part{.order = order,
                  .amount = amount,
                  .paid = rate.convert(amount, Rounding::kHalfEven),
                  .fee = rate.convert(fill.fee, Rounding::kHalfEven),
                  .quantity = fill.quantity,
                  .buys = order.side == "buy",
                  .time = fill.filled_at};
  order.filled_quantity += fill.quantity;
  order.overfilled = order.overfilled || order.filled_quantity > order.quantity;
  order.filled_amount += amount;
  order.fill_price = core::divide(order.filled_amount, order.filled_quantity, Rounding::kHalfEven);
  if (ARGOSY_PLANTED(kAveragesNothing)) order.fill_price = fill.price;
  order.fees += fill.fee;
  const std::int64_t fill_id = ++last_.fill;
  const std::string& currency = fill.currency;
  fills_.push_back({.fill_id = fill_id,
                    .broker_account_id = order.broker_account_id,
                    .broker_fill_id = fill.broker_fill_id,
                    .order_id = order.order_id,
                    .service_id = order.service_id,
                    .instrument_id = order.instrument_id,
                    .symbol = order.symbol,
                    .side = order.side,
                    .price = fill.price,
                    .quantity = fill.quantity,
                    .fee = fill.fee,
                    .currency = currency,
                    .rate = fill.rate,
                    .rate_inverse = fill.rate_inverse,
                    .filled_at = fill.filled_at});
  book_money(part, fill, event, currency);
  book_shares(part, event);
  if (order.service_id) book_transaction(part, event);
  return {};
}

void Book::book_money(const Part& part, const FillBooked& fill, const Event& event, const std::string& currency) {
  const ledger::OrderRow& order = part.order;
  const std::int64_t account = order.broker_account_id;
  const Holder holder = order.service_id ? Holder{CashHolder::kService, *order.service_id}
                                         : Holder{CashHolder::kPortfolio, order.portfolio_id.value_or(0)};
  const std::string& own =
      order.service_id ? services_.at(*order.service_id).currency : portfolios_.at(holder.id).currency;
  const Holder market{CashHolder::kMarket, account};
  const Holder fees{CashHolder::kFees, account};
  const Holder exchange{CashHolder::kExchange, account};
  const bool converted = own != currency;
  const bool pays = part.buys || ARGOSY_PLANTED(kPaysForSales);
  const Money sign_paid = pays ? part.paid : -part.paid;
  const Money sign_amount = pays ? part.amount : -part.amount;
  move(event, account, holder, converted ? exchange : market, own, sign_paid, "fill", last_.fill);
  if (converted) move(event, account, exchange, market, currency, sign_amount, "fill", last_.fill);
  move(event, account, holder, converted ? exchange : fees, own, part.fee, "fee", last_.fill);
  if (ARGOSY_PLANTED(kBooksFeesTwice)) move(event, account, holder, fees, own, part.fee, "fee", last_.fill);
  if (converted) move(event, account, exchange, fees, currency, fill.fee, "fee", last_.fill);
  const std::int64_t owner = order.service_id ? services_.at(*order.service_id).portfolio_id : holder.id;
  add_to_day(portfolios_.at(owner), Money(), part.fee);
}

// --- Shares. ---

ledger::PositionRow& Book::position_at(std::int64_t account, std::int64_t instrument, const std::string& symbol) {
  changed_positions_.emplace_back(account, instrument);
  ledger::PositionRow& row = positions_[{account, instrument}];
  row.broker_account_id = account;
  row.instrument_id = instrument;
  row.symbol = symbol;
  return row;
}

ledger::HoldingRow& Book::holding_at(std::int64_t portfolio, std::int64_t instrument, const std::string& symbol) {
  changed_holdings_.emplace_back(portfolio, instrument);
  ledger::HoldingRow& row = holdings_[{portfolio, instrument}];
  row.portfolio_id = portfolio;
  row.instrument_id = instrument;
  row.symbol = symbol;
  return row;
}

void Book::book_shares(const Part& part, const Event& event) {
  const ledger::OrderRow& order = part.order;
  const Quantity change = part.buys || ARGOSY_PLANTED(kAddsSoldShares) ? part.quantity : -part.quantity;
  ledger::PositionRow& position = position_at(order.broker_account_id, order.instrument_id, order.symbol);
  const Quantity before = position.quantity;
  change_held(position, change, part.amount, event.time);
  detail::note_trade(position, before, part.time);
  if (!order.service_id) position.unassigned += change;
  const std::int64_t owner = order.service_id ? services_.at(*order.service_id).portfolio_id : *order.portfolio_id;
  ledger::HoldingRow& holding = holding_at(owner, order.instrument_id, order.symbol);
  change_held(holding, change, part.amount, event.time);
  if (!order.service_id) holding.unassigned += change;
}

void Book::open_transaction_for(const Part& part, ledger::ServiceRow& service, const Event& event) {
  const std::int64_t id = ++last_.transaction;
  transactions_[id] = {.transaction_id = id,
                       .service_id = service.service_id,
                       .instrument_id = part.order.instrument_id,
                       .stock_symbol = part.order.symbol,
                       .purchase_date = event.time};
  open_[service.service_id] = id;
}

void Book::book_transaction(const Part& part, const Event& event) {
  ledger::ServiceRow& service = services_.at(*part.order.service_id);
  changed_services_.push_back(service.service_id);
  service.updated_at = event.time;
  service.failures = 0;
  service.current_shares += part.buys ? part.quantity : -part.quantity;
  const bool first = part.order.filled_quantity == part.quantity;
  if (part.buys) {
    if (first) ++service.buy_count;
    if (!open_.contains(service.service_id)) open_transaction_for(part, service, event);
    if (service.mode == TradingMode::kBuy) service.mode = TradingMode::kSell;
  }
  const auto found = open_.find(service.service_id);
  // More was sold than was held: shares and money are booked, and the order is flagged.
  if (found == open_.end()) return;
  ledger::TransactionRow& row = transactions_.at(found->second);
  changed_transactions_.push_back(row.transaction_id);
  part.order.transaction_id = row.transaction_id;
  row.fees += part.fee;
  if (part.buys) {
    row.bought += part.quantity;
    row.purchase_amount += part.paid;
    row.quoted_amount += part.amount;
    row.purchase_price = core::divide(row.purchase_amount, row.bought, Rounding::kHalfEven);
  } else {
    row.sold += part.quantity;
    row.sale_amount += part.paid;
    row.sale_price = core::divide(row.sale_amount, row.sold, Rounding::kHalfEven);
    row.sale_date = event.time;
  }
  close_if_sold(row, service, event);
}

void Book::close_if_sold(ledger::TransactionRow& row, ledger::ServiceRow& service, const Event& event) {
  const Money gained_before = row.gain_loss;
  row.shares = row.bought - row.sold;
  const Money cost = row.sold >= row.bought
                         ? row.purchase_amount
                         : core::scale(row.purchase_amount, row.sold.units(), row.bought.units(), Rounding::kHalfEven);
  row.gain_loss = row.sale_amount - cost;
  row.net_gain_loss = row.gain_loss - row.fees;
  add_to_day(portfolios_.at(service.portfolio_id), row.gain_loss - gained_before, Money());
  if (row.shares.is_positive()) return;
  row.shares = row.sold;
  row.state = TransactionState::kClosed;
  row.sale_date = event.time;
  open_.erase(service.service_id);
  ++service.sell_count;
  service.total_gain_loss += row.net_gain_loss;
  if (service.mode == TradingMode::kSell) service.mode = TradingMode::kBuy;
}

// --- By hand, and from outside. ---

Result<void> Book::on(const TransactionCompleted& completed, const Event& event) {
  const auto found = transactions_.find(completed.transaction_id);
  if (found == transactions_.end() || found->second.state != TransactionState::kOpen)
    return corrupt(event, fmt::format("there is no open transaction {}", completed.transaction_id));
  ledger::TransactionRow& row = found->second;
  ledger::ServiceRow& service = services_.at(row.service_id);
  const Quantity shares = row.shares;
  const Money amount = core::notional(completed.price, shares, Rounding::kHalfEven);
  const ledger::PortfolioRow& owner = portfolios_.at(service.portfolio_id);
  if (amount > owner.cash)
    return corrupt(event,
                   fmt::format("the portfolio has {}, less than {}", owner.cash.to_string(), amount.to_string()));
  move(event, service.broker_account_id, {CashHolder::kPortfolio, service.portfolio_id},
       {CashHolder::kService, service.service_id}, service.currency, amount, "completion");
  position_at(service.broker_account_id, row.instrument_id, row.stock_symbol).unassigned += shares;
  ledger::HoldingRow& holding = holding_at(service.portfolio_id, row.instrument_id, row.stock_symbol);
  holding.unassigned += shares;
  holding.updated_at = event.time;
  service.current_shares -= shares;
  service.updated_at = event.time;
  changed_services_.push_back(service.service_id);
  changed_transactions_.push_back(row.transaction_id);
  row.sold += shares;
  row.sale_amount += amount;
  row.sale_price = core::divide(row.sale_amount, row.sold, Rounding::kHalfEven);
  row.notes = "completed by hand";
  close_if_sold(row, service, event);
  return {};
}

Result<void> Book::on(const PositionAdopted& adopted, const Event& event) {
  ledger::PositionRow& row = position_at(adopted.broker_account_id, adopted.instrument_id, adopted.symbol);
  const Quantity before = row.quantity;
  change_held(row, adopted.change, core::notional(adopted.price, adopted.change, Rounding::kHalfEven), event.time);
  detail::note_trade(row, before, event.time);
  row.unassigned += adopted.change;
  return {};
}

Result<void> Book::on(const CashAdopted& adopted, const Event& event) {
  const ledger::PortfolioRow* row = portfolio(adopted.portfolio_id);
  if (row == nullptr) return corrupt(event, fmt::format("there is no portfolio {}", adopted.portfolio_id));
  move(event, adopted.broker_account_id, {CashHolder::kExternal, adopted.broker_account_id},
       {CashHolder::kPortfolio, adopted.portfolio_id}, row->currency, adopted.change, "adoption");
  return {};
}

}  // namespace argosy::live

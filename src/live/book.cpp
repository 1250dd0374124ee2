#include "live/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "live/order_text.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::live {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Rounding;
using ledger::CashHolder;
using ledger::ServiceState;
using ledger::TradingMode;
using ledger::TransactionState;

namespace {

std::unexpected<core::Error> corrupt(const Event& event, const std::string& what) {
  return fail(ErrorCode::kCorrupt, fmt::format("journal {} ({}): {}", event.seq, kind_of(event.what), what));
}

template <class Key>
void sort_unique(std::vector<Key>& keys) {
  std::ranges::sort(keys);
  const auto rest = std::ranges::unique(keys);
  keys.erase(rest.begin(), rest.end());
}

constexpr auto kNeverOver = [](const auto&) { return false; };

// The rows of changed keys, each once; those that are over are then forgotten.
template <class Rows, class Key, class Row, class IsOver = decltype(kNeverOver)>
void copy_changed(std::vector<Key>& keys, Rows& rows, std::vector<Row>& out, const IsOver& is_over = {}) {
  sort_unique(keys);
  for (const Key& key : keys) {
    const auto found = rows.find(key);
    if (found == rows.end()) continue;
    out.push_back(found->second);
    if (is_over(found->second)) rows.erase(found);
  }
  keys.clear();
}

template <class T>
void append(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

// --- Loading, collecting. ---

void Book::load(ledger::TradingRows rows) {
  for (auto& row : rows.portfolios) {
    cash_[{row.broker_account_id, row.currency}] += row.cash + row.money_market;
    portfolios_.emplace(row.portfolio_id, std::move(row));
  }
  for (auto& row : rows.services) {
    cash_[{row.broker_account_id, row.currency}] += row.current_balance;
    services_.emplace(row.service_id, std::move(row));
  }
  for (auto& row : rows.open_transactions) {
    if (row.state == TransactionState::kOpen) open_[row.service_id] = row.transaction_id;
    transactions_.emplace(row.transaction_id, std::move(row));
  }
  for (auto& row : rows.working_orders) orders_.emplace(row.order_id, std::move(row));
  for (auto& row : rows.late_orders) orders_.emplace(row.order_id, std::move(row));
  for (auto& row : rows.fills) {
    booked_[row.broker_account_id].insert(row.broker_fill_id);
    fill_ids_[row.order_id].push_back(std::move(row.broker_fill_id));
  }
  for (auto& row : rows.positions) positions_.emplace(Key(row.broker_account_id, row.instrument_id), std::move(row));
  for (auto& row : rows.holdings) holdings_.emplace(Key(row.portfolio_id, row.instrument_id), std::move(row));
  for (auto& row : rows.kill_switches) switches_.emplace(row.switch_id, std::move(row));
  for (auto& row : rows.guards) guards_.emplace(row.broker_account_id, std::move(row));
  for (auto& row : rows.daily_pnl) {
    day_ = row.date;
    pnl_.emplace(PnlKey(row.date, row.scope, row.subject_id), std::move(row));
  }
  for (auto& row : rows.risk_limits) {
    if (row.scope == "all" && row.subject.empty() && !row.is_hard) soft_limits_.emplace(row.name, std::move(row));
  }
  last_ = rows.last;
}

void Book::collect(ledger::Changes& changes) {
  copy_changed(changed_portfolios_, portfolios_, changes.portfolios);
  copy_changed(changed_services_, services_, changes.services);
  copy_changed(changed_transactions_, transactions_, changes.transactions,
               [](const ledger::TransactionRow& row) { return row.state != TransactionState::kOpen; });
  copy_changed(changed_orders_, orders_, changes.orders);
  copy_changed(changed_positions_, positions_, changes.positions);
  copy_changed(changed_holdings_, holdings_, changes.holdings);
  copy_changed(changed_switches_, switches_, changes.kill_switches,
               [](const ledger::KillSwitchRow& row) { return row.released_at.has_value(); });
  copy_changed(changed_guards_, guards_, changes.guards);
  copy_changed(changed_limits_, soft_limits_, changes.risk_limits);
  copy_changed(changed_pnl_, pnl_, changes.daily_pnl, [&](const ledger::DailyPnlRow& row) { return row.date < day_; });
  append(entries_, changes.cash_entries);
  append(fills_, changes.fills);
  append(fundings_, changes.fundings);
}

void Book::forget(std::size_t keep) {
  if (orders_.size() <= 2 * keep) return;
  auto excess = orders_.size() - keep;
  for (auto it = orders_.begin(); it != orders_.end() && excess > 0; --excess) {
    if (!trading::is_final(parse_order_state(it->second.state))) {
      ++it;
      continue;
    }
    if (const auto ids = fill_ids_.find(it->first); ids != fill_ids_.end()) {
      for (const std::string& id : ids->second) booked_[it->second.broker_account_id].erase(id);
      fill_ids_.erase(ids);
    }
    it = orders_.erase(it);
  }
}

// --- Looking up. ---

const ledger::TransactionRow* Book::open_transaction(std::int64_t service) const {
  const auto found = open_.find(service);
  return found == open_.end() ? nullptr : transaction(found->second);
}

const ledger::PositionRow* Book::position(std::int64_t account, std::int64_t instrument) const {
  const auto found = positions_.find({account, instrument});
  return found == positions_.end() ? nullptr : &found->second;
}

bool Book::has_fill(std::int64_t account, const std::string& broker_fill_id) const {
  const auto found = booked_.find(account);
  return found != booked_.end() && found->second.contains(broker_fill_id);
}

Money Book::cash_of(std::int64_t broker_account) const {
  Money total;
  for (auto it = cash_.lower_bound({broker_account, {}}); it != cash_.end() && it->first.first == broker_account; ++it)
    total += it->second;
  return total;
}

Money Book::cash_of(std::int64_t broker_account, const std::string& currency) const {
  const auto found = cash_.find({broker_account, currency});
  return found == cash_.end() ? Money() : found->second;
}

void Book::set_price(std::int64_t account, std::int64_t instrument, Price price, core::Timestamp time) {
  const auto found = positions_.find({account, instrument});
  if (found == positions_.end()) return;
  found->second.price = price;
  found->second.priced_at = time;
  changed_positions_.push_back(found->first);
}

const ledger::DailyPnlRow* Book::pnl(ledger::EquityScope scope, std::int64_t subject) const {
  const auto found = pnl_.find({day_, scope, subject});
  return found == pnl_.end() ? nullptr : &found->second;
}

void Book::set_worth(ledger::EquityScope scope, std::int64_t subject, Money unrealised, Money equity) {
  const auto found = pnl_.find({day_, scope, subject});
  if (found == pnl_.end()) return;
  found->second.unrealised = unrealised;
  found->second.equity = equity;
  changed_pnl_.push_back(found->first);
}

void Book::set_soft_limit(ledger::RiskLimitRow row) {
  changed_limits_.push_back(row.name);
  soft_limits_[row.name] = std::move(row);
}

// --- Applying. ---

Result<void> Book::apply(const Event& event) {
  if (event.seq != last_.journal + 1)
    return corrupt(event, fmt::format("it follows {} and should be {}", last_.journal, last_.journal + 1));
  ARGOSY_TRY_VOID(std::visit([&](const auto& what) { return on(what, event); }, event.what));
  last_.journal = event.seq;
  return {};
}

void Book::enter(const Event& event, std::int64_t account, Holder holder, const std::string& currency, Money amount,
                 const char* reason, std::optional<std::int64_t> fill) {
  entries_.push_back({.entry_id = ++last_.cash_entry,
                      .journal_seq = event.seq,
                      .time = event.time,
                      .broker_account_id = account,
                      .holder = holder.kind,
                      .holder_id = holder.id,
                      .currency = currency,
                      .amount = amount,
                      .reason = reason,
                      .fill_id = fill});
  const bool is_held = holder.kind == CashHolder::kPortfolio || holder.kind == CashHolder::kMoneyMarket ||
                       holder.kind == CashHolder::kService;
  if (is_held) cash_[{account, currency}] += amount;
  switch (holder.kind) {
    case CashHolder::kPortfolio:
      portfolios_.at(holder.id).cash += amount;
      changed_portfolios_.push_back(holder.id);
      break;
    case CashHolder::kMoneyMarket:
      portfolios_.at(holder.id).money_market += amount;
      changed_portfolios_.push_back(holder.id);
      break;
    case CashHolder::kService:
      services_.at(holder.id).current_balance += amount;
      changed_services_.push_back(holder.id);
      break;
    default:
      break;
  }
}

void Book::move(const Event& event, std::int64_t account, Holder from, Holder to, const std::string& currency,
                Money amount, const char* reason, std::optional<std::int64_t> fill) {
  if (amount.is_zero()) return;
  enter(event, account, from, currency, -amount, reason, fill);
  enter(event, account, to, currency, amount, reason, fill);
}

Result<void> Book::on(const PortfolioMade& made, const Event& event) {
  if (made.portfolio_id != last_.portfolio + 1) return corrupt(event, "the portfolio has another number");
  if (made.is_default) {
    for (auto& [id, row] : portfolios_) {
      if (row.owner_id != made.owner_id || !row.is_default) continue;
      row.is_default = false;
      changed_portfolios_.push_back(id);
    }
  }
  portfolios_[made.portfolio_id] = {.portfolio_id = made.portfolio_id,
                                    .owner_id = made.owner_id,
                                    .broker_account_id = made.broker_account_id,
                                    .name = made.name,
                                    .is_default = made.is_default,
                                    .currency = made.currency,
                                    .created_at = event.time};
  last_.portfolio = made.portfolio_id;
  changed_portfolios_.push_back(made.portfolio_id);
  return {};
}

Result<void> Book::on(const PortfolioFunded& funded, const Event& event) {
  const ledger::PortfolioRow* row = portfolio(funded.portfolio_id);
  if (row == nullptr) return corrupt(event, fmt::format("there is no portfolio {}", funded.portfolio_id));
  if (funded.funding_id != last_.funding + 1) return corrupt(event, "the funding has another number");
  last_.funding = funded.funding_id;
  fundings_.push_back({.funding_id = funded.funding_id,
                       .portfolio_id = funded.portfolio_id,
                       .broker_account_id = row->broker_account_id,
                       .time = event.time,
                       .currency = row->currency,
                       .amount = funded.amount,
                       .note = funded.note});
  const Holder holder{funded.money_market ? CashHolder::kMoneyMarket : CashHolder::kPortfolio, funded.portfolio_id};
  move(event, row->broker_account_id, {CashHolder::kExternal, row->broker_account_id}, holder, row->currency,
       funded.amount, "funding");
  return {};
}

Result<void> Book::on(const ServiceMade& made, const Event& event) {
  ledger::ServiceRow row = made.service;
  const ledger::PortfolioRow* owner = portfolio(row.portfolio_id);
  if (owner == nullptr) return corrupt(event, fmt::format("there is no portfolio {}", row.portfolio_id));
  if (row.service_id != last_.service + 1) return corrupt(event, "the service has another number");
  if (row.initial_balance > owner->cash)
    return corrupt(event, fmt::format("the portfolio has {}, less than {}", owner->cash.to_string(),
                                      row.initial_balance.to_string()));
  last_.service = row.service_id;
  row.current_balance = Money();
  row.created_at = event.time;
  row.updated_at = event.time;
  const Money balance = row.initial_balance;
  const std::int64_t id = row.service_id;
  const std::int64_t account = row.broker_account_id;
  changed_services_.push_back(id);
  services_[id] = std::move(row);
  move(event, account, {CashHolder::kPortfolio, owner->portfolio_id}, {CashHolder::kService, id}, owner->currency,
       balance, "allocation");
  return {};
}

Result<void> Book::on(const ServiceSet& set, const Event& event) {
  const auto found = services_.find(set.service_id);
  if (found == services_.end()) return corrupt(event, fmt::format("there is no service {}", set.service_id));
  ledger::ServiceRow& row = found->second;
  row.name = set.name;
  row.description = set.description;
  row.mode = set.mode;
  row.minimum_balance = set.minimum_balance;
  row.allocation_percent = set.allocation_percent;
  row.buy_threshold = set.buy_threshold;
  row.sell_threshold = set.sell_threshold;
  row.stop_loss_percent = set.stop_loss_percent;
  row.take_profit_percent = set.take_profit_percent;
  row.strategy = set.strategy;
  row.interval_seconds = set.interval_seconds;
  row.fractional = set.fractional;
  row.updated_at = event.time;
  changed_services_.push_back(set.service_id);
  return {};
}

Result<void> Book::on(const ServiceMoved& moved, const Event& event) {
  const auto found = services_.find(moved.service_id);
  if (found == services_.end()) return corrupt(event, fmt::format("there is no service {}", moved.service_id));
  ledger::ServiceRow& row = found->second;
  const ledger::PortfolioRow* owner = portfolio(row.portfolio_id);
  if (moved.amount > owner->cash || -moved.amount > row.current_balance)
    return corrupt(event, fmt::format("{} are not there to be moved", moved.amount.to_string()));
  row.state = moved.state;
  row.error = moved.state == ServiceState::kError ? moved.reason : "";
  if (moved.state != ServiceState::kError) row.failures = 0;
  row.updated_at = event.time;
  if (moved.initial) {
    row.initial_balance += moved.amount;
  } else {
    row.returned_balance = std::max(row.returned_balance - moved.amount, Money());
  }
  changed_services_.push_back(moved.service_id);
  move(event, row.broker_account_id, {CashHolder::kPortfolio, row.portfolio_id},
       {CashHolder::kService, moved.service_id}, owner->currency, moved.amount,
       moved.amount.is_negative() ? "release" : "allocation");
  return {};
}

Result<void> Book::on(const ServiceFailed& failed, const Event& event) {
  const auto found = services_.find(failed.service_id);
  if (found == services_.end()) return corrupt(event, fmt::format("there is no service {}", failed.service_id));
  ++found->second.failures;
  found->second.updated_at = event.time;
  changed_services_.push_back(failed.service_id);
  return {};
}

// --- Orders. ---

Result<void> Book::on(const OrderMade& made, const Event& event) {
  if (made.order.order_id != last_.order + 1) return corrupt(event, "the order has another number");
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

Result<void> Book::on(const FillBooked& fill, const Event& event) {
  const auto found = orders_.find(fill.order_id);
  if (found == orders_.end()) return corrupt(event, fmt::format("there is no order {}", fill.order_id));
  ledger::OrderRow& order = found->second;
  if (has_fill(order.broker_account_id, fill.broker_fill_id))
    return corrupt(event, fmt::format("fill {} is booked already", fill.broker_fill_id));
  ARGOSY_TRY_VOID(step(order, fill.is_last ? trading::OrderEvent::kFill : trading::OrderEvent::kPartialFill, event));
  booked_[order.broker_account_id].insert(fill.broker_fill_id);
  fill_ids_[order.order_id].push_back(fill.broker_fill_id);
  order.resting = to_string(trading::OrderState::kPartiallyFilled);

  const market::ExchangeRate rate{.quote = fill.rate, .inverse = fill.rate_inverse};
  const Money amount = core::notional(fill.price, fill.quantity, Rounding::kHalfEven);
  const Part part{.order = order,
                  .amount = amount,
                  .paid = rate.convert(amount, Rounding::kHalfEven),
                  .fee = rate.convert(fill.fee, Rounding::kHalfEven),
                  .quantity = fill.quantity,
                  .buys = order.side == "buy"};
  order.filled_quantity += fill.quantity;
  order.overfilled = order.overfilled || order.filled_quantity > order.quantity;
  order.filled_amount += amount;
  order.fill_price = core::divide(order.filled_amount, order.filled_quantity, Rounding::kHalfEven);
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
  const Money sign_paid = part.buys ? part.paid : -part.paid;
  const Money sign_amount = part.buys ? part.amount : -part.amount;
  move(event, account, holder, converted ? exchange : market, own, sign_paid, "fill", last_.fill);
  if (converted) move(event, account, exchange, market, currency, sign_amount, "fill", last_.fill);
  move(event, account, holder, converted ? exchange : fees, own, part.fee, "fee", last_.fill);
  if (converted) move(event, account, exchange, fees, currency, fill.fee, "fee", last_.fill);
  const std::int64_t owner = order.service_id ? services_.at(*order.service_id).portfolio_id : holder.id;
  add_to_day(portfolios_.at(owner), Money(), part.fee);
}

// --- Days. ---

Result<void> Book::on(const TimerFired& timer, const Event& event) {
  if (timer.what != kNewDay) return {};
  const core::Date day = core::Date::from_days(static_cast<std::int32_t>(timer.subject));
  if (day < day_) return corrupt(event, fmt::format("{} comes after {}", day.to_string(), day_.to_string()));
  // What is not written yet of the day before goes at the next collect().
  for (const auto& [key, row] : pnl_) {
    if (row.date < day) changed_pnl_.push_back(key);
  }
  day_ = day;
  for (const auto& [id, row] : portfolios_) {
    count_from(ledger::EquityScope::kPortfolio, id, row.currency);
    count_from(ledger::EquityScope::kAccount, row.broker_account_id, row.currency);
  }
  return {};
}

void Book::count_from(ledger::EquityScope scope, std::int64_t subject, const std::string& currency) {
  const PnlKey key(day_, scope, subject);
  if (pnl_.contains(key)) return;
  pnl_[key] = {.scope = scope, .subject_id = subject, .date = day_, .currency = currency};
  changed_pnl_.push_back(key);
}

void Book::add_to_day(const ledger::PortfolioRow& portfolio, Money realised, Money fees) {
  if (day_ == core::Date() || (realised.is_zero() && fees.is_zero())) return;
  const auto add = [&](ledger::EquityScope scope, std::int64_t subject) {
    count_from(scope, subject, portfolio.currency);
    const PnlKey key(day_, scope, subject);
    ledger::DailyPnlRow& row = pnl_.at(key);
    // An account's row is in the currency of its first portfolio; others are not added to it.
    if (row.currency != portfolio.currency) return;
    row.realised += realised;
    row.fees += fees;
    changed_pnl_.push_back(key);
  };
  add(ledger::EquityScope::kPortfolio, portfolio.portfolio_id);
  add(ledger::EquityScope::kAccount, portfolio.broker_account_id);
}

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

namespace {

// What is held changes by a quantity that cost an amount: one that makes it smaller takes a share of the cost with it,
// what goes beyond zero begins anew.
template <class Row>
void change_held(Row& row, Quantity change, Money amount, core::Timestamp time) {
  const Quantity before = row.quantity;
  row.quantity += change;
  row.updated_at = time;
  const bool grows = before.is_zero() || before.is_negative() == change.is_negative();
  if (grows) {
    row.cost += change.is_negative() ? -amount : amount;
  } else if (row.quantity.is_zero()) {
    row.cost = Money();
  } else if (row.quantity.is_negative() == before.is_negative()) {
    row.cost = core::scale(row.cost, row.quantity.units(), before.units(), Rounding::kHalfEven);
  } else {
    const Money rest = core::scale(amount, row.quantity.units(), change.units(), Rounding::kHalfEven);
    row.cost = row.quantity.is_negative() ? -rest : rest;
  }
}

}  // namespace

void Book::book_shares(const Part& part, const Event& event) {
  const ledger::OrderRow& order = part.order;
  const Quantity change = part.buys ? part.quantity : -part.quantity;
  ledger::PositionRow& position = position_at(order.broker_account_id, order.instrument_id, order.symbol);
  change_held(position, change, part.amount, event.time);
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
  change_held(row, adopted.change, core::notional(adopted.price, adopted.change, Rounding::kHalfEven), event.time);
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

Result<void> Book::on(const GuardKept& kept, const Event& event) {
  guards_[kept.broker_account_id] = {
      .broker_account_id = kept.broker_account_id, .memory = kept.memory, .updated_at = event.time};
  changed_guards_.push_back(kept.broker_account_id);
  return {};
}

Result<void> Book::on(const SwitchChanged& changed, const Event& event) {
  const ledger::KillSwitchRow& row = changed.row;
  if (row.switch_id > last_.kill_switch + 1 || row.switch_id <= 0)
    return corrupt(event, "the switch has another number");
  last_.kill_switch = std::max(last_.kill_switch, row.switch_id);
  switches_[row.switch_id] = row;
  changed_switches_.push_back(row.switch_id);
  return {};
}

}  // namespace argosy::live

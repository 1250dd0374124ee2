#include "live/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/planted.hpp"
#include "live/order_text.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::live {

using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::CashHolder;
using ledger::ServiceState;
using ledger::TransactionState;

namespace {

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
  if (keys.empty()) return;
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
    booked_[row.broker_account_id][row.broker_fill_id] = {.price = row.price, .quantity = row.quantity};
    fill_ids_[row.order_id].push_back(std::move(row.broker_fill_id));
  }
  for (auto& row : rows.positions) positions_.emplace(Key(row.broker_account_id, row.instrument_id), std::move(row));
  for (auto& row : rows.holdings) holdings_.emplace(Key(row.portfolio_id, row.instrument_id), std::move(row));
  for (auto& row : rows.kill_switches) switches_.emplace(row.switch_id, std::move(row));
  for (auto& row : rows.guards) guards_.emplace(row.broker_account_id, std::move(row));
  for (auto& row : rows.booked_actions) {
    const std::tuple key(row.broker_account_id, row.instrument_id, row.ex_date, row.kind);
    actions_.emplace(key, std::move(row));
  }
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
  sort_unique(renamed_portfolios_);
  append(renamed_portfolios_, changes.renamed_portfolios);
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
  append(booked_actions_, changes.booked_actions);
  append(action_shares_, changes.action_shares);
}

std::vector<std::int64_t> Book::forget(std::size_t keep) {
  std::vector<std::int64_t> forgotten;
  if (orders_.size() <= keep + keep / 10) return forgotten;
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
    forgotten.push_back(it->first);
    it = orders_.erase(it);
  }
  return forgotten;
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

const Book::BookedFill* Book::fill(std::int64_t account, const std::string& broker_fill_id) const {
  const auto fills = booked_.find(account);
  if (fills == booked_.end()) return nullptr;
  const auto found = fills->second.find(broker_fill_id);
  return found == fills->second.end() ? nullptr : &found->second;
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

void Book::set_price(std::int64_t account, std::int64_t instrument, Price price, const market::ExchangeRate& rate,
                     core::Timestamp time) {
  const auto found = positions_.find({account, instrument});
  if (found == positions_.end()) return;
  found->second.price = price;
  found->second.priced_at = time;
  if (rate.is_known()) {
    found->second.rate = rate.quote;
    found->second.rate_inverse = rate.inverse;
  }
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

std::unexpected<core::Error> Book::corrupt(const Event& event, const std::string& what) {
  return fail(ErrorCode::kCorrupt, fmt::format("journal {} ({}): {}", event.seq, kind_of(event.what), what));
}

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
      come_back(portfolios_.at(holder.id)).cash += amount;
      changed_portfolios_.push_back(holder.id);
      break;
    case CashHolder::kMoneyMarket:
      come_back(portfolios_.at(holder.id)).money_market += amount;
      changed_portfolios_.push_back(holder.id);
      break;
    case CashHolder::kService:
      if (ARGOSY_PLANTED(kBalanceMissesSales) && fill && amount.is_positive()) break;
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
  if (ARGOSY_PLANTED(kBooksOneLeg) && to.kind == CashHolder::kFees) return;
  enter(event, account, to, currency, amount, reason, fill);
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
  const bool is_there = moved.amount.is_positive()   ? moved.amount <= owner->cash
                        : moved.amount.is_negative() ? -moved.amount <= row.current_balance
                                                     : true;
  if (!is_there) return corrupt(event, fmt::format("{} are not there to be moved", moved.amount.to_string()));
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

Result<void> Book::on(const ServiceRemoved& removed, const Event& event) {
  const auto found = services_.find(removed.service_id);
  if (found == services_.end()) return corrupt(event, fmt::format("there is no service {}", removed.service_id));
  ledger::ServiceRow& row = found->second;
  if (row.state != ServiceState::kInactive || !row.current_balance.is_zero() || !row.current_shares.is_zero())
    return corrupt(event, fmt::format("service {} is not off and empty", removed.service_id));
  row.removed_at = event.time;
  row.updated_at = event.time;
  changed_services_.push_back(removed.service_id);
  return {};
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
    if (row.removed_at) continue;
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

// --- Switches and guards. ---

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

// Splits, dividends and delistings: what a broker gives an account, shared out among those whose shares it holds
// (docs/adr/0053-shared-splits.md).
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "core/check.hpp"
#include "core/planted.hpp"
#include "live/book.hpp"
#include "live/detail/held.hpp"
#include "live/order_text.hpp"
#include "market/corporate_actions.hpp"
#include "market/exchange_rate.hpp"

namespace argosy::live {

using core::Result;
using core::Rounding;
using ledger::CashHolder;

namespace {

constexpr std::int64_t kMoneyOfShares = 1'000'000'000'000;  // price x quantity, in their units, to money's

// Parts of a total by largest remainder: each gets weight x numerator / denominator rounded down, and what is left over
// goes, a unit each, to those that were cut most; of equals to the first. Who may not take one is passed over, unless
// nobody else is there.
std::vector<std::int64_t> share_out(
    std::int64_t total, std::span<const std::int64_t> weights, std::int64_t numerator, std::int64_t denominator,
    const std::function<bool(std::size_t at)>& may_take = [](std::size_t) { return true; }) {
  std::vector<std::int64_t> parts(weights.size());
  std::vector<__int128> cut(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const __int128 exact = static_cast<__int128>(weights[i]) * numerator;
    const __int128 part = exact / denominator - (exact % denominator < 0 ? 1 : 0);
    parts[i] = static_cast<std::int64_t>(part);
    ARGOSY_CHECK(parts[i] == part, "a part of {} units is too large", total);
    cut[i] = exact - part * denominator;
    total -= parts[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return cut[a] > cut[b]; });
  std::ranges::stable_partition(order, may_take);
  ARGOSY_CHECK(total >= 0 && total <= std::ssize(weights), "{} units are left over of {} parts", total, weights.size());
  for (std::size_t k = 0; k < static_cast<std::size_t>(total); ++k) ++parts[order[k]];
  return parts;
}

Price restated(Price price, const ActionBooked& booked) {
  return core::scale(price, booked.denominator, booked.numerator, Rounding::kHalfEven);
}

Quantity restated(Quantity quantity, const ActionBooked& booked) {
  return core::scale(quantity, booked.numerator, booked.denominator, Rounding::kTowardZero);
}

// What can be held of a quantity.
Quantity whole_lots(Quantity quantity, Quantity lot) {
  return lot.is_positive() ? Quantity::from_units(quantity.units() - quantity.units() % lot.units()) : quantity;
}

}  // namespace

std::vector<const ledger::BookedActionRow*> Book::actions(std::int64_t account, std::int64_t instrument) const {
  std::vector<const ledger::BookedActionRow*> out;
  for (auto it = actions_.lower_bound({account, instrument, core::Date::from_days(-1'000'000), {}});
       it != actions_.end() && std::get<0>(it->first) == account && std::get<1>(it->first) == instrument; ++it)
    out.push_back(&it->second);
  return out;
}

Result<void> Book::on(const ActionBooked& booked, const Event& event) {
  ARGOSY_TRY(const market::ActionKind kind, market::parse_action_kind(booked.kind));
  const std::tuple key(booked.broker_account_id, booked.instrument_id, booked.ex_date, booked.kind);
  if (actions_.contains(key))
    return corrupt(event, fmt::format("the {} of {} is booked already", booked.kind, booked.ex_date.to_string()));
  if (booked.numerator <= 0 || booked.denominator <= 0 || booked.amount.is_negative() || booked.rate <= Price())
    return corrupt(event, "a ratio, an amount or a rate cannot be");
  const ledger::PositionRow* held = position(booked.broker_account_id, booked.instrument_id);
  const Quantity before = held == nullptr ? Quantity() : held->quantity;
  ledger::BookedActionRow row{.broker_account_id = booked.broker_account_id,
                              .instrument_id = booked.instrument_id,
                              .symbol = booked.symbol,
                              .ex_date = booked.ex_date,
                              .kind = booked.kind,
                              .numerator = booked.numerator,
                              .denominator = booked.denominator,
                              .amount = booked.amount,
                              .price = booked.price,
                              .before = before,
                              .after = before,
                              .currency = booked.currency,
                              .rate = booked.rate,
                              .rate_inverse = booked.rate_inverse,
                              .skipped = booked.skipped,
                              .journal_seq = event.seq,
                              .time = event.time};
  if (booked.skipped.empty()) {
    std::vector<Sharer> sharers = sharers_of(booked.broker_account_id, booked.instrument_id);
    switch (kind) {
      case market::ActionKind::kSplit:
        book_split(booked, event, sharers, row);
        break;
      case market::ActionKind::kDividend:
        book_dividend(booked, event, sharers, row);
        break;
      case market::ActionKind::kDelisting:
        book_delisting(booked, event, sharers, row);
        break;
    }
    for (const Sharer& each : sharers) {
      action_shares_.push_back({.broker_account_id = booked.broker_account_id,
                                .instrument_id = booked.instrument_id,
                                .ex_date = booked.ex_date,
                                .kind = booked.kind,
                                .holder = each.kind,
                                .holder_id = each.id,
                                .before = each.before,
                                .after = each.after,
                                .cash = each.cash,
                                .currency = each.currency});
    }
  }
  booked_actions_.push_back(row);
  actions_.emplace(key, std::move(row));
  return {};
}

// Services by number, portfolios' own shares, and at last what the account has beside them: that belongs to its default
// portfolio.
std::vector<Book::Sharer> Book::sharers_of(std::int64_t account, std::int64_t instrument) const {
  std::vector<Sharer> out;
  const ledger::PositionRow* held = position(account, instrument);
  Quantity rest = held == nullptr ? Quantity() : held->quantity;
  for (const auto& [id, row] : services_) {
    if (row.broker_account_id != account || row.instrument_id != instrument || row.current_shares.is_zero()) continue;
    out.push_back({.kind = CashHolder::kService,
                   .id = id,
                   .purse = {CashHolder::kService, id},
                   .portfolio = row.portfolio_id,
                   .currency = row.currency,
                   .before = row.current_shares});
    rest -= row.current_shares;
  }
  const ledger::PortfolioRow* owner = nullptr;  // of what is nobody's
  for (const auto& [id, row] : portfolios_) {
    if (row.broker_account_id != account || row.removed_at) continue;
    if (owner == nullptr || (row.is_default && !owner->is_default)) owner = &row;
    const auto holding = holdings_.find({id, instrument});
    if (holding == holdings_.end() || holding->second.unassigned.is_zero()) continue;
    out.push_back({.kind = CashHolder::kPortfolio,
                   .id = id,
                   .purse = {CashHolder::kPortfolio, id},
                   .portfolio = id,
                   .currency = row.currency,
                   .before = holding->second.unassigned});
    rest -= holding->second.unassigned;
  }
  if (rest.is_zero()) return out;
  Sharer nobody{.kind = CashHolder::kExternal,
                .id = account,
                .purse = {CashHolder::kExternal, account},
                .portfolio = 0,
                .currency = {},
                .before = rest};
  if (owner != nullptr) {
    nobody.purse = {CashHolder::kPortfolio, owner->portfolio_id};
    nobody.currency = owner->currency;
  }
  out.push_back(std::move(nobody));
  return out;
}

// What each is paid, from the amounts in the instrument's currency, which add up to what the broker pays.
void Book::pay(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers) {
  const std::int64_t account = booked.broker_account_id;
  const market::ExchangeRate rate{.quote = booked.rate, .inverse = booked.rate_inverse};
  const Holder market{CashHolder::kMarket, account};
  const Holder exchange{CashHolder::kExchange, account};
  Money converted;
  std::vector<Sharer*> paid;  // in another currency
  for (Sharer& each : sharers) {
    if (each.currency.empty()) each.currency = booked.currency;
    each.cash = each.amount;
    if (each.currency == booked.currency || each.amount.is_zero()) continue;
    converted += each.amount;
    paid.push_back(&each);
  }
  // Converted once, as the broker does; the parts are rounded down, and the first get what that leaves over.
  Money rest = rate.convert(converted, Rounding::kHalfEven);
  for (Sharer* each : paid) {
    each->cash = rate.convert(each->amount, Rounding::kFloor);
    rest -= each->cash;
  }
  for (Sharer* each : paid) {
    if (!rest.is_positive()) break;
    each->cash += Money::from_units(1);
    rest -= Money::from_units(1);
  }
  move(event, account, market, exchange, booked.currency, converted, booked.kind.c_str());
  for (const Sharer& each : sharers)
    move(event, account, each.currency == booked.currency ? market : exchange, each.purse, each.currency, each.cash,
         booked.kind.c_str());
  // A service that had to pay more than it has gets it from its portfolio, as far as that goes.
  for (const Sharer& each : sharers) {
    if (each.kind != CashHolder::kService || !each.cash.is_negative()) continue;
    const Money missing = std::min(-services_.at(each.id).current_balance, portfolios_.at(each.portfolio).cash);
    if (missing.is_positive())
      move(event, account, {CashHolder::kPortfolio, each.portfolio}, each.purse, each.currency, missing,
           booked.kind.c_str());
  }
}

// --- Splits. ---

// Entitlements add up to what the account is entitled to, and what is allotted to what it keeps: lots by largest
// remainder. The difference is paid at `price`, between them, too: who gets the larger part of a share pays for it, and
// who cannot is passed over.
void Book::allot(const ActionBooked& booked, std::vector<Sharer>& sharers, Quantity held, Quantity kept,
                 Price price) const {
  std::vector<std::int64_t> weights(sharers.size());
  const auto fill = [&](Quantity Sharer::* member) {
    for (std::size_t i = 0; i < sharers.size(); ++i) weights[i] = (sharers[i].*member).units();
  };
  fill(&Sharer::before);
  auto parts = share_out(held.units(), weights, booked.numerator, booked.denominator);
  for (std::size_t i = 0; i < sharers.size(); ++i) sharers[i].entitled = Quantity::from_units(parts[i]);
  const std::int64_t lot = std::max<std::int64_t>(booked.lot.units(), 1);
  const market::ExchangeRate rate{.quote = booked.rate, .inverse = booked.rate_inverse};
  const auto can_pay = [&](std::size_t i) {
    const Sharer& each = sharers[i];
    const std::int64_t over = ((each.entitled.units() % lot) + lot) % lot;
    Money costs = core::notional(price, Quantity::from_units(lot - over), Rounding::kCeiling);
    if (each.currency != booked.currency) costs = rate.convert(costs, Rounding::kCeiling);
    const Money there = each.purse.kind == CashHolder::kService     ? services_.at(each.purse.id).current_balance
                        : each.purse.kind == CashHolder::kPortfolio ? portfolios_.at(each.purse.id).cash
                                                                    : Money();
    return costs <= there;
  };
  fill(&Sharer::entitled);
  parts = share_out(kept.units() / lot, weights, 1, lot, can_pay);
  for (std::size_t i = 0; i < sharers.size(); ++i) sharers[i].after = Quantity::from_units(parts[i] * lot);
  for (std::size_t i = 0; i < sharers.size(); ++i) weights[i] = (sharers[i].entitled - sharers[i].after).units();
  const Money paid = core::notional(price, held - kept, Rounding::kHalfEven);
  parts = share_out(paid.units(), weights, price.units(), kMoneyOfShares);
  for (std::size_t i = 0; i < sharers.size(); ++i) sharers[i].amount = Money::from_units(parts[i]);
}

void Book::book_split(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                      ledger::BookedActionRow& row) {
  const Quantity held = restated(row.before, booked);
  const Quantity kept = whole_lots(held, booked.lot);
  const Price price = restated(booked.price, booked);
  allot(booked, sharers, held, kept, price);
  row.after = kept;
  row.cash = core::notional(price, held - kept, Rounding::kHalfEven);
  pay(booked, event, sharers);
  for (const Sharer& each : sharers) {
    if (each.kind != CashHolder::kService) continue;
    restate_transaction(booked, event, each);
  }
  restate_holdings(booked, event, sharers);
  ledger::PositionRow& position = position_at(booked.broker_account_id, booked.instrument_id, booked.symbol);
  position.quantity = held;
  detail::change_held(position, kept - held, row.cash, event.time);
  position.unassigned = Quantity();
  for (const Sharer& each : sharers) {
    if (each.kind != CashHolder::kService) position.unassigned += each.after;
  }
  if (position.quantity.is_zero()) position.held_since.reset();
  if (position.price) {
    position.price = restated(*position.price, booked);
    position.priced_at = event.time;
  }
  restate_orders(booked, event);
}

void Book::restate_holdings(const ActionBooked& booked, const Event& event, std::span<const Sharer> sharers) {
  struct Parts {
    Quantity entitled;
    Quantity after;
    Money amount;
  };
  std::map<std::int64_t, Parts> portfolios;
  for (const Sharer& each : sharers) {
    if (each.portfolio == 0) continue;
    Parts& parts = portfolios[each.portfolio];
    parts.entitled += each.entitled;
    parts.after += each.after;
    parts.amount += each.amount;
    if (each.kind == CashHolder::kPortfolio)
      holding_at(each.id, booked.instrument_id, booked.symbol).unassigned = each.after;
  }
  for (const auto& [id, parts] : portfolios) {
    ledger::HoldingRow& row = holding_at(id, booked.instrument_id, booked.symbol);
    row.quantity = parts.entitled;
    detail::change_held(row, parts.after - parts.entitled, std::max(parts.amount, -parts.amount), event.time);
  }
}

// The amounts stay, and what was paid for fractions is added to them as a sale or a purchase of these.
void Book::restate_transaction(const ActionBooked& booked, const Event& event, const Sharer& sharer) {
  ledger::ServiceRow& service = services_.at(sharer.id);
  service.current_shares = sharer.after;
  service.updated_at = event.time;
  changed_services_.push_back(sharer.id);
  const auto found = open_.find(sharer.id);
  if (found == open_.end()) return;
  ledger::TransactionRow& row = transactions_.at(found->second);
  changed_transactions_.push_back(row.transaction_id);
  // A service that sold more than it had holds less than its transaction says.
  const Quantity beyond = restated(row.bought - row.sold - sharer.before, booked);
  row.sold = restated(row.sold, booked);
  if (sharer.entitled > sharer.after) row.sold += sharer.entitled - sharer.after;
  row.bought = row.sold + sharer.after + beyond;
  (sharer.cash.is_negative() ? row.purchase_amount : row.sale_amount) += std::max(sharer.cash, -sharer.cash);
  if (sharer.cash.is_negative()) row.quoted_amount -= sharer.amount;
  if (row.bought.is_positive()) row.purchase_price = core::divide(row.purchase_amount, row.bought, Rounding::kHalfEven);
  if (row.sold.is_positive()) row.sale_price = core::divide(row.sale_amount, row.sold, Rounding::kHalfEven);
  close_if_sold(row, service, event);
}

// As brokers do with orders that work (trading::Account::split does the same).
void Book::restate_orders(const ActionBooked& booked, const Event& event) {
  if (ARGOSY_PLANTED(kLeavesOrdersUnsplit)) return;
  for (auto& [id, order] : orders_) {
    if (order.broker_account_id != booked.broker_account_id || order.instrument_id != booked.instrument_id) continue;
    if (order.wanted_quantity) {
      const Quantity more = std::max(*order.wanted_quantity - order.filled_quantity, Quantity());
      const Quantity filled = restated(order.filled_quantity, booked);
      // What is too little for a lot is not asked for again.
      const Quantity wanted = filled + whole_lots(restated(more, booked), booked.lot);
      order.wanted_quantity = wanted > filled ? std::optional(wanted) : std::nullopt;
      for (std::optional<Price>* price : {&order.wanted_limit, &order.wanted_stop}) {
        if (*price) *price = restated(**price, booked);
      }
      changed_orders_.push_back(id);
    }
    if (trading::is_final(parse_order_state(order.state))) continue;
    const Quantity rest = std::max(order.quantity - order.filled_quantity, Quantity());
    order.filled_quantity = restated(order.filled_quantity, booked);
    order.quantity = order.filled_quantity + whole_lots(restated(rest, booked), booked.lot);
    for (std::optional<Price>* price : {&order.limit_price, &order.stop_price, &order.fill_price}) {
      if (*price) *price = restated(**price, booked);
    }
    order.updated_at = event.time;
    changed_orders_.push_back(id);
  }
}

// --- Dividends and delistings. ---

namespace {

// So much a share for each.
template <class Sharers>
void give_a_share(Sharers& sharers, Price amount, Money total) {
  std::vector<std::int64_t> weights;
  for (const auto& each : sharers) weights.push_back(each.before.units());
  const auto parts = share_out(total.units(), weights, amount.units(), kMoneyOfShares);
  for (std::size_t i = 0; i < sharers.size(); ++i) {
    sharers[i].entitled = sharers[i].before;
    sharers[i].amount = Money::from_units(parts[i]);
  }
}

}  // namespace

void Book::book_dividend(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                         ledger::BookedActionRow& row) {
  row.cash = core::notional(booked.amount, row.before, Rounding::kHalfEven);
  give_a_share(sharers, booked.amount, row.cash);
  pay(booked, event, sharers);
  for (Sharer& each : sharers) {
    each.after = each.before;
    const std::int64_t portfolio = each.kind == CashHolder::kService           ? each.portfolio
                                   : each.purse.kind == CashHolder::kPortfolio ? each.purse.id
                                                                               : 0;
    if (const auto owner = portfolios_.find(portfolio); owner != portfolios_.end())
      add_to_day(owner->second, each.cash, Money());
  }
}

void Book::book_delisting(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                          ledger::BookedActionRow& row) {
  row.after = Quantity();
  row.cash = core::notional(booked.amount, row.before, Rounding::kHalfEven);
  give_a_share(sharers, booked.amount, row.cash);
  pay(booked, event, sharers);
  for (const Sharer& each : sharers) {
    if (each.portfolio != 0) {
      ledger::HoldingRow& holding = holding_at(each.portfolio, booked.instrument_id, booked.symbol);
      holding.quantity = holding.unassigned = Quantity();
      holding.cost = Money();
      holding.updated_at = event.time;
    }
    if (each.kind != CashHolder::kService) continue;
    ledger::ServiceRow& service = services_.at(each.id);
    service.current_shares = Quantity();
    service.updated_at = event.time;
    changed_services_.push_back(each.id);
    const auto found = open_.find(each.id);
    if (found == open_.end()) continue;
    ledger::TransactionRow& transaction = transactions_.at(found->second);
    changed_transactions_.push_back(transaction.transaction_id);
    transaction.sold = transaction.bought;
    transaction.sale_amount += each.cash;
    if (transaction.sold.is_positive())
      transaction.sale_price = core::divide(transaction.sale_amount, transaction.sold, Rounding::kHalfEven);
    transaction.notes = "delisted";
    close_if_sold(transaction, service, event);
  }
  ledger::PositionRow& position = position_at(booked.broker_account_id, booked.instrument_id, booked.symbol);
  position.quantity = position.unassigned = Quantity();
  position.cost = Money();
  position.price = booked.amount;
  position.held_since.reset();
  position.updated_at = event.time;
}

}  // namespace argosy::live

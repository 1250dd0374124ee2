// Portfolios in the book: made, named, funded, removed.
#include <fmt/format.h>

#include <algorithm>

#include "live/book.hpp"

namespace argosy::live {

using core::Result;
using ledger::CashHolder;

namespace {

constexpr std::size_t kLongestName = 100;

}  // namespace

// Nobody of the owner's is the default one.
void Book::take_default(std::int64_t owner) {
  for (auto& [id, row] : portfolios_) {
    if (row.owner_id != owner || !row.is_default) continue;
    row.is_default = false;
    changed_portfolios_.push_back(id);
    renamed_portfolios_.push_back(id);
  }
}

// What is booked to a portfolio that was removed, as a fill that comes late, must be seen.
ledger::PortfolioRow& Book::come_back(ledger::PortfolioRow& row) {
  row.removed_at.reset();
  return row;
}

bool Book::has_portfolio(std::int64_t owner, const std::string& name) const {
  return std::ranges::any_of(
      portfolios_, [&](const auto& each) { return each.second.owner_id == owner && each.second.name == name; });
}

// Its name is free for another one.
std::string Book::removed_name(const ledger::PortfolioRow& row) const {
  for (int i = 1;; ++i) {
    const std::string end = i == 1 ? " (removed)" : fmt::format(" (removed {})", i);
    std::string name = row.name + end;
    if (name.size() > kLongestName) name = fmt::format("portfolio {}{}", row.portfolio_id, end);
    if (!has_portfolio(row.owner_id, name)) return name;
  }
}

std::string Book::what_is_in(const ledger::PortfolioRow& row) const {
  const std::int64_t id = row.portfolio_id;
  if (row.is_default) return "it is the default one of its owner";
  if (!row.cash.is_zero() || !row.money_market.is_zero())
    return fmt::format("it has {} {} in cash and {} parked", row.cash.to_string(), row.currency,
                       row.money_market.to_string());
  for (const auto& [key, holding] : holdings_) {
    if (key.first == id && (!holding.quantity.is_zero() || !holding.unassigned.is_zero()))
      return fmt::format("it holds {} {}", holding.quantity.to_string(), holding.symbol);
  }
  for (const auto& [number, service] : services_) {
    if (service.portfolio_id == id && !service.removed_at) return fmt::format("service {} is part of it", number);
  }
  const bool is_last = std::ranges::none_of(portfolios_, [&](const auto& each) {
    return each.first != id && each.second.broker_account_id == row.broker_account_id && !each.second.removed_at;
  });
  // Money that a broker turns out to have belongs to one of them.
  if (is_last) return "it is the last one of its broker account";
  return {};
}

Result<void> Book::on(const PortfolioMade& made, const Event& event) {
  if (made.portfolio_id != last_.portfolio + 1) return corrupt(event, "the portfolio has another number");
  if (made.is_default) take_default(made.owner_id);
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

Result<void> Book::on(const PortfolioSet& set, const Event& event) {
  const auto found = portfolios_.find(set.portfolio_id);
  if (found == portfolios_.end()) return corrupt(event, fmt::format("there is no portfolio {}", set.portfolio_id));
  ledger::PortfolioRow& row = found->second;
  if (row.name != set.name && has_portfolio(row.owner_id, set.name))
    return corrupt(event, fmt::format("another portfolio is called \"{}\"", set.name));
  if (set.is_default) take_default(row.owner_id);
  row.name = set.name;
  row.is_default = set.is_default;
  changed_portfolios_.push_back(set.portfolio_id);
  renamed_portfolios_.push_back(set.portfolio_id);
  return {};
}

Result<void> Book::on(const PortfolioRemoved& removed, const Event& event) {
  const auto found = portfolios_.find(removed.portfolio_id);
  if (found == portfolios_.end()) return corrupt(event, fmt::format("there is no portfolio {}", removed.portfolio_id));
  ledger::PortfolioRow& row = found->second;
  if (const std::string there = what_is_in(row); !there.empty())
    return corrupt(event, fmt::format("portfolio {} cannot be removed: {}", removed.portfolio_id, there));
  row.name = removed_name(row);
  row.removed_at = event.time;
  changed_portfolios_.push_back(removed.portfolio_id);
  renamed_portfolios_.push_back(removed.portfolio_id);
  return {};
}

}  // namespace argosy::live

// The rows of orders, balances and positions, compared with what the journal makes.
#include <fmt/format.h>

#include "simulation/detail/oracle_ledger_parts.hpp"

namespace argosy::simulation::detail {

void LedgerFold::compare_order(const OrderRow& row, Findings& findings) const {
  const LedgerOrder& there = row.order;
  const auto known = orders_.find(there.order_id);
  if (known == orders_.end()) return findings.add(14, fmt::format("order {} is not in the journal", there.order_id));
  const LedgerOrder& ours = known->second;
  if (there.client_id != ours.client_id || there.symbol != ours.symbol || there.buys != ours.buys ||
      there.service != ours.service || there.decision != ours.decision ||
      (!ours.restated && (there.quantity != ours.quantity || there.limit != ours.limit || there.stop != ours.stop)))
    findings.add(1, fmt::format("order {} is not what it was made as", there.order_id));
  if (ours.restated && (there.quantity != ours.quantity || there.filled != ours.filled || there.limit != ours.limit ||
                        there.stop != ours.stop))
    findings.add(14,
                 fmt::format("order {} is for {} with {} filled, and its split makes {} with {}", there.order_id,
                             shares(there.quantity), shares(there.filled), shares(ours.quantity), shares(ours.filled)));
  if (there.state != ours.state || there.broker_id != ours.broker_id)
    findings.add(14, fmt::format("order {} is {} ({}), and its events make it {} ({})", there.order_id, there.state,
                                 there.broker_id, ours.state, ours.broker_id));
  if (there.late != ours.late)
    findings.add(7, fmt::format("order {} was {}filled late, and its row says otherwise", there.order_id,
                                ours.late ? "" : "not "));
  if (there.filled < 0 || (there.filled > there.quantity && !row.overfilled))
    findings.add(6, fmt::format("order {} is filled for {} of {}", there.order_id, shares(there.filled),
                                shares(there.quantity)));
  if (ours.restated) return;
  if (there.filled != ours.filled || there.amount != ours.amount || there.fees != ours.fees)
    findings.add(6, fmt::format("order {} is filled for {} of {} with {} of fees, and its fills are {} of {} with {}",
                                there.order_id, shares(there.filled), money(there.amount), money(there.fees),
                                shares(ours.filled), money(ours.amount), money(ours.fees)));
  constexpr __int128 kPriceOfMoney = 1'000'000'000'000;
  const std::int64_t average = ours.filled == 0 ? 0 : half_even(ours.amount * kPriceOfMoney, ours.filled);
  if (row.average != average)
    findings.add(6, fmt::format("order {} has an average price of {}, and its fills one of {}", there.order_id,
                                price_text(row.average), price_text(average)));
}

void LedgerFold::compare(const Rows& rows, Findings& findings) const {
  for (const OrderRow& row : rows.orders) compare_order(row, findings);
  if (rows.has_balances && rows.orders.size() != orders_.size())
    findings.add(1, fmt::format("{} orders were made, and {} are there", orders_.size(), rows.orders.size()));
  const auto same_cash = [&](const std::string& holder, std::int64_t id, std::int64_t row, std::int64_t folded) {
    const auto entered = entries_.find({holder, id, settings_.currency});
    const std::int64_t sum = entered == entries_.end() ? 0 : entered->second;
    if (row != folded || sum != folded)
      findings.add(3, fmt::format("{} {} has {}, its entries {}, and what happened makes {}", holder, id, money(row),
                                  money(sum), money(folded)));
  };
  if (rows.services.size() != services_.size() || rows.portfolios.size() != portfolios_.size())
    findings.add(14, fmt::format("{} services and {} portfolios were made, and {} and {} are there", services_.size(),
                                 portfolios_.size(), rows.services.size(), rows.portfolios.size()));
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> of_services;  // shares, by portfolio and symbol
  std::map<std::string, std::int64_t> assigned;
  for (const auto& [id, ours] : services_) {
    of_services[{ours.portfolio, ours.symbol}] += ours.shares;
    assigned[ours.symbol] += ours.shares;
    const auto row = rows.services.find(id);
    if (row == rows.services.end()) continue;
    same_cash("service", id, row->second.cash, ours.cash);
    if (row->second.shares != ours.shares)
      findings.add(3, fmt::format("service {} has {} shares, and what happened makes {}", id,
                                  shares(row->second.shares), shares(ours.shares)));
    if (row->second.state != ours.state)
      findings.add(14,
                   fmt::format("service {} is {}, and what happened makes it {}", id, row->second.state, ours.state));
  }
  for (const auto& [id, ours] : portfolios_) {
    const auto row = rows.portfolios.find(id);
    if (row == rows.portfolios.end()) continue;
    same_cash("portfolio", id, row->second.cash, ours.cash);
    same_cash("money_market", id, row->second.money_market, ours.money_market);
    // The name of one that is removed is free again: it says so.
    const bool is_named = ours.is_removed ? row->second.name.starts_with(ours.name) : row->second.name == ours.name;
    if (!is_named || row->second.is_default != ours.is_default || row->second.is_removed != ours.is_removed)
      findings.add(
          14, fmt::format("portfolio {} is \"{}\"{}{}, and what happened makes it \"{}\"{}{}", id, row->second.name,
                          row->second.is_default ? ", the default" : "", row->second.is_removed ? ", removed" : "",
                          ours.name, ours.is_default ? ", the default" : "", ours.is_removed ? ", removed" : ""));
    const bool is_empty = ours.cash == 0 && ours.money_market == 0 &&
                          std::ranges::all_of(ours.unassigned, [](const auto& each) { return each.second == 0; });
    if (ours.is_removed && !is_empty)
      findings.add(3, fmt::format("portfolio {} was removed with {} in it, or shares", id,
                                  money(ours.cash + ours.money_market)));
  }
  std::map<std::string, std::int64_t> seen;
  for (const Rows::Holding& row : rows.positions) {
    seen[row.symbol] = row.quantity;
    const auto of = assigned.find(row.symbol);
    const std::int64_t unassigned = held(row.symbol) - (of == assigned.end() ? 0 : of->second);
    if (row.quantity != held(row.symbol) || row.unassigned != unassigned)
      findings.add(
          3, fmt::format("the position in {} is {} with {} of nobody, and what happened makes {} with {}", row.symbol,
                         shares(row.quantity), shares(row.unassigned), shares(held(row.symbol)), shares(unassigned)));
  }
  for (const auto& [symbol, quantity] : held_) {
    if (quantity != 0 && !seen.contains(symbol))
      findings.add(3, fmt::format("there is no position in {}, and what happened makes {}", symbol, shares(quantity)));
  }
  for (const Rows::Holding& row : rows.holdings) {
    const auto portfolio = portfolios_.find(row.portfolio);
    std::int64_t unassigned = 0;
    if (portfolio != portfolios_.end()) {
      const auto own = portfolio->second.unassigned.find(row.symbol);
      unassigned = own == portfolio->second.unassigned.end() ? 0 : own->second;
    }
    const auto of = of_services.find({row.portfolio, row.symbol});
    const std::int64_t quantity = unassigned + (of == of_services.end() ? 0 : of->second);
    if (row.quantity != quantity || row.unassigned != unassigned)
      findings.add(3, fmt::format("portfolio {} holds {} {} with {} of its own, and what happened makes {} with {}",
                                  row.portfolio, shares(row.quantity), row.symbol, shares(row.unassigned),
                                  shares(quantity), shares(unassigned)));
  }
  if (rows.has_balances && rows.balances != entries_) findings.add(3, "cash_balances are not the sums of cash_entries");
}

}  // namespace argosy::simulation::detail

#include "simulation/detail/oracle_venue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace argosy::simulation::detail {

using core::Result;
using ledger::Row;

struct VenueBooks::Rows {
  std::vector<VenueOrder> orders;
  std::int64_t last_update = 0;
  std::vector<VenueFill> fills;
  std::vector<VenueAction> actions;
  std::map<std::string, std::int64_t> cash;
  std::map<std::string, std::int64_t> held;
  std::map<std::string, std::int64_t> funded;
};

namespace {

template <class Map>
std::int64_t value_or_zero(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? 0 : found->second;
}

// What a fill moves in the balance that pays, worked out from its numbers.
std::int64_t cash_of(const VenueFill& fill) {
  const std::int64_t amount = worth(fill.price, -fill.quantity);
  if (fill.rate == 0) return amount - fill.fee;
  return converted(amount, fill.rate, fill.inverse) - converted(fill.fee, fill.rate, fill.inverse);
}

}  // namespace

Result<void> VenueBooks::read(ledger::Database& database, bool all, Findings& findings) {
  Rows rows;
  const std::int64_t since = all ? 0 : last_update_;
  const std::int64_t last_fill = all || fills_.empty() ? 0 : fills_.rbegin()->first;
  ARGOSY_TRY_VOID(database.read([&](ledger::Transaction& work) -> Result<void> {
    rows = {};
    ARGOSY_TRY_VOID(each_row(
        work,
        "SELECT order_number, client_order_id, symbol, side, state, quantity, filled, received_at, updated_at FROM "
        "paper_orders WHERE updated_at >= :since ORDER BY order_number",
        columns("itttt"
                "iiii"),
        {since}, [&](const Row& row) {
          rows.orders.push_back({.number = row.integer(0),
                                 .client_id = row.text(1),
                                 .symbol = row.text(2),
                                 .buys = row.text(3) == "buy",
                                 .state = row.text(4),
                                 .quantity = row.integer(5),
                                 .filled = row.integer(6),
                                 .received_at = row.integer(7),
                                 .updated_at = row.integer(8)});
          rows.last_update = std::max(rows.last_update, row.integer(8));
        }));
    ARGOSY_TRY_VOID(each_row(
        work,
        "SELECT fill_number, order_number, symbol, price, quantity, fee, currency, cash, time, rate, rate_inverse FROM "
        "paper_fills WHERE fill_number > :last ORDER BY fill_number",
        columns("iitiiitiiii"), {last_fill}, [&](const Row& row) {
          rows.fills.push_back({.number = row.integer(0),
                                .order = row.integer(1),
                                .symbol = row.text(2),
                                .price = row.integer(3),
                                .quantity = row.integer(4),
                                .fee = row.integer(5),
                                .currency = row.text(6),
                                .cash = row.integer(7),
                                .time = row.integer(8),
                                .rate = integer_or(row, 9),
                                .inverse = row.integer(10) != 0});
        }));
    ARGOSY_TRY_VOID(each_row(
        work,
        "SELECT symbol, ex_date, kind, quantity, cash, price FROM paper_actions ORDER BY time, symbol, ex_date, kind",
        columns("titiii"), {}, [&](const Row& row) {
          rows.actions.push_back({.symbol = row.text(0),
                                  .ex_date = row.integer(1),
                                  .kind = row.text(2),
                                  .quantity = row.integer(3),
                                  .cash = row.integer(4),
                                  .price = row.integer(5)});
        }));
    ARGOSY_TRY_VOID(each_row(work, "SELECT currency, cash FROM paper_accounts", columns("ti"), {},
                             [&](const Row& row) { rows.cash[row.text(0)] = row.integer(1); }));
    ARGOSY_TRY_VOID(each_row(work, "SELECT symbol, quantity FROM paper_holdings", columns("ti"), {},
                             [&](const Row& row) { rows.held[row.text(0)] = row.integer(1); }));
    return each_row(work, "SELECT currency, amount FROM paper_fundings", columns("ti"), {},
                    [&](const Row& row) { rows.funded[row.text(0)] += row.integer(1); });
  }));
  take_orders(rows, findings);
  take_fills(rows, findings);
  last_update_ = std::max(last_update_, rows.last_update);
  cash_ = std::move(rows.cash);
  held_ = std::move(rows.held);
  funded_ = std::move(rows.funded);
  compare(findings);
  return {};
}

void VenueBooks::take_orders(const Rows& rows, Findings& findings) {
  for (const VenueOrder& row : rows.orders) {
    const auto [known, is_new] = orders_.try_emplace(row.number, row);
    VenueOrder& order = known->second;
    if (is_new) {
      if (!is_ours(row.client_id)) continue;
      const auto [first, unique] = by_client_.emplace(row.client_id, row.number);
      if (!unique)
        findings.add(
            5, fmt::format("the venue has two orders of {}: P{} and P{}", row.client_id, first->second, row.number));
      continue;
    }
    const bool moved = order.state != row.state || order.filled != row.filled;
    if (moved && !order.works())
      findings.add(7, fmt::format("the venue's order P{} was {} with {} filled and is {} with {}", row.number,
                                  order.state, shares(order.filled), row.state, shares(row.filled)));
    if (order.client_id != row.client_id || order.symbol != row.symbol || order.buys != row.buys)
      findings.add(5, fmt::format("the venue's order P{} is another one than before", row.number));
    order.restated = order.restated || order.quantity != row.quantity;
    order.state = row.state;
    order.quantity = row.quantity;
    order.filled = row.filled;
    order.updated_at = row.updated_at;
  }
}

void VenueBooks::take_fills(const Rows& rows, Findings& findings) {
  for (const VenueFill& fill : rows.fills) {
    const auto [known, is_new] = fills_.try_emplace(fill.number, fill);
    if (!is_new) {
      const VenueFill& before = known->second;
      if (before.price != fill.price || before.quantity != fill.quantity || before.fee != fill.fee ||
          before.cash != fill.cash || before.order != fill.order)
        findings.add(4, fmt::format("the venue's fill F{} is not what it was", fill.number));
      continue;
    }
    if (fill.cash != cash_of(fill))
      findings.add(3, fmt::format("the venue's fill F{} moved {} of cash, and not {}", fill.number, money(fill.cash),
                                  money(cash_of(fill))));
    bought_[fill.symbol] += fill.quantity;
    moved_[fill.currency] += fill.cash;
    const auto order = orders_.find(fill.order);
    if (order == orders_.end()) {
      findings.add(4, fmt::format("the venue's fill F{} is of no order", fill.number));
      continue;
    }
    order->second.summed += fill.quantity < 0 ? -fill.quantity : fill.quantity;
    if (is_ours(order->second.client_id)) continue;
    foreign_shares_[fill.symbol] += fill.quantity;
    foreign_cash_ += fill.cash;
  }
  for (std::size_t i = actions_.size(); i < rows.actions.size(); ++i) {
    const VenueAction& action = rows.actions[i];
    actions_.push_back(action);
    bought_[action.symbol] += action.quantity;
    moved_[settings_.currency] += action.cash;
  }
  for (const VenueOrder& row : rows.orders) {
    const VenueOrder& order = orders_.at(row.number);
    if (order.filled < 0 || order.filled > order.quantity)
      findings.add(6, fmt::format("the venue filled {} of P{}, which asked for {}", shares(order.filled), order.number,
                                  shares(order.quantity)));
    const bool restated = order.restated || std::ranges::any_of(actions_, [&](const VenueAction& action) {
                            return action.symbol == order.symbol && action.kind == "split";
                          });
    if (!restated && order.filled != order.summed)
      findings.add(6, fmt::format("the venue's fills of P{} are {} shares, and not {}", order.number,
                                  shares(order.summed), shares(order.filled)));
  }
}

void VenueBooks::compare(Findings& findings) const {
  for (const auto& [currency, there] : cash_) {
    const bool own = currency == settings_.currency;
    const std::int64_t expected =
        (own ? settings_.initial_cash.units() + hand_cash_ : 0) + funded(currency) + value_or_zero(moved_, currency);
    if (there != expected)
      findings.add(3, fmt::format("the venue has {} {}, and its fundings, fills and actions make {}", money(there),
                                  currency, money(expected)));
  }
  for (const auto& [symbol, there] : held_) {
    const std::int64_t expected = value_or_zero(bought_, symbol) + value_or_zero(hand_shares_, symbol);
    if (there != expected)
      findings.add(3, fmt::format("the venue holds {} {}, and its fills and actions make {}", shares(there), symbol,
                                  shares(expected)));
  }
}

void VenueBooks::on_hand(const std::string& symbol, std::int64_t quantity, std::int64_t cash) {
  hand_shares_[symbol] += quantity;
  hand_cash_ += cash;
}

const VenueOrder* VenueBooks::find(const std::string& client_id) const {
  const auto known = by_client_.find(client_id);
  return known == by_client_.end() ? nullptr : find(known->second);
}

const VenueOrder* VenueBooks::find(std::int64_t number) const {
  const auto known = orders_.find(number);
  return known == orders_.end() ? nullptr : &known->second;
}

const VenueFill* VenueBooks::fill(std::int64_t number) const {
  const auto known = fills_.find(number);
  return known == fills_.end() ? nullptr : &known->second;
}

std::int64_t VenueBooks::cash(const std::string& currency) const { return value_or_zero(cash_, currency); }
std::int64_t VenueBooks::held(const std::string& symbol) const { return value_or_zero(held_, symbol); }
std::int64_t VenueBooks::funded(const std::string& currency) const { return value_or_zero(funded_, currency); }
std::int64_t VenueBooks::foreign_shares(const std::string& symbol) const {
  return value_or_zero(foreign_shares_, symbol) + value_or_zero(hand_shares_, symbol);
}
std::int64_t VenueBooks::foreign_cash() const { return foreign_cash_ + hand_cash_; }

}  // namespace argosy::simulation::detail

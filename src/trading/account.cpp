#include "trading/account.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/check.hpp"
#include "core/planted.hpp"
#include "market/bar.hpp"
#include "trading/settlement.hpp"

namespace argosy::trading {

using core::Rounding;

std::string_view to_string(AccountType type) { return type == AccountType::kCash ? "cash" : "margin"; }
std::string_view to_string(Enforcement enforcement) { return enforcement == Enforcement::kWarn ? "warn" : "refuse"; }
std::string_view to_string(CashKind kind) { return kind == CashKind::kInterest ? "interest" : "borrow_fee"; }

namespace {

std::string own_currency(const AccountSettings& settings, std::span<const market::Instrument> instruments) {
  if (!settings.currency.empty()) return settings.currency;
  return instruments.empty() ? "USD" : instruments.front().currency;
}

}  // namespace

Account::Account(const AccountSettings& settings, std::vector<market::Instrument> instruments)
    : settings_(settings),
      instruments_(std::move(instruments)),
      wallet_(own_currency(settings, instruments_), settings.cash),
      day_trades_(instruments_.size()),
      positions_(instruments_.size()),
      invested_(instruments_.size()),
      marks_(instruments_.size()),
      working_quantities_(instruments_.size()) {
  ARGOSY_CHECK(settings.type == AccountType::kCash || settings.balances.empty(),
               "a margin account is kept in one currency, not {}", settings.balances.size() + 1);
  for (const auto& [currency, amount] : settings.balances) wallet_.fund(currency, amount);
  for (const Balance& balance : wallet_.balances()) {
    const bool own = rates_.empty();
    rates_.push_back({balance.currency, own ? market::ExchangeRate() : market::ExchangeRate{.quote = {}}});
  }
  for (const market::Instrument& instrument : instruments_) place_instrument(instrument);
  one_currency_ = rates_.size() == 1;
}

// Which of the balances and rates are the instrument's.
void Account::place_instrument(const market::Instrument& instrument) {
  const auto known = std::ranges::find(rates_, instrument.currency, &Rates::currency);
  currency_.push_back(static_cast<std::size_t>(known - rates_.begin()));
  const auto balance = wallet_.find(instrument.currency);
  if (known == rates_.end()) rates_.push_back({instrument.currency, {.quote = {}}});
  balance_.push_back(balance.value_or(0));
  converted_.push_back(balance ? 0 : 1);
  settles_later_.push_back(settles_at_once(instrument.exchange) ? 0 : 1);
}

// --- What was before. ---

void Account::add_instrument(const market::Instrument& instrument) {
  instruments_.push_back(instrument);
  place_instrument(instrument);
  one_currency_ = rates_.size() == 1;
  day_trades_.add_instrument();
  positions_.emplace_back();
  invested_.emplace_back();
  marks_.emplace_back();
  working_quantities_.emplace_back();
}

void Account::restore_position(InstrumentIndex i, Quantity quantity, Money cost, std::int64_t key) {
  ARGOSY_CHECK(orders_.empty() && !positions_[i].is_open(), "a position of {} is restored late",
               instruments_[i].symbol);
  if (quantity.is_zero()) return;
  positions_[i].restore(key, quantity, cost);
  const Money paid = to_paid(i, cost, Rounding::kHalfEven);
  invested_[i] = paid;
  wallet_.restore_invested(balance_[i], paid);
  update_open(i, false);
}

void Account::adopt(InstrumentIndex i, Quantity change, std::int64_t key) {
  const Quantity size = change.is_negative() ? -change : change;
  const Side side = change.is_negative() ? Side::kSell : Side::kBuy;
  const Position& position = positions_[i];
  const bool closes = position.is_open() && side == position.closing_side();
  const Quantity closing = closes ? std::min(size, position.size()) : Quantity();
  const Money before = cash();
  const BrokerEvent event{.price = marks_[i], .key = key, .rate = rate(i)};
  if (closing.is_positive()) book_part(i, event, side, closing, Money());
  if (size > closing) book_part(i, event, side, size - closing, Money());
  // What the shares would have cost came with them.
  wallet_.deposit(balance_[i], before - cash());
}

OrderId Account::restore_order(Order order, Money reserve) {
  const OrderId id = record(order, is_final(order.state) ? Money() : reserve);
  add_working(order, -order.filled);
  if (is_final(order.state)) release(id);
  return id;
}

Order& Account::find(OrderId id) {
  ARGOSY_CHECK(id.value() > forgotten_ && place(id) < orders_.size(), "unknown order {}", id.value());
  return orders_[place(id)];
}

const Order& Account::order(OrderId id) const { return const_cast<Account*>(this)->find(id); }

// --- Sums. ---

// Balances come first in rates_, in the same order.
Money Account::sum(Money Balance::* member) const {
  Money total;
  for (std::size_t k = 0; k < wallet_.balances().size(); ++k) {
    const Money amount = wallet_[k].*member;
    if (!amount.is_zero()) total += rates_[k].rate.convert(amount, Rounding::kHalfEven);
  }
  return total;
}

Money Account::initial_cash() const { return sum(&Balance::initial); }
Money Account::cash() const { return sum(&Balance::current); }
Money Account::fees() const { return sum(&Balance::fees); }

Money Account::equity_converted() const {
  Money total = cash();
  for (const InstrumentIndex i : open_) total += to_account(i, positions_[i].value_at(marks_[i]));
  return total;
}

Account::Exposure Account::exposure() const {
  Exposure out;
  for (const InstrumentIndex i : open_) {
    const Money value = to_account(i, positions_[i].value_at(marks_[i]));
    (positions_[i].is_long() ? out.long_value : out.short_value) += positions_[i].is_long() ? value : -value;
  }
  return out;
}

Money Account::initial_margin() const {
  return core::multiply(exposure().gross(), settings_.margin.initial, Rounding::kCeiling);
}

Money Account::maintenance_margin() const {
  const Exposure held = exposure();
  return core::multiply(held.long_value, settings_.margin.maintenance_long, Rounding::kCeiling) +
         core::multiply(held.short_value, settings_.margin.maintenance_short, Rounding::kCeiling);
}

Money Account::available(InstrumentIndex i) const {
  const Balance& balance = wallet_[balance_[i]];
  if (settings_.type == AccountType::kMargin) {
    const Money excess = equity() - initial_margin();
    return core::scale(excess, Rate::kUnitsPerOne, settings_.margin.initial.units(), Rounding::kFloor) -
           balance.reserved;
  }
  const bool settled_only = settings_.enforcement == Enforcement::kRefuse;
  return (settled_only ? balance.settled() : balance.current) - balance.reserved;
}

// --- Currencies. ---

const market::ExchangeRate& Account::rate(InstrumentIndex i) const { return rates_[currency_[i]].rate; }

Money Account::to_paid(InstrumentIndex i, Money amount, Rounding rounding) const {
  return is_converted(i) ? rate(i).convert(amount, rounding) : amount;
}

Money Account::from_paid(InstrumentIndex i, Money amount, Rounding rounding) const {
  return is_converted(i) ? rate(i).inverted().convert(amount, rounding) : amount;
}

void Account::set_rate(std::string_view currency, const market::ExchangeRate& rate) {
  for (Rates& known : rates_) {
    if (known.currency == currency) known.rate = rate;
  }
}

void Account::begin_session(std::int64_t day) {
  wallet_.settle(day);
  day_trades_.begin_session(day);
}

// --- Orders. ---

void Account::reserve(std::size_t orders) {
  orders_.reserve(orders);
  reserves_.reserve(orders);
  working_.reserve(orders);
  changes_.reserve(orders);
}

void Account::forget(std::size_t count) {
  const auto end = orders_.begin() + static_cast<std::ptrdiff_t>(count);
  ARGOSY_CHECK(count <= orders_.size() &&
                   std::all_of(orders_.begin(), end, [](const Order& order) { return is_final(order.state); }),
               "{} orders are forgotten before they have ended", count);
  orders_.erase(orders_.begin(), end);
  reserves_.erase(reserves_.begin(), reserves_.begin() + static_cast<std::ptrdiff_t>(count));
  forgotten_ += static_cast<std::int64_t>(count);
}

OrderId Account::record(Order order, Money reserve) {
  order.id = OrderId(forgotten_ + std::ssize(orders_) + 1);
  orders_.push_back(order);
  reserves_.push_back(reserve);
  wallet_.reserve(balance_[order.instrument], reserve);
  wallet_.count_order(balance_[order.instrument]);
  working_.push_back(order.id);
  add_working(order, order.quantity);
  return order.id;
}

void Account::add_working(const Order& order, Quantity change) {
  WorkingQuantity& working = working_quantities_[order.instrument];
  (order.side == Side::kBuy ? working.buy : working.sell) += change;
}

void Account::set_reserve(OrderId id, Money reserve) {
  Money& promised = reserves_[place(id)];
  wallet_.reserve(balance_[find(id).instrument], reserve - promised);
  promised = reserve;
}

void Account::release(OrderId id) {
  if (!ARGOSY_PLANTED(kKeepsReserves)) set_reserve(id, Money());
  add_working(find(id), -find(id).remaining());
  if (const auto at = std::ranges::lower_bound(working_, id); at != working_.end() && *at == id) working_.erase(at);
  std::erase_if(changes_, [&](const Change& change) { return change.change.order == id; });
}

void Account::apply(OrderId id, OrderEvent event, std::string_view note) {
  Order& order = find(id);
  order.apply(event);
  if (!note.empty()) order.note = note;
  if (is_final(order.state)) release(id);
}

void Account::request_change(const OrderChange& change, Money reserve) {
  apply(change.order, OrderEvent::kRequestReplace);
  changes_.push_back({change, reserve});
}

void Account::change(const OrderChange& change, Money reserve) {
  Order& order = find(change.order);
  add_working(order, -order.remaining());
  order.quantity = change.quantity;
  order.limit = change.limit;
  order.stop = change.stop;
  add_working(order, order.remaining());
  set_reserve(change.order, reserve);
}

void Account::apply(const BrokerEvent& event) {
  Order& order = find(event.order);
  const bool was_final = is_final(order.state);
  order.apply(event.event);
  if (is_fill(event.event)) {
    if (!was_final) add_working(order, -std::min(event.quantity, order.remaining()));
    fill(order, event);
  }
  if (!event.note.empty()) order.note = event.note;
  if (event.event == OrderEvent::kReplace || event.event == OrderEvent::kRefuseReplace) {
    const auto asked =
        std::ranges::find(changes_, event.order, [](const Change& change) { return change.change.order; });
    ARGOSY_CHECK(asked != changes_.end(), "order {} was changed and not asked to", event.order.value());
    const Change answer = *asked;
    changes_.erase(asked);
    if (event.event == OrderEvent::kReplace) change(answer.change, answer.reserve);
  }
  if (!was_final && is_final(order.state)) release(event.order);
}

void Account::apply(const CashEvent& event) {
  wallet_.book_profit(0, event.amount);
  charges_ += event.amount;
}

// --- Fills. ---

void Account::fill(Order& order, const BrokerEvent& event) {
  const InstrumentIndex i = order.instrument;
  const Position& position = positions_[i];
  // A fill larger than the position it closes opens one on the other side; each part bears its share of the fee.
  const bool closes = position.is_open() && order.side == position.closing_side();
  const Quantity closing = closes ? std::min(event.quantity, position.size()) : Quantity();
  const Quantity opening = event.quantity - closing;
  Money fee = event.fee;
  if (closing.is_positive()) {
    const Money share =
        opening.is_zero() ? fee : core::scale(fee, closing.units(), event.quantity.units(), Rounding::kHalfEven);
    book_part(i, event, order.side, closing, share);
    fee -= share;
  }
  if (opening.is_positive()) book_part(i, event, order.side, opening, fee);

  const Money before = core::notional(order.fill_price, order.filled, Rounding::kHalfEven);
  const Money amount = core::notional(event.price, event.quantity, Rounding::kHalfEven);
  const Quantity filled = order.filled + event.quantity;
  order.fill_price = order.filled.is_zero() ? event.price : core::divide(before + amount, filled, Rounding::kHalfEven);
  if (!is_final(order.state) && order.quantity > order.filled) {
    const Money& promised = reserves_[place(order.id)];
    const Quantity left = filled < order.quantity ? order.quantity - filled : Quantity();
    if (promised.is_positive())
      set_reserve(order.id, core::scale(promised, left.units(), order.remaining().units(), Rounding::kCeiling));
  }
  order.filled = filled;
  order.overfilled = order.overfilled || filled > order.quantity;
  order.filled_key = event.key;
  order.fee += event.fee;
  order.rule = event.rule;
}

void Account::book_part(InstrumentIndex i, const BrokerEvent& event, Side side, Quantity quantity, Money fee) {
  Position& position = positions_[i];
  const bool was_open = position.is_open();
  const bool opens = !was_open || side != position.closing_side();
  const Money amount = core::notional(event.price, quantity, Rounding::kHalfEven);
  const auto paid = [&](Money money) {
    return is_converted(i) ? event.rate.convert(money, Rounding::kHalfEven) : money;
  };
  const Money cash = paid(side == Side::kBuy ? -amount : amount);
  const Money before = invested_[i];
  if (opens) {
    invested_[i] -= cash;
  } else if (quantity == position.size()) {
    invested_[i] = Money();
  } else {
    invested_[i] -= core::scale(before, quantity.units(), position.size().units(), Rounding::kHalfEven);
  }
  position.fill(event.key, side, event.price, quantity, fee);

  const core::Date date = market::key_date(event.key);
  const std::int64_t settles = cash.is_positive() && settles_later_[i] != 0
                                   ? market::date_key(settlement_date(instruments_[i].exchange, date))
                                   : event.key;
  const std::size_t k = balance_[i];
  wallet_.book_fill(k, cash, paid(fee), before, invested_[i], settles, event.key);
  if (settings_.type == AccountType::kCash && cash.is_negative() && wallet_[k].settled().is_negative())
    ++unsettled_uses_;
  day_trades_.on_fill(i, market::date_key(date), opens);
  traded_ += rate(i).convert(amount, Rounding::kHalfEven);
  update_open(i, was_open);
}

void Account::update_open(InstrumentIndex i, bool was_open) {
  const auto found = std::lower_bound(open_.begin(), open_.end(), i);
  const auto quantity = open_quantities_.begin() + (found - open_.begin());
  if (!positions_[i].is_open()) {
    if (!was_open) return;
    open_quantities_.erase(quantity);
    open_.erase(found);
  } else if (was_open) {
    *quantity = positions_[i].quantity();
  } else {
    open_quantities_.insert(quantity, positions_[i].quantity());
    open_.insert(found, i);
  }
}

// --- Corporate actions. ---

void Account::book_cash(InstrumentIndex i, Money amount) {
  wallet_.book_profit(balance_[i], to_paid(i, amount, Rounding::kHalfEven));
}

void Account::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  const Quantity lot = instruments_[i].fractional ? Quantity() : instruments_[i].lot;
  Position& position = positions_[i];
  if (position.is_open()) {
    const Quantity exact = core::scale(position.quantity(), numerator, denominator, Rounding::kTowardZero);
    const Money paid = position.split(numerator, denominator, lot, marks_[i]);
    const Money before = invested_[i];
    if (!position.is_open()) {
      invested_[i] = Money();
    } else if (position.quantity() != exact) {
      const std::int64_t sign = exact.is_negative() ? -1 : 1;
      const Quantity fraction = exact - position.quantity();
      invested_[i] -= core::scale(before, sign * fraction.units(), sign * exact.units(), Rounding::kHalfEven);
    }
    wallet_.book_fill(balance_[i], to_paid(i, paid, Rounding::kHalfEven), Money(), before, invested_[i], 0, 0);
    update_open(i, true);
  }
  marks_[i] = core::scale(marks_[i], denominator, numerator, Rounding::kHalfEven);
  for (Change& asked : changes_) {
    const Order& order = find(asked.change.order);
    if (order.instrument != i) continue;
    const Quantity rest = std::max(asked.change.quantity - order.filled, Quantity());
    asked.change.quantity =
        core::scale(order.filled, numerator, denominator, Rounding::kTowardZero) +
        market::round_to_lot(instruments_[i], core::scale(rest, numerator, denominator, Rounding::kTowardZero));
    for (Price* price : {&asked.change.limit, &asked.change.stop})
      *price = core::scale(*price, denominator, numerator, Rounding::kHalfEven);
  }
  for (const OrderId id : working_) {
    Order& order = find(id);
    if (order.instrument != i) continue;
    add_working(order, -order.remaining());
    const Quantity rest = market::round_to_lot(
        instruments_[i], core::scale(order.remaining(), numerator, denominator, Rounding::kTowardZero));
    order.filled = core::scale(order.filled, numerator, denominator, Rounding::kTowardZero);
    order.quantity = order.filled + rest;
    for (Price* price : {&order.limit, &order.stop, &order.trail_amount, &order.fill_price})
      *price = core::scale(*price, denominator, numerator, Rounding::kHalfEven);
    add_working(order, order.remaining());
  }
}

void Account::dividend(InstrumentIndex i, Price amount) {
  if (!positions_[i].is_open()) return;
  const Money cash = positions_[i].dividend(amount);
  book_cash(i, cash);
  dividends_ += to_account(i, cash);
}

void Account::cash_out(InstrumentIndex i, std::int64_t key, Price amount) {
  const Position& position = positions_[i];
  if (!position.is_open()) return;
  const BrokerEvent event{.price = amount, .key = key, .rule = FillRule::kCashOut, .rate = rate(i)};
  book_part(i, event, position.closing_side(), position.size(), Money());
  marks_[i] = amount;
}

}  // namespace argosy::trading

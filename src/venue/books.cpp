#include "venue/books.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace argosy::venue {

using core::Rounding;

Books::Books(const trading::AccountSettings& settings, std::span<const market::Instrument> instruments)
    : settings_(settings) {
  const std::string first = instruments.empty() ? "USD" : instruments.front().currency;
  purses_.push_back({.currency = settings.currency.empty() ? first : settings.currency, .cash = settings.cash});
  for (const auto& [currency, amount] : settings.balances) {
    const auto known = std::ranges::find(purses_, currency, &Purse::currency);
    if (known != purses_.end()) {
      known->cash += amount;
    } else {
      purses_.push_back({.currency = currency, .cash = amount});
    }
  }
  for (const Purse& purse : purses_) rates_.push_back({.currency = purse.currency, .rate = {.quote = {}}});
  rates_.front().rate = {};
  for (const market::Instrument& instrument : instruments) add_instrument(instrument);
}

void Books::add_instrument(const market::Instrument& instrument) {
  const auto known = std::ranges::find(rates_, instrument.currency, &CurrencyRate::currency);
  Sheet& sheet = sheets_.emplace_back();
  sheet.currency = static_cast<std::size_t>(known - rates_.begin());
  if (known == rates_.end()) rates_.push_back({.currency = instrument.currency, .rate = {.quote = {}}});
  sheet.converted = sheet.currency >= purses_.size();
  sheet.purse = sheet.converted ? 0 : sheet.currency;
  instruments_.push_back(instrument);
}

void Books::fund(std::string_view currency, Money amount) {
  ARGOSY_CHECK(!is_margin(), "money of a margin account is not moved");
  const auto known = std::ranges::find(purses_, currency, &Purse::currency);
  if (known != purses_.end()) {
    known->cash += amount;
    return;
  }
  // Its rate moves to where the balances' rates are: those behind it get other places.
  const std::size_t purse = purses_.size();
  purses_.push_back({.currency = std::string(currency), .cash = amount});
  CurrencyRate rate{.currency = std::string(currency), .rate = {.quote = {}}};
  const auto other = std::ranges::find(rates_, currency, &CurrencyRate::currency);
  if (other != rates_.end()) {
    rate = *other;
    rates_.erase(other);
  }
  rates_.insert(rates_.begin() + static_cast<std::ptrdiff_t>(purse), std::move(rate));
  for (std::size_t i = 0; i < sheets_.size(); ++i) {
    const auto at = std::ranges::find(rates_, instruments_[i].currency, &CurrencyRate::currency);
    sheets_[i].currency = static_cast<std::size_t>(at - rates_.begin());
    sheets_[i].converted = sheets_[i].currency >= purses_.size();
    sheets_[i].purse = sheets_[i].converted ? 0 : sheets_[i].currency;
  }
}

void Books::set_holding(InstrumentIndex i, Quantity quantity) {
  sheets_[i].holding = quantity;
  update_held(i);
}

Quantity Books::closable(InstrumentIndex i, Side side) const {
  const Quantity holding = sheets_[i].holding;
  if (side == Side::kSell) return std::max(holding, Quantity());
  return holding.is_negative() ? -holding : Quantity();
}

Money Books::paid(InstrumentIndex i, Money amount) const {
  return is_converted(i) ? rate(i).convert(amount, Rounding::kHalfEven) : amount;
}

Money Books::value(InstrumentIndex i) const {
  const Sheet& sheet = sheets_[i];
  const Money own = core::notional(sheet.mark, sheet.holding, Rounding::kHalfEven);
  return rates_.size() == 1 ? own : rate(i).convert(own, Rounding::kHalfEven);
}

Money Books::short_value(InstrumentIndex i) const {
  return sheets_[i].holding.is_negative() ? std::max(-value(i), Money()) : Money();
}

Books::Exposure Books::exposure() const {
  Exposure out;
  for (const InstrumentIndex i : held_) {
    const Money each = value(i);
    (each.is_negative() ? out.shorts : out.longs) += each.is_negative() ? -each : each;
  }
  return out;
}

Money Books::equity() const {
  Money total;
  for (std::size_t k = 0; k < purses_.size(); ++k) {
    if (!purses_[k].cash.is_zero()) total += rates_[k].rate.convert(purses_[k].cash, Rounding::kHalfEven);
  }
  for (const InstrumentIndex i : held_) total += value(i);
  return total;
}

Money Books::power(std::size_t purse) const {
  if (!is_margin()) return purses_[purse].cash;
  const Exposure held = exposure();
  const Rate initial = settings_.margin.initial;
  const Money excess = equity() - core::multiply(held.longs + held.shorts, initial, Rounding::kCeiling);
  return core::scale(excess, Rate::kUnitsPerOne, initial.units(), Rounding::kFloor);
}

bool Books::is_below_maintenance() const {
  if (held_.empty()) return false;
  const Exposure held = exposure();
  return equity() < core::multiply(held.longs, settings_.margin.maintenance_long, Rounding::kCeiling) +
                        core::multiply(held.shorts, settings_.margin.maintenance_short, Rounding::kCeiling);
}

void Books::set_rate(std::string_view currency, const market::ExchangeRate& rate) {
  const auto known = std::ranges::find(rates_, currency, &CurrencyRate::currency);
  if (known != rates_.end()) known->rate = rate;
}

void Books::trade(InstrumentIndex i, Side side, Price price, Quantity quantity, Money fee) {
  const Quantity closes = std::min(quantity, closable(i, side));
  Money rest = fee;
  if (closes.is_positive()) {
    const Money share =
        closes == quantity ? fee : core::scale(fee, closes.units(), quantity.units(), Rounding::kHalfEven);
    move(i, side, price, closes, share);
    rest -= share;
  }
  if (closes < quantity) move(i, side, price, quantity - closes, rest);
  sheets_[i].mark = price;
}

void Books::move(InstrumentIndex i, Side side, Price price, Quantity quantity, Money fee) {
  const Money amount = core::notional(price, quantity, Rounding::kHalfEven);
  const bool buys = side == Side::kBuy;
  sheets_[i].holding += buys ? quantity : -quantity;
  purses_[sheets_[i].purse].cash += paid(i, buys ? -amount : amount) - paid(i, fee);
  update_held(i);
}

void Books::update_held(InstrumentIndex i) {
  const auto at = std::ranges::lower_bound(held_, i);
  const bool listed = at != held_.end() && *at == i;
  const bool holds = !sheets_[i].holding.is_zero();
  if (holds && !listed) held_.insert(at, i);
  if (!holds && listed) held_.erase(at);
}

void Books::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close) {
  Sheet& sheet = sheets_[i];
  const Quantity exact = core::scale(sheet.holding, numerator, denominator, Rounding::kTowardZero);
  const Quantity kept = market::round_to_lot(instruments_[i], exact);
  if (exact != kept) {
    const Price restated = core::scale(last_close, denominator, numerator, Rounding::kHalfEven);
    purses_[sheet.purse].cash += paid(i, core::notional(restated, exact - kept, Rounding::kHalfEven));
  }
  sheet.holding = kept;
  sheet.mark = core::scale(sheet.mark, denominator, numerator, Rounding::kHalfEven);
  update_held(i);
}

void Books::dividend(InstrumentIndex i, Price amount) {
  const Sheet& sheet = sheets_[i];
  if (sheet.holding.is_zero()) return;
  purses_[sheet.purse].cash += paid(i, core::notional(amount, sheet.holding, Rounding::kHalfEven));
}

void Books::cash_out(InstrumentIndex i, Price amount) {
  const Quantity holding = sheets_[i].holding;
  if (!holding.is_zero()) {
    const bool is_long = holding.is_positive();
    move(i, is_long ? Side::kSell : Side::kBuy, amount, is_long ? holding : -holding, Money());
  }
  sheets_[i].mark = amount;
}

void Books::verify(const trading::Account& account) const {
  const auto balances = account.wallet().balances();
  ARGOSY_CHECK(balances.size() == purses_.size(), "{} balances, exchange {}", balances.size(), purses_.size());
  for (std::size_t k = 0; k < purses_.size(); ++k) {
    ARGOSY_CHECK(purses_[k].currency == balances[k].currency && purses_[k].cash == balances[k].current,
                 "{} cash: exchange {}, account {}", purses_[k].currency, purses_[k].cash.to_string(),
                 balances[k].current.to_string());
  }
  for (InstrumentIndex i = 0; i < sheets_.size(); ++i) {
    ARGOSY_CHECK(sheets_[i].holding == account.position(i).quantity(), "{}: exchange {}, account {}",
                 instruments_[i].symbol, sheets_[i].holding.to_string(), account.position(i).quantity().to_string());
  }
}

}  // namespace argosy::venue

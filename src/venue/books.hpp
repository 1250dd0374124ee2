// What the exchange's side knows the customer to have: cash by currency and holdings, long and short. Other code than
// trading::Account on purpose; the two are compared in verify().
//
//   Books books(account_settings, instruments);
//   books.trade(i, Side::kBuy, price, quantity, fee);
//   books.power(i)                     // what an opening order may still cost
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "market/exchange_rate.hpp"
#include "market/instrument.hpp"
#include "trading/account.hpp"

namespace argosy::venue {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;
using trading::InstrumentIndex;
using trading::Side;

class Books {
 public:
  Books(const trading::AccountSettings& settings, std::span<const market::Instrument> instruments);

  [[nodiscard]] bool is_margin() const { return settings_.type == trading::AccountType::kMargin; }
  [[nodiscard]] std::size_t balances() const { return purses_.size(); }
  [[nodiscard]] Money cash(std::size_t purse) const { return purses_[purse].cash; }
  [[nodiscard]] std::size_t purse_of(InstrumentIndex i) const { return sheets_[i].purse; }
  [[nodiscard]] Quantity holding(InstrumentIndex i) const { return sheets_[i].holding; }  // of a short: negative
  // How much an order of a side makes the holding smaller at most.
  [[nodiscard]] Quantity closable(InstrumentIndex i, Side side) const;
  // The holding's currency in the account's own.
  [[nodiscard]] const market::ExchangeRate& rate(InstrumentIndex i) const { return rates_[sheets_[i].currency].rate; }
  // The account has no cash in the instrument's currency: its own pays, at the day's rate.
  [[nodiscard]] bool is_converted(InstrumentIndex i) const { return sheets_[i].converted; }
  [[nodiscard]] Money paid(InstrumentIndex i, Money amount) const;

  // What an opening order may cost with its fee, in the currency it is paid in: the cash that is there, or what the
  // equity above the initial margin of what is held carries.
  [[nodiscard]] Money power(std::size_t purse) const;
  [[nodiscard]] Money equity() const;
  [[nodiscard]] Money short_value(InstrumentIndex i) const;  // in the account's currency, not negative
  [[nodiscard]] bool is_below_maintenance() const;

  void add_instrument(const market::Instrument& instrument);
  // Puts money into a balance, or takes it out; a currency that is new becomes a balance. Only of a cash account.
  void fund(std::string_view currency, Money amount);
  [[nodiscard]] const std::string& currency(std::size_t purse) const { return purses_[purse].currency; }
  // What was held when other books were closed that these go on from.
  void set_holding(InstrumentIndex i, Quantity quantity);

  void set_rate(std::string_view currency, const market::ExchangeRate& rate);
  void set_mark(InstrumentIndex i, Price price) { sheets_[i].mark = price; }
  // What crosses from long to short is booked in two parts, as two trades are.
  void trade(InstrumentIndex i, Side side, Price price, Quantity quantity, Money fee);
  void charge(Money amount) { purses_[0].cash += amount; }
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close);
  void dividend(InstrumentIndex i, Price amount);
  void cash_out(InstrumentIndex i, Price amount);

  // Stops the program when cash or a holding differs from the account's.
  void verify(const trading::Account& account) const;

 private:
  struct Purse {
    std::string currency;
    Money cash;
  };
  struct CurrencyRate {
    std::string currency;
    market::ExchangeRate rate;
  };
  struct Sheet {
    Quantity holding;
    Price mark;
    std::size_t purse = 0;
    std::size_t currency = 0;
    bool converted = false;
  };

  void move(InstrumentIndex i, Side side, Price price, Quantity quantity, Money fee);
  void update_held(InstrumentIndex i);
  [[nodiscard]] Money value(InstrumentIndex i) const;
  struct Exposure {
    Money longs;
    Money shorts;
  };
  [[nodiscard]] Exposure exposure() const;

  trading::AccountSettings settings_;
  std::vector<market::Instrument> instruments_;
  std::vector<Purse> purses_;        // the account's own first
  std::vector<CurrencyRate> rates_;  // of the purses, in their order, then of other instruments
  std::vector<Sheet> sheets_;        // one an instrument
  std::vector<InstrumentIndex> held_;
};

}  // namespace argosy::venue

// An account: its wallet, its positions and the orders it made. Deterministic and without I/O: events in, new
// state out.
//
//   Account account({.cash = cash}, instruments);
//   account.set_mark(0, price);             // the last close, for equity and sizing
//   OrderId id = account.record(order, reserve);   // a new order, state created
//   account.apply(event);                   // what the broker says became of it
//
// Amounts of a position are in its instrument's currency. Its money is in the balance of that currency, or, where the
// account has none, in the account's own: every fill then converts it at the day's rate.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "market/exchange_rate.hpp"
#include "market/instrument.hpp"
#include "trading/broker.hpp"
#include "trading/day_trades.hpp"
#include "trading/order.hpp"
#include "trading/position.hpp"
#include "trading/wallet.hpp"

namespace argosy::trading {

enum class AccountType : std::uint8_t {
  kCash,    // long only, with what is there
  kMargin,  // may borrow money and shares
};
// What a rule of the account type does: unsettled cash is spent (cash), a fourth day trade within five sessions is made
// possible with less than the minimum equity (margin).
enum class Enforcement : std::uint8_t { kWarn, kRefuse };

[[nodiscard]] std::string_view to_string(AccountType type);
[[nodiscard]] std::string_view to_string(Enforcement enforcement);

// Shares of a position's value that must be covered by equity. Source of the defaults: Regulation T (12 CFR 220.12) and
// FINRA rule 4210(c).
struct MarginRates {
  Rate initial = Rate::from_units(500'000'000);
  Rate maintenance_long = Rate::from_units(250'000'000);
  Rate maintenance_short = Rate::from_units(300'000'000);
};

struct AccountSettings {
  Money cash;
  std::string currency = {};  // empty: that of the first instrument
  // More balances; only of a cash account.
  std::vector<std::pair<std::string, Money>> balances = {};
  AccountType type = AccountType::kCash;
  Enforcement enforcement = Enforcement::kWarn;
  MarginRates margin = {};
  Money day_trade_minimum = Money::from_units(25'000'000'000);  // equity above which day trades are not counted
};

// Quantities that work in the market: what is not filled of orders that are not final, those not yet sent included.
struct WorkingQuantity {
  Quantity buy;
  Quantity sell;
};

class Account {
 public:
  Account(const AccountSettings& settings, std::vector<market::Instrument> instruments);

  [[nodiscard]] const AccountSettings& settings() const { return settings_; }
  [[nodiscard]] const Wallet& wallet() const { return wallet_; }
  [[nodiscard]] const std::string& currency() const { return wallet_[0].currency; }
  [[nodiscard]] Money initial_cash() const;  // of all balances, at the day's rates
  // Cash of all balances, in the account's currency.
  [[nodiscard]] Money cash() const;
  // Cash and the value of every position at its last mark, in the account's currency.
  [[nodiscard]] Money equity() const {
    if (!one_currency_) return equity_converted();
    Money total = wallet_[0].current;
    for (std::size_t k = 0; k < open_.size(); ++k)
      total += core::notional(marks_[open_[k]], open_quantities_[k], core::Rounding::kHalfEven);
    return total;
  }
  // What may still be spent on an instrument, in the currency it is paid in: of a cash account what is there and not
  // promised (and settled, where the rule refuses), of a margin account what its equity carries.
  [[nodiscard]] Money available(InstrumentIndex i) const;
  // The value of what is held long and short, both positive, in the account's currency.
  struct Exposure {
    Money long_value;
    Money short_value;
    [[nodiscard]] Money gross() const { return long_value + short_value; }
    [[nodiscard]] Money net() const { return long_value - short_value; }
  };
  [[nodiscard]] Exposure exposure() const;
  [[nodiscard]] Money initial_margin() const;      // that the positions need
  [[nodiscard]] Money maintenance_margin() const;  // below it the broker closes positions

  [[nodiscard]] Money fees() const;  // of all balances, in the account's currency, at the day's rates
  [[nodiscard]] Money dividends() const { return dividends_; }
  [[nodiscard]] Money charges() const { return charges_; }  // interest and borrow fees; paid: negative
  [[nodiscard]] Money traded() const { return traded_; }    // the sum of all fills' amounts
  [[nodiscard]] bool has_positions() const { return !open_.empty(); }
  [[nodiscard]] std::span<const InstrumentIndex> open_positions() const { return open_; }  // ascending

  [[nodiscard]] std::span<const market::Instrument> instruments() const { return instruments_; }
  [[nodiscard]] const Position& position(InstrumentIndex i) const { return positions_[i]; }
  [[nodiscard]] Price mark(InstrumentIndex i) const { return marks_[i]; }
  // All that were ever made, but for those that were forgotten.
  [[nodiscard]] std::span<const Order> orders() const { return orders_; }
  [[nodiscard]] std::size_t forgotten() const { return static_cast<std::size_t>(forgotten_); }
  [[nodiscard]] const Order& order(OrderId id) const;
  [[nodiscard]] std::span<const OrderId> working_orders() const { return working_; }  // not final, ascending
  // The cash an order holds back.
  [[nodiscard]] Money promised(OrderId id) const { return reserves_[place(id)]; }
  [[nodiscard]] WorkingQuantity working(InstrumentIndex i) const { return working_quantities_[i]; }

  [[nodiscard]] const DayTrades& day_trades() const { return day_trades_; }
  // Buys that were paid with cash not yet settled, in a cash account.
  [[nodiscard]] std::int64_t unsettled_uses() const { return unsettled_uses_; }

  // Rates turn an instrument's currency into the one it is paid in, and that into the account's.
  [[nodiscard]] bool is_converted(InstrumentIndex i) const { return converted_[i] != 0; }
  [[nodiscard]] const market::ExchangeRate& rate(InstrumentIndex i) const;
  [[nodiscard]] bool has_rate(InstrumentIndex i) const { return rate(i).is_known(); }
  // From the instrument's currency to the one it is paid in, and back.
  [[nodiscard]] Money to_paid(InstrumentIndex i, Money amount, core::Rounding rounding) const;
  [[nodiscard]] Money from_paid(InstrumentIndex i, Money amount, core::Rounding rounding) const;
  // From the instrument's currency to the account's.
  [[nodiscard]] Money to_account(InstrumentIndex i, Money amount) const {
    return one_currency_ ? amount : rate(i).convert(amount, core::Rounding::kHalfEven);
  }
  [[nodiscard]] Money from_account(InstrumentIndex i, Money amount) const {
    return one_currency_ ? amount : rate(i).inverted().convert(amount, core::Rounding::kFloor);
  }

  // What is worth how much in the account's currency from now on.
  void set_rate(std::string_view currency, const market::ExchangeRate& rate);
  void set_mark(InstrumentIndex i, Price price) { marks_[i] = price; }
  // A new day, by the key of its date: sales that are due are settled.
  void begin_session(std::int64_t day);
  void reserve(std::size_t orders);
  // Forgets the oldest `count` of its orders, which have ended: their ids are unknown from now on.
  void forget(std::size_t count);
  // What was held before this program began, at what it cost; before any order.
  void restore_position(InstrumentIndex i, Quantity quantity, Money cost, std::int64_t key);
  // Shares that appeared at the broker, or went, without an order: at the mark, and without cash.
  void adopt(InstrumentIndex i, Quantity change, std::int64_t key);
  // An order of before this program began, in the state that it has; nothing is asked of the gate again. One that has
  // ended may still be filled late.
  OrderId restore_order(Order order, Money reserve);
  // Another instrument, from now on the last one.
  void add_instrument(const market::Instrument& instrument);
  // Money comes in or, negative, goes out, from outside.
  void fund(Money amount) { wallet_.deposit(0, amount); }
  // Stores a new order under the next id and promises it `reserve` of the cash it is paid in until it is final.
  OrderId record(Order order, Money reserve);
  // Moves an order that is not yet at the broker, or asks the broker for something: deny, submit, send, request_cancel.
  void apply(OrderId id, OrderEvent event, std::string_view note = {});
  // Asks for a change, and promises the order another amount.
  void request_change(const OrderChange& change, Money reserve);
  // Books what the broker says. Unknown orders and illegal events stop the program.
  void apply(const BrokerEvent& event);
  void apply(const CashEvent& event);
  // Puts an order into a group of orders that cancel one another.
  void join_group(OrderId order, OrderId group) { find(order).group = group; }
  // Restates position, mark and working orders; a fraction that cannot be held is paid in cash.
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);
  void dividend(InstrumentIndex i, Price amount);
  // The instrument is gone; its holders get an amount a share (zero: nothing).
  void cash_out(InstrumentIndex i, std::int64_t key, Price amount);

 private:
  struct Rates {
    std::string currency;
    market::ExchangeRate rate;
  };
  struct Change {
    OrderChange change;
    Money reserve;
  };

  // In orders_ and reserves_.
  [[nodiscard]] std::size_t place(OrderId id) const { return static_cast<std::size_t>(id.value() - 1 - forgotten_); }
  Order& find(OrderId id);
  void place_instrument(const market::Instrument& instrument);
  [[nodiscard]] Money equity_converted() const;
  [[nodiscard]] Money sum(Money Balance::* member) const;
  void fill(Order& order, const BrokerEvent& event);
  void book_part(InstrumentIndex i, const BrokerEvent& event, Side side, Quantity quantity, Money fee);
  void book_cash(InstrumentIndex i, Money amount);
  void set_reserve(OrderId id, Money reserve);
  void add_working(const Order& order, Quantity change);
  void update_open(InstrumentIndex i, bool was_open);
  void change(const OrderChange& change, Money reserve);
  void release(OrderId id);

  AccountSettings settings_;
  std::vector<market::Instrument> instruments_;
  Wallet wallet_;
  Money dividends_;
  Money charges_;
  Money traded_;
  std::int64_t unsettled_uses_ = 0;
  DayTrades day_trades_;
  bool one_currency_ = true;
  std::vector<Rates> rates_;                 // of currencies to the account's
  std::vector<std::size_t> currency_;        // of each instrument, in rates_
  std::vector<std::size_t> balance_;         // that each instrument is paid from
  std::vector<std::uint8_t> settles_later_;  // whether a sale's money comes on a later day
  std::vector<std::uint8_t> converted_;      // whether that is of another currency than the instrument
  std::vector<Position> positions_;
  std::vector<Money> invested_;  // cost of each position in the currency it was paid in
  std::vector<Price> marks_;
  std::vector<WorkingQuantity> working_quantities_;
  std::vector<InstrumentIndex> open_;      // instruments with a position, ascending
  std::vector<Quantity> open_quantities_;  // of those, side by side for equity()
  std::vector<Order> orders_;              // order n has id forgotten_ + n + 1
  std::int64_t forgotten_ = 0;
  std::vector<Money> reserves_;   // one an order
  std::vector<OrderId> working_;  // not final, ascending
  std::vector<Change> changes_;   // asked for and not answered
};

}  // namespace argosy::trading

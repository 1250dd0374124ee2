// The money of an account: one balance a currency, the account's own first.
//
//   Wallet wallet("USD", *Money::parse("100000"));
//   wallet.fund("EUR", *Money::parse("5000"));
//   wallet.receive(0, proceeds, settles);        // of a sale: counted at once, settled on its day
//
// For every balance, at any time:  current = initial + profit - invested.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"

namespace argosy::trading {

using core::Money;

struct Balance {
  std::string currency;     // ISO 4217
  Money initial;            // cash at the start
  Money current;            // cash now, settled or not
  Money unsettled;          // of it: sold, but not paid yet
  Money reserved;           // of it: promised to orders that work
  Money invested;           // what is held has cost this; of shorts: has brought it, negative
  Money profit;             // realised, after fees, with dividends and interest
  Money fees;               // paid, of all fills; the profit is after them
  std::int64_t orders = 0;  // recorded, denied ones included

  [[nodiscard]] Money settled() const { return current - unsettled; }
};

class Wallet {
 public:
  Wallet(std::string currency, Money initial);

  // Opens a balance in another currency, or adds to one, before anything is booked.
  void fund(std::string_view currency, Money amount);
  // Money from outside while the account is in use; what goes out is negative.
  void deposit(std::size_t k, Money amount);
  // What is held has cost this, before the account began: it began with that much more.
  void restore_invested(std::size_t k, Money invested);
  [[nodiscard]] std::span<const Balance> balances() const { return balances_; }
  [[nodiscard]] const Balance& operator[](std::size_t k) const { return balances_[k]; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view currency) const;

  void count_order(std::size_t k) { ++balances_[k].orders; }
  void reserve(std::size_t k, Money amount) { balances_[k].reserved += amount; }
  // A fill: `cash` comes in (a buy: negative) and `fee` goes out, what is invested changes to `invested` from
  // `before`. What comes in is settled on the day of key `settles`.
  void book_fill(std::size_t k, Money cash, Money fee, Money before, Money invested, std::int64_t settles,
                 std::int64_t key);
  // Money that changes the profit alone: dividends, interest, charges.
  void book_profit(std::size_t k, Money amount);
  // Everything due until a key is settled.
  void settle(std::int64_t key);

 private:
  struct Due {
    std::int64_t key = 0;
    std::size_t balance = 0;
    Money amount;
  };

  std::vector<Balance> balances_;
  std::vector<Due> due_;  // in no order: there are few
};

}  // namespace argosy::trading

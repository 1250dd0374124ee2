// What the positions of an account could become: what is held, and every opening order that works, filled. Closing
// orders count for nothing: they only make positions smaller.
//
//   exposures.count(account, order, order_id);       // as if `order` worked instead of the one of that id
//   exposures.totals().gross
//
// Values are at the last marks, in the account's currency. Of orders that cancel one another each counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "trading/account.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

class Exposures {
 public:
  struct Totals {
    Money gross;
    Money net;         // the larger of the two sides' worst, without its sign
    Money net_before;  // the same without the order
    std::int64_t positions = 0;
    Quantity contracts;  // of all instruments, long or short
    bool known = true;   // false: a rate of exchange is missing
  };

  // For accounts of so many instruments: the only call that allocates.
  void prepare(std::size_t instruments);
  // `order` is opening; `except` is the working order it takes the place of, or none.
  void count(const Account& account, const Order& order, OrderId except);

  [[nodiscard]] const Totals& totals() const { return totals_; }
  // What could be held of an instrument, the worse of long and short, and its value; positive.
  [[nodiscard]] Quantity size(InstrumentIndex i) const { return potential_[i].size; }
  [[nodiscard]] Money value(InstrumentIndex i) const { return potential_[i].value; }
  [[nodiscard]] bool may_be_long(InstrumentIndex i) const { return potential_[i].highest.is_positive(); }
  [[nodiscard]] bool may_be_short(InstrumentIndex i) const { return potential_[i].lowest.is_negative(); }
  // Instruments that are held or could be, in no order.
  [[nodiscard]] std::span<const InstrumentIndex> instruments() const { return touched_; }

 private:
  struct Potential {
    Quantity highest;  // held, with all opening buys
    Quantity lowest;   // held, with all opening sells
    Quantity size;
    Money value;
    bool touched = false;
  };

  Potential& touch(const Account& account, InstrumentIndex i);
  void add(Potential& potential, Side side, Quantity quantity);
  void sum(const Account& account, const Order& order);

  std::vector<Potential> potential_;  // one an instrument
  std::vector<InstrumentIndex> touched_;
  Totals totals_;
};

// The price up to which an order would trade at once against one that rests, or nothing while it waits for its stop. A
// market order reaches `mark` and `collar`, a share, beyond.
[[nodiscard]] std::optional<Price> reach(const Order& order, Price mark, Rate collar);

}  // namespace argosy::trading

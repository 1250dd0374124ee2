// An account: cash, positions and every order it ever made. Deterministic and without I/O: events in, new state out.
//
//   Account account(cash, instruments);
//   account.mark(0, price);                 // the last close, for equity and sizing
//   OrderId id = account.record(order);     // a new order, state created
//   account.apply(event);                   // what the broker says became of it
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "market/instrument.hpp"
#include "trading/broker.hpp"
#include "trading/order.hpp"
#include "trading/position.hpp"

namespace argosy::trading {

class Account {
 public:
  Account(Money initial_cash, std::vector<market::Instrument> instruments);

  [[nodiscard]] Money initial_cash() const { return initial_cash_; }
  [[nodiscard]] Money cash() const { return cash_; }
  // Cash promised to buy orders that are still working, at their estimated cost.
  [[nodiscard]] Money reserved() const { return reserved_; }
  [[nodiscard]] Money available() const { return cash_ - reserved_; }
  // Cash and the value of every position at its last mark.
  [[nodiscard]] Money equity() const {
    Money total = cash_;
    for (const InstrumentIndex i : open_) total += positions_[i].value_at(marks_[i]);
    return total;
  }
  [[nodiscard]] Money fees() const { return fees_; }
  [[nodiscard]] Money dividends() const { return dividends_; }
  [[nodiscard]] Money traded() const { return traded_; }  // the sum of all fills' amounts
  [[nodiscard]] bool has_positions() const { return !open_.empty(); }

  [[nodiscard]] std::span<const market::Instrument> instruments() const { return instruments_; }
  [[nodiscard]] const Position& position(InstrumentIndex i) const { return positions_[i]; }
  [[nodiscard]] Price mark(InstrumentIndex i) const { return marks_[i]; }
  [[nodiscard]] std::span<const Order> orders() const { return orders_; }
  [[nodiscard]] const Order& order(OrderId id) const;

  void set_mark(InstrumentIndex i, Price price) { marks_[i] = price; }
  // Stores a new order under the next id and promises it `reserve` of the cash until it is final.
  OrderId record(Order order, Money reserve);
  // Moves an order that is not yet at the broker: deny or submit.
  void apply(OrderId id, OrderEvent event, std::string_view note = {});
  // Books what the broker says. Unknown orders and illegal events stop the program.
  void apply(const BrokerEvent& event);
  // Restates position, mark and working orders; a fraction that cannot be held is paid in cash.
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);
  void dividend(InstrumentIndex i, Price amount);

 private:
  Order& find(OrderId id);
  void book_fill(const Order& order, const BrokerEvent& event);
  void release(OrderId id);

  Money initial_cash_;
  Money cash_;
  Money reserved_;
  Money fees_;
  Money dividends_;
  Money traded_;
  std::vector<market::Instrument> instruments_;
  std::vector<Position> positions_;
  std::vector<Price> marks_;
  std::vector<InstrumentIndex> open_;  // instruments with a position, ascending
  std::vector<Order> orders_;          // order n has id n + 1
  std::vector<Money> reserves_;        // one an order
  std::vector<OrderId> working_;       // not final, ascending
};

}  // namespace argosy::trading

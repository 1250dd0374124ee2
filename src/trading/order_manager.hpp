// What stands between a strategy and the broker: orders go through the risk gate, are recorded, then sent; what the
// broker answers is booked, then told. Orders of one group cancel one another; an entry with a bracket is given its
// stop and target as soon as a part of it is filled; what closes a position is never larger than it for long.
//
//   OrderManager orders(account_settings, instruments, gate, broker);
//   orders.set_listener(engine);
//   orders.submit(order);                                  // none: denied, or already done
//   orders.submit_bracket(entry, {.stop_loss = {.ratio = *Rate::parse("0.08")}});
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "trading/account.hpp"
#include "trading/broker.hpp"
#include "trading/risk_gate.hpp"

namespace argosy::trading {

// How far from the entry's price: a share of it, or an amount a share. Neither: none.
struct Distance {
  Rate ratio;
  Price amount;

  [[nodiscard]] bool is_set() const { return ratio.is_positive() || amount.is_positive(); }
};

// What leaves a position. They cancel one another.
struct Bracket {
  Distance stop_loss;
  Distance take_profit;
  Distance trailing_stop;

  [[nodiscard]] bool is_set() const { return stop_loss.is_set() || take_profit.is_set() || trailing_stop.is_set(); }
};

// Told after an event was booked.
class OrderListener {
 public:
  virtual ~OrderListener() = default;
  // `order` as it is after the event; it may move in memory when the listener submits orders.
  virtual void on_order_event(OrderId order, const BrokerEvent& event) = 0;
};

class OrderManager final : public BrokerListener {
 public:
  // The broker outlives the manager's use.
  OrderManager(const AccountSettings& settings, std::vector<market::Instrument> instruments, RiskGate gate,
               Broker& broker);
  // A copy that tells another broker, and nobody else: to try things on.
  OrderManager(const OrderManager& other, Broker& broker) : OrderManager(other) {
    broker_ = &broker;
    listener_ = nullptr;
  }
  OrderManager(const OrderManager&) = default;
  OrderManager& operator=(const OrderManager&) = default;
  OrderManager(OrderManager&&) noexcept = default;
  OrderManager& operator=(OrderManager&&) noexcept = default;
  void set_listener(OrderListener& listener) { listener_ = &listener; }

  // The id of the order while it works; none when it was denied or is already done.
  OrderId submit(Order order);
  // Records an order that cannot be meant, with the reason; none.
  OrderId deny(const Order& order, Outcome outcome);
  OrderId submit_bracket(Order entry, const Bracket& bracket);
  // Submits opening orders of which the first fill cancels the others. Returns the group, none when all were denied.
  OrderId submit_group(std::span<const Order> orders);
  // Asks the broker to cancel an order that works. One that does not, or is being cancelled, is left alone.
  void cancel(OrderId order);
  void cancel_all(InstrumentIndex i, Effect effect);
  // Asks the broker to change an order that works; false when the gate refuses, or it does not work.
  bool replace(const OrderChange& change);

  // Of a broker that does not send at once: an order has left, or never will.
  void on_sent(OrderId order) { account_.apply(order, OrderEvent::kSend); }
  void withdraw(OrderId order, std::string_view note) { account_.apply(order, OrderEvent::kDeny, note); }
  // No answer came in time.
  void lose(OrderId order) { account_.apply(order, OrderEvent::kLose); }

  void on_broker_event(const BrokerEvent& event) override;
  void on_cash_event(const CashEvent& event) override { account_.apply(event); }

  [[nodiscard]] Account& account() { return account_; }
  [[nodiscard]] const Account& account() const { return account_; }
  [[nodiscard]] RiskGate& gate() { return gate_; }
  [[nodiscard]] const RiskGate& gate() const { return gate_; }
  // The broker's own restatement of orders is not asked for: the caller tells both.
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);

 private:
  // An entry whose exits follow its fills, late ones too.
  struct Guarded {
    InstrumentIndex instrument = 0;
    Bracket bracket;
    std::array<OrderId, 3> exits;  // that work, none where there is none
  };

  void send(Approved<Order>&& approved);
  void guard(OrderId entry);
  [[nodiscard]] std::vector<Order> exits_of(OrderId entry, const Guarded& guarded) const;
  // After a fill that opened: the others of its group go.
  void cancel_group(const Order& filled);
  // After a fill that closed: what else closes the position becomes no larger than it is, or goes with it.
  void fit_closing(InstrumentIndex i, OrderId filled);
  void resize(OrderId id, Quantity remaining);

  Account account_;
  RiskGate gate_;
  Broker* broker_;
  OrderListener* listener_ = nullptr;
  std::map<OrderId, Guarded> guarded_;  // by entry
};

}  // namespace argosy::trading

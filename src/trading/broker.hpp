// The Broker port: where approved orders go and where what became of them comes from. The simulated exchange stands
// behind it in a backtest.
#pragma once

#include <cstdint>
#include <string_view>

#include "market/exchange_rate.hpp"
#include "trading/approved.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

// What became of an order. Price, quantity, fee, key and rule are those of one fill, in the instrument's currency, and
// empty otherwise.
struct BrokerEvent {
  OrderId order;
  OrderEvent event = OrderEvent::kAccept;
  Price price;
  Quantity quantity;
  Money fee;
  std::int64_t key = 0;  // of the bar it happened in
  FillRule rule = FillRule::kNone;
  market::ExchangeRate rate = {};  // that the money of a fill was converted at
  std::string_view note = {};      // why it was rejected or cancelled; static text
};

// Money that moves without an order.
enum class CashKind : std::uint8_t { kInterest, kBorrowFee };
[[nodiscard]] std::string_view to_string(CashKind kind);
struct CashEvent {
  CashKind kind = CashKind::kInterest;
  Money amount;  // in the account's currency; what is paid is negative
  std::int64_t key = 0;
};

class BrokerListener {
 public:
  virtual ~BrokerListener() = default;
  virtual void on_broker_event(const BrokerEvent& event) = 0;
  virtual void on_cash_event(const CashEvent& event) = 0;
};

class Broker {
 public:
  virtual ~Broker() = default;
  // Whether an order that is submitted is sent with that. Where it must be written first, OrderManager::on_sent() tells
  // when it was.
  [[nodiscard]] virtual bool sends_at_once() const { return true; }
  // Events about the order may come before this returns.
  virtual void submit(Approved<Order>&& order) = 0;
  // Cancelling an order that is no longer working does nothing.
  virtual void cancel(OrderId order) = 0;
  // Changing an order that is no longer working does nothing.
  virtual void replace(Approved<OrderChange>&& change) = 0;
};

}  // namespace argosy::trading

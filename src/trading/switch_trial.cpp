#include "trading/switch_trial.hpp"

#include <fmt/format.h>

#include <vector>

namespace argosy::trading {

namespace {

// Takes orders, and does nothing with them.
class CountingBroker final : public Broker {
 public:
  [[nodiscard]] bool sends_at_once() const override { return false; }
  void submit(Approved<Order>&&) override { ++submitted; }
  void cancel(OrderId) override { ++cancelled; }
  void replace(Approved<OrderChange>&&) override {}

  int submitted = 0;
  int cancelled = 0;
};

Outcome try_order(OrderManager& orders, const Order& order) {
  orders.submit(order);
  return orders.gate().decisions().back().outcome;
}

}  // namespace

std::string try_kill_switch(const OrderManager& orders) {
  if (orders.account().instruments().empty()) return {};
  CountingBroker broker;
  OrderManager copy(orders, broker);
  RiskGate& gate = copy.gate();
  constexpr InstrumentIndex kAny = 0;
  const market::Instrument& instrument = copy.account().instruments()[kAny];
  const Position& position = copy.account().position(kAny);
  // With what is held, if anything is, so that the order means something.
  const Order probe{.instrument = kAny,
                    .side = position.is_short() ? Side::kSell : Side::kBuy,
                    .time_in_force = TimeInForce::kDay,
                    .quantity = instrument.lot.is_positive() ? instrument.lot : Quantity::from_integer(1)};
  gate.resume();
  gate.resume(kAny);
  // Where a limit is not set nothing passes anyway.
  if (try_order(copy, probe) == Outcome::kLimitNotSet) return {};
  // One that works, so that there is something to cancel.
  Order working = probe;
  working.state = OrderState::kAccepted;
  copy.account().restore_order(working, Money());
  std::vector<OrderId> cancellable;
  for (const OrderId id : copy.account().working_orders()) {
    if (next_state(copy.account().order(id).state, OrderEvent::kRequestCancel)) cancellable.push_back(id);
  }

  gate.halt(Halt::kOrders, "a trial");
  const int submitted = broker.submitted;
  if (try_order(copy, probe) != Outcome::kHalted) return "it was thrown, and an order was not refused for that";
  if (broker.submitted > submitted) return "it was thrown, and an order was sent";
  for (const OrderId id : cancellable) copy.cancel(id);
  if (broker.cancelled != static_cast<int>(cancellable.size()))
    return fmt::format("{} orders work, and {} were asked to be cancelled", cancellable.size(), broker.cancelled);
  gate.resume();
  if (try_order(copy, probe) == Outcome::kHalted) return "it was lifted, and orders are still refused";
  return {};
}

}  // namespace argosy::trading

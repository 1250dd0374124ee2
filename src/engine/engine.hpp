// The engine: turns a strategy's signals into orders and the broker's answers into positions and trades. Deterministic
// and without I/O; whoever drives it brings bars, corporate actions and a broker.
//
//   Engine engine(settings, instruments, broker);
//   engine.on_bar_closed(i, key, close, signals);      // may submit orders
//   engine.on_broker_event(event);                     // what became of them
//
// Long only, one position an instrument: a buy signal opens it, a sell signal, the stop loss or the take profit closes
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "formula/formula.hpp"
#include "strategy/position_exit.hpp"
#include "strategy/signals.hpp"
#include "trading/account.hpp"
#include "trading/broker.hpp"
#include "trading/risk_gate.hpp"
#include "trading/sizing.hpp"

namespace argosy::engine {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;
using trading::InstrumentIndex;
using trading::OrderId;

struct EngineSettings {
  Money cash;
  trading::Sizing size;
  trading::FeeSchedule fees;          // what buys are estimated with
  Rate stop_loss;                     // a share of the entry price; zero: none
  Rate take_profit;                   // likewise
  std::optional<formula::Plan> exit;  // a sell condition that depends on the position held
};

// A round trip: from the buy that opened a position to the sell that closed it.
struct Trade {
  InstrumentIndex instrument = 0;
  std::int64_t entry_key = 0;
  Price entry_price;  // average, restated by splits since
  std::int64_t exit_key = 0;
  Price exit_price;
  Quantity quantity;  // sold at the exit
  Money fees;         // of both sides
  Money profit;       // after fees, without dividends
  Money dividends;
  trading::OrderReason exit_reason = trading::OrderReason::kSellSignal;
};

class Engine final : public trading::BrokerListener {
 public:
  Engine(const EngineSettings& settings, std::vector<market::Instrument> instruments, trading::Broker& broker);

  // A bar is complete: its close is the new mark, and its signals (strategy/signals.hpp) may become orders.
  void on_bar_closed(InstrumentIndex i, std::int64_t key, Price close, std::uint8_t signals) {
    account_.set_mark(i, close);
    if (signals != 0) act(i, key, signals);
  }
  // The sell signal of a condition that depends on the position, before on_bar_closed(): 0 while there is no position
  // or no such condition. `columns` and `row` as PositionExit::at_close() takes them; adjusted prices are quoted ones
  // times `factor`.
  [[nodiscard]] std::uint8_t exit_signal(InstrumentIndex i, double factor, std::span<const std::vector<double>> columns,
                                         std::size_t row);
  void on_broker_event(const trading::BrokerEvent& event) override;
  // Corporate actions take effect before the bar of their ex-date trades.
  void split(InstrumentIndex i, std::int64_t key, std::int64_t numerator, std::int64_t denominator);
  void dividend(InstrumentIndex i, Price amount) { account_.dividend(i, amount); }

  [[nodiscard]] const trading::Account& account() const { return account_; }
  [[nodiscard]] std::span<const Trade> trades() const { return trades_; }
  [[nodiscard]] std::span<const trading::Decision> decisions() const { return gate_.decisions(); }

 private:
  // The orders that work for one instrument; none where the id is none.
  struct Slot {
    OrderId entry;
    OrderId exit;
    OrderId stop;
    OrderId target;
  };

  void act(InstrumentIndex i, std::int64_t key, std::uint8_t signals);
  // The id of the order while it works; none when it was denied or is already done.
  OrderId place(trading::Order order);
  void protect(InstrumentIndex i, std::int64_t key);
  void record_trade(InstrumentIndex i, std::int64_t key, Price price, Quantity quantity, trading::OrderReason reason);
  void forget(Slot& slot, OrderId order) const;

  EngineSettings settings_;
  trading::Account account_;
  trading::RiskGate gate_;
  trading::Broker* broker_;
  std::vector<Slot> slots_;
  std::vector<strategy::PositionExit> exits_;  // one an instrument, or none
  std::vector<Trade> trades_;
};

}  // namespace argosy::engine

// The simulated exchange: takes approved orders and fills them from bars by the rules of docs/concepts/fills.md. It
// keeps its own books (cash and holdings), apart from the account's; verify() compares the two.
//
//   SimulatedExchange exchange({.fees = {rate}, .cash = cash}, instruments);
//   exchange.set_listener(engine);
//   exchange.on_bar(0, {key, open, high, low, close, volume});   // may call the listener, which may submit and cancel
//
// Holds for: liquid instruments and orders small against the volume of a bar. It lies where it assumes that any
// quantity trades at the open, that there is no spread, and that a stop is filled at its level when the bar trades
// through it.
#pragma once

#include <cstdint>
#include <vector>

#include "market/instrument.hpp"
#include "trading/account.hpp"
#include "trading/broker.hpp"
#include "trading/fees.hpp"

namespace argosy::venue {

using core::Money;
using core::Price;
using core::Quantity;
using trading::InstrumentIndex;
using trading::OrderId;

// What the exchange sees of one bar.
struct BarView {
  std::int64_t key = 0;
  Price open;
  Price high;
  Price low;
  Price close;
  double volume = 0;  // not above zero: nothing trades
};

struct ExchangeSettings {
  trading::FeeSchedule fees;
  Money cash;
};

class SimulatedExchange final : public trading::Broker {
 public:
  SimulatedExchange(const ExchangeSettings& settings, std::vector<market::Instrument> instruments);
  // Must be called before the first order; the listener outlives the exchange's use.
  void set_listener(trading::BrokerListener& listener) { listener_ = &listener; }

  void submit(trading::Approved<trading::Order>&& approved) override;
  void cancel(OrderId order) override;
  void replace(trading::Approved<trading::OrderChange>&& change) override;

  // Tries every working order of the instrument against the bar.
  void on_bar(InstrumentIndex i, const BarView& bar) {
    if (!working_[i].empty() && bar.volume > 0) fill_from(i, bar);
  }
  // Corporate actions take effect before the bar of their ex-date trades. `last_close`: the close before the ex-date.
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close);
  void dividend(InstrumentIndex i, Price amount);

  [[nodiscard]] Money cash() const { return cash_; }
  [[nodiscard]] Quantity holding(InstrumentIndex i) const { return holdings_[i]; }
  [[nodiscard]] std::size_t working_count() const;
  // Stops the program when these books and the account's differ: one of the two has lost something.
  void verify(const trading::Account& account) const;

 private:
  struct Working {
    OrderId id;
    trading::Side side = trading::Side::kBuy;
    trading::OrderKind kind = trading::OrderKind::kMarket;
    Quantity quantity;
    Price limit;
    Price stop;
    bool shrink_to_cash = false;
    bool done = false;
  };

  void fill_from(InstrumentIndex i, const BarView& bar);
  void fill_market(InstrumentIndex i, std::size_t at, const BarView& bar);
  void fill(InstrumentIndex i, std::size_t at, std::int64_t key, Price price, trading::FillRule rule);
  [[nodiscard]] Money fee_of(InstrumentIndex i, trading::Side side, Quantity quantity, Price price,
                             std::int64_t key) const;
  void book(InstrumentIndex i, trading::Side side, Quantity quantity, Money amount, Money fee);
  void send(const trading::BrokerEvent& event) { listener_->on_broker_event(event); }
  void remove_done(InstrumentIndex i);

  trading::FeeSchedule fees_;
  Money cash_;
  std::vector<market::Instrument> instruments_;
  std::vector<Quantity> holdings_;
  std::vector<std::vector<Working>> working_;  // one list an instrument, in order of arrival
  trading::BrokerListener* listener_ = nullptr;
};

}  // namespace argosy::venue

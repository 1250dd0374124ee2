// The engine: turns a strategy's signals into orders and the broker's answers into positions and trades. Deterministic
// and without I/O; whoever drives it brings bars, corporate actions and a broker.
//
//   Engine engine(settings, instruments, broker);
//   engine.on_bar_closed(i, key, close, signals, row);   // of every instrument with a bar at this instant
//   engine.on_instant_closed(key);                       // decides, in the order of the instruments; may submit orders
//   engine.on_broker_event(event);                       // what became of them
//
// One position an instrument: a buy signal opens a long one, a short signal a short one; a sell or cover signal, the
// bracket's orders or the longest time close it. A signal to leave together with one to enter on the other side turns
// the position around. A strategy that rebalances holds the best of its instruments instead (engine/rebalancer.hpp).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/rebalancer.hpp"
#include "engine/row.hpp"
#include "formula/formula.hpp"
#include "market/bar.hpp"
#include "strategy/position_exit.hpp"
#include "strategy/signals.hpp"
#include "trading/order_manager.hpp"
#include "trading/sizing.hpp"

namespace argosy::engine {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;
using trading::InstrumentIndex;
using trading::OrderId;
using trading::OrderReason;
using trading::Side;

struct EngineSettings {
  trading::AccountSettings account;
  trading::FeeSchedule fees;                                         // what orders are estimated with
  trading::LimitProfile limits = trading::LimitProfile::backtest();  // live trading names its own
  trading::Sizing size;
  strategy::EntryOrder order;
  trading::Bracket bracket;           // its distances, where the strategy has no formulas for them
  std::int64_t max_bars = 0;          // a position held for as many closes is closed; 0: never
  std::optional<formula::Plan> exit;  // conditions to leave that depend on the position held
  strategy::RoleColumns columns;      // of the values that decisions need
  std::optional<strategy::Rebalance> rebalance;
  bool rebalance_filters = false;  // only instruments with a buy signal are ranked
};

// A round trip: from the fill that opened a position to the one that closed it.
struct Trade {
  InstrumentIndex instrument = 0;
  Side side = Side::kBuy;  // of the entry: a short position is opened by a sell
  std::int64_t entry_key = 0;
  Price entry_price;  // average, restated by splits since
  std::int64_t exit_key = 0;
  Price exit_price;
  Quantity quantity;  // closed at the exit
  Money fees;         // of both sides
  Money profit;       // after fees, without dividends
  Money dividends;    // what a short owed is negative
  OrderReason entry_reason = OrderReason::kBuySignal;
  OrderReason exit_reason = OrderReason::kSellSignal;
};

class Engine final : public trading::BrokerListener, private trading::OrderListener {
 public:
  Engine(const EngineSettings& settings, std::vector<market::Instrument> instruments, trading::Broker& broker);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // A bar is complete: its close is the new mark. What its signals (strategy/signals.hpp) ask for is decided by
  // on_instant_closed(). What `row` refers to lives until then.
  void on_bar_closed(InstrumentIndex i, Price close, std::uint8_t signals, const Row& row = {}) {
    orders_.account().set_mark(i, close);
    if (orders_.gate().watches_prices()) priced_.push_back(i);
    if (rebalancer_) rebalancer_->add({.instrument = i, .signals = signals, .row = row});
    if (signals != 0 || (watches_ && orders_.account().position(i).is_open()))
      pending_.push_back({.instrument = i, .signals = signals, .row = row});
  }
  // All bars of an instant are complete. Decides in the order of the instruments, whatever the order they came in.
  void on_instant_closed(std::int64_t key) {
    if (key >= next_day_) begin_day(key);
    orders_.gate().set_time(market::key_instant(key));
    if (!priced_.empty()) note_prices();
    if (guarded_) watch(key);
    if (!pending_.empty() || rebalancer_) decide(key);
  }
  // An instant in which nothing is decided, whatever its closes are.
  void pass_instant(std::int64_t key) {
    if (key >= next_day_) begin_day(key);
  }
  // The key from which on an instant is one of another day.
  [[nodiscard]] std::int64_t next_day() const { return next_day_; }
  // Whether closes matter that have no signal.
  [[nodiscard]] bool watches_every_close() const {
    return watches_ || guarded_ || rebalancer_.has_value() || orders_.gate().watches_prices();
  }
  void on_broker_event(const trading::BrokerEvent& event) override { orders_.on_broker_event(event); }
  void on_cash_event(const trading::CashEvent& event) override { orders_.on_cash_event(event); }
  // Corporate actions take effect before the bar of their ex-date trades.
  void split(InstrumentIndex i, std::int64_t key, std::int64_t numerator, std::int64_t denominator);
  // The instrument is gone; its holders get an amount a share.
  void cash_out(InstrumentIndex i, std::int64_t key, Price amount);
  void dividend(InstrumentIndex i, Price amount) { orders_.account().dividend(i, amount); }

  // Other settings of the same strategy decide from now on: sizes, kinds of orders, distances, conditions to leave.
  // Positions and orders stay as they are. Account, fees and limits are those of the beginning.
  void change_strategy(const EngineSettings& settings);

  // What a strategy in C++ decides (engine/strategy.hpp), at the close of a bar of this key. Does nothing while an
  // entry works, or, to leave, while nothing is held or an exit works.
  void enter(std::int64_t key, InstrumentIndex i, Side side, const Row& row = {});
  void leave(std::int64_t key, InstrumentIndex i, OrderReason reason);
  // Closes everything and takes back what waits to be opened.
  void leave_all(std::int64_t key, OrderReason reason);
  // Makes room for so many orders and their decisions.
  void reserve(std::size_t orders) {
    account().reserve(orders);
    orders_.gate().reserve(orders);
    trades_.reserve(orders / 2);
  }
  [[nodiscard]] trading::OrderManager& orders() { return orders_; }

  [[nodiscard]] trading::Account& account() { return orders_.account(); }
  [[nodiscard]] const trading::Account& account() const { return orders_.account(); }
  // Why the position that is held was opened.
  [[nodiscard]] OrderReason entry_reason(InstrumentIndex i) const { return slots_[i].entry_reason; }
  [[nodiscard]] std::span<const Trade> trades() const { return trades_; }
  [[nodiscard]] trading::Guard& guard() { return orders_.gate().guard(); }
  [[nodiscard]] std::int64_t forced_flats() const { return forced_flats_; }  // times everything had to be closed
  [[nodiscard]] std::span<const trading::Decision> decisions() const { return orders_.gate().decisions(); }

 private:
  // An entry as it was decided.
  struct Entry {
    trading::Order order;
    trading::Bracket bracket;
  };
  // The strategy's own orders for one instrument, none where there is none; and closes since the entry.
  struct Slot {
    OrderId entry;
    OrderId exit;
    std::optional<Entry> reversal;  // follows when the exit is filled
    std::int64_t bars_held = -1;
    OrderReason entry_reason = OrderReason::kBuySignal;  // of the position held
  };

  void begin_day(std::int64_t key);
  void note_prices();
  // Tells the circuit breaker and the rules of the account what it is worth, and closes everything if they say so.
  void watch(std::int64_t key);
  void decide(std::int64_t key);
  void act(std::int64_t key, const Pending& pending);
  // The side its signals open a position on, if they agree on one.
  [[nodiscard]] static std::optional<Side> find_entry(std::uint8_t signals);
  // Why the position is to be closed at this close, if it is.
  [[nodiscard]] std::optional<OrderReason> find_exit(const Pending& pending);
  // A quantity of zero with the reason of the denial in `outcome` when a formula gives no number.
  [[nodiscard]] Entry make_entry(std::int64_t key, InstrumentIndex i, Side side, const Row& row,
                                 trading::Outcome& outcome) const;
  // By the close, or by the worst price of an order that waits for one.
  [[nodiscard]] std::optional<Quantity> size(const trading::Order& order, const Row& row) const;
  [[nodiscard]] bool set_prices(trading::Order& order, const Row& row) const;
  [[nodiscard]] bool set_bracket(trading::Bracket& bracket, const Row& row) const;
  [[nodiscard]] std::optional<double> value(strategy::Role role, const Row& row) const;
  void rebalance(std::int64_t key);
  [[nodiscard]] bool sells() const;  // an order to leave works
  void buy_planned(std::int64_t key);
  void on_order_event(OrderId id, const trading::BrokerEvent& event) override;
  void record_trade(const Trade& exit);

  EngineSettings settings_;
  trading::OrderManager orders_;
  std::vector<Slot> slots_;
  std::vector<strategy::PositionExit> exits_;  // one an instrument, or none
  bool guarded_ = false;                       // there are limits, a breaker or rules of the account
  bool watches_ = false;                       // every close of a position is looked at, signal or not
  std::vector<Pending> pending_;
  std::vector<InstrumentIndex> priced_;  // marked at this instant, where the risk gate wants to know
  std::optional<Rebalancer> rebalancer_;
  trading::TradeRecord record_;
  std::int64_t forced_flats_ = 0;
  bool flattening_ = false;
  std::int64_t next_day_ = std::numeric_limits<std::int64_t>::min();
  std::vector<Trade> trades_;
};

}  // namespace argosy::engine

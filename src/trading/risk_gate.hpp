// The risk gate: the one place where an order becomes an Approved<Order>. A refusal is a decision with a reason, not an
// error. Every decision has an id, an outcome and the numbers it used.
//
//   RiskGate gate(fees, profile, cash);              // LimitProfile::backtest(), or of a file: limit_file.hpp
//   gate.attach(account);
//   gate.set_time(now);                              // of what follows
//   gate.on_price(i, close);                         // a fresh price, the one account.mark(i) has
//   if (auto approved = gate.decide(order, account)) broker.submit(std::move(*approved));
//   gate.on_broker_event(account.order(id), event);  // counts fills, rejects
//   gate.guard().on_equity(now, account.equity());   // circuit breaker, prop firm, losses
//
// The controls are asked in the order of Outcome (decision.hpp); the first that refuses decides. A limit that is not
// set refuses. What each does: docs/concepts/risk.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trading/account.hpp"
#include "trading/approved.hpp"
#include "trading/correlation.hpp"
#include "trading/decision.hpp"
#include "trading/exposure.hpp"
#include "trading/fees.hpp"
#include "trading/guard.hpp"
#include "trading/limits.hpp"
#include "trading/order.hpp"
#include "trading/trading_hours.hpp"

namespace argosy::trading {

// What may leave: everything, orders that close, or nothing.
enum class Halt : std::uint8_t { kNone, kEntries, kOrders };
struct HaltState {
  Halt halt = Halt::kNone;
  std::string reason;
  core::Timestamp since;
  bool by_fills = false;  // of instrument_fills
};

class RiskGate {
 public:
  // `fees` estimate the cost of orders. `initial_balance` is what the account begins with.
  RiskGate(FeeSchedule fees, LimitProfile profile, Money initial_balance);

  // To the account that it will decide for: before prices and halts of instruments. decide() does it otherwise.
  // Called again where the account has got more instruments; correlations are then learned anew.
  void attach(const Account& account);
  // The instant of what follows; it does not run backwards.
  void set_time(core::Timestamp now) { now_ = std::max(now_, now); }
  [[nodiscard]] core::Timestamp time() const { return now_; }

  // Decides on an order, records it in the account (state created, then denied or pending_submit), and hands it out
  // when it is approved.
  [[nodiscard]] std::optional<Approved<Order>> decide(Order order, Account& account);
  // Records an order that its maker already knows to be wrong, denied.
  void deny(const Order& order, Outcome outcome, Account& account);
  // Decides on a change of an order that works, and records the request when it is approved.
  [[nodiscard]] std::optional<Approved<OrderChange>> decide(const OrderChange& change, Account& account);
  // All, but for those that were forgotten.
  [[nodiscard]] std::span<const Decision> decisions() const { return decisions_; }
  // Forgets decisions but for the newest `keep` and those that count for equal orders.
  void forget(std::size_t keep);
  // Makes room: until there are more decisions than this, none of them allocates.
  void reserve(std::size_t decisions) { decisions_.reserve(decisions); }

  // Whether on_price() is needed: a caller that makes many prices may leave it out otherwise.
  [[nodiscard]] bool watches_prices() const { return watches_prices_; }
  void on_price(InstrumentIndex i, Price price);
  void on_split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);
  // What the broker said of an order.
  void on_broker_event(const Order& order, const BrokerEvent& event);
  // A cancel is sent. It is never held back, but takes one of the messages.
  void on_cancel();

  // The kill switch: for all instruments or one, until resume(). It changes nothing that works already.
  void halt(Halt halt, std::string reason);
  void halt(InstrumentIndex i, Halt halt, std::string reason);
  void resume() { halted_ = {}; }
  void resume(InstrumentIndex i);
  [[nodiscard]] const HaltState& halted() const { return halted_; }
  [[nodiscard]] const HaltState& halted(InstrumentIndex i) const { return watched_[i].halted; }

  [[nodiscard]] Guard& guard() { return guard_; }
  [[nodiscard]] const LimitProfile& profile() const { return profile_; }
  // Other limits of orders and exposure from now on. What the guard measures by (breaker, prop firm) stays, and so do
  // the instruments that are halted.
  void set_limits(const RiskLimits& limits, const Account& account);

 private:
  // What is known of an instrument.
  struct Watched {
    core::Timestamp priced = core::Timestamp::min();  // when its price was given; min: never
    bool restricted = false;
    bool allowed = true;
    std::size_t hours = 0;  // in hours_
    HaltState halted;
    DecisionId last_approved;  // of a new order
    std::size_t next_fill = 0;
  };
  struct Case;

  void read_limits();
  void judge(Case& c);
  [[nodiscard]] bool passes_order(Case& c) const;
  [[nodiscard]] bool passes_size(Case& c) const;
  [[nodiscard]] bool passes_switches(Case& c);
  [[nodiscard]] bool passes_guard(Case& c);
  [[nodiscard]] bool passes_lists(Case& c);
  [[nodiscard]] bool passes_messages(Case& c);
  [[nodiscard]] bool passes_equal_orders(Case& c) const;
  [[nodiscard]] bool passes_price(Case& c) const;
  [[nodiscard]] bool passes_self_match(Case& c) const;
  [[nodiscard]] bool passes_order_limits(Case& c) const;
  [[nodiscard]] bool passes_exposure(Case& c);
  [[nodiscard]] bool passes_account_exposure(Case& c, Money equity);
  [[nodiscard]] bool passes_correlation(Case& c, Money equity) const;
  [[nodiscard]] bool passes_losses(Case& c, Money equity);
  [[nodiscard]] bool passes_cash(Case& c) const;
  void refill();
  void count_fill(InstrumentIndex i);
  Decision& store(const Decision& decided);

  FeeSchedule fees_;
  LimitProfile profile_;
  Guard guard_;
  std::string_view unset_;          // the first limit that is not set
  std::string_view unset_for_all_;  // the first of those that hold for every order
  bool watches_prices_ = false;
  bool needs_exposure_ = false;
  bool needs_equity_ = false;

  core::Timestamp now_ = core::Timestamp::min();
  HaltState halted_;
  std::vector<Watched> watched_;        // one an instrument
  std::vector<SessionHours> hours_;     // one a calendar
  std::vector<core::Timestamp> fills_;  // [instrument][slot]: the last fills, of instrument_fills
  std::optional<Correlations> correlations_;
  TradingDays days_;
  Exposures exposures_;
  std::int64_t tokens_ = 0;  // messages that may be sent, in 1e-9
  core::Timestamp refilled_ = core::Timestamp::min();
  std::vector<Decision> decisions_;  // decision n has id forgotten_ + n + 1
  std::int64_t forgotten_ = 0;
};

}  // namespace argosy::trading

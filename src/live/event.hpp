// What happened, as the journal has it: with everything that is needed to do it again. Book (live/book.hpp) is the fold
// of these; nothing else changes a balance, a position or the state of an order or a service.
//
//   book.apply({.seq = 12, .time = now, .what = FillBooked{.order_id = 7, ...}});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.hpp"
#include "core/time.hpp"
#include "ledger/journal.hpp"
#include "ledger/orders.hpp"
#include "ledger/services.hpp"

namespace argosy::live {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

// A request was taken; what it changes follows in events of its own.
struct RequestTaken {
  std::int64_t request_id = 0;  // 0: applied without a running process
  std::string kind;
  std::string payload;
  std::string requested_by;
};

struct PortfolioMade {
  std::int64_t portfolio_id = 0;
  std::int64_t owner_id = 0;
  std::int64_t broker_account_id = 0;
  std::string name;
  bool is_default = false;
  std::string currency;
};

// Money comes into a portfolio from outside, or, negative, leaves it.
struct PortfolioFunded {
  std::int64_t funding_id = 0;
  std::int64_t portfolio_id = 0;
  Money amount;
  bool money_market = false;
  std::string note;
};

// What a user may set, all of it. Where it is the default one, another of its owner no longer is.
struct PortfolioSet {
  std::int64_t portfolio_id = 0;
  std::string name;
  bool is_default = false;
};

// A portfolio is nobody's any more; nothing is in it.
struct PortfolioRemoved {
  std::int64_t portfolio_id = 0;
};

// The row as it is at first, with its whole balance, which the portfolio gives.
struct ServiceMade {
  ledger::ServiceRow service;
};

// What a user may set, all of it.
struct ServiceSet {
  std::int64_t service_id = 0;
  std::string name;
  std::string description;
  ledger::TradingMode mode = ledger::TradingMode::kBuy;
  Money minimum_balance;
  Rate allocation_percent;
  Rate buy_threshold;
  Rate sell_threshold;
  Rate stop_loss_percent;
  Rate take_profit_percent;
  std::string strategy;
  std::int64_t interval_seconds = 0;
  bool fractional = false;
};

// Another state; and money between the service and its portfolio.
struct ServiceMoved {
  std::int64_t service_id = 0;
  ledger::ServiceState state = ledger::ServiceState::kInactive;
  std::string reason;    // of an ERROR
  Money amount;          // from the portfolio to the service; negative: back
  bool initial = false;  // more of the initial balance, rather than what was given back
};

// A service is nobody's any more; it is off and empty.
struct ServiceRemoved {
  std::int64_t service_id = 0;
};

// An order that failed. Enough of them in a row put a service into ERROR.
struct ServiceFailed {
  std::int64_t service_id = 0;
  std::string reason;
};

// A service asked, and was answered.
struct DecisionMade {
  std::int64_t service_id = 0;
  std::string question;  // buy or sell
  std::string source;    // what was asked: probability, a strategy, stop_loss, ...
  bool yes = false;
  double confidence = 0;
  std::string reason;
  std::string numbers;  // "draw=0.31 probability=0.4"
  Price bid;
  Price ask;
  Price last;
  core::Timestamp quoted_at;
  std::string outcome;  // what came of it: order, no, waits, below the threshold, too little money, ...
};

// An order was made, or denied: the row as it is at first.
struct OrderMade {
  ledger::OrderRow order;
};

// A step of an order that is no fill. Event and state are of trading/order.hpp, as text.
struct OrderMoved {
  std::int64_t order_id = 0;
  std::string event;
  std::string broker_order_id;  // once it is known
  std::string note;
};

// What an order shall become, once it is cancelled: a new one takes its place. Zero: it stays as it is.
struct OrderChangeAsked {
  std::int64_t order_id = 0;
  Quantity quantity;  // with what is filled
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
};

// An order that was given up is at the broker after all. It has ended here; its fills come late.
struct OrderFound {
  std::int64_t order_id = 0;
  std::string broker_order_id;
  std::string note;
};

struct FillBooked {
  std::int64_t order_id = 0;
  std::string broker_fill_id;
  Price price;
  Quantity quantity;
  Money fee;
  std::string currency;  // of price and fee: the instrument's
  Price rate = Price::from_integer(1);
  bool rate_inverse = false;
  bool is_last = false;  // the order is filled
  core::Timestamp filled_at;
};

// A transaction is closed by hand: the shares pass to the portfolio at this price.
struct TransactionCompleted {
  std::int64_t transaction_id = 0;
  Price price;
};

// A split, dividend or delisting of what an account holds: booked once for each ex-date and kind. Fractions of shares
// that cannot be held are paid in cash.
struct ActionBooked {
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string kind;  // of market/corporate_actions.hpp, as text
  core::Date ex_date;
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  Price amount;  // cash a share
  Price price;   // the close before a split, in old shares
  Quantity lot;  // the least that can be held; 0: any fraction
  std::string currency;
  Price rate = Price::from_integer(1);
  bool rate_inverse = false;
  std::string skipped;  // why nothing is booked, though it is known; empty: it is
};

// Shares at the broker that are nobody's here, or were and are gone: taken over as the account's own.
struct PositionAdopted {
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  Quantity change;
  Price price;
  std::string reason;
};

// Cash at the broker that differs from ours, taken over: the account's default portfolio gets or loses it.
struct CashAdopted {
  std::int64_t broker_account_id = 0;
  std::int64_t portfolio_id = 0;
  Money change;
  std::string reason;
};

// A switch is thrown, or lifted: the row as it is then.
struct SwitchChanged {
  ledger::KillSwitchRow row;
};

// The kill switch of a broker account was tried, on a copy of what trades.
struct SwitchTried {
  std::int64_t broker_account_id = 0;
  std::string wrong;  // empty: it works
};

// What the guard of a broker account remembers has changed (trading/guard_memory.hpp).
struct GuardKept {
  std::int64_t broker_account_id = 0;
  std::string memory;
};

// Time did something. "day": a new day of trading begins, `subject` days after 1970-01-01.
struct TimerFired {
  std::string what;
  std::int64_t subject = 0;
};
inline constexpr std::string_view kNewDay = "day";

using What = std::variant<RequestTaken, PortfolioMade, PortfolioFunded, ServiceMade, ServiceSet, ServiceMoved,
                          ServiceFailed, DecisionMade, OrderMade, OrderMoved, FillBooked, TransactionCompleted,
                          PositionAdopted, CashAdopted, SwitchChanged, TimerFired, SwitchTried, GuardKept, ActionBooked,
                          OrderFound, OrderChangeAsked, ServiceRemoved, PortfolioSet, PortfolioRemoved>;

struct Event {
  std::int64_t seq = 0;  // in the journal, from 1
  core::Timestamp time;
  What what;
};

[[nodiscard]] std::string_view kind_of(const What& what);
// The row of the journal, without its fencing number; and back. kCorrupt names the row that cannot be read.
[[nodiscard]] ledger::JournalRow to_row(const Event& event);
[[nodiscard]] core::Result<Event> from_row(const ledger::JournalRow& row);

}  // namespace argosy::live

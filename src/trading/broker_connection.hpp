// The port to a broker that is somewhere else: what is sent may arrive, arrive twice, or never; what comes back may be
// late, twice, or never. Adapters in brokers/ stand behind it; live/ stands before it.
//
//   connection.set_listener(desk);
//   connection.submit(std::move(committed_ticket));          // returns at once
//   connection.ask_order("argosy-3f9a1c-42", "");            // ... on_order() or on_no_order()
//
// Nothing here blocks, and nothing is repeated by itself: who asks decides whether to ask again. All calls and all of
// the listener's are made on one executor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "trading/committed.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

// An order as a broker is told of it.
struct OrderTicket {
  std::string client_order_id;  // at most 40 letters, digits and dashes
  std::string symbol;
  Side side = Side::kBuy;
  OrderKind kind = OrderKind::kMarket;
  TimeInForce time_in_force = TimeInForce::kDay;
  Quantity quantity;
  Price limit;                  // zero: none
  Price stop;                   // zero: none
  bool closes = false;          // may only make a position smaller
  bool shrink_to_cash = false;  // fills what the cash pays, cancels the rest
};

// What an order has become at the broker, all of it at once.
enum class ReportedState : std::uint8_t {
  kPending,  // received, not decided on yet
  kWorking,
  kFilled,
  kCancelled,
  kRejected,
  kExpired,
};

struct ReportedFill {
  std::string broker_fill_id;  // unique within the account
  Price price;
  Quantity quantity;
  Money fee;  // in the instrument's currency
  core::Timestamp time;
  // By which price and fee were turned into the currency of the balance that paid; nothing: it was not, or nobody says.
  std::optional<Price> rate = {};
  bool rate_inverse = false;  // divided by the rate
};

// One message says either one thing that happened (a state, perhaps with the fill that led to it) or, as the answer to
// a question, everything about the order: `is_snapshot`, with all of its fills.
struct OrderReport {
  std::string client_order_id;  // empty: the broker does not know it
  std::string broker_order_id;
  std::string symbol;
  Side side = Side::kBuy;
  ReportedState state = ReportedState::kPending;
  Quantity quantity;
  Quantity filled;  // in all
  std::vector<ReportedFill> fills;
  bool is_snapshot = false;
  std::string note;  // why it was rejected or cancelled
  core::Timestamp time;
};

struct ReportedPosition {
  std::string symbol;
  Quantity quantity;  // short: negative
  Price average_price;
};

struct ReportedBalance {
  std::string currency;
  Money cash;
};

// Everything that the account holds.
struct AccountReport {
  std::vector<ReportedPosition> positions;
  std::vector<ReportedBalance> balances;
  core::Timestamp time;
};

// What a broker can do. Recovery and the number of orders in flight depend on it.
struct BrokerCapabilities {
  bool client_ids = true;     // finds orders by the client's id, and refuses a second order with the same one
  bool replaces = false;      // changes orders that work
  bool fractional = false;    // takes fractions of shares
  bool order_history = true;  // tells of orders that have ended
  core::Duration answers_within = std::chrono::seconds(5);  // after that an answer counts as missing
};

class BrokerConnectionListener {
 public:
  virtual ~BrokerConnectionListener() = default;
  // Connected and logged in, or no longer; what was asked and not answered before will not be answered.
  virtual void on_connected() = 0;
  virtual void on_disconnected(const core::Error& why) = 0;
  virtual void on_order(const OrderReport& report) = 0;
  // The broker has no order of the id that was asked for.
  virtual void on_no_order(const std::string& client_order_id) = 0;
  virtual void on_open_orders(std::span<const OrderReport> reports) = 0;
  // Fills after the one that was named, the oldest first, each in a report of its order.
  virtual void on_history(std::span<const OrderReport> reports) = 0;
  virtual void on_account(const AccountReport& report) = 0;
  // A cancel was refused: the order is not what was thought. Ask.
  virtual void on_cancel_refused(const std::string& client_order_id, const std::string& reason) = 0;
  // A deposit or withdrawal was booked.
  virtual void on_funded(std::int64_t funding_id) = 0;
  // It was not, and nothing has changed. Who funds nothing need not listen.
  virtual void on_funding_refused(std::int64_t funding_id, const std::string& reason);
};
inline void BrokerConnectionListener::on_funding_refused(std::int64_t, const std::string&) {}

class BrokerConnection {
 public:
  virtual ~BrokerConnection() = default;
  virtual void set_listener(BrokerConnectionListener& listener) = 0;
  [[nodiscard]] virtual const BrokerCapabilities& capabilities() const = 0;
  // Tries to connect, again and again with growing waits, until close().
  virtual void open() = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual bool is_connected() const = 0;
  // An error means that nothing was sent. What was sent before a connection broke may have arrived.
  [[nodiscard]] virtual core::Result<void> submit(Committed<OrderTicket>&& ticket) = 0;
  [[nodiscard]] virtual core::Result<void> cancel(const std::string& client_order_id,
                                                  const std::string& broker_order_id) = 0;
  [[nodiscard]] virtual core::Result<void> ask_order(const std::string& client_order_id,
                                                     const std::string& broker_order_id) = 0;
  [[nodiscard]] virtual core::Result<void> ask_open_orders() = 0;
  // Orders with fills or ends at or after a time.
  [[nodiscard]] virtual core::Result<void> ask_history(core::Timestamp since) = 0;
  [[nodiscard]] virtual core::Result<void> ask_account() = 0;
  // Moves money in (or, negative, out) of an account that is played: kUnsupported with a real broker. Doing it twice
  // with one id is doing it once.
  [[nodiscard]] virtual core::Result<void> fund(std::int64_t funding_id, const std::string& currency, Money amount) = 0;
};

}  // namespace argosy::trading

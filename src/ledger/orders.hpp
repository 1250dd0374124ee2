// Rows of orders, fills, positions and money, in the database `ledger`. Times are of the clock that trading runs by.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

// Kinds, states and reasons are texts as trading/ writes them.
struct OrderRow {
  std::int64_t order_id = 0;
  std::string client_order_id;  // ours; never used twice
  std::string broker_order_id;  // theirs; empty: not known yet
  std::int64_t broker_account_id = 0;
  std::optional<std::int64_t> service_id;
  std::optional<std::int64_t> portfolio_id;  // of an order that is no service's
  std::optional<std::int64_t> transaction_id;
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string side;
  std::string kind;
  std::string time_in_force;
  std::string effect;
  std::string reason;
  std::string state;
  std::string resting;  // the state it goes back to when a request to cancel or change it is refused
  core::Quantity quantity;
  core::Quantity filled_quantity;
  std::optional<core::Price> limit_price;
  std::optional<core::Price> stop_price;
  std::optional<core::Price> fill_price;  // average
  core::Money filled_amount;
  core::Money fees;
  std::int64_t decision = 0;  // the journal's number of the decision that made it
  std::string note;           // why it was denied, rejected or cancelled
  bool late_fill = false;
  bool overfilled = false;
  core::Timestamp created_at;
  core::Timestamp updated_at;
  std::optional<std::int64_t> replaces;  // the order whose place it takes
  // What it shall become: it is being cancelled, and an order like this takes its place. None: it stays as it is.
  std::optional<core::Quantity> wanted_quantity;  // with what is filled
  std::optional<core::Price> wanted_limit;
  std::optional<core::Price> wanted_stop;
};

struct FillRow {
  std::int64_t fill_id = 0;
  std::int64_t broker_account_id = 0;
  std::string broker_fill_id;  // theirs; once an account
  std::int64_t order_id = 0;
  std::optional<std::int64_t> service_id;
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string side;
  core::Price price;
  core::Quantity quantity;
  core::Money fee;                                  // in the instrument's currency
  std::string currency;                             // the instrument's
  core::Price rate = core::Price::from_integer(1);  // that its money was converted at
  bool rate_inverse = false;                        // divided by the rate
  core::Timestamp filled_at;
};

// Whose money an entry moves. Every group of entries adds up to zero in each currency.
enum class CashHolder : std::uint8_t {
  kPortfolio,    // its own cash
  kMoneyMarket,  // of a portfolio, parked
  kService,
  kMarket,    // what was paid for shares, and received for them; of a broker account
  kFees,      // what brokers and exchanges took; of a broker account
  kExternal,  // deposits and withdrawals; of a broker account
  kExchange,  // one currency for another; of a broker account
};
inline constexpr std::array<std::string_view, 7> kCashHolders{"portfolio", "money_market", "service", "market",
                                                              "fees",      "external",     "exchange"};

struct CashEntryRow {
  std::int64_t entry_id = 0;
  std::int64_t journal_seq = 0;  // its group
  core::Timestamp time;
  std::int64_t broker_account_id = 0;
  CashHolder holder = CashHolder::kPortfolio;
  std::int64_t holder_id = 0;
  std::string currency;
  core::Money amount;  // what the holder gets; negative: gives
  std::string reason;  // "fill", "fee", "funding", "allocation", ...
  std::optional<std::int64_t> fill_id;
};

// Per broker account and instrument: the sum over services and what belongs to none.
struct PositionRow {
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  core::Quantity quantity;
  core::Quantity unassigned;  // of no service
  core::Money cost;           // of what is held, without fees
  std::optional<core::Price> price;
  std::optional<core::Timestamp> priced_at;
  core::Timestamp updated_at;
  core::Price rate = core::Price::from_integer(1);  // from the instrument's currency to the account's, at that time
  bool rate_inverse = false;                        // divided by the rate
  // By the times of fills: of the one that opened what is held, and of the last one. An action concerns what was held
  // at the end of the day before its ex-date (live/desk_actions.cpp).
  std::optional<core::Timestamp> held_since;
  std::optional<core::Timestamp> traded_at;
};

// What a portfolio holds: the shares of its services and its own.
struct HoldingRow {
  std::int64_t portfolio_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  core::Quantity quantity;
  core::Quantity unassigned;  // its own, of no service
  core::Money cost;
  core::Timestamp updated_at;
};

struct FundingRow {
  std::int64_t funding_id = 0;
  std::int64_t portfolio_id = 0;
  std::int64_t broker_account_id = 0;
  core::Timestamp time;
  std::string currency;
  core::Money amount;  // a withdrawal is negative
  std::string note;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::OrderRow> {
  using Row = argosy::ledger::OrderRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, order_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, client_order_id, .limits = {.maximum_length = 40}, .text = "ours; never used twice",
                   .filterable = true),
      ARGOSY_FIELD(Row, broker_order_id, .limits = {.maximum_length = 64}, .text = "the broker's; empty: not known"),
      ARGOSY_FIELD(Row, broker_account_id, .text = "where it was sent", .filterable = true),
      ARGOSY_FIELD(Row, service_id, .text = "whose it is", .filterable = true),
      ARGOSY_FIELD(Row, portfolio_id, .text = "whose it is, when it is no service's", .filterable = true),
      ARGOSY_FIELD(Row, transaction_id, .text = "that it opens or closes", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what is traded"),
      ARGOSY_FIELD(Row, symbol, .text = "what is traded", .filterable = true),
      ARGOSY_FIELD(Row, side, .text = "buy or sell", .filterable = true),
      ARGOSY_FIELD(Row, kind, .text = "market, limit, ...", .filterable = true),
      ARGOSY_FIELD(Row, time_in_force, .text = "how long it works"),
      ARGOSY_FIELD(Row, effect, .text = "open or close"),
      ARGOSY_FIELD(Row, reason, .text = "why it was made", .filterable = true),
      ARGOSY_FIELD(Row, state, .text = "created, submitted, accepted, filled, ...", .filterable = true),
      ARGOSY_FIELD(Row, resting, .text = "the state that it goes back to"),
      ARGOSY_FIELD(Row, quantity, .text = "asked for"),
      ARGOSY_FIELD(Row, filled_quantity, .text = "of it filled"),
      ARGOSY_FIELD(Row, limit_price, .text = "the worst price it takes"),
      ARGOSY_FIELD(Row, stop_price, .text = "the price that starts it"),
      ARGOSY_FIELD(Row, fill_price, .text = "average of its fills"),
      ARGOSY_FIELD(Row, filled_amount, .text = "price x quantity of its fills"),
      ARGOSY_FIELD(Row, fees, .text = "of its fills"),
      ARGOSY_FIELD(Row, decision, .text = "the journal's number of the decision that made it"),
      ARGOSY_FIELD(Row, note, .text = "why it was denied, rejected or cancelled"),
      ARGOSY_FIELD(Row, late_fill, .text = "was filled after it had ended"),
      ARGOSY_FIELD(Row, overfilled, .text = "was filled for more than it asked"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was decided", .filterable = true),
      ARGOSY_FIELD(Row, updated_at, .text = "when it last changed", .filterable = true),
      ARGOSY_FIELD(Row, replaces, .text = "the order whose place it takes", .filterable = true),
      ARGOSY_FIELD(Row, wanted_quantity, .text = "what it shall become, with what is filled"),
      ARGOSY_FIELD(Row, wanted_limit, .text = "the limit that it shall have"),
      ARGOSY_FIELD(Row, wanted_stop, .text = "the stop that it shall have"),
  };
  static constexpr RecordType kType{"orders", "Orders, denied ones too", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::FillRow> {
  using Row = argosy::ledger::FillRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, fill_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, broker_account_id, .text = "where it happened"),
      ARGOSY_FIELD(Row, broker_fill_id, .limits = {.maximum_length = 64}, .text = "the broker's, once an account"),
      ARGOSY_FIELD(Row, order_id, .text = "what was filled", .filterable = true),
      ARGOSY_FIELD(Row, service_id, .text = "whose order it was", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what was traded"),
      ARGOSY_FIELD(Row, symbol, .text = "what was traded", .filterable = true),
      ARGOSY_FIELD(Row, side, .text = "buy or sell", .filterable = true),
      ARGOSY_FIELD(Row, price, .text = "paid or received a share"),
      ARGOSY_FIELD(Row, quantity, .text = "shares"),
      ARGOSY_FIELD(Row, fee, .text = "in the instrument's currency"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "the instrument's"),
      ARGOSY_FIELD(Row, rate, .text = "that its money was converted at"),
      ARGOSY_FIELD(Row, rate_inverse, .text = "divided by the rate rather than multiplied"),
      ARGOSY_FIELD(Row, filled_at, .text = "when", .filterable = true),
  };
  static constexpr RecordType kType{"fills", "Parts of orders that were traded", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::CashEntryRow> {
  using Row = argosy::ledger::CashEntryRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, entry_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, journal_seq, .text = "its group, which adds up to zero in each currency"),
      ARGOSY_FIELD(Row, time, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, broker_account_id, .text = "where the money lies"),
      ARGOSY_FIELD(Row, holder, .limits = {.one_of = argosy::ledger::kCashHolders}, .text = "what kind of holder",
                   .filterable = true),
      ARGOSY_FIELD(Row, holder_id, .text = "which one: portfolio, service or broker account", .filterable = true),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "ISO 4217", .filterable = true),
      ARGOSY_FIELD(Row, amount, .text = "what the holder gets; negative: gives"),
      ARGOSY_FIELD(Row, reason, .text = "fill, fee, funding, allocation, release, completion, split, dividend, ...",
                   .filterable = true),
      ARGOSY_FIELD(Row, fill_id, .text = "that moved it"),
  };
  static constexpr RecordType kType{"cash_entries", "Every movement of money, from one holder to another", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::PositionRow> {
  using Row = argosy::ledger::PositionRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "where the shares lie", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what is held"),
      ARGOSY_FIELD(Row, symbol, .text = "what is held", .filterable = true),
      ARGOSY_FIELD(Row, quantity, .text = "the sum over services and what belongs to none", .filterable = true),
      ARGOSY_FIELD(Row, unassigned, .text = "of no service"),
      ARGOSY_FIELD(Row, cost, .text = "of what is held, without fees"),
      ARGOSY_FIELD(Row, price, .text = "the last one known"),
      ARGOSY_FIELD(Row, priced_at, .text = "when it was known"),
      ARGOSY_FIELD(Row, updated_at, .text = "when it last changed", .filterable = true),
      ARGOSY_FIELD(Row, rate, .text = "from its currency to the account's, when the price was known"),
      ARGOSY_FIELD(Row, rate_inverse, .text = "divided by the rate"),
      ARGOSY_FIELD(Row, held_since, .text = "time of the fill that opened it"),
      ARGOSY_FIELD(Row, traded_at, .text = "time of the last fill"),
  };
  static constexpr RecordType kType{"positions", "Shares in broker accounts", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::HoldingRow> {
  using Row = argosy::ledger::HoldingRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, portfolio_id, .text = "whose", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what is held"),
      ARGOSY_FIELD(Row, symbol, .text = "what is held", .filterable = true),
      ARGOSY_FIELD(Row, quantity, .text = "its services' and its own", .filterable = true),
      ARGOSY_FIELD(Row, unassigned, .text = "its own, of no service"),
      ARGOSY_FIELD(Row, cost, .text = "of what is held, without fees"),
      ARGOSY_FIELD(Row, updated_at, .text = "when it last changed", .filterable = true),
  };
  static constexpr RecordType kType{"holdings", "Shares of portfolios", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::FundingRow> {
  using Row = argosy::ledger::FundingRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, funding_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, portfolio_id, .text = "whose", .filterable = true),
      ARGOSY_FIELD(Row, broker_account_id, .text = "where the money lies"),
      ARGOSY_FIELD(Row, time, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "ISO 4217", .filterable = true),
      ARGOSY_FIELD(Row, amount, .text = "a withdrawal is negative"),
      ARGOSY_FIELD(Row, note, .text = "in words"),
  };
  static constexpr RecordType kType{"fundings", "Deposits and withdrawals", kFields};
};

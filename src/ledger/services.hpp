// Rows of portfolios and of the trading services that are their sub-accounts, in the database `ledger`.
//
// Percent fields are percent: 25 is a quarter. Amounts are in the row's currency.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

enum class ServiceState : std::uint8_t { kActive, kInactive, kPaused, kError };
inline constexpr std::array<std::string_view, 4> kServiceStates{"ACTIVE", "INACTIVE", "PAUSED", "ERROR"};
[[nodiscard]] constexpr std::string_view to_string(ServiceState state) {
  return kServiceStates[static_cast<std::size_t>(state)];
}

enum class TradingMode : std::uint8_t { kBuy, kSell, kHold };
inline constexpr std::array<std::string_view, 3> kTradingModes{"BUY", "SELL", "HOLD"};
[[nodiscard]] constexpr std::string_view to_string(TradingMode mode) {
  return kTradingModes[static_cast<std::size_t>(mode)];
}

enum class TransactionState : std::uint8_t { kOpen, kClosed, kCancelled };
inline constexpr std::array<std::string_view, 3> kTransactionStates{"OPEN", "CLOSED", "CANCELLED"};

enum class Environment : std::uint8_t { kPaper, kLive };
inline constexpr std::array<std::string_view, 2> kEnvironments{"paper", "live"};

struct BrokerAccountRow {
  std::int64_t broker_account_id = 0;
  std::string broker;  // "paper", "trading212", ...
  Environment environment = Environment::kPaper;
  std::string masked_number;  // all but the last digits hidden
  std::string base_currency = "USD";
  std::int64_t owner_id = 0;
  core::Timestamp created_at;
};

struct PortfolioRow {
  std::int64_t portfolio_id = 0;
  std::int64_t owner_id = 0;
  std::int64_t broker_account_id = 0;
  std::string name;
  bool is_default = false;
  std::string currency = "USD";
  core::Money cash;          // its own, not given to services: the sum of its entries
  core::Money money_market;  // parked: the sum of its entries there
  core::Timestamp created_at;
  std::optional<core::Timestamp> removed_at;  // then it is there for its history alone
};

struct ServiceRow {
  std::int64_t service_id = 0;
  std::int64_t owner_id = 0;
  std::int64_t portfolio_id = 0;
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  std::string name;
  std::string description;
  std::string stock_symbol;
  ServiceState state = ServiceState::kInactive;
  TradingMode mode = TradingMode::kBuy;
  std::string currency = "USD";
  core::Money initial_balance;
  core::Money current_balance;  // the sum of its entries
  core::Money minimum_balance;
  core::Money returned_balance;  // given back to the portfolio when it was stopped; taken again at the next start
  core::Rate allocation_percent = core::Rate::from_integer(100);
  core::Rate buy_threshold;
  core::Rate sell_threshold;
  core::Rate stop_loss_percent;    // 0: none
  core::Rate take_profit_percent;  // 0: none
  core::Quantity current_shares;
  std::int64_t buy_count = 0;
  std::int64_t sell_count = 0;
  core::Money total_gain_loss;
  std::string strategy = "probability";
  std::int64_t interval_seconds = 10;
  bool fractional = false;
  std::int64_t failures = 0;  // in a row; a fill ends them
  std::string error;          // why it is in ERROR
  core::Timestamp created_at;
  core::Timestamp updated_at;
  std::optional<core::Timestamp> removed_at;  // then it is there for its history alone
};

// A round trip of a service: opened by the first fill of a buy, closed when all of it is sold.
struct TransactionRow {
  std::int64_t transaction_id = 0;
  std::int64_t service_id = 0;
  std::int64_t instrument_id = 0;
  std::string stock_symbol;
  core::Quantity shares;  // open: held now; closed: what was bought and sold
  TransactionState state = TransactionState::kOpen;
  core::Price purchase_price;  // average of what was bought
  std::optional<core::Price> sale_price;
  core::Money gain_loss;      // (sale - purchase) x shares, of what was sold
  core::Money net_gain_loss;  // after the fees of both sides
  core::Timestamp purchase_date;
  std::optional<core::Timestamp> sale_date;
  std::string notes;
  core::Quantity bought;
  core::Quantity sold;
  core::Money purchase_amount;  // of everything bought, without fees
  core::Money sale_amount;      // of everything sold, without fees
  core::Money fees;
  std::int64_t currency_digits = 2;
  core::Money quoted_amount;  // of everything bought, in the instrument's currency

  // What a share cost on average in the instrument's currency; none where nothing is bought.
  [[nodiscard]] core::Price quoted_price() const {
    return bought.is_zero() ? core::Price() : core::divide(quoted_amount, bought, core::Rounding::kHalfEven);
  }
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::BrokerAccountRow> {
  using Row = argosy::ledger::BrokerAccountRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, broker, .limits = {.maximum_length = 20}, .text = "whose account it is: paper, ...",
                   .filterable = true),
      ARGOSY_FIELD(Row, environment, .limits = {.one_of = argosy::ledger::kEnvironments}, .text = "paper or live",
                   .filterable = true),
      ARGOSY_FIELD(Row, masked_number, .limits = {.maximum_length = 40}, .text = "the last digits of its number"),
      ARGOSY_FIELD(Row, base_currency, .limits = {.maximum_length = 3}, .text = "ISO 4217", .filterable = true),
      ARGOSY_FIELD(Row, owner_id, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, created_at, .text = "when it was added"),
  };
  static constexpr RecordType kType{"broker_accounts", "Accounts with brokers", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::PortfolioRow> {
  using Row = argosy::ledger::PortfolioRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, portfolio_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, owner_id, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, broker_account_id, .text = "the account that its money and shares lie in", .filterable = true),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is called", .filterable = true),
      ARGOSY_FIELD(Row, is_default, .text = "the one that is meant when none is named", .filterable = true),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "of its amounts", .filterable = true),
      ARGOSY_FIELD(Row, cash, .text = "not given to services"),
      ARGOSY_FIELD(Row, money_market, .text = "parked"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made", .filterable = true),
      ARGOSY_FIELD(Row, removed_at, .text = "when it was removed"),
  };
  static constexpr RecordType kType{"portfolios", "Money and shares of a user in one broker account", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::ServiceRow> {
  using Row = argosy::ledger::ServiceRow;
  static constexpr FieldLimits kPercent{.minimum = 0, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, service_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, owner_id, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, portfolio_id, .text = "whose sub-account it is", .filterable = true),
      ARGOSY_FIELD(Row, broker_account_id, .text = "where it trades"),
      ARGOSY_FIELD(Row, instrument_id, .text = "what it trades"),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is called", .filterable = true),
      ARGOSY_FIELD(Row, description, .limits = {.maximum_length = 1000}, .text = "in words"),
      ARGOSY_FIELD(Row, stock_symbol, .limits = {.maximum_length = 20}, .text = "what it trades", .filterable = true),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::ledger::kServiceStates},
                   .text = "ACTIVE trades, PAUSED keeps its stops, INACTIVE is off, ERROR needs a user",
                   .filterable = true),
      ARGOSY_FIELD(Row, mode, .limits = {.one_of = argosy::ledger::kTradingModes},
                   .text = "BUY looks for a chance to buy, SELL to sell, HOLD does neither", .filterable = true),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "of its amounts"),
      ARGOSY_FIELD(Row, initial_balance, .limits = {.minimum = 0}, .text = "what it was given"),
      ARGOSY_FIELD(Row, current_balance, .text = "its cash: the sum of its entries"),
      ARGOSY_FIELD(Row, minimum_balance, .limits = {.minimum = 0}, .text = "cash that is never spent"),
      ARGOSY_FIELD(Row, returned_balance, .text = "given back when it was stopped, taken again when it starts"),
      ARGOSY_FIELD(Row, allocation_percent, .unit = "%", .limits = kPercent, .text = "of its cash spent on a purchase"),
      ARGOSY_FIELD(Row, buy_threshold, .unit = "%", .limits = kPercent, .text = "least confidence of a YES to buy"),
      ARGOSY_FIELD(Row, sell_threshold, .unit = "%", .limits = kPercent, .text = "least confidence of a YES to sell"),
      ARGOSY_FIELD(Row, stop_loss_percent, .unit = "%", .limits = kPercent,
                   .text = "below the purchase price it sells without asking; 0: never"),
      ARGOSY_FIELD(Row, take_profit_percent, .unit = "%", .limits = {.minimum = 0, .maximum = 10'000},
                   .text = "above the purchase price it sells without asking; 0: never"),
      ARGOSY_FIELD(Row, current_shares, .text = "held"),
      ARGOSY_FIELD(Row, buy_count, .text = "purchases"),
      ARGOSY_FIELD(Row, sell_count, .text = "sales"),
      ARGOSY_FIELD(Row, total_gain_loss, .text = "after fees, of closed transactions", .filterable = true),
      ARGOSY_FIELD(Row, strategy, .limits = {.maximum_length = 100}, .text = "what decides: probability, hybrid, ...",
                   .filterable = true),
      ARGOSY_FIELD(Row, interval_seconds, .unit = "s", .limits = {.minimum = 1, .maximum = 86'400},
                   .text = "between two decisions"),
      ARGOSY_FIELD(Row, fractional, .text = "buys fractions of shares"),
      ARGOSY_FIELD(Row, failures, .text = "orders that failed in a row"),
      ARGOSY_FIELD(Row, error, .text = "why it is in ERROR"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made", .filterable = true),
      ARGOSY_FIELD(Row, updated_at, .text = "when it last changed", .filterable = true),
      ARGOSY_FIELD(Row, removed_at, .text = "when it was removed"),
  };
  static constexpr RecordType kType{"trading_services", "Services that buy and sell one stock", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::TransactionRow> {
  using Row = argosy::ledger::TransactionRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, transaction_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, service_id, .text = "whose it is", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what was bought"),
      ARGOSY_FIELD(Row, stock_symbol, .limits = {.maximum_length = 20}, .text = "what was bought", .filterable = true),
      ARGOSY_FIELD(Row, shares, .text = "held, or, once closed, sold"),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::ledger::kTransactionStates},
                   .text = "CANCELLED: nothing was ever filled", .filterable = true),
      ARGOSY_FIELD(Row, purchase_price, .text = "average"),
      ARGOSY_FIELD(Row, sale_price, .text = "average"),
      ARGOSY_FIELD(Row, gain_loss, .text = "(sale - purchase) x shares, of what was sold", .filterable = true),
      ARGOSY_FIELD(Row, net_gain_loss, .text = "after fees", .filterable = true),
      ARGOSY_FIELD(Row, purchase_date, .text = "of the first fill", .filterable = true),
      ARGOSY_FIELD(Row, sale_date, .text = "of the fill that closed it", .filterable = true),
      ARGOSY_FIELD(Row, notes, .text = "in words"),
      ARGOSY_FIELD(Row, bought, .text = "all that was bought"),
      ARGOSY_FIELD(Row, sold, .text = "all that was sold"),
      ARGOSY_FIELD(Row, purchase_amount, .text = "paid, without fees"),
      ARGOSY_FIELD(Row, sale_amount, .text = "received, before fees"),
      ARGOSY_FIELD(Row, fees, .text = "of both sides"),
      ARGOSY_FIELD(Row, currency_digits, .text = "decimals that its amounts are shown with"),
      ARGOSY_FIELD(Row, quoted_amount, .text = "paid, in the instrument's currency"),
  };
  static constexpr RecordType kType{"trading_transactions", "Round trips of services", kFields};
};

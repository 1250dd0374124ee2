// Rows of the views of the database `ledger`: select<StatementRow>(work, "WHERE portfolio_id = :p ORDER BY time", {7}).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/record.hpp"

namespace argosy::ledger {

// An instrument, as users of stocks know it.
struct StockRow {
  std::int64_t id = 0;
  std::string symbol;
  std::string name;
  bool is_active = true;
  std::string sector;
  std::string description;
};

// A round trip of a service that is over.
struct TradeRow {
  std::int64_t trade_id = 0;  // of its transaction
  std::int64_t service_id = 0;
  std::int64_t portfolio_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  core::Quantity shares;
  core::Price purchase_price;
  std::optional<core::Price> sale_price;
  core::Timestamp purchase_date;
  std::optional<core::Timestamp> sale_date;
  core::Money gain_loss;
  core::Money net_gain_loss;
  core::Money fees;
};

// A line of a portfolio's statement.
struct StatementRow {
  std::int64_t portfolio_id = 0;
  core::Timestamp time;
  std::string kind;        // "buy", "sell", "deposit", "withdrawal", "split", "dividend", "delisting"
  std::int64_t event = 0;  // the number of the fill, of the funding, or, of an action, the journal's
  std::optional<std::int64_t> service_id;
  std::string symbol;
  core::Quantity quantity;
  core::Price price;
  core::Money fee;
  std::string currency;
  core::Money amount;  // what came in, after fees; negative: went out
  std::string note;
};

struct CashBalanceRow {
  std::string holder;  // as in cash_entries
  std::int64_t holder_id = 0;
  std::string currency;
  core::Money amount;
  std::int64_t entries = 0;  // how many it is the sum of
};

struct UserRoleRow {
  std::int64_t user_id = 0;
  std::string username;
  std::string email;
  std::string role;
  bool is_admin = false;
  bool is_active = true;
  std::optional<core::Timestamp> last_login;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::StockRow> {
  using Row = argosy::ledger::StockRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, id, .text = "of the instrument", .filterable = true),
      ARGOSY_FIELD(Row, symbol, .text = "ticker symbol", .filterable = true),
      ARGOSY_FIELD(Row, name, .text = "company or product name", .filterable = true),
      ARGOSY_FIELD(Row, is_active, .text = "may be traded", .filterable = true),
      ARGOSY_FIELD(Row, sector, .text = "economic sector", .filterable = true),
      ARGOSY_FIELD(Row, description, .text = "in words"),
  };
  static constexpr RecordType kType{"stocks", "Instruments, as users of stocks know them", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::TradeRow> {
  using Row = argosy::ledger::TradeRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, trade_id, .text = "of its transaction", .filterable = true),
      ARGOSY_FIELD(Row, service_id, .text = "whose it is", .filterable = true),
      ARGOSY_FIELD(Row, portfolio_id, .text = "of the service", .filterable = true),
      ARGOSY_FIELD(Row, instrument_id, .text = "what was traded"),
      ARGOSY_FIELD(Row, symbol, .text = "what was traded", .filterable = true),
      ARGOSY_FIELD(Row, shares, .text = "bought and sold"),
      ARGOSY_FIELD(Row, purchase_price, .text = "average"),
      ARGOSY_FIELD(Row, sale_price, .text = "average"),
      ARGOSY_FIELD(Row, purchase_date, .text = "of the first fill", .filterable = true),
      ARGOSY_FIELD(Row, sale_date, .text = "of the last", .filterable = true),
      ARGOSY_FIELD(Row, gain_loss, .text = "before fees", .filterable = true),
      ARGOSY_FIELD(Row, net_gain_loss, .text = "after fees", .filterable = true),
      ARGOSY_FIELD(Row, fees, .text = "of both sides"),
  };
  static constexpr RecordType kType{"trades", "Round trips that are over", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::StatementRow> {
  using Row = argosy::ledger::StatementRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, portfolio_id, .text = "whose", .filterable = true),
      ARGOSY_FIELD(Row, time, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, kind, .text = "buy, sell, deposit, withdrawal, split, dividend or delisting",
                   .filterable = true),
      ARGOSY_FIELD(Row, event, .text = "number of the fill or of the funding; of an action the journal's",
                   .filterable = true),
      ARGOSY_FIELD(Row, service_id, .text = "whose order it was", .filterable = true),
      ARGOSY_FIELD(Row, symbol, .text = "what was traded", .filterable = true),
      ARGOSY_FIELD(Row, quantity, .text = "shares"),
      ARGOSY_FIELD(Row, price, .text = "a share"),
      ARGOSY_FIELD(Row, fee, .text = "in the instrument's currency"),
      ARGOSY_FIELD(Row, currency, .text = "of the amount"),
      ARGOSY_FIELD(Row, amount, .text = "came in after fees; negative: went out"),
      ARGOSY_FIELD(Row, note, .text = "in words"),
  };
  static constexpr RecordType kType{"transactions", "What moved a portfolio's money", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::CashBalanceRow> {
  using Row = argosy::ledger::CashBalanceRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, holder, .text = "what kind of holder", .filterable = true),
      ARGOSY_FIELD(Row, holder_id, .text = "which one", .filterable = true),
      ARGOSY_FIELD(Row, currency, .text = "ISO 4217", .filterable = true),
      ARGOSY_FIELD(Row, amount, .text = "the sum of its entries"),
      ARGOSY_FIELD(Row, entries, .text = "how many"),
  };
  static constexpr RecordType kType{"cash_balances", "Sums of the entries of each holder", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::UserRoleRow> {
  using Row = argosy::ledger::UserRoleRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "number"),
      ARGOSY_FIELD(Row, username, .text = "unique"),
      ARGOSY_FIELD(Row, email, .text = "unique"),
      ARGOSY_FIELD(Row, role, .text = "admin, trader or viewer"),
      ARGOSY_FIELD(Row, is_admin, .text = "the role is admin"),
      ARGOSY_FIELD(Row, is_active, .text = "may use the program"),
      ARGOSY_FIELD(Row, last_login, .text = "when"),
  };
  static constexpr RecordType kType{"user_roles", "Users without what they log in with", kFields};
};

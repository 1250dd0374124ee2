// Rows of users, and of what they keep: strategies and limits, in the database `ledger`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

enum class Role : std::uint8_t { kAdmin, kTrader, kViewer };
inline constexpr std::array<std::string_view, 3> kRoles{"admin", "trader", "viewer"};

struct UserRow {
  std::int64_t user_id = 0;
  std::string username;
  std::string email;
  std::string password_hash;  // empty: cannot log in
  Role role = Role::kViewer;
  bool is_active = true;
  std::optional<core::Timestamp> last_login;
  core::Timestamp created_at;
  bool password_is_once = false;  // it was printed at a start, and another one is made at the next
};

// A version of a strategy is never changed; a change is the next version.
struct StrategyRow {
  std::int64_t strategy_id = 0;
  std::int64_t owner_id = 0;
  std::string name;
  std::string text;  // the strategy file
  std::int64_t version = 1;
  std::int64_t custom_order = 0;  // where its owner wants it in lists
  core::Timestamp created_at;
};

// A limit as text, read by what it limits. A hard and a soft one of a name may stand beside each other: both hold.
struct RiskLimitRow {
  std::string scope;    // "all", "account", "portfolio", "strategy", "service", "instrument"
  std::string subject;  // which one; empty: all
  std::string name;
  std::string value;
  bool is_hard = false;  // of the configuration file: no command can change it
  std::string set_by;
  core::Timestamp set_at;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::UserRow> {
  using Row = argosy::ledger::UserRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, user_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, username, .limits = {.maximum_length = 50}, .text = "unique", .filterable = true),
      ARGOSY_FIELD(Row, email, .limits = {.maximum_length = 120}, .text = "unique", .filterable = true),
      ARGOSY_FIELD(Row, password_hash, .text = "empty: cannot log in"),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "what the user may do",
                   .filterable = true),
      ARGOSY_FIELD(Row, is_active, .text = "may use the program", .filterable = true),
      ARGOSY_FIELD(Row, last_login, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, created_at, .text = "when it was made", .filterable = true),
      ARGOSY_FIELD(Row, password_is_once, .text = "made anew at each start, until it is changed"),
  };
  static constexpr RecordType kType{"users", "Who may use the program", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::StrategyRow> {
  using Row = argosy::ledger::StrategyRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, strategy_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, owner_id, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "what it is called", .filterable = true),
      ARGOSY_FIELD(Row, text, .text = "the strategy file"),
      ARGOSY_FIELD(Row, version, .text = "from 1", .filterable = true),
      ARGOSY_FIELD(Row, custom_order, .text = "where its owner wants it in lists", .filterable = true),
      ARGOSY_FIELD(Row, created_at, .text = "when this version was stored", .filterable = true),
  };
  static constexpr RecordType kType{"strategies", "Strategies of users", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::RiskLimitRow> {
  using Row = argosy::ledger::RiskLimitRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, scope, .text = "all, account, portfolio, strategy, service or instrument", .filterable = true),
      ARGOSY_FIELD(Row, subject, .text = "which one; empty: all", .filterable = true),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 60}, .text = "of the limit", .filterable = true),
      ARGOSY_FIELD(Row, value, .text = "as it is written"),
      ARGOSY_FIELD(Row, is_hard, .text = "of the configuration file: no command can change it", .filterable = true),
      ARGOSY_FIELD(Row, set_by, .text = "who"),
      ARGOSY_FIELD(Row, set_at, .text = "when", .filterable = true),
  };
  static constexpr RecordType kType{"risk_limits", "Limits of orders and accounts", kFields};
};

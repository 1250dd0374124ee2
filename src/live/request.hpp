// What can be asked of the process that trades, as JSON in the rows of order_requests and service_commands
// (ledger/journal.hpp), and its answers.
//
//   {"kind": "service_create", "payload": {"symbol": "AAPL", "balance": "10000", ...}}  ->  {"service_id": 1}
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/services.hpp"

namespace argosy::live {

// The instrument as the ledger has it: whoever asks has looked it up, and stored it where it was new.
struct CreateService {
  std::int64_t instrument_id = 0;
  std::string symbol;
  core::Money balance;
  std::string name;
  std::string description;
  std::int64_t portfolio_id = 0;  // 0: the default one
  core::Money minimum_balance;
  core::Rate allocation_percent = core::Rate::from_integer(100);
  core::Rate buy_threshold;
  core::Rate sell_threshold;
  core::Rate stop_loss_percent;
  core::Rate take_profit_percent;
  std::string strategy = "probability";
  std::int64_t interval_seconds = 10;
  bool fractional = false;
  bool starts = true;
};

struct SetService {
  std::int64_t service_id = 0;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> mode;
  std::optional<core::Money> minimum_balance;
  std::optional<core::Rate> allocation_percent;
  std::optional<core::Rate> buy_threshold;
  std::optional<core::Rate> sell_threshold;
  std::optional<core::Rate> stop_loss_percent;
  std::optional<core::Rate> take_profit_percent;
  std::optional<std::string> strategy;
  std::optional<std::int64_t> interval_seconds;
  std::optional<bool> fractional;
  std::optional<core::Money> add_balance;  // from the portfolio; negative: back
};

// service_start, service_pause, service_stop, service_remove, close_position, order_cancel, portfolio_remove.
struct OneSubject {
  std::int64_t id = 0;
};

struct CompleteTransaction {
  std::int64_t transaction_id = 0;
  core::Price price;
};

struct CreatePortfolio {
  std::string name;
  std::int64_t owner_id = 0;
  std::int64_t broker_account_id = 0;
  std::string currency = "USD";
  bool is_default = false;
};

struct SetPortfolio {
  std::int64_t portfolio_id = 0;
  std::optional<std::string> name;
  std::optional<bool> is_default;  // false: refused of the default one, for there must be one
};

// portfolio_fund, portfolio_withdraw.
struct MovePortfolioMoney {
  std::int64_t portfolio_id = 0;  // 0: the default one
  core::Money amount;
  bool money_market = false;
  std::string note;
};

struct ThrowSwitch {
  std::string scope = "all";
  std::string subject;
  std::string halts = "orders";
  std::string reason;
  bool flatten = false;
};

struct ReleaseSwitch {
  std::int64_t switch_id = 0;  // 0: those of the scope and subject
  std::string scope = "all";
  std::string subject;
};

// A soft limit of all accounts (trading/soft_limits.hpp).
struct SetLimit {
  std::string name;
  std::string value;
  bool tighter_only = false;  // one that would be looser is forbidden
};

// tell_user: what another part of the program has to say. A user's; of 0: nobody's, and so for admins.
struct TellUser {
  std::int64_t owner_id = 0;
  std::string severity = "info";
  std::string subject;
  std::string text;
};

// Whether doing it may need an order or a cancel, and so a process that trades.
[[nodiscard]] bool needs_orders(std::string_view kind);

// The number that an answer gives: {"service_id": 1}.
[[nodiscard]] core::Result<std::int64_t> answered_number(const core::JsonValue& answer, std::string_view name);
// {"error": {"code": "not_found", "message": ..., "hint": ...}}, back to the error it was.
[[nodiscard]] core::Error answered_error(const core::JsonValue& answer);

}  // namespace argosy::live

template <>
struct argosy::core::RecordOf<argosy::live::CreateService> {
  using Asked = argosy::live::CreateService;
  static constexpr FieldLimits kPercent{.minimum = 0, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, instrument_id),
      ARGOSY_FIELD(Asked, symbol, .limits = {.maximum_length = 20}, .required = true),
      ARGOSY_FIELD(Asked, balance, .unit = "money", .limits = {.minimum = 0}, .required = true),
      ARGOSY_FIELD(Asked, name, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, description, .limits = {.maximum_length = 1000}),
      ARGOSY_FIELD(Asked, portfolio_id),
      ARGOSY_FIELD(Asked, minimum_balance, .limits = {.minimum = 0}),
      ARGOSY_FIELD(Asked, allocation_percent, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, buy_threshold, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, sell_threshold, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, stop_loss_percent, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, take_profit_percent, .unit = "%", .limits = {.minimum = 0, .maximum = 10'000}),
      ARGOSY_FIELD(Asked, strategy, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, interval_seconds, .unit = "s", .limits = {.minimum = 1, .maximum = 86'400}),
      ARGOSY_FIELD(Asked, fractional),
      ARGOSY_FIELD(Asked, starts),
  };
  static constexpr RecordType kType{"service_create", "A new service", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::SetService> {
  using Asked = argosy::live::SetService;
  static constexpr FieldLimits kPercent{.minimum = 0, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, service_id, .required = true),
      ARGOSY_FIELD(Asked, name, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, description, .limits = {.maximum_length = 1000}),
      ARGOSY_FIELD(Asked, mode, .limits = {.one_of = argosy::ledger::kTradingModes}),
      ARGOSY_FIELD(Asked, minimum_balance, .limits = {.minimum = 0}),
      ARGOSY_FIELD(Asked, allocation_percent, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, buy_threshold, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, sell_threshold, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, stop_loss_percent, .unit = "%", .limits = kPercent),
      ARGOSY_FIELD(Asked, take_profit_percent, .unit = "%", .limits = {.minimum = 0, .maximum = 10'000}),
      ARGOSY_FIELD(Asked, strategy, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, interval_seconds, .unit = "s", .limits = {.minimum = 1, .maximum = 86'400}),
      ARGOSY_FIELD(Asked, fractional),
      ARGOSY_FIELD(Asked, add_balance),
  };
  static constexpr RecordType kType{"service_set", "Other settings of a service", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::OneSubject> {
  using Asked = argosy::live::OneSubject;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Asked, id)};
  static constexpr RecordType kType{"subject", "Which one", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::CompleteTransaction> {
  using Asked = argosy::live::CompleteTransaction;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, transaction_id, .required = true),
      ARGOSY_FIELD(Asked, price, .limits = {.minimum = 0}, .required = true),
  };
  static constexpr RecordType kType{"complete", "A transaction is closed by hand", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::CreatePortfolio> {
  using Asked = argosy::live::CreatePortfolio;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, name, .limits = {.maximum_length = 100}, .required = true),
      ARGOSY_FIELD(Asked, owner_id),
      ARGOSY_FIELD(Asked, broker_account_id),
      ARGOSY_FIELD(Asked, currency, .limits = {.maximum_length = 3}),
      ARGOSY_FIELD(Asked, is_default),
  };
  static constexpr RecordType kType{"portfolio_create", "A new portfolio", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::SetPortfolio> {
  using Asked = argosy::live::SetPortfolio;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, portfolio_id, .required = true),
      ARGOSY_FIELD(Asked, name, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, is_default),
  };
  static constexpr RecordType kType{"portfolio_set", "Another name of a portfolio, or being the default one", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::MovePortfolioMoney> {
  using Asked = argosy::live::MovePortfolioMoney;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, portfolio_id),
      ARGOSY_FIELD(Asked, amount, .limits = {.minimum = 0}, .required = true),
      ARGOSY_FIELD(Asked, money_market),
      ARGOSY_FIELD(Asked, note, .limits = {.maximum_length = 200}),
  };
  static constexpr RecordType kType{"portfolio_money", "Money in or out", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::TellUser> {
  using Asked = argosy::live::TellUser;
  static constexpr std::array<std::string_view, 3> kSeverities{"info", "warning", "error"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, owner_id),
      ARGOSY_FIELD(Asked, severity, .limits = {.one_of = kSeverities}),
      ARGOSY_FIELD(Asked, subject, .limits = {.maximum_length = 200}, .required = true),
      ARGOSY_FIELD(Asked, text, .limits = {.maximum_length = 2000}),
  };
  static constexpr RecordType kType{"tell_user", "A notification", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ThrowSwitch> {
  using Asked = argosy::live::ThrowSwitch;
  static constexpr std::array<std::string_view, 6> kScopes{"all",     "account",    "strategy",
                                                           "service", "instrument", "order"};
  static constexpr std::array<std::string_view, 2> kHalts{"entries", "orders"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, scope, .limits = {.one_of = kScopes}),
      ARGOSY_FIELD(Asked, subject, .limits = {.maximum_length = 100}),
      ARGOSY_FIELD(Asked, halts, .limits = {.one_of = kHalts}),
      ARGOSY_FIELD(Asked, reason, .limits = {.maximum_length = 200}),
      ARGOSY_FIELD(Asked, flatten),
  };
  static constexpr RecordType kType{"risk_kill", "The kill switch", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ReleaseSwitch> {
  using Asked = argosy::live::ReleaseSwitch;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, switch_id),
      ARGOSY_FIELD(Asked, scope, .limits = {.one_of = RecordOf<argosy::live::ThrowSwitch>::kScopes}),
      ARGOSY_FIELD(Asked, subject, .limits = {.maximum_length = 100}),
  };
  static constexpr RecordType kType{"risk_release", "The kill switch is lifted", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::SetLimit> {
  using Asked = argosy::live::SetLimit;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, name, .limits = {.maximum_length = 60}, .required = true),
      ARGOSY_FIELD(Asked, value, .limits = {.maximum_length = 1000}, .required = true),
      ARGOSY_FIELD(Asked, tighter_only),
  };
  static constexpr RecordType kType{"risk_set", "A soft limit", kFields};
};

// What the paper broker and its venue say to each other: lines of JSON, one message a line. A client asks, each
// question with a number of its own; the venue answers with that number, or tells of what happened, with 0.
//
//   {"type":"login","id":1,"body":{"account":"paper","version":1}}
//   {"type":"welcome","id":1,"body":{"account":"paper","version":1,"client_ids":true,"fractional":false}}
//   {"type":"submit","id":2,"body":{"client_order_id":"a-1","symbol":"AAPL","side":"buy","quantity":"10", ...}}
//   {"type":"order","id":2,"body":{"client_order_id":"a-1","broker_order_id":"P1","state":"working", ...},"fills":[]}
//   {"type":"order","id":0,"body":{... "state":"filled"},"fills":[{"broker_fill_id":"F1","price":"190.1", ...}]}
//
// Lists that may be long come in parts; the last one says so. Amounts are decimal strings, times are RFC 3339.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "trading/broker_connection.hpp"

namespace argosy::brokers {

inline constexpr std::int64_t kPaperVersion = 1;  // of the protocol

// --- Questions. ---

struct Login {
  std::string account;
  std::int64_t version = kPaperVersion;
};
// An order by its ids; the venue looks at the client's where it keeps them.
struct CancelOrder {
  std::string client_order_id;
  std::string broker_order_id;
};
struct AskOrder {
  std::string client_order_id;
  std::string broker_order_id;
};
struct AskOpenOrders {};
struct AskHistory {
  core::Timestamp since;
};
struct AskAccount {};
struct Fund {
  std::int64_t funding_id = 0;
  std::string currency;
  core::Money amount;
};
using Question =
    std::variant<Login, trading::OrderTicket, CancelOrder, AskOrder, AskOpenOrders, AskHistory, AskAccount, Fund>;

// --- Answers. ---

struct Welcome {
  std::string account;
  std::int64_t version = kPaperVersion;
  bool client_ids = true;
  bool fractional = false;
};
struct NoOrder {
  std::string client_order_id;  // as it was asked for
};
struct OpenOrders {
  std::vector<trading::OrderReport> orders;
  bool is_last = true;
};
struct History {
  std::vector<trading::OrderReport> orders;
  bool is_last = true;
};
struct CancelRefused {
  std::string client_order_id;
  std::string reason;
};
struct Funded {
  std::int64_t funding_id = 0;
};
// The question was not carried out; nothing has changed.
struct Refused {
  std::string code;  // of core::ErrorCode
  std::string message;
};
using Answer = std::variant<Welcome, trading::OrderReport, NoOrder, OpenOrders, History, trading::AccountReport,
                            CancelRefused, Funded, Refused>;

// A line that is a message. Its body may still make no sense: what to answer is then known.
struct AskedLine {
  std::int64_t id = 0;
  core::Result<Question> question;
};
struct AnsweredLine {
  std::int64_t id = 0;
  core::Result<Answer> answer;
};

// A line without its end. The outer error: no JSON object with a type and a number; whoever sends it is not understood.
[[nodiscard]] core::Result<AskedLine> parse_question(std::string_view line);
[[nodiscard]] core::Result<AnsweredLine> parse_answer(std::string_view line);
// With the line's end.
[[nodiscard]] std::string to_line(std::int64_t id, const Question& question);
[[nodiscard]] std::string to_line(std::int64_t id, const Answer& answer);

// At most 40 letters, digits and dashes, at least one.
[[nodiscard]] bool is_client_order_id(std::string_view text);

inline constexpr std::array<std::string_view, 2> kSideNames{"buy", "sell"};
inline constexpr std::array<std::string_view, 5> kKindNames{"market", "limit", "stop", "stop_limit", "trailing_stop"};
inline constexpr std::array<std::string_view, 6> kTimeInForceNames{"gtc", "day", "ioc", "fok", "at_open", "at_close"};
inline constexpr std::array<std::string_view, 6> kReportedStateNames{"pending",   "working",  "filled",
                                                                     "cancelled", "rejected", "expired"};

}  // namespace argosy::brokers

template <>
struct argosy::core::RecordOf<argosy::brokers::Login> {
  using Login = argosy::brokers::Login;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Login, account, .limits = {.maximum_length = 64}, .text = "whose orders", .required = true),
      ARGOSY_FIELD(Login, version, .text = "of the protocol", .required = true),
  };
  static constexpr RecordType kType{"login", "The first question", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::trading::OrderTicket> {
  using Ticket = argosy::trading::OrderTicket;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Ticket, client_order_id, .limits = {.maximum_length = 40}, .text = "the client's", .required = true),
      ARGOSY_FIELD(Ticket, symbol, .limits = {.maximum_length = 20}, .text = "what is traded", .required = true),
      ARGOSY_FIELD(Ticket, side, .limits = {.one_of = argosy::brokers::kSideNames}, .text = "buy or sell",
                   .required = true),
      ARGOSY_FIELD(Ticket, kind, .limits = {.one_of = argosy::brokers::kKindNames}, .text = "of order"),
      ARGOSY_FIELD(Ticket, time_in_force, .limits = {.one_of = argosy::brokers::kTimeInForceNames},
                   .text = "how long it works"),
      ARGOSY_FIELD(Ticket, quantity, .unit = "shares", .text = "how much", .required = true),
      ARGOSY_FIELD(Ticket, limit, .text = "price; 0: none"),
      ARGOSY_FIELD(Ticket, stop, .text = "price; 0: none"),
      ARGOSY_FIELD(Ticket, closes, .text = "may only make a position smaller"),
      ARGOSY_FIELD(Ticket, shrink_to_cash, .text = "fills what the cash pays, cancels the rest"),
  };
  static constexpr RecordType kType{"submit", "A new order", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::CancelOrder> {
  using Cancel = argosy::brokers::CancelOrder;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Cancel, client_order_id, .limits = {.maximum_length = 40}, .text = "the client's"),
      ARGOSY_FIELD(Cancel, broker_order_id, .limits = {.maximum_length = 64}, .text = "the venue's"),
  };
  static constexpr RecordType kType{"cancel", "An order to be cancelled", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::AskOrder> {
  using Ask = argosy::brokers::AskOrder;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Ask, client_order_id, .limits = {.maximum_length = 40}, .text = "the client's"),
      ARGOSY_FIELD(Ask, broker_order_id, .limits = {.maximum_length = 64}, .text = "the venue's"),
  };
  static constexpr RecordType kType{"ask_order", "An order to be told of", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::AskHistory> {
  using Ask = argosy::brokers::AskHistory;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Ask, since, .text = "orders that were filled or ended at this time or later", .required = true),
  };
  static constexpr RecordType kType{"ask_history", "Orders of the past", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::Fund> {
  using Fund = argosy::brokers::Fund;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Fund, funding_id, .limits = {.minimum = 1}, .text = "done once only", .required = true),
      ARGOSY_FIELD(Fund, currency, .limits = {.maximum_length = 3}, .text = "ISO 4217", .required = true),
      ARGOSY_FIELD(Fund, amount, .text = "negative: taken out", .required = true),
  };
  static constexpr RecordType kType{"fund", "Money for the account", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::Welcome> {
  using Welcome = argosy::brokers::Welcome;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Welcome, account, .text = "whose orders", .required = true),
      ARGOSY_FIELD(Welcome, version, .text = "of the protocol", .required = true),
      ARGOSY_FIELD(Welcome, client_ids, .text = "orders are found by the client's id", .required = true),
      ARGOSY_FIELD(Welcome, fractional, .text = "takes fractions of shares", .required = true),
  };
  static constexpr RecordType kType{"welcome", "What the venue can do", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::trading::OrderReport> {
  using Report = argosy::trading::OrderReport;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Report, client_order_id, .limits = {.maximum_length = 40}, .text = "empty: not known"),
      ARGOSY_FIELD(Report, broker_order_id, .limits = {.maximum_length = 64}, .text = "the venue's"),
      ARGOSY_FIELD(Report, symbol, .limits = {.maximum_length = 20}, .text = "what is traded"),
      ARGOSY_FIELD(Report, side, .limits = {.one_of = argosy::brokers::kSideNames}, .text = "buy or sell"),
      ARGOSY_FIELD(Report, state, .limits = {.one_of = argosy::brokers::kReportedStateNames}, .text = "of the order",
                   .required = true),
      ARGOSY_FIELD(Report, quantity, .unit = "shares", .text = "of the order", .required = true),
      ARGOSY_FIELD(Report, filled, .unit = "shares", .text = "in all", .required = true),
      ARGOSY_FIELD(Report, is_snapshot, .text = "all about the order, with all of its fills"),
      ARGOSY_FIELD(Report, note, .text = "why it was rejected or cancelled"),
      ARGOSY_FIELD(Report, time, .text = "when it came to be so", .required = true),
  };
  static constexpr RecordType kType{"order", "What an order has become", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::trading::ReportedFill> {
  using Fill = argosy::trading::ReportedFill;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Fill, broker_fill_id, .limits = {.maximum_length = 64}, .text = "the venue's", .required = true),
      ARGOSY_FIELD(Fill, price, .text = "paid", .required = true),
      ARGOSY_FIELD(Fill, quantity, .unit = "shares", .text = "filled", .required = true),
      ARGOSY_FIELD(Fill, fee, .text = "in the instrument's currency", .required = true),
      ARGOSY_FIELD(Fill, time, .text = "of the trade", .required = true),
      ARGOSY_FIELD(Fill, rate, .text = "into the currency of the balance that paid"),
      ARGOSY_FIELD(Fill, rate_inverse, .text = "divided by the rate"),
  };
  static constexpr RecordType kType{"fill", "A part of an order that was traded", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::NoOrder> {
  using NoOrder = argosy::brokers::NoOrder;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(NoOrder, client_order_id, .text = "as it was asked for"),
  };
  static constexpr RecordType kType{"no_order", "There is no such order", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::CancelRefused> {
  using Refused = argosy::brokers::CancelRefused;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Refused, client_order_id, .text = "the client's"),
      ARGOSY_FIELD(Refused, reason, .text = "why", .required = true),
  };
  static constexpr RecordType kType{"cancel_refused", "The order cannot be cancelled", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::Funded> {
  using Funded = argosy::brokers::Funded;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Funded, funding_id, .text = "the client's", .required = true),
  };
  static constexpr RecordType kType{"funded", "Money was booked", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::Refused> {
  using Refused = argosy::brokers::Refused;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Refused, code, .text = "kind of error", .required = true),
      ARGOSY_FIELD(Refused, message, .text = "what is wrong", .required = true),
  };
  static constexpr RecordType kType{"refused", "The question was not carried out", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::trading::ReportedPosition> {
  using Position = argosy::trading::ReportedPosition;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Position, symbol, .limits = {.maximum_length = 20}, .text = "what is held", .required = true),
      ARGOSY_FIELD(Position, quantity, .unit = "shares", .text = "short: negative", .required = true),
      ARGOSY_FIELD(Position, average_price, .text = "that was paid", .required = true),
  };
  static constexpr RecordType kType{"position", "What is held", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::trading::ReportedBalance> {
  using Balance = argosy::trading::ReportedBalance;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Balance, currency, .text = "ISO 4217", .required = true),
      ARGOSY_FIELD(Balance, cash, .text = "settled or not", .required = true),
  };
  static constexpr RecordType kType{"balance", "Cash of a currency", kFields};
};

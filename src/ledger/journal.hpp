// Rows of what happened and who asked for it, in the database `ledger`: the journal, of which everything else can be
// made again; requests, which wait for the process that trades; the audit log, whose rows are chained by hashes; the
// kill switches; the outbox of notifications; and who holds the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

struct JournalRow {
  std::int64_t seq = 0;  // from 1, without gaps
  core::Timestamp time;
  std::string kind;  // live/event.hpp
  std::optional<std::int64_t> service_id;
  std::optional<std::int64_t> order_id;
  std::string payload;       // JSON
  std::int64_t fencing = 0;  // of the process that wrote it
};

enum class RequestState : std::uint8_t { kNew, kDone, kFailed };
inline constexpr std::array<std::string_view, 3> kRequestStates{"NEW", "DONE", "FAILED"};

// Two tables of one shape: order_requests has what may need an order or a cancel, service_commands the rest.
struct RequestRow {
  std::int64_t request_id = 0;  // by arrival; given by the database
  std::string request_key;      // unique: asking twice with one key is asking once
  std::string kind;             // live/request.hpp
  std::string payload;          // JSON
  std::string requested_by;     // a user's name
  core::Timestamp requested_at;
  RequestState state = RequestState::kNew;
  std::optional<core::Timestamp> answered_at;
  std::string answer;  // JSON
};
struct OrderRequestRow : RequestRow {};
struct ServiceCommandRow : RequestRow {};

// What may leave while a switch is on: "entries" are stopped, or all "orders".
struct KillSwitchRow {
  std::int64_t switch_id = 0;
  std::string scope;    // "all", "account", "strategy", "service", "instrument"
  std::string subject;  // which one; empty: all
  std::string halts = "orders";
  std::string reason;
  std::string set_by;
  core::Timestamp set_at;
  bool flatten = false;
  bool cancels_sent = false;  // what it has to do at once is done
  std::optional<core::Timestamp> released_at;
  std::string released_by;
};

// What the guard of a broker account must not forget when a program ends: the day's losses, a tripped breaker.
struct GuardRow {
  std::int64_t broker_account_id = 0;
  std::string memory;  // JSON, as trading/guard_memory.hpp writes it
  core::Timestamp updated_at;
};

struct OutboxRow {
  std::int64_t outbox_id = 0;
  core::Timestamp time;
  std::string channel;   // "log"
  std::string severity;  // "info", "warning", "error"
  std::string subject;
  std::string text;
  std::int64_t attempts = 0;
  std::optional<core::Timestamp> sent_at;
  std::string error;
  std::optional<std::int64_t> owner_id;  // the user whom it concerns besides the admins
};

// One row: the process that may write.
struct HolderRow {
  std::int64_t holder_id = 1;
  std::string instance;      // of the ledger, made once: client order ids begin with it
  std::int64_t fencing = 0;  // grows with each holder; what writes with an older one is refused
  std::string process;       // what it is: "argosy serve", its host and number
  core::Timestamp since;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::JournalRow> {
  using Row = argosy::ledger::JournalRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, seq, .text = "from 1, without gaps"),
      ARGOSY_FIELD(Row, time, .text = "when"),
      ARGOSY_FIELD(Row, kind, .limits = {.maximum_length = 30}, .text = "what happened"),
      ARGOSY_FIELD(Row, service_id, .text = "to which service"),
      ARGOSY_FIELD(Row, order_id, .text = "to which order"),
      ARGOSY_FIELD(Row, payload, .text = "JSON: everything that is needed to do it again"),
      ARGOSY_FIELD(Row, fencing, .text = "of the process that wrote it"),
  };
  static constexpr RecordType kType{"journal", "What happened, in order", kFields};
};

namespace argosy::ledger::detail {
template <class Row>
inline constexpr core::Field kRequestFields[] = {
    ARGOSY_FIELD(Row, request_id, .text = "number, by arrival"),
    ARGOSY_FIELD(Row, request_key, .limits = {.maximum_length = 64}, .text = "asking twice with one is asking once"),
    ARGOSY_FIELD(Row, kind, .limits = {.maximum_length = 30}, .text = "what is asked for"),
    ARGOSY_FIELD(Row, payload, .text = "JSON: of what"),
    ARGOSY_FIELD(Row, requested_by, .limits = {.maximum_length = 50}, .text = "a user's name"),
    ARGOSY_FIELD(Row, requested_at, .text = "when"),
    ARGOSY_FIELD(Row, state, .limits = {.one_of = kRequestStates}, .text = "NEW waits"),
    ARGOSY_FIELD(Row, answered_at, .text = "when it was done or refused"),
    ARGOSY_FIELD(Row, answer, .text = "JSON: what came of it"),
};
}  // namespace argosy::ledger::detail

template <>
struct argosy::core::RecordOf<argosy::ledger::OrderRequestRow> {
  static constexpr RecordType kType{"order_requests", "Asked for, and may need an order or a cancel",
                                    argosy::ledger::detail::kRequestFields<argosy::ledger::OrderRequestRow>};
};
template <>
struct argosy::core::RecordOf<argosy::ledger::ServiceCommandRow> {
  static constexpr RecordType kType{"service_commands", "Changes asked for, of services, portfolios and limits",
                                    argosy::ledger::detail::kRequestFields<argosy::ledger::ServiceCommandRow>};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::KillSwitchRow> {
  using Row = argosy::ledger::KillSwitchRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, switch_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, scope, .text = "all, account, strategy, service or instrument", .filterable = true),
      ARGOSY_FIELD(Row, subject, .text = "which one; empty: all", .filterable = true),
      ARGOSY_FIELD(Row, halts, .text = "entries, or all orders", .filterable = true),
      ARGOSY_FIELD(Row, reason, .text = "why"),
      ARGOSY_FIELD(Row, set_by, .text = "who"),
      ARGOSY_FIELD(Row, set_at, .text = "when", .filterable = true),
      ARGOSY_FIELD(Row, flatten, .text = "positions are sold"),
      ARGOSY_FIELD(Row, cancels_sent, .text = "what it has to do at once is done"),
      ARGOSY_FIELD(Row, released_at, .text = "when it was lifted", .filterable = true),
      ARGOSY_FIELD(Row, released_by, .text = "who lifted it"),
  };
  static constexpr RecordType kType{"kill_switches", "What was stopped by hand or by a rule", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::GuardRow> {
  using Row = argosy::ledger::GuardRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "whose guard"),
      ARGOSY_FIELD(Row, memory, .text = "what it remembers: JSON"),
      ARGOSY_FIELD(Row, updated_at, .text = "when"),
  };
  static constexpr RecordType kType{"guards", "What circuit breakers and rules of losses remember", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::OutboxRow> {
  using Row = argosy::ledger::OutboxRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, outbox_id, .text = "number"),
      ARGOSY_FIELD(Row, time, .text = "when it happened"),
      ARGOSY_FIELD(Row, channel, .text = "where it goes: log"),
      ARGOSY_FIELD(Row, severity, .text = "info, warning or error"),
      ARGOSY_FIELD(Row, subject, .text = "in some words"),
      ARGOSY_FIELD(Row, text, .text = "what happened"),
      ARGOSY_FIELD(Row, attempts, .text = "to deliver it"),
      ARGOSY_FIELD(Row, sent_at, .text = "when it was delivered"),
      ARGOSY_FIELD(Row, error, .text = "why it was not"),
      ARGOSY_FIELD(Row, owner_id, .text = "the user whom it concerns besides the admins"),
  };
  static constexpr RecordType kType{"outbox", "Notifications on their way", kFields};
  // Without what only its delivery needs.
  static constexpr Field kToldFields[] = {kFields[0], kFields[1], kFields[3], kFields[4], kFields[5]};
  static constexpr RecordType kTold{"notification", "What users should know", kToldFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::HolderRow> {
  using Row = argosy::ledger::HolderRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, holder_id, .text = "1"),
      ARGOSY_FIELD(Row, instance, .text = "of the ledger; client order ids begin with it"),
      ARGOSY_FIELD(Row, fencing, .text = "grows with each holder"),
      ARGOSY_FIELD(Row, process, .text = "what it is, its host and number"),
      ARGOSY_FIELD(Row, since, .text = "when it took the ledger"),
  };
  static constexpr RecordType kType{"holder", "The process that may write", kFields};
};

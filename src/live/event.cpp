#include "live/event.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "core/json.hpp"
#include "core/record.hpp"

namespace argosy::core {

using live::ActionBooked;
using live::CashAdopted;
using live::DecisionMade;
using live::FillBooked;
using live::GuardKept;
using live::OrderChangeAsked;
using live::OrderFound;
using live::OrderMoved;
using live::PortfolioFunded;
using live::PortfolioMade;
using live::PortfolioRemoved;
using live::PortfolioSet;
using live::PositionAdopted;
using live::RequestTaken;
using live::ServiceFailed;
using live::ServiceMoved;
using live::ServiceRemoved;
using live::ServiceSet;
using live::SwitchTried;
using live::TimerFired;
using live::TransactionCompleted;

template <>
struct RecordOf<RequestTaken> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(RequestTaken, request_id),
      ARGOSY_FIELD(RequestTaken, kind),
      ARGOSY_FIELD(RequestTaken, payload),
      ARGOSY_FIELD(RequestTaken, requested_by),
  };
  static constexpr RecordType kType{"request", "", kFields};
};
template <>
struct RecordOf<PortfolioMade> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(PortfolioMade, portfolio_id),      ARGOSY_FIELD(PortfolioMade, owner_id),
      ARGOSY_FIELD(PortfolioMade, broker_account_id), ARGOSY_FIELD(PortfolioMade, name),
      ARGOSY_FIELD(PortfolioMade, is_default),        ARGOSY_FIELD(PortfolioMade, currency),
  };
  static constexpr RecordType kType{"portfolio", "", kFields};
};
template <>
struct RecordOf<PortfolioFunded> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(PortfolioFunded, funding_id), ARGOSY_FIELD(PortfolioFunded, portfolio_id),
      ARGOSY_FIELD(PortfolioFunded, amount),     ARGOSY_FIELD(PortfolioFunded, money_market),
      ARGOSY_FIELD(PortfolioFunded, note),
  };
  static constexpr RecordType kType{"funding", "", kFields};
};
template <>
struct RecordOf<PortfolioSet> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(PortfolioSet, portfolio_id),
      ARGOSY_FIELD(PortfolioSet, name),
      ARGOSY_FIELD(PortfolioSet, is_default),
  };
  static constexpr RecordType kType{"portfolio_set", "", kFields};
};
template <>
struct RecordOf<PortfolioRemoved> {
  static constexpr Field kFields[] = {ARGOSY_FIELD(PortfolioRemoved, portfolio_id)};
  static constexpr RecordType kType{"portfolio_removed", "", kFields};
};
template <>
struct RecordOf<ServiceSet> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(ServiceSet, service_id),
      ARGOSY_FIELD(ServiceSet, name),
      ARGOSY_FIELD(ServiceSet, description),
      ARGOSY_FIELD(ServiceSet, mode, .limits = {.one_of = argosy::ledger::kTradingModes}),
      ARGOSY_FIELD(ServiceSet, minimum_balance),
      ARGOSY_FIELD(ServiceSet, allocation_percent),
      ARGOSY_FIELD(ServiceSet, buy_threshold),
      ARGOSY_FIELD(ServiceSet, sell_threshold),
      ARGOSY_FIELD(ServiceSet, stop_loss_percent),
      ARGOSY_FIELD(ServiceSet, take_profit_percent),
      ARGOSY_FIELD(ServiceSet, strategy),
      ARGOSY_FIELD(ServiceSet, interval_seconds),
      ARGOSY_FIELD(ServiceSet, fractional),
  };
  static constexpr RecordType kType{"service_set", "", kFields};
};
template <>
struct RecordOf<ServiceMoved> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(ServiceMoved, service_id),
      ARGOSY_FIELD(ServiceMoved, state, .limits = {.one_of = argosy::ledger::kServiceStates}),
      ARGOSY_FIELD(ServiceMoved, reason),
      ARGOSY_FIELD(ServiceMoved, amount),
      ARGOSY_FIELD(ServiceMoved, initial),
  };
  static constexpr RecordType kType{"service_state", "", kFields};
};
template <>
struct RecordOf<ServiceFailed> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(ServiceFailed, service_id),
      ARGOSY_FIELD(ServiceFailed, reason),
  };
  static constexpr RecordType kType{"service_failure", "", kFields};
};
template <>
struct RecordOf<ServiceRemoved> {
  static constexpr Field kFields[] = {ARGOSY_FIELD(ServiceRemoved, service_id)};
  static constexpr RecordType kType{"service_removed", "", kFields};
};
template <>
struct RecordOf<DecisionMade> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(DecisionMade, service_id), ARGOSY_FIELD(DecisionMade, question),
      ARGOSY_FIELD(DecisionMade, source),     ARGOSY_FIELD(DecisionMade, yes),
      ARGOSY_FIELD(DecisionMade, confidence), ARGOSY_FIELD(DecisionMade, reason),
      ARGOSY_FIELD(DecisionMade, numbers),    ARGOSY_FIELD(DecisionMade, bid),
      ARGOSY_FIELD(DecisionMade, ask),        ARGOSY_FIELD(DecisionMade, last),
      ARGOSY_FIELD(DecisionMade, quoted_at),  ARGOSY_FIELD(DecisionMade, outcome),
  };
  static constexpr RecordType kType{"decision", "", kFields};
};
template <>
struct RecordOf<OrderMoved> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(OrderMoved, order_id),
      ARGOSY_FIELD(OrderMoved, event),
      ARGOSY_FIELD(OrderMoved, broker_order_id),
      ARGOSY_FIELD(OrderMoved, note),
  };
  static constexpr RecordType kType{"order_event", "", kFields};
};
template <>
struct RecordOf<OrderFound> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(OrderFound, order_id),
      ARGOSY_FIELD(OrderFound, broker_order_id),
      ARGOSY_FIELD(OrderFound, note),
  };
  static constexpr RecordType kType{"order_found", "", kFields};
};
template <>
struct RecordOf<OrderChangeAsked> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(OrderChangeAsked, order_id),
      ARGOSY_FIELD(OrderChangeAsked, quantity),
      ARGOSY_FIELD(OrderChangeAsked, limit_price),
      ARGOSY_FIELD(OrderChangeAsked, stop_price),
  };
  static constexpr RecordType kType{"order_change", "", kFields};
};
template <>
struct RecordOf<FillBooked> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(FillBooked, order_id), ARGOSY_FIELD(FillBooked, broker_fill_id),
      ARGOSY_FIELD(FillBooked, price),    ARGOSY_FIELD(FillBooked, quantity),
      ARGOSY_FIELD(FillBooked, fee),      ARGOSY_FIELD(FillBooked, currency),
      ARGOSY_FIELD(FillBooked, rate),     ARGOSY_FIELD(FillBooked, rate_inverse),
      ARGOSY_FIELD(FillBooked, is_last),  ARGOSY_FIELD(FillBooked, filled_at),
  };
  static constexpr RecordType kType{"fill", "", kFields};
};
template <>
struct RecordOf<TransactionCompleted> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(TransactionCompleted, transaction_id),
      ARGOSY_FIELD(TransactionCompleted, price),
  };
  static constexpr RecordType kType{"completion", "", kFields};
};
template <>
struct RecordOf<PositionAdopted> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(PositionAdopted, broker_account_id),
      ARGOSY_FIELD(PositionAdopted, instrument_id),
      ARGOSY_FIELD(PositionAdopted, symbol),
      ARGOSY_FIELD(PositionAdopted, change),
      ARGOSY_FIELD(PositionAdopted, price),
      ARGOSY_FIELD(PositionAdopted, reason),
  };
  static constexpr RecordType kType{"adoption", "", kFields};
};
template <>
struct RecordOf<CashAdopted> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(CashAdopted, broker_account_id),
      ARGOSY_FIELD(CashAdopted, portfolio_id),
      ARGOSY_FIELD(CashAdopted, change),
      ARGOSY_FIELD(CashAdopted, reason),
  };
  static constexpr RecordType kType{"cash_adoption", "", kFields};
};
template <>
struct RecordOf<SwitchTried> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(SwitchTried, broker_account_id),
      ARGOSY_FIELD(SwitchTried, wrong),
  };
  static constexpr RecordType kType{"switch_trial", "", kFields};
};
template <>
struct RecordOf<GuardKept> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(GuardKept, broker_account_id),
      ARGOSY_FIELD(GuardKept, memory),
  };
  static constexpr RecordType kType{"guard", "", kFields};
};
template <>
struct RecordOf<ActionBooked> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(ActionBooked, broker_account_id),
      ARGOSY_FIELD(ActionBooked, instrument_id),
      ARGOSY_FIELD(ActionBooked, symbol),
      ARGOSY_FIELD(ActionBooked, kind),
      ARGOSY_FIELD(ActionBooked, ex_date),
      ARGOSY_FIELD(ActionBooked, numerator),
      ARGOSY_FIELD(ActionBooked, denominator),
      ARGOSY_FIELD(ActionBooked, amount),
      ARGOSY_FIELD(ActionBooked, price),
      ARGOSY_FIELD(ActionBooked, lot),
      ARGOSY_FIELD(ActionBooked, currency),
      ARGOSY_FIELD(ActionBooked, rate),
      ARGOSY_FIELD(ActionBooked, rate_inverse),
      ARGOSY_FIELD(ActionBooked, skipped),
  };
  static constexpr RecordType kType{"action", "", kFields};
};
template <>
struct RecordOf<TimerFired> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(TimerFired, what),
      ARGOSY_FIELD(TimerFired, subject),
  };
  static constexpr RecordType kType{"timer", "", kFields};
};

}  // namespace argosy::core

namespace argosy::live {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// The record that stands for an event in JSON, for those that are one row whole.
const auto& record_of(const auto& event) { return event; }
const ledger::ServiceRow& record_of(const ServiceMade& event) { return event.service; }
const ledger::KillSwitchRow& record_of(const SwitchChanged& event) { return event.row; }
const ledger::OrderRow& record_of(const OrderMade& event) { return event.order; }

constexpr std::array<std::string_view, std::variant_size_v<What>> kKinds{
    "request",         "portfolio",     "funding",      "service_created", "service_set",   "service_state",
    "service_failure", "decision",      "order",        "order_event",     "fill",          "completion",
    "adoption",        "cash_adoption", "kill_switch",  "timer",           "switch_trial",  "guard",
    "action",          "order_found",   "order_change", "service_removed", "portfolio_set", "portfolio_removed",
};

std::optional<std::int64_t> service_of(const What& what) {
  return std::visit(
      []<class T>(const T& event) -> std::optional<std::int64_t> {
        if constexpr (std::is_same_v<T, ServiceMade>) return event.service.service_id;
        if constexpr (std::is_same_v<T, OrderMade>) return event.order.service_id;
        // What people decide for a portfolio is no service's.
        if constexpr (std::is_same_v<T, DecisionMade>) {
          if (event.service_id == 0) return std::nullopt;
        }
        if constexpr (requires { event.service_id; }) return event.service_id;
        return std::nullopt;
      },
      what);
}

std::optional<std::int64_t> order_of(const What& what) {
  return std::visit(
      []<class T>(const T& event) -> std::optional<std::int64_t> {
        if constexpr (std::is_same_v<T, OrderMade>) return event.order.order_id;
        if constexpr (requires { event.order_id; }) return event.order_id;
        return std::nullopt;
      },
      what);
}

template <std::size_t kIndex = 0>
Result<What> read_what(const ledger::JournalRow& row) {
  if constexpr (kIndex == std::variant_size_v<What>) {
    return fail(ErrorCode::kCorrupt, fmt::format("journal {}: the kind \"{}\" is not known", row.seq, row.kind));
  } else {
    if (row.kind != kKinds[kIndex]) return read_what<kIndex + 1>(row);
    std::variant_alternative_t<kIndex, What> event;
    auto& record = const_cast<std::remove_cvref_t<decltype(record_of(event))>&>(record_of(event));
    ARGOSY_TRY(const core::JsonValue json, core::parse_json(row.payload));
    const auto errors = core::read_json(json, core::record_type<std::remove_cvref_t<decltype(record)>>(), &record);
    if (!errors.empty())
      return fail(ErrorCode::kCorrupt, fmt::format("journal {}: {}", row.seq, errors.front().message));
    return What(std::move(event));
  }
}

}  // namespace

std::string_view kind_of(const What& what) { return kKinds[what.index()]; }

ledger::JournalRow to_row(const Event& event) {
  core::JsonWriter json;
  std::visit([&](const auto& each) { core::write_json(json, record_of(each)); }, event.what);
  return {.seq = event.seq,
          .time = event.time,
          .kind = std::string(kind_of(event.what)),
          .service_id = service_of(event.what),
          .order_id = order_of(event.what),
          .payload = std::move(json).take()};
}

Result<Event> from_row(const ledger::JournalRow& row) {
  ARGOSY_TRY(What what, read_what(row));
  return Event{.seq = row.seq, .time = row.time, .what = std::move(what)};
}

}  // namespace argosy::live

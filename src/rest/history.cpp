// What was decided and what became of it, as the journal has it: a service's decisions, the steps of an order. And the
// circuit breakers of the accounts.
#include <utility>

#include "ledger/journal.hpp"
#include "ledger/records.hpp"
#include "live/breaker_report.hpp"
#include "live/event.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;
using server::Page;

struct HistoryQuery {
  std::optional<std::int64_t> before;
  std::int64_t per_page = 50;
};
struct DecisionRecord {
  std::int64_t seq = 0;
  core::Timestamp time;
  std::string question;
  std::string decision;
  std::string source;
  double confidence = 0;
  std::string reason;
  std::string numbers;
  core::Price bid;
  core::Price ask;
  std::string outcome;
};
struct OrderStep {
  std::int64_t seq = 0;
  core::Timestamp time;
  std::string step;
  std::string note;
  std::optional<core::Quantity> quantity;
  std::optional<core::Price> price;
  std::optional<core::Money> fee;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::HistoryQuery> {
  using Row = argosy::rest::HistoryQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, before, .limits = {.minimum = 1}, .text = "those before this number; by default the newest"),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"history_query", "Which part of a history", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::DecisionRecord> {
  using Row = argosy::rest::DecisionRecord;
  static constexpr std::array<std::string_view, 2> kDecisions{"YES", "NO"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, seq, .text = "the journal's number"),
      ARGOSY_FIELD(Row, time, .text = "when"),
      ARGOSY_FIELD(Row, question, .text = "buy or sell"),
      ARGOSY_FIELD(Row, decision, .limits = {.one_of = kDecisions}, .text = "YES or NO"),
      ARGOSY_FIELD(Row, source, .text = "the strategy, or the rule that decided"),
      ARGOSY_FIELD(Row, confidence, .unit = "%",
                   .text = "of a YES: how sure the strategy is of it; of a NO: how near it is to a YES"),
      ARGOSY_FIELD(Row, reason, .text = "in words"),
      ARGOSY_FIELD(Row, numbers, .text = "that it was computed from"),
      ARGOSY_FIELD(Row, bid, .text = "of the price that it saw"),
      ARGOSY_FIELD(Row, ask, .text = "of the price that it saw"),
      ARGOSY_FIELD(Row, outcome, .text = "what came of it: order, no, below the threshold, ..."),
  };
  static constexpr RecordType kType{"decision_record", "What a service decided", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::OrderStep> {
  using Row = argosy::rest::OrderStep;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, seq, .text = "the journal's number"),
      ARGOSY_FIELD(Row, time, .text = "when; of a fill: at the broker"),
      ARGOSY_FIELD(Row, step, .text = "created, denied, submit, accept, fill, cancel, ..."),
      ARGOSY_FIELD(Row, note, .text = "why"),
      ARGOSY_FIELD(Row, quantity, .text = "asked for, or filled"),
      ARGOSY_FIELD(Row, price, .text = "of a fill"),
      ARGOSY_FIELD(Row, fee, .text = "of a fill"),
  };
  static constexpr RecordType kType{"order_step", "A step in the life of an order", kFields};
};

namespace argosy::rest {
namespace {

using EventRow = ledger::JournalRow;
// Nothing takes so many steps.
constexpr std::int64_t kMostSteps = 1000;

template <class Item, class Read>
Result<Page<Item>> read_history(const Resources& resources, const std::string& query, std::vector<ledger::Value> values,
                                std::int64_t most, const Read& read) {
  ARGOSY_TRY(const std::vector<EventRow> rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<EventRow>(work, query, std::move(values));
  }));
  Page<Item> page{.items = {}, .per_page = most, .total = static_cast<std::int64_t>(rows.size())};
  for (const EventRow& row : rows) {
    ARGOSY_TRY(const live::Event event, live::from_row(row));
    page.items.push_back(read(event));
  }
  return page;
}

DecisionRecord to_record(const live::Event& event) {
  const auto& made = std::get<live::DecisionMade>(event.what);
  return {.seq = event.seq,
          .time = event.time,
          .question = made.question,
          .decision = made.yes ? "YES" : "NO",
          .source = made.source,
          .confidence = made.confidence,
          .reason = made.reason,
          .numbers = made.numbers,
          .bid = made.bid,
          .ask = made.ask,
          .outcome = made.outcome};
}

OrderStep to_step(const live::Event& event) {
  OrderStep step{.seq = event.seq, .time = event.time, .step = std::string(kind_of(event.what))};
  if (const auto* made = std::get_if<live::OrderMade>(&event.what)) {
    step.step = made->order.state;
    step.note = made->order.note.empty() ? made->order.reason : made->order.note;
    step.quantity = made->order.quantity;
  } else if (const auto* moved = std::get_if<live::OrderMoved>(&event.what)) {
    step.step = moved->event;
    step.note = moved->note;
  } else if (const auto* found = std::get_if<live::OrderFound>(&event.what)) {
    step.note = found->note;
  } else if (const auto* asked = std::get_if<live::OrderChangeAsked>(&event.what)) {
    step.quantity = asked->quantity;
    step.price = asked->limit_price;
  } else if (const auto* fill = std::get_if<live::FillBooked>(&event.what)) {
    step.time = fill->filled_at;
    step.quantity = fill->quantity;
    step.price = fill->price;
    step.fee = fill->fee;
  }
  return step;
}

Result<Page<DecisionRecord>> decisions(const Resources& resources,
                                       const server::Call<IdPath, HistoryQuery, None>& call) {
  ARGOSY_TRY(const auto service, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
  std::string query = "WHERE service_id = :id AND kind = 'decision' ";
  std::vector<ledger::Value> values{service.service_id};
  if (call.query.before) {
    query += "AND seq < :before ";
    values.emplace_back(*call.query.before);
  }
  query += "ORDER BY seq DESC LIMIT " + std::to_string(call.query.per_page);
  return read_history<DecisionRecord>(resources, query, std::move(values), call.query.per_page, to_record);
}

Result<Page<OrderStep>> steps(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(const auto order, resources.store.get<ledger::OrderRow>(*call.caller, call.path.id));
  return read_history<OrderStep>(resources, "WHERE order_id = :id ORDER BY seq LIMIT " + std::to_string(kMostSteps),
                                 {order.order_id}, kMostSteps, to_step);
}

// Of the accounts in which the caller has a portfolio: what stops them concerns whoever trades there.
Result<Page<live::BreakerReport>> breakers(const Resources& resources, const server::Caller& caller) {
  server::Listing<ledger::PortfolioRow> all;
  all.request.per_page = server::kMostPerPage;
  ARGOSY_TRY(const auto portfolios, resources.store.list(caller, all));
  ARGOSY_TRY(const auto guards, resources.store.ledger().read([](ledger::Transaction& work) {
    return ledger::select<ledger::GuardRow>(work, "ORDER BY broker_account_id");
  }));
  Page<live::BreakerReport> page{.items = {}, .per_page = server::kMostPerPage};
  for (const ledger::GuardRow& guard : guards) {
    const auto is_there = [&](const ledger::PortfolioRow& portfolio) {
      return portfolio.broker_account_id == guard.broker_account_id;
    };
    if (std::ranges::none_of(portfolios.items, is_there)) continue;
    ARGOSY_TRY(live::BreakerReport report, live::report_breaker(guard));
    page.items.push_back(std::move(report));
  }
  page.total = static_cast<std::int64_t>(page.items.size());
  return page;
}

}  // namespace

void add_history(server::Api& api, const Resources& resources) {
  api.add(endpoint<IdPath, HistoryQuery, None, Page<DecisionRecord>>(
      {.path = "/services/{id}/decisions",
       .name = "list_decisions",
       .tag = "services",
       .summary = "What it decided and why, the newest first",
       .access = Access::kViewer,
       .text = "For those before: `before` the last one's `seq`. `total` counts what is answered."},
      [&](const auto& call) { return decisions(resources, call); }));
  api.add(endpoint<IdPath, None, None, Page<OrderStep>>({.path = "/orders/{id}/steps",
                                                         .name = "list_order_steps",
                                                         .tag = "orders",
                                                         .summary = "What became of it, step by step",
                                                         .access = Access::kViewer},
                                                        [&](const auto& call) { return steps(resources, call); }));
  api.add(endpoint<None, None, None, Page<live::BreakerReport>>(
      {.path = "/risk/breaker",
       .name = "list_breakers",
       .tag = "risk",
       .summary = "The circuit breaker of each account",
       .access = Access::kViewer},
      [&](const auto& call) { return breakers(resources, *call.caller); }));
}

}  // namespace argosy::rest

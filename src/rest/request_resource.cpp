// What became of a request to the process that trades: for who could not wait for the answer.
#include "core/json.hpp"
#include "ledger/journal.hpp"
#include "live/request.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct RequestOut {
  std::int64_t request_id = 0;
  std::string kind;
  ledger::RequestState state = ledger::RequestState::kNew;
  core::Timestamp requested_at;
  std::optional<core::Timestamp> answered_at;
  std::string answer;
  std::optional<std::int64_t> order_id;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::RequestOut> {
  using Row = argosy::rest::RequestOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, request_id, .text = "number, by arrival"),
      ARGOSY_FIELD(Row, kind, .text = "what was asked for"),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::ledger::kRequestStates}, .text = "NEW waits"),
      ARGOSY_FIELD(Row, requested_at, .text = "when"),
      ARGOSY_FIELD(Row, answered_at, .text = "when it was done or refused"),
      ARGOSY_FIELD(Row, answer, .text = "JSON: what came of it, or why it was refused"),
      ARGOSY_FIELD(Row, order_id, .text = "the order that it made"),
  };
  static constexpr RecordType kType{"request", "A request to the process that trades", kFields};
};

namespace argosy::rest {
namespace {

RequestOut to_out(const ledger::RequestRow& row) {
  RequestOut out{.request_id = row.request_id,
                 .kind = row.kind,
                 .state = row.state,
                 .requested_at = row.requested_at,
                 .answered_at = row.answered_at,
                 .answer = row.answer,
                 .order_id = {}};
  if (const auto answer = core::parse_json(row.answer)) {
    if (const auto order = live::answered_number(*answer, "order_id")) out.order_id = *order;
  }
  return out;
}

// The numbers of both tables are one series.
Result<RequestOut> find(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  if (const auto row = resources.store.get<ledger::OrderRequestRow>(*call.caller, call.path.id)) return to_out(*row);
  ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceCommandRow>(*call.caller, call.path.id));
  return to_out(row);
}

}  // namespace

void add_requests(server::Api& api, const Resources& resources) {
  api.add(endpoint<IdPath, None, None, RequestOut>({.path = "/requests/{id}",
                                                    .name = "get_request",
                                                    .tag = "orders",
                                                    .summary = "What became of something that was asked for",
                                                    .access = Access::kViewer},
                                                   [&](const auto& call) { return find(resources, call); }));
}

}  // namespace argosy::rest

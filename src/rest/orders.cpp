// Orders, what was filled of them, and trades.
#include <fmt/format.h>

#include "ledger/load.hpp"
#include "ledger/orders.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct CancelledOut {
  std::int64_t asked = 0;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::CancelledOut> {
  using Row = argosy::rest::CancelledOut;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, asked, .text = "orders whose cancel was asked for")};
  static constexpr RecordType kType{"cancelled_orders", "How many orders", kFields};
};

namespace argosy::rest {
namespace {

Result<ledger::OrderRow> cancel(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::OrderRow>(*call.caller, call.path.id));
  ARGOSY_TRY_VOID(
      resources.requests.ask(*call.caller, "order_cancel", live::OneSubject{.id = row.order_id}, key_of(call.http)));
  return resources.store.get<ledger::OrderRow>(*call.caller, row.order_id);
}

// The caller's own, one by one; of an admin all.
Result<CancelledOut> cancel_all(const Resources& resources, const server::Call<None, None, None>& call) {
  server::Listing<ledger::OrderRow> all;
  all.request.per_page = server::kMostPages;
  ARGOSY_TRY(const auto page, resources.store.list(*call.caller, all, ledger::kWorkingOrders));
  CancelledOut out;
  if (call.caller->role == ledger::Role::kAdmin) {
    ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "cancel_all", live::OneSubject{}, key_of(call.http)));
    return CancelledOut{page.total};
  }
  for (const ledger::OrderRow& row : page.items) {
    // One that has ended meanwhile is no reason to leave the others.
    if (resources.requests.ask(*call.caller, "order_cancel", live::OneSubject{.id = row.order_id}, {})) ++out.asked;
  }
  return out;
}

}  // namespace

void add_orders(server::Api& api, const Resources& resources) {
  add_list<ledger::OrderRow>(
      api, resources,
      {.path = "/orders", .name = "list_orders", .tag = "orders", .summary = "Orders", .access = Access::kViewer});
  add_get<ledger::OrderRow>(api, resources,
                            {.path = "/orders/{id}",
                             .name = "get_order",
                             .tag = "orders",
                             .summary = "One order",
                             .access = Access::kViewer});
  api.add(endpoint<IdPath, None, None, ledger::OrderRow>({.method = Method::kPost,
                                                          .path = "/orders/{id}/cancel",
                                                          .name = "cancel_order",
                                                          .tag = "orders",
                                                          .summary = "Asks the broker to cancel it",
                                                          .access = Access::kTrader,
                                                          .status = 202,
                                                          .takes_key = true},
                                                         [&](const auto& call) { return cancel(resources, call); }));
  api.add(endpoint<None, None, None, CancelledOut>({.method = Method::kPost,
                                                    .path = "/orders/cancel-all",
                                                    .name = "cancel_all_orders",
                                                    .tag = "orders",
                                                    .summary = "Asks to cancel what works; of an admin everybody's",
                                                    .access = Access::kTrader,
                                                    .status = 202,
                                                    .takes_key = true},
                                                   [&](const auto& call) { return cancel_all(resources, call); }));
  add_list<ledger::FillRow>(
      api, resources,
      {.path = "/fills", .name = "list_fills", .tag = "orders", .summary = "Fills", .access = Access::kViewer});
  add_list<ledger::TradeRow>(api, resources,
                             {.path = "/trades",
                              .name = "list_trades",
                              .tag = "trades",
                              .summary = "Round trips that are over",
                              .access = Access::kViewer});
}

}  // namespace argosy::rest

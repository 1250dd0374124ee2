// Orders that a caller places for a portfolio, and changes of them.
#include <fmt/format.h>

#include "ledger/orders.hpp"
#include "live/order_request.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

// As the process that trades takes them, without what the path or the ledger says.
struct OrderIn : live::PlaceOrder {};
struct OrderPatch : live::ReplaceOrder {};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::OrderIn> {
  static constexpr auto kFields =
      argosy::rest::fields_without(RecordOf<argosy::live::PlaceOrder>::kFields, "instrument_id");
  static constexpr RecordType kType{"new_order", "An order to be placed", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::OrderPatch> {
  static constexpr auto kFields =
      argosy::rest::fields_without(RecordOf<argosy::live::ReplaceOrder>::kFields, "order_id");
  static constexpr RecordType kType{"order_change", "What is to be otherwise; what is left out stays", kFields};
};

namespace argosy::rest {
namespace {

Result<ledger::OrderRow> place(const Resources& resources, const server::Call<None, None, OrderIn>& call) {
  live::PlaceOrder asked = call.body;
  ARGOSY_TRY(asked.portfolio_id, own_portfolio(resources, *call.caller, asked.portfolio_id));
  ARGOSY_TRY(const ledger::InstrumentRow instrument, resources.instrument(asked.symbol));
  asked.instrument_id = instrument.instrument_id;
  asked.symbol = instrument.symbol;
  ARGOSY_TRY(const core::JsonValue answer,
             resources.requests.ask(*call.caller, "order_place", asked, key_of(call.http)));
  ARGOSY_TRY(const std::int64_t id, live::answered_number(answer, "order_id"));
  call.reply.headers.add("Location", fmt::format("/api/v1/orders/{}", id));
  return resources.store.get<ledger::OrderRow>(*call.caller, id);
}

Result<ledger::OrderRow> change(const Resources& resources, const server::Call<IdPath, None, OrderPatch>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::OrderRow>(*call.caller, call.path.id));
  live::ReplaceOrder asked = call.body;
  asked.order_id = row.order_id;
  ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "order_replace", asked, key_of(call.http)));
  return resources.store.get<ledger::OrderRow>(*call.caller, row.order_id);
}

}  // namespace

void add_own_orders(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, OrderIn, ledger::OrderRow>(
      {.method = Method::kPost,
       .path = "/orders",
       .name = "place_order",
       .tag = "orders",
       .summary = "Places an order of a portfolio, outside of any service",
       .access = Access::kTrader,
       .status = 201,
       .takes_key = true,
       .text = "It goes through the same risk gate as those of services; 409 says why it was denied."},
      [&](const auto& call) { return place(resources, call); }));
  api.add(endpoint<IdPath, None, OrderPatch, ledger::OrderRow>(
      {.method = Method::kPatch,
       .path = "/orders/{id}",
       .name = "replace_order",
       .tag = "orders",
       .summary = "Another size or other prices: it is cancelled, and one for the rest takes its place",
       .access = Access::kTrader,
       .status = 202,
       .text = "The new order has its number in `replaces`: GET /orders?replaces={id}."},
      [&](const auto& call) { return change(resources, call); }));
}

}  // namespace argosy::rest

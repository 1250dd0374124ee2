// Trading services, and the transactions that they made.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ledger/load.hpp"
#include "ledger/services.hpp"
#include "ledger/strategies.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Field;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct ServiceOut {
  ledger::ServiceRow row;
  bool is_active = false;
};
// As the process that trades takes them, without what the path or the ledger says.
struct ServiceIn : live::CreateService {};
struct ServicePatch : live::SetService {};
struct CompleteIn {
  core::Price price;
};
struct OrderNumber {
  std::int64_t order_id = 0;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::ServiceOut> {
  using Row = argosy::rest::ServiceOut;
  static constexpr auto kFields = extended_fields(RecordOf<argosy::ledger::ServiceRow>::kFields,
                                                  ARGOSY_FIELD(Row, is_active, .text = "its state is ACTIVE"));
  static constexpr RecordType kType{"service", "A trading service", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ServiceIn> {
  static constexpr auto kFields =
      argosy::rest::fields_without(RecordOf<argosy::live::CreateService>::kFields, "instrument_id");
  static constexpr RecordType kType{"new_service", "A service to be made", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ServicePatch> {
  static constexpr auto kFields =
      argosy::rest::fields_without(RecordOf<argosy::live::SetService>::kFields, "service_id");
  static constexpr RecordType kType{"service_change", "What is to be otherwise; what is left out stays", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::CompleteIn> {
  using Row = argosy::rest::CompleteIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, price, .limits = {.minimum = 0}, .text = "a share", .required = true)};
  static constexpr RecordType kType{"transaction_price", "At which a transaction is closed by hand", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::OrderNumber> {
  using Row = argosy::rest::OrderNumber;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, order_id, .text = "number")};
  static constexpr RecordType kType{"order_number", "An order that was made", kFields};
};

namespace argosy::rest {
namespace {

ServiceOut to_out(ledger::ServiceRow row) {
  const bool is_active = row.state == ledger::ServiceState::kActive;
  return ServiceOut{std::move(row), is_active};
}

Result<ServiceOut> get(const Resources& resources, const server::Caller& caller, std::int64_t id) {
  ARGOSY_TRY(ledger::ServiceRow row, resources.store.get<ledger::ServiceRow>(caller, id));
  return to_out(std::move(row));
}

// Built in, the caller's own of the ledger, or a file of the home's by its name: no path, which would name any file.
Result<std::string> strategy_of(const Resources& resources, const server::Caller& caller, const std::string& named) {
  if (named.find_first_of("/\\") != std::string::npos || named.contains(".."))
    return fail(core::Error(ErrorCode::kInvalidArgument, "a strategy is named, not given by its path")
                    .in_field("strategy", named));
  ARGOSY_TRY(const auto stored, resources.store.ledger().read(
                                    [&](ledger::Transaction& work) { return ledger::find_strategy(work, named); }));
  if (stored && stored->owner_id != caller.user_id && caller.role != ledger::Role::kAdmin)
    return fail(ErrorCode::kNotFound, fmt::format("there is no strategy \"{}\"", named));
  return resources.strategy_reference(named);
}

Result<ServiceOut> create(const Resources& resources, const server::Call<None, None, ServiceIn>& call) {
  live::CreateService asked = call.body;
  ARGOSY_TRY(asked.portfolio_id, own_portfolio(resources, *call.caller, asked.portfolio_id));
  ARGOSY_TRY(asked.strategy, strategy_of(resources, *call.caller, asked.strategy));
  ARGOSY_TRY(const ledger::InstrumentRow instrument, resources.instrument(asked.symbol));
  asked.instrument_id = instrument.instrument_id;
  ARGOSY_TRY(const core::JsonValue answer,
             resources.requests.ask(*call.caller, "service_create", asked, key_of(call.http)));
  ARGOSY_TRY(const std::int64_t id, live::answered_number(answer, "service_id"));
  call.reply.headers.add("Location", fmt::format("/api/v1/services/{}", id));
  return get(resources, *call.caller, id);
}

Result<ServiceOut> change(const Resources& resources, const server::Call<IdPath, None, ServicePatch>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
  live::SetService asked = call.body;
  asked.service_id = row.service_id;
  if (asked.strategy) {
    ARGOSY_TRY(asked.strategy, strategy_of(resources, *call.caller, *asked.strategy));
  }
  ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "service_set", asked, key_of(call.http)));
  return get(resources, *call.caller, row.service_id);
}

// What names a service and nothing else.
void add_action(server::Api& api, const Resources& resources, std::string_view path, std::string_view name,
                std::string_view kind, std::string_view summary) {
  api.add(endpoint<IdPath, None, None, ServiceOut>(
      {.method = Method::kPost,
       .path = path,
       .name = name,
       .tag = "services",
       .summary = summary,
       .access = Access::kTrader,
       .takes_key = true},
      [&resources, kind](const auto& call) -> Result<ServiceOut> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
        std::string_view asked = kind;
        if (kind == "toggle") asked = row.state == ledger::ServiceState::kActive ? "service_stop" : "service_start";
        ARGOSY_TRY_VOID(
            resources.requests.ask(*call.caller, asked, live::OneSubject{.id = row.service_id}, key_of(call.http)));
        return get(resources, *call.caller, row.service_id);
      }));
}

// What is held is no order's to cancel: it is sold, or passed on.
Result<OrderNumber> cancel_order_of(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<ledger::TransactionRow>(*call.caller, call.path.id));
  ARGOSY_TRY(const auto works, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::OrderRow>(
        work, fmt::format("WHERE service_id = :service_id AND {} ORDER BY order_id LIMIT 1", ledger::kWorkingOrders),
        {row.service_id});
  }));
  if (works.empty() || row.state != ledger::TransactionState::kOpen)
    return fail(core::Error(ErrorCode::kConflict, "no order works for this transaction")
                    .with_hint("POST /api/v1/services/{id}/close-position sells what it holds, .../complete passes it "
                               "to the portfolio"));
  ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "order_cancel", live::OneSubject{.id = works.front().order_id},
                                         key_of(call.http)));
  call.reply.headers.add("Location", fmt::format("/api/v1/orders/{}", works.front().order_id));
  return OrderNumber{works.front().order_id};
}

void add_transactions(server::Api& api, const Resources& resources) {
  add_list<ledger::TransactionRow>(api, resources,
                                   {.path = "/transactions",
                                    .name = "list_transactions",
                                    .tag = "transactions",
                                    .summary = "Round trips of services, open ones too",
                                    .access = Access::kViewer});
  add_get<ledger::TransactionRow>(api, resources,
                                  {.path = "/transactions/{id}",
                                   .name = "get_transaction",
                                   .tag = "transactions",
                                   .summary = "One round trip",
                                   .access = Access::kViewer});
  api.add(endpoint<IdPath, None, CompleteIn, ledger::TransactionRow>(
      {.method = Method::kPost,
       .path = "/transactions/{id}/complete",
       .name = "complete_transaction",
       .tag = "transactions",
       .summary = "Closes it by hand: its shares pass to the portfolio at a price",
       .access = Access::kTrader,
       .takes_key = true},
      [&](const auto& call) -> Result<ledger::TransactionRow> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::TransactionRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.requests.ask(
            *call.caller, "complete",
            live::CompleteTransaction{.transaction_id = row.transaction_id, .price = call.body.price},
            key_of(call.http)));
        return resources.store.get<ledger::TransactionRow>(*call.caller, row.transaction_id);
      }));
  api.add(endpoint<IdPath, None, None, OrderNumber>(
      {.method = Method::kPost,
       .path = "/transactions/{id}/cancel",
       .name = "cancel_transaction",
       .tag = "transactions",
       .summary = "Cancels the order that works for it; what was filled stays",
       .access = Access::kTrader,
       .status = 202,
       .takes_key = true},
      [&](const auto& call) { return cancel_order_of(resources, call); }));
}

}  // namespace

Result<std::int64_t> own_portfolio(const Resources& resources, const server::Caller& caller, std::int64_t named) {
  if (named != 0) {
    ARGOSY_TRY(const auto row, resources.store.get<ledger::PortfolioRow>(caller, named));
    return row.portfolio_id;
  }
  ARGOSY_TRY(const auto rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::PortfolioRow>(work, "WHERE owner_id = :owner_id AND is_default = 1",
                                                {caller.user_id});
  }));
  if (!rows.empty()) return rows.front().portfolio_id;
  return fail(core::Error(ErrorCode::kNotFound, "you have no default portfolio")
                  .with_hint("name one by portfolio_id, or make one: POST /api/v1/portfolios"));
}

void add_services(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<ledger::ServiceRow>, None, server::Page<ServiceOut>>(
      {.path = "/services",
       .name = "list_services",
       .tag = "services",
       .summary = "Trading services",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<ServiceOut>> {
        ARGOSY_TRY(auto page, resources.store.list(*call.caller, call.query));
        return shown_page(std::move(page), to_out);
      }));
  api.add(endpoint<IdPath, None, None, ServiceOut>(
      {.path = "/services/{id}",
       .name = "get_service",
       .tag = "services",
       .summary = "One service",
       .access = Access::kViewer},
      [&](const auto& call) { return get(resources, *call.caller, call.path.id); }));
  api.add(endpoint<None, None, ServiceIn, ServiceOut>(
      {.method = Method::kPost,
       .path = "/services",
       .name = "create_service",
       .tag = "services",
       .summary = "A new service, with money of a portfolio",
       .access = Access::kTrader,
       .status = 201,
       .takes_key = true},
      [&](const auto& call) { return create(resources, call); }, ServiceIn{resources.service_defaults}));
  api.add(endpoint<IdPath, None, ServicePatch, ServiceOut>({.method = Method::kPatch,
                                                            .path = "/services/{id}",
                                                            .name = "change_service",
                                                            .tag = "services",
                                                            .summary = "Other settings, or other money",
                                                            .access = Access::kTrader},
                                                           [&](const auto& call) { return change(resources, call); }));
  api.add(endpoint<IdPath, None, None, None>(
      {.method = Method::kDelete,
       .path = "/services/{id}",
       .name = "remove_service",
       .tag = "services",
       .summary = "Removes one that holds nothing and has no order that works; its history stays",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<None> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.requests.ask(*call.caller, "service_remove", live::OneSubject{.id = row.service_id},
                                               key_of(call.http)));
        return None{};
      }));
  add_action(api, resources, "/services/{id}/start", "start_service", "service_start", "Begins, or goes on");
  add_action(api, resources, "/services/{id}/pause", "pause_service", "service_pause",
             "No new purchases; stops still sell");
  add_action(api, resources, "/services/{id}/stop", "stop_service", "service_stop",
             "Switches it off; what it holds stays, what it does not need goes back to the portfolio");
  add_action(api, resources, "/services/{id}/toggle", "toggle_service", "toggle",
             "Stops one that is active, else starts it");
  api.add(endpoint<IdPath, None, None, OrderNumber>(
      {.method = Method::kPost,
       .path = "/services/{id}/close-position",
       .name = "close_position",
       .tag = "services",
       .summary = "Sells what it holds now",
       .access = Access::kTrader,
       .status = 202,
       .takes_key = true},
      [&](const auto& call) -> Result<OrderNumber> {
        ARGOSY_TRY(const auto row, resources.store.get<ledger::ServiceRow>(*call.caller, call.path.id));
        ARGOSY_TRY(const core::JsonValue answer,
                   resources.requests.ask(*call.caller, "close_position", live::OneSubject{.id = row.service_id},
                                          key_of(call.http)));
        ARGOSY_TRY(const std::int64_t order, live::answered_number(answer, "order_id"));
        call.reply.headers.add("Location", fmt::format("/api/v1/orders/{}", order));
        return OrderNumber{order};
      }));
  add_transactions(api, resources);
}

}  // namespace argosy::rest

// Buying for an amount and selling shares in one call: orders by market of the caller's default portfolio, whose fills
// are waited for.
#include <fmt/format.h>

#include "ledger/load.hpp"
#include "ledger/orders.hpp"
#include "live/order_request.hpp"
#include "live/order_text.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct PurchaseIn {
  std::string symbol;
  core::Money balance;
};
struct SaleIn {
  std::string symbol;
  core::Quantity shares;
};
// Of what is not filled yet there is no price and no time, but the request's address.
struct PurchaseOut {
  std::optional<core::Quantity> number_of_shares;
  std::optional<core::Price> purchase_price;
  std::optional<core::Timestamp> date_time_of_purchase;
  std::optional<std::int64_t> order_id;
  std::string request_url;
};
struct SaleOut {
  std::optional<core::Quantity> number_of_shares;
  std::optional<core::Price> sale_price;
  std::optional<core::Timestamp> date_time_of_sale;
  std::optional<std::int64_t> order_id;
  std::string request_url;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::PurchaseIn> {
  using Row = argosy::rest::PurchaseIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "what is bought", .required = true),
      ARGOSY_FIELD(Row, balance, .unit = "money", .limits = {.minimum = 0}, .text = "that it may cost, fees included",
                   .required = true),
  };
  static constexpr RecordType kType{"purchase", "A purchase for an amount", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::SaleIn> {
  using Row = argosy::rest::SaleIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "what is sold", .required = true),
      ARGOSY_FIELD(Row, shares, .limits = {.minimum = 0}, .text = "of the portfolio's own", .required = true),
  };
  static constexpr RecordType kType{"sale", "A sale of shares", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::PurchaseOut> {
  using Row = argosy::rest::PurchaseOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, number_of_shares, .text = "that were bought"),
      ARGOSY_FIELD(Row, purchase_price, .text = "average, without fees"),
      ARGOSY_FIELD(Row, date_time_of_purchase, .text = "of the last fill"),
      ARGOSY_FIELD(Row, order_id, .text = "the order"),
      ARGOSY_FIELD(Row, request_url, .text = "where to look for what becomes of it"),
  };
  static constexpr RecordType kType{"purchase_done", "What was bought; nothing yet: look at request_url", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::SaleOut> {
  using Row = argosy::rest::SaleOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, number_of_shares, .text = "that were sold"),
      ARGOSY_FIELD(Row, sale_price, .text = "average, without fees"),
      ARGOSY_FIELD(Row, date_time_of_sale, .text = "of the last fill"),
      ARGOSY_FIELD(Row, order_id, .text = "the order"),
      ARGOSY_FIELD(Row, request_url, .text = "where to look for what becomes of it"),
  };
  static constexpr RecordType kType{"sale_done", "What was sold; nothing yet: look at request_url", kFields};
};

namespace argosy::rest {
namespace {

struct Executed {
  std::optional<core::Quantity> shares;
  std::optional<core::Price> price;
  std::optional<core::Timestamp> time;
  std::optional<std::int64_t> order_id;
  std::string request_url;
};

Result<core::Timestamp> last_fill(const Resources& resources, const ledger::OrderRow& order) {
  ARGOSY_TRY(const auto fills, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::FillRow>(work, "WHERE order_id = :order_id ORDER BY fill_id DESC LIMIT 1",
                                           {order.order_id});
  }));
  return fills.empty() ? order.updated_at : fills.front().filled_at;
}

Result<Executed> execute(const Resources& resources, const server::Caller& caller, live::PlaceOrder asked,
                         std::string_view key) {
  ARGOSY_TRY(asked.portfolio_id, own_portfolio(resources, caller, 0));
  ARGOSY_TRY(const ledger::InstrumentRow instrument, resources.instrument(asked.symbol));
  asked.instrument_id = instrument.instrument_id;
  asked.symbol = instrument.symbol;
  ARGOSY_TRY(const ledger::RequestRow row, resources.requests.post(caller, "order_place", asked, key));
  Executed out;
  out.request_url = fmt::format("/api/v1/requests/{}", row.request_id);
  if (row.state == ledger::RequestState::kNew) return out;
  ARGOSY_TRY(const core::JsonValue answer, core::parse_json(row.answer));
  if (row.state == ledger::RequestState::kFailed) return fail(live::answered_error(answer));
  ARGOSY_TRY(const std::int64_t id, live::answered_number(answer, "order_id"));
  out.order_id = id;
  ledger::OrderRow order;
  ARGOSY_TRY(const bool has_ended, resources.requests.wait([&]() -> Result<bool> {
    ARGOSY_TRY(order, resources.store.get<ledger::OrderRow>(caller, id));
    return trading::is_final(live::parse_order_state(order.state));
  }));
  if (!has_ended) return out;
  if (!order.filled_quantity.is_positive())
    return fail(ErrorCode::kConflict, fmt::format("order {} is {}: {}", id, order.state,
                                                  order.note.empty() ? "the broker does not say why" : order.note));
  out.shares = order.filled_quantity;
  out.price = order.fill_price;
  ARGOSY_TRY(out.time, last_fill(resources, order));
  return out;
}

// 202 where nothing is known yet.
void say_where(server::Reply& reply, const Executed& done) {
  if (done.shares) return;
  reply.status = 202;
  reply.headers.add("Location", done.request_url);
}

Result<PurchaseOut> purchase(const Resources& resources, const server::Call<None, None, PurchaseIn>& call) {
  live::PlaceOrder asked;
  asked.symbol = call.body.symbol;
  asked.side = "buy";
  asked.amount = call.body.balance;
  ARGOSY_TRY(const Executed done, execute(resources, *call.caller, asked, key_of(call.http)));
  say_where(call.reply, done);
  return PurchaseOut{done.shares, done.price, done.time, done.order_id, done.request_url};
}

Result<SaleOut> sale(const Resources& resources, const server::Call<None, None, SaleIn>& call) {
  live::PlaceOrder asked;
  asked.symbol = call.body.symbol;
  asked.side = "sell";
  asked.quantity = call.body.shares;
  ARGOSY_TRY(const Executed done, execute(resources, *call.caller, asked, key_of(call.http)));
  say_where(call.reply, done);
  return SaleOut{done.shares, done.price, done.time, done.order_id, done.request_url};
}

}  // namespace

void add_executions(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, PurchaseIn, PurchaseOut>(
      {.method = Method::kPost,
       .path = "/executions/purchase",
       .name = "purchase",
       .tag = "executions",
       .summary = "Buys for an amount, into the default portfolio; 202 when it is not filled within five seconds",
       .access = Access::kTrader,
       .other_status = 202,
       .takes_key = true},
      [&](const auto& call) { return purchase(resources, call); }));
  api.add(endpoint<None, None, SaleIn, SaleOut>(
      {.method = Method::kPost,
       .path = "/executions/sale",
       .name = "sell_shares",
       .tag = "executions",
       .summary = "Sells shares of the default portfolio; 202 when it is not filled within five seconds",
       .access = Access::kTrader,
       .other_status = 202,
       .takes_key = true},
      [&](const auto& call) { return sale(resources, call); }));
}

}  // namespace argosy::rest

// argosy order: orders, and what became of them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>

#include "cli/commands.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "cli/service_commands.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/load.hpp"
#include "ledger/records.hpp"
#include "live/order_request.hpp"
#include "live/request.hpp"
#include "trading/order.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using ledger::OrderRow;

struct Options {
  std::string order;
  std::string side;
  std::string portfolio;
  std::string quantity;
  std::string amount;
  std::string limit_price;
  std::string stop_price;
  std::string time_in_force = "day";
  std::string service;
  std::string symbol;
  std::string state;
  std::int64_t limit = 50;
  bool working = false;
};

// What a list shows: the newest `limit` of those that fit, the oldest first; and how many fit.
struct Listed {
  std::vector<OrderRow> orders;
  std::int64_t total = 0;
};

struct Condition {
  std::string text;  // "WHERE ..."
  std::vector<ledger::Value> values;
};

Result<Condition> condition_of(ledger::Database& database, const Options& options) {
  Condition out{.text = "WHERE 1 = 1", .values = {}};
  if (!options.service.empty()) {
    ARGOSY_TRY(const ledger::ServiceRow service, find_service(database, options.service));
    out.text += " AND service_id = :service_id";
    out.values.emplace_back(service.service_id);
  }
  if (!options.symbol.empty()) {
    out.text += " AND symbol = :symbol";
    out.values.emplace_back(options.symbol);
  }
  if (!options.state.empty()) {
    out.text += " AND state = :state";
    out.values.emplace_back(options.state);
  }
  if (options.working) out.text += fmt::format(" AND {}", ledger::kWorkingOrders);
  return out;
}

Result<Listed> select_orders(ledger::Database& database, const Options& options) {
  ARGOSY_TRY(const Condition condition, condition_of(database, options));
  return database.read([&](ledger::Transaction& work) -> Result<Listed> {
    Listed out;
    constexpr std::array kInteger = {ledger::ColumnType::kInteger};
    ARGOSY_TRY_VOID(work.query("SELECT count(*) FROM orders " + condition.text, kInteger, condition.values,
                               [&](const ledger::Row& row) -> Result<void> {
                                 out.total = row.integer(0);
                                 return {};
                               }));
    ARGOSY_TRY(out.orders, ledger::select<OrderRow>(
                               work, fmt::format("{} ORDER BY order_id DESC LIMIT {}", condition.text, options.limit),
                               condition.values));
    std::ranges::reverse(out.orders);
    return out;
  });
}

Result<void> list(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const Listed listed, select_orders(*database, options));
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const OrderRow& row : listed.orders) core::write_json(json, row);
    json.end_array().key("meta").begin_object().key("count").value(listed.orders.size());
    json.key("total").value(listed.total).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  if (listed.orders.empty()) return print("No orders. Services make them while argosy serve runs.\n");
  std::vector<std::vector<std::string>> rows;
  for (const OrderRow& row : listed.orders)
    rows.push_back({fmt::to_string(row.order_id), row.service_id ? fmt::to_string(*row.service_id) : "-", row.symbol,
                    row.side, row.kind, row.state, row.quantity.to_string(), row.filled_quantity.to_string(),
                    row.fill_price ? row.fill_price->to_string(2) : "-", format_seconds(row.created_at), row.note});
  std::string text = format_table(
      {"order", "service", "symbol", "side", "kind", "state", "quantity", "filled", "price", "made", "note"}, rows);
  if (std::ssize(listed.orders) < listed.total)
    text += fmt::format("the newest {} of {}; --limit shows more\n", listed.orders.size(), listed.total);
  return print(text);
}

struct Found {
  OrderRow order;
  std::vector<ledger::FillRow> fills;
};

// By our number, our id or the broker's.
Result<Found> find_order(ledger::Database& database, const std::string& wanted) {
  return database.read([&](ledger::Transaction& work) -> Result<Found> {
    const std::int64_t number = core::parse_integer(wanted).value_or(-1);
    ARGOSY_TRY(std::vector<OrderRow> rows,
               ledger::select<OrderRow>(work,
                                        "WHERE order_id = :order_id OR client_order_id = :client_order_id OR "
                                        "broker_order_id = :broker_order_id ORDER BY order_id LIMIT 1",
                                        {number, wanted, wanted}));
    if (rows.empty())
      return fail(Error(ErrorCode::kNotFound, fmt::format("there is no order {}", wanted))
                      .with_hint("argosy order list shows what there is"));
    Found out{.order = std::move(rows.front()), .fills = {}};
    ARGOSY_TRY(out.fills, ledger::select<ledger::FillRow>(work, "WHERE order_id = :order_id ORDER BY fill_id",
                                                          {out.order.order_id}));
    return out;
  });
}

Result<void> show(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const Found found, find_order(*database, options.order));
  const core::RecordType& type = core::record_type<OrderRow>();
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object();
    core::write_json_fields(json, type, &found.order);
    json.key("fills").begin_array();
    for (const ledger::FillRow& row : found.fills) core::write_json(json, row);
    return print(std::move(json.end_array().end_object()).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const core::Field& field : type.fields) {
    const std::string text = core::field_text(field, &found.order);
    if (!text.empty()) rows.push_back({std::string(field.name), text, std::string(field.notes.text)});
  }
  std::string text = format_table({"order", fmt::to_string(found.order.order_id), "what it is"}, rows);
  if (!found.fills.empty()) {
    rows.clear();
    for (const ledger::FillRow& row : found.fills)
      rows.push_back({row.broker_fill_id, row.quantity.to_string(), row.price.to_string(2), money_text(row.fee),
                      format_seconds(row.filled_at)});
    text += "\n" + format_table({"fill", "quantity", "price", "fee", "time"}, rows);
  }
  return print(text);
}

Result<void> cancel(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const Found found, find_order(*database, options.order));
  const std::int64_t id = found.order.order_id;
  ARGOSY_TRY_VOID(ask(*database, globals, "order_cancel", live::OneSubject{.id = id}));
  if (!globals.json) return print(fmt::format("order {} is being cancelled\n", id));
  JsonWriter json(2);
  return print(std::move(json.begin_object().key("order_id").value(id).end_object()).take() + "\n");
}

// The kind follows from the prices that are given.
Result<live::PlaceOrder> placed(ledger::Database& database, const Options& options, const Globals& globals) {
  live::PlaceOrder asked{.side = options.side, .time_in_force = options.time_in_force};
  if (!options.portfolio.empty()) {
    ARGOSY_TRY(const ledger::PortfolioRow portfolio, find_portfolio(database, options.portfolio));
    asked.portfolio_id = portfolio.portfolio_id;
  }
  ARGOSY_TRY(const ledger::InstrumentRow instrument, instrument_for_service(database, globals, options.symbol));
  asked.instrument_id = instrument.instrument_id;
  asked.symbol = instrument.symbol;
  const auto read = [](auto& field, const std::string& text, const char* option) -> Result<void> {
    if (text.empty()) return {};
    ARGOSY_TRY(field, parse_amount<std::remove_cvref_t<decltype(*field)>>(text, option));
    return {};
  };
  ARGOSY_TRY_VOID(read(asked.quantity, options.quantity, "--quantity"));
  ARGOSY_TRY_VOID(read(asked.amount, options.amount, "--amount"));
  ARGOSY_TRY_VOID(read(asked.limit_price, options.limit_price, "--limit-price"));
  ARGOSY_TRY_VOID(read(asked.stop_price, options.stop_price, "--stop-price"));
  asked.kind = asked.limit_price ? (asked.stop_price ? "stop_limit" : "limit") : asked.stop_price ? "stop" : "market";
  return asked;
}

Result<void> place(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const live::PlaceOrder asked, placed(*database, options, globals));
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "order_place", asked));
  ARGOSY_TRY(const std::int64_t id, answered_number(answer, "order_id"));
  if (!globals.json) return print(fmt::format("order {} is on its way\n", id));
  JsonWriter json(2);
  return print(std::move(json.begin_object().key("order_id").value(id).end_object()).take() + "\n");
}

Result<void> cancel_all(const Options&, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "cancel_all", live::OneSubject{}));
  ARGOSY_TRY(const std::int64_t count, answered_number(answer, "orders"));
  if (!globals.json) return print(fmt::format("{} orders are being cancelled\n", count));
  JsonWriter json(2);
  return print(std::move(json.begin_object().key("orders").value(count).end_object()).take() + "\n");
}

std::vector<std::string> state_names() {
  std::vector<std::string> out;
  for (int i = 0; i <= static_cast<int>(trading::OrderState::kExpired); ++i)
    out.emplace_back(trading::to_string(static_cast<trading::OrderState>(i)));
  return out;
}

}  // namespace

void add_order(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("order", "Orders: look at, place, cancel");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, const char* examples,
                       Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  CLI::App* lister = add("list", "Show orders, denied ones too",
                         "  argosy order list --working\n  argosy order list --service 1 --limit 10 --json", list);
  lister->add_option("--service", options->service, "those of a service: its number or its name");
  lister->add_option("--symbol", options->symbol, "those that trade it");
  lister->add_option("--state", options->state, "those in this state")->check(CLI::IsMember(state_names()));
  lister->add_flag("--working", options->working, "those that have not ended");
  lister->add_option("--limit", options->limit, "the newest so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  CLI::App* shower = add("show", "Everything about an order, with its fills", "  argosy order show 12", show);
  CLI::App* canceller =
      add("cancel", "Cancel an order that works; argosy serve must be running", "  argosy order cancel 12", cancel);
  for (CLI::App* command : {shower, canceller})
    command->add_option("order", options->order, "its number, its client id or the broker's")->required();
  CLI::App* placer = add("place", "Place an order of a portfolio, outside of any service; argosy serve must be running",
                         "  argosy order place buy AAPL --amount 1000\n"
                         "  argosy order place sell AAPL --quantity 5 --limit-price 190.50 --time-in-force gtc",
                         place);
  using Placed = core::RecordOf<live::PlaceOrder>;
  placer->add_option("side", options->side, "buy or sell")->required()->check(CLI::IsMember(Placed::kSides));
  placer->add_option("symbol", options->symbol, "what is traded")->required();
  placer->add_option("--portfolio", options->portfolio, "its number or its name; the default one else");
  placer->add_option("--quantity", options->quantity, "shares; this or --amount");
  placer->add_option("--amount", options->amount, "of a purchase: what it may cost, fees included");
  placer->add_option("--limit-price", options->limit_price, "the worst price; none: by market");
  placer->add_option("--stop-price", options->stop_price, "the price that starts it");
  placer->add_option("--time-in-force", options->time_in_force, "how long it works")
      ->check(CLI::IsMember(Placed::kTimes))
      ->capture_default_str();
  add("cancel-all", "Cancel every order that works; argosy serve must be running", "  argosy order cancel-all",
      cancel_all);
}

}  // namespace argosy::cli

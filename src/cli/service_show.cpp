// argosy service show: a service with its round trips, orders that work, and why it did what it did.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "cli/service_commands.hpp"
#include "core/json.hpp"
#include "ledger/load.hpp"
#include "ledger/records.hpp"
#include "live/event.hpp"

namespace argosy::cli {
namespace {

using core::JsonWriter;
using core::Result;
using ledger::TransactionRow;

constexpr int kLast = 10;

struct Decision {
  core::Timestamp time;
  live::DecisionMade made;
};

struct Shown {
  ledger::ServiceRow service;
  std::vector<TransactionRow> transactions;  // the newest first
  std::vector<ledger::OrderRow> orders;      // that work
  std::vector<Decision> decisions;           // the newest first
};

Result<Shown> load(ledger::Database& database, const ledger::ServiceRow& service) {
  return database.read([&](ledger::Transaction& work) -> Result<Shown> {
    Shown out{.service = service};
    ARGOSY_TRY(out.transactions,
               ledger::select<TransactionRow>(
                   work, fmt::format("WHERE service_id = :service_id ORDER BY transaction_id DESC LIMIT {}", kLast),
                   {service.service_id}));
    ARGOSY_TRY(out.orders,
               ledger::select<ledger::OrderRow>(
                   work, fmt::format("WHERE service_id = :service_id AND {} ORDER BY order_id", ledger::kWorkingOrders),
                   {service.service_id}));
    ARGOSY_TRY(
        const std::vector<ledger::JournalRow> rows,
        ledger::select<ledger::JournalRow>(
            work, fmt::format("WHERE service_id = :service_id AND kind = 'decision' ORDER BY seq DESC LIMIT {}", kLast),
            {service.service_id}));
    for (const ledger::JournalRow& row : rows) {
      ARGOSY_TRY(live::Event event, live::from_row(row));
      if (auto* made = std::get_if<live::DecisionMade>(&event.what))
        out.decisions.push_back({.time = event.time, .made = std::move(*made)});
    }
    return out;
  });
}

void write_decision(JsonWriter& json, const Decision& decision) {
  const live::DecisionMade& made = decision.made;
  json.begin_object().key("time").value(core::format_rfc3339(decision.time)).key("question").value(made.question);
  json.key("source").value(made.source).key("yes").value(made.yes).key("confidence").value(made.confidence);
  json.key("reason").value(made.reason).key("numbers").value(made.numbers).key("bid").value(made.bid);
  json.key("ask").value(made.ask).key("last").value(made.last).key("outcome").value(made.outcome).end_object();
}

std::string show_json(const Shown& shown) {
  JsonWriter json(2);
  write_service(json.begin_object(), shown.service);
  json.key("open_transaction");
  const bool open = !shown.transactions.empty() && shown.transactions.front().state == ledger::TransactionState::kOpen;
  if (open) {
    core::write_json(json, shown.transactions.front());
  } else {
    json.null();
  }
  json.key("transactions").begin_array();
  for (const TransactionRow& row : shown.transactions) core::write_json(json, row);
  json.end_array().key("orders").begin_array();
  for (const ledger::OrderRow& row : shown.orders) core::write_json(json, row);
  json.end_array().key("decisions").begin_array();
  for (const Decision& decision : shown.decisions) write_decision(json, decision);
  return std::move(json.end_array().end_object()).take() + "\n";
}

std::string settings_text(const ledger::ServiceRow& row) {
  std::vector<std::vector<std::string>> rows{
      {"strategy",
       fmt::format("{}, asked each {} s where it does not follow bars", row.strategy, row.interval_seconds)},
      {"initial balance", money_text(row.initial_balance)},
      {"minimum balance", money_text(row.minimum_balance)},
      {"allocation", row.allocation_percent.to_string() + " %"},
      {"thresholds",
       fmt::format("buy {} %, sell {} %", row.buy_threshold.to_string(), row.sell_threshold.to_string())}};
  if (row.stop_loss_percent.is_positive()) rows.push_back({"stop loss", row.stop_loss_percent.to_string() + " %"});
  if (row.take_profit_percent.is_positive())
    rows.push_back({"take profit", row.take_profit_percent.to_string() + " %"});
  rows.push_back({"gain/loss", fmt::format("{} {} after fees, {} purchases, {} sales", money_text(row.total_gain_loss),
                                           row.currency, row.buy_count, row.sell_count)});
  std::string out;
  for (const auto& line : rows) out += fmt::format("  {:<16} {}\n", line[0], line[1]);
  return out;
}

std::string transactions_text(const std::vector<TransactionRow>& transactions) {
  if (transactions.empty()) return "\nNo transactions yet.\n";
  std::vector<std::vector<std::string>> rows;
  for (const TransactionRow& row : transactions)
    rows.push_back({fmt::to_string(row.transaction_id),
                    std::string(ledger::kTransactionStates[static_cast<std::size_t>(row.state)]),
                    row.shares.to_string(), row.purchase_price.to_string(2),
                    row.sale_price ? row.sale_price->to_string(2) : "-", gain_text(row.net_gain_loss),
                    format_seconds(row.purchase_date), row.sale_date ? format_seconds(*row.sale_date) : "-"});
  return "\n" +
         format_table({"transaction", "state", "shares", "purchase", "sale", "gain/loss", "bought", "sold"}, rows);
}

std::string orders_text(const std::vector<ledger::OrderRow>& orders) {
  if (orders.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const ledger::OrderRow& row : orders)
    rows.push_back({fmt::to_string(row.order_id), row.state, row.side, row.kind, row.quantity.to_string(),
                    row.filled_quantity.to_string(), format_seconds(row.created_at)});
  return "\n" + format_table({"order", "state", "side", "kind", "quantity", "filled", "made"}, rows);
}

std::string decisions_text(const std::vector<Decision>& decisions) {
  if (decisions.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const Decision& each : decisions)
    rows.push_back({format_seconds(each.time), each.made.question, each.made.yes ? "YES" : "NO",
                    format_statistic(each.made.confidence), each.made.reason, each.made.outcome});
  return "\n" + format_table({"decision", "question", "answer", "confidence", "reason", "outcome"}, rows);
}

Result<void> show(const std::string& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::ServiceRow row, find_service(*database, wanted));
  ARGOSY_TRY(const Shown shown, load(*database, row));
  if (globals.json) return print(show_json(shown));
  std::string text = service_line(row) + "\n";
  if (!row.error.empty()) text += fmt::format("  It needs you: {}\n", row.error);
  if (!row.description.empty()) text += fmt::format("  {}\n", row.description);
  text += settings_text(row) + transactions_text(shown.transactions);
  return print(text + orders_text(shown.orders) + decisions_text(shown.decisions));
}

}  // namespace

void add_service_show(CLI::App& parent, Globals& globals) {
  auto service = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("show", "A service with its transactions, orders and last decisions");
  command->add_option("service", *service, "its number or its name")->required();
  add_common_options(*command, globals);
  command->footer("Examples:\n  argosy service show 1\n  argosy service show \"AAPL 1\" --json");
  command->callback([service, &globals] { run_command([&] { return show(*service, globals); }); });
}

}  // namespace argosy::cli

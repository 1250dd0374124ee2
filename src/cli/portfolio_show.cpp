// argosy portfolio show: what a portfolio has, and what it was worth from time to time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "cli/portfolio_report.hpp"
#include "cli/portfolio_value.hpp"
#include "cli/service_commands.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "ledger/equity.hpp"
#include "ledger/records.hpp"

namespace argosy::cli {
namespace {

using core::JsonWriter;
using core::Result;
using ledger::EquitySnapshotRow;

constexpr int kSnapshots = 60;

// The newest last.
Result<std::vector<EquitySnapshotRow>> last_snapshots(ledger::Database& database, std::int64_t portfolio) {
  ARGOSY_TRY(std::vector<EquitySnapshotRow> rows, database.read([&](ledger::Transaction& work) {
    return ledger::select<EquitySnapshotRow>(
        work,
        fmt::format("WHERE scope = 'portfolio' AND subject_id = :subject_id ORDER BY time DESC LIMIT {}", kSnapshots),
        {portfolio});
  }));
  std::ranges::reverse(rows);
  return rows;
}

// Eight heights, from the least to the most.
std::string sparkline(const std::vector<EquitySnapshotRow>& rows) {
  constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto [least, most] = std::ranges::minmax_element(rows, {}, &EquitySnapshotRow::equity);
  const std::int64_t range = std::max<std::int64_t>((most->equity - least->equity).units(), 1);
  std::string out;
  for (const EquitySnapshotRow& row : rows) out += kBlocks[(row.equity - least->equity).units() * 7 / range];
  return out;
}

std::string show_json(const PortfolioValue& value, const std::vector<EquitySnapshotRow>& snapshots) {
  JsonWriter json(2);
  write_value(json.begin_object(), value);
  json.key("holdings").begin_array();
  for (const HoldingValue& each : value.holdings) {
    json.begin_object();
    core::write_json_fields(json, core::record_type<ledger::HoldingRow>(), &each.row);
    json.key("price");
    if (each.price) {
      json.value(*each.price);
    } else {
      json.null();
    }
    json.key("value").value(each.value).end_object();
  }
  json.end_array().key("services").begin_array();
  for (const ledger::ServiceRow& row : value.services) {
    write_service(json.begin_object(), row);
    json.end_object();
  }
  json.end_array().key("equity_snapshots").begin_array();
  for (const EquitySnapshotRow& row : snapshots) core::write_json(json, row);
  return std::move(json.end_array().end_object()).take() + "\n";
}

std::string show_text(const PortfolioValue& value, const std::vector<EquitySnapshotRow>& snapshots) {
  const ledger::PortfolioRow& row = value.row;
  std::string out = fmt::format("portfolio {} ({}){}, in {}\n", row.portfolio_id, row.name,
                                row.is_default ? ", the default one" : "", row.currency);
  out += "\n" + format_table({"", "amount"}, {{"cash", money_text(row.cash)},
                                              {"money market", money_text(row.money_market)},
                                              {"cash of services", money_text(value.services_cash)},
                                              {"investment", money_text(value.investment)},
                                              {"equity", money_text(value.equity)}});
  if (!value.holdings.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const HoldingValue& each : value.holdings)
      rows.push_back({each.row.symbol, each.row.quantity.to_string(), each.row.unassigned.to_string(),
                      money_text(each.row.cost), each.price ? each.price->to_string(2) : "-", money_text(each.value)});
    out += "\n" + format_table({"holding", "shares", "of no service", "cost", "price", "value"}, rows);
  }
  if (!value.services.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const ledger::ServiceRow& each : value.services)
      rows.push_back({fmt::to_string(each.service_id), each.name, std::string(to_string(each.state)),
                      money_text(each.current_balance), each.current_shares.to_string(),
                      gain_text(each.total_gain_loss)});
    out += "\n" + format_table({"service", "name", "state", "balance", "shares", "gain/loss"}, rows);
  }
  if (!snapshots.empty())
    out += fmt::format("\nequity from {} to {}: {} to {}\n{}\n", format_seconds(snapshots.front().time),
                       format_seconds(snapshots.back().time), money_text(snapshots.front().equity),
                       money_text(snapshots.back().equity), sparkline(snapshots));
  return out;
}

struct Options {
  std::string portfolio;
  std::string report;
};

Result<void> show(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::PortfolioRow row, find_portfolio(*database, options.portfolio));
  ARGOSY_TRY(const PortfolioValue value, value_of(*database, row));
  ARGOSY_TRY(const std::vector<EquitySnapshotRow> snapshots, last_snapshots(*database, row.portfolio_id));
  if (!options.report.empty()) {
    ARGOSY_TRY(const PortfolioHistory history, read_history(*database, row));
    const std::string page = portfolio_report(value, history, core::SystemClock().now());
    ARGOSY_TRY_VOID(core::system_files().write_atomic(options.report, page));
  }
  if (globals.json) return print(show_json(value, snapshots));
  return print(show_text(value, snapshots) + (options.report.empty() ? "" : "\nreport: " + options.report + "\n"));
}

}  // namespace

void add_portfolio_show(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("show", "Cash, holdings, services and what it was worth");
  command->add_option("portfolio", options->portfolio, "its number or its name (default: the default portfolio)");
  command->add_option("--report", options->report, "write all of it, with charts, to this HTML file");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n  argosy portfolio show\n  argosy portfolio show default --json\n"
      "  argosy portfolio show --report portfolio.html");
  command->callback([options, &globals] { run_command([&] { return show(*options, globals); }); });
}

}  // namespace argosy::cli

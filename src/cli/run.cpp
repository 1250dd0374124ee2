// argosy run: the backtests that were stored.
#include "ledger/runs.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/run_commands.hpp"
#include "core/json_value.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"
#include "runs/stored_run.hpp"

namespace argosy::cli {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

struct ListOptions {
  ledger::RunFilter filter{.limit = 20};
};
struct ShowOptions {
  std::string run;
  bool trades = false;
};

// Some of them, and how many there are.
std::string symbols_text(const std::vector<std::string>& symbols) {
  constexpr std::size_t kMostNamed = 3;
  if (symbols.size() <= kMostNamed) return core::join(symbols, " ");
  return fmt::format("{} {} and {} more", symbols[0], symbols[1], symbols.size() - 2);
}

Result<void> list(const ListOptions& options, const Globals& globals) {
  if (options.filter.limit < 0) return fail(ErrorCode::kInvalidArgument, "--limit must not be below 0");
  ARGOSY_TRY(const auto database, open_stored_runs(globals));
  std::vector<ledger::RunListing> runs;
  std::int64_t count = 0;
  if (database) {
    ARGOSY_TRY_VOID(database->read([&](ledger::Transaction& work) -> Result<void> {
      ARGOSY_TRY(runs, ledger::list_runs(work, options.filter));
      ARGOSY_TRY(count, ledger::count_runs(work, options.filter));
      return {};
    }));
  }
  if (globals.json) return print(core::json_list<ledger::RunListing>(runs) + "\n");
  std::vector<std::vector<std::string>> rows;
  for (const ledger::RunListing& run : runs) {
    rows.push_back({run.run_id, format_seconds(run.created_at), run.strategy, symbols_text(run.symbols), run.timeframe,
                    format_ratio(run.total_return), format_statistic(run.sharpe), format_ratio(-run.max_drawdown),
                    fmt::to_string(run.trades), run.data_hash.substr(0, 8)});
  }
  if (rows.empty()) return print("No runs. A backtest is stored as one: argosy backtest\n");
  std::string text = format_table(
      {"run", "time", "strategy", "symbols", "bars", "return", "Sharpe", "drawdown", "trades", "data"}, rows);
  if (count > std::ssize(runs)) text += fmt::format("{} of {} runs; --limit 0 shows all.\n", runs.size(), count);
  return print(text);
}

std::string optional_key(const std::optional<core::Timestamp>& time, market::Timeframe timeframe) {
  return time ? market::format_key(time->time_since_epoch().count(), timeframe) : "";
}

// The keys of a row as they are written: decisions in the bars of the strategy, fills in those of the exchange.
struct RowTimes {
  std::string entry_signal;
  std::string last_signal;
  std::string entry_at;
  std::string exit_signal;
  std::string exit_at;
};
Result<RowTimes> times_of(const ledger::RunRow& run, const ledger::RunTradeRow& trade) {
  ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(run.timeframe));
  ARGOSY_TRY(const market::Timeframe fills, market::Timeframe::parse(run.fill_timeframe));
  // An order that closes may be made at the fill of the entry, so in the bars of the exchange.
  return RowTimes{.entry_signal = optional_key(trade.entry_signal, timeframe),
                  .last_signal = optional_key(trade.last_signal, timeframe),
                  .entry_at = optional_key(trade.entry_at, fills),
                  .exit_signal = optional_key(trade.exit_signal, fills),
                  .exit_at = optional_key(trade.exit_at, fills)};
}

void write_optional(core::JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

Result<void> write_trade(core::JsonWriter& json, const ledger::RunRow& run, const ledger::RunTradeRow& trade) {
  ARGOSY_TRY(const RowTimes times, times_of(run, trade));
  json.begin_object().key("number").value(trade.number).key("symbol").value(trade.symbol);
  json.key("side").value(trade.side).key("outcome").value(trade.outcome);
  json.key("entry_reason").value(trade.entry_reason).key("entry_signal").value(times.entry_signal);
  json.key("last_signal").value(times.last_signal).key("decisions").value(trade.decisions);
  write_optional(json, "entry_time", times.entry_at);
  write_optional(json, "entry_price", trade.entry_price ? trade.entry_price->to_string() : "");
  json.key("quantity").value(trade.quantity);
  write_optional(json, "exit_reason", trade.exit_reason.value_or(""));
  write_optional(json, "exit_signal", times.exit_signal);
  write_optional(json, "exit_time", times.exit_at);
  write_optional(json, "exit_price", trade.exit_price ? trade.exit_price->to_string() : "");
  json.key("fees").value(trade.fees).key("profit").value(trade.profit).key("dividends").value(trade.dividends);
  write_optional(json, "note", trade.note);
  json.end_object();
  return {};
}

Result<void> show_json(const runs::StoredRun& stored, bool trades) {
  const ledger::RunRow& run = stored.run;
  core::JsonWriter json(2);
  json.begin_object().key("run").value(run.run_id).key("created_at").value(core::format_rfc3339(run.created_at));
  json.key("strategy").value(run.strategy).key("symbols").begin_array();
  for (const std::string& symbol : run.symbols) json.value(symbol);
  json.end_array().key("timeframe").value(run.timeframe).key("fill_timeframe").value(run.fill_timeframe);
  json.key("code_version").value(run.code_version).key("seed").value(run.seed);
  json.key("data_hash").value(run.data_hash).key("result_hash").value(run.result_hash);
  json.key("statistics");
  ARGOSY_TRY_VOID(core::write_document(json, run.statistics));
  json.key("configuration");
  ARGOSY_TRY_VOID(core::write_document(json, run.configuration));
  json.key("fees");
  ARGOSY_TRY_VOID(core::write_document(json, run.fees));
  json.key("strategy_text").value(run.strategy_text);
  if (trades) {
    json.key("trades").begin_array();
    for (const ledger::RunTradeRow& trade : stored.trades) ARGOSY_TRY_VOID(write_trade(json, run, trade));
    json.end_array();
  }
  return print(std::move(json.end_object()).take() + "\n");
}

// "fast=20 slow=100" of a list, the text of a text.
std::string value_text(const core::JsonValue& value) {
  if (value.string() != nullptr) return *value.string();
  if (value.array() == nullptr) return "";
  std::vector<std::string> items;
  for (const core::JsonValue& item : *value.array()) items.push_back(item.string() != nullptr ? *item.string() : "");
  return core::join(items, " ");
}

Result<std::string> options_text(const ledger::RunRow& run) {
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(run.configuration));
  std::vector<std::vector<std::string>> rows;
  const core::JsonValue* options = json.find("options");
  if (options == nullptr || options->object() == nullptr) return std::string();
  for (const auto& [key, value] : *options->object()) {
    if (const std::string text = value_text(value); !text.empty()) rows.push_back({key, text});
  }
  return format_table({"option", "value"}, rows);
}

Result<std::string> trades_text(const runs::StoredRun& stored) {
  std::vector<std::vector<std::string>> rows;
  for (const ledger::RunTradeRow& trade : stored.trades) {
    ARGOSY_TRY(const RowTimes times, times_of(stored.run, trade));
    rows.push_back({fmt::to_string(trade.number), trade.symbol, trade.side,
                    trade.decisions > 1 ? fmt::format("{} {}", trade.decisions, trade.outcome) : trade.outcome,
                    times.entry_signal, times.entry_at, trade.entry_price ? trade.entry_price->to_string() : "",
                    times.exit_at, trade.exit_price ? trade.exit_price->to_string() : "",
                    trade.exit_reason.value_or(trade.note), trade.quantity.to_string(), trade.profit.to_string(2)});
  }
  return format_table({"trade", "symbol", "side", "outcome", "decided", "entered", "price", "left", "price", "why",
                       "quantity", "profit"},
                      rows);
}

Result<void> show(const ShowOptions& options, const Globals& globals) {
  ARGOSY_TRY(const runs::StoredRun stored, load_stored_run(options.run, globals));
  if (globals.json) return show_json(stored, options.trades);
  const ledger::RunRow& run = stored.run;
  std::string text = fmt::format("run {}  {}  {}  {}  by version {}\n\n", run.run_id, format_seconds(run.created_at),
                                 run.strategy, symbols_text(run.symbols), run.code_version);
  text += format_table({"", "value"}, {{"total return", format_ratio(run.total_return)},
                                       {"Sharpe", format_statistic(run.sharpe)},
                                       {"max drawdown", format_ratio(-run.max_drawdown)},
                                       {"final equity", run.final_equity.to_string(2) + " " + run.currency},
                                       {"trades", fmt::to_string(run.trades)}});
  ARGOSY_TRY(const std::string asked, options_text(run));
  text += fmt::format("\ndata {}\nresult {}\n\n{}\n", run.data_hash, run.result_hash, asked);
  text += run.strategy_text;
  if (!options.trades) return print(text);
  ARGOSY_TRY(const std::string trades, trades_text(stored));
  return print(text + "\n" + trades);
}

Result<void> remove(const std::vector<std::string>& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_runs(globals, {.missing = ledger::Missing::kFail}));
  // All or none, and each is looked for before one goes: "last" twice is the same run.
  ARGOSY_TRY(const auto ids, database->write([&](ledger::Transaction& work) -> Result<std::vector<std::string>> {
    std::vector<std::string> found;
    for (const std::string& each : wanted) {
      ARGOSY_TRY(const ledger::RunRow run, ledger::find_run(work, each));
      if (std::ranges::find(found, run.run_id) == found.end()) found.push_back(run.run_id);
    }
    for (const std::string& id : found) ARGOSY_TRY_VOID(ledger::remove_run(work, id));
    return found;
  }));
  return print_removed(ids, globals);
}

}  // namespace

Result<std::unique_ptr<ledger::Database>> open_stored_runs(const Globals& globals) {
  auto database = open_runs(globals, {.missing = ledger::Missing::kFail});
  if (!database && database.error().code == ErrorCode::kNotFound && database.error().file == runs_path(globals))
    return std::unique_ptr<ledger::Database>();
  return database;
}

Result<runs::StoredRun> load_stored_run(const std::string& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_stored_runs(globals));
  if (database) return runs::load_run(*database, wanted);
  return fail(core::Error(ErrorCode::kNotFound, fmt::format("there is no run \"{}\": none was stored yet", wanted))
                  .with_hint("a backtest is stored as one: argosy backtest"));
}

void add_run(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("run", "Stored backtests: list, show, repeat, compare, remove");
  group->require_subcommand(1);

  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list_command = group->add_subcommand("list", "The stored backtests, newest first");
  list_command->add_option("--strategy", list_options->filter.strategy, "only those of the strategy of this name");
  list_command->add_option("--symbol", list_options->filter.symbol, "only those that traded this symbol");
  list_command->add_option("--limit", list_options->filter.limit, "how many; 0: all")->capture_default_str();
  add_common_options(*list_command, globals);
  list_command->footer("Examples:\n  argosy run list --symbol AAPL\n  argosy run list --strategy golden_cross --json");
  list_command->callback([list_options, &globals] { run_command([&] { return list(*list_options, globals); }); });

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* show_command = group->add_subcommand("show", "Everything that is stored of a backtest");
  show_command->add_option("run", show_options->run, "its id, the beginning of it, or last")->required();
  show_command->add_flag("--trades", show_options->trades, "with each decision to enter and what became of it");
  add_common_options(*show_command, globals);
  show_command->footer("Examples:\n  argosy run show last --trades\n  argosy run show 12 --json");
  show_command->callback([show_options, &globals] { run_command([&] { return show(*show_options, globals); }); });

  add_run_repeat(*group, globals);
  add_run_compare(*group, globals);

  auto removed = std::make_shared<std::vector<std::string>>();
  CLI::App* remove_command = group->add_subcommand("remove", "Forget stored backtests");
  remove_command->add_option("runs", *removed, "their ids, the beginnings of them, or last")->required();
  add_common_options(*remove_command, globals);
  remove_command->footer("Examples:\n  argosy run remove last\n  argosy run remove 3 4 5");
  remove_command->callback([removed, &globals] { run_command([&] { return remove(*removed, globals); }); });
}

}  // namespace argosy::cli

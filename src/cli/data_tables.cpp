// argosy data universe and actions: the lake's small tables.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "core/files.hpp"
#include "data/tables_import.hpp"

namespace argosy::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

core::Result<void> edit(const Globals& globals, const std::function<core::Result<void>(lake::Tables&)>& change) {
  ARGOSY_TRY(const auto lake, open_lake(globals));
  ARGOSY_TRY(auto transaction, lake.begin());
  lake::Tables tables = transaction.tables();
  ARGOSY_TRY_VOID(change(tables));
  transaction.set_tables(std::move(tables));
  ARGOSY_TRY_VOID(transaction.commit());
  return {};
}

using ImportTable =
    std::function<core::Result<data::TableImport>(std::string_view csv, const std::string& file, lake::Tables&)>;

core::Result<void> import_table(const std::string& path, const Globals& globals, const ImportTable& import) {
  ARGOSY_TRY(const std::string csv, core::system_files().read(path));
  data::TableImport result;
  ARGOSY_TRY_VOID(edit(globals, [&](lake::Tables& tables) -> core::Result<void> {
    ARGOSY_TRY(result, import(csv, path, tables));
    return {};
  }));
  return print(fmt::format("{} added, {} changed, {} unchanged\n", result.added, result.changed, result.unchanged));
}

// A group's subcommand `import FILE`.
CLI::App* add_import(CLI::App& group, Globals& globals, const std::string& text, const std::string& footer,
                     ImportTable import) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand("import", text);
  command->add_option("file", *path, "the CSV file")->required();
  add_common_options(*command, globals, false);
  command->footer(footer);
  command->callback([path, import = std::move(import), &globals] {
    run_command([&] { return import_table(*path, globals, import); });
  });
  return command;
}

struct UniverseView {
  std::string name;
  std::string date;
};

core::Result<void> list_universes(const UniverseView& options, const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  std::optional<core::Date> date;
  if (!options.date.empty()) {
    ARGOSY_TRY(date, core::Date::parse(options.date));
  }
  std::vector<lake::UniverseRow> all;
  if (options.name.empty() || options.name == "all") {
    // Built in: every symbol, from its first bar on.
    for (const std::string& symbol : snapshot.symbols()) {
      const auto anchor = snapshot.tables().anchors.find(symbol);
      const auto from = anchor == snapshot.tables().anchors.end() ? core::Date() : market::key_date(anchor->second);
      all.push_back({"all", symbol, from, std::nullopt});
    }
  }
  for (const auto& row : snapshot.tables().universes) {
    if (options.name.empty() || options.name == row.universe) all.push_back(row);
  }
  if (all.empty() && !options.name.empty()) {
    return core::fail(core::Error(core::ErrorCode::kNotFound, fmt::format("there is no universe \"{}\"", options.name))
                          .with_hint("argosy data universe list shows them"));
  }
  if (date) std::erase_if(all, [&](const auto& row) { return row.from > *date || (row.to && *row.to < *date); });
  if (globals.json) return print(core::json_list<lake::UniverseRow>(all) + "\n");
  Rows rows;
  for (const auto& row : all)
    rows.push_back({row.universe, row.symbol, row.from.to_string(), row.to ? row.to->to_string() : "-"});
  return print(format_table({"universe", "symbol", "from", "to"}, rows));
}

struct Membership {
  std::string universe;
  std::string symbol;
  std::string from;
  std::string to;
};

core::Result<void> set_membership(const Membership& options, const Globals& globals) {
  lake::UniverseRow row{options.universe, options.symbol, {}, {}};
  ARGOSY_TRY(row.from, core::Date::parse(options.from));
  if (!options.to.empty()) {
    ARGOSY_TRY(row.to, core::Date::parse(options.to));
  }
  ARGOSY_TRY_VOID(edit(globals, [&](lake::Tables& tables) { return data::set_membership(row, tables); }));
  return print(fmt::format("{} is in {} from {}{}\n", row.symbol, row.universe, row.from.to_string(),
                           row.to ? " to " + row.to->to_string() : ""));
}

core::Result<void> list_actions(const std::string& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  Rows rows;
  for (const auto& [symbol, actions] : snapshot.tables().actions) {
    if (!wanted.empty() && symbol != wanted) continue;
    for (const auto& action : actions) {
      const std::string kind(market::to_string(action.kind));
      rows.push_back({symbol, action.ex_date.to_string(), kind, std::to_string(action.numerator),
                      std::to_string(action.denominator), action.amount.to_string()});
      json.begin_object()
          .key("symbol")
          .value(symbol)
          .key("ex_date")
          .value(action.ex_date.to_string())
          .key("kind")
          .value(kind);
      json.key("numerator")
          .value(action.numerator)
          .key("denominator")
          .value(action.denominator)
          .key("amount")
          .value(action.amount);
      json.end_object();
    }
  }
  json.end_array().key("meta").begin_object().key("count").value(rows.size()).end_object().end_object();
  if (globals.json) return print_json(std::move(json));
  if (rows.empty()) return print("There are no corporate actions" + (wanted.empty() ? "" : " of " + wanted) + ".\n");
  return print(format_table({"symbol", "ex_date", "kind", "numerator", "denominator", "amount"}, rows));
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& text) {
  CLI::App* group = parent.add_subcommand(name, text);
  group->require_subcommand(1);
  return group;
}

}  // namespace

void add_data_universe(CLI::App& parent, Globals& globals) {
  CLI::App* group = add_group(parent, "universe", "Named sets of symbols with dated membership; \"all\" is built in");
  auto view = std::make_shared<UniverseView>();
  CLI::App* list = group->add_subcommand("list", "Show universes and their members");
  list->add_option("name", view->name, "one universe only");
  list->add_option("--date", view->date, "only members on this date");
  add_common_options(*list, globals);
  list->footer("Example:\n  argosy data universe list tech --date 2012-06-29");
  list->callback([view, &globals] { run_command([&] { return list_universes(*view, globals); }); });

  auto membership = std::make_shared<Membership>();
  CLI::App* set =
      group->add_subcommand("set", "Add a membership, or change the end of the one that begins on that date");
  set->add_option("name", membership->universe, "the universe")->required();
  set->add_option("symbol", membership->symbol, "the symbol")->required();
  set->add_option("--from", membership->from, "first date")->required();
  set->add_option("--to", membership->to, "last date (default: until today)");
  add_common_options(*set, globals, false);
  set->footer("Example:\n  argosy data universe set tech AAPL --from 2000-01-03");
  set->callback([membership, &globals] { run_command([&] { return set_membership(*membership, globals); }); });

  auto name = std::make_shared<std::string>();
  CLI::App* import = add_import(
      *group, globals, "Import memberships from a CSV file",
      "Columns: universe, symbol, from, to.\n\nExample:\n  argosy data universe import members.csv --universe tech",
      [name](std::string_view csv, const std::string& file, lake::Tables& tables) {
        return data::import_universes(csv, file, *name, tables);
      });
  import->add_option("--universe", *name, "the universe of all lines, when the file has no such column");
}

void add_data_actions(CLI::App& parent, Globals& globals) {
  CLI::App* group = add_group(parent, "actions", "Splits, dividends and delistings");
  auto symbol = std::make_shared<std::string>();
  for (const char* name : {"list", "show"}) {
    CLI::App* list = group->add_subcommand(
        name, std::string(name) == "list" ? "Show all corporate actions" : "Show one symbol's corporate actions");
    auto* option = list->add_option("symbol", *symbol, "one symbol only");
    if (std::string(name) == "show") option->required();
    add_common_options(*list, globals);
    list->footer(fmt::format("Example:\n  argosy data actions {} AAPL", name));
    list->callback([symbol, &globals] { run_command([&] { return list_actions(*symbol, globals); }); });
  }
  add_import(
      *group, globals, "Import splits, dividends and delistings from a CSV file",
      "Columns: symbol, ex_date, kind (split, dividend or delisting), numerator, denominator, amount.\n\nExample:\n"
      "  argosy data actions import samples/bars/actions.csv",
      data::import_actions);
}

}  // namespace argosy::cli

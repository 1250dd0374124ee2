// argosy strategy save, list, show, remove and order: strategies that the ledger keeps.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/formula_options.hpp"
#include "cli/ledger_home.hpp"
#include "cli/strategy_commands.hpp"
#include "cli/strategy_store.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::StrategyRow;

struct Options {
  std::string file;
  std::string name;
  std::int64_t version = 0;  // 0: the newest
  std::int64_t place = 1;
};

ledger::ChangedBy changed_by() { return {.actor = kCommandUser, .time = core::SystemClock().now()}; }

// All but the text.
void write_row(core::JsonWriter& json, const StrategyRow& row) {
  json.key("strategy_id").value(row.strategy_id).key("name").value(row.name).key("version").value(row.version);
  json.key("owner_id").value(row.owner_id).key("custom_order").value(row.custom_order);
  json.key("created_at").value(core::format_rfc3339(row.created_at));
}

Result<void> save(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const std::string text, core::system_files().read(options.file));
  ARGOSY_TRY(const strategy::StrategyFile file,
             strategy::parse_strategy(text, options.file, strategy_readers(options.file, globals)));
  ARGOSY_TRY_VOID(strategy::compile_strategy(file));
  StrategyRow row{.name = options.name.empty() ? file.name : options.name, .text = text};
  // As it will be read: without the files that lie beside this one.
  if (const auto stored = parse_stored(row, globals); !stored) {
    Error error = stored.error();
    error.hint = "only the file itself is stored: what it names must be the home's, shipped, or an absolute path";
    return fail(std::move(error));
  }
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const ledger::SavedStrategy saved, save_strategy(*database, row.name, text, changed_by()));
  if (globals.json) {
    core::JsonWriter json(2);
    write_row(json.begin_object(), saved.row);
    json.key("is_new").value(saved.is_new).end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(fmt::format("{}: {} version {}\n", saved.row.name, saved.is_new ? "saved as" : "is so already, as",
                           saved.row.version));
}

Result<void> list(const Options&, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const std::vector<StrategyRow> all, stored_strategies(*database));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const StrategyRow& row : all) {
      write_row(json.begin_object(), row);
      json.end_object();
    }
    json.end_array().key("meta").begin_object().key("count").value(all.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  if (all.empty()) return print("No strategy is stored. Store one with: argosy strategy save FILE\n");
  std::vector<std::vector<std::string>> rows;
  for (const StrategyRow& row : all)
    rows.push_back(
        {fmt::to_string(row.custom_order), row.name, fmt::to_string(row.version), format_seconds(row.created_at)});
  return print(format_table({"place", "name", "version", "saved"}, rows));
}

Result<void> show(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const StrategyRow newest, find_stored(*database, options.name, globals));
  std::optional<StrategyRow> row(newest);
  if (options.version != 0) {
    ARGOSY_TRY(row, stored_strategy(*database, options.name, options.version));
  }
  if (!row)
    return fail(Error(ErrorCode::kNotFound, fmt::format("{} has no version {}", options.name, options.version))
                    .with_hint(fmt::format("there are versions 1 to {}", newest.version)));
  if (!globals.json) return print(row->text + (row->text.ends_with('\n') ? "" : "\n"));
  core::JsonWriter json(2);
  write_row(json.begin_object(), *row);
  json.key("text").value(row->text).end_object();
  return print(std::move(json).take() + "\n");
}

Result<void> remove(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY_VOID(find_stored(*database, options.name, globals));
  ARGOSY_TRY_VOID(database->write(
      [&](ledger::Transaction& work) { return ledger::remove_strategy(work, options.name, changed_by()); }));
  return print_removed({options.name}, globals);
}

Result<void> order(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY_VOID(find_stored(*database, options.name, globals));
  ARGOSY_TRY_VOID(database->write([&](ledger::Transaction& work) {
    return ledger::place_strategy(work, std::nullopt, options.name, options.place, changed_by());
  }));
  return list(options, globals);
}

}  // namespace

void add_stored_strategies(CLI::App& group, Globals& globals) {
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, const char* footer,
                       Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group.add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(footer);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  CLI::App* saver = add("save", "Check a strategy file and store it as the next version of its name",
                        "Examples:\n  argosy strategy save samples/strategies/golden_cross.yaml\n"
                        "  argosy strategy save mine.yaml --name \"my cross\"",
                        save);
  saver->add_option("file", options->file, "strategy file (YAML)")->required();
  saver->add_option("--name", options->name, "under which it is stored (default: the file's name key)");
  add("list", "Show the stored strategies", "Example:\n  argosy strategy list --json", list);
  CLI::App* shower = add("show", "Print a stored strategy",
                         "Example:\n  argosy strategy show \"my cross\" --version 1 > mine.yaml", show);
  shower->add_option("--version", options->version, "which (default: the newest)")->check(CLI::PositiveNumber);
  CLI::App* remover = add("remove", "Remove a stored strategy, all its versions",
                          "Example:\n  argosy strategy remove \"my cross\"", remove);
  CLI::App* orderer = add("order", "Put a stored strategy at a place of the list",
                          "Example:\n  argosy strategy order \"my cross\" --place 1", order);
  orderer->add_option("--place", options->place, "from 1")->required()->check(CLI::PositiveNumber);
  for (CLI::App* command : {shower, remover, orderer})
    command->add_option("name", options->name, "of the stored strategy")->required();
}

}  // namespace argosy::cli

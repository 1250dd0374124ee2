// argosy strategy: checks strategy files, prints their JSON Schema, and stores them in the ledger.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/formula_options.hpp"
#include "cli/strategy_commands.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::cli {
namespace {

using core::Result;

Result<void> check(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  ARGOSY_TRY(const strategy::StrategyFile file, strategy::parse_strategy(text, path, strategy_readers(path, globals)));
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(file));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("strategy").value(file.name).key("timeframe").value(file.timeframe.to_string());
    json.key("warm_up").value(compiled.plan().warm_up()).key("fields").begin_array();
    for (const std::string& field : compiled.program.fields()) json.value(field);
    json.end_array().key("exit_on_position").value(compiled.exit.has_value()).key("parameters").begin_object();
    for (const strategy::Parameter& parameter : file.parameters) json.key(parameter.name).value(parameter.value);
    json.end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(fmt::format("{}: fine. {} reads {}, and needs {} bars to start.{}\n", path, file.name,
                           core::join(compiled.program.fields(), ", "), compiled.plan().warm_up(),
                           compiled.exit ? " Its sell condition depends on the position." : ""));
}

}  // namespace

void add_strategy(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("strategy", "Check strategy files, print their schema, store them");
  group->require_subcommand(1);

  auto path = std::make_shared<std::string>();
  CLI::App* checker = group->add_subcommand("check", "Check a strategy file: keys, numbers, formulas");
  checker->add_option("file", *path, "strategy file (YAML)")->required();
  add_common_options(*checker, globals);
  checker->footer("Example:\n  argosy strategy check samples/strategies/golden_cross.yaml");
  checker->callback([path, &globals] { run_command([&] { return check(*path, globals); }); });

  CLI::App* schema = group->add_subcommand("schema", "Print the JSON Schema of strategy files, for editors");
  schema->footer("Example:\n  argosy strategy schema > strategy.schema.json");
  schema->callback([] { run_command([] { return print(strategy::strategy_schema()); }); });

  add_stored_strategies(*group, globals);
}

}  // namespace argosy::cli

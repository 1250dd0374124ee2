// argosy config: shows the settings in force, checks the configuration of trading, and prints references and schema.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/trading_home.hpp"
#include "core/json.hpp"

namespace argosy::cli {
namespace {

using core::Result;

Result<void> show(const Globals& globals) {
  ARGOSY_TRY(Settings settings, load_settings(globals));
  ARGOSY_TRY(TradingSetup trading, load_trading(globals));
  const auto sections = config_sections(settings);
  const auto brokers = broker_sections(trading);
  const std::string path = home_folder(globals) + "/config.yaml";
  if (!globals.json) {
    return print(fmt::format("# {}\n\n{}\n# {}\n\n{}", path, core::render_config(sections), trading.path,
                             live::render_trading_config(trading.config, brokers)));
  }
  core::JsonWriter json(2);
  json.begin_object();
  for (const core::ConfigSection& section : sections) {
    json.key(section.name);
    core::write_json(json, *section.type, section.record);
  }
  json.key("trading");
  live::write_trading_config(json, trading.config, brokers);
  json.key("files").begin_array().value(path).value(trading.path).end_array();
  json.end_object();
  return print(std::move(json).take() + "\n");
}

Result<void> check(const std::string& file, const Globals& globals) {
  const std::string path = file.empty() ? trading_config_path(globals) : file;
  ARGOSY_TRY(const TradingSetup setup, read_trading(path, globals));
  if (!globals.json) return print(fmt::format("{}: fine, everything is set.\n", setup.path));
  core::JsonWriter json(2);
  json.begin_object().key("file").value(setup.path).key("ok").value(true).end_object();
  return print(std::move(json).take() + "\n");
}

Result<void> print_reference() {
  Settings settings;
  return print(
      "# Configuration\n\nThe settings of `config.yaml` in the home, and the environment variables that override "
      "them. Those of the process that trades have [a page of their own](trading.md).\n\n" +
      core::config_reference(config_sections(settings)));
}

Result<void> print_trading_reference() {
  TradingSetup setup;
  return print(
      "# Configuration of trading\n\nThe settings of `trading.yaml` in the home, or, where there is none, of "
      "`samples/config/trading.yaml`, which `argosy init` copies there. They are read once, when the process starts; "
      "no command changes them. `argosy config check` tells all mistakes of a file at once, and "
      "[the schema](trading.schema.json) lets editors find them.\n\n" +
      live::trading_config_reference(broker_sections(setup)));
}

Result<void> print_schema() {
  TradingSetup setup;
  return print(live::trading_config_schema(broker_sections(setup)));
}

}  // namespace

void add_config(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("config", "The settings in force, and whether a configuration is right");
  group->require_subcommand(1);

  CLI::App* shown = group->add_subcommand("show", "Show every setting as the files and the environment give it");
  add_common_options(*shown, globals);
  shown->footer("Example:\n  ARGOSY_LOG_LEVEL=info argosy config show");
  shown->callback([&globals] { run_command([&] { return show(globals); }); });

  auto file = std::make_shared<std::string>();
  CLI::App* checked =
      group->add_subcommand("check", "Check a configuration of trading: all mistakes, with their places");
  add_common_options(*checked, globals);
  checked->add_option("file", *file, "the file; otherwise trading.yaml of the home, or the sample");
  checked->footer("Example:\n  argosy config check my_trading.yaml");
  checked->callback([file, &globals] { run_command([&] { return check(*file, globals); }); });

  group->add_subcommand("schema", "Print the JSON Schema of trading.yaml, for editors")->callback([] {
    run_command(print_schema);
  });

  auto trading = std::make_shared<bool>(false);
  CLI::App* reference = group->add_subcommand("reference", "Print the reference of all settings as Markdown");
  reference->add_flag("--trading", *trading, "of trading.yaml");
  reference->callback([trading] { run_command(*trading ? print_trading_reference : print_reference); });
}

}  // namespace argosy::cli

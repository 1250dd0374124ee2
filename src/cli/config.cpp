// argosy config: shows the settings in force and their reference.
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "core/json.hpp"

namespace argosy::cli {
namespace {

using core::Result;

Result<void> show(const Globals& globals) {
  ARGOSY_TRY(Settings settings, load_settings(globals));
  const auto sections = config_sections(settings);
  if (!globals.json) return print(core::render_config(sections));
  core::JsonWriter json(2);
  json.begin_object();
  for (const core::ConfigSection& section : sections) {
    json.key(section.name);
    core::write_json(json, *section.type, section.record);
  }
  json.end_object();
  return print(std::move(json).take() + "\n");
}

}  // namespace

void add_config(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("config", "Show the settings in force");
  group->require_subcommand(1);

  CLI::App* shown = group->add_subcommand("show", "Show every setting as the file and the environment give it");
  add_common_options(*shown, globals);
  shown->footer("Example:\n  ARGOSY_LOG_LEVEL=info argosy config show");
  shown->callback([&globals] { run_command([&] { return show(globals); }); });

  CLI::App* reference = group->add_subcommand("reference", "Print the reference of all settings as Markdown");
  reference->callback([] {
    run_command([]() -> Result<void> {
      Settings settings;
      return print(
          "# Configuration\n\nThe settings of `config.yaml` in the home, and the environment variables that override "
          "them.\n\n" +
          core::config_reference(config_sections(settings)));
    });
  });
}

}  // namespace argosy::cli

// argosy data: what the lake holds, and every way to change it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/data_commands.hpp"

namespace argosy::cli {

void add_data(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("data", "Import, simulate, look at, check and export bars");
  group->require_subcommand(1);
  add_data_import(*group, globals);
  add_data_list(*group, globals);
  add_data_show(*group, globals);
  add_data_check(*group, globals);
  add_data_export(*group, globals);
  add_data_remove(*group, globals);
  add_data_compact(*group, globals);
  add_data_sql(*group, globals);
  add_data_instrument(*group, globals);
  add_data_universe(*group, globals);
  add_data_actions(*group, globals);
  add_data_calendar(*group, globals);
  add_data_simulate(*group, globals);
}

std::string count_of(std::int64_t count, std::string_view thing) {
  std::string digits = std::to_string(count);
  for (std::ptrdiff_t at = std::ssize(digits) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return fmt::format("{} {}{}", digits, thing, count == 1 ? "" : "s");
}

core::Result<void> print_json(core::JsonWriter json) { return print(std::move(json).take() + "\n"); }

}  // namespace argosy::cli

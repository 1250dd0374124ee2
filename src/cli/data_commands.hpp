// The commands below `argosy data`, each in the file of its name; data.cpp puts them together.
#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "core/json.hpp"

namespace argosy::cli {

void add_data_import(CLI::App& parent, Globals& globals);  // data_import.cpp
void add_data_list(CLI::App& parent, Globals& globals);    // data_list.cpp: list, show
void add_data_show(CLI::App& parent, Globals& globals);
void add_data_check(CLI::App& parent, Globals& globals);   // data_check.cpp
void add_data_export(CLI::App& parent, Globals& globals);  // data_export.cpp
void add_data_remove(CLI::App& parent, Globals& globals);  // data_change.cpp: remove, compact
void add_data_compact(CLI::App& parent, Globals& globals);
void add_data_sql(CLI::App& parent, Globals& globals);         // data_sql.cpp
void add_data_instrument(CLI::App& parent, Globals& globals);  // data_instruments.cpp
void add_data_universe(CLI::App& parent, Globals& globals);    // data_tables.cpp
void add_data_actions(CLI::App& parent, Globals& globals);
void add_data_calendar(CLI::App& parent, Globals& globals);  // data_calendar.cpp
void add_data_simulate(CLI::App& parent, Globals& globals);  // data_simulate.cpp

// "1 bar", "2 bars", "12,345 bars"
[[nodiscard]] std::string count_of(std::int64_t count, std::string_view thing);
// Prints JSON and a line end.
[[nodiscard]] core::Result<void> print_json(core::JsonWriter json);

}  // namespace argosy::cli

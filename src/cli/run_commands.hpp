// What the commands of `argosy run` share.
#pragma once

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "ledger/database.hpp"
#include "runs/stored_run.hpp"

namespace argosy::cli {

// Null where nothing was ever stored.
[[nodiscard]] core::Result<std::unique_ptr<ledger::Database>> open_stored_runs(const Globals& globals);
// By id, the beginning of one, or "last".
[[nodiscard]] core::Result<runs::StoredRun> load_stored_run(const std::string& wanted, const Globals& globals);

void add_run_repeat(CLI::App& group, Globals& globals);   // run_repeat.cpp
void add_run_compare(CLI::App& group, Globals& globals);  // run_compare.cpp

}  // namespace argosy::cli

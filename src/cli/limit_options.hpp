// Which limits are meant: a profile by name, or a file.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "core/json.hpp"
#include "ledger/database.hpp"
#include "trading/limit_file.hpp"

namespace argosy::cli {

// The limits of a profile: one of the home's or the shipped ones, or the path of a file. What the file extends is
// looked up in the same way, paths from the file's own folder.
[[nodiscard]] core::Result<trading::LimitProfile> load_limits(const std::string& name, const Globals& globals);
// The limits that services trade under and that no command can raise.
[[nodiscard]] core::Result<trading::LimitProfile> hard_limits(const Globals& globals);
// The same, with the soft limits of the ledger that are tighter.
[[nodiscard]] core::Result<trading::LimitProfile> limits_in_force(ledger::Database& database, const Globals& globals);

// "name": ..., "limits": {...}, "circuit_breaker": {...}, "prop_firm": ..., "not_set": [...] into an object that is
// open.
void write_limits(core::JsonWriter& json, const trading::LimitProfile& profile);
// The same as tables.
[[nodiscard]] std::string limits_text(const trading::LimitProfile& profile);

// Gives files of limits by name or path, as above.
[[nodiscard]] trading::LimitReader limit_reader(const Globals& globals);

}  // namespace argosy::cli

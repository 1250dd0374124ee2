// Strategies as the ledger keeps them: each version's text, whole. A service may name one instead of a file.
//
//   ARGOSY_TRY(const auto row, stored_strategy(*database, "golden cross"));
//   if (row) { ARGOSY_TRY(const auto file, parse_stored(*row, globals)); ... }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "ledger/strategies.hpp"
#include "ledger/users.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::cli {

// The newest version of that name; nothing where there is none.
[[nodiscard]] core::Result<std::optional<ledger::StrategyRow>> stored_strategy(ledger::Database& database,
                                                                               const std::string& name);
[[nodiscard]] core::Result<std::optional<ledger::StrategyRow>> stored_strategy(ledger::Database& database,
                                                                               const std::string& name,
                                                                               std::int64_t version);
// The newest version of each, in the order that their owner wants.
[[nodiscard]] core::Result<std::vector<ledger::StrategyRow>> stored_strategies(ledger::Database& database);

// Of the commands' user, unless the name is another's already: the operator changes that one's. See
// ledger/strategies.hpp.
[[nodiscard]] core::Result<ledger::SavedStrategy> save_strategy(ledger::Database& database, const std::string& name,
                                                                const std::string& text, const ledger::ChangedBy& by);
// The newest version. kNotFound says what was meant, also where that is no stored strategy: a file of the home or of
// the samples, or an algorithm that is built in.
[[nodiscard]] core::Result<ledger::StrategyRow> find_stored(ledger::Database& database, const std::string& name,
                                                            const Globals& globals);
// kNotFound for a name that is neither stored, nor a file's, nor built in: all of those may be meant.
[[nodiscard]] core::Error no_strategy(const std::string& name, const std::vector<ledger::StrategyRow>& stored,
                                      const Globals& globals);

// Reads a stored text. Files beside the one that it came from are not stored with it: what it names must be the home's,
// shipped, or an absolute path.
[[nodiscard]] core::Result<strategy::StrategyFile> parse_stored(const ledger::StrategyRow& row, const Globals& globals);

}  // namespace argosy::cli

// The ledger as `argosy init` makes it: a user, a paper account, a portfolio with money, and what may be traded.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "core/result.hpp"

namespace argosy::cli {

// What is there is kept, however often it is done and wherever it was cut off. Returns what it did, a line each.
[[nodiscard]] core::Result<std::string> make_ledger(const Globals& globals);

}  // namespace argosy::cli

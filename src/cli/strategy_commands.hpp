// The parts of `argosy strategy`, each in the file of its name; strategy.cpp puts them together.
#pragma once

#include "cli/command.hpp"

namespace argosy::cli {

void add_stored_strategies(CLI::App& group, Globals& globals);  // strategy_stored.cpp: save, list, show, remove, order

}  // namespace argosy::cli

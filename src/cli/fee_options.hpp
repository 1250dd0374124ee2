// Which fees are meant: a preset by name, a file, or a rate.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "trading/fee_file.hpp"

namespace argosy::cli {

// Reads files of fees: names of the home's or shipped ones, or paths; relative ones are of `folder` when it is given.
[[nodiscard]] trading::FeeReader fee_reader(const Globals& globals, const std::string& folder = {});

}  // namespace argosy::cli

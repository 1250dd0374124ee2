// Names of files that are made from time to time.
#pragma once

#include <string>

#include "core/clock.hpp"
#include "core/files.hpp"

namespace argosy::ledger::detail {

// "20261122T000630Z": sorts by age, and is a file name everywhere.
[[nodiscard]] std::string time_stamp(const core::Clock& clock);
// `beginning` + `end`, with a number between where that is taken: two may be made within a second.
[[nodiscard]] std::string free_name(const std::string& beginning, const std::string& end, core::Files& files);

}  // namespace argosy::ledger::detail

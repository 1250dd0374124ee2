// What two stored runs were asked, and their headlines, value by value.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "ledger/runs.hpp"
#include "runs/compare_runs.hpp"

namespace argosy::runs::detail {

// Only what differs: settings as they were applied, the parameters that were set, texts of files, hashes and versions.
[[nodiscard]] core::Result<std::vector<ComparedValue>> compare_settings(const ledger::RunRow& a,
                                                                        const ledger::RunRow& b);
// The figures of the headline, equal or not.
[[nodiscard]] core::Result<std::vector<ComparedValue>> compare_headlines(const ledger::RunRow& a,
                                                                         const ledger::RunRow& b);
// Whether their signals come from the same formulas with the same numbers.
[[nodiscard]] core::Result<bool> have_same_formulas(const ledger::RunRow& a, const ledger::RunRow& b);

}  // namespace argosy::runs::detail

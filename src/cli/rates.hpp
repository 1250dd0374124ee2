// Exchange rates of a home: stored in its ledger by `argosy rate`, used by whoever converts money.
//
//   ARGOSY_TRY(const market::RateTable table, load_rates(globals));
//   ARGOSY_TRY(const market::KnownRate rate, table.find("EUR", "USD", clock.now()));
#pragma once

#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "feeds/simulated_rates.hpp"
#include "market/rate_table.hpp"

namespace argosy::cli {

// The oldest rate that still converts: `rate_age_hours` of the configuration of trading.
[[nodiscard]] core::Result<core::Duration> rate_age_limit(const Globals& globals);
// The latest of each pair that is known now, under that limit.
[[nodiscard]] core::Result<market::RateTable> load_rates(const Globals& globals);
// Where the rates of a simulated market begin: the stored ones, however old, and the usual ones.
[[nodiscard]] core::Result<std::vector<feeds::SimulatedRate>> first_simulated_rates(const Globals& globals);

}  // namespace argosy::cli

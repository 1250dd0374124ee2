// What may change while no process trades: services, portfolios and switches, by whoever holds the ledger's lock. The
// same code does it as in the process that trades; only there is no desk, so nothing can be ordered or cancelled.
//
//   ARGOSY_TRY(const std::string answer, apply_directly(database, held.holder, clock, makers, {"service_stop", text,
//   by}));
#pragma once

#include <string>

#include "core/clock.hpp"
#include "ledger/database.hpp"
#include "ledger/load.hpp"
#include "live/trader.hpp"

namespace argosy::live {

struct DirectRequest {
  std::string kind;
  std::string payload;  // JSON
  std::string requested_by;
};

// The instruments of the ledger as desks trade them.
[[nodiscard]] std::vector<TradedInstrument> traded_instruments(const std::vector<ledger::InstrumentRow>& rows);

// kUnavailable where it needs an order or a cancel. `limits` are the hard ones.
[[nodiscard]] core::Result<std::string> apply_directly(ledger::Database& database, const ledger::HolderRow& holder,
                                                       const core::Clock& clock, const MakerSource& makers,
                                                       const DirectRequest& request,
                                                       const trading::LimitProfile& limits = {});

}  // namespace argosy::live

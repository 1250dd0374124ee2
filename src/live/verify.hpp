// Does everything in the journal again, from nothing, and compares what comes out with the rows of the ledger.
//
//   ARGOSY_TRY(const FoldReport report, fold_journal(work));
//   report.findings                                     // what differs, in words; empty: all is well
//
//   ARGOSY_TRY_VOID(check_before_trading(database));     // nothing is traded on a ledger that contradicts itself
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/maintenance.hpp"

namespace argosy::live {

struct FoldReport {
  std::int64_t events = 0;
  std::vector<std::string> findings;
};

// Of a ledger, in one unit of work. Prices of positions are not of the journal, and not compared.
[[nodiscard]] core::Result<FoldReport> fold_journal(ledger::Transaction& work);

// All that can be computed again of a ledger: pages, rows, sums, and then the journal; what `argosy db verify` tells.
[[nodiscard]] core::Result<ledger::VerifyReport> verify_whole(ledger::Database& database);

// kCorrupt where anything is found. Takes about 3 s for 100 MB.
[[nodiscard]] core::Result<void> check_before_trading(ledger::Database& database);

}  // namespace argosy::live

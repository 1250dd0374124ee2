// Does everything in the journal again, from nothing, and compares what comes out with the rows of the ledger.
//
//   ARGOSY_TRY(const FoldReport report, fold_journal(work));
//   report.findings                                     // what differs, in words; empty: all is well
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "ledger/database.hpp"

namespace argosy::live {

struct FoldReport {
  std::int64_t events = 0;
  std::vector<std::string> findings;
};

// Of a ledger, in one unit of work. Prices of positions are not of the journal, and not compared.
[[nodiscard]] core::Result<FoldReport> fold_journal(ledger::Transaction& work);

}  // namespace argosy::live

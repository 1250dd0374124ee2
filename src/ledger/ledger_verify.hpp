// Computes again what the database `ledger` says of itself.
#pragma once

#include <string>
#include <vector>

#include "ledger/database.hpp"

namespace argosy::ledger {

// What does not agree, in words that name the row:
//   balances of services and portfolios, and the sums of their entries; entries of one row of the journal, which add up
//   to zero in each currency; positions and holdings, and the shares of services; orders and transactions, and their
//   fills; client order ids; the numbers of the journal; the chain of the audit log.
// That the journal, done again, arrives at these rows is computed by live/.
[[nodiscard]] core::Result<std::vector<std::string>> verify_ledger(Transaction& work);

}  // namespace argosy::ledger

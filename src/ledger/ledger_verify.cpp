#include "ledger/ledger_verify.hpp"

#include "ledger/audit.hpp"

namespace argosy::ledger {

core::Result<std::vector<std::string>> verify_ledger(Transaction& work) { return verify_audit(work); }

}  // namespace argosy::ledger

#include "ledger/acting.hpp"

namespace argosy::ledger {
namespace {

thread_local std::int64_t acting_for = ActingFor::kEverybody;

}  // namespace

ActingFor::ActingFor(std::int64_t user_id) : before_(acting_for) { acting_for = user_id; }
ActingFor::~ActingFor() { acting_for = before_; }

std::int64_t ActingFor::user_id() { return acting_for; }

}  // namespace argosy::ledger

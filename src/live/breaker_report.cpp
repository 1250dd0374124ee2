#include "live/breaker_report.hpp"

#include <fmt/format.h>

#include "trading/circuit_breaker.hpp"
#include "trading/guard_memory.hpp"

namespace argosy::live {

core::Result<BreakerReport> report_breaker(const ledger::GuardRow& row) {
  ARGOSY_TRY(const trading::GuardMemory memory, trading::parse_guard(row.memory));
  const trading::BreakerMemory& breaker = memory.breaker;
  BreakerReport report{.broker_account_id = row.broker_account_id,
                       .state = std::string(to_string(static_cast<trading::BreakerState>(breaker.state))),
                       .trips = breaker.trips,
                       .updated_at = row.updated_at};
  const auto rule = static_cast<trading::BreakerRule>(breaker.rule);
  if (rule == trading::BreakerRule::kNone) return report;
  const trading::Compared numbers{
      .unit = static_cast<trading::Compared::Unit>(breaker.unit), .value = breaker.value, .limit = breaker.limit};
  report.rule = to_string(rule);
  const std::string compared = numbers.to_string();
  report.why = compared.empty() ? report.rule : fmt::format("{}: {}", report.rule, compared);
  report.tripped_at = breaker.tripped_at;
  report.until = breaker.until;
  return report;
}

}  // namespace argosy::live

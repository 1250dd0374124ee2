// Limits, and throwing kill switches. What takes a protection away: approvals.cpp.
#include "core/text.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct SwitchNumber {
  std::int64_t switch_id = 0;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::SwitchNumber> {
  using Row = argosy::rest::SwitchNumber;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, switch_id, .text = "number")};
  static constexpr RecordType kType{"switch_number", "A switch that was thrown", kFields};
};

namespace argosy::rest {
namespace {

// A trader stops the own services; what concerns others is an admin's.
Result<SwitchNumber> kill(const Resources& resources, const server::Call<None, None, live::ThrowSwitch>& call) {
  if (call.caller->role != ledger::Role::kAdmin) {
    const auto number = core::parse_integer(call.body.subject);
    if (call.body.scope != "service" || !number)
      return fail(ErrorCode::kForbidden,
                  "a trader throws the switch of the own services: scope service, subject its number");
    ARGOSY_TRY_VOID(resources.store.get<ledger::ServiceRow>(*call.caller, *number));
  }
  ARGOSY_TRY(const core::JsonValue answer,
             resources.requests.ask(*call.caller, "risk_kill", call.body, key_of(call.http)));
  ARGOSY_TRY(const std::int64_t id, live::answered_number(answer, "switch_id"));
  return SwitchNumber{id};
}

}  // namespace

void add_risk(server::Api& api, const Resources& resources) {
  add_list<ledger::RiskLimitRow>(api, resources,
                                 {.path = "/risk/limits",
                                  .name = "list_limits",
                                  .tag = "risk",
                                  .summary = "Limits of orders and accounts",
                                  .access = Access::kViewer});
  add_list<ledger::KillSwitchRow>(api, resources,
                                  {.path = "/risk/switches",
                                   .name = "list_switches",
                                   .tag = "risk",
                                   .summary = "Kill switches, lifted ones too",
                                   .access = Access::kViewer});
  api.add(
      endpoint<None, None, live::ThrowSwitch, SwitchNumber>({.method = Method::kPost,
                                                             .path = "/risk/kill",
                                                             .name = "kill",
                                                             .tag = "risk",
                                                             .summary = "Throws the kill switch: no order leaves",
                                                             .access = Access::kTrader,
                                                             .status = 201,
                                                             .takes_key = true},
                                                            [&](const auto& call) { return kill(resources, call); }));
}

}  // namespace argosy::rest

// Limits, and throwing kill switches. What takes a protection away: approvals.cpp.
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "core/text.hpp"
#include "rest/resources.hpp"
#include "trading/limits.hpp"
#include "trading/soft_limits.hpp"

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

// A limit that there is, and the soft one that is set.
struct LimitKindOut {
  std::string name;
  std::string text;
  std::string form;
  std::string example;
  bool for_all = false;
  std::string hard;
  std::optional<std::string> value;
  std::optional<std::string> set_by;
  std::optional<core::Timestamp> set_at;
};

// What a value looks like, and one that can be read.
struct LimitForm {
  std::string_view name;
  std::string_view example;
};
// By the type of a limit's value; those of the breaker and of prop firms have none.
template <class T>
constexpr LimitForm kForm{};
template <>
constexpr LimitForm kForm<std::int64_t>{"count", "10"};
template <>
constexpr LimitForm kForm<core::Duration>{"duration", "30s"};
template <>
constexpr LimitForm kForm<core::Quantity>{"shares", "100"};
template <>
constexpr LimitForm kForm<core::Money>{"money", "2500"};
template <>
constexpr LimitForm kForm<core::Rate>{"share", "2%"};
template <>
constexpr LimitForm kForm<trading::Allowance>{"money or share", "2%"};
template <>
constexpr LimitForm kForm<trading::Leverage>{"multiple", "0.5"};
template <>
constexpr LimitForm kForm<trading::Burst>{"count within", "{most: 5, within: 10s}"};
template <>
constexpr LimitForm kForm<trading::MessageRate>{"rate", "{per_second: 10, burst: 20, reserve: 10}"};
template <>
constexpr LimitForm kForm<trading::TradingHours>{"hours", "{after_open: 5m, before_close: 10m}"};
template <>
constexpr LimitForm kForm<trading::CorrelationLimit>{"correlation", "{above: 0.8, share: 40%}"};
template <>
constexpr LimitForm kForm<trading::Refused>{"refuse", "refuse"};
template <>
constexpr LimitForm kForm<trading::Symbols>{"symbols", "[AAPL, MSFT]"};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::LimitKindOut> {
  using Row = argosy::rest::LimitKindOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .text = "of the limit"),
      ARGOSY_FIELD(Row, text, .text = "what it limits"),
      ARGOSY_FIELD(Row, form, .text = "of its value: money in the account's currency, a share of the equity, ..."),
      ARGOSY_FIELD(Row, example, .text = "a value as it is written"),
      ARGOSY_FIELD(Row, for_all, .text = "holds for orders that close a position, too"),
      ARGOSY_FIELD(Row, hard, .text = "that of the configuration, as a value, or \"unlimited\""),
      ARGOSY_FIELD(Row, value, .text = "the soft limit; null: the hard one of the configuration alone"),
      ARGOSY_FIELD(Row, set_by, .text = "who set or lifted it last"),
      ARGOSY_FIELD(Row, set_at, .text = "when"),
  };
  static constexpr RecordType kType{"limit_kind", "A limit that there is", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::SwitchNumber> {
  using Row = argosy::rest::SwitchNumber;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, switch_id, .text = "number")};
  static constexpr RecordType kType{"switch_number", "A switch that was thrown", kFields};
};

namespace argosy::rest {
namespace {

Result<server::Page<LimitKindOut>> limit_kinds(const Resources& resources) {
  ARGOSY_TRY(auto rows, resources.store.ledger().read([](ledger::Transaction& work) {
    return ledger::select<ledger::RiskLimitRow>(work, "WHERE scope = 'all' AND subject = '' AND is_hard = 0");
  }));
  std::map<std::string, ledger::RiskLimitRow, std::less<>> set;
  for (ledger::RiskLimitRow& row : rows) set.emplace(row.name, std::move(row));
  std::vector<LimitKindOut> all;
  for (const auto& field : trading::limit_fields<trading::RiskLimits>()) {
    const LimitForm form =
        std::visit([]<class T>(trading::Limit<T> trading::RiskLimits::* /*member*/) { return kForm<T>; }, field.member);
    LimitKindOut kind{.name = std::string(field.name),
                      .text = std::string(field.text),
                      .form = std::string(form.name),
                      .example = std::string(form.example),
                      .for_all = field.for_all,
                      .hard = trading::limit_text(resources.hard_limits.limits, field)};
    if (const auto found = set.find(field.name); found != set.end()) {
      if (found->second.value != trading::kNoSoftLimit) kind.value = found->second.value;
      kind.set_by = found->second.set_by;
      kind.set_at = found->second.set_at;
    }
    all.push_back(std::move(kind));
  }
  return part_of(std::move(all), 1, server::kMostPerPage);
}

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
  api.add(endpoint<None, None, None, server::Page<LimitKindOut>>(
      {.path = "/risk/limit-kinds",
       .name = "list_limit_kinds",
       .tag = "risk",
       .summary = "All limits that there are, with the soft ones that are set",
       .access = Access::kViewer,
       .text = "A soft limit may be tighter than the hard one, never looser."},
      [&](const auto&) { return limit_kinds(resources); }));
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

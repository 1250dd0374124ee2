#include "trading/guard_memory.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/record.hpp"
#include "core/text.hpp"

namespace argosy::core {

using argosy::trading::BreakerMemory;
using argosy::trading::GuardMemory;
using argosy::trading::PropMemory;

// The last enumerators of BreakerState, BreakerRule, Compared::Unit, PropVerdict and PropRule.
template <>
struct RecordOf<BreakerMemory> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(BreakerMemory, state, .limits = {.minimum = 0, .maximum = 2}),
      ARGOSY_FIELD(BreakerMemory, trips),
      ARGOSY_FIELD(BreakerMemory, rule, .limits = {.minimum = 0, .maximum = 8}),
      ARGOSY_FIELD(BreakerMemory, unit, .limits = {.minimum = 0, .maximum = 7}),
      ARGOSY_FIELD(BreakerMemory, value),
      ARGOSY_FIELD(BreakerMemory, limit),
      ARGOSY_FIELD(BreakerMemory, tripped_at),
      ARGOSY_FIELD(BreakerMemory, until),
      ARGOSY_FIELD(BreakerMemory, day),
      ARGOSY_FIELD(BreakerMemory, day_base),
      ARGOSY_FIELD(BreakerMemory, last_equity),
      ARGOSY_FIELD(BreakerMemory, peak),
      ARGOSY_FIELD(BreakerMemory, highest_at),
      ARGOSY_FIELD(BreakerMemory, highest),
      ARGOSY_FIELD(BreakerMemory, losses),
      ARGOSY_FIELD(BreakerMemory, trial_entries),
      ARGOSY_FIELD(BreakerMemory, trial_trades),
  };
  static constexpr RecordType kType{"breaker", "", kFields};
};
template <>
struct RecordOf<PropMemory> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(PropMemory, initial),
      ARGOSY_FIELD(PropMemory, day),
      ARGOSY_FIELD(PropMemory, balance),
      ARGOSY_FIELD(PropMemory, balance_known),
      ARGOSY_FIELD(PropMemory, last_equity),
      ARGOSY_FIELD(PropMemory, day_base),
      ARGOSY_FIELD(PropMemory, highest),
      ARGOSY_FIELD(PropMemory, balance_at_begin),
      ARGOSY_FIELD(PropMemory, best_day),
      ARGOSY_FIELD(PropMemory, trading_days),
      ARGOSY_FIELD(PropMemory, traded_today),
      ARGOSY_FIELD(PropMemory, day_over),
      ARGOSY_FIELD(PropMemory, passed),
      ARGOSY_FIELD(PropMemory, verdict, .limits = {.minimum = 0, .maximum = 7}),
      ARGOSY_FIELD(PropMemory, rule, .limits = {.minimum = 0, .maximum = 5}),
      ARGOSY_FIELD(PropMemory, unit, .limits = {.minimum = 0, .maximum = 7}),
      ARGOSY_FIELD(PropMemory, value),
      ARGOSY_FIELD(PropMemory, limit),
  };
  static constexpr RecordType kType{"prop", "", kFields};
};
// But for its two parts.
template <>
struct RecordOf<GuardMemory> {
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(GuardMemory, day),  ARGOSY_FIELD(GuardMemory, last),   ARGOSY_FIELD(GuardMemory, day_base),
      ARGOSY_FIELD(GuardMemory, peak), ARGOSY_FIELD(GuardMemory, funded),
  };
  static constexpr RecordType kType{"guard", "", kFields};
};

}  // namespace argosy::core

namespace argosy::trading {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

template <class T>
Result<void> read_part(const core::JsonValue& whole, std::string_view name, T& part) {
  const core::JsonValue* found = whole.find(name);
  if (found == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("what a guard remembers has no \"{}\"", name));
  const auto errors = core::read_json(*found, core::record_type<T>(), &part);
  if (errors.empty()) return {};
  return fail(ErrorCode::kCorrupt, fmt::format("what a guard remembers: {}", errors.front().message));
}

// "1709562600000000000+ 1500000000-": each with the nanoseconds since the one before, the first since 1970; '-' failed.
std::string answers_text(const std::vector<AnswerMemory>& answers) {
  std::string out;
  core::Timestamp before;
  for (const AnswerMemory& each : answers) {
    fmt::format_to(std::back_inserter(out), "{}{}{}", out.empty() ? "" : " ", (each.time - before).count(),
                   each.failed ? '-' : '+');
    before = each.time;
  }
  return out;
}

Result<std::vector<AnswerMemory>> parse_answers(const core::JsonValue& breaker, std::string_view name) {
  std::vector<AnswerMemory> out;
  const core::JsonValue* found = breaker.find(name);
  if (found == nullptr) return out;  // written by a program that did not remember them
  const auto corrupt = [&] {
    return fail(ErrorCode::kCorrupt, fmt::format("what a guard remembers has \"{}\" that cannot be read", name));
  };
  if (found->string() == nullptr) return corrupt();
  if (found->string()->empty()) return out;
  std::int64_t time = 0;
  for (std::string_view part : core::split(*found->string(), ' ')) {
    const char mark = part.empty() ? ' ' : part.back();
    if (mark != '+' && mark != '-') return corrupt();
    part.remove_suffix(1);
    const auto step = core::parse_integer(part);
    if (!step || *step < 0 || __builtin_add_overflow(time, *step, &time)) return corrupt();
    out.push_back({core::Timestamp(core::Duration(time)), mark == '-'});
  }
  return out;
}

// The answers lie beside the fields.
Result<void> read_breaker(const core::JsonValue& whole, BreakerMemory& breaker) {
  const core::JsonValue* found = whole.find("breaker");
  if (found == nullptr || found->object() == nullptr)
    return fail(ErrorCode::kCorrupt, "what a guard remembers has no \"breaker\"");
  core::JsonValue::Object fields;
  for (const auto& member : *found->object()) {
    if (member.first != "orders" && member.first != "calls") fields.push_back(member);
  }
  const auto errors = core::read_json(core::JsonValue(std::move(fields)), core::record_type<BreakerMemory>(), &breaker);
  if (!errors.empty())
    return fail(ErrorCode::kCorrupt, fmt::format("what a guard remembers: {}", errors.front().message));
  ARGOSY_TRY(breaker.orders, parse_answers(*found, "orders"));
  ARGOSY_TRY(breaker.calls, parse_answers(*found, "calls"));
  return {};
}

}  // namespace

std::string guard_text(const GuardMemory& memory) {
  core::JsonWriter json;
  json.begin_object().key("guard");
  core::write_json(json, memory);
  json.key("breaker");
  json.begin_object();
  core::write_json_fields(json, core::record_type<BreakerMemory>(), &memory.breaker);
  if (!memory.breaker.orders.empty()) json.key("orders").value(answers_text(memory.breaker.orders));
  if (!memory.breaker.calls.empty()) json.key("calls").value(answers_text(memory.breaker.calls));
  json.end_object();
  if (memory.prop) {
    json.key("prop");
    core::write_json(json, *memory.prop);
  }
  json.end_object();
  return std::move(json).take();
}

Result<GuardMemory> parse_guard(std::string_view text) {
  GuardMemory memory;
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(text));
  ARGOSY_TRY_VOID(read_part(json, "guard", memory));
  ARGOSY_TRY_VOID(read_breaker(json, memory.breaker));
  if (json.find("prop") != nullptr) ARGOSY_TRY_VOID(read_part(json, "prop", memory.prop.emplace()));
  return memory;
}

}  // namespace argosy::trading

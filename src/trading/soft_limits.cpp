#include "trading/soft_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/text.hpp"
#include "trading/limit_file.hpp"

namespace argosy::trading {

using core::Duration;
using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// Whether a value refuses all that `hard` refuses. False where that cannot be said.
bool is_within(std::int64_t soft, std::int64_t hard) { return soft <= hard; }
bool is_within(Duration soft, Duration hard) { return soft <= hard; }
bool is_within(Quantity soft, Quantity hard) { return soft <= hard; }
bool is_within(Money soft, Money hard) { return soft <= hard; }
bool is_within(Rate soft, Rate hard) { return soft <= hard; }
bool is_within(const Allowance& soft, const Allowance& hard) {
  // An amount and a share differ by what the account is worth.
  return soft.is_share == hard.is_share && soft.amount <= hard.amount && soft.share <= hard.share;
}
bool is_within(const Leverage& soft, const Leverage& hard) { return soft.times <= hard.times; }
bool is_within(const Burst& soft, const Burst& hard) { return soft.most <= hard.most && soft.within >= hard.within; }
bool is_within(const MessageRate& soft, const MessageRate& hard) {
  return soft.per_second <= hard.per_second && soft.burst <= hard.burst && soft.reserve >= hard.reserve;
}
bool is_within(const TradingHours& soft, const TradingHours& hard) {
  return soft.after_open >= hard.after_open && soft.before_close >= hard.before_close;
}
bool is_within(const CorrelationLimit& soft, const CorrelationLimit& hard) {
  return soft.above <= hard.above && soft.share <= hard.share;
}
bool is_within(const Refused&, const Refused&) { return true; }

bool has_all(const Symbols& many, const Symbols& few) {
  return std::ranges::all_of(few, [&](const std::string& each) { return std::ranges::find(many, each) != many.end(); });
}

// Lists go two ways: more that is restricted is tighter, and less that is allowed.
bool is_within(const Limit<Symbols>& soft, const Limit<Symbols>& hard, std::string_view name) {
  if (!soft.has_value()) return false;
  return name == "allowed" ? has_all(hard.value(), soft.value()) : has_all(soft.value(), hard.value());
}
template <class T>
bool is_within(const Limit<T>& soft, const Limit<T>& hard, std::string_view /*name*/) {
  // The other types are of the breaker and of prop firms.
  if constexpr (requires(const T& value) { is_within(value, value); }) {
    return soft.has_value() && is_within(soft.value(), hard.value());
  } else {
    return false;
  }
}

Result<const LimitField<RiskLimits>*> find_limit(const std::string& name) {
  std::vector<std::string_view> names;
  for (const LimitField<RiskLimits>& field : limit_fields<RiskLimits>()) {
    if (field.name == name) return &field;
    names.push_back(field.name);
  }
  return fail(
      Error(ErrorCode::kNotFound, fmt::format("there is no limit \"{}\".{}", name, core::did_you_mean(name, names)))
          .with_hint("argosy risk show lists them"));
}

// The value as a file of limits would have it.
Result<RiskLimits> read_value(const SoftLimit& soft) {
  const auto refuse = [&](const std::string& why) {
    return fail(Error(ErrorCode::kInvalidArgument, why).in_field(soft.name, soft.value));
  };
  const bool is_plain =
      std::ranges::none_of(soft.value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '#'; });
  if (!is_plain || core::trim(soft.value).empty()) return refuse("the value is one line of text");
  const auto profile =
      parse_limit_file(fmt::format("name: soft\nlimits:\n  {}: {}\n", soft.name, soft.value), "the value");
  if (!profile) return refuse(profile.error().message);
  return profile->limits;
}

// Whether the value is at least as tight as the hard limit. One that is not set refuses everything anyway.
bool is_tighter(const LimitField<RiskLimits>& field, const RiskLimits& soft, const RiskLimits& hard) {
  return std::visit(
      [&](auto member) {
        const auto& limit = hard.*member;
        return !limit.has_value() || is_within(soft.*member, limit, field.name);
      },
      field.member);
}

}  // namespace

Result<void> check_soft_limit(const LimitProfile& hard, const SoftLimit& soft) {
  ARGOSY_TRY(const LimitField<RiskLimits>* field, find_limit(soft.name));
  if (soft.value == kNoSoftLimit) return {};
  ARGOSY_TRY(const RiskLimits read, read_value(soft));
  if (is_tighter(*field, read, hard.limits)) return {};
  return fail(Error(ErrorCode::kLimit, fmt::format("{} may not be {}: the hard limit is {}", soft.name, soft.value,
                                                   limit_text(hard.limits, *field)))
                  .with_hint("hard limits are of the configuration; no command can raise them"));
}

bool loosens(const SoftLimit& now, const SoftLimit& next) {
  if (now.value == kNoSoftLimit) return false;
  if (next.value == kNoSoftLimit) return true;
  const auto field = find_limit(now.name);
  const auto before = read_value(now);
  const auto after = read_value(next);
  return !field || !before || !after || !is_tighter(**field, *after, *before);
}

LimitProfile tighten(LimitProfile hard, std::span<const SoftLimit> soft) {
  for (const SoftLimit& each : soft) {
    const auto field = find_limit(each.name);
    if (!field || each.value == kNoSoftLimit) continue;
    const auto read = read_value(each);
    if (!read || !is_tighter(**field, *read, hard.limits)) continue;
    std::visit(
        [&](auto member) {
          auto& limit = hard.limits.*member;
          if (limit.is_set()) limit = (*read).*member;
        },
        (*field)->member);
  }
  return hard;
}

}  // namespace argosy::trading

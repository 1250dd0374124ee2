// Limits that users set for themselves, within those of the configuration: a soft limit may be tighter than the hard
// one of its name, never looser.
//
//   ARGOSY_TRY_VOID(check_soft_limit(hard, "max_order_value", "2500"));
//   const LimitProfile in_force = tighten(hard, {{"max_order_value", "2500"}});
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "trading/limits.hpp"

namespace argosy::trading {

struct SoftLimit {
  std::string name;   // of limit_fields<RiskLimits>()
  std::string value;  // as a file of limits has it; kNoSoftLimit: the hard one alone holds
};
inline constexpr std::string_view kNoSoftLimit = "none";

// kNotFound: there is no limit of that name, with 'did you mean'. kInvalidArgument: the value cannot be read. kLimit:
// it is looser than the hard limit, or cannot be compared with it.
[[nodiscard]] core::Result<void> check_soft_limit(const LimitProfile& hard, const SoftLimit& soft);

// Whether the second of two soft limits of one name lets pass what the first refuses. True where it cannot be said.
[[nodiscard]] bool loosens(const SoftLimit& now, const SoftLimit& next);

// The profile with the soft limits that are tighter. One that no longer is, because the configuration has changed
// since, is passed over: the hard limit stands.
[[nodiscard]] LimitProfile tighten(LimitProfile hard, std::span<const SoftLimit> soft);

}  // namespace argosy::trading

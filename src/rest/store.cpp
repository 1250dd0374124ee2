#include "rest/store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace argosy::rest {

std::string Store::restrict(const server::Caller& caller, const Ownership& ownership, std::string_view within,
                            std::vector<ledger::Value>& values) {
  if (caller.role == ledger::Role::kAdmin) return std::string(within);
  if (ownership.admins_only) return "1 = 0";
  const auto places = std::ranges::count(ownership.condition, ':');
  values.insert(values.begin(), static_cast<std::size_t>(places), ledger::Value(caller.user_id));
  if (ownership.condition.empty()) return std::string(within);
  return within.empty() ? std::string(ownership.condition) : fmt::format("({}) AND ({})", ownership.condition, within);
}

std::string Store::one_row(const std::string& own, const Ownership& ownership) {
  return fmt::format("WHERE {}{} = :id", own.empty() ? "" : "(" + own + ") AND ", ownership.key);
}

std::unexpected<core::Error> Store::not_found(const Ownership& ownership, std::int64_t id) {
  return core::fail(core::ErrorCode::kNotFound, fmt::format("there is no {} {}", ownership.what, id));
}

}  // namespace argosy::rest

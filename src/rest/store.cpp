#include "rest/store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace argosy::rest {

std::string Store::restrict(const server::Caller& caller, const Ownership& ownership, std::string_view within,
                            std::vector<ledger::Value>& values) {
  const bool sees_all = caller.role == ledger::Role::kAdmin;
  if (!sees_all && ownership.admins_only) return "1 = 0";
  std::string out;
  const auto add = [&](std::string_view part) {
    if (part.empty()) return;
    out += fmt::format("{}({})", out.empty() ? "" : " AND ", part);
  };
  if (!sees_all) {
    const auto places = std::ranges::count(ownership.condition, ':');
    values.insert(values.begin(), static_cast<std::size_t>(places), ledger::Value(caller.user_id));
    add(ownership.condition);
  }
  add(ownership.there);
  add(within);
  return out;
}

std::string Store::one_row(const std::string& own, const Ownership& ownership) {
  return fmt::format("WHERE {}{} = :id", own.empty() ? "" : "(" + own + ") AND ", ownership.key);
}

std::unexpected<core::Error> Store::not_found(const Ownership& ownership, std::int64_t id) {
  return core::fail(core::ErrorCode::kNotFound, fmt::format("there is no {} {}", ownership.what, id));
}

}  // namespace argosy::rest

#include "ledger/strategies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "ledger/acting.hpp"
#include "ledger/records.hpp"
#include "ledger/services.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

Result<void> check_name(const std::string& name) {
  const bool is_built_in = std::ranges::find(kBuiltInStrategies, name) != kBuiltInStrategies.end();
  if (!name.empty() && name.size() <= 100 && !is_built_in && !name.contains('/') && !name.ends_with(".yaml")) return {};
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" cannot name a stored strategy", name))
                  .with_hint("choose another with --name: up to 100 letters, no path, not probability or hybrid"));
}

Result<void> note(Transaction& work, const ChangedBy& by, std::string action, const std::string& name,
                  std::string before, std::string after) {
  const AuditEntry entry{.time = by.time,
                         .actor = by.actor,
                         .action = std::move(action),
                         .subject = name,
                         .before = std::move(before),
                         .after = std::move(after)};
  return append_audit(work, {&entry, 1});
}

}  // namespace

Result<std::vector<StrategyRow>> newest_strategies(Transaction& work, std::optional<std::int64_t> owner_id) {
  std::string condition =
      "WHERE version = (SELECT max(s.version) FROM strategies s WHERE s.owner_id = strategies.owner_id AND s.name = "
      "strategies.name)";
  std::vector<Value> values;
  if (owner_id) {
    condition += " AND owner_id = :owner_id";
    values.emplace_back(*owner_id);
  }
  return select<StrategyRow>(work, condition + " ORDER BY custom_order, name", values);
}

Result<std::optional<StrategyRow>> find_strategy(Transaction& work, const std::string& name, std::int64_t version) {
  std::string condition = "WHERE name = :name";
  std::vector<Value> values{name};
  if (version != 0) {
    condition += " AND version = :version";
    values.emplace_back(version);
  }
  ARGOSY_TRY(std::vector<StrategyRow> rows,
             select<StrategyRow>(work, condition + " ORDER BY version DESC LIMIT 1", values));
  if (rows.empty()) return std::optional<StrategyRow>();
  return std::optional<StrategyRow>(std::move(rows.front()));
}

Result<StrategyRow> find_among(const std::vector<StrategyRow>& known, const std::string& name) {
  const auto found = std::ranges::find(known, name, &StrategyRow::name);
  if (found != known.end()) return *found;
  std::vector<std::string_view> names;
  for (const StrategyRow& each : known) names.push_back(each.name);
  return fail(Error(ErrorCode::kNotFound,
                    fmt::format("there is no stored strategy \"{}\".{}", name, core::did_you_mean(name, names)))
                  .with_hint("argosy strategy list shows what there is; argosy strategy save FILE adds more"));
}

Result<SavedStrategy> save_strategy(Transaction& work, std::int64_t owner_id, const std::string& name,
                                    const std::string& text, const ChangedBy& by) {
  ARGOSY_TRY_VOID(check_name(name));
  const ActingFor everybody(ActingFor::kEverybody);  // a name is one user's
  ARGOSY_TRY(const std::vector<StrategyRow> all, newest_strategies(work));
  const auto before = std::ranges::find(all, name, &StrategyRow::name);
  if (before != all.end() && before->owner_id != owner_id)
    return fail(Error(ErrorCode::kAlreadyExists, fmt::format("the name \"{}\" is taken", name))
                    .with_hint("store it under another name"));
  if (before != all.end() && before->text == text) return SavedStrategy{.row = *before};
  ARGOSY_TRY(const std::int64_t number, next_number(work, "strategies", "strategy_id"));
  StrategyRow row{.strategy_id = number, .owner_id = owner_id, .name = name, .text = text, .created_at = by.time};
  if (before == all.end()) {
    row.custom_order = all.empty() ? 1 : all.back().custom_order + 1;
  } else {
    row.version = before->version + 1;
    row.custom_order = before->custom_order;
  }
  ARGOSY_TRY_VOID(insert<StrategyRow>(work, {&row, 1}));
  // The text of the version before stands in the row of its own saving.
  ARGOSY_TRY_VOID(note(work, by, "strategy.save", name,
                       before == all.end() ? "" : fmt::format(R"({{"version":{}}})", before->version),
                       audit_text(row)));
  return SavedStrategy{.row = row, .is_new = true};
}

Result<std::int64_t> remove_strategy(Transaction& work, const std::string& name, const ChangedBy& by) {
  ARGOSY_TRY(const std::vector<StrategyRow> all, newest_strategies(work));
  ARGOSY_TRY(const StrategyRow removed, find_among(all, name));
  ARGOSY_TRY(const auto services,
             select<ServiceRow>(work, "WHERE strategy = :strategy AND removed_at IS NULL ORDER BY service_id LIMIT 1",
                                {name}));
  if (!services.empty()) {
    const ServiceRow& service = services.front();
    return fail(Error(ErrorCode::kConflict,
                      fmt::format("service {} ({}) decides by {}", service.service_id, service.name, name))
                    .with_hint(fmt::format("argosy service set {} --strategy OTHER", service.service_id)));
  }
  ARGOSY_TRY_VOID(note(work, by, "strategy.remove", name, audit_text(removed), ""));
  return work.execute("DELETE FROM strategies WHERE name = :name", {name});
}

Result<void> place_strategy(Transaction& work, std::optional<std::int64_t> owner_id, const std::string& name,
                            std::int64_t place, const ChangedBy& by) {
  ARGOSY_TRY(std::vector<StrategyRow> all, newest_strategies(work, owner_id));
  ARGOSY_TRY(StrategyRow moved, find_among(all, name));
  std::erase_if(all, [&](const StrategyRow& each) { return each.name == name; });
  const std::int64_t from = moved.custom_order;
  const std::int64_t index = std::clamp<std::int64_t>(place - 1, 0, std::ssize(all));
  all.insert(all.begin() + index, std::move(moved));
  std::int64_t order = 0;
  for (const StrategyRow& each : all)
    ARGOSY_TRY_VOID(
        work.execute("UPDATE strategies SET custom_order = :custom_order WHERE owner_id = :owner_id AND name = :name",
                     {++order, each.owner_id, each.name}));
  return note(work, by, "strategy.order", name, fmt::format(R"({{"place":{}}})", from),
              fmt::format(R"({{"place":{}}})", index + 1));
}

}  // namespace argosy::ledger

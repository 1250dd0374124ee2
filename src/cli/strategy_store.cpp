#include "cli/strategy_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"
#include "ledger/services.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::StrategyRow;

namespace {

// Names that a stored strategy cannot have: what services decide by without one.
constexpr std::array<std::string_view, 2> kAlgorithms{"probability", "hybrid"};

Result<void> check_name(const std::string& name) {
  const bool is_algorithm = std::ranges::find(kAlgorithms, name) != kAlgorithms.end();
  if (!name.empty() && name.size() <= 100 && !is_algorithm && !name.contains('/') && !name.ends_with(".yaml"))
    return {};
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" cannot name a stored strategy", name))
                  .with_hint("choose another with --name: up to 100 letters, no path, not probability or hybrid"));
}

Result<std::vector<StrategyRow>> newest(ledger::Transaction& work) {
  return ledger::select<StrategyRow>(work,
                                     "WHERE version = (SELECT max(s.version) FROM strategies s WHERE s.owner_id = "
                                     "strategies.owner_id AND s.name = strategies.name) ORDER BY custom_order, name");
}

Result<std::int64_t> owner_of_commands(ledger::Transaction& work) {
  ARGOSY_TRY(const auto users,
             ledger::select<ledger::UserRow>(work, "WHERE username = :username", {std::string(kCommandUser)}));
  if (users.empty())
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no user {}", kCommandUser))
                    .with_hint("argosy init makes it"));
  return users.front().user_id;
}

Result<std::int64_t> last_number(ledger::Transaction& work) {
  ARGOSY_TRY(const auto rows, ledger::select<StrategyRow>(work, "ORDER BY strategy_id DESC LIMIT 1"));
  return rows.empty() ? 0 : rows.front().strategy_id;
}

Result<void> append_audit(ledger::Transaction& work, const ledger::ChangedBy& by, std::string action,
                          const std::string& name, std::string before, std::string after) {
  const ledger::AuditEntry entry{.time = by.time,
                                 .actor = by.actor,
                                 .action = std::move(action),
                                 .subject = name,
                                 .before = std::move(before),
                                 .after = std::move(after)};
  return ledger::append_audit(work, {&entry, 1});
}

Error unknown_strategy(const std::string& name, const std::vector<StrategyRow>& known) {
  std::vector<std::string_view> names;
  for (const StrategyRow& each : known) names.push_back(each.name);
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no stored strategy \"{}\".{}", name, core::did_you_mean(name, names)))
      .with_hint("argosy strategy list shows what there is; argosy strategy save FILE adds more");
}

Result<StrategyRow> find_newest(const std::vector<StrategyRow>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &StrategyRow::name);
  if (found == all.end()) return fail(unknown_strategy(name, all));
  return *found;
}

}  // namespace

Result<std::vector<StrategyRow>> stored_strategies(ledger::Database& database) { return database.read(newest); }

Result<std::optional<StrategyRow>> stored_strategy(ledger::Database& database, const std::string& name) {
  ARGOSY_TRY(std::vector<StrategyRow> rows, database.read([&](ledger::Transaction& work) {
    return ledger::select<StrategyRow>(work, "WHERE name = :name ORDER BY version DESC LIMIT 1", {name});
  }));
  if (rows.empty()) return std::optional<StrategyRow>();
  return std::optional<StrategyRow>(std::move(rows.front()));
}

Result<std::optional<StrategyRow>> stored_strategy(ledger::Database& database, const std::string& name,
                                                   std::int64_t version) {
  ARGOSY_TRY(std::vector<StrategyRow> rows, database.read([&](ledger::Transaction& work) {
    return ledger::select<StrategyRow>(work, "WHERE name = :name AND version = :version", {name, version});
  }));
  if (rows.empty()) return std::optional<StrategyRow>();
  return std::optional<StrategyRow>(std::move(rows.front()));
}

Result<SavedStrategy> save_strategy(ledger::Database& database, const std::string& name, const std::string& text,
                                    const ledger::ChangedBy& by) {
  ARGOSY_TRY_VOID(check_name(name));
  return database.write([&](ledger::Transaction& work) -> Result<SavedStrategy> {
    ARGOSY_TRY(const std::vector<StrategyRow> all, newest(work));
    const auto before = std::ranges::find(all, name, &StrategyRow::name);
    if (before != all.end() && before->text == text) return SavedStrategy{.row = *before};
    ARGOSY_TRY(const std::int64_t last, last_number(work));
    StrategyRow row{.strategy_id = last + 1, .name = name, .text = text, .created_at = by.time};
    if (before == all.end()) {
      ARGOSY_TRY(row.owner_id, owner_of_commands(work));
      row.custom_order = all.empty() ? 1 : all.back().custom_order + 1;
    } else {
      row.owner_id = before->owner_id;
      row.version = before->version + 1;
      row.custom_order = before->custom_order;
    }
    ARGOSY_TRY_VOID(ledger::insert<StrategyRow>(work, {&row, 1}));
    // The text of the version before stands in the row of its own saving.
    ARGOSY_TRY_VOID(append_audit(work, by, "strategy.save", name,
                                 before == all.end() ? "" : fmt::format(R"({{"version":{}}})", before->version),
                                 ledger::audit_text(row)));
    return SavedStrategy{.row = row, .is_new = true};
  });
}

Result<std::int64_t> remove_strategy(ledger::Database& database, const std::string& name, const ledger::ChangedBy& by) {
  return database.write([&](ledger::Transaction& work) -> Result<std::int64_t> {
    ARGOSY_TRY(const std::vector<StrategyRow> all, newest(work));
    ARGOSY_TRY(const StrategyRow removed, find_newest(all, name));
    ARGOSY_TRY(const auto services, ledger::select<ledger::ServiceRow>(
                                        work, "WHERE strategy = :strategy ORDER BY service_id LIMIT 1", {name}));
    if (!services.empty()) {
      const ledger::ServiceRow& service = services.front();
      return fail(Error(ErrorCode::kConflict,
                        fmt::format("service {} ({}) decides by {}", service.service_id, service.name, name))
                      .with_hint(fmt::format("argosy service set {} --strategy OTHER", service.service_id)));
    }
    ARGOSY_TRY_VOID(append_audit(work, by, "strategy.remove", name, ledger::audit_text(removed), ""));
    return work.execute("DELETE FROM strategies WHERE name = :name", {name});
  });
}

Result<void> place_strategy(ledger::Database& database, const std::string& name, std::int64_t place,
                            const ledger::ChangedBy& by) {
  return database.write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(std::vector<StrategyRow> all, newest(work));
    ARGOSY_TRY(StrategyRow moved, find_newest(all, name));
    std::erase_if(all, [&](const StrategyRow& each) { return each.name == name; });
    const std::int64_t from = moved.custom_order;
    const std::int64_t index = std::clamp<std::int64_t>(place - 1, 0, std::ssize(all));
    all.insert(all.begin() + index, std::move(moved));
    std::int64_t order = 0;
    for (const StrategyRow& each : all)
      ARGOSY_TRY_VOID(
          work.execute("UPDATE strategies SET custom_order = :custom_order WHERE owner_id = :owner_id AND name = :name",
                       {++order, each.owner_id, each.name}));
    return append_audit(work, by, "strategy.order", name, fmt::format(R"({{"place":{}}})", from),
                        fmt::format(R"({{"place":{}}})", index + 1));
  });
}

Result<StrategyRow> find_stored(ledger::Database& database, const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const std::vector<StrategyRow> all, stored_strategies(database));
  auto found = find_newest(all, name);
  if (found || found.error().message.contains("Did you mean")) return found;
  std::vector<std::string> others = known_names("strategies", globals);
  for (const std::string_view each : kAlgorithms) others.emplace_back(each);
  const std::vector<std::string_view> words(others.begin(), others.end());
  Error error = std::move(found).error();
  if (std::ranges::find(kAlgorithms, name) != kAlgorithms.end()) {
    error.message = fmt::format("{} is built in, not stored", name);
  } else if (std::ranges::find(others, name) != others.end()) {
    ARGOSY_TRY(const std::string path, named_file("strategies", name, globals));
    error.message = fmt::format("{} is a file, not stored: {}", name, path);
    error.hint = "argosy strategy save stores it";
  } else if (const std::string meant = core::did_you_mean(name, words); meant.contains("Did you mean")) {
    error.message = fmt::format("there is no stored strategy \"{}\".{}", name, meant);
  }
  return fail(std::move(error));
}

Error no_strategy(const std::string& name, const std::vector<StrategyRow>& stored, const Globals& globals) {
  std::vector<std::string> known = known_names("strategies", globals);
  for (const StrategyRow& each : stored) known.push_back(each.name);
  for (const std::string_view each : kAlgorithms) known.emplace_back(each);
  std::ranges::sort(known);
  known.erase(std::ranges::unique(known).begin(), known.end());
  const std::vector<std::string_view> words(known.begin(), known.end());
  return Error(ErrorCode::kNotFound,
               fmt::format("there are no strategies called \"{}\".{}", name, core::did_you_mean(name, words)))
      .with_hint(fmt::format("probability is the demo algorithm; there are {}; or give the path of a file",
                             core::join(known, ", ")));
}

Result<strategy::StrategyFile> parse_stored(const StrategyRow& row, const Globals& globals) {
  const std::string path = fmt::format("{}/strategies/{}.yaml", home_folder(globals), row.name);
  return strategy::parse_strategy(row.text, fmt::format("{}, version {}", row.name, row.version),
                                  strategy_readers(path, globals));
}

}  // namespace argosy::cli

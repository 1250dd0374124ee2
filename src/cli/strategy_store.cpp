#include "cli/strategy_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "core/text.hpp"
#include "ledger/records.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::StrategyRow;

namespace {

Result<std::int64_t> owner_of_commands(ledger::Transaction& work) {
  ARGOSY_TRY(const auto users,
             ledger::select<ledger::UserRow>(work, "WHERE username = :username", {std::string(kCommandUser)}));
  if (users.empty())
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no user {}", kCommandUser))
                    .with_hint("argosy init makes it"));
  return users.front().user_id;
}

}  // namespace

Result<std::vector<StrategyRow>> stored_strategies(ledger::Database& database) {
  return database.read([](ledger::Transaction& work) { return ledger::newest_strategies(work); });
}

Result<std::optional<StrategyRow>> stored_strategy(ledger::Database& database, const std::string& name) {
  return database.read([&](ledger::Transaction& work) { return ledger::find_strategy(work, name); });
}

Result<std::optional<StrategyRow>> stored_strategy(ledger::Database& database, const std::string& name,
                                                   std::int64_t version) {
  return database.read([&](ledger::Transaction& work) { return ledger::find_strategy(work, name, version); });
}

Result<ledger::SavedStrategy> save_strategy(ledger::Database& database, const std::string& name,
                                            const std::string& text, const ledger::ChangedBy& by) {
  return database.write([&](ledger::Transaction& work) -> Result<ledger::SavedStrategy> {
    ARGOSY_TRY(const auto before, ledger::find_strategy(work, name));
    std::int64_t owner_id = before ? before->owner_id : 0;
    if (!before) {
      ARGOSY_TRY(owner_id, owner_of_commands(work));
    }
    return ledger::save_strategy(work, owner_id, name, text, by);
  });
}

Result<StrategyRow> find_stored(ledger::Database& database, const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const std::vector<StrategyRow> all, stored_strategies(database));
  auto found = ledger::find_among(all, name);
  if (found || found.error().message.contains("Did you mean")) return found;
  std::vector<std::string> others = known_names("strategies", globals);
  for (const std::string_view each : ledger::kBuiltInStrategies) others.emplace_back(each);
  const std::vector<std::string_view> words(others.begin(), others.end());
  Error error = std::move(found).error();
  if (std::ranges::find(ledger::kBuiltInStrategies, name) != ledger::kBuiltInStrategies.end()) {
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
  for (const std::string_view each : ledger::kBuiltInStrategies) known.emplace_back(each);
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

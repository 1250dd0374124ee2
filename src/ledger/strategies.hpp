// Strategies as the ledger keeps them: each version's text, whole. A name is one user's: services and jobs mean by it
// what that user stored.
//
//   ARGOSY_TRY(const SavedStrategy saved, database->write([&](Transaction& work) {
//     return save_strategy(work, owner_id, "golden cross", text, {.actor = "admin", .time = now});
//   }));
//
// What changes them writes a row of the audit log in the same unit of work.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "ledger/users.hpp"

namespace argosy::ledger {

// Names that a stored strategy cannot have: what services decide by without one.
inline constexpr std::array<std::string_view, 2> kBuiltInStrategies{"probability", "hybrid"};

// The newest version of each, in the order that their owners want; of one owner, or of all.
[[nodiscard]] core::Result<std::vector<StrategyRow>> newest_strategies(
    Transaction& work, std::optional<std::int64_t> owner_id = std::nullopt);
// One version; 0: the newest. Nothing where there is none.
[[nodiscard]] core::Result<std::optional<StrategyRow>> find_strategy(Transaction& work, const std::string& name,
                                                                     std::int64_t version = 0);

struct SavedStrategy {
  StrategyRow row;
  bool is_new = false;  // a version that was not there; otherwise the text is that of the newest already
};
// Stores `text`, which the caller has checked, as the next version of `name`. kInvalidArgument for a name that a
// service could not tell from a file or from an algorithm; kAlreadyExists where it is another user's.
[[nodiscard]] core::Result<SavedStrategy> save_strategy(Transaction& work, std::int64_t owner_id,
                                                        const std::string& name, const std::string& text,
                                                        const ChangedBy& by);
// All versions; returns how many. kNotFound with 'did you mean'; kConflict where a service decides by it.
[[nodiscard]] core::Result<std::int64_t> remove_strategy(Transaction& work, const std::string& name,
                                                         const ChangedBy& by);
// Puts it at a place of the list of one owner or of all, from 1; a place behind the end is the end.
[[nodiscard]] core::Result<void> place_strategy(Transaction& work, std::optional<std::int64_t> owner_id,
                                                const std::string& name, std::int64_t place, const ChangedBy& by);
// The one of that name among those known. kNotFound with 'did you mean'.
[[nodiscard]] core::Result<StrategyRow> find_among(const std::vector<StrategyRow>& known, const std::string& name);

}  // namespace argosy::ledger

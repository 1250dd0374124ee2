// Whose the rows of tables are, as PostgreSQL itself is told (row-level security). The API's own conditions stand in
// rest/store.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/record.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

struct RowPolicy {
  std::string_view table;
  std::string_view condition;  // true for the rows of user {}
};

[[nodiscard]] std::span<const RowPolicy> row_policies();
// Makes those of the tables anew, on PostgreSQL, within a unit of work.
[[nodiscard]] core::Result<void> make_row_policies(Transaction& work, std::span<const core::RecordType* const> tables);
// The statement by which a unit of work says for whom it acts.
[[nodiscard]] std::string act_for_statement(std::int64_t user_id);

}  // namespace argosy::ledger

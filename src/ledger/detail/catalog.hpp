// What a database says of itself: its tables, their columns and references.
#pragma once

#include <string>
#include <vector>

#include "ledger/database.hpp"

namespace argosy::ledger::detail {

// Without views; sorted.
[[nodiscard]] core::Result<std::vector<std::string>> table_names(Transaction& work, Dialect dialect);

struct Column {
  std::string name;
  std::string type;  // INTEGER, REAL or TEXT, whatever the database calls it; else its own word
  bool not_null = false;
};
// In the order of the table.
[[nodiscard]] core::Result<std::vector<Column>> table_columns(Transaction& work, Dialect dialect,
                                                              const std::string& table);
// The same three words as a type of values. kCorrupt for another word.
[[nodiscard]] core::Result<ColumnType> column_type(const Column& column);

// Tables with rows that belong to rows that are not there; a table may be named more than once.
[[nodiscard]] core::Result<std::vector<std::string>> find_orphans(Transaction& work, Dialect dialect);

// Lets references be wrong until the end of the unit of work, for rows that come in any order. On PostgreSQL
// settle_references must follow: it checks them, and makes the tables what they were.
[[nodiscard]] core::Result<void> defer_references(Transaction& work, Dialect dialect);
[[nodiscard]] core::Result<void> settle_references(Transaction& work, Dialect dialect);

[[nodiscard]] core::Result<std::vector<std::string>> query_texts(Transaction& work, const std::string& sql,
                                                                 const std::vector<Value>& values = {});
// The first number of the first row; 0 without a row.
[[nodiscard]] core::Result<std::int64_t> query_integer(Transaction& work, const std::string& sql,
                                                       const std::vector<Value>& values = {});

}  // namespace argosy::ledger::detail

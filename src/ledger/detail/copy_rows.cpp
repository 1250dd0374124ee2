#include "ledger/detail/copy_rows.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "ledger/detail/catalog.hpp"

namespace argosy::ledger::detail {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::size_t kRowsAtOnce = 1000;

using Rows = std::vector<std::vector<Value>>;

struct Table {
  std::string name;
  std::string columns;  // "a, b"
  std::string places;   // ":a, :b"
  std::vector<ColumnType> types;
};

Result<Table> describe(const Side& from, const Side& to, const std::string& name) {
  Table table{.name = name};
  ARGOSY_TRY(const auto columns, table_columns(from.work, from.dialect, name));
  ARGOSY_TRY(const auto wanted, table_columns(to.work, to.dialect, name));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns.size() != wanted.size() || columns[i].name != wanted[i].name || columns[i].type != wanted[i].type)
      return fail(ErrorCode::kCorrupt, fmt::format("the columns of table {} are not those that its version has", name));
    ARGOSY_TRY(const ColumnType type, column_type(columns[i]));
    table.types.push_back(type);
    table.columns += (i == 0 ? "" : ", ") + columns[i].name;
    table.places += (i == 0 ? ":" : ", :") + columns[i].name;
  }
  return table;
}

// Hands over the rows in groups. A server is asked for one group at a time: its client library keeps whole answers.
Result<void> read_rows(const Side& from, const Table& table, const std::function<Result<void>(const Rows&)>& on_rows) {
  const std::string select = fmt::format("SELECT {} FROM {}", table.columns, table.name);
  const bool in_groups = from.dialect == Dialect::kPostgres;
  if (in_groups) ARGOSY_TRY_VOID(from.work.execute("DECLARE copied_rows NO SCROLL CURSOR FOR " + select));
  const std::string next = in_groups ? fmt::format("FETCH {} FROM copied_rows", kRowsAtOnce) : select;
  for (bool more = true; more;) {
    Rows rows;
    std::size_t count = 0;
    ARGOSY_TRY_VOID(from.work.query(next, table.types, {}, [&](const Row& row) -> Result<void> {
      rows.emplace_back(row.values().begin(), row.values().end());
      ++count;
      if (rows.size() < kRowsAtOnce) return {};
      return on_rows(std::exchange(rows, {}));
    }));
    if (!rows.empty()) ARGOSY_TRY_VOID(on_rows(rows));
    more = in_groups && count == kRowsAtOnce;
  }
  if (in_groups) ARGOSY_TRY_VOID(from.work.execute("CLOSE copied_rows"));
  return {};
}

}  // namespace

Result<void> copy_rows(const Side& from, const Side& to) {
  ARGOSY_TRY(const auto names, table_names(from.work, from.dialect));
  ARGOSY_TRY(const auto wanted, table_names(to.work, to.dialect));
  if (names != wanted) return fail(ErrorCode::kCorrupt, "the tables are not those that the version has");
  ARGOSY_TRY_VOID(defer_references(to.work, to.dialect));
  // All before any: a row that goes takes those with it that belong to it.
  for (const std::string& name : names) ARGOSY_TRY_VOID(to.work.execute("DELETE FROM " + name));
  for (const std::string& name : names) {
    ARGOSY_TRY(const Table table, describe(from, to, name));
    const std::string insert = fmt::format("INSERT INTO {} ({}) VALUES ({})", name, table.columns, table.places);
    ARGOSY_TRY_VOID(read_rows(from, table, [&](const Rows& rows) {
      return to.work.execute_many(insert, table.types, rows.size(),
                                  [&](std::size_t i, std::vector<Value>& values) { values = rows[i]; });
    }));
  }
  return settle_references(to.work, to.dialect);
}

}  // namespace argosy::ledger::detail
